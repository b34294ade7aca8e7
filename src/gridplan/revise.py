"""A new division from today's, with as little disruption as one likes: several proposals between the fewest moves and the most compact grids.

In each community atoms at borders change over by annealing as in `partition`, from today's grids; a household that leaves its grid
has a toll, another for each proposal. Grids are halved or dissolved where moving alone does not bring them within the bounds,
and new estates become grids of their own where they are large enough; what serves best is taken. Which new grid goes on as which old one is
then chosen so that most households stay.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from gridplan._keeping import anneal_keeping
from gridplan._partition import (
    BETWEEN_LOOKS,
    DEARER,
    LAST_SWEEPS,
    PRICE,
    PRICE_AT_FIRST,
    BadTown,
    Care,
    Clock,
    SomeTown,
    _grids,
    _Walk,
    some_town,
)
from gridplan._reasons import reasons
from gridplan._starting import bisected, pieces_of
from gridplan._walked import LANDMARKS, bent, spread_over
from gridplan.bound import spread
from gridplan.divide import Distance, Weigh, divide
from gridplan.exact import NoDivision, fewest_moved_in
from gridplan.links import walking_distances
from gridplan.number import heirs
from gridplan.town import NONE, Bounds, Division, Town

Array = np.ndarray[Any, Any]

#: What it costs a household to leave its grid, in mean squared distances to the centre of one's grid, from the second proposal
#: to the last but one. In the first only moves count, in the last they cost nothing.
DEAREST, CHEAPEST = 1.0, 0.1
#: The share of the spread that counts in the first proposal: it chooses between moves of equally many households.
HARDLY = 1e-4
#: Where annealing begins: hot it finds more, mild it stays nearer.
HEATS, COLDEST = (100.0, 20.0), 0.2
SWEEPS = 1_200
#: In communities of fewer atoms more beginnings are tried: each grid by itself halved or dissolved, several seeds.
FEW, SEEDS = 60, 5
#: Communities of so few atoms that are still out of bounds are tried through.
TRIED = 12
#: So many grids by themselves at the most.
BY_THEMSELVES = 4
#: Of the time that there is, so much is for what lies around today's grids, and so much for a division from scratch; the rest
#: for communities that are still out of bounds.
BEFORE, AFRESH = 0.6, 0.2
#: The first turns get more than their share, since they may be the only ones.
HEAD_START = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A division and what it changes.

    `goes_on` names for each grid of the division the grid of today whose number (and worker) it keeps, or `NONE`. `moved` households
    change their grid, `handed_over` of them get another worker; households of atoms that had no grid are in neither. `lineage` says
    how many households go from which grid of today (`NONE`: from none) to which new one.
    """

    division: Division
    goes_on: tuple[int, ...]
    moved: int
    handed_over: int
    closed: tuple[int, ...]
    rms_m: float
    lineage: tuple[tuple[int, int, int], ...]

    @property
    def kept(self) -> int:
        """How many grids keep their number."""
        return sum(old != NONE for old in self.goes_on)


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
        distance: with `walking`, compact means near on foot along `town.streets`; `rms_m` is then about the way on foot.
        progress: called with the share that is done, from 0 to 1.
        stop: asked whether to end with the best so far.

    """
    if curve < 1:
        raise BadTown(f"There must be one proposal at least, not {curve}.")
    if weigh == "minutes" and not town.minutes.sum() > 0:
        raise BadTown("There is no workload to balance: no atom has minutes.")
    if workers is not None and len(workers) != len(town.grids):
        raise BadTown(f"There must be a worker for each of the {len(town.grids)} grids, not {len(workers)}.")
    clock = Clock(limit_s, stop)
    plain = town
    if distance == "walking" and town.streets is not None:
        town = replace(town, xy=walked_places(town))
    parts = list(_parts(town, bounds, workers, weigh))
    tolls = _tolls(curve)
    told = _Told(progress)
    _look_in(parts, tolls, seed, clock, _share(limit_s, BEFORE), told.part(0.0, BEFORE))
    torn = [part for part in parts if part.is_outside()]
    if (curve > 1 or torn) and not clock.late():
        fresh = divide(
            town, bounds=bounds, seed=seed, limit_s=_share(limit_s, AFRESH), weigh=weigh,
            progress=told.part(BEFORE, AFRESH), stop=clock.late,
        ).labels  # fmt: skip
        _take_afresh(town, bounds, parts, torn, fresh)
        # Dividing asks a solver where nothing else helps; from what it finds one comes nearer to today's.
        rest = None if clock.ends_at is None else max(clock.ends_at - time.monotonic(), 0.0)
        _look_in(torn, tolls, seed, clock, rest, told.part(BEFORE + AFRESH, 1 - BEFORE - AFRESH))
    ways = [np.full(len(town), NONE) for _ in tolls]
    for labels, (share, toll) in zip(ways, tolls, strict=True):
        for part in parts:
            labels[part.atoms] = labels.max(initial=NONE) + 1 + part.best(share, toll)
    stopped = clock.was_late or any(part.was_late for part in parts)
    found = _curve([proposal(town, labels, bounds, workers, seed=seed, stopped=stopped) for labels in ways])
    told.done()
    if plain is town:
        return found
    return [replace(one, division=replace(one.division, town=plain)) for one in found]


def _take_afresh(town: Town, bounds: Bounds, parts: "list[_Part]", torn: "list[_Part]", fresh: Array) -> None:
    """Each part takes in the division from scratch; small ones that are still out of bounds are tried through."""
    for part in parts:
        part.take(fresh[part.atoms])
    for part in torn:
        if len(part.atoms) <= TRIED:
            with suppress(NoDivision):
                part.take(fewest_moved_in(town, part.atoms, bounds)[1])


def walked_places(town: Town) -> Array:
    """Positions whose straight distances are about the ways on foot along the streets, community by community."""
    places: Array = town.xy.astype(float)
    for community in range(len(town.communities)):
        atoms = np.flatnonzero(town.community == community)
        if len(atoms) > 2:
            marks = spread_over(LANDMARKS, town.xy[atoms])
            places[atoms] = bent(walking_distances(town, atoms, atoms[marks]), marks, town.xy[atoms])
    return places


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


def split(
    town: Town,
    grid: int,
    *,
    into: int = 2,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    workers: Sequence[int] | None = None,
) -> Proposal:
    """One grid of today becomes several, each in one piece, alike in households and compact; all others stay."""
    atoms = np.flatnonzero(town.grid == grid)
    if not 2 <= into <= len(atoms):
        raise BadTown(f"Grid {grid} has {len(atoms)} atoms; it cannot be split into {into}.")
    households = town.households[atoms]
    inside = _inside(town.edges, atoms, len(town))
    share = households.sum() / into
    tried = some_town(households, town.xy[atoms], inside, max(share * 0.95, 0.5), max(share * 1.05, 0.5))
    start = _whole(bisected(households, town.xy[atoms], into), tried)
    walk = _KeepingWalk(
        tried, start, _Keeping.of_none(tried, _inside(town.apart, atoms, len(town))), seed, Clock()
    )
    walk.cool(np.arange(len(atoms)), SWEEPS, HEATS[1], PRICE * PRICE_AT_FIRST, PRICE)
    labels = town.grid.copy()
    labels[atoms] = len(town.grids) + walk.labels
    return proposal(town, labels, bounds, workers, seed=seed)


def merge(
    town: Town,
    grids: Sequence[int],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    workers: Sequence[int] | None = None,
) -> Proposal:
    """Several grids of today become one; all others stay. The division says why that is too large, or not one piece."""
    atoms = np.isin(town.grid, grids)
    communities = np.unique(town.community[atoms])
    if len(grids) < 2 or not len(communities):
        raise BadTown("There must be two grids with atoms at least to be merged.")
    if len(communities) > 1:
        raise BadTown("Grids of more than one community cannot be merged.")
    return proposal(town, np.where(atoms, len(town.grids), town.grid), bounds, workers)


def compounds_as_units(
    town: Town,
    compound: NDArray[np.int64],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    limit_s: float | None = None,
    workers: Sequence[int] | None = None,
) -> Proposal:
    """Each residential compound its own unit: `compound` `(n,)` names each atom's, `NONE` where there is none.

    A compound within the bounds is a grid. One that is too large is divided by itself; one that is too small is not cut and shares a grid
    with what is around it. What is left over between compounds and too small for a grid joins the compound next to it that has room.
    """
    if np.shape(compound) != (len(town),):
        raise BadTown(f"compound must be a number for each atom: its shape is {np.shape(compound)}.")
    unit, weight = _units(town, np.asarray(compound, np.int64))
    unit = _with_left_over(town, unit, weight, bounds)
    size = np.bincount(unit[unit >= 0], town.households[unit >= 0], max(int(unit.max(initial=NONE)) + 1, 1))
    # What is not cut is one atom meanwhile.
    whole = np.where((unit >= 0) & (size[unit] <= bounds.high), len(town) + unit, np.arange(len(town)))
    loose = (unit < 0) & (compound >= 0) & (town.community >= 0)
    whole = np.where(loose, 2 * len(town) + _units(town, np.asarray(compound, np.int64))[0], whole)
    groups, of = np.unique(whole, return_inverse=True)
    of = of.reshape(-1)
    first = np.zeros(len(groups), np.int64)
    first[of[::-1]] = np.arange(len(town))[::-1]
    households = np.bincount(of, town.households, len(groups)).astype(np.int64)
    share = np.where(
        households[of] > 0, town.households / np.maximum(households[of], 1), 1 / np.bincount(of)[of]
    )
    blocks, block = np.unique(
        np.stack([town.community, np.where(unit >= 0, unit, NONE)], axis=1)[first],
        axis=0,
        return_inverse=True,
    )
    block = block.reshape(-1)
    outside = town.community[first] < 0
    small = replace(
        town,
        names=tuple(town.names[atom] for atom in first),
        households=households,
        xy=np.stack([np.bincount(of, share * town.xy[:, axis]) for axis in (0, 1)], axis=1),
        edges=of[town.edges],
        community=np.where(outside, NONE, block),
        communities=tuple(f"{community} {number}" for community, number in blocks),
        minutes=np.bincount(of, town.minutes, len(groups)).astype(np.float64),
        grid=np.full(len(groups), NONE),
        grids=(),
        apart=_still_apart(of[town.apart]),
        outlines=(),
        areas=(),
        streets=None,
    )
    labels = divide(small, bounds=bounds, seed=seed, limit_s=limit_s).labels
    return proposal(town, labels[of], bounds, workers, seed=seed)


def proposal(
    town: Town,
    labels: NDArray[np.int64],
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    workers: Sequence[int] | None = None,
    *,
    seed: int = 0,
    stopped: bool = False,
) -> Proposal:
    """What a division of any origin changes against today's grids. Grids that go on come first, in today's order."""
    labels = np.asarray(labels, np.int64)
    given, mine = np.unique(labels[labels >= 0], return_inverse=True)
    count, olds = len(given), len(town.grids)
    within = np.flatnonzero(labels >= 0)
    had = town.grid[within] >= 0
    shared = np.zeros((olds, count))
    # Atoms without households decide where households do not.
    np.add.at(shared, (town.grid[within][had], mine[had]), town.households[within][had] + 1e-6)
    heir = heirs(shared)
    order = sorted(range(count), key=lambda grid: (heir.get(grid, olds), grid))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    fresh = np.full(len(town), NONE)
    fresh[within] = place[mine]
    goes_on = tuple(heir.get(grid, NONE) for grid in order)
    who = np.arange(olds + 1) if workers is None else np.append(np.asarray(workers, np.int64), NONE)
    who[-1] = NONE
    now = np.array([*goes_on, NONE], np.int64)[
        fresh
    ]  # of each atom the grid of today that its new one goes on as
    old = town.grid >= 0
    moved = old & (now != town.grid)
    lost = moved & ((who[now] != who[town.grid]) | (who[now] == NONE))
    return Proposal(
        Division(
            town,
            fresh,
            bounds,
            seed,
            reasons(town, fresh, bounds, searched=True),
            stopped,
        ),
        goes_on,
        int(town.households[moved].sum()),
        int(town.households[lost].sum()),
        tuple(sorted(set(np.unique(town.grid[old]).tolist()) - set(goes_on))),
        _rms(town, fresh),
        _lineage(town, fresh),
    )


def _lineage(town: Town, labels: Array) -> tuple[tuple[int, int, int], ...]:
    pairs, which = np.unique(np.stack([town.grid, labels], axis=1), axis=0, return_inverse=True)
    households = np.bincount(which.reshape(-1), town.households, len(pairs)).astype(int)
    return tuple(
        (int(old), int(new), int(many))
        for (old, new), many in zip(pairs, households, strict=True)
        if new != NONE or old != NONE
    )


def _rms(town: Town, labels: Array) -> float:
    total = town.households[labels >= 0].sum()
    far = sum(
        spread(town.xy[labels == grid], town.households[labels == grid])
        for grid in range(int(labels.max(initial=NONE)) + 1)
    )
    return float(np.sqrt(far / max(total, 1)))


def _curve(proposals: list[Proposal]) -> list[Proposal]:
    """Those that no other beats in moves, compactness and broken rules, from the fewest moves on."""

    def faults(one: Proposal) -> int:
        return sum(_off(reason, one.division.bounds) for reason in one.division.reasons)

    least = min(faults(one) for one in proposals)
    kept: list[Proposal] = []
    order = sorted(
        proposals, key=lambda each: (faults(each) > least, each.moved, each.handed_over, each.rms_m)
    )
    for one in order:
        if not kept or (faults(one) <= least and one.rms_m < kept[-1].rms_m * (1 - 1e-9)):
            kept.append(one)
    return kept


def _off(reason: Any, bounds: Bounds) -> int:
    """How many households a broken rule is about."""
    if reason.rule == "below":
        return max(bounds.low - int(reason.households), 1)
    return max(int(reason.households) - bounds.high, 1)


def _look_in(
    parts: "list[_Part]",
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


def _inside(pairs: Array, atoms: Array, n: int) -> Array:
    where = np.full(n, NONE)
    where[atoms] = np.arange(len(atoms))
    mine = where[pairs.reshape(-1, 2)]
    inside: Array = mine[(mine >= 0).all(axis=1)]
    return inside


@dataclass(frozen=True, eq=False)
class _Keeping:
    """What is to be kept: `homes` are labels, `workers` by label, pairs `apart`; `work` of each atom that is to be alike, if any."""

    homes: Array
    workers: Array
    apart: Array
    share: float = 1.0
    toll: float = 0.0
    work: Array | None = None

    @classmethod
    def of_none(cls, town: SomeTown, apart: Array) -> "_Keeping":
        return cls(np.full(len(town), NONE), np.full(len(town) + 1, NONE), apart)


class _KeepingWalk(_Walk):
    def __init__(self, town: SomeTown, labels: Array, keeping: _Keeping, seed: int, clock: Clock) -> None:
        self.keeping = keeping
        super().__init__(town, labels.copy(), seed, clock, Care(keeping.apart, keeping.work))

    def cool(self, among: Array, sweeps: int, heat: float, price: float, last_price: float) -> None:
        """As the others cool, to a temperature at which a single household counts; with little time faster, so that it ends cold."""
        began, part = time.monotonic(), 0.0
        for sweep in range(sweeps):
            if sweep % BETWEEN_LOOKS == 0:
                if self.clock.late():
                    break
                part = max(sweep / sweeps, self._passed(began))
            part = max(part, sweep / sweeps)
            if part >= 1:
                break
            self._sweep(among, heat * (COLDEST / heat) ** part, price * (last_price / price) ** part)
        for _ in range(LAST_SWEEPS):
            self._sweep(among, 0.0, last_price)

    def _passed(self, began: float) -> float:
        """The share of the time that has passed since."""
        if self.clock.ends_at is None:
            return 0.0
        return (time.monotonic() - began) / max(self.clock.ends_at - began, 1e-6)

    def strangers(self) -> float:
        """Households away from home, once for the grid and once for the worker, halved."""
        homes, workers = self.keeping.homes, self.keeping.workers
        away = (homes >= 0) & (homes != self.labels)
        lost = away & ((workers[homes] != workers[self.labels]) | (workers[homes] < 0))
        return float((self.town.households * (away * 0.5 + lost * 0.5) + 0.01 * away).sum())

    def quarrels(self) -> int:
        apart = self.keeping.apart
        return int((self.labels[apart[:, 0]] == self.labels[apart[:, 1]]).sum())

    def verdict(self, unit: float) -> tuple[float, float, float]:
        """Of two divisions the one with the smaller is better."""
        outside, far = self.faults()
        toll = self.keeping.toll * unit * self.strangers()
        return float(self.quarrels()), outside, self.keeping.share * far + toll

    def _sweep(self, among: Array, heat: float, price: float) -> None:
        town, keeping = self.town, self.keeping
        self.stamp = anneal_keeping(
            self.labels,
            town.households,
            town.x,
            town.y,
            town.starts,
            town.ends,
            self.sums,
            town.low,
            town.high,
            heat * self.unit,
            price * self.unit,
            among,
            self.state,
            self.mark,
            self.stamp,
            *self.apart,
            keeping.homes,
            keeping.workers,
            keeping.share,
            keeping.toll * self.unit,
            self.work,
            self.work_sums,
            *self.band,
        )


@dataclass(eq=False)
class _Part:
    """A community: its atoms, and today's grids in it as labels from 0; a grid that lies mostly elsewhere is no home here."""

    atoms: Array
    town: SomeTown
    homes: Array
    workers: Array
    apart: Array
    work: Array | None = None
    found: list[Array] = field(default_factory=list)
    fresh: list[Array] = field(default_factory=list)
    was_late: bool = False

    def __post_init__(self) -> None:
        # The mean squared distance that grids of today have with what is new in the nearest.
        filled = _whole(self.homes, self.town)
        self.unit = _KeepingWalk(self.town, filled, _Keeping.of_none(self.town, self.apart), 0, Clock()).unit

    def look(
        self,
        share: float,
        toll: float,
        seed: int,
        clock: Clock,
        limit_s: float | None,
        starts: Sequence[Array] = (),
    ) -> None:
        """Looks for a division at this price, from these beginnings or from today's; the best one is kept."""
        keeping = _Keeping(self.homes, self.workers, self.apart, share, toll, self.work)
        best: Array | None = None
        least: tuple[float, ...] = ()
        still = False  # nobody moves: fewer cannot
        few = len(self.town) <= FEW
        heats = [None, *(HEATS * (SEEDS if few else 1))]
        # With little time the first seed is tried at every beginning before another is.
        rounds = [
            (turn, heat, start)
            for turn, heat in enumerate(heats)
            for start in (list(starts) or list(self._starts(few=few)))
        ]
        ends_at = None if limit_s is None else time.monotonic() + limit_s
        for at, (turn, heat, start) in enumerate(rounds):
            done = share == HARDLY and not any(least[:2]) and still
            if best is not None and (done or clock.late()):
                break
            mine = Clock(_of_the_rest(ends_at, len(rounds) - at), clock.late)
            if best is not None and mine.late() and ends_at is not None and time.monotonic() > ends_at:
                self.was_late = True
                break
            walk = self._walk(start, keeping, seed + turn, mine)
            if heat is not None:
                walk.cool(np.arange(len(self.town)), SWEEPS, heat, PRICE * PRICE_AT_FIRST, PRICE * DEARER)
                self.was_late = self.was_late or mine.was_late
            if best is None or walk.verdict(self.unit) < least:
                best, least, still = walk.labels.copy(), walk.verdict(self.unit), not walk.strangers()
        if best is not None:
            self.found.append(best)

    def is_outside(self) -> bool:
        """Whether everything found breaks a rule."""
        keeping = _Keeping(self.homes, self.workers, self.apart)
        walks = [_KeepingWalk(self.town, each, keeping, 0, Clock()) for each in self.found]
        return all(any(walk.verdict(1.0)[:2]) for walk in walks)

    def take(self, labels: Array) -> None:
        """Takes in a division of other origin, its grids named after those of today that they share most households with."""
        mine = np.unique(labels, return_inverse=True)[1]
        homes = int(self.homes.max(initial=NONE)) + 1
        shared = np.zeros((homes, int(mine.max()) + 1))
        had = self.homes >= 0
        np.add.at(shared, (self.homes[had], mine[had]), self.town.households[had] + 1e-6)
        names = homes + np.arange(shared.shape[1])
        olds, news = linear_sum_assignment(shared, maximize=True)
        names[news] = olds
        self.found.append(names[mine])
        self.fresh.append(names[mine])

    def best(self, share: float, toll: float) -> Array:
        """Of all that were found, whatever the price was then, what is best at this one; labels without gaps."""
        keeping = _Keeping(self.homes, self.workers, self.apart, share, toll, self.work)
        verdicts = [self._walk(each, keeping).verdict(self.unit) for each in self.found]
        best = self.found[min(range(len(verdicts)), key=verdicts.__getitem__)]
        labels: Array = np.unique(best, return_inverse=True)[1]
        return labels

    def _walk(
        self, labels: Array, keeping: _Keeping, seed: int = 0, clock: Clock | None = None
    ) -> _KeepingWalk:
        walk = _KeepingWalk(self.town, labels, keeping, seed, clock or Clock())
        walk.unit = self.unit
        return walk

    def _starts(self, *, few: bool) -> Iterator[Array]:
        """Where to begin: today's grids with what is new in the nearest, then with some halved, dissolved or opened."""
        filled = _whole(self.homes, self.town)
        seen = {filled.tobytes()}
        yield filled
        for other in self._others(filled, few=few):
            if other.tobytes() not in seen:
                seen.add(other.tobytes())
                yield other

    def _others(self, filled: Array, *, few: bool) -> Iterator[Array]:
        town = self.town
        estates = self._estates()
        if estates is not None:
            yield estates
        for start in [filled] if estates is None else [filled, estates]:
            weight = np.bincount(start, town.households)
            over, under = (
                np.flatnonzero(weight > town.high),
                np.flatnonzero((weight < town.low) & (weight > 0)),
            )
            over = over[weight[over] >= 2 * town.low] if not few else over
            if len(over):
                yield self._halved(start, over)
            if len(under):
                yield self._dissolved(start, under)
            if not few:
                continue
            for grid in over[:BY_THEMSELVES] if len(over) > 1 else ():
                yield self._halved(start, [grid])
            for grid in under[:BY_THEMSELVES] if len(under) > 1 else ():
                yield self._dissolved(start, [grid])
            if len(over) or len(under):
                yield from self._one_more_or_less(start, weight)

    def _one_more_or_less(self, start: Array, weight: Array) -> Iterator[Array]:
        """Where one grid more or one less fits, that too: the largest is halved, the smallest dissolved."""
        total, grids = weight.sum(), (weight > 0).sum()
        order = np.argsort(weight, kind="stable")
        if (grids + 1) * self.town.low <= total:
            yield from (self._halved(start, [grid]) for grid in order[::-1][:BY_THEMSELVES])
        if grids > 1 and (grids - 1) * self.town.high >= total:
            yield from (self._dissolved(start, [grid]) for grid in order[weight[order] > 0][:BY_THEMSELVES])

    def _estates(self) -> Array | None:
        """New atoms that hang together and are enough for a grid are grids of their own."""
        town, homes = self.town, self.homes.copy()
        new = np.flatnonzero(homes < 0)
        count, of = pieces_of(_inside(town.pairs, new, len(town)), len(new))
        used = int(homes.max(initial=NONE)) + 1
        for piece in range(count):
            atoms = new[of == piece]
            if town.households[atoms].sum() >= town.low:
                k = _grids(town.households[atoms], town.low, town.high)
                homes[atoms] = used + bisected(town.households[atoms], town.xy[atoms], k)
                used += k
        return _whole(homes, town) if used > self.homes.max(initial=NONE) + 1 else None

    def _halved(self, labels: Array, grids: Any) -> Array:
        labels, town = labels.copy(), self.town
        for grid in grids:
            atoms = np.flatnonzero(labels == grid)
            parts = max(2, int(np.ceil(town.households[atoms].sum() / town.high)))
            if len(atoms) >= parts:
                part = bisected(town.households[atoms], town.xy[atoms], parts)
                labels[atoms] = np.where(part == 0, grid, labels.max() + part)
        return _whole(labels, town)

    def _dissolved(self, labels: Array, grids: Any) -> Array:
        """Its atoms go to the nearest others."""
        return _whole(np.where(np.isin(labels, grids), NONE, labels), self.town)


