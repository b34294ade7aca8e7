"""What every division must keep, whatever the town; and what a good one reaches."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from tests.gridplan.towns import neighbours, street, town

from gridplan import BadTown, _partition, partition


def sizes(labels, households):
    return np.bincount(labels, households)


def pieces(labels, edges):
    """How many pieces the grids fall into along the pairs."""
    inside = edges[labels[edges[:, 0]] == labels[edges[:, 1]]]
    n = len(labels)
    joined = coo_matrix((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
    return connected_components(joined, directed=False)[0]


def rms(labels, households, xy):
    weight = np.bincount(labels, households)
    centres = np.stack([np.bincount(labels, households * xy[:, axis]) / weight for axis in (0, 1)], axis=1)
    return np.sqrt((households * ((xy - centres[labels]) ** 2).sum(axis=1)).sum() / households.sum())


@pytest.mark.parametrize("seed", range(3))
def test_every_grid_is_one_piece_within_the_bounds(seed):
    households, xy, edges = town(800, seed)
    labels = partition(households, xy, edges, seed=seed)
    assert labels.min() == 0
    assert set(labels) == set(range(labels.max() + 1))
    assert sizes(labels, households).min() >= 300
    assert sizes(labels, households).max() <= 500
    assert pieces(labels, edges) == labels.max() + 1


def test_it_is_much_more_compact_than_stripes():
    households, xy, edges = town(800, 1)
    labels = partition(households, xy, edges)
    stripes = np.empty(len(xy), int)
    order = np.argsort(xy[:, 0])
    stripes[order] = np.cumsum(households[order]) * (labels.max() + 1) // (households.sum() + 1)
    assert rms(labels, households, xy) < 0.5 * rms(stripes, households, xy)


def test_the_same_seed_gives_the_same_grids():
    given_town = town(400, 2)
    assert (partition(*given_town, seed=5) == partition(*given_town, seed=5)).all()


def test_a_place_far_from_the_origin_is_divided_no_worse():
    households, xy, edges = town(400, 3)
    near = rms(partition(households, xy, edges), households, xy)
    away = rms(partition(households, xy + np.array([4.0e6, 5.0e5]), edges), households, xy)
    assert away < near * 1.1


def test_a_time_limit_ends_it_with_whole_grids(monkeypatch):
    """By a clock that goes on a second with each look."""
    looks, sweeps = itertools.count(), []
    sweep = _partition.Walk._sweep
    monkeypatch.setattr(_partition, "time", SimpleNamespace(monotonic=lambda: next(looks)))
    monkeypatch.setattr(
        _partition.Walk, "_sweep", lambda walk, *heat: sweeps.append(heat) or sweep(walk, *heat)
    )
    households, xy, edges = town(400, 1)
    labels = partition(households, xy, edges, limit_s=5.5)
    # Of its thousands of sweeps it has those before the sixth look, and the last ones, without heat.
    assert len(sweeps) == 5 * _partition.BETWEEN_LOOKS + _partition.LAST_SWEEPS < _partition.SWEEPS / 10
    assert pieces(labels, edges) == labels.max() + 1


def test_a_river_without_a_bridge_is_not_crossed():
    households, xy, _ = town(600, 4)
    west = xy[:, 0] < np.median(xy[:, 0])
    edges = neighbours(xy)
    edges = edges[west[edges[:, 0]] == west[edges[:, 1]]]
    labels = partition(households, xy, edges)
    assert not set(labels[west]) & set(labels[~west])
    assert pieces(labels, edges) == labels.max() + 1
    assert sizes(labels, households).min() >= 300
    assert sizes(labels, households).max() <= 500


def test_what_is_too_large_by_itself_is_a_grid_by_itself():
    households, xy, edges = street([100] * 8 + [700] + [100] * 8)
    labels = partition(households, xy, edges)
    assert list(sizes(labels, households)[labels[[8]]]) == [700]
    assert sorted(sizes(labels, households)) == [400, 400, 400, 400, 700]


def test_where_moving_does_not_help_a_grid_less_does():
    """Between two halls of 450 there is room for one grid, where the town as a whole would have more."""
    households, xy, edges = street([450, 100, 100, 100, 100, 450, 100, 100, 100, 100, 450])
    labels = partition(households, xy, edges)
    assert sizes(labels, households).min() >= 300
    assert sizes(labels, households).max() <= 500


def test_an_island_too_small_for_a_grid_is_one():
    households, xy, edges = street([100] * 10)
    labels = partition(households, xy, edges[edges[:, 0] != 1])
    assert sizes(labels, households)[labels[0]] == 200
    assert labels[0] == labels[1] != labels[2]


def test_atoms_without_households_belong_to_a_grid_too():
    households, xy, edges = street([100, 0, 100, 0, 100, 0, 100, 0])
    labels = partition(households, xy, edges)
    assert set(labels) == {0}


def test_of_nothing_there_is_nothing():
    assert partition(np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2), int)).shape == (0,)


def test_one_atom_is_one_grid():
    assert list(partition([400], [[0.0, 0.0]], [])) == [0]


@given(
    st.lists(st.integers(0, 120), min_size=1, max_size=60),
    st.integers(0, 2**32),
    st.integers(0, 2**63),
)
@settings(max_examples=60)
def test_every_atom_is_in_one_grid_and_every_grid_is_one_piece(households, shape, seed):
    """Any households, any pairs, many atoms at one spot: nothing is lost, nothing is torn, and two atoms that nothing
    joins never share a grid.
    """
    chance = np.random.default_rng(shape)
    n = len(households)
    xy = chance.integers(0, 5, (n, 2)) * 10.0
    edges = chance.integers(0, n, (int(chance.integers(0, 3 * n)), 2))
    labels = partition(households, xy, edges, seed=seed, low=100, high=200)
    assert labels.shape == (n,)
    assert set(labels) == set(range(labels.max() + 1))
    assert pieces(labels, edges) == labels.max() + 1


@pytest.mark.parametrize(
    ("households", "xy", "edges", "more", "word"),
    [
        ([1, 2], [[0, 0]], [], {}, "position"),
        ([[1], [2]], [[0, 0], [1, 1]], [], {}, "position"),
        ([1, -2], [[0, 0], [1, 1]], [], {}, "from 0"),
        ([1, float("nan")], [[0, 0], [1, 1]], [], {}, "from 0"),
        ([1, 2], [[0, 0], [float("inf"), 1]], [], {}, "positions"),
        ([1, 2], [[0, 0], [1, 1]], [[0, 2]], {}, "0 to 1"),
        ([1, 2], [[0, 0], [1, 1]], [[0, -1]], {}, "0 to 1"),
        ([1, 2], [[0, 0], [1, 1]], [[0.0, 1.0]], {}, "integers"),
        ([1, 2], [[0, 0], [1, 1]], [0, 1, 1], {}, "pairs"),
        ([1, 2], [[0, 0], [1, 1]], [], {"low": 500, "high": 300}, "in order"),
        ([1, 2], [[0, 0], [1, 1]], [], {"low": 0}, "above 0"),
    ],
)
def test_what_is_no_town_is_told(households, xy, edges, more, word):
    with pytest.raises(BadTown, match=word):
        partition(households, xy, edges, **more)
