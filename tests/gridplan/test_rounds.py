"""How far one walks in a grid: the round through its doors, and what rounds of a few calls take in a year."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan import Stop, route
from gridplan.rounds import (
    MOST_DOORS,
    GridRound,
    in_strips,
    metres_a_year,
    round_cm,
    shortened,
    straight_cm,
    straight_round,
)


def places(count, seed, size=40_000):
    return np.random.default_rng(seed).integers(0, size, (count, 2))


def shortest(far):
    """Of a few doors the shortest closed round there is: from the last through all others and back to it."""
    last = len(far) - 1
    whole = route([Stop(str(at), 0) for at in range(last)], distances=far / 100, start=last, end=last)
    assert whole.exact
    return whole.metres * 100


def test_rounds_are_hardly_longer_than_the_shortest():
    shares = []
    for seed in range(20):
        far = straight_cm(places(9 + seed % 4, seed))
        shares.append(round_cm(far, shortened(far)) / shortest(far))
    assert min(shares) > 1 - 1e-9
    assert np.mean(shares) < 1.01
    assert max(shares) < 1.05


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40))
def test_a_round_goes_through_every_door_once_also_where_doors_stand_at_one_spot(spots):
    far = straight_cm(np.array(spots) * 1_000)
    order = shortened(far)
    assert sorted(order.tolist()) == list(range(len(spots)))
    assert (order == shortened(far)).all()


def test_a_round_of_very_many_doors_is_counted_in_strips():
    cm = places(MOST_DOORS + 1, 1)
    order = in_strips(cm)
    assert sorted(order.tolist()) == list(range(len(cm)))
    length, ways = straight_round(cm, np.ones(len(cm), np.int64))
    far = straight_cm(cm)
    assert length == round_cm(far, order)
    assert 1 < length / round_cm(far, shortened(far)) < 1.4
    assert ways == pytest.approx(far.sum(axis=1).min(), rel=0.01)


def test_a_year_s_metres_are_those_of_the_rounds_that_are_really_walked():
    """Twenty homes, each called on three times, five in a round. Wherever the first round begins, it is the mean of all beginnings."""
    far = straight_cm(places(20, 4))
    order = shortened(far)
    middle = int(far.sum(axis=1).argmin())
    walked = []
    for begin in range(20):
        turned = np.roll(order, begin).reshape(4, 5)
        walked.append(
            sum(far[middle, one[0]] + far[one[:-1], one[1:]].sum() + far[one[-1], middle] for one in turned)
        )
    one = GridRound(round_cm(far, order) / 100, far[middle].mean() / 100)
    assert metres_a_year(60, 20, one, 5) == pytest.approx(3 * np.mean(walked) / 100)
    # Where all homes are called on in one round there is no second one.
    assert metres_a_year(60, 20, one, 20) == metres_a_year(60, 20, one, 100)


def test_who_calls_at_nobody_walks_nowhere():
    assert metres_a_year(0, 20, GridRound(500, 40)) == 0
    assert metres_a_year(12, 1, GridRound(0, 0)) == 0
