"""A phone's clock may be days wrong; what it says itself of the present moment puts it right."""

from datetime import date, datetime, timedelta

from wangge.base.calendar import SHANGHAI
from wangge.base.fields import FIRST_MOMENT

#: What the way through the network may take: nothing to put right.
_ON_THE_WAY = timedelta(minutes=2)


def put_right(
    said: datetime, *, clock: datetime | None, ahead: timedelta | None = None, now: datetime
) -> datetime:
    """When it was, by our clock, what a phone says happened at `said` while it takes `now` for `clock`; never after `now`. `ahead` is how
    far it knew our clock to be ahead of its own when it wrote that down: that clock may have been put right since. What would lie in
    the future by it was known of another clock, which had been put right before.
    """
    wrong_by = now - clock if clock is not None else timedelta(0)
    if ahead is not None and abs(ahead) > _ON_THE_WAY and ahead <= now - said + _ON_THE_WAY:
        wrong_by = ahead
    moved = wrong_by if abs(wrong_by) > _ON_THE_WAY else timedelta(0)
    # Nothing is added to what was said that leads out of the calendar.
    return said + max(FIRST_MOMENT - said, min(moved, now - said))


def day_put_right(said: date, *, at: datetime, moved: timedelta) -> date:
    """A day until today, as a phone says it whose clock was ahead: what lay in the future when it was written at `at` (put right by
    `moved`) is that day itself. An earlier day is what somebody meant, and a later one than the phone's own today is none of the clock's.
    """
    today, its_today = (moment.astimezone(SHANGHAI).date() for moment in (at, at - moved))
    return today if today < said <= its_today else said