def _whole(labels: Array, town: SomeTown) -> Array:
    """Of each grid the piece with most households stays what it is; other atoms, and those in no grid, go to the nearest along the pairs.

    What no pair joins to a piece that stays is a new grid.
    """
    n = len(town)
    one, other = town.pairs[:, 0], town.pairs[:, 1]
    count, of = pieces_of(town.pairs[labels[one] == labels[other]], n)
    grid = np.zeros(count, np.int64)
    grid[of] = labels
    order = np.lexsort((-np.bincount(of, town.households, count), grid))
    first = order[np.unique(grid[order], return_index=True)[1]]
    stays = np.zeros(count, bool)
    stays[first[grid[first] >= 0]] = True
    kept = np.flatnonzero(stays[of])
    used = int(labels.max(initial=NONE)) + 1
    _, piece = pieces_of(town.pairs, n)
    if not len(kept):
        return piece
    length = np.hypot(*(town.xy[one] - town.xy[other]).T) + 1e-6
    roads = coo_matrix((length, (one, other)), shape=(n, n)).tocsr()
    _, _, nearest = dijkstra(roads, directed=False, indices=kept, min_only=True, return_predecessors=True)
    reached = nearest >= 0
    whole: Array = np.where(reached, labels[np.where(reached, nearest, 0)], used + piece)
    return whole


