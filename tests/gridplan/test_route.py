"""A round calls at every door once or says why not, keeps hours and shift, and is never longer than walking to the nearest."""

import time
from datetime import date, timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.gridplan.rounds import SHORTEST, distances

from gridplan.route import EXACT, BadRound, Stop, route

DAY = date(2026, 5, 1)


def doors(count, **facts):
    return [Stop(str(number), **facts) for number in range(count)]


def spread(count, seed=0, width=900.0):
    return np.random.default_rng(seed).uniform(0, width, (count, 2))


def nearest_next(xy, start):
    """Metres of walking always to the nearest door that is left."""
    left, here, walked = list(range(len(xy))), np.asarray(start, float), 0.0
    while left:
        far = np.hypot(*(xy[left] - here).T)
        walked += far.min()
        here = xy[left.pop(int(far.argmin()))]
    return walked


def lengths(xy, order, start):
    way = np.vstack([start, xy[list(order)]])
    return np.hypot(*np.diff(way, axis=0).T).sum()


@pytest.mark.parametrize("name", SHORTEST)
def test_it_is_within_one_percent_of_the_best_known(name):
    table = distances(name)
    stops = doors(len(table) - 1, minutes=0)
    rows = [*range(1, len(table)), 0]
    found = route(stops, distances=table[np.ix_(rows, rows)], start=len(stops), end=len(stops))
    assert sorted(found.order) == list(range(len(stops)))
    assert SHORTEST[name] <= found.metres <= 1.01 * SHORTEST[name]


def test_a_small_round_is_the_shortest_of_all():
    for seed in range(5):
        xy = spread(7, seed)
        found = route(doors(7), xy=xy, start=(0, 0), seed=seed)
        shortest = min(lengths(xy, order, (0, 0)) for order in permutations(range(7)))
        assert found.exact
        assert found.metres == pytest.approx(shortest, abs=0.5)


def test_without_a_start_and_an_end_it_begins_and_ends_at_a_door():
    xy = np.array([[500.0, 0], [0, 0], [300, 0], [100, 0]])
    found = route(doors(4), xy=xy)
    assert found.metres == 500
    assert found.names in (("0", "2", "3", "1"), ("1", "3", "2", "0"))
    assert route(doors(4), xy=xy, start=(600, 0), end=(600, 0)).metres == 1200


@pytest.mark.parametrize("count", [EXACT + 1, 30])
def test_it_is_shorter_than_walking_to_the_nearest_with_many_doors_too(count):
    for seed in range(3):
        xy = spread(count, seed)
        found = route(doors(count), xy=xy, start=(0, 0))
        assert found.metres <= nearest_next(xy, (0, 0)) + 0.5


def test_hours_are_kept_even_where_a_door_opens_twice():
    noon = ((600, 660), (840, 900))
    stops = [*doors(13), Stop("clinic", windows=noon), Stop("hall", minutes=30, windows=((540, 600),))]
    found = route(stops, xy=spread(15), start=(0, 0), begins=520)
    at = dict(zip(found.names, found.begins, strict=True))
    assert len(found.order) == 15
    assert any(opens <= at["clinic"] <= closes - 10 for opens, closes in noon)
    assert 540 <= at["hall"] <= 570


def test_what_ends_first_goes_first_when_the_shift_is_short():
    stops = [Stop(str(n), minutes=30, due=DAY + timedelta(days=n % 5)) for n in range(10)]
    found = route(stops, xy=spread(10), shift_minutes=200)
    days = [stops[stop].due for stop in found.order]
    assert len(days) < 10
    assert max(days) <= min(stops[each.stop].due for each in found.left) + timedelta(days=1)
    assert found.ends <= found.starts + 200
    assert {each.rule for each in found.left} == {"shift"}
    assert "no room" in found.left[0].text


def test_a_door_that_ends_first_is_not_given_up_for_many_that_do_not():
    stops = [Stop("far", minutes=10, due=DAY), *doors(11, minutes=1, due=DAY + timedelta(days=9))]
    xy = np.vstack([[3000.0, 0], spread(11, width=50)])
    assert "far" in route(stops, xy=xy, start=(0, 0), end=(0, 0), shift_minutes=100).names
    many = [*stops, *(Stop(f"more{n}", due=DAY + timedelta(days=9)) for n in range(20))]
    whole = np.vstack([xy, spread(20, 1, 50)])
    found = route(many, xy=whole, start=(0, 0), end=(0, 0), shift_minutes=100)
    assert "far" in found.names


def test_each_door_that_is_left_says_why():
    stops = [
        Stop("island"),
        Stop("early", windows=((400, 450),)),
        Stop("short", minutes=30, windows=((600, 620),)),
        Stop("long", minutes=500),
        Stop("fine"),
    ]
    table = np.full((6, 6), 100.0)
    table[0, :], table[:, 0] = np.inf, np.inf
    found = route(stops, distances=table, start=5, shift_minutes=300)
    assert found.names == ("fine",)
    assert {stops[each.stop].name: each.rule for each in found.left} == {
        "island": "way",
        "early": "hours",
        "short": "hours",
        "long": "shift",
    }
    assert "06:40–07:30" in found.left[1].text


