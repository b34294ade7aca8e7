"""Which column of a community's own list means what: guessed from its heading, said in a file, or chosen on the screen.

Lists differ from community to community; the heading of a column is what they have in common. A guess is only made for
what is usual, and a person sees every guess before a row is read.
"""

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from wangge.base.problems import Problem

Kind = Literal["households", "residents"]
KINDS: tuple[Kind, ...] = ("households", "residents")

#: What each column may be called, the likeliest first; a heading that merely holds one of the words is guessed after.
_PLACE = {
    "area": ("网格编码", "网格代码", "所属网格编码", "区域代码", "区划代码", "所属网格", "网格", "area", "grid"),
    "compound": ("小区名称", "住宅小区", "小区", "自然村", "村庄", "所在小区", "compound", "village"),
    "building": ("楼栋号", "楼栋", "楼号", "栋号", "幢号", "幢", "栋", "building"),
    "unit": ("单元号", "单元", "unit", "entrance"),
    "room": ("房间号", "房号", "户室号", "室号", "室", "room"),
    "address": (
        "居住地址", "现居住地址", "现住址", "常住地址", "家庭住址", "家庭地址", "详细地址", "实际居住地", "房屋地址",
        "住址", "地址", "门牌号", "门牌号码", "门牌", "address",
    ),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
}  # fmt: skip
_HOUSEHOLD = {
    "number": (
        "户号",
        "户编号",
        "户籍号",
        "户口簿号",
        "家庭编号",
        "户主编号",
        "household",
        "household_number",
    ),
}
_PERSON = {
    "name": ("姓名", "居民姓名", "人员姓名", "成员姓名", "家庭成员姓名", "家庭成员", "名字", "name"),
    "identity": (
        "身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "居民身份证号", "证件号码", "证件号", "身份证", "身份号码",
        "identity", "id_number",
    ),
    "phone": ("联系电话", "联系方式", "手机号", "手机号码", "手机", "电话号码", "电话", "移动电话", "phone", "mobile"),
    "sex": ("性别", "sex", "gender"),
    "born_on": ("出生日期", "出生年月日", "出生年月", "生日", "born_on", "birth_date", "date_of_birth"),
    "residency": (
        "户籍/人户分离/流动", "人口类型", "人员类型", "人口类别", "人员类别", "居住类型", "户籍类型", "户籍情况", "户籍状态",
        "居民类型", "residency",
    ),
    "registered_at": ("户籍地址", "户籍地", "户口所在地", "户籍所在地", "registered_at"),
}  # fmt: skip
_RELATION = {
    "relation": (
        "与户主关系",
        "与户主的关系",
        "户主关系",
        "家庭关系",
        "关系",
        "relation",
        "relation_to_head",
    ),
}
_HEAD = {
    "name": ("户主姓名", "户主", "户主名字", "head", "head_name"),
    "identity": ("户主身份证号", "户主身份证号码", "户主身份证", "户主证件号码", "head_identity"),
    "phone": ("户主电话", "户主联系电话", "户主手机", "户主手机号", "户主联系方式", "head_phone"),
}
_CARE = {
    "vegetable_plot": ("菜地", "有无菜地", "是否有菜地", "菜园", "自留地", "vegetable_plot"),
}
_MERGED = {name: (*titles, *_PERSON[name]) for name, titles in _HEAD.items()}

#: Kind of list → column → its titles. In a list of households the person is the head of each.
COLUMNS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "households": {
        **_HOUSEHOLD, **_PLACE, **_MERGED,
        **{name: _PERSON[name] for name in ("sex", "born_on", "residency", "registered_at")}, **_CARE,
    },
    "residents": {
        **_HOUSEHOLD, **_PERSON, **_RELATION, **_PLACE,
    },
}  # fmt: skip
REQUIRED: Mapping[Kind, tuple[str, ...]] = {"households": (), "residents": ("name",)}
"""Without these no row can be read. Where somebody lives may be said in several ways: `says_where` asks for one of them."""

