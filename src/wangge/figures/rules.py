"""Periods and working time as the figures need them: plain values."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from wangge.base.calendar import SHANGHAI, WorkingCalendar
from wangge.base.problems import Invalid

FIRST_YEAR, LAST_YEAR = 2000, 2199
_PERIOD = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadPeriod(Invalid):
    """A period that there is not."""

    code = "bad-period"
    sentence = _("{field}: write it as 2026, 2026-Q3 or 2026-09.")


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until before `until`, whole months by Shanghai's clock."""

    name: str
    since: datetime
    until: datetime


def period_of(name: str) -> Period:
    """`2026`, `2026-Q3` or `2026-09`; BadPeriod for anything else."""
    found = _PERIOD.fullmatch(name)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise BadPeriod(field="period", expected="YYYY, YYYY-Qn, YYYY-MM")
    year, quarter, month = int(found[1]), found[2], found[3]
    first = int(month) if month else 3 * int(quarter) - 2 if quarter else 1
    months = 1 if month else 3 if quarter else 12
    after = first + months - 1
    return Period(
        name, _midnight(date(year, first, 1)), _midnight(date(year + after // 12, after % 12 + 1, 1))
    )


def period_before(name: str, moment: datetime) -> Period:
    """The last period as long as the one named that had ended when the month, quarter or year of this moment began."""
    day = moment.astimezone(SHANGHAI).date()
    if "Q" in name:
        year, quarter = divmod(day.year * 4 + (day.month - 1) // 3 - 1, 4)
        return period_of(f"{year}-Q{quarter + 1}")
    if "-" in name:
        year, month = divmod(day.year * 12 + day.month - 2, 12)
        return period_of(f"{year}-{month + 1:02}")
    return period_of(str(day.year - 1))


def month_of(name: str) -> Period:
    """The same for the name of a month, as the figures give it."""
    return period_of(name)


def open_spans(
    calendar: WorkingCalendar, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """The office's open hours from the day of `since` to that of `until`, in order."""
    day, last = since.astimezone(calendar.tz).date(), until.astimezone(calendar.tz).date()
    spans = []
    while day <= last:
        if calendar.is_working_day(day):
            spans += [
                (datetime.combine(day, opens, calendar.tz), datetime.combine(day, closes, calendar.tz))
                for opens, closes in calendar.hours
            ]
        day += timedelta(days=1)
    return spans


def share(part: int, whole: int) -> float | None:
    """None of nothing, so that no page shows 0 % of no cases."""
    return part / whole if whole else None


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), SHANGHAI)
