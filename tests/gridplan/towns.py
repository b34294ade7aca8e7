"""Made-up towns: estates of flats and small houses, joined to their neighbours by Delaunay's triangles."""

import numpy as np
from scipy.spatial import Delaunay


def town(n, seed=0, *, estates=8, spread=110.0):
    chance = np.random.default_rng(seed)
    centres = chance.uniform(0, np.sqrt(n) * 30, (estates, 2))
    xy = centres[chance.integers(0, estates, n)] + chance.normal(0, spread, (n, 2))
    households = np.where(chance.random(n) < 0.35, chance.integers(24, 121, n), chance.integers(0, 5, n))
    return households, xy, neighbours(xy)


def neighbours(xy):
    corners = Delaunay(xy).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    return np.unique(np.sort(sides, axis=1), axis=0)


def street(households, metres=20.0):
    """Atoms in a row, each joined to the next."""
    n = len(households)
    return (
        np.array(households),
        np.stack([np.arange(n) * metres, np.zeros(n)], axis=1),
        np.stack([np.arange(n - 1), np.arange(1, n)], axis=1),
    )
