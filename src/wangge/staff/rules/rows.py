"""A row of a staff list, read and checked cell by cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wangge.base.problems import Problem
from wangge.base.tables.reading import Fault, Row
from wangge.base.text import clean_line
from wangge.staff.rules.days import check_days
from wangge.staff.rules.sign_in import username_of

COLUMNS = {
    "姓名": "name",
    "名字": "name",
    "name": "name",
    "账号": "username",
    "帐号": "username",
    "用户名": "username",
    "username": "username",
    "account": "username",
    "岗位": "post",
    "职务": "post",
    "post": "post",
    "区划代码": "area",
    "网格编码": "area",
    "区域代码": "area",
    "area": "area",
    "area code": "area",
    "部门": "department",
    "职能部门": "department",
    "department": "department",
    "专职兼职": "part",
    "专兼职": "part",
    "专职/兼职": "part",
    "part": "part",
    "full or part time": "part",
    "起始日期": "from_on",
    "任职日期": "from_on",
    "from": "from_on",
    "from_on": "from_on",
    "截止日期": "to_on",
    "终止日期": "to_on",
    "to": "to_on",
    "to_on": "to_on",
}
REQUIRED = ("name", "username", "post", "area")

_PARTS = {
    "": "full_time",
    "专职": "full_time",
    "全职": "full_time",
    "full time": "full_time",
    "full_time": "full_time",
    "兼职": "part_time",
    "part time": "part_time",
    "part_time": "part_time",
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Who holds which post where, from when to when; `kind` and `department` are codes."""

    line: int
    name: str
    username: str
    kind: str
    area: str
    department: str
    part: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Words:
    """What the cells may say: kinds and departments by each of their names, folded, and which kinds handle."""

    kinds: Mapping[str, str]
    departments: Mapping[str, str]
    handling: frozenset[str]


def folded(text: str) -> str:
    """A name as it is compared: forms, case and spaces do not matter."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def read_row(row: Row, words: Words, *, today: date) -> tuple[StaffRow | None, list[Fault]]:
    """The row, or what is wrong with each of its cells; without a first day it begins today."""
    cells = {column: row.values.get(column, "") for column in dict.fromkeys(COLUMNS.values())}
    kind = words.kinds.get(folded(cells["post"]), "")
    department = words.departments.get(folded(cells["department"]), "")
    part = _PARTS.get(folded(cells["part"]), "")
    name, username = _name(cells["name"]), username_of(cells["username"])
    wrong: dict[str, str] = {
        column: expected
        for column, good, expected in (
            ("name", name, _("1 to 60 characters")),
            ("username", username, _("2 to 60 letters, digits and . _ - @")),
            ("post", kind, _("the name or code of a kind of post")),
            ("area", re.fullmatch("[0-9]{12}(?:[0-9]{4})?", cells["area"]), _("a code of 12 or 16 digits")),
            ("part", part, _("full time (专职) or part time (兼职)")),
        )
        if not good
    }
    if cells["department"] and not department:
        wrong["department"] = _("the name or code of a department")
    elif kind and (kind in words.handling) != bool(department):
        wrong["department"] = _("a department for a post that handles, else nothing")
    from_on, to_on = _days(cells, wrong, today)
    if wrong:
        return None, [Fault(row.line, column, cells[column], said) for column, said in wrong.items()]
    return StaffRow(row.line, name, username, kind, cells["area"], department, part, from_on, to_on), []


def _name(cell: str) -> str:
    try:
        return clean_line(cell, limit=60, name="name")
    except Problem:
        return ""


def _days(cells: dict[str, str], wrong: dict[str, str], today: date) -> tuple[date, date | None]:
    from_on = _day(cells, "from_on", wrong) or today
    to_on = _day(cells, "to_on", wrong)
    if not wrong.keys() & {"from_on", "to_on"}:
        try:
            check_days(from_on, to_on, today=today)
        except Problem as problem:
            wrong[problem.facts["field"]] = problem.facts["expected"]
    return from_on, to_on


def _day(cells: dict[str, str], column: str, wrong: dict[str, str]) -> date | None:
    if not cells[column]:
        return None
    found = _DAY.fullmatch(cells[column])
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(cells[column])
    except ValueError:
        wrong[column] = _("a day like 2026-04-15")
        return None