def test_two_doors_of_one_hour_cannot_both_be_called_on():
    stops = [Stop(str(n), minutes=40, windows=((600, 660),)) for n in range(2)]
    found = route(stops, xy=spread(2))
    assert len(found.order) == 1
    assert found.left[0].rule == "hours"


def test_ways_along_streets_may_be_longer_in_one_direction():
    table = np.array([[0, 10, 100.0], [100, 0, 10], [10, 100, 0]])
    assert route(doors(3), distances=table).metres == 20


windows = st.lists(
    st.tuples(st.integers(480, 900), st.integers(0, 240)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=2,
).map(tuple)
rounds = st.lists(
    st.tuples(
        st.builds(
            Stop,
            name=st.just("x"),
            minutes=st.sampled_from([0, 5, 10, 45]),
            windows=windows,
            due=st.none() | st.integers(0, 6).map(lambda days: DAY + timedelta(days=days)),
        ),
        st.tuples(st.integers(0, 900), st.integers(0, 900)),
    ),
    max_size=16,
)


@given(rounds, st.none() | st.integers(0, 500), st.booleans(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
@example([], 0, True, 0)
def test_every_door_is_walked_once_or_left_with_a_reason(asked, shift, returns, seed):
    stops, xy = [stop for stop, _ in asked], np.array([spot for _, spot in asked], float).reshape(-1, 2)
    home = (0, 0) if returns else None
    facts = {"xy": xy, "start": (0, 0), "end": home, "shift_minutes": shift, "seed": seed}
    found = route(stops, **facts)
    left = [each.stop for each in found.left]
    assert sorted([*found.order, *left]) == list(range(len(stops)))
    assert all(each.text for each in found.left)
    assert shift is None or found.ends <= found.starts + shift + 0.01
    here, now = np.zeros(2), found.starts
    for stop, begin in zip(found.order, found.begins, strict=True):
        arrives = now + np.hypot(*(xy[stop] - here)) / 70
        each = stops[stop]
        assert begin >= arrives - 0.01
        assert not each.windows or any(
            opens - 0.01 <= begin and begin + each.minutes <= closes + 0.01 for opens, closes in each.windows
        )
        here, now = xy[stop], begin + each.minutes
    again = route(stops, **facts)
    assert (again.order, again.begins, again.left) == (found.order, found.begins, found.left)
    if shift is None and not any(each.windows for each in stops) and not returns:
        assert found.metres <= nearest_next(xy, (0, 0)) + 0.5


def test_it_stops_when_told_and_gives_its_best_so_far():
    xy, told = spread(60), []
    at_once = route(doors(60), xy=xy, limit_s=0)
    assert at_once.stopped
    assert sorted(at_once.order) == list(range(60))
    calls = iter(range(10**6))
    half = route(doors(60), xy=xy, stop=lambda: next(calls) > 40, progress=told.append)
    assert half.stopped
    assert half.metres <= at_once.metres
    whole = route(doors(60), xy=xy, progress=told.append)
    assert not whole.stopped
    assert told[-1] == 1.0


def test_sixty_doors_take_about_a_second():
    route(doors(20), xy=spread(20))  # what is loaded once is not measured
    began = time.process_time()
    route(doors(60), xy=spread(60), start=(0, 0), end=(0, 0))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "either"),
        ({"xy": [[0, 0]]}, "2 stops"),
        ({"xy": [[0, 0], [1, float("nan")]]}, "2 stops"),
        ({"xy": [[0, 0], [1, 1]], "start": (1, 2, 3)}, "start"),
        ({"xy": [[0, 0], [1, 1]], "shift_minutes": -1}, "shift"),
        ({"xy": [[0, 0], [1, 1]], "metres_a_minute": 0}, "metres"),
        ({"distances": [[0.0]]}, "square"),
        ({"distances": [[0, -1], [1, 0]]}, "from 0"),
        ({"distances": [[0, 1], [1, 0]], "start": 2}, "rows"),
        ({"distances": [[0, 1], [1, 0]], "start": (0.0, 0.0)}, "rows"),
        ({"distances": [[0, 1e15], [1, 0]]}, "so far"),
    ],
)
def test_what_is_no_round_is_refused_in_words(facts, word):
    with pytest.raises(BadRound, match=word):
        route(doors(2), **facts)


@pytest.mark.parametrize("facts", [{"minutes": -1}, {"windows": ((600, 500),)}])
def test_a_door_that_makes_no_sense_is_named(facts):
    with pytest.raises(BadRound, match="clinic"):
        route([Stop("clinic", **facts)], xy=[[0, 0]])
