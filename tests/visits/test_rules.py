"""What is due, when, and in which order doors are walked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.visits.rules import (
    Errand,
    Need,
    Stop,
    Visits,
    door,
    due,
    happened,
    metres,
    nearest_next,
    next_check,
    rules_in,
    shipped_rules,
    shortest,
)
from wangge.visits.rules.dues import added

BEGAN = date(2026, 1, 10)
TODAY = date(2026, 4, 15)
RULES = {rule.code: rule for rule in shipped_rules()}
NEEDS = sorted(rule.need for rule in shipped_rules() if rule.need)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
needs = st.lists(
    st.builds(
        Need,
        kind=st.sampled_from(NEEDS),
        since=days,
        until=st.none() | st.dates(date(2026, 6, 1), date(2028, 1, 1)),
        id=st.uuids().map(str),
    ),
    max_size=4,
)
errands = st.lists(
    st.builds(
        lambda kind, since, length, law: Errand(kind, since, since + timedelta(days=length), law),
        st.sampled_from(["answer", "campaign", "question"]),
        days,
        st.integers(0, 60),
        st.booleans(),
    ),
    max_size=3,
)
last_visits = st.builds(
    lambda met, tried, outcome: (
        Visits(
            met_on=met,
            tried_on=max(met, tried) if met and tried else (met or tried),
            outcome=outcome if tried and (met is None or tried > met) else ("met" if met else ""),
        )
        if met or tried
        else Visits()
    ),
    st.none() | days,
    st.none() | days,
    st.sampled_from(["nobody_home", "moved", "empty", "not_found"]),
)


def reasons(needs=(), visits=None, *, wish=False, owed=(), today=TODAY):
    return due(shipped_rules(), needs, visits or Visits(), wish, owed, began=BEGAN, today=today)


def test_everyone_is_called_on_once_a_year():
    (reason,) = reasons()
    assert (reason.why, reason.since, reason.by) == ("everyone", BEGAN, date(2027, 1, 10))
    (again,) = reasons(visits=Visits(date(2026, 3, 1), date(2026, 3, 1), "met"))
    assert again.by == date(2027, 3, 1)
    assert again.since == date(2027, 3, 1) - timedelta(days=RULES["everyone"].early_days)


def test_a_visit_from_before_the_register_began_counts():
    """A list of last year's visits is taken in after the register."""
    (reason,) = reasons(visits=Visits(date(2025, 12, 1), date(2025, 12, 1), "met"))
    assert reason.by == date(2026, 12, 1)


def test_a_need_makes_it_more_often_while_it_lasts():
    alone = Need("living_alone", date(2026, 2, 1), date(2026, 12, 31), "n1")
    met = Visits(date(2026, 4, 1), date(2026, 4, 1), "met")
    first, _yearly = reasons([alone], met)
    assert (first.why, first.by, first.id) == ("living_alone", date(2026, 5, 1), "n1")
    assert [each.why for each in reasons([replace(alone, until=date(2026, 4, 14))], met)] == ["everyone"]


def test_one_meeting_answers_every_reason():
    both = [Need("living_alone", BEGAN), Need("disability", BEGAN)]
    met_today = Visits(TODAY, TODAY, "met")
    assert all(each.since > TODAY for each in reasons(both, met_today))


def test_two_people_with_one_need_are_one_reason():
    two = [Need("elder", date(2026, 2, 2), id="b"), Need("elder", date(2026, 1, 1), id="a")]
    assert [each.id for each in reasons(two) if each.why == "elder"] == ["a"]


def test_nobody_home_waits_some_days_and_what_is_late_stays_late():
    alone = Need("living_alone", BEGAN)
    tried = Visits(None, TODAY, "nobody_home")
    first = reasons([alone], tried)[0]
    assert first.since == TODAY + timedelta(days=RULES["living_alone"].retry_days)
    assert first.by == date(2026, 2, 10)


