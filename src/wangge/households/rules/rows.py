"""A row of a list of compounds, read and checked cell by cell."""

import re
from dataclasses import dataclass
from datetime import date

from wangge.base.coordinates import Datum, to_wgs84
from wangge.base.problems import Invalid
from wangge.base.tables.reading import Fault, Row
from wangge.base.text import clean_line
from wangge.households.rules.compounds import written_datum

_HEADERS = {
    "code": ("code", "compound_code", "小区编码", "小区代码", "编码", "代码", "编号"),
    "name": ("name", "compound", "小区名称", "住宅小区", "小区", "自然村", "村名", "名称"),
    "aliases": ("aliases", "other names", "别名", "又名", "曾用名", "俗称"),
    "address": ("address", "地址", "门牌", "详细地址", "坐落"),
    "area": ("area", "area_code", "区域代码", "区域编码", "网格编码", "网格代码", "区划代码", "社区代码"),
    "lon": ("lon", "lng", "longitude", "经度", "x"),
    "lat": ("lat", "latitude", "纬度", "y"),
    "datum": ("datum", "crs", "坐标系", "坐标系统", "坐标类型"),
    "valid_from": ("valid_from", "启用日期", "生效日期", "建成日期"),
    "valid_to": ("valid_to", "停用日期", "失效日期", "拆除日期"),
}
COLUMNS = {title: column for column, titles in _HEADERS.items() for title in titles}
"""Header → column, for `base.tables.reading.rows_of`."""
REQUIRED = ("name",)

FIRST_DAY = date(1949, 10, 1)
MOST_ALIASES = 20

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")
_AREA = re.compile(r"[0-9]{12}(?:[0-9]{4})?")
_BETWEEN = re.compile(r"[、;；,，|/\n]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class CompoundRow:
    """What a row says, its point in WGS 84. Without a code it is known by its name in its area."""

    line: int
    code: str
    name: str
    aliases: tuple[str, ...]
    address: str
    area: str
    lon: float | None
    lat: float | None
    valid_from: date | None
    valid_to: date | None


def read_row(row: Row, *, datum: Datum, today: date) -> tuple[CompoundRow | None, list[Fault]]:
    """The row, or what is wrong with each of its cells; `datum` holds where the row names none."""
    cells = {column: row.values.get(column, "") for column in _HEADERS}
    wrong: dict[str, str] = {
        column: expected
        for column, form, expected in (
            ("code", _CODE, _("1 to 32 letters, digits and hyphens")),
            ("area", _AREA, _("a code of 12 or 16 digits, as text")),
        )
        if cells[column] and not form.fullmatch(cells[column])
    }
    name = _line(
        cells["name"], 80, "name", wrong, _("a name of 1 to 80 characters without control characters")
    )
    if not cells["name"]:
        wrong["name"] = _("a name of 1 to 80 characters without control characters")
    address = _line(cells["address"], 200, "address", wrong, _("at most 200 characters"))
    aliases = _aliases(cells["aliases"], name, wrong)
    lon, lat = _point(cells, datum, wrong)
    first, last = (_day(cells[column], column, today, wrong) for column in ("valid_from", "valid_to"))
    if first and last and last < first:
        wrong["valid_to"] = _("a day not before it began")
    if lon is None and not cells["area"] and not wrong:
        wrong["area"] = _("the code of the area in which it lies, or a longitude and latitude")
    if wrong:
        return None, [Fault(row.line, column, cells[column], expected) for column, expected in wrong.items()]
    return CompoundRow(
        row.line, cells["code"], name, aliases, address, cells["area"], lon, lat, first, last
    ), []


def _line(value: str, limit: int, column: str, wrong: dict[str, str], expected: str) -> str:
    try:
        return clean_line(value, limit=limit, name=column)
    except Invalid:
        wrong[column] = expected
        return ""


def _aliases(value: str, name: str, wrong: dict[str, str]) -> tuple[str, ...]:
    """Other names, parted by any of 、;,/| and each once."""
    expected = _("at most 20 other names of 80 characters, with 、 or ; between them")
    said = [_line(each, 80, "aliases", wrong, expected) for each in _BETWEEN.split(value)]
    found = tuple(each for each in dict.fromkeys(said) if each and each != name)
    if len(found) > MOST_ALIASES:
        wrong["aliases"] = expected
    return found


def _point(cells: dict[str, str], datum: Datum, wrong: dict[str, str]) -> tuple[float | None, float | None]:
    told = written_datum(cells["datum"]) if cells["datum"] else datum
    if told is None:
        wrong["datum"] = _("WGS84, GCJ-02 or BD-09")
    if not cells["lon"] and not cells["lat"]:
        return None, None
    lon, lat = _degrees(cells["lon"], 180), _degrees(cells["lat"], 90)
    if lon is None:
        wrong["lon"] = _("degrees, as 119.36")
    if lat is None:
        wrong["lat"] = _("degrees, as 34.74")
    if lon is None or lat is None or told is None:
        return None, None
    east, north = to_wgs84(lon, lat, told)
    return round(east, 7), round(north, 7)


def _degrees(value: str, most: int) -> float | None:
    try:
        degrees = float(value)
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None


def _day(value: str, column: str, today: date, wrong: dict[str, str]) -> date | None:
    if not value:
        return None
    try:
        parts = _DAY.fullmatch(value)
        day = date(*map(int, parts.groups())) if parts else date.fromisoformat(value)
    except ValueError:
        wrong[column] = _("a day like 2024-01-31")
        return None
    if not FIRST_DAY <= day <= today:
        wrong[column] = _("a day from 1949-10-01 until today")
        return None
    return day
