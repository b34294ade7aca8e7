"""Division by ways on foot: the plane is bent so that straight distances are nearly the walked ones."""

from typing import Any

import numpy as np

from gridplan.links import walking_distances
from gridplan.town import Town

Array = np.ndarray[Any, Any]

#: So many atoms tell where all others lie.
LANDMARKS = 300


def bent(distances: Array, landmarks: Array, xy: Array) -> Array:
    """Positions whose distances are near to the walked ones (landmark multidimensional scaling).

    `distances` `(l, n)` are walked from each landmark to each atom. What is not reached keeps its place.
    """
    reached: Array = np.atleast_1d(np.isfinite(distances).all(axis=0))
    marks: Array = reached[landmarks]
    if marks.sum() < 3:
        return xy
    square = distances[marks] ** 2
    own = square[:, landmarks[marks]]
    mean = own.mean(axis=0)
    centred = -0.5 * (own - mean[:, None] - mean[None, :] + own.mean())
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    values, vectors = values[-2:], vectors[:, -2:]
    if values.min() <= 0:
        return xy
    places = xy.copy()
    places[reached] = (-0.5 * (vectors / np.sqrt(values)).T @ (square[:, reached] - mean[:, None])).T
    # Turned and shifted to lie over the map, so that pieces that kept their place stay beside.
    there, here = xy[reached], places[reached]
    u, _, v = np.linalg.svd((here - here.mean(axis=0)).T @ (there - there.mean(axis=0)))
    places[reached] = (here - here.mean(axis=0)) @ (u @ v) + there.mean(axis=0)
    return places


def spread_over(count: int, xy: Array) -> Array:
    """Atoms far from one another: each next is the farthest from those before."""
    chosen = [int(np.hypot(*(xy - xy.mean(axis=0)).T).argmin())]
    away = np.hypot(*(xy - xy[chosen[0]]).T)
    while len(chosen) < min(count, len(xy)):
        chosen.append(int(away.argmax()))
        away = np.minimum(away, np.hypot(*(xy - xy[chosen[-1]]).T))
    return np.unique(chosen)


def walked_places(town: Town, atoms: Array) -> Array:
    """Positions of these atoms whose straight distances are about the ways between them."""
    marks = spread_over(LANDMARKS, town.xy[atoms])
    return bent(walking_distances(town, atoms, atoms[marks]), marks, town.xy[atoms])


def on_foot(town: Town, labels: Array, grids: Array | None = None) -> float:
    """Households times squared way to the atom of their grid to which the ways are shortest; of these grids, or of all."""
    total = 0.0
    for grid in range(int(labels.max()) + 1) if grids is None else grids:
        atoms = np.flatnonzero(labels == grid)
        far = np.nan_to_num(walking_distances(town, atoms), posinf=1e5)
        total += float((far**2 @ town.households[atoms]).min())
    return total
