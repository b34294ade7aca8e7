"""Rules of cases: what may be done next, whom routing chooses, what the clocks say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.access import Seat, Viewer, verbs_of
from wangge.base.calendar import CHINA
from wangge.cases.lifecycle import MAX_SUSPENSIONS, OPEN, REOPEN_DAYS
from wangge.cases.rules import (
    Due,
    Rule,
    Standing,
    after_pause,
    case_number,
    choose_rule,
    due_for,
    facts_of,
    first_alarm,
    possible_moves,
)

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
CITY = "320700000000"
COUNTY = f"{CITY}.320703000000"
TOWN = f"{COUNTY}.320703003000"
PLACE = f"{TOWN}.320703003002"
GRID = f"{PLACE}.3207030030021001"


def viewer(account: int, path: str, level: str, *duties: str, department: str = "") -> Viewer:
    return Viewer(account, seats=(Seat(path, level, "post", verbs_of(duties), department=department),))


def steps(standing: Standing, who: Viewer) -> list[str]:
    return [move.step for move in possible_moves(standing, who, NOW)]


def standing(state: str = "reported", **facts) -> Standing:
    return Standing(
        state, GRID, facts.pop("holder_path", PLACE), facts.pop("holder_level", "community"), **facts
    )


DESK = viewer(1, PLACE, "community", "desk")
WORKER = viewer(2, GRID, "grid", "walk")
OFFICE = viewer(3, COUNTY, "county", "handle", department="water")


def test_a_desk_accepts_what_it_holds_and_a_desk_elsewhere_sees_no_step():
    assert "accept" in steps(standing(), DESK)
    assert steps(standing(), viewer(9, f"{TOWN}.320703003003", "community", "desk")) == []


def test_a_worker_below_the_holder_takes_no_step_but_what_they_reported():
    assert steps(standing(), WORKER) == []
    assert steps(standing(reported_by_id=2), WORKER) == ["cancel"]


def test_only_the_office_that_was_asked_may_answer():
    asked = standing("dispatched", open_offices=frozenset({"320703000000/water"}))
    assert "handle" in steps(asked, OFFICE)
    assert steps(standing("dispatched", open_offices=frozenset({"320703000000/gas"})), OFFICE) == []
    assert steps(standing("handled"), OFFICE) == []


def test_the_handler_does_not_witness_their_own_work():
    own = standing("handled", handled_by_id=1)
    assert "verify" in steps(own, DESK)  # a no is always open
    assert "others_done" in facts_of(own, DESK, {}, NOW)
    assert "another_person" not in facts_of(own, DESK, {}, NOW)
    assert "witnessed" not in facts_of(own, DESK, {"witness": "reporter"}, NOW)


@pytest.mark.parametrize(
    ("proof", "photo", "witness", "holds"),
    [
        ("none", True, "photo", True),
        ("photo", True, "photo", True),
        ("witness", True, "photo", False),
        ("photo", False, "photo", False),
        ("none", False, "reporter", True),
        ("photo", False, "reporter", False),
    ],
)
def test_what_counts_as_a_witness_depends_on_the_item(proof, photo, witness, holds):
    handled = standing("handled", handled_by_id=5, proof=proof, has_photo=photo)
    assert ("witnessed" in facts_of(handled, DESK, {"witness": witness}, NOW)) is holds


def test_suspending_is_limited_and_reopening_ends():
    assert "suspend" in steps(standing("accepted", suspensions=MAX_SUSPENSIONS - 1), DESK)
    assert "suspend" not in steps(standing("accepted", suspensions=MAX_SUSPENSIONS), DESK)
    day = timedelta(days=1)
    assert "reopen" in steps(standing("closed", ended_at=NOW - REOPEN_DAYS * day), DESK)
    assert "reopen" not in steps(standing("closed", ended_at=NOW - (REOPEN_DAYS + 1) * day), DESK)


@pytest.mark.parametrize("state", OPEN)
def test_the_desk_that_holds_an_open_case_always_has_a_step(state):
    held = standing(state, suspended_from="accepted" if state == "suspended" else "")
    assert steps(held, DESK)


def test_the_most_particular_rule_wins():
    rules = [
        Rule(1, CITY, business="service", tier="county"),
        Rule(2, PLACE, tier="township"),
        Rule(3, CITY, item="V01-01", tier="community", hours="off"),
        Rule(4, CITY, item="V01-01", department="police"),
        Rule(5, f"{TOWN}.320703003003", item="V01-01", tier="grid"),
    ]
    asked = {
        "item": "V01-01",
        "business": "service",
        "first_tier": "grid",
        "department": "water",
        "path": GRID,
    }
    assert choose_rule(rules, **asked, in_office_hours=False).rule.id == 3
    day = choose_rule(rules, **asked, in_office_hours=True)
    assert (day.rule.id, day.tier, day.department) == (4, "grid", "police")
    other = choose_rule(rules, **{**asked, "item": "V02-01"}, in_office_hours=True)
    assert (other.rule.id, other.tier, other.department) == (1, "county", "water")
    assert choose_rule([], **asked, in_office_hours=True).rule is None


def test_numbers_are_for_the_phone_and_grow_past_four_digits():
    on = NOW.date()
    assert case_number("320703000000", on, 7) == "0703-260304-0007"
    assert case_number("320703000000", on, 12345) == "0703-260304-12345"


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(MOMENTS, st.integers(30, 8_400), st.integers(0, 20_000))
def test_a_pause_gives_back_exactly_the_working_time_it_took(start, minutes, paused_minutes):
    due = due_for(start, minutes)
    assert start <= due.warn_at <= due.due_at
    until = start + timedelta(minutes=paused_minutes)
    later = after_pause(due, start, until)
    left = CHINA.working_minutes_between(until, later.due_at)
    assert abs(left - minutes) <= 1
    assert first_alarm(Due(later.due_at, later.warn_at), until) >= min(until, later.due_at)