def test_a_refusal_is_answered_where_no_law_asks():
    refused = Visits(None, TODAY, "refused", TODAY)
    (yearly,) = reasons(visits=refused)
    assert yearly.by == date(2027, 4, 15)
    lawful = reasons([Need("living_alone", BEGAN)], refused)[0]
    assert lawful.by == date(2026, 2, 10)
    assert lawful.since == TODAY + timedelta(days=14)


def test_the_wish_keeps_all_but_the_law_from_making_a_visit():
    assert reasons(wish=True) == []
    campaign = Errand("campaign", TODAY, TODAY + timedelta(days=5))
    assert reasons(wish=True, owed=[campaign]) == []
    found = reasons([Need("living_alone", date(2026, 4, 1))], wish=True, owed=[campaign])
    assert {each.why for each in found} == {"living_alone", "campaign", "everyone"}
    assert door(found, wish=True).by == date(2026, 5, 1)
    assert door(found).by == TODAY + timedelta(days=5)


@given(needs, last_visits, errands, days)
def test_one_reason_more_never_makes_a_door_wait_longer(needs, visits, owed, today):
    few = door(due(shipped_rules(), needs[:1], visits, False, owed[:1], began=BEGAN, today=today))
    many = door(due(shipped_rules(), needs, visits, False, owed, began=BEGAN, today=today))
    if few:
        kinds = [need.kind for need in needs[1:]]
        if not needs or needs[0].kind not in kinds:
            assert many.since <= few.since
            assert many.by <= few.by


@given(needs, last_visits, errands, days)
def test_with_the_wish_only_the_law_says_when(needs, visits, owed, today):
    usual = due(shipped_rules(), needs, visits, False, owed, began=BEGAN, today=today)
    kept = due(shipped_rules(), needs, visits, True, owed, began=BEGAN, today=today)
    lawful = [each for each in usual if each.law]
    assert kept == (usual if lawful else [])
    if lawful:
        assert door(kept, wish=True).since == min(each.since for each in lawful) >= door(usual).since


@settings(deadline=None)
@given(needs, st.dates(BEGAN, date(2027, 12, 31)), st.integers(200, 500))
def test_a_worker_who_goes_as_soon_as_it_is_due_never_goes_more_often_than_needed(needs, first, length):
    """A year and more of calls that all meet somebody: between two of them lies the shortest interval less its early days."""
    met, today = first, first
    holding = [RULES["everyone"], *(RULES[need.kind] for need in needs)]
    shortest = min((rule.after(first) - first).days - rule.early_days for rule in holding) - 3
    for _ in range(length):
        today += timedelta(days=1)
        open_needs = [need for need in needs if need.since <= first]
        found = door(
            due(shipped_rules(), open_needs, Visits(met, met, "met"), False, (), began=BEGAN, today=today)
        )
        if found and found.since <= today:
            assert (today - met).days >= shortest
            met = today


@given(needs, last_visits, errands, days)
def test_the_same_facts_in_another_order_are_the_same(needs, visits, owed, today):
    one = due(shipped_rules(), needs, visits, False, owed, began=BEGAN, today=today)
    other = due(shipped_rules()[::-1], needs[::-1], visits, False, owed[::-1], began=BEGAN, today=today)
    assert one == other


def test_a_month_ends_where_it_ends():
    assert added(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert added(date(2027, 12, 31), 2) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("x,,0,3,0,1,true,名,n,法,", "week"),
        ("x,,1,,20,1,true,名,n,法,", "early"),
        ("x,,1,,2,1,yes,名,n,法,", "law"),
        ("x,,1,,2,1,true,名,n,,", "basis"),
        ("x,,one,,2,1,true,名,n,法,", "one"),
        ("x,eldre,1,,2,1,true,名,n,法,", "need: living_alone, elder"),
    ],
)
def test_a_wrong_rule_is_named_by_its_line(cells, said):
    header = "code,need,every_months,every_days,early_days,retry_days,law,zh,en,basis_zh,basis_en"
    with pytest.raises(ValueError, match="line 2") as refused:
        rules_in([header, cells])
    assert said in str(refused.value)


