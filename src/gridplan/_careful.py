"""The hot loop again, for towns of which more is asked: some atoms may not share a grid, and workloads are to be alike.

Apart from `_annealing`, so that those that ask for neither pay nothing for it.
"""

import numpy as np

from gridplan._annealing import (
    Array,
    Sums,
    _below,
    _chance,
    _compiled,
    _dearer,
    _farther,
    _move,
    _stays_whole,
)


@_compiled
def anneal_with_care(
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
    work: Array,
    work_sums: Array,
    least: float,
    most: float,
) -> int:
    """As `anneal` does. No atom joins a grid that has one of its `apart`; work outside `least` to `most` costs half of what households do."""
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
        met = False
        for at in range(apart_starts[atom], apart_starts[atom + 1]):
            if labels[apart_ends[at]] == b:
                met = True
        if met:
            continue
        h, w = households[atom], work[atom]
        hx, hy = h * x[atom], h * y[atom]
        hq = hx * x[atom] + hy * y[atom]
        change = _dearer(_farther(sums, a, b, h, hx, hy, hq), weight, a, b, h, low, high, price)
        change = _dearer(change, work_sums, a, b, w, least, most, price / 2)
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
