"""One row of an imported table, as an area; or what is wrong with it, cell by cell."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from wangge.areas.rules.codes import URBAN_RURAL_CLASSES, full_code, kind_of, level_of, parent_of, rank_of
from wangge.base.problems import Invalid
from wangge.base.text import clean_line

NAME_LENGTH = 80
FIRST_DAY = date(1949, 10, 1)
"""No division of today is older; a day in 1900 is a spreadsheet's slip."""

_HEADERS = {
    "code": (
        "code",
        "division_code",
        "grid_code",
        "adcode",
        "id",
        "代码",
        "编码",
        "区划代码",
        "行政区划代码",
        "统计用区划代码",
        "区划编码",
        "网格编码",
        "区域代码",
    ),
    "name": ("name", "名称", "区划名称", "行政区划名称", "网格名称", "区域名称"),
    "level": ("level", "级别", "层级", "区划级别"),
    "parent": (
        "parent",
        "parent_code",
        "pcode",
        "pid",
        "上级",
        "上级代码",
        "上级编码",
        "上级区划代码",
        "父级代码",
        "父级编码",
        "父代码",
    ),
    "township": (
        "township_code",
        "street_code",
        "town_code",
        "乡镇代码",
        "街道代码",
        "乡镇街道代码",
        "乡级代码",
    ),
    "county": ("county_code", "area_code", "district_code", "区县代码", "县区代码", "县代码", "县级代码"),
    "city": ("city_code", "市代码", "城市代码", "地市代码", "地级代码"),
    "province": ("province_code", "省代码", "省份代码", "省级代码"),
    "kind": ("kind", "类型", "网格类型", "网格种类"),
    "urban_rural_class": ("urban_rural_class", "城乡分类", "城乡分类代码", "category"),
    "valid_from": ("valid_from", "启用日期", "生效日期", "有效期自", "起始日期"),
    "valid_to": ("valid_to", "停用日期", "失效日期", "有效期至", "终止日期"),
}

COLUMNS: dict[str, str] = {title: column for column, titles in _HEADERS.items() for title in titles}
"""Header → column, for `base.tables.reading.rows_of`. The four codes of what lies above come from files with one per level."""

