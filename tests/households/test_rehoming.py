"""Homes that go to other grids because the grids were drawn anew: all of them or none, with their history, and back."""

from datetime import date, timedelta

import pytest
from django.db import connection
from tests.builders import NOW, TODAY
from tests.households.homes import IDENTITY, PHONE, command, home, person

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed
from wangge.households import actions, queries
from wangge.households.models import (
    Building,
    CareNeed,
    Dwelling,
    Earlier,
    Household,
    Resident,
    Stay,
    Transfer,
)
from wangge.households.rules.people import Need
from wangge.households.rules.rehoming import CannotRehome
from wangge.journal.models import Entry

SINCE = date(2020, 1, 1)


def lived_in(town, door="2单元301", building="3号楼"):
    """A home in grid A with two people, one of them with a need."""
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a, door=door, building=building)
    first = person(viewer, where, identity=IDENTITY, phone=PHONE, on=SINCE)
    person(viewer, where, "李梅", on=SINCE)
    need = Need("illness", "law", TODAY, law="老年人权益保障法", detail="化疗")
    actions.add_need(viewer, command(), new_id(), first.id, need, now=NOW)
    return where, first


def building_of(town, where):
    town.as_system()
    return Dwelling.objects.get(id=where.dwelling_id).building_id


def paths(town):
    town.as_system()
    return {
        (model.__name__, row.pk): row.path
        for model in (Building, Dwelling, Household, Resident, CareNeed)
        for row in model.objects.all()
    }


def stays(town):
    town.as_system()
    return sorted(Stay.objects.values_list("resident_id", "path", "from_on", "came", "to_on", "went", "name"))


def test_homes_go_to_the_other_grid_with_who_lives_there_and_the_old_one_keeps_its_past(town, db):
    where, made = lived_in(town)
    building = building_of(town, where)
    done = actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW, reason="重划")
    assert done.counts == {
        "compounds": 0, "buildings": 1, "dwellings": 1, "households": 1, "residents": 2, "needs": 1,
    }  # fmt: skip
    taker = town.as_viewer("worker2")
    assert queries.resident_by_id(taker, made.id).identity == IDENTITY
    assert CareNeed.objects.get().detail == "化疗"
    assert [(each.path, each.from_on, each.to_on) for each in queries.stays_of(taker, made.id)] == [
        (town.grid_a.path, SINCE, TODAY),
        (town.grid_b.path, TODAY, None),
    ]
    giver = town.as_viewer("worker")
    assert [(each.name, each.went) for each in Stay.objects.filter(resident_id=made.id)] == [
        ("王小明", "redrawn")
    ]
    assert not Resident.objects.exists()
    assert not Household.objects.exists()
    assert [each.told["grid"] for each in queries.earlier(giver, where.id)] == [town.grid_a.code]


