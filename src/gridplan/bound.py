"""How compact a division could be at best, proven: no division within the same bounds lies below the figure given here.

Choosing grids so that every atom is in exactly one is a linear programme with a column for every grid that there could be, once
a grid may be taken in parts. Its dual gives each atom a price, so that no grid costs less than its atoms' prices; the sum of such
prices is a bound for every division. Prices are raised step by step, by a programme over the grids known so far, within a
box around the best prices known; then the grids that are cheaper than their prices are looked for (see `_pricing`), and the prices
around them fall until none is. That is done in full at each step, so the bound holds whenever one stops.

What is left out is only that a grid be one piece (the bound is the lower for it) and that it cannot be taken in parts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix

from gridplan._pricing import cheapest
from gridplan._starting import pieces_of
from gridplan.town import NONE, Division

Array = np.ndarray[Any, Any]

#: Steps for a part of the town that grids do not leave, unless it is proven closely enough before.
ROUNDS = 40
#: What is closely enough: the programme promises no more than this share above what is proven.
ENOUGH = 0.002
#: The largest number of households of a grid for which atoms are taken whole where grids are looked for.
LARGEST_WHOLE = 4_000
#: Half a side of the squares, in root mean square distances: the largest, and the smallest from the first step to the last.
COARSE, FIRST, FINEST = 0.5, 0.25, 0.06
#: So many of the largest squares along a side of the town, at the most; so many times smaller are the smallest.
MOST_SQUARES, DEEPEST = 1_000, 256
#: Half a side of the box of prices, in mean squared distances: at first, and the least.
BOX, WIDE_BOX, LEAST_BOX = 0.3, 0.1, 0.001
#: Smaller squares are looked at once the programme promises no more than this share above what is proven.
NEAR = 0.005
#: What is nearer to its centre than this has no distance.
NOTHING_M = 0.001
#: Numbers are as exact as they are: the bound gives up this share.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Gap:
    """`found` and `least` are household-weighted squared distances (m²) to the centre of one's grid, of the division and of the bound.

    `count`: the bound holds for divisions with as many grids in each part of the town; `None`: with any number.
    `low`, `high`: households of a grid, as far as the division itself goes beyond its bounds. An atom that is larger alone counts
    nothing where it is a grid by itself.
    """

    found: float
    least: float
    households: int
    count: int | None
    low: int
    high: int
    rounds: int

    @property
    def found_m(self) -> float:
        """The root mean square distance to the centre of one's grid."""
        return float(np.sqrt(self.found / max(self.households, 1)))

    @property
    def least_m(self) -> float:
        return float(np.sqrt(self.least / max(self.households, 1)))

    @property
    def share(self) -> float:
        """How far the distance lies above what is proven to be the best possible: 0.1 is 10 %."""
        if self.found <= self.least * (1 + 2 * ROUNDING) or self.found_m < NOTHING_M:
            return 0.0
        return self.found_m / self.least_m - 1 if self.least else float("inf")