_LEVEL_WORDS = {
    "nation": ("nation", "国家", "全国"),
    "province": ("province", "1", "省", "省级", "省份"),
    "city": ("city", "2", "市", "市级", "地级", "地市"),
    "county": ("county", "district", "3", "县", "县级", "区", "区县", "县区"),
    "township": ("township", "street", "4", "乡", "乡级", "镇", "街道", "乡镇", "乡镇街道"),
    "community": ("community", "village", "5", "村", "村级", "社区", "村社区", "村居"),
    "grid": ("grid", "6", "网格", "基础单元"),
}
_LEVEL_OF_WORD = {word: level for level, words in _LEVEL_WORDS.items() for word in words}
_KIND_WORDS = {
    "public": ("public", "公共", "公共网格", "综合", "综合网格"),
    "dedicated": ("dedicated", "专属", "专属网格", "专属网格单元"),
}
_KIND_OF_WORD = {word: kind for kind, words in _KIND_WORDS.items() for word in words}
_ABOVE = ("parent", "township", "county", "city", "province")
_NO_PARENT = frozenset({"", "0", "-1", "86", "100000"})


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def columns_of(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties of a feature by column, as a table's header would be read; the first filled one of a column counts."""
    given = {_folded(name): value for name, value in properties.items()}
    values: dict[str, str] = {}
    for title, column in _FOLDED.items():
        if given.get(title) and column not in values:
            values[column] = given[title]
    return values


def _folded(title: str) -> str:
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", title)).casefold()


_FOLDED = {_folded(title): column for title, column in COLUMNS.items()}


class AreaRow(NamedTuple):
    """What a row says. None: the row does not say, so that an area which stands already keeps what it has."""

    code: str
    name: str | None
    level: str
    parent: str
    kind: str
    urban_rural_class: str | None
    valid_from: date
    valid_to: date | None


Wrong = tuple[str, str, str]
"""Column, value, expected."""


def read_row(
    values: Mapping[str, str], *, valid_from: date, today: date
) -> tuple[AreaRow | None, list[Wrong]]:
    """The area in one row and what is wrong with it; without either, the row repeats its city as its own county.

    That happens where a city has townships and no counties: tables with one file per level name it on both.
    """
    code, wrong = _code(values.get("code", ""), "code")
    if not code:
        return None, wrong
    level, parent = level_of(code), _parent(values, code, wrong)
    said = values.get("level", "")
    told = _LEVEL_OF_WORD.get(said.lower(), "") if said else level
    if (told == "county" and level == "city") or parent == code:
        return None, []
    if told != level:
        wrong.append(("level", said, _("the level that the code's digits tell of")))
    row = AreaRow(
        code=code,
        name=_name(values.get("name", ""), wrong),
        level=level,
        parent=parent,
        kind=_kind(values.get("kind", ""), code, wrong),
        urban_rural_class=_class(values.get("urban_rural_class", ""), wrong),
        valid_from=_day(values, "valid_from", today, wrong) or valid_from,
        valid_to=_day(values, "valid_to", today, wrong),
    )
    if row.valid_to and row.valid_to < row.valid_from:
        wrong.append(("valid_to", values.get("valid_to", ""), _("a day not before it began")))
    return row, wrong


def _code(value: str, column: str) -> tuple[str, list[Wrong]]:
    try:
        return full_code(value), []
    except ValueError:
        return "", [(column, value, _("a division code of 2, 4, 6, 9 or 12 digits, or a grid's 16 as text"))]


@lru_cache(maxsize=4096)
def _full_parent(value: str) -> str:
    try:
        return full_code(value)
    except ValueError:
        return ""


def _parent(values: Mapping[str, str], code: str, wrong: list[Wrong]) -> str:
    """What lies above: as the row says, by the lowest level it names, else as the digits do."""
    for column in _ABOVE:
        said = values.get(column, "")
        if said in _NO_PARENT:
            continue
        parent = _full_parent(said)
        if not parent:
            wrong.append((column, said, _("the code of the area above")))
        elif parent != code and rank_of(level_of(parent)) >= rank_of(level_of(code)):
            wrong.append((column, said, _("the code of an area of a higher level")))
        elif len(code) == 16 and parent != code[:12]:
            wrong.append((column, said, _("the community that the grid's code begins with")))
        return parent
    return parent_of(code)


def _name(value: str, wrong: list[Wrong]) -> str | None:
    if not value:
        return None
    try:
        return clean_line(value, limit=NAME_LENGTH, name="name")
    except Invalid:
        wrong.append(("name", value, _("a name of 1 to 80 characters without control characters")))
        return None


def _kind(value: str, code: str, wrong: list[Wrong]) -> str:
    kind = kind_of(code)
    if value and _KIND_OF_WORD.get(value.lower(), "?") != kind:
        expected = (
            _("the kind that the code's thirteenth digit tells of")
            if kind
            else _("nothing: only grids have a kind")
        )
        wrong.append(("kind", value, expected))
    return kind


def _class(value: str, wrong: list[Wrong]) -> str | None:
    # Some tables put 0 where nothing is known.
    if value in {"", "0"}:
        return None
    if value not in URBAN_RURAL_CLASSES:
        wrong.append(("urban_rural_class", value, _("111, 112, 121, 122, 123, 210 or 220")))
        return None
    return value


def _day(values: Mapping[str, str], column: str, today: date, wrong: list[Wrong]) -> date | None:
    value = values.get(column, "")
    if not value:
        return None
    try:
        day = date.fromisoformat(value.replace("/", "-"))
    except ValueError:
        wrong.append((column, value, _("a day like 2024-01-31")))
        return None
    if not FIRST_DAY <= day <= today:
        wrong.append((column, value, _("a day from 1949-10-01 until today")))
        return None
    return day
