"""Colours of grids on a map: a grid keeps the colour that it has today, and no grid has its neighbour's."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.nets import neighbours, sides

Ints = NDArray[np.int64]

#: More colours than these nobody tells apart.
HUES = 8


def hues_of(touching: Ints, labels: Ints, wanted: Mapping[int, int]) -> dict[int, int]:
    """Label → number of its colour: the wanted one, or the next that no neighbour has; `touching` is of `touching_in`.

    Whoever is in `wanted` chooses first, so that a grid that goes on keeps its colour and a new one gives way.
    """
    around = _around(touching, labels)
    found: dict[int, int] = {}
    for label in sorted(around, key=lambda each: (each not in wanted, each)):
        taken = {found[other] for other in around[label] if other in found}
        first = wanted.get(label, label)
        free = (hue for step in range(HUES) if (hue := (first + step) % HUES) not in taken)
        found[label] = next(free, first % HUES)
    return found


def touching_in(content: Content) -> Ints:
    """Pairs of atoms `(m, 2)` whose surroundings touch, so that their grids lie beside one another on a map."""
    return sides(content.xy)


def beside(content: Content) -> Ints:
    """Pairs of neighbours `(m, 2)` that lie in different communities; `content.edges` has those within one."""
    pairs = neighbours(content.xy, np.zeros(len(content), np.int64))
    one, other = content.community[pairs[:, 0]], content.community[pairs[:, 1]]
    apart: Ints = pairs[one != other]
    return apart


def _around(touching: Ints, labels: Ints) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {int(label): set() for label in np.unique(labels) if label != NONE}
    ends = np.unique(labels[touching], axis=0)
    for one, other in ends.tolist():
        if one != other and NONE not in (one, other):
            found[one].add(other)
            found[other].add(one)
    return found
