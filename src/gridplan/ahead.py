"""Compiles what dividing needs before anybody waits for it: `python -m gridplan.ahead [MARK]`.

The hot loops are compiled at their first call, half a minute in all, and then kept on disk: in `NUMBA_CACHE_DIR`, else beside the code, else
in the user's own folder. Where it is done the file `MARK` is made, if one is named.
"""

import os
import sys
from pathlib import Path
from typing import Literal

WAYS: tuple[Literal["straight", "walking"], ...] = ("straight", "walking")


def compile_ahead() -> None:
    """Divides, revises and bounds a town of a few doors, in each of the ways that are compiled apart."""
    import numpy as np

    from gridplan import Bounds, Town, absorb, divide, exact, fewest_moved, gap, partition

    n = 36
    spots = np.stack([np.arange(n) % 6, np.arange(n) // 6], axis=1) * 40 + np.arange(n)[:, None] % 5
    xy = spots.astype(np.float64)
    right = np.flatnonzero(np.arange(n) % 6 < 5)
    up = np.arange(n - 6)
    edges = np.vstack([np.stack([right, right + 1], axis=1), np.stack([up, up + 6], axis=1)])

    def town(atoms: int, apart: list[tuple[int, int]]) -> Town:
        return Town(
            names=tuple(map(str, range(atoms))),
            households=np.full(atoms, 40),
            xy=xy[:atoms],
            edges=edges[(edges < atoms).all(axis=1)],
            community=np.zeros(atoms, np.int64),
            communities=("one",),
            minutes=np.full(atoms, 60.0),
            grid=np.where(np.arange(atoms) % 9 == 8, -1, np.arange(atoms) * 4 // atoms),
            grids=("a", "b", "c", "d"),
            apart=np.array(apart, np.int64).reshape(-1, 2),
        )

    bounds, place = Bounds(150, 450), town(n, [(0, n - 1)])
    partition(place.households, xy, edges, low=150, high=450)
    absorb(place, bounds=bounds)
    for way in WAYS:
        gap(divide(place, bounds=bounds, weigh="minutes", distance=way), rounds=1, distance=way)
    exact(town(6, []), bounds)
    fewest_moved(town(6, []), bounds)


def main() -> None:
    if hasattr(os, "nice"):
        os.nice(19)
    compile_ahead()
    if len(sys.argv) > 1:
        mark = Path(sys.argv[1])
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


if __name__ == "__main__":
    main()
