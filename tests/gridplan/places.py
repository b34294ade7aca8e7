"""Made-up towns with communities, as `divide` takes them."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from tests.gridplan.towns import neighbours, street, town

from gridplan import NONE, Town


def a_town(households, xy, edges, *, communities=1, minutes=None, names=None, **more):
    """Communities are strips from west to east."""
    n = len(households)
    strip = (np.argsort(np.argsort(xy[:, 0], kind="stable")) * communities // max(n, 1)).astype(np.int64)
    return Town(
        names=names or tuple(f"house {atom}" for atom in range(n)),
        households=np.asarray(households, np.int64),
        xy=np.asarray(xy, float),
        edges=np.asarray(edges, np.int64).reshape(-1, 2),
        community=more.pop("community", strip),
        communities=tuple(f"community {number}" for number in range(communities)),
        minutes=np.zeros(n) if minutes is None else np.asarray(minutes, float),
        grid=more.pop("grid", np.full(n, NONE)),
        grids=more.pop("grids", ()),
        **more,
    )


def estates(n, seed=0, *, communities=1, **more):
    return a_town(*town(n, seed), communities=communities, **more)


def a_street(households, **more):
    return a_town(*street(households), **more)


def scattered(chance, n, most=130, *, communities=1, **more):
    xy = chance.uniform(0, 600, (n, 2))
    return a_town(
        chance.integers(0, most, n), xy, neighbours(xy) if n > 3 else [], communities=communities, **more
    )


def pieces(labels, edges, n):
    inside = edges[labels[edges[:, 0]] == labels[edges[:, 1]]]
    joined = coo_matrix((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
    return connected_components(joined, directed=False)[0]


def is_sound(division):
    """Every atom of a community in one grid of it, every grid in one piece, and within the bounds or with a reason."""
    made, labels = division.town, division.labels
    assert ((labels >= 0) == (made.community >= 0)).all()
    grids = set(labels[labels >= 0].tolist())
    assert grids == set(range(division.count))
    for grid in grids:
        assert len(set(made.community[labels == grid].tolist())) == 1
    outside = int((made.community < 0).sum())
    own = made.edges[(made.community[made.edges] >= 0).all(axis=1)]
    assert pieces(labels, own, len(made)) == division.count + outside
    sizes = np.bincount(labels[labels >= 0], made.households[labels >= 0], division.count)
    told = {(each.grid, each.rule) for each in division.reasons}
    assert {(grid, "below") for grid in grids if sizes[grid] < division.bounds.low} | {
        (grid, "above") for grid in grids if sizes[grid] > division.bounds.high
    } == {each for each in told if each[1] in ("below", "above")}
    assert all(each.text and each.cause for each in division.reasons)
    return True
