"""How far households lie from the middle of their grid."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def spread(xy: Array, households: Array) -> float:
    """The household-weighted squared distance to the common centre."""
    total = households.sum()
    if not total:
        return 0.0
    return float((households * ((xy - households @ xy / total) ** 2).sum(axis=1)).sum())
