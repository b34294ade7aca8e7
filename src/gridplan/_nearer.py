"""A division made better by the very ways on foot, where all ways between the doors of a community are known.

The plane that stands for the ways (`_walked`) is only nearly right: what it led to is annealed again, and what is made small is what is
told in the end, households times the squared way from the middle door of their grid. Of every grid it is kept what each door of the
community would cost as its middle, so a move asks the doors of two grids and no more.
"""

from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra

from gridplan._annealing import _below, _chance, _compiled, _stays_whole
from gridplan._partition import ALIKE, BETWEEN_LOOKS, LAST_SWEEPS, Care, Clock, SomeTown
from gridplan.links import walks
from gridplan.town import Town

Array = np.ndarray[Any, Any]

#: So many atoms of a community at most: all ways between them are kept, 4 bytes each.
MOST = 4_000
#: Ways are found from so many atoms at a time.
AT_A_TIME = 256
#: What no way joins lies so far away, in metres.
AWAY_M = 1e5
#: Tries for each atom, and the temperature at the start and the end, in mean squared ways of a household; `WARM` where what comes of
#: it is to stay near to what was there. Six divisions of three towns of 1,000 buildings: without this 51.1 m, with 1,200 tries from 20 down to
#: 0.5 50.3 m, with these 48.2 m.
SWEEPS, HOT, WARM, COLD = 2_400, 200.0, 20.0, 2.0
#: Tries of all atoms together at most, each some 3 µs.
TRIES = 2_400_000


def nearer_on_foot(
    town: Town,
    small: SomeTown,
    of: Array,
    labels: Array,
    seed: int,
    clock: Clock,
    *,
    care: Care | None,
    near: bool,
) -> Array:
    """Labels with shorter ways, or the same; `near`: such as lie near to them. `small` is the town with some atoms (`of`) taken as one. No
    grid gets farther from the bounds, and none that are to be apart meet.
    """
    costs = None if labels.max() < 1 else costs_on_foot(town, of, len(small), clock)
    if costs is None:
        return labels
    return cooled_on_foot(small, of, labels, costs, seed, clock, care=care, near=near)


