"""A first division, a better one, and others near to one that is there, by the library `gridplan`: every community for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.bonds import KINDS, Bond, apart_pairs, united
from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.figures import UNEXCUSED, figures_of

if TYPE_CHECKING:
    from gridplan.proposal import Proposal
    from gridplan.town import Division, Streets, Town

Ints = NDArray[np.int64]

Weigh = Literal["households", "minutes"]
#: How a division begins from grids that are there, beside leaving them as they are.
RESHAPED = ("compounds", "split", "merge", "absorb")
#: Minutes that a household asks of its worker in a year, where nothing else is known of it.
_MINUTES = 60.0
#: Minutes of grids are alike that differ from their mean by no more than this share; what is beyond costs so much, as in the library.
_ALIKE, _PRICE = 0.1, 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """`causes`: why a grid is as it is although a rule says otherwise, as (rule, label, cause in a word). `stopped`: the search ended
    before it was through.
    """

    labels: Ints
    causes: tuple[tuple[str, int, str], ...]
    stopped: bool = False


def divided(
    content: Content,
    *,
    low: int,
    high: int,
    seed: int,
    limit_s: float,
    fixed: Ints | None = None,
    start: Ints | None = None,
    weigh: str = "households",
    streets: "Streets | None" = None,
    bonds: Sequence[Bond] = (),
) -> Divided:
    """Grids of one community each, from scratch or from the division `start`. Atoms that are `fixed` (their label, else -1) keep it.
    Near means on foot where streets are known. What `bonds` keep together or apart is so, but for what is fixed otherwise.
    """
    # A compiler comes along, which a server that divides nothing need not load.
    from gridplan.divide import divide
    from gridplan.town import Bounds

    held = None if fixed is None or (fixed < 0).all() else fixed
    whole = _Whole(town_of(content, streets=streets), bonds, held)
    found = divide(
        whole.town,
        bounds=Bounds(low, high),
        seed=seed,
        limit_s=limit_s,
        weigh=_weighed(content, weigh),
        distance="straight" if streets is None else "walking",
        fixed=None if held is None else whole.mostly(held, known=True),
        start=None if start is None else whole.mostly(start),
    )
    return whole.of_all(_divided(found))


def improved(
    content: Content,
    now: Ints,
    *,
    low: int,
    high: int,
    seed: int,
    limit_s: float,
    fixed: Ints,
    weigh: str = "households",
    streets: "Streets | None" = None,
    bonds: Sequence[Bond] = (),
) -> Divided:
    """The division `now` made better from where it stands, or as it is where nothing better was found."""
    made = divided(
        content, low=low, high=high, seed=seed, limit_s=limit_s, fixed=fixed, weigh=weigh, streets=streets,
        start=filled(content, now, len(content)), bonds=bonds,
    )  # fmt: skip

    def judged(labels: Ints) -> tuple[float, ...]:
        return _judged(content, labels, low=low, high=high, weigh=weigh, streets=streets, bonds=bonds)

    if judged(made.labels) < judged(now):
        return made
    from gridplan.proposal import proposal
    from gridplan.town import Bounds

    told = _divided(proposal(town_of(content), now, Bounds(low, high)).division)
    label = dict(zip(told.labels.tolist(), now.tolist(), strict=True))
    return Divided(now, tuple((rule, label[grid], cause) for rule, grid, cause in told.causes), made.stopped)


def _judged(
    content: Content,
    labels: Ints,
    *,
    low: int,
    high: int,
    weigh: str,
    streets: "Streets | None",
    bonds: Sequence[Bond],
) -> tuple[float, ...]:
    """What a plan goes by, the weightiest first; less is better: broken rules, then how far doors are and how unlike work is."""
    figures = figures_of(content, labels, low=low, high=high, bonds=bonds)
    unexcused = sum(each.count for each in figures.broken if each.rule in UNEXCUSED)
    pieces = sum(each.count - 1 for each in figures.broken if each.rule == "pieces")
    beyond = {"below": lambda count: low - count, "above": lambda count: count - high}
    off = sum(beyond[each.rule](each.count) for each in figures.broken if each.rule in beyond)
    way = figures.rms_m if streets is None else _rms_on_foot(content, labels, streets)
    unlike = _unlike(content, labels) if _weighed(content, weigh) == "minutes" else 1.0
    parted = sum(each.count for each in figures.broken if each.rule in KINDS)
    return (unexcused, parted, pieces, off, way * unlike)


def _rms_on_foot(content: Content, labels: Ints, streets: "Streets") -> float:
    from gridplan.proposal import proposal

    return proposal(town_of(content, streets=streets), labels, distance="walking").rms_m


def _unlike(content: Content, labels: Ints) -> float:
    """So many times farther would ways have to be, to cost as much more as minutes that are not alike do."""
    away = 0.0
    for community in range(len(content.communities)):
        atoms = np.flatnonzero((content.community == community) & (labels >= 0))
        total = content.minutes[atoms].sum()
        if total > 0:
            of = np.unique(labels[atoms], return_inverse=True)[1]
            work = np.bincount(of, content.minutes[atoms]) * (content.households[atoms].sum() / total)
            away += float(np.maximum(np.abs(work - work.mean()) - work.mean() * _ALIKE, 0).sum())
    return sqrt(1 + _PRICE * away / max(float(content.households.sum()), 1.0))


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
    bonds: Sequence[Bond] = (),
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Proposed]:
    """From the fewest changes of the division `base` to the best form. `workers` numbers who walks each grid of `base`."""
    from gridplan.revise import revise
    from gridplan.town import Bounds

    whole = _Whole(town_of(content, grid=base, streets=streets), bonds)
    found = revise(
        whole.town,
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
    return [Proposed(whole.of_all(_divided(one.division)), one.division.stopped) for one in found]


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
    weigh: str = "households",
    streets: "Streets | None" = None,
    bonds: Sequence[Bond] = (),
) -> Divided:
    """The division `base` with one thing changed: each compound its own unit, one grid split, some merged, new buildings absorbed.

    `grids` are those to split or to merge. Only what is absorbed goes by `weigh` and `streets`. ValueError where it cannot be done, in words for a developer.
    """
    from gridplan.changing import compounds_as_units, merge, split
    from gridplan.revise import absorb
    from gridplan.town import Bounds

    whole, bounds = _Whole(town_of(content, grid=base), bonds), Bounds(low, high)
    town = whole.town
    made: Proposal
    match how:
        case "compounds":
            compound = np.full(len(content), NONE)
            compound[content.b_atom] = content.b_compound
            made = compounds_as_units(town, whole.mostly(compound), bounds=bounds, seed=seed, limit_s=limit_s)
        case "split":
            made = split(town, grids[0], into=into, bounds=bounds, seed=seed, limit_s=limit_s)
        case "merge":
            made = merge(town, list(grids), bounds=bounds)
        case "absorb":
            made = absorb(
                replace(town, streets=streets),
                bounds=bounds,
                seed=seed,
                limit_s=limit_s,
                weigh=_weighed(content, weigh),
                distance="straight" if streets is None else "walking",
            )
        case _:
            raise ValueError(how)
    return whole.of_all(_divided(made.division))


class _Whole:
    """A town in which what must stay together is one atom, and what may not share a grid is apart; the way back to all atoms.

    The library keeps no two atoms together that are several: it never cuts one. What somebody fixed (`fixed`: labels, else -1) otherwise
    than it is bound stays where it was put, and the rule that it breaks is told.
    """

    def __init__(self, town: "Town", bonds: Sequence[Bond], fixed: Ints | None = None) -> None:
        self.of = united(len(town), bonds, without=fixed)
        self.count = int(self.of.max(initial=NONE)) + 1
        self.weight = town.households + 1e-6
        pairs = self.of[apart_pairs(bonds)]
        if fixed is not None and len(pairs):
            held = self.mostly(fixed, known=True)[pairs]
            pairs = pairs[(held[:, 0] != held[:, 1]) | (held[:, 0] < 0)]
        pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0).reshape(-1, 2)
        self.town = replace(town if self.count == len(town) else self._joined(town), apart=pairs)

    def _joined(self, town: "Town") -> "Town":
        of, count = self.of, self.count
        first = np.unique(of, return_index=True)[1]
        weight = np.bincount(of, self.weight, count)
        edges = np.sort(of[town.edges], axis=1)
        return replace(
            town,
            names=tuple(town.names[atom] for atom in first.tolist()),
            households=np.bincount(of, town.households, count).astype(np.int64),
            xy=np.stack(
                [np.bincount(of, self.weight * town.xy[:, axis], count) / weight for axis in (0, 1)], axis=1
            ),
            edges=np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0).reshape(-1, 2),
            community=town.community[first],
            minutes=np.bincount(of, town.minutes, count).astype(np.float64),
            grid=self.mostly(town.grid),
        )

    def mostly(self, values: Ints, *, known: bool = False) -> Ints:
        """For each atom of the joined town the value that most households of it have; with `known`, of those that have one."""
        if self.count == len(self.of):
            return values
        found, place = np.unique(values, return_inverse=True)
        held = np.zeros((self.count, len(found)))
        np.add.at(held, (self.of, place.reshape(-1)), self.weight)
        if known:
            held[:, found < 0] *= 1e-12
        best: Ints = found[held.argmax(axis=1)]
        return best

    def of_all(self, made: Divided) -> Divided:
        return replace(made, labels=made.labels[self.of])


def _divided(found: "Division") -> Divided:
    causes = tuple((one.rule, int(one.grid), one.cause) for one in found.reasons)
    return Divided(found.labels.astype(np.int64), causes, found.stopped)


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
    return as_division(content, content.today)


def as_division(content: Content, grid: Ints) -> Ints:
    """Grids of today by their place (`NONE`: none) as labels of a plan; what lies in none goes to the nearest atom's of its community."""
    return _numbered(filled(content, grid, len(content.grids)), len(content))


def filled(content: Content, base: Ints, free: int) -> Ints:
    """What lies in no grid goes to the nearest atom's of its community; numbers from `free` on are no grid's yet."""
    labels = base.copy()
    xy = content.xy
    for community in range(len(content.communities)):
        members = np.flatnonzero(content.community == community)
        known = members[labels[members] >= 0]
        for atom in members[labels[members] < 0]:
            if len(known):
                labels[atom] = labels[known[np.linalg.norm(xy[known] - xy[atom], axis=1).argmin()]]
            else:
                labels[atom], free = free, free + 1
                known = np.array([atom])
    return labels


def _numbered(labels: Ints, most: int) -> Ints:
    """As they are where the numbers are small enough; grids of today without an atom may make them too large."""
    if labels.max(initial=NONE) < most:
        return labels
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
