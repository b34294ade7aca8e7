"""A first division: halves of halves along the longer axis, as many households each as grids are to come of it."""

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

Array = np.ndarray[Any, Any]


def bisected(households: Array, xy: Array, k: int) -> Array:
    """A label below `k` for each atom; every label is used where there are `k` atoms. Pieces may not hang together."""
    labels = np.zeros(len(households), np.int64)
    todo = [(np.arange(len(households)), k, 0)]
    while todo:
        atoms, parts, first = todo.pop()
        if parts == 1 or len(atoms) == 1:
            labels[atoms] = first
            continue
        half = parts // 2
        order = atoms[np.argsort((xy[atoms] - xy[atoms].mean(axis=0)) @ _long_axis(xy[atoms]), kind="stable")]
        cut = _cut(households[order], half / parts)
        cut = max(
            half if len(atoms) >= parts else 1, min(cut, len(atoms) - min(parts - half, len(atoms) - 1))
        )
        todo += [(order[:cut], half, first), (order[cut:], parts - half, first + half)]
    return labels


def _long_axis(xy: Array) -> Array:
    away = xy - xy.mean(axis=0)
    axis: Array = np.linalg.eigh(away.T @ away)[1][:, 1]
    # Of an axis both directions are right, and which is given differs between machines.
    return axis if axis[np.abs(axis).argmax()] > 0 else -axis


def _cut(households: Array, share: float) -> int:
    """How many of the atoms, in their order, hold about this share of the households."""
    total = np.cumsum(households)
    wanted = total[-1] * share
    cut = int(np.searchsorted(total, wanted))
    before = total[cut - 1] if cut else 0
    return cut + bool(cut < len(total) and total[cut] - wanted < wanted - before)


def pieces_of(pairs: Array, n: int) -> tuple[int, Array]:
    """How many pieces the pairs leave of `n` atoms, and of each atom which."""
    joined = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, of = connected_components(joined, directed=False)
    return int(count), of.astype(np.int64)


def made_whole(labels: Array, households: Array, xy: Array, pairs: Array) -> Array:
    """Of each grid the piece with most households stays; the atoms of its other pieces go to the nearest along the pairs.

    What no pair joins to a piece that stays is a grid of its own.
    """
    n = len(labels)
    count, of = pieces_of(pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]], n)
    weight = np.bincount(of, households, count)
    grid = np.zeros(count, np.int64)
    grid[of] = labels
    order = np.lexsort((-weight, grid))
    stays = np.zeros(count, bool)
    stays[order[np.unique(grid[order], return_index=True)[1]]] = True
    kept = np.flatnonzero(stays[of])
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) + 1e-6  # two doors of one spot are still two
    roads = coo_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()
    _, _, nearest = dijkstra(roads, directed=False, indices=kept, min_only=True, return_predecessors=True)
    reached = nearest >= 0
    whole = np.where(reached, labels[np.where(reached, nearest, 0)], labels.max() + 1 + of)
    return np.unique(whole, return_inverse=True)[1].astype(np.int64)


def parted(labels: Array, households: Array, pairs: Array, apart: Array, low: float, high: float) -> Array:
    """No two that are `apart` share a grid, and every grid is one piece: whoever clashes most leaves first.

    What is too small by that joins a neighbour in which nobody is apart from it, if it has room.
    """
    labels = labels.copy()
    while len(clash := apart[labels[apart[:, 0]] == labels[apart[:, 1]]]):
        times = np.bincount(clash.ravel(), minlength=len(labels))
        # Of those that clash most often the lightest.
        labels[np.lexsort((households, -times))[0]] = labels.max() + 1
    labels = pieces_of(pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]], len(labels))[1]
    weight = np.bincount(labels, households)
    refused: set[int] = set()
    while True:
        small = [
            grid
            for grid in np.flatnonzero(weight < low).tolist()
            if grid not in refused and (labels == grid).any()
        ]
        if not small:
            return np.unique(labels, return_inverse=True)[1].astype(np.int64)
        grid = min(small, key=lambda each: (weight[each], each))
        host = _host(grid, labels, weight, pairs, apart, high)
        if host is None:
            refused.add(grid)
            continue
        labels[labels == grid] = host
        weight[host] += weight[grid]
        weight[grid] = 0.0


def _host(grid: int, labels: Array, weight: Array, pairs: Array, apart: Array, high: float) -> int | None:
    """The lightest neighbour that has room for the grid and nobody apart from it."""
    one, other = labels[pairs[:, 0]], labels[pairs[:, 1]]
    near = np.unique(np.concatenate([other[one == grid], one[other == grid]]))
    left, right = labels[apart[:, 0]], labels[apart[:, 1]]
    foes = np.concatenate([right[left == grid], left[right == grid]])
    near = near[(near != grid) & ~np.isin(near, foes) & (weight[near] + weight[grid] <= high)]
    return int(near[weight[near].argmin()]) if len(near) else None
