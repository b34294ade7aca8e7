"""Which atoms are neighbours, where no street network is known: two whose circle between them holds no third.

The net joins everything within a community (it holds the shortest tree over all), and nothing across communities.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Atoms at one place are parted by so much, so that they have neighbours too; the same each time.
_APART_M = 0.05


def neighbours(xy: NDArray[np.float64], community: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of atoms `(m, 2)`, the smaller number first, in order."""
    parted = _parted(xy)
    found = [
        members[_gabriel(parted[members])]
        for each in np.unique(community)
        if len(members := np.flatnonzero(community == each)) > 1
    ]
    if not found:
        return np.empty((0, 2), np.int64)
    pairs = np.sort(np.concatenate(found), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int64)


def sides(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pairs of atoms whose surroundings touch, also across communities: grids that lie beside one another on a map."""
    return _candidates(_parted(xy)).reshape(-1, 2)


def _parted(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return xy + np.random.default_rng(0).uniform(-_APART_M, _APART_M, xy.shape)


def _gabriel(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    from scipy.spatial import cKDTree

    pairs = _candidates(xy)
    middles = xy[pairs].mean(axis=1)
    half = np.linalg.norm(xy[pairs[:, 0]] - xy[pairs[:, 1]], axis=1) / 2
    # The two ends are the nearest to the middle between them, or there is a third.
    tree: Any = cKDTree(xy)
    nearest, _who = tree.query(middles)
    kept: NDArray[np.int64] = pairs[nearest >= half * (1 - 1e-9)]
    return kept


def _candidates(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    if len(xy) < 4:
        return np.array([(a, b) for a in range(len(xy)) for b in range(a)], np.int64)
    from scipy.spatial import Delaunay

    corners = Delaunay(xy, qhull_options="QJ Pp").simplices
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)