def test_going_back_within_a_day_leaves_all_as_it_was(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    before, past = paths(town), stays(town)
    done = actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    assert paths(town) != before
    actions.rehome(town.as_viewer("admin"), done.back, now=NOW + timedelta(hours=20))
    assert (paths(town), stays(town)) == (before, past)


def test_going_back_later_is_one_more_change(town, db):
    where, made = lived_in(town)
    building = building_of(town, where)
    done = actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    actions.rehome(town.as_viewer("admin"), done.back, now=NOW + timedelta(days=3))
    town.as_system()
    assert [each.path for each in Stay.objects.filter(resident_id=made.id).order_by("id")] == [
        town.grid_a.path,
        town.grid_b.path,
        town.grid_a.path,
    ]


def test_a_dwelling_that_is_named_goes_alone_or_stays_while_its_building_goes(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    viewer = town.as_viewer("worker")
    other = actions.add_household(
        viewer, command(), new_id(), actions.NewHome(dwelling=new_id(), building=building, door="9"), now=NOW
    )
    moves = {building: town.grid_b.path, other.dwelling_id: town.grid_a.path}
    before = paths(town)
    done = actions.rehome(town.as_viewer("admin"), moves, now=NOW)
    town.as_system()
    assert Household.objects.get(id=other.id).path == town.grid_a.path
    assert Household.objects.get(id=where.id).path == town.grid_b.path
    again = actions.rehome(town.as_viewer("admin"), {other.dwelling_id: town.grid_b.path}, now=NOW)
    actions.rehome(town.as_viewer("admin"), again.back, now=NOW)
    actions.rehome(town.as_viewer("admin"), done.back, now=NOW)
    assert paths(town) == before


def test_the_counts_of_both_grids_follow(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "select path::text, households, registered_present from households_tally order by path"
        )
        assert cursor.fetchall() == [(town.grid_a.path, 0, 0), (town.grid_b.path, 1, 2)]


def test_the_dry_run_tells_the_same_counts_and_moves_nothing(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    before = paths(town)
    moves = {building: town.grid_b.path}
    told = queries.would_rehome(town.as_viewer("admin"), moves, now=NOW)
    assert paths(town) == before
    done = actions.rehome(town.as_viewer("admin"), moves, now=NOW)
    assert (told.counts, told.pairs, told.stops) == (done.counts, done.pairs, ())


def test_what_stops_it_is_named_and_then_nothing_moves(town, db):
    where, _made = lived_in(town)
    building, nobody = building_of(town, where), new_id()
    before = paths(town)
    moves = {building: town.grid_b.path, nobody: town.grid_b.path, where.dwelling_id: town.township.path}
    told = queries.would_rehome(town.as_viewer("admin"), moves, now=NOW)
    assert {(each.why, each.what) for each in told.stops} == {
        ("no-area", town.township.path),
        ("unknown", str(nobody)),
    }
    with pytest.raises(CannotRehome):
        actions.rehome(town.as_viewer("admin"), moves, now=NOW)
    assert paths(town) == before


def test_only_who_may_change_areas_on_both_sides_moves_homes(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    for who in ("worker", "community", "centre", "far_centre"):
        with pytest.raises((NotAllowed, CannotRehome)):
            actions.rehome(town.as_viewer(who), {building: town.grid_b.path}, now=NOW)


def test_who_draws_grids_sees_nobody_afterwards_either(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    viewer = town.as_viewer("admin")
    actions.rehome(viewer, {building: town.grid_b.path}, now=NOW)
    assert not Resident.objects.exists()


def test_the_journal_keeps_counts_at_both_grids_and_no_names(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW, reason="重划")
    town.as_system()
    told = {each.path: (each.after, each.reason) for each in Entry.objects.filter(verb="homes.rehomed")}
    counts = {"grid": town.grid_b.code, "dwellings": 1, "households": 1, "residents": 2}
    assert told == {town.grid_a.path: (counts, "重划"), town.grid_b.path: (counts, "重划")}


def test_phones_hear_that_it_left_the_one_grid_and_came_to_the_other(town, db):
    where, made = lived_in(town)
    building = building_of(town, where)
    actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("select set_config('wangge.scope', %s, true)", [f"{{{town.city.path}}}"])
        cursor.execute(
            "select path::text, gone from sync_touched where (kind, row_id) in (('household', %s), ('resident', %s)) order by 1, 2",
            [str(where.id), str(made.id)],
        )
        assert cursor.fetchall() == [(town.grid_a.path, True)] * 2 + [(town.grid_b.path, False)] * 2


def test_a_file_on_offer_is_offered_from_where_it_is_kept_now(town, db):
    where, _made = lived_in(town)
    building = building_of(town, where)
    transfer = new_id()
    actions.offer_transfer(
        town.as_viewer("worker"), command(), transfer, where.id, town.far_grid.code, said="", now=NOW
    )
    actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    town.as_system()
    assert Transfer.objects.get(id=transfer).from_path == town.grid_b.path


def test_homes_follow_the_outlines_of_today(town, db):
    viewer = town.as_viewer("worker")
    inside, across = (home(viewer, town.grid_a, building=name) for name in ("1号楼", "2号楼"))
    town.as_system()
    for where, lon in ((inside, 119.355), (across, 119.365)):
        Building.objects.filter(dwellings=where.dwelling_id).update(lon=lon, lat=34.745)
    nowhere = home(town.as_viewer("worker"), town.grid_a, building="3号楼")
    told = queries.homes_elsewhere(town.as_viewer("admin"), town.grid_a.code, now=NOW)
    assert (len(told.moves), told.nowhere) == (1, 1)
    actions.rehome_by_borders(town.as_viewer("admin"), town.community.code, now=NOW)
    town.as_system()
    kept = dict(Household.objects.values_list("id", "path"))
    assert kept == {inside.id: town.grid_a.path, across.id: town.grid_b.path, nowhere.id: town.grid_a.path}
    assert not Earlier.objects.filter(of_id=inside.id).exists()
