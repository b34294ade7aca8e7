"""The four principles as figures, for each grid and the whole."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box
from tests.gridplan.test_bound import as_town, small_places
from tests.gridplan.towns import street, town

from gridplan import NONE, Bounds, Division, Streets, divide
from gridplan.bound import gap
from gridplan.explain import explain


def row(labels, bounds=Bounds(200, 300), **more):  # noqa: B008 - frozen
    division = Division(as_town(*street([100] * len(labels))), np.array(labels), bounds, 0)
    return explain(division, **more)


def test_distances_are_from_the_door_nearest_to_all_others():
    told = row([0, 0, 0, 1, 1])
    first, second = told.grids
    assert (first.middle, first.farthest_m, first.mean_m) == (1, 20, pytest.approx(40 / 3))
    assert (second.households, second.farthest_m) == (200, 20)
    assert told.service.farthest_m == 20
    assert told.service.mean_m == pytest.approx((40 + 20) / 5)
    assert not told.service.on_foot


def test_a_house_without_households_is_not_the_farthest_door():
    division = Division(as_town(*street([100, 100, 100, 0])), np.zeros(4, np.int64), Bounds(200, 300), 0)
    assert explain(division).grids[0].farthest_m == 20


def test_belonging_tells_atoms_without_a_grid_and_grids_over_a_border():
    divided = as_town(*street([100] * 6), community=[0, 0, 0, 1, 1, NONE])
    told = explain(Division(divided, np.array([0, 0, 1, 1, NONE, NONE]), Bounds(200, 300), 0))
    assert (told.belonging.in_a_grid, told.belonging.in_no_community) == (4, 1)
    assert told.belonging.grids_over_a_border == (1,)
    assert not told.belonging.kept
    assert (told.management.atoms, told.management.households, told.management.names) == (1, 100, ("atom 4",))
    assert not told.management.kept


def test_sizes_outside_the_bounds_come_with_their_reasons():
    told = row([0, 0, 0, 0, 1])
    assert told.size.out_of_bounds == (0, 1)
    assert [each.fits for each in told.grids] == ["above", "below"]
    assert all(each.reasons for each in told.grids)
    assert (told.size.smallest, told.size.largest, told.size.mean) == (100, 400, 250)


def test_pieces_too_many_are_counted():
    told = row([0, 1, 0, 1, 1])
    assert told.belonging.pieces_too_many == 2
    assert {each.pieces for each in told.grids} == {2}


def test_minutes_become_hours_of_a_year_and_of_a_week_with_the_ways():
    divided = replace(as_town(*street([100] * 4)), minutes=np.array([600.0, 600.0, 1_200.0, 2_760.0]))
    division = Division(divided, np.array([0, 0, 1, 1]), Bounds(200, 300), 0)
    told = explain(division)
    assert [each.round_m for each in told.grids] == [40, 40]  # to the other door and back
    # 60 and 198 calls at 200 households: so often 38 m through all of them, and 3 and 9.9 rounds of 20 to and fro over 10 m.
    walked = np.array([0.3 * 38 + 3 * 20, 0.99 * 38 + 9.9 * 20]) / 70 / 60
    assert [each.walking_hours_a_year for each in told.grids] == pytest.approx(walked)
    assert [each.hours_a_year for each in told.grids] == pytest.approx(np.array([20, 66]) + walked)
    assert told.service.hours_a_year == pytest.approx(86 + walked.sum())
    assert told.service.walking_hours_a_year == pytest.approx(walked.sum())
    assert told.service.most_hours_a_week == pytest.approx((66 + walked[1]) / 46)
    assert told.service.longest_round_hours == pytest.approx(40 / 70 / 60)
    # Calls that take twice as long are half as many.
    slow = explain(division, visit_minutes=40, rounds=0)
    assert slow.service.walking_hours_a_year == pytest.approx(walked.sum() / 2)


def test_a_round_goes_along_the_streets_past_doors_where_nobody_lives():
    """Four houses in a row, of which the last is empty, on a street that makes a bend between any two."""
    bends = np.array([(30.0 * at, 40.0 * (at % 2)) for at in range(7)])
    ways = Streets(bends, np.array([(at, at + 1) for at in range(6)]))
    divided = replace(as_town(*street([100, 100, 100, 0], metres=60.0)), minutes=np.full(4, 100.0))
    division = Division(divided, np.zeros(4, np.int64), Bounds(200, 300), 0)
    assert explain(division, rounds=0).grids[0].round_m == 240
    (walked,) = explain(division, streets=ways, rounds=0).grids
    assert walked.round_m == pytest.approx(400, abs=1)
    (apart,) = explain(division, streets=ways, on_foot=False, rounds=0).grids
    assert walked.walking_hours_a_year > apart.walking_hours_a_year
    nothing = explain(replace(division, town=replace(divided, minutes=np.zeros(4))), rounds=0)
    assert nothing.service.hours_a_year == nothing.service.walking_hours_a_year == 0


def test_streets_are_walked_along_and_shops_and_streets_outside_are_told():
    divided = replace(
        as_town(*street([100] * 4, metres=100.0)),
        areas=(box(-50, -50, 350, 50), box(350, -50, 470, 50)),
        communities=("one", "bare"),
    )
    ways = Streets(np.array([(0, 0), (300, 0), (500, 0)], float), np.array([(0, 1), (1, 2)]))
    division = Division(divided, np.array([0, 0, 1, 1]), Bounds(200, 300), 0)
    shops = np.array([(10.0, 20.0), (340.0, 0.0), (450.0, 0.0), (900.0, 0.0)])
    told = explain(division, streets=ways, shops=shops)
    assert told.service.on_foot
    assert told.grids[0].farthest_m == pytest.approx(100, rel=0.4)
    # In the second community nobody lives: no grid has its street. What lies beyond it is no community's.
    assert told.management.streets_m == pytest.approx(470)
    assert told.management.streets_uncovered_m == pytest.approx(120, abs=1)
    assert [each.streets_m for each in told.grids] == pytest.approx([150, 200])
    assert (told.management.shops, told.management.shops_uncovered) == (3, 1)  # the fourth lies outside
    assert [each.shops for each in told.grids] == [1, 1]
    assert not told.management.kept


def test_where_no_outlines_are_known_the_ground_around_the_atoms_is_to_be_covered():
    """The last house is in no grid, and the one before it in no community."""
    divided = replace(as_town(*street([100] * 5, metres=200.0)), community=np.array([0, 0, 0, NONE, 0]))
    ways = Streets(np.array([(-500, 0), (1_300, 0)], float), np.array([(0, 1)]))
    told = explain(
        Division(divided, np.array([0, 0, 0, NONE, NONE]), Bounds(200, 300), 0), streets=ways, rounds=0
    )
    assert told.management.streets_m == pytest.approx(4 * 120, rel=0.01)
    assert told.management.streets_uncovered_m == pytest.approx(120, rel=0.01)


def test_without_streets_and_shops_nothing_is_said_about_them():
    told = row([0, 0, 1, 1])
    assert told.management.streets_m is None
    assert told.management.shops is None
    assert told.management.kept


def test_the_proven_gap_comes_with_it_and_can_be_left_out():
    households, xy, edges = town(150, 1)
    division = divide(as_town(households, xy, edges))
    told = explain(division)
    assert told.gap.found_m == pytest.approx(told.service.rms_m)
    assert 0 < told.gap.share < 0.2
    assert explain(division, rounds=0).gap is None


def test_the_proof_is_of_the_ways_that_it_is_asked_about():
    """The street makes a bend between any two houses, so that on foot they lie farther from each other."""
    bends = np.array([(30.0 * at, 40.0 * (at % 2)) for at in range(11)])
    ways = Streets(bends, np.array([(at, at + 1) for at in range(10)]))
    divided = replace(as_town(*street([100] * 6, metres=60.0)), streets=ways)
    division = Division(divided, np.array([0, 0, 0, 1, 1, 1]), Bounds(200, 300), 0)
    straight, walked = explain(division), explain(division, distance="walking")
    assert straight.gap == gap(division)
    assert walked.gap == gap(division, distance="walking")
    assert (straight.gap.distance, walked.gap.distance) == ("straight", "walking")
    assert walked.gap.found_m > straight.gap.found_m * 1.2
    assert walked.as_json()["gap"]["distance"] == "walking"


@settings(max_examples=20, deadline=None)
@given(small_places(), st.integers(0, 99))
def test_whatever_is_painted_can_be_told_as_json(place, seed):
    small, bounds = place
    labels = np.random.default_rng(seed).integers(NONE, 3, len(small))
    labels = np.where(labels < 0, NONE, np.unique(labels, return_inverse=True)[1] - (labels.min() < 0))
    told = explain(Division(small, labels, bounds, 0), on_foot=bool(seed % 2), rounds=3)
    read = json.loads(json.dumps(told.as_json(), allow_nan=False))
    assert sum(each["households"] for each in read["grids"]) == small.households[labels >= 0].sum()
    assert read["management"]["atoms"] == (labels < 0).sum()