def test_every_shipped_rule_says_on_what_it_stands():
    assert all(rule.basis_zh and rule.basis_en and rule.en for rule in shipped_rules())


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(moments, st.integers(-(10**7), 10**7))
def test_a_visit_is_never_after_its_arrival_and_never_long_before(received, seconds):
    said = received + timedelta(seconds=seconds)
    kept = happened(said, received)
    assert received - timedelta(days=31) <= kept <= received
    assert kept == said or not received - timedelta(days=31) <= said <= received


points = st.tuples(st.floats(119.0, 119.1), st.floats(34.5, 34.6)).map(
    lambda point: (round(point[0], 4), round(point[1], 4))
)
stops = st.lists(st.none() | points, max_size=20).map(
    lambda found: [
        Stop(str(number), point and point[0], point and point[1], f"{number}号")
        for number, point in enumerate(found)
    ]
)


@given(stops, st.none() | points)
def test_a_walk_has_each_door_once_and_goes_to_the_nearest(stops, start):
    walk = nearest_next(stops, start=start)
    assert sorted(each.key for each in walk) == sorted(each.key for each in stops)
    placed = [each for each in walk if each.lon is not None]
    assert walk[: len(placed)] == placed
    for here, following in enumerate(placed[1:]):
        at = (placed[here].lon, placed[here].lat)
        rest = [metres(at, (each.lon, each.lat)) for each in placed[here + 1 :]]
        assert metres(at, (following.lon, following.lat)) == min(rest)


def test_doors_of_one_staircase_are_walked_in_the_order_of_their_numbers():
    stops = [Stop(word, 119.0, 34.5, f"3号楼{word}室") for word in ("1001", "201", "1002", "102")]
    assert [each.key for each in nearest_next(stops)] == ["102", "201", "1001", "1002"]


def walked(walk, start):
    points = [(each.lon, each.lat) for each in walk if each.lon is not None]
    way = [*([start] if start else []), *points]
    return sum(metres(one, other) for one, other in pairwise(way))


@given(stops, st.none() | points)
@settings(max_examples=50, deadline=None)
def test_the_router_has_each_door_once_and_is_never_longer_than_going_to_the_nearest(stops, start):
    walk = shortest(stops, start=start, limit_s=None)
    assert sorted(each.key for each in walk) == sorted(each.key for each in stops)
    placed = [each for each in walk if each.lon is not None]
    assert walk[: len(placed)] == placed
    # Within the centimetres of a plane on a round earth.
    assert walked(walk, start) <= walked(nearest_next(stops, start=start), start) * 1.0005 + 0.2
    assert shortest(stops, start=start, limit_s=None) == walk
    # Homes of one staircase stay together.
    spots = [(each.lon, each.lat) for each in placed]
    assert len([1 for one, other in pairwise([None, *spots]) if one != other]) == len(set(spots))


def test_where_there_is_no_time_the_nearest_is_next():
    stops = [Stop(str(n), 119.0 + (n * 37 % 40) / 1000, 34.5 + (n * 11 % 17) / 1000) for n in range(40)]
    late = shortest(stops, start=(119.0, 34.5), limit_s=0)
    assert (
        walked(late, (119.0, 34.5)) <= walked(nearest_next(stops, start=(119.0, 34.5)), (119.0, 34.5)) + 0.2
    )


def test_the_doors_of_a_staircase_keep_the_order_of_their_numbers_and_a_walk_begins_in_the_north_west():
    doors = [
        ("east", 119.02, "1"),
        ("201", 119.0, "3号楼201"),
        ("1001", 119.0, "3号楼1001"),
        ("mid", 119.01, "2"),
    ]
    stops = [Stop(key, lon, 34.5, address) for key, lon, address in doors]
    assert [each.key for each in shortest([*stops, Stop("none", None, None)])] == [
        "201",
        "1001",
        "mid",
        "east",
        "none",
    ]


def test_a_fault_is_looked_at_again_sooner():
    day = date(2026, 4, 15)
    assert next_check(day, "fine", 30) == day + timedelta(days=30)
    assert next_check(day, "fault", 30) == day + timedelta(days=7)
    assert next_check(day, "no_access", 30) == day + timedelta(days=3)
