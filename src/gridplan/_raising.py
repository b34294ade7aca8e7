"""The prices of atoms on their way up, step by step; their sum is a bound after each.

A programme over the grids known so far says how far prices might rise, within a box around the best prices known; then the grids that
are cheaper than their prices are looked for, and the prices around them fall until none is. In a large town the programme is
cut into regions, which are solved one by one, other regions' prices held: of a grid that lies in several each may use its share of
what is left. The next step cuts elsewhere. Whatever the programme wants, prices count only once they have fallen: so the bound never
depends on where it was cut.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from itertools import compress, pairwise
from typing import Any, Protocol

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

#: What is closely enough: the programme promises no more than this share above what is proven.
ENOUGH = 0.002
#: How finely the first step looks and the last; coarser looks make prices fall for nothing.
FIRST, FINEST = 1, 3
#: Half a side of the box of prices, in squared distances of one's own grid: at first, and the least.
BOX, WIDE_BOX, LEAST_BOX = 0.3, 0.1, 0.001
#: One looks more finely once the programme promises no more than this share above what is proven.
NEAR = 0.005
#: Atoms of a region, at the most.
REGION = 600
#: So many grids are kept in mind, at the most: beyond, those that are far too dear to matter are forgotten.
KEPT = 400_000


class Ground(Protocol):
    """Where grids lie, and what they cost there."""

    def costs(self, atoms: Array, starts: Array) -> Array:
        """Of grids: atoms one after another, and where each begins."""

    def cheaper(self, prices: Array, fee: float, fineness: int) -> tuple[Array, Array, Array]:
        """By how much the price of each atom must fall so that no grid costs less than its atoms' prices and the fee; grids that do, as
        atoms one after another and where each begins.
        """


class Block:
    """A part of the town that no grid leaves: `prices` are always such that no grid costs less, with the `fee` for each grid."""

    def __init__(
        self,
        ground: Ground,
        xy: Array,
        households: Array,
        labels: Array,
        low: int,
        found: float,
        *,
        same_count: bool,
        threads: int = 1,
    ) -> None:
        self.ground, self.xy, self.households, self.low = ground, xy, households, low
        self.same_count, self.threads = same_count, threads
        self.count = int(labels.max()) + 1
        self.known: set[bytes] = set()
        self.keys: list[bytes] = []
        self.members, self.starts = np.empty(0, np.int32), np.zeros(1, np.int64)
        self.costs = np.empty(0)
        order = np.argsort(labels, kind="stable")
        self._learn(order, np.searchsorted(labels[order], np.arange(self.count + 1)))
        self.found, self.cost = found, float(self.costs.sum())
        self.mean = self.cost / households.sum()
        self.steps = 0

    def raised(self, rounds: int, over: Callable[[], bool]) -> Iterator[float]:
        """The bound as it rises, step by step, at most so many."""
        if self.mean <= 0 or self.households.sum() < 2 * self.low or (self.same_count and self.count == 1):
            yield self.found  # no other number of grids than one, or nothing to gain
            return
        if over():
            return
        fineness, free = FIRST, True
        least, prices, fee = self._first(over)
        yield max(least, 0.0)
        box = np.full(len(prices), BOX)
        while self.steps < rounds and not over():
            self.steps += 1
            region = regions(self.xy, len(prices) if self.same_count else REGION, self.steps)
            wanted, wanted_fee = self._wanted(prices, fee, box * self.mean, region, free=free)
            falls, atoms, starts = self.ground.cheaper(wanted, wanted_fee, fineness)
            news = self._learn(atoms, starts)
            reached = self._bound(wanted - falls, wanted_fee)
            promised = self._bound(wanted, wanted_fee)
            gains = self._gains(region, wanted - prices, falls, promised - least)
            if reached > least:
                least, prices, fee = reached, wanted - falls, wanted_fee
            yield max(least, 0.0)
            self._forget(prices, fee, box * self.mean)
            box = np.where(
                gains > 0.5, box * 1.5, np.where(gains < 0.1, np.maximum(box * 0.7, LEAST_BOX), box)
            )
            near = promised - least < NEAR * self.cost
            if (near or not news) and fineness < FINEST:
                fineness += 1
            elif promised - least < ENOUGH * self.cost and np.median(box) < WIDE_BOX:
                box = box * 2  # is it the box alone that keeps prices from rising?
            elif free and self.same_count and (near or self.steps > rounds / 2):
                free, box = False, np.full(len(prices), WIDE_BOX)
            elif promised - least < ENOUGH * self.cost:
                break

    def _gains(self, region: Array, rises: Array, falls: Array, promised: float) -> Array:
        """Of what each region was promised the share that it kept, for each atom."""
        if region.max() == 0:
            kept = float(rises.sum() - falls.sum()) / max(promised, 1e-12 * self.cost)
            return np.full(len(rises), kept)
        hoped = np.maximum(np.bincount(region, rises), 1e-12 * self.cost)
        return ((np.bincount(region, rises - falls)) / hoped)[region]

    def _first(self, over: Callable[[], bool]) -> tuple[float, Array, float]:
        """Prices flat over each grid of the division, as high as pays."""
        weight = np.add.reduceat(self.households[self.members], self.starts[:-1])
        flat = np.empty(len(self.households))
        flat[self.members] = np.repeat(np.minimum(self.costs / weight, 1.5 * self.mean), np.diff(self.starts))
        best = (-np.inf, np.zeros_like(flat), 0.0)
        for part in (0.4, 0.55, 0.7, 0.85):
            prices = self.households * flat * part
            falls, atoms, starts = self.ground.cheaper(prices, 0.0, FIRST)
            self._learn(atoms, starts)
            prices = prices - falls
            if (reached := self._bound(prices, 0.0)) <= best[0]:
                break
            best = (reached, prices, 0.0)
            if over():
                break
        return best

    def _bound(self, prices: Array, fee: float) -> float:
        return float(prices.sum() + self.count * fee)

    def _wanted(
        self, prices: Array, fee: float, box: Array, region: Array, *, free: bool
    ) -> tuple[Array, float]:
        """The best prices within the box as far as the grids known tell. `free`: a grid has no fee, as if there could be any number."""
        lengths = np.diff(self.starts)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        weight, priced, room = (
            np.add.reduceat(each[self.members], self.starts[:-1])
            for each in (self.households, prices, box * self.households)
        )
        slack = np.maximum(self.costs - priced - fee, 0.0)
        fee_room = 0.0 if free else self.low * float(box.mean())
        # What cannot become too dear within the box need not be asked.
        asked = (slack < room + fee_room)[rows]
        rows, members = rows[asked], self.members[asked]
        order = np.argsort(region[members], kind="stable")
        cuts = np.searchsorted(region[members][order], np.arange(region.max() + 2))

        def solved(number: int) -> tuple[Array, Array, float]:
            here = order[cuts[number] : cuts[number + 1]]
            atoms = np.flatnonzero(region == number) if region.max() else np.arange(len(prices))
            grids, row = np.unique(rows[here], return_inverse=True)
            column = np.searchsorted(atoms, members[here])
            mine = np.bincount(row, self.households[members[here]], len(grids)) / weight[grids]
            return atoms, *self._solved(
                (row, column),
                slack[grids] * mine,
                prices[atoms],
                (box * self.households)[atoms],
                (fee, fee_room),
            )

        wanted, wanted_fee = prices.copy(), fee
        for atoms, rises, wanted_fee in self._each(solved, len(cuts) - 1):  # noqa: B007 - the last one's is told
            wanted[atoms] = rises
        return wanted, wanted_fee

    def _each(
        self, solved: Callable[[int], tuple[Array, Array, float]], count: int
    ) -> Sequence[tuple[Array, Array, float]]:
        """Regions know nothing of one another: threads share them, since the solver leaves others running."""
        if self.threads == 1 or count == 1:
            return [solved(number) for number in range(count)]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(solved, range(count)))

    def _solved(
        self,
        entries: tuple[Array, Array],
        slack: Array,
        prices: Array,
        width: Array,
        fee: tuple[float, float],
    ) -> tuple[Array, float]:
        """How far prices rise from where they are, in the unit of the mean, so that the solver's tolerances suit."""
        n = len(prices)
        if not len(slack):
            return prices + width, fee[0]
        shape = (len(slack), n + 1)
        ones = np.ones(len(entries[0]))
        inside = csr_matrix((ones, entries), shape=shape)
        gains, width = np.ones(n + 1), np.append(width, fee[1]) / self.mean
        gains[n] = self.count if self.same_count else 0
        if self.same_count:
            rows = np.arange(len(slack))
            inside = (
                inside + csr_matrix((np.ones(len(rows)), (rows, np.full(len(rows), n))), shape=shape)
            ).tocsr()
        solved = linprog(
            -gains,
            A_ub=inside,
            b_ub=slack / self.mean,
            bounds=np.stack([-width, width], axis=1),
            method="highs-ds",
        )
        if solved.x is None:
            return prices, fee[0]
        return prices + solved.x[:n] * self.mean, fee[0] + float(solved.x[n] * self.mean)

    def _learn(self, atoms: Array, starts: Array) -> int:
        """How many of these grids were not known."""
        lengths = np.diff(starts)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        sorted_atoms = atoms[np.lexsort((atoms, rows))].astype(np.int32)
        content = sorted_atoms.tobytes()
        fresh = np.zeros(len(lengths), bool)
        for row, (begin, end) in enumerate(pairwise((starts * sorted_atoms.itemsize).tolist())):
            key = blake2b(content[begin:end], digest_size=16).digest()
            if key not in self.known:
                fresh[row] = True
                self.known.add(key)
                self.keys.append(key)
        if fresh.any():
            news = sorted_atoms[fresh[rows]]
            begins = np.concatenate([[0], np.cumsum(lengths[fresh])])
            self.members = np.concatenate([self.members, news])
            self.starts = np.concatenate([self.starts, self.starts[-1] + begins[1:]])
            self.costs = np.concatenate([self.costs, self.ground.costs(news, begins)])
        return int(fresh.sum())

    def _forget(self, prices: Array, fee: float, box: Array) -> None:
        """Of too many grids those stay that might become cheap soonest, as far as one can tell; the others may be found once more."""
        if len(self.costs) <= KEPT:
            return
        priced, room = (
            np.add.reduceat(each[self.members], self.starts[:-1]) for each in (prices, box * self.households)
        )
        order = np.argsort((self.costs - priced - fee) / np.maximum(room, 1e-12), kind="stable")
        stays = np.zeros(len(order), bool)
        stays[order[: KEPT // 2]] = True
        lengths = np.diff(self.starts)
        self.members = self.members[np.repeat(stays, lengths)]
        self.starts = np.concatenate([[0], np.cumsum(lengths[stays])])
        self.costs = self.costs[stays]
        self.keys = list(compress(self.keys, stays.tolist()))
        self.known = set(self.keys)


def regions(xy: Array, most: int, turn: int) -> Array:
    """Cuts a place into regions of so many atoms at the most, each turn elsewhere; of each atom which."""
    of = np.zeros(len(xy), np.int64)
    todo, used = [(np.arange(len(xy)), 0)], 0
    while todo:
        atoms, depth = todo.pop()
        if len(atoms) <= most:
            of[atoms] = used
            used += 1
            continue
        wide = np.ptp(xy[atoms], axis=0)
        order = atoms[np.argsort(xy[atoms, int(wide[1] > wide[0])], kind="stable")]
        # From 0.3 to 0.7, as evenly as the golden section is.
        cut = round(len(atoms) * (0.3 + 0.4 * ((turn * 0.618034 + depth * 0.414214) % 1)))
        todo += [(order[:cut], depth + 1), (order[cut:], depth + 1)]
    return of