def _of_the_rest(ends_at: float | None, turns: int) -> float | None:
    """Of the time that is left the share of the next of so many turns; a short one leaves its rest to the others."""
    return None if ends_at is None else max(ends_at - time.monotonic(), 0.0) * min(HEAD_START / turns, 1.0)


def _parts(
    town: Town, bounds: Bounds, workers: Sequence[int] | None, weigh: Weigh = "households"
) -> Iterator[_Part]:
    olds = len(town.grids)
    had = (town.grid >= 0) & (town.community >= 0)
    # Each grid of today is at home where most of its households are.
    where = np.zeros((olds, len(town.communities)))
    np.add.at(where, (town.grid[had], town.community[had]), town.households[had] + 1e-6)
    home_of = where.argmax(axis=1) if len(town.communities) else np.zeros(olds, np.int64)
    for community in range(len(town.communities)):
        atoms = np.flatnonzero(town.community == community)
        if not len(atoms):
            continue
        here = town.grid[atoms]
        at_home = (here >= 0) & (home_of[here] == community if olds else False)
        olds_here = np.unique(here[at_home])
        homes = np.where(at_home, np.searchsorted(olds_here, np.where(at_home, here, 0)), NONE)
        # A label more than there are atoms is never needed.
        who = np.full(len(olds_here) + 2 * len(atoms) + 1, NONE)
        who[: len(olds_here)] = olds_here if workers is None else np.asarray(workers, np.int64)[olds_here]
        yield _Part(
            atoms,
            some_town(
                town.households[atoms],
                town.xy[atoms],
                _inside(town.edges, atoms, len(town)),
                bounds.low,
                bounds.high,
            ),
            homes.astype(np.int64),
            who,
            _inside(town.apart, atoms, len(town)),
            town.minutes[atoms] if weigh == "minutes" and town.minutes[atoms].sum() > 0 else None,
        )


