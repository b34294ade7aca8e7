"""Homes that are kept under another grid because grids were drawn anew: what moves, and what would stop it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from wangge.base.problems import Problem

Moves = Mapping[UUID | str, str]
"""Id of a building (its dwellings go along) or of a dwelling (it wins over its building), or the code of an estate → path."""

#: The registers' own kinds, in the order in which they move.
KINDS = ("compounds", "buildings", "dwellings", "households", "residents", "needs")

#: Moved back within so long, a stay goes on as if nothing had been.
RESUMED_WITHIN = timedelta(days=1)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class CannotRehome(Problem):
    """`why`: the first of the stops, as `would_rehome` names them."""

    code = "cannot-rehome"
    status = 409
    sentence = _("Nothing was moved: {what} cannot be ({why}), and {others} more.")

    def __init__(self, stops: "tuple[Stop, ...]") -> None:
        super().__init__(why=stops[0].why, what=stops[0].what, others=len(stops) - 1)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing can move. `why`: `unknown` (no building, dwelling or estate that stands has this key), `no-area` (no public
    grid or community of today has this path), `outside` (it lies where the viewer may not change areas).
    """

    why: str
    what: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What goes from one grid to another."""

    was: str
    path: str
    dwellings: int
    households: int
    residents: int


@dataclass(frozen=True, slots=True)
class WouldRehome:
    """What would move, in counts, and what would stop it. `households`: each with the place to which it would go."""

    counts: dict[str, int]
    pairs: tuple[Pair, ...]
    stops: tuple[Stop, ...] = ()
    households: dict[UUID, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Rehomed:
    """What moved; `households` each with its place now. `back`, `cases_back`, `files_back` (of mediation) and `places_back` say where it lay: given to the same functions within a day, they restore that."""

    counts: dict[str, int]
    pairs: tuple[Pair, ...]
    back: dict[UUID | str, str]
    households: dict[UUID, str] = field(default_factory=dict, repr=False)
    cases_back: dict[UUID, str] = field(default_factory=dict)
    files_back: dict[UUID, str] = field(default_factory=dict)
    places_back: dict[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Homes that lie, by the outlines of today, in another grid than they are kept under. `nowhere`: how many lie in none."""

    moves: dict[UUID | str, str]
    pairs: tuple[Pair, ...]
    nowhere: int
