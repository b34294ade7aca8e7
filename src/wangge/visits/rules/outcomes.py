"""How a call at a door ends, how it is shown that somebody stood there, and when it was."""

from datetime import UTC, date, datetime, timedelta

from wangge.base.calendar import SHANGHAI

OUTCOMES = ("met", "nobody_home", "refused", "moved", "not_found", "empty")
"""Each is an honest answer and counts as work; only `met` counts as a household met."""
UNCLEAR = ("moved", "not_found", "empty")
"""What was found does not fit the register: somebody looks at the record before the door is called at again."""
SEEN = ("", "plate", "near", "far")
"""How it was shown that the worker stood there: by the door plate's code, or by one position that the phone compared and forgot."""
SOURCES = ("app", "desk", "import")
CHECKED = ("fine", "fault", "no_access", "not_found")
"""What a look at a place to check found."""
MOST_NOTE = 1000

OLDEST = timedelta(days=31)
"""So late may a phone bring what it kept."""


def happened(said: datetime, received: datetime) -> datetime:
    """By which moment a visit is put in order: the phone's own, unless its clock cannot be right.

    A visit cannot have been after it arrived, nor so long ago that its phone would have been heard of since.
    """
    said = said.astimezone(UTC)
    return said if received - OLDEST <= said <= received else received


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
