"""The viewer: who asks, with which posts, over which areas. Frozen, built once per request, batch or job."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from wangge.access.verbs import Verb

#: From the root down; a smaller number is a higher tier.
LEVELS = ("city", "county", "township", "community", "grid")


def lies_in(path: str, area: str) -> bool:
    """Whether the ltree `path` is `area` or below it."""
    return path == area or path.startswith(area + ".")


def common_path(paths: Iterable[str]) -> str:
    """The lowest area that holds all of these; empty when there is none."""
    tiers = zip(*(path.split(".") for path in paths), strict=False)
    return ".".join(codes[0] for codes in takewhile(lambda codes: len(set(codes)) == 1, tiers))


@dataclass(frozen=True, slots=True)
class Seat:
    """One post held now: its area's path and level, its kind, the verbs it carries, and its department if it has one."""

    path: str
    level: str
    kind: str
    verbs: frozenset[Verb]
    department: str = ""
    confidential: bool = False
    area_name: str = ""

    @property
    def department_key(self) -> str:
        """`<area code>/<department>`, how a case names the departments that it was given to; empty without one."""
        return f"{self.path.rsplit('.', 1)[-1]}/{self.department}" if self.department else ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `account_id` is None for the system's own jobs."""

    account_id: int | None
    name: str = ""
    username: str = ""
    language: str = ""
    seats: tuple[Seat, ...] = ()

    @property
    def scope(self) -> tuple[str, ...]:
        """Paths whose rows the viewer may see; a department's seat opens only what the department was given."""
        return tuple(sorted({seat.path for seat in self.seats if not seat.department}))

    @property
    def homes(self) -> tuple[str, ...]:
        """Paths where the viewer may see who lives there."""
        own = {seat.path for seat in self.seats if not seat.department and Verb.HOUSEHOLD_READ in seat.verbs}
        return tuple(sorted(own))

    @property
    def department_keys(self) -> tuple[str, ...]:
        return tuple(sorted({seat.department_key for seat in self.seats if seat.department}))

    @property
    def first_seat(self) -> Seat | None:
        """The highest seat, whose tier the first page shows."""
        return min(self.seats, key=lambda seat: (LEVELS.index(seat.level), seat.path), default=None)

    def may(self, verb: Verb, path: str, department_keys: tuple[str, ...] | list[str] = ()) -> bool:
        """Whether a seat at or above `path`, or one of the named departments', carries the verb."""
        return any(
            verb in seat.verbs
            and (lies_in(path, seat.path) if not seat.department else seat.department_key in department_keys)
            for seat in self.seats
        )

    def may_anywhere(self, verb: Verb) -> bool:
        return any(verb in seat.verbs for seat in self.seats)

    def level_for(self, path: str, department_keys: tuple[str, ...] | list[str] = ()) -> str:
        """The lowest tier at which this viewer has a seat over `path`: where their work on it counts (row M6)."""
        over = [
            seat.level
            for seat in self.seats
            if (seat.department_key in department_keys if seat.department else lies_in(path, seat.path))
        ]
        return max(over, key=LEVELS.index, default="")


def system_viewer(path: str) -> Viewer:
    """The system acting by itself (timers, imports) within one area: every verb there, nothing elsewhere."""
    seat = Seat(path=path, level="city", kind="system", verbs=frozenset(Verb), confidential=True)
    return Viewer(account_id=None, name="system", seats=(seat,))


#: Whoever comes without an account: no posts, so nothing but what is laid before everybody.
PUBLIC = Viewer(account_id=None, name="resident")
