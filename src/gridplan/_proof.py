"""What a proof says of a division, apart from how it is found: who only tells it need not load a compiler."""

from dataclasses import dataclass

import numpy as np

from gridplan.town import Distance

#: Steps for a part of the town that grids do not leave, unless it is proven closely enough before.
ROUNDS = 40
#: What is nearer to its centre than this has no distance.
NOTHING_M = 0.001
#: Numbers are as exact as they are: the bound gives up this share.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Gap:
    """`found` and `least` are household-weighted squared distances (m²) to the centre of one's grid, of the division and of the bound.
    On foot they are squared ways to that of the grid's doors to which the ways are shortest.

    `count`: the bound holds for divisions with as many grids in each part of the town; `None`: with any number.
    `low`, `high`: households of a grid, as far as the division itself goes beyond its bounds. An atom that is larger alone counts
    nothing where it is a grid by itself. `distance`: which ways the figures are about.
    """

    found: float
    least: float
    households: int
    count: int | None
    low: int
    high: int
    rounds: int
    distance: Distance = "straight"

    @property
    def found_m(self) -> float:
        """The root mean square distance to the centre of one's grid."""
        return float(np.sqrt(self.found / max(self.households, 1)))

    @property
    def least_m(self) -> float:
        return float(np.sqrt(self.least / max(self.households, 1)))

    @property
    def share(self) -> float:
        """How far `found_m` lies above what is proven to be the best possible: 0.1 is 10 %."""
        if self.found <= self.least * (1 + 2 * ROUNDING) or self.found_m < NOTHING_M:
            return 0.0
        return self.found_m / self.least_m - 1 if self.least else float("inf")
