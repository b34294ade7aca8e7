"""A phone's clock may be days wrong; what it says itself of the present moment puts it right."""

from datetime import date, datetime, timedelta

from wangge.base.calendar import SHANGHAI
from wangge.base.fields import FIRST_MOMENT

#: What the way through the network may take: nothing to put right.
_ON_THE_WAY = timedelta(minutes=2)


def put_right(said: datetime, *, clock: datetime | None, now: datetime) -> datetime:
    """When it was, by our clock, what a phone says happened at `said` while it took `now` for `clock`; never after `now`."""
    wrong_by = now - clock if clock is not None else timedelta(0)
    moment = said if abs(wrong_by) <= _ON_THE_WAY else said + wrong_by
    return max(FIRST_MOMENT, min(moment, now))


def day_put_right(said: date, *, at: datetime, moved: timedelta) -> date:
    """A day until today, as a phone says it whose clock was ahead: what lay in the future when it was written at `at` (put right by
    `moved`) is that day itself. An earlier day is what somebody meant, and a later one than the phone's own today is none of the clock's.
    """
    today, its_today = (moment.astimezone(SHANGHAI).date() for moment in (at, at - moved))
    return today if today < said <= its_today else said
