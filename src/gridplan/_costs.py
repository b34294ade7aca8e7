"""What a grid costs, and which cost less than they are priced at: on open ground by straight distances, on foot along streets."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from gridplan._pricing import cheapest, cheapest_on_foot

Array = np.ndarray[Any, Any]
#: By how much prices must fall, and grids: atoms one after another, and where each begins.
Cheaper = tuple[Array, Array, Array]

#: The largest number of households of a grid for which atoms are taken whole where grids are looked for.
LARGEST_WHOLE = 4_000
#: Half a side of the squares, in root mean square distances: the largest, and the smallest by how finely one looks.
COARSE, FINE = 0.5, (0.25, 0.125, 0.0625, 0.03125)
#: Shares of the ground for each thread, since some are dearer than others.
SHARES = 4
#: So many of the largest squares along a side of the town, at the most; so many times smaller are the smallest.
MOST_SQUARES, DEEPEST = 1_000, 256


class OpenGround:
    """A grid costs its spread around its own centre. Atoms lie from west to east."""

    def __init__(
        self, xy: Array, households: Array, mean: float, low: int, high: int, threads: int = 1
    ) -> None:
        self.xy = xy - xy.mean(axis=0)
        self.x, self.y = np.ascontiguousarray(self.xy[:, 0]), np.ascontiguousarray(self.xy[:, 1])
        self.households, self.low, self.high, self.threads = households, low, high, threads
        self.unit = float(np.sqrt(mean))
        self.extent = float(max(np.ptp(self.x), np.ptp(self.y)))

    def costs(self, atoms: Array, starts: Array) -> Array:
        households, begins = self.households[atoms], starts[:-1]
        weight = np.add.reduceat(households, begins)
        far = np.zeros(len(atoms))
        for along in (self.x, self.y):
            middle = np.add.reduceat(households * along[atoms], begins) / weight
            far += (along[atoms] - np.repeat(middle, np.diff(starts))) ** 2
        found: Array = np.add.reduceat(households * far, begins)
        return found

    def cheaper(self, prices: Array, fee: float, fineness: int) -> Cheaper:
        # Where a grid is one spot and the next far away, squares of its size would never end.
        half = max(COARSE * self.unit, self.extent / MOST_SQUARES)
        finest = max(FINE[fineness] * self.unit, half / DEEPEST)

        def share(number: int, shares: int) -> Cheaper:
            found: Cheaper = cheapest(
                self.x,
                self.y,
                self.households,
                prices,
                fee,
                self.low,
                self.high,
                half,
                finest,
                self.high <= LARGEST_WHOLE,
                number,
                shares,
            )
            return found

        falls, atoms, starts = _shared(share, self.threads)
        return self.households * falls, atoms, starts


class StreetGround:
    """A grid costs the squared ways from that door to which they are shortest, even if it is none of its own. `squares` `(middles, n)`."""

    def __init__(self, squares: Array, households: Array, low: int, high: int, threads: int = 1) -> None:
        self.squares, self.households = squares, households
        self.low, self.high, self.threads = low, high, threads

    def costs(self, atoms: Array, starts: Array) -> Array:
        grids = [atoms[begin:end] for begin, end in pairwise(starts.tolist())]
        return np.array(
            [(self.squares[:, grid] @ self.households[grid].astype(float)).min() for grid in grids]
        )

    def cheaper(self, prices: Array, fee: float, fineness: int) -> Cheaper:  # noqa: ARG002 - there are no squares to quarter
        def share(number: int, shares: int) -> Cheaper:
            found: Cheaper = cheapest_on_foot(
                self.squares,
                self.households,
                prices,
                fee,
                self.low,
                self.high,
                self.high <= LARGEST_WHOLE,
                number,
                shares,
            )
            return found

        falls, atoms, starts = _shared(share, self.threads)
        return self.households * falls, atoms, starts


def _shared(share: Callable[[int, int], Cheaper], threads: int) -> Cheaper:
    """Several threads look, each at a share of the ground and then at the next; the answer is the same as if one did."""
    if threads == 1:
        return share(0, 1)
    shares = threads * SHARES
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(share, range(shares), [shares] * shares))
    falls = np.max([each[0] for each in parts], axis=0)
    atoms = np.concatenate([each[1] for each in parts])
    begins = np.cumsum([0, *(len(each[1]) for each in parts)])
    starts = [each[2][1:] + begin for each, begin in zip(parts, begins, strict=False)]
    return falls, atoms, np.concatenate([[0], *starts]).astype(np.int64)
