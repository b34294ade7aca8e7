"""With homes go what is due and owed at their doors and the open cases heard there; what happened stays where it happened."""

import json

import pytest
from django.db import connection
from tests import builders
from tests.builders import NOW, TODAY
from tests.visits.homes import household, need

from wangge.areas import actions as areas
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed
from wangge.cases.models import Case
from wangge.households import queries as homes
from wangge.households.models import Dwelling
from wangge.journal.models import Entry
from wangge.visits import actions, queries
from wangge.visits.models import DueVisit, Errand, Place, Visit


def place_to_check(town, at, *, lon):
    return town.add(
        builders.insert,
        Place(
            id=new_id(),
            path=at.path,
            kind="hydrant",
            name="消火栓",
            lon=lon,
            lat=34.745,
            every_days=30,
            due_on=TODAY,
        ),
    )


def visited(town, door, case):
    return town.add(
        builders.insert,
        Visit(
            id=new_id(), content_hash=b"1" * 32, household_id=door.pk, path=door.path, day=TODAY, happened_at=NOW,
            said_at=NOW, at=NOW, outcome="met", reasons=[], case_id=case.pk,
        ),
    )  # fmt: skip


def moves_of(town, door, to):
    town.as_system()
    return {Dwelling.objects.get(id=door.dwelling_id).building_id: to.path}


def test_what_is_due_and_owed_goes_along_and_the_sums_too(town, db):
    door = household(town, town.grid_a)
    need(town, door)
    actions.renew_due(town.as_system(), [door.pk], now=NOW)
    errand = actions.NewErrand("answer", "2026-1", TODAY, TODAY, ref=new_id())
    actions.add_errands(town.as_viewer("community"), [door.pk], errand, now=NOW)
    told = queries.would_rehome(town.as_viewer("admin"), moves_of(town, door, town.grid_b), now=NOW)
    assert (told.counts["due"], told.counts["errands"], told.counts["households"]) == (1, 1, 1)
    with connection.cursor() as cursor:
        cursor.execute("delete from visits_stale")
    actions.rehome(town.as_viewer("admin"), moves_of(town, door, town.grid_b), now=NOW)
    town.as_system()
    assert [each.path for each in (*DueVisit.objects.all(), *Errand.objects.all())] == [town.grid_b.path] * 2
    assert not queries.stale_households(10)  # what is due was due before
    with connection.cursor() as cursor:
        cursor.execute("select path::text, sum(count) from visits_duesum group by path order by path")
        assert cursor.fetchall() == [(town.grid_a.path, 0), (town.grid_b.path, 1)]


def test_an_open_case_heard_at_the_door_goes_along_and_a_closed_one_stays(town, db):
    item = town.add(builders.item)
    door = household(town, town.grid_a)
    opened = town.add(builders.case, item, town.grid_a)
    closed = town.add(
        builders.case, item, town.grid_a, state="closed", outcome="mended", closed_at=NOW, due_at=None
    )
    for case in (opened, closed):
        visited(town, door, case)
    moves = moves_of(town, door, town.grid_b)
    done = actions.rehome(town.as_viewer("admin"), moves, now=NOW, reason="重划")
    assert (done.counts["cases"], done.cases_back) == (1, {opened.pk: town.grid_a.path})
    town.as_system()
    case = Case.objects.get(id=opened.pk)
    assert (case.path, case.grid_id) == (town.grid_b.path, town.grid_b.code)
    assert Case.objects.get(id=closed.pk).path == town.grid_a.path
    assert {each.path for each in Visit.objects.all()} == {town.grid_a.path}
    told = Entry.objects.get(verb="case.rehomed")
    assert (told.before, told.after, told.reason) == (
        {"path": town.grid_a.path},
        {"path": town.grid_b.path},
        "重划",
    )
    actions.rehome(town.as_viewer("admin"), done.back, now=NOW)
    town.as_system()
    assert Case.objects.get(id=opened.pk).path == town.grid_a.path


def test_homes_cases_and_places_follow_a_border_that_moved(town, open_db):
    """Grid A gets a third of grid B: what stands there, open cases and a hydrant follow; what lay elsewhere on purpose stays."""
    from django.db import transaction

    item = town.add(builders.item)
    door = household(town, town.grid_b, lon=119.362)
    case = town.add(builders.case, item, town.grid_b, lon=119.363, lat=34.745)
    purposely = town.add(builders.case, item, town.grid_a, lon=119.367, lat=34.745)
    hydrant = place_to_check(town, town.grid_b, lon=119.363)
    for grid, west, east in ((town.grid_a, 119.35, 119.364), (town.grid_b, 119.364, 119.37)):
        ring = [[west, 34.74], [east, 34.74], [east, 34.75], [west, 34.75], [west, 34.74]]
        with transaction.atomic():
            outline = {"type": "Polygon", "coordinates": [ring]}
            areas.set_boundary(town.as_viewer("admin"), grid.code, outline, now=NOW)
    with transaction.atomic():
        told = queries.lying_elsewhere(town.as_viewer("admin"), town.grid_a.code, now=NOW)
        assert (len(told.homes.moves), told.cases, told.places) == (
            1,
            {case.pk: town.grid_a.path},
            {hydrant.pk: town.grid_a.path},
        )
        done = actions.rehome_by_borders(town.as_viewer("admin"), town.grid_a.code, now=NOW)
        assert (done.counts["households"], done.counts["cases"], done.counts["places"]) == (1, 1, 1)
    assert (
        town.rows("select path::text from visits_place union all select path::text from households_household")
        == [(town.grid_a.path,)] * 2
    )
    rows = town.rows("select id, path::text, holder_path::text from cases_case")
    assert {key: paths for key, *paths in rows} == {
        case.pk: [town.grid_a.path, town.grid_a.path],
        purposely.pk: [town.grid_a.path, purposely.holder_path],
    }
    with transaction.atomic():
        assert not queries.lying_elsewhere(town.as_viewer("admin"), town.grid_a.code, now=NOW)
    assert json.loads(json.dumps(done.counts))["dwellings"] == 1
    assert door.pk in done.households


def test_nobody_without_areas_asks_or_moves(town, db):
    door = household(town, town.grid_a)
    moves = moves_of(town, door, town.grid_b)
    for who in ("worker", "community", "handler"):
        for act in (homes.would_rehome, queries.would_rehome, actions.rehome):
            with pytest.raises(NotAllowed):
                act(town.as_viewer(who), moves, now=NOW)
