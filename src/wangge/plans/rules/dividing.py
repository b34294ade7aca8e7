"""A first division, a better one, and others near to one that is there, by the library `gridplan`: every community for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content

if TYPE_CHECKING:
    from gridplan.proposal import Proposal
    from gridplan.town import Division, Streets, Town

Ints = NDArray[np.int64]

Weigh = Literal["households", "minutes"]
#: How a division begins from grids that are there, beside leaving them as they are.
RESHAPED = ("compounds", "split", "merge", "absorb")
#: Minutes that a household asks of its worker in a year, where nothing else is known of it.
_MINUTES = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """`causes`: why a grid is as it is although a rule says otherwise, as (rule, label, cause in a word)."""

    labels: Ints
    causes: tuple[tuple[str, int, str], ...]


def divided(
    content: Content,
    *,
    low: int,
    high: int,
    seed: int,
    limit_s: float,
    fixed: Ints | None = None,
    weigh: str = "households",
    streets: "Streets | None" = None,
) -> Divided:
    """Grids of one community each. Atoms that are `fixed` (their label, else -1) keep it. Near means on foot where streets are known."""
    # A compiler comes along, which a server that divides nothing need not load.
    from gridplan.divide import divide
    from gridplan.town import Bounds

    return _divided(
        divide(
            town_of(content, streets=streets),
            bounds=Bounds(low, high),
            seed=seed,
            limit_s=limit_s,
            weigh=_weighed(content, weigh),
            distance="straight" if streets is None else "walking",
            fixed=None if fixed is None or (fixed < 0).all() else fixed,
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """One of several; `stopped`: the search ended before it was through."""

    made: Divided
    stopped: bool


def proposals(
    content: Content,
    base: Ints,
    *,
    low: int,
    high: int,
    seed: int,
    curve: int,
    limit_s: float,
    weigh: str = "households",
    workers: Sequence[int] = (),
    streets: "Streets | None" = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Proposed]:
    """From the fewest changes of the division `base` to the best form. `workers` numbers who walks each grid of `base`."""
    from gridplan.revise import revise
    from gridplan.town import Bounds

    found = revise(
        town_of(content, grid=base, streets=streets),
        bounds=Bounds(low, high),
        seed=seed,
        curve=curve,
        limit_s=limit_s,
        workers=list(workers) if len(workers) == int(base.max(initial=NONE)) + 1 else None,
        weigh=_weighed(content, weigh),
        distance="straight" if streets is None else "walking",
        progress=progress,
        stop=stop,
    )
    return [Proposed(_divided(one.division), one.division.stopped) for one in found]


def reshaped(
    content: Content,
    base: Ints,
    how: str,
    *,
    low: int,
    high: int,
    seed: int,
    limit_s: float,
    grids: Sequence[int] = (),
    into: int = 2,
) -> Divided:
    """The division `base` with one thing changed: each compound its own unit, one grid split, some merged, new buildings absorbed.

    `grids` are those to split or to merge. ValueError where it cannot be done, in words for a developer.
    """
    from gridplan.changing import compounds_as_units, merge, split
    from gridplan.revise import absorb
    from gridplan.town import Bounds

    town, bounds = town_of(content, grid=base), Bounds(low, high)
    made: Proposal
    match how:
        case "compounds":
            compound = np.full(len(content), NONE)
            compound[content.b_atom] = content.b_compound
            made = compounds_as_units(town, compound, bounds=bounds, seed=seed, limit_s=limit_s)
        case "split":
            made = split(town, grids[0], into=into, bounds=bounds, seed=seed)
        case "merge":
            made = merge(town, list(grids), bounds=bounds)
        case "absorb":
            made = absorb(town, bounds=bounds, seed=seed, limit_s=limit_s)
        case _:
            raise ValueError(how)
    return _divided(made.division)


def _divided(found: "Division") -> Divided:
    causes = tuple((one.rule, int(one.grid), one.cause) for one in found.reasons)
    return Divided(found.labels.astype(np.int64), causes)


def _weighed(content: Content, weigh: str) -> Weigh:
    """Minutes are made alike only where any are known."""
    return "minutes" if weigh == "minutes" and content.minutes.any() else "households"


def town_of(content: Content, *, grid: Ints | None = None, streets: "Streets | None" = None) -> "Town":
    """What a plan divides as the library takes it; `grid` is the division that it lies in now, today's if none is given."""
    from gridplan.town import Town

    count = 0 if grid is None else int(grid.max(initial=NONE)) + 1
    return Town(
        names=content.names,
        households=content.households,
        xy=content.xy,
        edges=content.edges,
        community=content.community,
        communities=content.communities,
        minutes=(content.minutes if content.minutes.any() else content.households * _MINUTES).astype(
            np.float64
        ),
        grid=content.today if grid is None else grid,
        grids=content.grids if grid is None else tuple(str(label) for label in range(count)),
        streets=streets,
    )


def as_today(content: Content) -> Ints:
    """Today's grids as a division to begin from; what lies in none goes to the nearest atom's of its community."""
    labels = content.today.copy()
    xy, free = content.xy, len(content.grids)
    for community in range(len(content.communities)):
        members = np.flatnonzero(content.community == community)
        known = members[labels[members] >= 0]
        for atom in members[labels[members] < 0]:
            if len(known):
                labels[atom] = labels[known[np.linalg.norm(xy[known] - xy[atom], axis=1).argmin()]]
            else:
                labels[atom], free = free, free + 1
                known = np.array([atom])
    return _numbered(labels, len(content))


def _numbered(labels: Ints, most: int) -> Ints:
    """As they are where the numbers are small enough; grids of today without an atom may make them too large."""
    if labels.max(initial=NONE) < most:
        return labels
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
