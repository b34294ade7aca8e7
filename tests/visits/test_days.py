"""A round within a working day: which doors fit into it, about when each is called on, what is left for another day."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import NOW, TODAY
from tests.visits.homes import household

from wangge.visits import actions, queries
from wangge.visits.actions import NewErrand, add_errands, renew_due
from wangge.visits.rules import Asked, BadVisit, Stop, day_between, day_walk, part_of_day, walks_of_many

DAY = ((510, 720), (840, 1050))
FIRST = date(2026, 4, 15)


def street(count, minutes, dues=(None,)):
    """Doors along a street, eighty metres apart as one walks."""
    return [
        Stop(str(n), 119.0 + n * 0.000672, 34.5, f"{n}号", minutes, dues[n % len(dues)]) for n in range(count)
    ]


def keys(stops):
    return [stop.key for stop in stops]


def test_what_fits_into_the_day_is_walked_as_is_shortest_and_no_call_reaches_into_the_break():
    walk = day_walk(street(14, 20), DAY)
    assert keys(walk.stops) == [str(n) for n in range(14)]
    assert walk.left == ()
    # A good 21 minutes from door to door; the tenth call would end some seconds after twelve.
    assert walk.begins[:3] == (510, 530, 550)
    assert walk.begins[8:10] == (680, 840)


def test_what_ends_today_comes_in_also_where_the_day_is_short():
    dues = [FIRST + timedelta(days=1), FIRST + timedelta(days=9), FIRST]
    stops = street(20, 20, dues)
    walk = day_walk(stops, ((540, 720),))
    assert len(walk.stops) == 8
    assert {stop.due for stop in walk.stops} == {dues[0], dues[2]}
    assert sum(stop.due == FIRST for stop in walk.stops) == 6, "all that end today"
    assert {*keys(walk.stops), *keys(walk.left)} == set(keys(stops))
    assert keys(walk.stops) in (
        sorted(keys(walk.stops), key=int),
        sorted(keys(walk.stops), key=int, reverse=True),
    ), "up the street or down it"


def test_a_staircase_that_is_too_much_for_a_day_is_called_on_in_part_in_the_order_of_its_doors():
    stops = [Stop(f"{n}", 119.0, 34.5, f"3号楼{n}室", 15, FIRST) for n in range(101, 121)]
    walk = day_walk(stops, ((540, 660),))
    assert len(walk.stops) == 8
    assert keys(walk.stops) == sorted(keys(walk.stops), key=int)
    assert walk.begins == tuple(range(540, 660, 15))


def test_a_door_without_a_place_has_its_day_too():
    nowhere = Stop("nowhere", None, None, "", 20, FIRST)
    walk = day_walk([*street(6, 20, [FIRST + timedelta(days=3)]), nowhere], ((540, 600),))
    assert "nowhere" in keys(walk.stops)
    assert len(walk.stops) == 2
    assert keys(day_walk([*street(2, 20), nowhere], DAY).stops) == ["0", "1", "nowhere"]


places = st.none() | st.tuples(st.floats(118.99, 119.01), st.floats(34.49, 34.51))
doors = st.lists(
    st.tuples(places, st.sampled_from([5, 15, 40, 300]), st.none() | st.integers(0, 3)), max_size=16
)


@given(doors, st.sampled_from([DAY, ((540, 600),), ((480, 500), (510, 640), (700, 705))]))
@settings(max_examples=40, deadline=None)
def test_each_door_is_called_on_once_within_the_hours_or_left(found, hours):
    stops = [
        Stop(
            str(n), place and place[0], place and place[1], f"{n}号", minutes,
            None if due is None else FIRST + timedelta(days=due),
        )
        for n, (place, minutes, due) in enumerate(found)
    ]  # fmt: skip
    walk = day_walk(stops, hours, limit_s=None)
    assert sorted([*keys(walk.stops), *keys(walk.left)], key=int) == keys(stops)
    for stop, begin in zip(walk.stops, walk.begins, strict=True):
        # Told to five minutes.
        assert any(opens - 3 <= begin and begin + stop.minutes <= closes + 3 for opens, closes in hours)
    for (one, begin), (_, following) in zip(
        zip(walk.stops, walk.begins, strict=True), list(zip(walk.stops, walk.begins, strict=True))[1:], strict=False
    ):  # fmt: skip
        assert begin + one.minutes <= following + 5


def test_hours_that_are_chosen_keep_the_breaks_between():
    assert day_between(DAY, None, None) == DAY
    assert day_between(DAY, 600, 900) == ((600, 720), (840, 900))
    assert day_between(DAY, 750, None) == ((840, 1050),), "who begins in the break begins after it"
    assert day_between(DAY, 1080, 1200) == ((1080, 1200),), "an evening"
    assert day_between(DAY, 1080, None) == ()


def test_parts_of_a_day_follow_one_another():
    assert part_of_day(DAY, 0, 1) == DAY
    assert (part_of_day(DAY, 0, 2), part_of_day(DAY, 1, 2)) == (DAY[:1], DAY[1:])
    thirds = [part_of_day(DAY, place, 3) for place in range(3)]
    assert thirds == [((510, 650),), ((650, 720), (840, 910)), ((910, 1050),)]


def test_several_who_walk_one_grid_have_pieces_of_one_way_each_within_their_hours():
    stops = tuple(street(12, 20))
    (((one, other), (alone,))) = walks_of_many([Asked(stops, (DAY, ((510, 560),))), Asked(stops[:3], (DAY,))])
    assert keys(one.stops) == ["0", "1", "2", "3", "4", "5"]
    assert keys([*other.stops, *other.left]) == ["6", "7", "8", "9", "10", "11"]
    assert len(other.stops) == 2
    assert keys(alone.stops) == ["0", "1", "2"]


@pytest.fixture
def homes(town, db):
    made = [household(town, town.grid_a, str(101 + n), lon=119.351 + n / 1000) for n in range(6)]
    renew_due(town.as_viewer("worker"), [home.pk for home in made], now=NOW)
    return made


def test_a_round_says_about_when_and_for_which_doors_the_day_is_too_short(town, homes):
    viewer = town.as_viewer("worker")
    whole = queries.plan_round(viewer, TODAY)
    assert (len(whole.stops), whole.about[0], whole.left_over, whole.left) == (6, 510, (), 0)
    kept = actions.keep_round(viewer, TODAY, begins=840, ends=900, now=NOW)
    assert (len(kept.stops), kept.about[0], len(kept.left_over)) == (3, 840, 3)
    again = queries.round_by_id(viewer, kept.id)
    assert (again.stops, again.about, again.left_over) == (kept.stops, kept.about, kept.left_over)
    told = queries.rounds_from(viewer, town.accounts["worker"].pk, TODAY)[0]
    assert told.doors == [each.door.id for each in kept.stops]
    assert told.about == dict(zip(told.doors, kept.about, strict=True))
    assert set(told.left_over) == {each.door.id for each in kept.left_over}
    with pytest.raises(BadVisit, match="ends"):
        actions.keep_round(viewer, TODAY, begins=900, ends=900, now=NOW)


def test_what_is_asked_at_a_door_takes_its_minutes(town, homes):
    viewer = town.as_viewer("worker")
    short = {"hours": ((540, 630),)}
    assert len(queries.plan_round(viewer, TODAY, **short).stops) == 5
    with transaction.atomic():
        for number in range(3):
            new = NewErrand("other", f"带一张通知{number}", TODAY, TODAY + timedelta(days=7))
            add_errands(town.as_viewer("community"), [home.pk for home in homes], new, now=NOW)
        renew_due(town.as_viewer("worker"), [home.pk for home in homes], now=NOW)
    fewer = queries.plan_round(town.as_viewer("worker"), TODAY, **short)
    assert (len(fewer.stops), len(fewer.left_over)) == (3, 3)


def test_the_hours_are_the_installation_s(town, homes, settings):
    settings.ROUND_HOURS, settings.VISIT_MINUTES = ((600, 650),), 20
    planned = queries.plan_round(town.as_viewer("worker"), TODAY)
    assert planned.about[0] == 600
    assert len(planned.stops) == 2
