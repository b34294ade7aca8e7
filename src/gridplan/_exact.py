"""Whether a small place can be divided within the bounds at all: asked of a solver of whole numbers, which proves a no."""

from math import ceil
from typing import Any

import numpy as np
from scipy.optimize import Bounds as Between
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix

Array = np.ndarray[Any, Any]

#: Larger places are not asked about: the answer would take too long.
ATOMS = 40
#: So many seconds for each number of grids.
PATIENCE_S = 5.0
_FOUND, _NONE = 0, 2


def grouping(
    households: Array, pairs: Array, apart: Array, low: float, high: float
) -> tuple[Array | None, bool]:
    """Labels within the bounds and in one piece each, if there are any; and whether a no is proven."""
    total, proven = float(households.sum()), True
    if len(households) > ATOMS:
        return None, False
    for k in range(max(1, ceil(total / high)), int(total // low) + 1):
        labels, sure = _into(k, households, pairs, apart, low, high)
        if labels is not None:
            return labels, True
        proven = proven and sure
    return None, proven


def _into(
    k: int, households: Array, pairs: Array, apart: Array, low: float, high: float
) -> tuple[Array | None, bool]:
    """Each grid has one root that sends out as many units as it has atoms; they flow along pairs inside the grid only.

    Roots come in the order of the grids, so that the same grouping is met less often.
    """
    n = len(households)
    arcs = np.vstack([pairs, pairs[:, ::-1]])
    m = len(arcs)
    member = np.arange(n * k).reshape(k, n)
    root, flow = n * k + member, 2 * n * k + np.arange(m * k).reshape(k, m)
    rows: list[tuple[Array, Array, float, float]] = [(member[:, atom], np.ones(k), 1, 1) for atom in range(n)]
    for grid in range(k):
        rows.append((member[grid], households.astype(float), low, high))
        rows.append((root[grid], np.ones(n), 1, 1))
        for one, other in apart:
            rows.append((member[grid, [one, other]], np.ones(2), 0, 1))
        for atom in range(n):
            rows.append((np.array([root[grid, atom], member[grid, atom]]), np.array([1, -1]), -np.inf, 0))
            # In through the arcs, out through them, one stays with each member; the root takes what it needs from nowhere.
            into, out = flow[grid, arcs[:, 1] == atom], flow[grid, arcs[:, 0] == atom]
            which = np.concatenate([into, out, [member[grid, atom]], [root[grid, atom]]])
            rows.append((which, np.repeat([1.0, -1.0, -1.0, n], [len(into), len(out), 1, 1]), 0, np.inf))
        for arc, (one, other) in enumerate(arcs):
            rows += [
                (np.array([flow[grid, arc], member[grid, end]]), np.array([1.0, 1 - n]), -np.inf, 0)
                for end in (one, other)
            ]
        if grid:
            places = np.arange(n, dtype=float)
            which = np.concatenate([root[grid], root[grid - 1]])
            rows.append((which, np.concatenate([places, -places]), 1, np.inf))
    count = 2 * n * k + m * k
    sizes = [len(which) for which, _, _, _ in rows]
    table = coo_matrix(
        (
            np.concatenate([value for _, value, _, _ in rows]),
            (np.repeat(np.arange(len(rows)), sizes), np.concatenate([which for which, _, _, _ in rows])),
        ),
        shape=(len(rows), count),
    )
    whole = np.concatenate([np.ones(2 * n * k), np.zeros(m * k)])
    top = np.concatenate([np.ones(2 * n * k), np.full(m * k, n)])
    answer = milp(
        np.zeros(count),
        integrality=whole,
        bounds=Between(0, top),
        constraints=LinearConstraint(
            table.tocsr(), [each for _, _, each, _ in rows], [each for _, _, _, each in rows]
        ),
        options={"time_limit": PATIENCE_S},
    )
    if answer.status == _FOUND and answer.x is not None:
        return np.round(answer.x[: n * k]).reshape(k, n).argmax(axis=0).astype(np.int64), True
    return None, answer.status == _NONE