def gap(
    division: Division,
    *,
    same_count: bool = False,
    rounds: int = ROUNDS,
    limit_s: float | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Gap:
    """How far a division is from the best possible at most.

    `same_count`: only divisions with as many grids are compared. `limit_s` and `stop` end it early; the bound holds then too.
    """
    town, bounds = division.town, division.bounds
    ends_at = None if limit_s is None else time.monotonic() + limit_s

    def over() -> bool:
        return (ends_at is not None and time.monotonic() > ends_at) or (stop is not None and stop())

    labels, households = division.labels, town.households
    weights = np.bincount(labels[labels >= 0], households[labels >= 0], division.count)
    sizes = np.bincount(labels[labels >= 0], households[labels >= 0] > 0, division.count)
    alone = (weights > bounds.high) & (sizes == 1)
    counted = (labels >= 0) & (households > 0)
    counted[counted] &= ~alone[labels[counted]]
    found = least = 0.0
    steps, low, high = 0, bounds.low, bounds.high
    parts = _parts(division, counted)
    for at, atoms in enumerate(parts):
        block = _Block(town.xy[atoms], households[atoms], labels[atoms], bounds.low, bounds.high, same_count)
        low, high = min(low, block.low), max(high, block.high)
        found += block.found
        least += block.raised(rounds, over)
        steps = max(steps, block.steps)
        if progress:
            progress((at + 1) / len(parts))
    return Gap(
        found=found,
        least=least * (1 - ROUNDING),
        households=int(households[labels >= 0].sum()),
        count=division.count if same_count else None,
        low=low,
        high=high,
        rounds=steps,
    )


def _parts(division: Division, counted: Array) -> list[Array]:
    """The atoms by parts of the town that no grid leaves: what hangs together in a community, and what the division joined beyond that."""
    town, labels = division.town, division.labels
    edges = town.edges
    edges = edges[
        (town.community[edges[:, 0]] == town.community[edges[:, 1]]) & (labels[edges] >= 0).all(axis=1)
    ]
    first = np.full(division.count, NONE)
    inside = np.flatnonzero(labels >= 0)
    first[labels[inside][::-1]] = inside[::-1]
    joined = np.vstack([edges, np.stack([inside, first[labels[inside]]], axis=1)])
    _, of = pieces_of(joined, len(town))
    atoms = np.flatnonzero(counted)
    order = atoms[np.argsort(of[atoms], kind="stable")]
    cuts = np.flatnonzero(np.diff(of[order])) + 1
    return [part for part in np.split(order, cuts) if len(part)]


def spread(xy: Array, households: Array) -> float:
    """The household-weighted squared distance to the common centre."""
    total = households.sum()
    if not total:
        return 0.0
    return float((households * ((xy - households @ xy / total) ** 2).sum(axis=1)).sum())


class _Block:
    """A part of the town on its way to a bound: `prices` are always such that no grid costs less, with the `fee` for each grid."""

    def __init__(
        self, xy: Array, households: Array, labels: Array, low: int, high: int, same_count: bool
    ) -> None:
        self.xy = xy - xy.mean(axis=0)
        self.x, self.y = np.ascontiguousarray(self.xy[:, 0]), np.ascontiguousarray(self.xy[:, 1])
        self.households = np.ascontiguousarray(households, np.int64)
        labels = np.unique(labels, return_inverse=True)[1]
        weights = np.bincount(labels, households)
        self.low, self.high = min(low, int(weights.min())), max(high, int(weights.max()))
        self.count = len(weights)
        self.same_count = same_count
        self.grids: list[Array] = []
        self.costs: list[float] = []
        self.known: set[bytes] = set()
        self.steps = 0
        for grid in range(self.count):
            self._learn(np.flatnonzero(labels == grid))
        self.found = float(sum(self.costs))
        self.mean = self.found / self.households.sum()
        self.extent = float(max(np.ptp(self.x), np.ptp(self.y)))

    def raised(self, rounds: int, over: Callable[[], bool]) -> float:
        """The bound after so many steps."""
        total = self.households.sum()
        if self.mean <= 0 or total < 2 * self.low or (self.same_count and self.count == 1):
            return self.found  # no other number of grids than one, or nothing to gain
        if over():
            return 0.0
        finest, box, free = FIRST, BOX, True
        least, prices, fee = self._first(finest)
        while self.steps < rounds and not over():
            self.steps += 1
            promised, wanted, wanted_fee = self._wanted(prices, fee, box * self.mean, free)
            falls, grids = self._cheaper(wanted, wanted_fee, finest)
            news = sum([self._learn(grid) for grid in grids])
            reached = self._bound(wanted - falls, wanted_fee)
            gain = (reached - least) / max(promised - least, 1e-12 * self.found)
            if reached > least:
                least, prices, fee = reached, wanted - falls, wanted_fee
            box = box * 1.5 if gain > 0.5 else max(box * 0.7, LEAST_BOX) if gain < 0.1 else box
            near = promised - least < NEAR * self.found
            if (near or not news) and finest > FINEST:
                finest /= 2
            elif promised - least < ENOUGH * self.found and box < WIDE_BOX:
                box *= 2  # is it the box alone that keeps prices from rising?
            elif free and self.same_count and (near or self.steps > rounds / 2):
                free, box = False, WIDE_BOX
            elif promised - least < ENOUGH * self.found:
                break
        return max(least, 0.0)

    def _first(self, finest: float) -> tuple[float, Array, float]:
        """Prices flat over each grid of the division, as high as pays."""
        flat = np.empty(len(self.households))
        for grid, cost in zip(self.grids[: self.count], self.costs, strict=False):
            flat[grid] = min(cost / self.households[grid].sum(), 1.5 * self.mean)
        best = (-np.inf, np.zeros_like(flat), 0.0)
        for part in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            prices = self.households * flat * part
            prices = prices - self._cheaper(prices, 0.0, finest)[0]
            if (reached := self._bound(prices, 0.0)) <= best[0]:
                break
            best = (reached, prices, 0.0)
        return best

    def _bound(self, prices: Array, fee: float) -> float:
        return float(prices.sum() + self.count * fee)

    def _cheaper(self, prices: Array, fee: float, finest: float) -> tuple[Array, list[Array]]:
        """By how much prices must fall, and grids that cost less than theirs."""
        unit = float(np.sqrt(self.mean))
        # Where a grid is one spot and the next far away, squares of its size would never end.
        half = max(COARSE * unit, self.extent / MOST_SQUARES)
        falls, atoms, starts = cheapest(
            self.x,
            self.y,
            self.households,
            prices,
            fee,
            self.low,
            self.high,
            half,
            max(finest * unit, half / DEEPEST),
            self.high <= LARGEST_WHOLE,
        )
        return self.households * falls, _each(atoms, starts)

    def _wanted(self, prices: Array, fee: float, box: float, free: bool) -> tuple[float, Array, float]:
        """The best prices within the box as far as the grids known tell, and what bound they promise. `free`: a grid has no fee, as if there could be any number."""
        sizes = np.array([len(grid) for grid in self.grids])
        rows = np.repeat(np.arange(len(sizes)), sizes)
        n = len(prices)
        inside = csr_matrix(
            (np.ones(len(rows)), (rows, np.concatenate(self.grids))), shape=(len(sizes), n + 1)
        )
        if self.same_count:
            inside = (
                inside
                + coo_matrix(
                    (np.ones(len(sizes)), (np.arange(len(sizes)), np.full(len(sizes), n))), shape=inside.shape
                )
            ).tocsr()
        scale = self.mean  # so that the solver's tolerances suit
        centre = np.append(prices, fee) / scale
        width = np.append(self.households, 0 if free else self.low) * (box / scale)
        gains = np.append(np.ones(n), self.count if self.same_count else 0)
        solved = linprog(
            -gains,
            A_ub=inside,
            b_ub=np.array(self.costs) / scale,
            bounds=np.stack([centre - width, centre + width], axis=1),
            method="highs-ds",
        )
        if solved.x is None:
            return self._bound(prices, fee), prices, fee
        return -solved.fun * scale, solved.x[:n] * scale, float(solved.x[n] * scale)

    def _learn(self, grid: Array) -> bool:
        """Whether it was not known."""
        key = np.sort(grid).tobytes()
        if key in self.known:
            return False
        self.known.add(key)
        self.grids.append(grid)
        self.costs.append(spread(self.xy[grid], self.households[grid]))
        return True


def _each(atoms: Array, starts: Array) -> list[Array]:
    """The atoms of each grid, in their order."""
    return [np.sort(atoms[begin:end]) for begin, end in pairwise(starts)]