#: Headings that hold a word of ours and mean something else.
_NOT_OURS = re.compile("网格(长|员)|联系人|负责人|监护人|房东|备注|时间|紧急|创建|更新|录入|原|前")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_BETWEEN = re.compile(r"[\s_*:：\-—·、/\\|]+")
_LEAST = 2  # characters of a title that may be found within a heading


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadMapping(Problem):
    """The file or form that says what the columns mean; the sentence says what is wrong with it."""

    code = "bad-mapping"
    status = 422
    sentence = _("The columns are not mapped: {why} {columns}")

    def __init__(self, why: str, columns: str = "") -> None:
        super().__init__(why=why, columns=columns)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the list: its number from 0, its heading, and what it seems to mean; empty where nothing is guessed."""

    index: int
    title: str
    column: str


@lru_cache(maxsize=2_000)
def folded(title: str) -> str:
    """A heading as it is compared: forms, case, spaces, brackets and stars do not matter."""
    whole = unicodedata.normalize("NFKC", title)
    return _BETWEEN.sub("", _BRACKETS.sub("", whole) or whole).casefold()


def guess(titles: Sequence[str], kind: Kind, known: Mapping[str, str] | None = None) -> list[Heading]:
    """What each heading seems to mean; no column twice.

    What is `known` (heading → column, as somebody chose it before) counts, an empty column too; then headings that are a
    title; then the longest title that stands within a heading.
    """
    said = {folded(title): column for title, column in (known or {}).items()}
    chosen: dict[int, str] = {}
    left = list(COLUMNS[kind])
    for index, title in enumerate(titles):
        if folded(title) in said:
            chosen[index] = said[folded(title)]
    left = [column for column in left if column not in chosen.values()]
    for column, index in (*_exact(titles, kind), *_within(titles, kind)):
        if column in left and index not in chosen:
            chosen[index] = column
            left.remove(column)
    return [Heading(index, title, chosen.get(index, "")) for index, title in enumerate(titles)]


def _exact(titles: Sequence[str], kind: Kind) -> Iterable[tuple[str, int]]:
    """By how likely a title is, so that 户主电话 is the head's and not 联系电话."""
    places: dict[str, int] = {}
    for index, title in enumerate(titles):
        places.setdefault(folded(title), index)
    for column, names in COLUMNS[kind].items():
        for name in names:
            if (index := places.get(folded(name), -1)) >= 0:
                yield column, index


def _within(titles: Sequence[str], kind: Kind) -> list[tuple[str, int]]:
    found = [
        (len(folded(name)), column, index)
        for index, title in enumerate(titles)
        if title and not _NOT_OURS.search(title)
        for column, names in COLUMNS[kind].items()
        for name in names
        if len(folded(name)) >= _LEAST and not name.isascii() and folded(name) in folded(title)
    ]
    return [(column, index) for _length, column, index in sorted(found, key=lambda each: (-each[0], each[2]))]


def header_among(lines: Sequence[tuple[int, Sequence[str]]], kind: Kind, known: Mapping[str, str]) -> int:
    """Which of the first lines is the header: the one of whose cells the most mean something. Titles above are usual."""
    best, most = 0, 0
    for position, (_line, cells) in enumerate(lines):
        if (count := sum(bool(heading.column) for heading in guess(cells, kind, known))) > most:
            best, most = position, count
    return best


def says_where(columns: Collection[str]) -> bool:
    """Whether the columns tell where somebody lives: an address, a door, or the number of a household."""
    return bool({"address", "room", "number"} & set(columns))


def check_mapping(chosen: Mapping[str, str], kind: Kind) -> dict[str, str]:
    """Heading → column, without what is left out; BadMapping for what cannot be meant."""
    used = {title: column for title, column in chosen.items() if column}
    if unknown := sorted(set(used.values()) - set(COLUMNS[kind])):
        raise BadMapping(_("there is no column"), ", ".join(unknown))
    counted = list(used.values())
    if twice := sorted({column for column in counted if counted.count(column) > 1}):
        raise BadMapping(_("two headings mean"), ", ".join(twice))
    if missing := [column for column in REQUIRED[kind] if column not in counted]:
        raise BadMapping(_("no heading means"), ", ".join(missing))
    if not says_where(counted):
        raise BadMapping(
            why=_("no heading tells where somebody lives: an address, a room or the number of a household")
        )
    return used


def read_mapping(path: Path) -> dict[str, str]:
    """A mapping file: TOML with headings and columns, or CSV with a heading and a column in each line.

    In TOML they may stand under `[columns]`. A column that is left empty is left out of the list.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadMapping(why=_("the file is not UTF-8")) from None
    return _toml(text) if path.suffix.casefold() == ".toml" else _lines(text)


def _toml(text: str) -> dict[str, str]:
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BadMapping(why=str(problem)) from None
    columns = read.get("columns", read)
    if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
        raise BadMapping(why=_('each heading has a column, as "户主姓名" = "name"'))
    return columns


def _lines(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in csv.reader(io.StringIO(text)):
        if not any(line):
            continue
        if len(line) != 2:
            raise BadMapping(why=_("each line has a heading and a column"))
        found[line[0].strip()] = line[1].strip()
    return {
        title: column
        for title, column in found.items()
        if title.casefold() not in ("heading", "表头", "列名")
    }
