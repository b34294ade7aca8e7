"""How long residents are asked about a plan. Pure."""

from datetime import date, datetime

from wangge.base.calendar import SHANGHAI


def still_asked(until: date | None, at: datetime) -> bool:
    """Whether residents may say something of it at that moment: `until` is their last day, which counts whole; without one they were
    never told of a day.
    """
    return until is not None and at.astimezone(SHANGHAI).date() <= until
