"""The hot loop: atoms at the edges of grids change over while a temperature falls. Compiled; arrays only.

What is made small is the household-weighted squared distance to the centre of one's grid, plus a price for every household
outside the bounds. Of a grid it needs sums only (households, households times position, their squares), so a move is judged in
constant time; whether a grid stays in one piece is asked of the atom's neighbours first and of the grid's own atoms then.
"""

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]
#: Of every grid: households, households × x, households × y, households × squared position, atoms.
Sums = tuple[Array, Array, Array, Array, Array]


def _compiled(function: Any) -> Any:
    """Compiled at its first call; what came of it is kept where that can be written, and else compiled in each process."""
    try:
        return njit(function, cache=True, nogil=True)
    except RuntimeError:  # nowhere to keep it
        return njit(function, nogil=True)


def _written_in(function: Any) -> Any:
    """Compiled as if it were written where it is called: a call would cost the hot loops one part in twenty."""
    return njit(function, inline="always")


@_compiled
def _next(state: Array) -> int:
    """Sixty-four bits by xorshift: the same on every machine, which a library's generator need not be."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x  # type: ignore[no-any-return] # numba has no types


@_compiled
def _below(state: Array, n: int) -> np.int64:
    return np.int64((_next(state) >> np.uint64(33)) % np.uint64(n))


@_compiled
def _chance(state: Array) -> np.float64:
    return np.float64(_next(state) >> np.uint64(11)) / 9007199254740992.0


@_compiled
def _stays_whole(
    atom: int, starts: Array, ends: Array, labels: Array, mark: Array, queue: Array, stamp: int
) -> bool:
    """Whether the grid of the atom is one piece without it. `mark`, `queue`: room to work in; `stamp`: two above the last."""
    grid = labels[atom]
    wanted = 0
    first = -1
    for at in range(starts[atom], starts[atom + 1]):
        near = ends[at]
        if labels[near] == grid and mark[near] != stamp:
            mark[near] = stamp
            wanted += 1
            first = near
    if wanted == 0:
        return False
    if wanted == 1:
        return True
    # From one neighbour through the grid until the others are met.
    mark[first] = stamp + 1
    mark[atom] = stamp + 1
    queue[0] = first
    head, tail, met = 0, 1, 1
    while head < tail:
        here = queue[head]
        head += 1
        for at in range(starts[here], starts[here + 1]):
            near = ends[at]
            if labels[near] != grid or mark[near] == stamp + 1:
                continue
            if mark[near] == stamp:
                met += 1
                if met == wanted:
                    return True
            mark[near] = stamp + 1
            queue[tail] = near
            tail += 1
    return False


@_compiled
def _spread(weight: float, mx: float, my: float, square: float) -> float:
    return square - (mx * mx + my * my) / weight if weight > 0 else 0.0


@_compiled
def _outside(weight: float, low: float, high: float, price: float) -> float:
    """The price of what is missing or too much."""
    if weight < low:
        return price * (low - weight)
    if weight > high:
        return price * (weight - high)
    return 0.0


@_compiled
def sums_of(labels: Array, k: int, households: Array, x: Array, y: Array) -> Sums:
    """For each grid: households, households × position, households × squared position, atoms."""
    weight, mx, my, square = np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)
    count = np.zeros(k, np.int64)
    for atom in range(len(labels)):
        grid, h = labels[atom], households[atom]
        weight[grid] += h
        mx[grid] += h * x[atom]
        my[grid] += h * y[atom]
        square[grid] += h * (x[atom] * x[atom] + y[atom] * y[atom])
        count[grid] += 1
    return weight, mx, my, square, count


@_written_in
def _move(sums: Sums, a: int, b: int, h: float, hx: float, hy: float, hq: float) -> None:
    """One atom's part of the sums goes from grid `a` to grid `b`."""
    weight, mx, my, square, count = sums
    weight[a] -= h
    mx[a] -= hx
    my[a] -= hy
    square[a] -= hq
    count[a] -= 1
    weight[b] += h
    mx[b] += hx
    my[b] += hy
    square[b] += hq
    count[b] += 1


@_written_in
def _farther(sums: Sums, a: int, b: int, h: float, hx: float, hy: float, hq: float) -> float:
    """By how much both grids spread more once an atom goes from `a` to `b`."""
    weight, mx, my, square, _ = sums
    farther: float = (
        _spread(weight[a] - h, mx[a] - hx, my[a] - hy, square[a] - hq)
        + _spread(weight[b] + h, mx[b] + hx, my[b] + hy, square[b] + hq)
        - _spread(weight[a], mx[a], my[a], square[a])
        - _spread(weight[b], mx[b], my[b], square[b])
    )
    return farther


@_written_in
def _dearer(
    change: float, weight: Array, a: int, b: int, h: float, low: float, high: float, price: float
) -> float:
    """The change, and what is outside the bounds then. Added up one by one, so that all who ask round alike."""
    dearer: float = (
        change
        + _outside(weight[a] - h, low, high, price)
        + _outside(weight[b] + h, low, high, price)
        - _outside(weight[a], low, high, price)
        - _outside(weight[b], low, high, price)
    )
    return dearer


@_compiled
def anneal(
    labels: Array,
    households: Array,
    x: Array,
    y: Array,
    starts: Array,
    ends: Array,
    sums: Sums,
    low: float,
    high: float,
    heat: float,
    price: float,
    among: Array,
    state: Array,
    mark: Array,
    stamp: int,
) -> int:
    """Proposes as many moves of atoms `among` these as they are, at one temperature, and makes those that it allows: changes `labels`, `sums`, `mark`, `state`.

    Gives the stamp of the last question, which the next call goes on from.
    """
    weight, _, _, _, count = sums
    queue = np.empty(len(labels), np.int64)
    for _ in range(len(among)):
        atom = among[_below(state, len(among))]
        degree = starts[atom + 1] - starts[atom]
        if degree == 0:
            continue
        b = labels[ends[starts[atom] + _below(state, degree)]]
        a = labels[atom]
        if a == b or count[a] == 1:
            continue
        h = households[atom]
        hx, hy = h * x[atom], h * y[atom]
        hq = hx * x[atom] + hy * y[atom]
        change = _dearer(_farther(sums, a, b, h, hx, hy, hq), weight, a, b, h, low, high, price)
        if change > 0 and (heat <= 0 or _chance(state) >= np.exp(-change / heat)):
            continue
        stamp += 2
        if not _stays_whole(atom, starts, ends, labels, mark, queue, stamp):
            continue
        labels[atom] = b
        _move(sums, a, b, h, hx, hy, hq)
    return stamp
