"""The sums that the database keeps are those that a recount gives, whatever comes in whichever order."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import NOW
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.visits.rules import OUTCOMES

DOORS = range(4)
FIRST = date(2026, 4, 1)

visits = st.lists(
    st.tuples(st.sampled_from(DOORS), st.integers(0, 3), st.sampled_from(OUTCOMES)),
    min_size=1,
    max_size=12,
)
dues = st.lists(
    st.tuples(st.sampled_from(["put", "gone"]), st.sampled_from(DOORS), st.integers(0, 3), st.integers(0, 3)),
    max_size=12,
)
in_one_town = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

RECOUNT = """
select path::text, day, outcome, count(*) from visits_visit group by 1, 2, 3
union all
select path::text, day, 'households', count(distinct household_id) from visits_visit where outcome = 'met' group by 1, 2
"""
VISIT = "(%s, '', %s, %s, %s, %s, %s, %s, %s, false, '{}', '', 'app', 1)"
COLUMNS = "id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons, seen, source, revision"
PUT = """
insert into visits_duevisit as d (household_id, path, since, by, reasons, known_on, revision, computed_at)
values (%s, %s, %s, %s, '[]', '2026-04-01', 1, %s)
on conflict (household_id) do update set path = excluded.path, since = excluded.since, by = excluded.by
"""


@pytest.fixture
def homes(town):
    return [household(town, town.grid_a, str(door)).pk for door in DOORS]


def found(town, statement):
    return sorted(town.owner.execute(statement).fetchall())


def insert_visits(town, batch):
    values = []
    for home, day, outcome, path in batch:
        values += [new_id(), home, path, FIRST + timedelta(days=day), NOW, NOW, NOW, outcome]
    rows = ", ".join([VISIT] * len(batch))
    town.owner.execute(f"insert into visits_visit ({COLUMNS}) values {rows}", values)


@in_one_town
@given(batches=st.lists(visits, max_size=4))
def test_visits_by_grid_and_day_are_as_a_recount_says(town, homes, batches):
    try:
        for batch in batches:
            insert_visits(town, [(homes[door], *each, town.grid_a.path) for door, *each in batch])
        assert found(town, "select path::text, day, what, count from visits_sum") == found(town, RECOUNT)
    finally:
        town.owner.rollback()


@in_one_town
@given(moves=dues)
def test_doors_due_are_as_a_recount_says(town, homes, moves):
    try:
        for act, door, since, length in moves:
            if act == "gone":
                town.owner.execute("delete from visits_duevisit where household_id = %s", [homes[door]])
                continue
            path = (town.grid_a if length < 2 else town.grid_b).path
            begins = FIRST + timedelta(days=since)
            town.owner.execute(PUT, [homes[door], path, begins, begins + timedelta(days=length), NOW])
        kept = found(town, "select path::text, since, by, count from visits_duesum where count <> 0")
        again = "select path::text, since, by, count(*) from visits_duevisit group by 1, 2, 3"
        assert kept == found(town, again)
    finally:
        town.owner.rollback()


def test_a_household_met_twice_a_day_is_one_household_met(town, homes):
    insert_visits(town, [(homes[0], 0, "met", town.grid_a.path)])
    insert_visits(town, [(homes[0], 0, "met", town.grid_a.path), (homes[0], 0, "refused", town.grid_a.path)])
    kept = dict(town.owner.execute("select what, count from visits_sum").fetchall())
    assert kept == {"met": 2, "refused": 1, "households": 1}
