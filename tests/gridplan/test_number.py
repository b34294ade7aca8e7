"""Codes of grids: from west to east, kept by who goes on, never given twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridplan.number import BadNumber, going_on, named, number, west_to_east
from gridplan.town import Bounds, Division, Town

HERE, THERE = "320703001001", "320703001002"


def division(labels, xy, *, today=None, grids=(), community=None, communities=(HERE, THERE), households=None):
    n = len(labels)
    town = Town(
        names=tuple(f"{atom:03d}" for atom in range(n)),
        households=np.array([100] * n if households is None else households),
        xy=np.array(xy, float),
        edges=np.empty((0, 2), int),
        community=np.array([0] * n if community is None else community),
        communities=communities,
        minutes=np.zeros(n),
        grid=np.array([-1] * n if today is None else today),
        grids=tuple(grids),
    )
    return Division(town, np.array(labels), Bounds(), 0)


PAGE = [[0, 900], [500, 880], [950, 910], [10, 100], [480, 60], [900, 120]]


def test_new_grids_are_numbered_from_west_to_east():
    labels = [2, 0, 4, 1, 5, 3]
    codes = number(division(labels, PAGE))
    by_atom = [codes[label] for label in labels]
    assert [by_atom[atom] for atom in (0, 3, 4, 1, 5, 2)] == [f"{HERE}100{place}" for place in range(1, 7)]


def test_the_names_that_the_division_gave_them_do_not_matter():
    one = number(division([0, 1, 2, 3, 4, 5], PAGE))
    other = number(division([5, 4, 3, 2, 1, 0], PAGE))
    assert list(one) == list(reversed(other))


def test_each_community_counts_for_itself():
    codes = number(division([0, 1, 2, 3, 4, 5], PAGE, community=[0, 1, 0, 1, 0, 1]))
    assert [code[-3:] for code in codes] == ["001", "002", "003", "001", "002", "003"]
    assert {code[:12] for code in codes[1::2]} == {THERE}


def test_a_grid_in_which_nobody_lives_goes_on_by_its_atoms():
    old = [f"{HERE}1001", f"{HERE}1002"]
    offices = division([1, 1, 1, 0, 0, 0], PAGE, today=[0, 0, 0, 1, 1, 1], grids=old, households=[0] * 6)
    assert going_on(offices) == {0: old[1], 1: old[0]}
    assert number(offices) == (old[1], old[0])


def test_who_goes_on_keeps_the_number_and_an_ended_one_is_not_given_again():
    """Grid 2 goes to its neighbours, a part of grid 1 is a new one: 1 and 3 go on, the new one is 4, not 2."""
    old = [f"{HERE}1001", f"{HERE}1002", f"{HERE}1003"]
    more = {"households": [300, 300, 100, 100, 300, 300]}
    given_division = division([0, 0, 2, 1, 1, 1], PAGE, today=[0, 0, 0, 1, 2, 2], grids=old, **more)
    assert going_on(given_division) == {0: old[0], 1: old[2]}
    assert number(given_division) == (old[0], old[2], f"{HERE}1004")
    assert number(given_division, taken=[f"{HERE}1007"]) == (old[0], old[2], f"{HERE}1008")


def test_of_two_that_are_merged_the_larger_goes_on():
    old = [f"{HERE}1001", f"{HERE}1002"]
    merged = division([0] * 6, PAGE, today=[0, 0, 1, 1, 1, 1], grids=old)
    assert going_on(merged) == {0: old[1]}
    assert number(merged) == (old[1],)


def test_of_three_parts_the_largest_goes_on_even_with_less_than_half():
    thirds = division(
        [0, 0, 1, 1, 2, 2], PAGE, today=[0] * 6, grids=[f"{HERE}1001"], households=[9, 9, 10, 9, 9, 9]
    )
    assert going_on(thirds) == {1: f"{HERE}1001"}


def test_as_many_households_as_can_be_keep_their_number_where_two_grids_want_the_same():
    """Both new grids come mostly from the first; that one goes on where it has more, the other takes the second's number."""
    old = [f"{HERE}1001", f"{HERE}1002"]
    both = division([0, 0, 1, 1], PAGE[:4], today=[0, 1, 0, 1], grids=old, households=[60, 50, 70, 10])
    assert going_on(both) == {0: old[1], 1: old[0]}


def test_past_999_numbers_are_given_that_none_ever_had():
    codes = number(division([0, 1], [[0, 0], [9, 9]]), taken=[f"{HERE}1999", f"{HERE}1001", f"{HERE}1003"])
    assert codes == (f"{HERE}1002", f"{HERE}1004")


def test_what_is_to_be_kept_may_be_said():
    codes = number(division([0, 0, 0, 1, 1, 1], PAGE), keep={1: f"{HERE}1005"})
    assert codes == (f"{HERE}1006", f"{HERE}1005")