def _still_apart(pairs: Array) -> Array:
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0).reshape(-1, 2)


def _units(town: Town, compound: Array) -> tuple[Array, Array]:
    """Of each atom the compound, one for each community it lies in; and the households of each."""
    key = np.where(
        (compound >= 0) & (town.community >= 0), compound * (len(town.communities) + 1) + town.community, NONE
    )
    values, unit = np.unique(key, return_inverse=True)
    unit = unit.reshape(-1) - int(values[0] == NONE)
    return unit, np.bincount(
        unit[unit >= 0], town.households[unit >= 0], max(int(unit.max(initial=NONE)) + 1, 0)
    )


def _with_left_over(town: Town, unit: Array, weight: Array, bounds: Bounds) -> Array:
    """Compounds large enough to be units, with what is left between them and too small for a grid; `NONE` elsewhere."""
    large = weight >= bounds.low
    unit = np.where((unit >= 0) & large[unit] if len(weight) else False, unit, NONE)
    weight = weight.copy()
    one, other = town.edges[:, 0], town.edges[:, 1]
    own = (town.community[one] == town.community[other]) & (town.community[one] >= 0)
    free = np.flatnonzero((unit < 0) & (town.community >= 0))
    count, of = pieces_of(_inside(town.edges[own], free, len(town)), len(free))
    pieces = [free[of == piece] for piece in range(count)]
    for atoms in sorted(pieces, key=lambda each: (int(town.households[each].sum()), int(each[0]))):
        households = town.households[atoms].sum()
        if households >= bounds.low:
            continue
        mine = np.zeros(len(town), bool)
        mine[atoms] = True
        beside = np.unique(np.concatenate([unit[other[own & mine[one]]], unit[one[own & mine[other]]]]))
        beside = beside[beside >= 0]
        beside = beside[weight[beside] + households <= bounds.high]
        if len(beside):
            joined = beside[weight[beside].argmin()]
            unit[atoms] = joined
            weight[joined] += households
    return unit
