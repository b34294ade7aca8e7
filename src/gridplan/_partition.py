"""The bare core of division: atoms, what joins them, and bounds; by simulated annealing from a balanced first division."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridplan._annealing import Sums, anneal, sums_of
from gridplan._careful import anneal_with_care
from gridplan._starting import bisected, made_whole, parted, pieces_of
from gridplan.town import BadTown

Array = np.ndarray[Any, Any]

#: How full a grid is meant to be, from `low` (0) to `high` (1). Fuller grids need fewer workers, emptier ones lie closer
#: together; below a fifth the bounds leave too little room to move in.
FULLNESS = 0.25
#: Tries for each atom, so many that a town of 2,000 takes eight times as long as METIS, and of 50,000 four times as long.
SWEEPS, SWEEPS_OF_MANY, MANY = 2_400, 800, 10_000
#: Temperature at the start and the end, in mean squared distances to the centre of one's first grid; `WARM` where a division
#: that is there already shall be improved.
HOT, WARM, COLD = 100.0, 10.0, 2.0
#: What a household outside the bounds costs, in the same unit; at the start this share of it, so that grids can wander.
PRICE, PRICE_AT_FIRST = 100.0, 0.02
#: Sweeps without any heat at the end.
LAST_SWEEPS = 12
#: Where a grid is not within the bounds, it and the grids around it are warmed up again: how often, how long, and how many
#: times dearer a household outside is then. Each time one more ring of grids takes part.
WARM_UPS, SWEEPS_OF_WARM_UP, DEARER = 8, 600, 10.0
#: Temperatures between two looks at the clock.
BETWEEN_LOOKS = 8
#: Work of a grid is alike where it is so near to the mean of its piece of town.
ALIKE = 0.1


class Clock:
    """When to end, and whom to tell how far it is."""

    def __init__(
        self,
        limit_s: float | None = None,
        stop: Callable[[], bool] | None = None,
        tell: Callable[[float], None] | None = None,
    ) -> None:
        self.ends_at = None if limit_s is None else time.monotonic() + limit_s
        self.stop, self.tell = stop, tell
        self.was_late = False

    def late(self) -> bool:
        self.was_late = (
            self.was_late
            or (self.ends_at is not None and time.monotonic() > self.ends_at)
            or (self.stop is not None and self.stop())
        )
        return self.was_late


@dataclass(frozen=True)
class Care:
    """What else is asked of a division: pairs `apart` `(k, 2)`, and `work` `(n,)` that is to be alike in every grid, if any."""

    apart: Array
    work: Array | None = None


@dataclass
class SomeTown:
    households: Array
    xy: Array
    pairs: Array
    starts: Array
    ends: Array
    low: float
    high: float
    x: Array
    y: Array

    def __len__(self) -> int:
        return len(self.households)


def partition(
    households: Array,
    xy: Array,
    edges: Array,
    *,
    low: int = 300,
    high: int = 500,
    seed: int = 0,
    limit_s: float | None = None,
) -> Array:
    """Divides atoms into grids of `low` to `high` households, each in one piece, as compact as it can.

    Args:
        households: `(n,)`, how many households each atom has; none (a shop, a school) is 0.
        xy: `(n, 2)`, positions in metres.
        edges: `(m, 2)`, pairs of atoms that one can walk between; a grid is one piece along these.
        low: the smallest number of households of a grid.
        high: the largest. An atom with more than `high` is a grid by itself, or with neighbours that
            nothing else reaches. Where pairs leave a piece of the town too small for the bounds, its grid is too small.
        seed: the same gives the same grids, unless the time limit ends it.
        limit_s: ends after about so many seconds with the best so far.

    Returns:
        `(n,)` integers from 0 without gaps. Compact means: the household-weighted mean squared distance to the centre
        of one's grid is small.

    Raises:
        BadTown: shapes that do not fit together, households below nothing, positions that are no numbers, pairs of atoms
            that are not there, bounds that no number lies between.

    """
    town = some_town(households, xy, edges, low, high)
    if not len(town):
        return np.zeros(0, np.int64)
    return divided(town, seed, Clock(limit_s))


def divided(
    town: SomeTown, seed: int, clock: Clock, *, care: Care | None = None, start: Array | None = None
) -> Array:
    """Labels from 0 without gaps. From `start`, where there is one, less heat leads away."""
    labels = made_whole(_first(town) if start is None else start, town.households, town.xy, town.pairs)
    if care:
        labels = parted(labels, town.households, town.pairs, care.apart, town.low, town.high)
    labels = _annealed(town, labels, seed, clock, care, HOT if start is None else WARM)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def some_town(households: Array, xy: Array, edges: Array, low: float, high: float) -> SomeTown:
    weight, places = np.asarray(households, float), np.asarray(xy, float)
    pairs = np.asarray(edges).reshape(-1, 2) if np.size(edges) == 0 else np.asarray(edges)
    n = len(weight) if weight.ndim == 1 else -1
    if n < 0 or places.shape != (n, 2):
        said = f"households has the shape {weight.shape}, xy {places.shape}"
        raise BadTown(f"There must be a position of two numbers for each atom: {said}.")
    if not (np.isfinite(weight).all() and np.isfinite(places).all()) or (weight < 0).any():
        raise BadTown("Households must be numbers from 0, positions must be numbers.")
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise BadTown(f"edges must be pairs of atoms: its shape is {pairs.shape}.")
    if pairs.size and (pairs.dtype.kind not in "iu" or pairs.min() < 0 or pairs.max() >= n):
        raise BadTown(f"edges must name atoms by integers from 0 to {n - 1}.")
    if not 0 < low <= high:
        raise BadTown(f"The bounds must be above 0 and in order: low is {low}, high {high}.")
    pairs = pairs.astype(np.int64)
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    both = np.vstack([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    places = places - places.mean(axis=0) if n else places  # sums of squares lose nothing near zero
    return SomeTown(
        weight,
        places,
        pairs,
        np.searchsorted(both[:, 0], np.arange(n + 1)),
        np.ascontiguousarray(both[:, 1]),
        float(low),
        float(high),
        np.ascontiguousarray(places[:, 0]),
        np.ascontiguousarray(places[:, 1]),
    )


def _first(town: SomeTown) -> Array:
    """Each piece of the town is divided for itself, into as many grids as suit its households."""
    count, of = pieces_of(town.pairs, len(town))
    order = np.argsort(of, kind="stable")
    labels, used = np.zeros(len(town), np.int64), 0
    for atoms in np.split(order, np.searchsorted(of[order], np.arange(1, count))):
        k = grids_of(town.households[atoms], town.low, town.high)
        labels[atoms] = bisected(town.households[atoms], town.xy[atoms], k) + used
        used += k
    return labels


def grids_of(households: Array, low: float, high: float) -> int:
    """How many: an atom that is too large is one, of the rest as many as `FULLNESS` says, where the bounds allow it."""
    large = households > high
    rest = households[~large].sum()
    wanted = round(rest / (low + FULLNESS * (high - low)))
    fewest, most = int(np.ceil(rest / high)), int(rest // low)
    return max(1, int(large.sum()) + (min(max(wanted, fewest), most) if most >= fewest else most))


def _annealed(
    town: SomeTown, labels: Array, seed: int, clock: Clock, care: Care | None, heat: float
) -> Array:
    walk = Walk(town, labels, seed, clock, care)
    sweeps = SWEEPS if len(town) <= MANY else SWEEPS_OF_MANY
    walk.cool(np.arange(len(town)), sweeps, heat, PRICE * PRICE_AT_FIRST, PRICE)
    best, least = walk.labels.copy(), walk.faults()
    for turn in range(WARM_UPS):
        if not least[0] or clock.late():
            break
        outside = walk.outside()
        there = outside[walk.labels] > 0
        if turn % 2:
            # Moving alone has not helped: there may be one grid too many here, or too few.
            walk.take(_regrouped(town, walk.labels, outside, care))
        walk.cool(_around(town, walk.labels, there, 2 + turn), SWEEPS_OF_WARM_UP, HOT, PRICE, PRICE * DEARER)
        if (now := walk.faults()) < least:
            best, least = walk.labels.copy(), now
    return best


def _around(town: SomeTown, labels: Array, atoms: Array, rings: int) -> Array:
    """The atoms of the grids that these belong to (a truth for each) and of so many rings of grids about them."""
    one, other = labels[town.pairs[:, 0]], labels[town.pairs[:, 1]]
    reached = np.zeros(labels.max() + 1, bool)
    reached[labels[atoms]] = True
    for _ in range(rings):
        grown = reached.copy()
        grown[one[reached[other]]] = True
        grown[other[reached[one]]] = True
        reached = grown
    return np.flatnonzero(reached[labels])


def _regrouped(town: SomeTown, labels: Array, outside: Array, care: Care | None) -> Array:
    """Each grid that is too small goes to its smallest neighbour, each that has room for two is halved."""
    labels = labels.copy()
    for grid in np.flatnonzero(outside):
        weight = np.bincount(labels, town.households)
        atoms = np.flatnonzero(labels == grid)
        if not len(atoms):
            continue
        if weight[grid] < town.low:
            one, other = labels[town.pairs[:, 0]], labels[town.pairs[:, 1]]
            near = np.concatenate([other[one == grid], one[other == grid]])
            near = near[near != grid]
            if len(near):
                labels[atoms] = near[weight[near].argmin()]
        elif weight[grid] >= 2 * town.low and len(atoms) > 1:
            halves = bisected(town.households[atoms], town.xy[atoms], 2)
            labels[atoms[halves == 1]] = labels.max() + 1
    labels = made_whole(labels, town.households, town.xy, town.pairs)
    return parted(labels, town.households, town.pairs, care.apart, town.low, town.high) if care else labels


class Walk:
    """One division on its way; `labels` and `sums` are changed in place."""

    def __init__(
        self, town: SomeTown, labels: Array, seed: int, clock: Clock, care: Care | None = None
    ) -> None:
        self.town, self.clock, self.care = town, clock, care
        if care:
            both = np.vstack([care.apart, care.apart[:, ::-1]])
            both = both[np.lexsort((both[:, 1], both[:, 0]))]
            self.apart = np.searchsorted(both[:, 0], np.arange(len(town) + 1)), both[:, 1].copy()
            # In the unit of households, so that both cost alike.
            work = np.zeros(len(town)) if care.work is None else care.work
            self.work = work * (town.households.sum() / max(work.sum(), 1e-9))
        self.take(labels)
        self.unit = 0.0
        self.unit = max(self.faults()[1] / max(town.households.sum(), 1.0), 1e-9)
        # Xorshift must not begin with nothing; the constant is an odd one by chance.
        self.state = np.array([(seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64)
        self.mark, self.stamp = np.zeros(len(town), np.int64), 0

    def take(self, labels: Array) -> None:
        town = self.town
        self.labels = labels
        grids = int(labels.max()) + 1
        self.sums: Sums = sums_of(labels, grids, town.households, town.x, town.y)
        if self.care:
            self.work_sums = np.bincount(labels, self.work, grids)
            mean = self.work.sum() / grids
            any_work = self.care.work is not None
            self.band = (mean * (1 - ALIKE), mean * (1 + ALIKE)) if any_work else (0.0, np.inf)

    def faults(self) -> tuple[float, float]:
        """Households outside the bounds, then how far everybody is: of two divisions the smaller is better."""
        weight, mx, my, square, _ = self.sums
        some = weight > 0
        spread = square[some] - (mx[some] ** 2 + my[some] ** 2) / weight[some]
        return float(self.outside().sum()), float(spread.sum()) + self._uneven()

    def _uneven(self) -> float:
        """What work that is not alike costs, in the unit of the spread."""
        if not self.care or self.care.work is None:
            return 0.0
        least, most = self.band
        away = np.maximum(least - self.work_sums, 0) + np.maximum(self.work_sums - most, 0)
        return float(away.sum()) * PRICE / 2 * self.unit

    def outside(self) -> Array:
        """Of each grid: how many households are missing or too many, where another division could change that."""
        town, weight, count = self.town, self.sums[0], self.sums[4]
        away: Array = np.maximum(town.low - weight, 0) + np.maximum(weight - town.high, 0)
        one, other = self.labels[town.pairs[:, 0]], self.labels[town.pairs[:, 1]]
        has_neighbours = np.zeros(len(away), bool)
        has_neighbours[one[one != other]] = True
        has_neighbours[other[one != other]] = True
        away[
            (count == 0) | ((weight > town.high) & (count == 1)) | ((weight < town.low) & ~has_neighbours)
        ] = 0
        return away

    def cool(self, among: Array, sweeps: int, heat: float, price: float, last_price: float) -> None:
        """From hot to cold, while a household outside the bounds becomes dearer."""
        for sweep in range(sweeps):
            part = sweep / sweeps
            if sweep % BETWEEN_LOOKS == 0:
                if self.clock.late():
                    break
                if self.clock.tell:
                    self.clock.tell(part)
            self._sweep(among, heat * (COLD / heat) ** part, price * (last_price / price) ** part)
        for _ in range(LAST_SWEEPS):
            self._sweep(among, 0.0, last_price)

    def _sweep(self, among: Array, heat: float, price: float) -> None:
        given = self._given(among, heat, price)
        if self.care:
            self.stamp = anneal_with_care(*given, *self.apart, self.work, self.work_sums, *self.band)
        else:
            self.stamp = anneal(*given)

    def _given(self, among: Array, heat: float, price: float) -> tuple[Any, ...]:
        """What every loop asks for first."""
        town = self.town
        return (
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
        )