def test_a_dedicated_grid_has_numbers_of_its_own():
    old = [f"{HERE}2001"]
    given_division = division([0, 0, 0, 1, 1, 1], PAGE, today=[0, 0, 0, -1, -1, -1], grids=old)
    assert number(given_division) == (f"{HERE}1002", f"{HERE}1001")
    assert number(given_division, kind="dedicated") == (f"{HERE}2001", f"{HERE}2002")


def test_a_place_without_statistical_codes_has_its_name_before_the_number():
    assert number(division([0], [[0, 0]], communities=("东街",))) == ("东街-1001",)


def test_a_name_has_no_last_number():
    used = [f"东街-1{number:03d}" for number in range(1, 1_000)]
    one = division([0, 1], [[0, 0], [90, 0]], communities=("东街",))
    assert number(one, taken=used) == ("东街-11000", "东街-11001")
    assert number(one, taken=[*used, "东街-11000"]) == ("东街-11001", "东街-11002")


def test_grids_of_today_keep_their_names_whatever_they_are_and_others_are_numbered():
    one = division([0, 0, 2, 2, 5, -1], PAGE, today=[0, 0, 0, 1, -1, -1], grids=["一格", f"{HERE}1007"])
    assert named(one.town, one.labels) == {0: "一格", 2: f"{HERE}1007", 5: f"{HERE}1008"}
    assert named(one.town, one.labels, keep={2: "一格"}) == {0: f"{HERE}1008", 2: "一格", 5: f"{HERE}1009"}


def test_a_grid_over_a_border_is_its_first_community_s_and_one_in_none_has_a_name_too():
    one = division([0, 0, 1, 1], PAGE[:4], community=[0, 1, -1, -1])
    assert named(one.town, one.labels) == {0: f"{HERE}1001", 1: "no community-1001"}


def test_a_grid_never_goes_on_in_another_community():
    old = [f"{HERE}1001"]
    moved = division([0, 0], [[0, 0], [1, 1]], today=[0, 0], grids=old, community=[1, 1])
    assert number(moved) == (f"{THERE}1001",)


@pytest.mark.parametrize(
    ("facts", "more", "word"),
    [
        ({"community": [0, 1]}, {}, "in 2 communities"),
        ({"community": [-1, -1]}, {}, "in 0 communities"),
        ({}, {"keep": {3: f"{HERE}1001"}}, "no grid 3"),
        ({}, {"keep": {0: f"{THERE}1001"}}, "cannot go on"),
        ({}, {"kind": "large"}, "not 'large'"),
        ({}, {"taken": [f"{HERE}1{used:03d}" for used in range(1, 1000)]}, "all are used"),
    ],
)
def test_what_cannot_be_numbered_says_why(facts, more, word):
    with pytest.raises(BadNumber, match=word):
        number(division([0, 0], [[0, 0], [1, 1]], **facts), **more)


def test_two_cannot_go_on_as_one():
    with pytest.raises(BadNumber, match="both"):
        number(division([0, 1], [[0, 0], [1, 1]]), keep={0: f"{HERE}1001", 1: f"{HERE}1001"})


@given(st.integers(1, 9), st.integers(0, 2**32), st.integers(1, 12))
def test_numbers_are_stable_and_single_whatever_comes(count, shape, atoms):
    """A division whose codes are today's, divided anew: codes are single, none of an ended grid is given, all is repeatable."""
    chance = np.random.default_rng(shape)
    xy = chance.uniform(0, 900, (atoms, 2))
    first = np.unique(chance.integers(0, count, atoms), return_inverse=True)[1]
    before = number(division(first, xy))
    assert sorted(code[-3:] for code in before) == [f"{place:03d}" for place in range(1, len(before) + 1)]
    again = np.unique(chance.integers(0, count, atoms), return_inverse=True)[1]
    anew = division(again, xy, today=first, grids=before)
    codes = number(anew)
    assert len(set(codes)) == len(codes)
    goes_on = going_on(anew)
    assert all(codes[label] == code for label, code in goes_on.items())
    assert not {code for label, code in enumerate(codes) if label not in goes_on} & set(before)
    assert codes == number(anew)
    # Nothing changed: nothing changes.
    assert number(replace(anew, labels=first)) == before


def test_what_lies_in_one_column_is_numbered_from_north_to_south():
    street = division([0, 1, 2], [[200, 0], [0, 0], [100, 0]])
    assert west_to_east(street, [0, 1, 2]) == [1, 2, 0]
    stairs = division([0, 1, 2, 3], [[2, 0], [0, 200], [3, 100], [90, 500]])
    assert west_to_east(stairs, [3, 0, 1, 2]) == [1, 2, 0, 3]
