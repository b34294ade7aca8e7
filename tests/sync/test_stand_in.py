"""Somebody stands in for a worker who is away: their phone has the grid, and what they do there counts for it."""

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.staff import actions as staff
from wangge.sync import actions, queries
from wangge.visits import actions as visits
from wangge.visits.jobs import renew_due_visits
from wangge.visits.queries import figures
from wangge.visits.rules import day_of

#: Rounds of other days than the real one are not on a phone.
NOW = clock.now()
TODAY = day_of(NOW)
NIGHT = datetime.combine(TODAY, time(4, 30), SHANGHAI)


@pytest.fixture
def away(town, open_db):
    """The worker of grid A is on leave for three days, and who walks grid B stands in; four doors there, one here."""
    theirs = [household(town, town.grid_a, str(100 + n), lon=119.351 + (n * 2 % 3) / 1000) for n in range(4)]
    own = household(town, town.grid_b, "200", lon=119.361)
    renew_due_visits(NOW)
    days = {"from_on": TODAY, "to_on": TODAY + timedelta(days=2)}
    with transaction.atomic():
        lead = town.as_viewer("community")
        staff.grant_leave(lead, town.accounts["worker"].pk, **days, now=NOW)
        held, who = town.assignments["worker"].pk, town.accounts["worker2"].pk
        staff.name_stand_in(lead, held, who, **days, now=NOW)
    return theirs, own


def on_the_phone(town, *, now=NOW):
    """What a phone of the stand-in is given, by kind and id."""
    with transaction.atomic():
        *records, _ = queries.snapshot(town.as_viewer("worker2", now=now), now=now)
    return {(one.kind, one.id): one.fields for one in records}


def pushed(town, kind, data, *, now=NOW):
    command = {"id": str(new_id()), "kind": kind, "at": now.isoformat(), "data": data}
    with transaction.atomic():
        (result,) = actions.push(town.as_viewer("worker2", now=now), [command], now=now)
    return result


def test_the_stand_in_has_the_round_of_the_night_for_both_grids(town, away):
    theirs, own = away
    visits.plan_rounds(town.city.path, TODAY, now=NIGHT)
    account = town.accounts["worker2"].pk
    rows = town.rows("select grid_id, account_id, households::text[] from visits_round order by grid_id")
    assert [row[:2] for row in rows] == [(town.grid_a.code, account), (town.grid_b.code, account)]
    held = on_the_phone(town)
    walked = held["round", str(account)]["days"][TODAY.isoformat()]
    assert sorted(walked) == sorted(str(home.pk) for home in [*theirs, own])
    in_grid_a = {str(home.pk) for home in theirs}
    assert [door for door in walked if door in in_grid_a] == rows[0][2], "in the order of its sheet"
    assert {key for kind, key in held if kind == "household"} == {str(home.pk) for home in [*theirs, own]}
    assert {key for kind, key in held if kind == "due"} >= in_grid_a


def test_their_shift_says_for_whom_and_what_they_do_counts_for_the_grid(town, away):
    theirs, own = away
    assert pushed(town, "shift.start", {}).status == "done"
    assert town.rows("select path::text, account_id, stands_in_for_id from visits_shift") == [
        (town.grid_a.path, town.accounts["worker2"].pk, town.accounts["worker"].pk)
    ]
    for home in (theirs[0], own):
        said = {"household": str(home.pk), "outcome": "met", "well": True}
        assert pushed(town, "visit.record", said).status == "done"
    with transaction.atomic():
        desk = town.as_viewer("community")
        found = figures(desk, town.community.code, since=TODAY, until=TODAY)
    assert found.by_area[town.grid_a.code]["met"] == 1
    assert found.by_area[town.grid_b.code]["met"] == 1
    assert town.rows("select count(*) from visits_duevisit where household_id = %s and since <= %s", [
        theirs[0].pk, TODAY
    ]) == [(0,)]  # fmt: skip


def test_when_the_days_are_over_they_have_their_own_grid_alone(town, away):
    theirs, own = away
    later = NOW + timedelta(days=3)
    assert {key for kind, key in on_the_phone(town, now=later) if kind == "household"} == {str(own.pk)}
    said = {"household": str(theirs[0].pk), "outcome": "met"}
    assert pushed(town, "visit.record", said, now=later).status == "refused"