def cooled_on_foot(
    small: SomeTown,
    of: Array,
    labels: Array,
    costs: Array,
    seed: int,
    clock: Clock,
    *,
    care: Care | None,
    near: bool = True,
    price: Array | None = None,
) -> Array:
    """The same where the costs are known. `price` `(n, grids)`: what it costs beside that an atom lies in a grid."""
    walk = _OnFoot(small, of, labels, costs, seed, care, price)
    before, heat = walk.far(), WARM if near else HOT
    sweeps = min(SWEEPS, TRIES // len(small))
    for sweep in range(sweeps):
        if sweep % BETWEEN_LOOKS == 0 and clock.late():
            break
        walk.sweep(heat * (COLD / heat) ** (sweep / sweeps))
    for _ in range(LAST_SWEEPS):
        walk.sweep(0.0)
    return walk.labels if walk.far() < before else labels


def costs_on_foot(town: Town, of: Array, n: int, clock: Clock) -> Array | None:
    """`(n, atoms)`: what each of `n` costs where an atom is the middle of its grid, households times squared way. None where there are more
    than `MOST` atoms, or no time is left.
    """
    if len(town) > MOST:
        return None
    costs = np.zeros((n, len(town)), np.float32)
    every, graph = np.arange(len(town)), walks(town)
    for begin in range(0, len(town), AT_A_TIME):
        if clock.late():
            return None
        some = every[begin : begin + AT_A_TIME]
        far = np.atleast_2d(dijkstra(graph, directed=False, indices=some))[:, : len(town)]
        far = np.where(np.isfinite(far), far, AWAY_M) ** 2 * town.households
        if n == len(town):
            costs[of, begin : begin + len(some)] = far.T
        else:
            np.add.at(costs[:, begin : begin + len(some)], of, far.T)
    return costs


class _OnFoot:
    """One division on its way."""

    def __init__(
        self,
        small: SomeTown,
        of: Array,
        labels: Array,
        costs: Array,
        seed: int,
        care: Care | None,
        price: Array | None,
    ) -> None:
        n, k = len(small), int(labels.max()) + 1
        self.town, self.labels, self.costs = small, labels.astype(np.int64), costs
        self.weights = np.bincount(labels, small.households, k)
        self.counts = np.bincount(labels, minlength=k)
        self.sums = np.zeros((k, costs.shape[1]))
        for atom in range(n):
            self.sums[labels[atom]] += costs[atom]
        order = np.argsort(of, kind="stable")
        self.doors = np.searchsorted(of[order], np.arange(n + 1)), order
        self.held = _lists(self.labels, k)
        both = np.vstack([care.apart, care.apart[:, ::-1]]) if care else np.empty((0, 2), np.int64)
        both = both[np.lexsort((both[:, 1], both[:, 0]))]
        self.apart = np.searchsorted(both[:, 0], np.arange(n + 1)), both[:, 1].astype(np.int64)
        self.work = np.zeros(n) if care is None or care.work is None else np.asarray(care.work, float)
        self.work_sums = np.bincount(labels, self.work, k)
        mean = self.work.sum() / k
        self.band = mean * (1 - ALIKE), mean * (1 + ALIKE)
        self.least = np.zeros(k)
        for grid in range(k):
            self.least[grid] = self.sums[grid, labels[of] == grid].min()
        self.price = np.zeros((n, 0), np.float32) if price is None else price
        # A grid of which no way leads to some part says nothing of how far ways are.
        joined = self.least < AWAY_M**2
        self.unit = max(float(self.least[joined].sum()) / max(small.households.sum(), 1.0), 1e-9)
        self.state = np.array([(seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64], np.uint64)
        self.mark, self.stamp = np.zeros(n, np.int64), 0

    def far(self) -> float:
        """Households times squared ways of all, and the price of where they lie."""
        priced = self.price[np.arange(len(self.labels)), self.labels].sum() if self.price.shape[1] else 0.0
        return float(self.least.sum() + priced)

    def sweep(self, heat: float) -> None:
        town = self.town
        self.stamp = _anneal(
            self.labels,
            town.households,
            town.starts,
            town.ends,
            self.costs,
            self.sums,
            self.least,
            self.weights,
            self.counts,
            *self.held,
            *self.doors,
            *self.apart,
            self.price,
            self.work,
            self.work_sums,
            *self.band,
            town.low,
            town.high,
            heat * self.unit,
            self.state,
            self.mark,
            self.stamp,
        )


def _lists(labels: Array, k: int) -> tuple[Array, Array, Array]:
    """The atoms of each grid, linked both ways: the first of each grid, the next and the last of each atom; -1 where there is none."""
    first, after, before = np.full(k, -1), np.full(len(labels), -1), np.full(len(labels), -1)
    for atom, grid in enumerate(labels.tolist()):
        if first[grid] >= 0:
            after[atom], before[first[grid]] = first[grid], atom
        first[grid] = atom
    return first, after, before


@_compiled
def _without(
    sums: Array,
    costs: Array,
    leaving: int,
    grid: int,
    first: Array,
    after: Array,
    door_starts: Array,
    doors: Array,
) -> float:
    """What a grid costs once an atom has left it."""
    least = np.inf
    atom = first[grid]
    while atom >= 0:
        if atom != leaving:
            for at in range(door_starts[atom], door_starts[atom + 1]):
                least = min(least, sums[doors[at]] - costs[doors[at]])
        atom = after[atom]
    return least


@_compiled
def _with(
    sums: Array,
    costs: Array,
    coming: int,
    grid: int,
    first: Array,
    after: Array,
    door_starts: Array,
    doors: Array,
) -> float:
    """What a grid costs once an atom has come to it."""
    least = np.inf
    for at in range(door_starts[coming], door_starts[coming + 1]):
        least = min(least, sums[doors[at]] + costs[doors[at]])
    atom = first[grid]
    while atom >= 0:
        for at in range(door_starts[atom], door_starts[atom + 1]):
            least = min(least, sums[doors[at]] + costs[doors[at]])
        atom = after[atom]
    return least


@_compiled
def _beyond(value: float, low: float, high: float) -> float:
    return max(low - value, 0.0) + max(value - high, 0.0)


@_compiled
def _worse(one: float, other: float, goes: float, low: float, high: float) -> bool:
    """Whether two sums lie farther outside once so much goes from the one to the other."""
    now = _beyond(one, low, high) + _beyond(other, low, high)
    return bool(_beyond(one - goes, low, high) + _beyond(other + goes, low, high) > now + 1e-9)


@_compiled
def _meets(atom: int, grid: int, apart_starts: Array, apart: Array, labels: Array) -> bool:
    for at in range(apart_starts[atom], apart_starts[atom + 1]):  # noqa: SIM110 - the compiler knows no generators
        if labels[apart[at]] == grid:
            return True
    return False


@_compiled
def _goes_over(atom: int, a: int, b: int, first: Array, after: Array, before: Array) -> None:
    """From the list of one grid to the front of another's."""
    if before[atom] >= 0:
        after[before[atom]] = after[atom]
    else:
        first[a] = after[atom]
    if after[atom] >= 0:
        before[after[atom]] = before[atom]
    before[atom], after[atom] = -1, first[b]
    if first[b] >= 0:
        before[first[b]] = atom
    first[b] = atom


@_compiled
def _anneal(
    labels: Array,
    households: Array,
    starts: Array,
    ends: Array,
    costs: Array,
    sums: Array,
    least: Array,
    weights: Array,
    counts: Array,
    first: Array,
    after: Array,
    before: Array,
    door_starts: Array,
    doors: Array,
    apart_starts: Array,
    apart: Array,
    price: Array,
    work: Array,
    work_sums: Array,
    work_low: float,
    work_high: float,
    low: float,
    high: float,
    heat: float,
    state: Array,
    mark: Array,
    stamp: int,
) -> int:
    """Proposes as many moves as there are atoms, at one temperature, and makes those that it allows; gives the stamp of the last question."""
    n = len(labels)
    queue = np.empty(n, np.int64)
    for _ in range(n):
        atom = _below(state, n)
        degree = starts[atom + 1] - starts[atom]
        if degree == 0:
            continue
        b = labels[ends[starts[atom] + _below(state, degree)]]
        a = labels[atom]
        if a == b or counts[a] == 1:
            continue
        if (
            _worse(weights[a], weights[b], households[atom], low, high)
            or _worse(work_sums[a], work_sums[b], work[atom], work_low, work_high)
            or _meets(atom, b, apart_starts, apart, labels)
        ):
            continue
        left = _without(sums[a], costs[atom], atom, a, first, after, door_starts, doors)
        grown = _with(sums[b], costs[atom], atom, b, first, after, door_starts, doors)
        change = left + grown - least[a] - least[b]
        if price.shape[1] > 0:
            change += price[atom, b] - price[atom, a]
        if change > 0 and (heat <= 0 or _chance(state) >= np.exp(-change / heat)):
            continue
        stamp += 2
        if not _stays_whole(atom, starts, ends, labels, mark, queue, stamp):
            continue
        _goes_over(atom, a, b, first, after, before)
        labels[atom] = b
        sums[a] -= costs[atom]
        sums[b] += costs[atom]
        least[a], least[b] = left, grown
        weights[a] -= households[atom]
        weights[b] += households[atom]
        work_sums[a] -= work[atom]
        work_sums[b] += work[atom]
        counts[a] -= 1
        counts[b] += 1
    return stamp
