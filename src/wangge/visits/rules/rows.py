"""A row of a list of visits, read and checked cell by cell."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid
from wangge.base.tables.reading import Fault, Row
from wangge.base.text import clean_text
from wangge.visits.rules.outcomes import MOST_NOTE

_HEADERS = {
    "household": ("household", "number", "户编号", "住户编号", "户号", "编号"),
    "at": ("at", "day", "date", "走访时间", "走访日期", "时间", "日期"),
    "outcome": ("outcome", "result", "走访结果", "结果", "走访情况"),
    "visitor": ("visitor", "worker", "走访人账号", "网格员账号", "账号", "走访人"),
    "note": ("note", "remark", "备注", "情况说明", "说明"),
}
COLUMNS = {title: column for column, titles in _HEADERS.items() for title in titles}
"""Header → column, for `base.tables.reading.rows_of`."""
REQUIRED = ("household", "at", "outcome")
WORDS = {
    "met": ("met", "见到", "已走访", "在家", "正常", "走访成功"),
    "nobody_home": ("nobody_home", "家中无人", "无人在家", "不在家", "无人"),
    "refused": ("refused", "拒绝", "拒访", "不配合"),
    "moved": ("moved", "已搬走", "搬离", "搬走", "迁出"),
    "not_found": ("not_found", "未找到", "找不到", "查无此户"),
    "empty": ("empty", "空户", "空置", "空房"),
}
_OUTCOMES = {word: outcome for outcome, words in WORDS.items() for word in words}
_NOON = time(12)
_LISTS = UUID("0192f4c0-0000-7000-8000-766973697473")
"""The name space of visits that came in a list without an id."""
FIRST_DAY = date(2000, 1, 1)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class VisitRow(NamedTuple):
    """What a row says. A day without a time is put in order at noon, and its time is not noted."""

    line: int
    id: UUID
    household: str
    at: datetime
    outcome: str
    visitor: str
    note: str
    time_noted: bool


def visit_reader(*, now: datetime) -> Callable[[Row], tuple[VisitRow | None, list[Fault]]]:
    """A function that reads a row: what it says, or what is wrong with each of its cells."""
    last, today = now, now.astimezone(SHANGHAI).date()

    def read(row: Row) -> tuple[VisitRow | None, list[Fault]]:
        cells = row.values
        wrong: dict[str, str] = {}
        household = cells["household"]
        if not household:
            wrong["household"] = _("the number of a household")
        outcome = _OUTCOMES.get(cells["outcome"])
        if outcome is None:
            wrong["outcome"] = ", ".join(WORDS)
        at, noted = _moment(cells["at"], last, today)
        if at is None:
            wrong["at"] = _("a day from the year 2000 until today, as 2026-04-15 or 2026-04-15 09:30")
        note = cells.get("note", "")
        if note:
            try:
                note = clean_text(note, limit=MOST_NOTE, name="note")
            except Invalid:
                note, wrong["note"] = "", _("at most 1,000 characters")
        if wrong or at is None or outcome is None:
            return None, [
                Fault(row.line, column, cells.get(column, ""), said) for column, said in wrong.items()
            ]
        visit = given_id(household, at, outcome)
        return VisitRow(row.line, visit, household, at, outcome, cells.get("visitor", ""), note, noted), []

    return read


def given_id(household: str, at: datetime, outcome: str) -> UUID:
    """The id of a visit that came without one: the same row gives the same, so that a list taken in twice counts once."""
    # As `uuid5(_LISTS, …)`, which takes twice as long, for each of a million rows.
    digest = hashlib.sha1(
        _LISTS.bytes + f"{household}\n{at.isoformat()}\n{outcome}".encode(), usedforsecurity=False
    )
    return UUID(bytes=digest.digest()[:16], version=5)


def _moment(said: str, now: datetime, today: date) -> tuple[datetime | None, bool]:
    """The moment, and whether its time was noted: a spreadsheet writes a day as its midnight."""
    noted = True
    try:
        moment = datetime.fromisoformat(said.replace("/", "-"))
    except ValueError:
        return None, noted
    if moment.tzinfo is None:
        noted = len(said) > 10 and moment.time() != time.min
        moment = (moment if noted else datetime.combine(moment.date(), _NOON)).replace(tzinfo=SHANGHAI)
        day = moment.date()
    else:
        day = moment.astimezone(SHANGHAI).date()
    if not FIRST_DAY <= day <= today:
        return None, noted
    return min(moment, now), noted
