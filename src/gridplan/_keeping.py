"""The hot loop again, for a division that shall stay near today's: a household that changes its grid, or its worker, costs something."""

import numpy as np

from gridplan._annealing import (
    Array,
    Sums,
    _below,
    _chance,
    _compiled,
    _move,
    _outside,
    _spread,
    _stays_whole,
)


@_compiled
def _strange(atom: int, label: int, homes: Array, workers: Array) -> float:
    """0 at home, 1 in another grid, 2 in one with another worker. Who has no home is a stranger nowhere."""
    home = homes[atom]
    if home < 0 or home == label:
        return 0.0
    return 1.0 if workers[home] == workers[label] and workers[home] >= 0 else 2.0


@_compiled
def _quarrels(atom: int, label: int, labels: Array, apart_starts: Array, apart_ends: Array) -> int:
    """How many of the atoms that it may not share a grid with are there."""
    met = 0
    for at in range(apart_starts[atom], apart_starts[atom + 1]):
        if labels[apart_ends[at]] == label:
            met += 1
    return met


@_compiled
def anneal_keeping(
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
    apart_starts: Array,
    apart_ends: Array,
    homes: Array,
    workers: Array,
    share: float,
    toll: float,
    work: Array,
    work_sums: Array,
    least: float,
    most: float,
) -> int:
    """As `anneal` does, with `share` of the spread and a `toll` for each household for being a stranger.

    Homes are labels. Work outside `least` to `most` costs half of what households do, by the same `share`. Two atoms that may not share a grid cost as much together as if `low` households were outside the bounds.
    """
    weight, mx, my, square, count = sums
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
        h, w = households[atom], work[atom]
        hx, hy = h * x[atom], h * y[atom]
        hq = hx * x[atom] + hy * y[atom]
        change = (
            share
            * (
                _spread(weight[a] - h, mx[a] - hx, my[a] - hy, square[a] - hq)
                + _spread(weight[b] + h, mx[b] + hx, my[b] + hy, square[b] + hq)
                - _spread(weight[a], mx[a], my[a], square[a])
                - _spread(weight[b], mx[b], my[b], square[b])
                + _outside(work_sums[a] - w, least, most, price / 2)
                + _outside(work_sums[b] + w, least, most, price / 2)
                - _outside(work_sums[a], least, most, price / 2)
                - _outside(work_sums[b], least, most, price / 2)
            )
            + _outside(weight[a] - h, low, high, price)
            + _outside(weight[b] + h, low, high, price)
            - _outside(weight[a], low, high, price)
            - _outside(weight[b], low, high, price)
            # A shop has no household and still rather stays.
            + toll * (h + 0.01) * (_strange(atom, b, homes, workers) - _strange(atom, a, homes, workers)) / 2
        )
        if apart_starts[atom] < apart_starts[atom + 1]:
            worse = _quarrels(atom, b, labels, apart_starts, apart_ends)
            change += price * low * (worse - _quarrels(atom, a, labels, apart_starts, apart_ends))
        if change > 0 and (heat <= 0 or _chance(state) >= np.exp(-change / heat)):
            continue
        stamp += 2
        if not _stays_whole(atom, starts, ends, labels, mark, queue, stamp):
            continue
        labels[atom] = b
        _move(sums, a, b, h, hx, hy, hq)
        work_sums[a] -= w
        work_sums[b] += w
    return stamp
