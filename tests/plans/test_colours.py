"""Colours and numbers of grids: neighbours differ, what goes on keeps its own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plans.test_counted_alike import a_town

from wangge.plans.rules.alike import alike, renumbered
from wangge.plans.rules.colours import HUES, beside, hues_of, touching_in


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_neighbours_have_colours_of_their_own_where_eight_are_enough(seed, count):
    content = a_town(np.random.default_rng(seed), buildings=60, unit="building")
    # Stripes from west to east: each has its neighbours beside it, and no more than two.
    order = np.argsort(np.argsort(content.lon))
    labels = (order * count // len(content)).astype(np.int64)
    found = hues_of(touching_in(content), labels, {})
    assert set(found) == set(range(count))
    assert all(0 <= hue < HUES for hue in found.values())
    for one, other in np.concatenate([content.edges, beside(content)]).tolist():
        if labels[one] != labels[other]:
            assert found[int(labels[one])] != found[int(labels[other])]


def test_a_grid_that_goes_on_keeps_its_colour_and_the_new_one_gives_way():
    content = a_town(np.random.default_rng(1), buildings=40, unit="building")
    labels = (content.lon > np.median(content.lon)).astype(np.int64)
    assert hues_of(touching_in(content), labels, {1: 5}) == {0: 0, 1: 5}
    assert hues_of(touching_in(content), labels, {1: 0}) == {0: 1, 1: 0}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_grids_keep_their_numbers_where_most_of_them_stays(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 8))
    before = rng.integers(0, count, 50)
    weights = rng.integers(1, 40, 50)
    shuffled = rng.permutation(count)
    after = shuffled[before]
    fixed = np.where(rng.random(50) < 0.1, before, -1)
    # What is fixed has its number already, as the library gives it.
    for label in np.unique(fixed[fixed >= 0]):
        taken = shuffled[label]
        after = np.where(after == taken, -2, np.where(after == label, taken, after))
        after = np.where(after == -2, label, after)
        shuffled = np.where(shuffled == label, taken, shuffled)
        shuffled[label] = label
    assert renumbered(after, alike(before, after, weights, fixed=fixed)).tolist() == before.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_number_is_given_twice_and_what_lies_in_no_grid_stays_so(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.integers(-1, 6, 40), rng.integers(-1, 9, 40)
    number = alike(before, after, rng.integers(0, 30, 40), fixed=np.full(40, -1))
    assert len(set(number.values())) == len(number) == len(np.unique(after[after >= 0]))
    assert all(0 <= each < 40 for each in number.values())
    assert ((renumbered(after, number) < 0) == (after < 0)).all()
