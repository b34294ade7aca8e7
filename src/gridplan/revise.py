"""A new division from today's, with as little disruption as one likes: several proposals between the fewest moves and the most compact grids.

In each community atoms at borders change over by annealing as in `partition`, from today's grids; a household that leaves its grid
has a toll, another for each proposal. Grids are halved or dissolved where moving alone does not bring them within the bounds,
and new estates become grids of their own where they are large enough; what serves best is taken. Which new grid goes on as which old one is
then chosen so that most households stay.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from gridplan._from_today import HARDLY, Part, parts_today
from gridplan._keeping_walk import pairs_inside
from gridplan._nearer import costs_on_foot
from gridplan._partition import ALIKE, PRICE, Clock
from gridplan._walked import walked_places
from gridplan.divide import divide
from gridplan.exact import NoDivision, fewest_moved_in
from gridplan.proposal import Proposal, proposal
from gridplan.town import NONE, BadTown, Bounds, Distance, Town, Weigh

Array = np.ndarray[Any, Any]

#: What it costs a household to leave its grid, in mean squared distances to the centre of one's grid, from the second proposal
#: to the last but one. In the first only moves count, in the last they cost nothing.
DEAREST, CHEAPEST = 1.0, 0.1
#: Communities of so few atoms that are still out of bounds are tried through.
TRIED = 12
#: Of the time that there is, so much is for what lies around today's grids, and so much for a division from scratch; the rest
#: for communities that are still out of bounds.
BEFORE, AFRESH = 0.6, 0.2
#: On foot so much of it all is for the very ways, at the end.
ON_FOOT = 0.25


def revise(
    town: Town,
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    limit_s: float | None = None,
    curve: int = 5,
    workers: Sequence[int] | None = None,
    weigh: Weigh = "households",
    distance: Distance = "straight",
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Proposal]:
    """Proposals from the fewest moves to the most compact, at most `curve`; none is both farther from today and less compact than another.

    Args:
        town: with today's grids; atoms in a community and no grid are new.
        bounds: households a grid may have. Where a grid cannot keep them, the division says the reason.
        seed: the same gives the same proposals, unless it ends early.
        limit_s: ends after about so many seconds with the best so far.
        curve: how many are looked for.
        workers: for each grid of today who works there; grids with the same number share a worker.
        weigh: with `minutes`, the yearly minutes of a community's grids are alike, too, to a tenth where that can be. In the
            first proposal moves count for more.
        distance: with `walking`, compact means near on foot along `town.streets`; so does `rms_m` then.
        progress: called with the share that is done, from 0 to 1.
        stop: asked whether to end with the best so far.

    """
    if curve < 1:
        raise BadTown(f"There must be one proposal at least, not {curve}.")
    if weigh == "minutes" and not town.minutes.sum() > 0:
        raise BadTown("There is no workload to balance: no atom has minutes.")
    if workers is not None and len(workers) != len(town.grids):
        raise BadTown(f"There must be a worker for each of the {len(town.grids)} grids, not {len(workers)}.")
    clock, began = Clock(limit_s, stop), time.monotonic()
    plain = town
    if distance == "walking":
        town = replace(town, xy=_walked_places(town))
    parts = list(parts_today(town, bounds, workers, weigh))
    tolls = _tolls(curve)
    told = _Told(progress)
    plane = 1.0 - ON_FOOT if distance == "walking" else 1.0
    before, afresh = BEFORE * plane, AFRESH * plane
    _look_in(parts, tolls, seed, clock, _share(limit_s, before), told.part(0.0, before))
    torn = [part for part in parts if part.is_outside()]
    if (curve > 1 or torn) and not clock.late():
        fresh = divide(
            plain, bounds=bounds, seed=seed, limit_s=_share(limit_s, afresh), weigh=weigh, distance=distance,
            progress=told.part(before, afresh), stop=clock.late,
        ).labels  # fmt: skip
        _take_afresh(town, bounds, parts, torn, fresh)
        # Dividing asks a solver where nothing else helps; from what it finds one comes nearer to today's.
        kept = (limit_s or 0.0) * (1 - plane)
        rest = None if clock.ends_at is None else max(clock.ends_at - time.monotonic() - kept, 0.0)
        _look_in(torn, tolls, seed, clock, rest, told.part(before + afresh, plane - before - afresh))
    ways = [np.full(len(town), NONE) for _ in tolls]
    left = total = sum(len(part.atoms) for part in parts)
    for part in parts:
        # On foot each community has its share of the time that is left.
        size = len(part.atoms)
        mine = Clock(
            None if clock.ends_at is None else max(clock.ends_at - time.monotonic(), 0.0) * size / left,
            clock.late,
        )
        costs = _costs_on_foot(plain, part, mine) if distance == "walking" else None
        for labels, (share, toll) in zip(ways, tolls, strict=True):
            best = part.best(share, toll, costs, seed, mine)
            labels[part.atoms] = labels.max(initial=NONE) + 1 + best
        part.was_late = part.was_late or mine.was_late
        left -= size
        told.tell(plane + (1 - plane) * (1 - left / total))
    stopped = clock.was_late or any(part.was_late for part in parts)
    found = [
        proposal(plain, labels, bounds, workers, seed=seed, stopped=stopped, distance=distance)
        for labels in ways
    ]
    told.done()
    took = time.monotonic() - began
    return [replace(one, division=replace(one.division, seconds=took)) for one in _curve(found, weigh)]


def _take_afresh(town: Town, bounds: Bounds, parts: list[Part], torn: list[Part], fresh: Array) -> None:
    """Each part takes in the division from scratch; small ones that are still out of bounds are tried through."""
    for part in parts:
        part.take(fresh[part.atoms])
    for part in torn:
        if len(part.atoms) <= TRIED:
            with suppress(NoDivision):
                part.take(fewest_moved_in(town, part.atoms, bounds)[1])


def _walked_places(town: Town) -> Array:
    """Positions whose straight distances are about the ways on foot along the streets, community by community."""
    places: Array = town.xy.astype(float)
    for community in range(len(town.communities)):
        atoms = np.flatnonzero(town.community == community)
        if len(atoms) > 2:
            places[atoms] = walked_places(town, atoms)
    return places


def _costs_on_foot(town: Town, part: Part, clock: Clock) -> Array | None:
    """Of a community by itself."""
    atoms = part.atoms
    alone = replace(
        town,
        names=tuple(town.names[atom] for atom in atoms.tolist()),
        households=town.households[atoms],
        xy=town.xy[atoms],
        edges=pairs_inside(town.edges, atoms, len(town)),
        community=np.zeros(len(atoms), np.int64),
        communities=(town.communities[int(town.community[atoms[0]])],),
        minutes=town.minutes[atoms],
        grid=np.full(len(atoms), NONE),
        grids=(),
        apart=pairs_inside(town.apart, atoms, len(town)),
        outlines=(),
        areas=(),
    )
    return costs_on_foot(alone, np.arange(len(atoms)), len(atoms), clock)


def _share(limit_s: float | None, share: float) -> float | None:
    return None if limit_s is None else limit_s * share


class _Told:
    """Progress of the whole from that of its parts; it never goes back."""

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self.progress, self.furthest = progress, 0.0

    def part(self, begin: float, size: float) -> Callable[[float], None] | None:
        if self.progress is None:
            return None
        return lambda share: self.tell(begin + size * share)

    def tell(self, share: float) -> None:
        self.furthest = max(self.furthest, share)
        if self.progress:
            self.progress(self.furthest)

    def done(self) -> None:
        self.tell(1.0)


def absorb(town: Town, **how: Any) -> Proposal:
    """Takes in the atoms that are in no grid, with the fewest moves; a new estate that is large enough becomes grids of its own."""
    return revise(town, curve=1, **how)[0]


def _curve(proposals: list[Proposal], weigh: Weigh) -> list[Proposal]:
    """Those that no other beats in moves, form and broken rules, from the fewest moves on."""

    def faults(one: Proposal) -> int:
        return sum(_off(reason, one.division.bounds) for reason in one.division.reasons)

    least = min(faults(one) for one in proposals)
    kept: list[Proposal] = []
    form = {id(one): one.rms_m * (_unlike(one) if weigh == "minutes" else 1.0) for one in proposals}
    order = sorted(
        proposals, key=lambda each: (faults(each) > least, each.moved, each.handed_over, form[id(each)])
    )
    for one in order:
        if not kept or (faults(one) <= least and form[id(one)] < form[id(kept[-1])] * (1 - 1e-9)):
            kept.append(one)
    return kept


def _unlike(one: Proposal) -> float:
    """So many times farther would ways have to be, to cost as much more as work that is not alike does."""
    town, labels = one.division.town, one.division.labels
    away = 0.0
    for community in range(len(town.communities)):
        atoms = np.flatnonzero((town.community == community) & (labels >= 0))
        total = town.minutes[atoms].sum()
        if total <= 0:
            continue
        grids, of = np.unique(labels[atoms], return_inverse=True)
        work = np.bincount(of.reshape(-1), town.minutes[atoms]) * (town.households[atoms].sum() / total)
        mean = work.sum() / len(grids)
        beyond = np.maximum(mean * (1 - ALIKE) - work, 0) + np.maximum(work - mean * (1 + ALIKE), 0)
        away += float(beyond.sum())
    return float(np.sqrt(1 + PRICE / 2 * away / max(town.households.sum(), 1)))


def _off(reason: Any, bounds: Bounds) -> int:
    """How many households a broken rule is about."""
    if reason.rule == "below":
        return max(bounds.low - int(reason.households), 1)
    return max(int(reason.households) - bounds.high, 1)


def _look_in(
    parts: list[Part],
    tolls: list[tuple[float, float]],
    seed: int,
    clock: Clock,
    limit_s: float | None,
    progress: Callable[[float], None] | None,
) -> None:
    """Looks in every part at every price, from the fresh division where a part has one and from today's grids elsewhere.

    Each part has its share of the time by its atoms, and in it each price, the two ends of the curve first: so that with little time
    every proposal is looked for everywhere, if not as long.
    """
    ends_at = None if limit_s is None else time.monotonic() + limit_s
    turns = [
        (part, *tolls[at], len(part.atoms))
        for part in sorted(parts, key=lambda each: len(each.atoms))
        for at in _ends_first(len(tolls))
    ]
    left = total = sum(atoms for *_, atoms in turns)
    for part, share, toll, atoms in turns:
        mine = None if ends_at is None else max(ends_at - time.monotonic(), 0.0) * atoms / left
        part.look(share, toll, (seed * 1_000_003 + int(part.atoms[0])) % 2**31, clock, mine, part.fresh)
        left -= atoms
        if progress:
            progress(1 - left / total)


def _ends_first(count: int) -> list[int]:
    return sorted(range(count), key=lambda at: (0 < at < count - 1, at))


def _tolls(curve: int) -> list[tuple[float, float]]:
    """For each proposal the share of the spread that counts, and what a move costs."""
    between = [(1.0, float(toll)) for toll in np.geomspace(DEAREST, CHEAPEST, max(curve - 2, 1))][
        : max(curve - 2, 0)
    ]
    return [(HARDLY, 1.0), *between, (1.0, 0.0)][:curve]
