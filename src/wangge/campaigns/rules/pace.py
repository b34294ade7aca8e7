"""Whether a campaign is on its way to be finished on its last day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Pace:
    """`wanted` answers until the evening of the day looked at, were every day alike; `ahead` the days' work before (or, negative,
    behind) that; `needed` answers a day from tomorrow on to finish in time; None when no day is left.
    """

    wanted: int
    ahead: float
    needed: float | None

    @property
    def apart(self) -> float:
        """How many days' work it is before or behind."""
        return abs(self.ahead)


def pace_of(*, asked: int, answered: int, from_on: date, to_on: date, today: date) -> Pace:
    days = (to_on - from_on).days + 1
    gone = max(0, min((today - from_on).days + 1, days))
    a_day = asked / days
    left = max(0, asked - answered)
    days_left = days - gone
    return Pace(
        wanted=round(a_day * gone),
        ahead=round((answered - a_day * gone) / a_day, 1) if a_day else 0.0,
        needed=round(left / days_left, 1) if days_left else (0.0 if left == 0 else None),
    )
