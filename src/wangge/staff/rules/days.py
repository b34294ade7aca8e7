"""Days on which posts are held: what is a slip of the hand, and which days overlap."""

from datetime import date, timedelta

from wangge.base.problems import Invalid

FIRST = date(1990, 1, 1)
"""Nobody who works now began before."""

AHEAD = timedelta(days=5 * 366)


def check_days(from_on: date, to_on: date | None, *, today: date) -> None:
    """Invalid for a first day before 1990 or over five years ahead, and for a last day before the first."""
    last = today + AHEAD
    if not FIRST <= from_on <= last:
        raise Invalid(field="from_on", expected=f"{FIRST} … {last}")
    if to_on is not None and not from_on <= to_on <= last:
        raise Invalid(field="to_on", expected=f"{from_on} … {last}")
