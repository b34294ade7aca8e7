"""Who is there: which desks on a case's path have somebody present who can take a step, and which offices serve it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wangge.access import DUTIES, Verb
from wangge.access.viewer import LEVELS
from wangge.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Desk:
    """An area whose seats hold cases."""

    path: str
    level: str

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]


def duties_with(verb: Verb) -> list[str]:
    """The duties that carry `verb`, by name."""
    return sorted(duty for duty, verbs in DUTIES.items() if verb in verbs)


#: Who reads a desk's queue: seats that can accept a case.
READERS = duties_with(Verb.CASE_ACCEPT)


def desks_on(path: str, levels: Iterable[str] = LEVELS) -> list[Desk]:
    """The desks on a path from the root down; `path` begins with the city (row M1)."""
    return [
        Desk(".".join(path.split(".")[: depth + 1]), level)
        for depth, level in zip(range(path.count(".") + 1), levels, strict=False)
    ]


def is_read(desk: Desk, today: date, *, confidential: bool) -> bool:
    """Whether somebody present reads this desk's queue today."""
    return bool(people_reading(desk, today, confidential=confidential))


def people_reading(desk: Desk, today: date, *, confidential: bool = False) -> list[int]:
    """The accounts that read this desk's queue and are there today."""
    return staff.present_at(desk.code, READERS, today=today, confidential=confidential)


def reading_desk(path: str, tier: str, today: date, *, confidential: bool) -> tuple[Desk, list[Desk]]:
    """The desk of `tier` on the path, or the nearest above it that somebody reads; and the unread ones passed over.

    When nobody at all is there, the top desk: its seats find it as soon as somebody holds one.
    """
    wanted = LEVELS.index(tier)
    upwards = [desk for desk in reversed(desks_on(path)) if LEVELS.index(desk.level) <= wanted]
    for count, desk in enumerate(upwards):
        if is_read(desk, today, confidential=confidential):
            return desk, upwards[:count]
    return upwards[-1], upwards[:-1]


def office_for(department: str, path: str, today: date) -> str:
    """The key `<area>/<department>` of the nearest office at or above `path` where somebody handles; empty: none."""
    handlers = duties_with(Verb.CASE_HANDLE)
    for code in staff.offices_of(department, path):
        if staff.present_at(code, handlers, department, today=today):
            return f"{code}/{department}"
    return ""


def may_be_given(account_id: int, path: str, today: date, *, confidential: bool) -> bool:
    """Whether the account is present and holds a seat on the path from which it can handle."""
    handlers = duties_with(Verb.CASE_HANDLE)
    return any(
        account_id in staff.present_at(desk.code, handlers, today=today, confidential=confidential)
        for desk in desks_on(path)
    )
