"""Numbers for the grids of a new division that say which of the former ones they are, so that names and colours stay."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def alike(before: Ints, after: Ints, weights: Ints, *, fixed: Ints) -> dict[int, int]:
    """Label of `after` → its number: that of the former grid which most of its households were in, each given once.

    Grids with atoms that were `fixed` (their label, else -1) have their number already; new ones take what is free.
    """
    from scipy.optimize import linear_sum_assignment

    held = set(np.unique(fixed[fixed >= 0]).tolist())
    number = {label: label for label in held}
    new = [label for label in np.unique(after[after >= 0]).tolist() if label not in held]
    old = [label for label in np.unique(before[before >= 0]).tolist() if label not in held]
    if new and old:
        common = np.zeros((len(new), len(old)))
        both = np.isin(after, new) & np.isin(before, old)
        rows, columns = np.searchsorted(new, after[both]), np.searchsorted(old, before[both])
        # Of grids without households their atoms count.
        np.add.at(common, (rows, columns), weights[both] + 1e-6)
        for row, column in zip(*linear_sum_assignment(common, maximize=True), strict=True):
            if common[row, column] > 0:
                number[new[row]] = old[column]
    taken = set(number.values())
    free = (each for each in range(len(before) + len(new)) if each not in taken)
    for label in new:
        if label not in number:
            number[label] = next(free)
    return number


def renumbered(labels: Ints, number: dict[int, int]) -> Ints:
    """The labels by their new numbers; what lies in no grid stays so."""
    table = np.full(int(labels.max(initial=-1)) + 2, -1, np.int64)
    for label, given in number.items():
        table[label] = given
    return table[labels]
