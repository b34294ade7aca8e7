"""Reading staff: who enters, who holds which post, who is there, and how well each tier is staffed."""

from wangge.staff.queries.entering import enter_as, enter_as_system, viewer_entering
from wangge.staff.queries.presence import names_of, offices_of, present_at

__all__ = [
    "enter_as",
    "enter_as_system",
    "names_of",
    "offices_of",
    "present_at",
    "viewer_entering",
]
