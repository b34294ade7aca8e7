"""Whom one walks to: neighbours, but not across a railway without a crossing; and how far it is along the streets."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from tests.gridplan.places import a_town

from gridplan import walkable_links, walking_distances
from gridplan.links import crossings_of, streets_of

RAILWAY = shapely.LineString([(-1_000, 50), (2_000, 50)])


def two_rows(n=20, apart=100.0):
    """Houses every 30 m on both sides of what lies at y = 50."""
    return np.array([(30.0 * at, y) for y in (0.0, apart) for at in range(n)])


def across(pairs, n=20):
    return pairs[(pairs[:, 0] < n) != (pairs[:, 1] < n)]


def parts(pairs, n):
    joined = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(joined, directed=False)[0]


def test_neighbours_are_linked_and_all_hangs_together():
    pairs = walkable_links(two_rows())
    assert parts(pairs, 40) == 1
    assert len(across(pairs)) > 20


def test_nothing_crosses_a_railway_without_a_crossing():
    pairs = walkable_links(two_rows(), barriers=[RAILWAY])
    assert len(across(pairs)) == 0
    assert parts(pairs, 40) == 2


def test_a_level_crossing_opens_it_where_it_is_near():
    pairs = walkable_links(two_rows(), barriers=[RAILWAY], crossings=[shapely.Point(60, 50)])
    opened = across(pairs)
    assert len(opened)
    assert two_rows()[opened.ravel(), 0].max() <= 60 + 150 + 30
    assert parts(pairs, 40) == 1


def test_a_bridge_in_open_country_joins_the_nearest_on_both_sides():
    pairs = walkable_links(two_rows(), barriers=[RAILWAY], crossings=[shapely.Point(-300, 50)])
    assert len(across(pairs)) == 1
    assert set(across(pairs).ravel().tolist()) <= {0, 1, 20, 21}


def test_a_crossing_of_another_line_opens_nothing():
    pairs = walkable_links(two_rows(), barriers=[RAILWAY], crossings=[shapely.Point(60, 120)])
    assert len(across(pairs)) == 0


def test_who_sees_only_the_other_bank_is_joined_to_his_own():
    """Few houses on this bank, many on that: triangles join them across the river only."""
    xy = np.array([(0.0, 0.0), (200.0, 0.0), (400.0, 0.0), *((10.0 * at, 30.0) for at in range(41))])
    pairs = walkable_links(xy, barriers=[shapely.LineString([(-500, 15), (900, 15)])])
    assert parts(pairs, len(xy)) == 2


def test_houses_far_apart_are_linked_only_where_nothing_nearer_is():
    xy = np.array([(0.0, 0.0), (100.0, 0.0), (50.0, 80.0), (2_000.0, 0.0)])
    pairs = walkable_links(xy)
    assert parts(pairs, 4) == 1
    assert (pairs == 3).any(axis=1).sum() == 1


def test_outlines_that_touch_are_neighbours_however_far_their_centres():
    long = shapely.box(0, 0, 600, 20)
    small = [shapely.box(at, 24, at + 10, 34) for at in range(0, 600, 60)]
    shapes = [long, *small]
    xy = np.array([shape.centroid.coords[0] for shape in shapes])
    pairs = walkable_links(xy, outlines=shapes)
    assert {(0, at) for at in range(1, 11)} <= set(map(tuple, pairs.tolist()))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=14))
def test_whatever_the_places_they_hang_together(spots):
    """Many at one spot, all in one line, one or none."""
    xy = np.array(spots, float).reshape(-1, 2) * 50
    pairs = walkable_links(xy)
    assert parts(pairs, max(len(xy), 1)) == 1
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_ways_go_along_the_streets():
    """A horseshoe: its ends are 100 m apart and 700 m to walk."""
    horseshoe = shapely.LineString([(0, 0), (300, 0), (300, 100), (0, 100)])
    made = a_town(
        [1, 1, 1],
        np.array([(0.0, -5.0), (0.0, 105.0), (150.0, -5.0)]),
        [[0, 2], [1, 2], [0, 1]],
        streets=streets_of([horseshoe]),
    )
    far = walking_distances(made)
    assert far[0, 1] == pytest.approx(5 + 700 + 5, abs=0.1)
    assert far[0, 2] == pytest.approx(5 + 150 + 5, abs=0.1)
    assert (far == far.T).all()
    assert (np.diag(far) == 0).all()
    assert walking_distances(made, np.array([1, 2]), np.array([0])).tolist() == far[[0]][:, [1, 2]].tolist()


def test_nobody_steps_onto_a_street_across_a_railway():
    """The nearest street lies beyond the rails; one's own is farther, and both meet 400 m to the east."""
    lines = [
        shapely.LineString([(0, 60), (400, 60)]),
        shapely.LineString([(400, 60), (400, -100)]),
        shapely.LineString([(0, -100), (400, -100)]),
    ]
    xy = np.array([(0.0, 20.0), (0.0, 70.0)])

    def way(*barriers):
        made = a_town([1, 1], xy, np.empty((0, 2)), streets=streets_of(lines, barriers))
        return walking_distances(made)[0, 1]

    assert way() == pytest.approx(40 + 10, abs=0.1)
    assert way(RAILWAY) == pytest.approx(120 + 400 + 160 + 400 + 10, abs=0.1)
    # A main road that is a street itself can be stepped on; where there is no other street, the nearest is better than none.
    assert way(lines[0]) == pytest.approx(40 + 10, abs=0.1)
    around = shapely.LineString([(-900, -50), (200, -50), (200, 900)])
    assert way(RAILWAY, around) == pytest.approx(40 + 10, abs=0.1)


def test_without_streets_one_walks_from_neighbour_to_neighbour():
    made = a_town([1, 1, 1], np.array([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]), [[0, 1]])
    far = walking_distances(made)
    assert far[0, 1] == pytest.approx(130)
    assert np.isinf(far[0, 2])


def test_a_street_under_a_bridge_does_not_meet_it():
    below = shapely.LineString([(0, 0), (100, 0)])
    above = shapely.LineString([(50, -50), (50, 50)])
    assert len(streets_of([below, above]).xy) == 4
    assert len(streets_of([below, shapely.LineString([(100, 0), (100, 50)])]).xy) == 3
    assert streets_of([]) is None


def test_where_a_street_goes_through_one_gets_across():
    through = shapely.LineString([(100, 0), (100, 100)])
    along = shapely.LineString([(0, 40), (500, 40)])
    (found,) = crossings_of([through, along], [RAILWAY])
    assert found.coords[0] == (100, 50)


def test_streets_that_end_on_both_sides_of_a_road_are_a_crossing_and_on_one_side_are_none():
    south = shapely.LineString([(100, 0), (100, 50)])
    north = shapely.LineString([(110, 50), (110, 100)])
    assert len(crossings_of([south, north], [RAILWAY])) == 1
    assert crossings_of([south], [RAILWAY]) == []


def test_a_bridge_over_a_lake_is_a_crossing():
    lake = shapely.box(0, 20, 1_000, 80)
    assert len(crossings_of([shapely.LineString([(100, 0), (100, 100)])], [lake])) == 1
    assert crossings_of([shapely.LineString([(100, 0), (100, 50)])], [lake]) == []
