"""With homes go what is due and owed at their doors and the open cases heard there; what happened stays where it happened."""

import json

import pytest
from django.db import connection
from tests import builders
from tests.builders import NOW, TODAY
from tests.visits.homes import household, need

from wangge.areas import actions as areas
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases import actions as cases
from wangge.cases import queries as case_queries
from wangge.cases.models import Case, Mediation
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


def a_file(town, case=None, *, state="opened"):
    """A dispute of the community's mediators, which came of a case."""
    opening = cases.Opening(kind="neighbours", matter="楼上漏水", case=case and case.pk)
    made, _ = cases.open_mediation(town.as_viewer("mediator"), new_id(), opening, now=NOW)
    Mediation.objects.filter(id=made.pk).update(state=state)
    return made.pk


def paths_of_files(town):
    town.as_system()
    return dict(Mediation.objects.values_list("id", "path"))


def test_an_open_file_of_mediation_goes_to_the_committee_where_the_home_lies_and_a_closed_one_stays(town, db):
    item = town.add(builders.item)
    door = household(town, town.grid_a)
    heard = [town.add(builders.case, item, town.grid_a) for _ in range(3)]
    for case in heard:
        visited(town, door, case)
    opened, closed = a_file(town, heard[0]), a_file(town, heard[1], state="closed")
    of_a_closed_case, by_itself = a_file(town, heard[2]), a_file(town)
    town.run(
        "update cases_case set state = 'closed', closed_at = now(), outcome = 'mended' where id = %s",
        [heard[2].pk],
    )
    before = paths_of_files(town)
    assert set(before.values()) == {town.community.path}

    # Within the community every file stays with its committee.
    told = queries.would_rehome(town.as_viewer("admin"), moves_of(town, door, town.grid_b), now=NOW)
    assert (told.counts["cases"], told.counts["mediations"]) == (2, 0)

    far = moves_of(town, door, town.far_grid)
    told = queries.would_rehome(town.as_viewer("admin"), far, now=NOW)
    assert (told.counts["cases"], told.counts["mediations"]) == (2, 2)
    assert paths_of_files(town) == before
    done = actions.rehome(town.as_viewer("admin"), far, now=NOW, reason="边界调整")
    assert (done.counts["cases"], done.counts["mediations"]) == (2, 2)
    assert done.files_back == dict.fromkeys((opened, of_a_closed_case), town.community.path)
    there = dict.fromkeys((opened, of_a_closed_case), town.far_community.path)
    assert paths_of_files(town) == {**before, **there}
    assert len(before) == len(paths_of_files(town)) == 4

    # The committee there has it, who mediated it keeps it, and who moved it reads none.
    for who in ("far_mediator", "far_community", "mediator"):
        assert case_queries.mediation_file(town.as_viewer(who), opened, now=NOW).mediation.pk == opened
    for who in ("community", "admin", "far_centre"):
        with pytest.raises(NotFound):
            case_queries.mediation_file(town.as_viewer(who), opened, now=NOW)
    town.as_viewer("far_mediator")
    told = Entry.objects.get(verb="mediation.rehomed", subject=f"mediation:{opened}")
    assert (told.before, told.after, told.reason, told.actor_id) == (
        {"path": town.community.path},
        {"path": town.far_community.path},
        "边界调整",
        None,
    )
    town.as_viewer("admin")
    assert not Entry.objects.filter(verb="mediation.rehomed").exists()

    # Given back, all of it is where it was.
    actions.rehome(town.as_viewer("admin"), done.back, now=NOW)
    cases.rehome_files(town.as_viewer("admin"), done.files_back, now=NOW)
    assert paths_of_files(town) == before
    assert by_itself in before
    assert closed in before


def test_a_file_follows_the_spot_of_its_case_where_communities_were_drawn_anew(town, open_db):
    from django.db import transaction

    with transaction.atomic():
        item = town.add(builders.item)
        case = town.add(builders.case, item, town.grid_b, lon=119.363, lat=34.745)
        opened = a_file(town, case)
    ring = [[119.36, 34.74], [119.365, 34.74], [119.365, 34.75], [119.36, 34.75], [119.36, 34.74]]
    rest = [[119.365, 34.74], [119.37, 34.74], [119.37, 34.75], [119.365, 34.75], [119.365, 34.74]]
    for code, edges in ((town.grid_b.code, rest), (town.far_grid.code, ring)):
        with transaction.atomic():
            outline = {"type": "Polygon", "coordinates": [edges]}
            areas.set_boundary(town.as_viewer("admin"), code, outline, now=NOW)
    with transaction.atomic():
        found = queries.lying_elsewhere(town.as_viewer("admin"), town.city.code, now=NOW)
        assert (found.cases, found.files) == (
            {case.pk: town.far_grid.path},
            {opened: town.far_community.path},
        )
        assert found.counts == {"households": 0, "cases": 1, "mediations": 1, "places": 0}
        done = actions.rehome_by_borders(town.as_viewer("admin"), town.city.code, now=NOW)
    assert (done.counts["cases"], done.counts["mediations"]) == (1, 1)
    with transaction.atomic():
        assert paths_of_files(town) == {opened: town.far_community.path}
        assert not queries.lying_elsewhere(town.as_viewer("admin"), town.city.code, now=NOW)


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
