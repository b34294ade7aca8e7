"""What a phone wrote down without a signal, under a grid that was divided anew meanwhile, lands in the right new one."""

from datetime import timedelta

import pytest
from django.db import connection
from tests.builders import NOW
from tests.plans.test_applying import approved
from tests.plans.towns import laid_out

from wangge.base.ids import new_id
from wangge.plans import actions
from wangge.sync.actions import push

BEFORE = NOW - timedelta(hours=2)
LATER = NOW + timedelta(hours=3)


def command(kind, at, **data):
    return {"id": str(new_id()), "kind": kind, "at": at.isoformat(), "based_on": None, "data": data}


def one(town, statement, *values):
    town.as_system()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def applied(town, **facts):
    plan = approved(town, **facts)
    return actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)


def gone_from(town, grid):
    """A household that was in this grid and is now in another: its id, its path, its building's spot."""
    town.as_system()
    with connection.cursor() as cursor:
        cursor.execute(
            "select h.id, h.path::text, b.lon, b.lat from households_household h"
            " join households_dwelling d on d.id = h.dwelling_id join households_building b on b.id = d.building_id"
            " where (b.lon < 119.36) = %s and h.path <> %s::ltree order by b.lon, h.number limit 1",
            [grid.code.endswith("1"), grid.path],
        )
        return cursor.fetchone()


@pytest.mark.django_db
def test_a_visit_of_before_lands_where_the_household_is_now(town):
    laid_out(town)
    applied(town)
    household, path, _lon, _lat = gone_from(town, town.grid_a)
    early = command("visit.record", BEFORE, household=str(household), outcome="nobody_home")
    late = command("visit.record", NOW + timedelta(hours=1), household=str(household), outcome="nobody_home")
    viewer = town.as_viewer("worker")
    told = push(viewer, [early, late], now=LATER)
    assert [result.status for result in told] == ["done", "refused"]
    assert one(town, "select path::text from visits_visit where id = %s", early["id"]) == path
    # Afterwards they see what they saw before, and no more.
    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from households_household where id = %s", [household])
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_nothing_reaches_further_than_the_grids_that_took_over(town):
    laid_out(town)
    household = one(
        town,
        "select h.id from households_household h where h.path = %s::ltree order by number desc limit 1",
        town.grid_b.path,
    )
    visit = command("visit.record", BEFORE, household=str(household), outcome="nobody_home")
    assert push(town.as_viewer("worker"), [visit], now=LATER)[0].status == "refused"


@pytest.mark.django_db
def test_whose_grid_ended_still_brings_in_what_they_wrote_there(town):
    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    (ended,) = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW).ended
    name, grid = ("worker", "grid_a") if ended == town.grid_a.code else ("worker2", "grid_b")
    household = one(
        town, "select id from households_household where path = %s::ltree limit 1", town.areas[grid].path
    )
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    lon, lat = one(town, "select array[lon, lat] from households_building order by lon limit 1")
    home = {
        "household": str(new_id()), "dwelling": str(new_id()), "building": str(new_id()), "building_name": "新楼",
        "door": "101", "area": ended, "lon": lon, "lat": lat,
    }  # fmt: skip
    sent = [
        command("visit.record", BEFORE, household=str(household), outcome="nobody_home"),
        command("household.add", BEFORE, **home),
    ]
    assert [result.status for result in push(town.as_viewer(name), sent, now=LATER)] == ["done", "done"]
    standing = one(
        town,
        "select path::text from areas_area where level = 'grid' and kind = 'public' and valid_to is null and path <@ %s::ltree",
        town.community.path,
    )
    assert (
        one(town, "select path::text from households_household where id = %s", home["household"]) == standing
    )
    assert one(town, "select path::text from visits_visit where id = %s", sent[0]["id"]) == standing


@pytest.mark.django_db
def test_an_undone_plan_opens_no_grid_that_took_over(town):
    laid_out(town)
    plan = applied(town)
    household, path, _lon, _lat = gone_from(town, town.grid_a)
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW + timedelta(hours=1))
    assert path != one(town, "select path::text from households_household where id = %s", household)
    visit = command("visit.record", BEFORE, household=str(household), outcome="nobody_home")
    assert push(town.as_viewer("worker"), [visit], now=LATER)[0].status == "done"
    assert one(town, "select path::text from visits_visit where id = %s", visit["id"]) == town.grid_a.path
