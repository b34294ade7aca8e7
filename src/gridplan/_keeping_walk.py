"""A division on its way that stays near today's: what it is to keep, and what leaving it costs."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from gridplan._keeping import anneal_keeping
from gridplan._partition import BETWEEN_LOOKS, LAST_SWEEPS, Care, Clock, SomeTown, Walk
from gridplan._starting import pieces_of
from gridplan.town import NONE

Array = np.ndarray[Any, Any]

#: Where annealing ends: a single household counts there.
COLDEST = 0.2


@dataclass(frozen=True, eq=False)
class Keeping:
    """What is to be kept: `homes` are labels, `workers` by label, pairs `apart`; `work` of each atom that is to be alike, if any."""

    homes: Array
    workers: Array
    apart: Array
    share: float = 1.0
    toll: float = 0.0
    work: Array | None = None

    @classmethod
    def of_none(cls, town: SomeTown, apart: Array) -> "Keeping":
        return cls(np.full(len(town), NONE), np.full(len(town) + 1, NONE), apart)

    def strange(self, households: Array, grids: Array) -> Array:
        """`(n, grids)`: households that are away from home there, once for the grid and once for the worker, halved. `grids` may be a
        column, one for each atom.
        """
        homes = self.homes[:, None]
        away = (homes >= 0) & (homes != grids)
        theirs = self.workers[homes]
        lost = away & ((theirs != self.workers[grids]) | (theirs < 0))
        strange: Array = households[:, None] * (away * 0.5 + lost * 0.5) + 0.01 * away
        return strange


class KeepingWalk(Walk):
    def __init__(self, town: SomeTown, labels: Array, keeping: Keeping, seed: int, clock: Clock) -> None:
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
        return float(self.keeping.strange(self.town.households, self.labels[:, None]).sum())

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


def filled_in(labels: Array, town: SomeTown) -> Array:
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


def pairs_inside(pairs: Array, atoms: Array, n: int) -> Array:
    where = np.full(n, NONE)
    where[atoms] = np.arange(len(atoms))
    mine = where[pairs.reshape(-1, 2)]
    inside: Array = mine[(mine >= 0).all(axis=1)]
    return inside
