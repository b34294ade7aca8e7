"""One area changed: who may, what is kept, what the journal says."""

from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from tests import builders

from wangge.areas.actions import change_area, end_area, set_boundary
from wangge.areas.models import Area, AreaVersion
from wangge.areas.queries import history, locate
from wangge.areas.rules import AreaEnded, AreaHasParts, BadBoundary, DayOutOfOrder
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.models import Entry

NOW, TODAY = builders.NOW, builders.TODAY


def test_a_new_name_keeps_the_old_one_and_says_who_gave_it(town, db):
    viewer = town.as_viewer("admin")
    area = change_area(viewer, town.grid_a.code, name=" 东网格 ", reason="更名", now=NOW)
    assert Area.objects.get(code=area.code).name == area.name == "东网格"
    (version,) = history(viewer, area.code)
    assert (version.name, version.valid_from, version.valid_to) == ("一网格", date(2020, 1, 1), TODAY)
    entry = Entry.objects.get()
    assert (entry.verb, entry.subject, entry.path, entry.reason) == (
        "area.changed",
        f"area:{area.code}",
        area.path,
        "更名",
    )
    assert (entry.before, entry.after) == ({"name": "一网格"}, {"name": "东网格", "on": "2026-04-15"})
    assert entry.actor_id == town.accounts["admin"].pk


def test_a_change_to_what_is_there_already_leaves_no_trace(town, db):
    change_area(town.as_viewer("admin"), town.grid_a.code, name="一网格", now=NOW)
    assert not Entry.objects.exists()
    assert not AreaVersion.objects.exists()


def test_a_class_is_changed_and_taken_away(town, db):
    viewer = town.as_viewer("admin")
    assert (
        change_area(viewer, town.community.code, urban_rural_class="121", now=NOW).urban_rural_class == "121"
    )
    assert change_area(viewer, town.community.code, urban_rural_class="", now=NOW).urban_rural_class == ""
    assert [version.urban_rural_class for version in history(viewer, town.community.code)] == ["121", "111"]
    for wrong in ({"urban_rural_class": "7"}, {"name": " "}, {"name": "长" * 81}):
        with pytest.raises(Invalid):
            change_area(viewer, town.community.code, now=NOW, **wrong)


def test_days_go_forward(town, db):
    viewer = town.as_viewer("admin")
    change_area(viewer, town.grid_a.code, name="东网格", on=date(2026, 3, 1), now=NOW)
    for day in (date(2026, 2, 28), date(2026, 4, 16)):
        with pytest.raises(DayOutOfOrder):
            change_area(viewer, town.grid_a.code, name="西网格", on=day, now=NOW)


def test_a_boundary_moves_what_is_located_there(town, db):
    assert locate(119.345, 34.745).code == town.next_community.code
    viewer = town.as_viewer("admin")
    wider = builders.square(119.34, 34.74, 119.36, 34.75)
    area = set_boundary(viewer, town.grid_a.code, wider, made_up=True, now=NOW)
    assert (area.box, area.lon) == ("(119.36,34.75),(119.34,34.74)", pytest.approx(119.35, abs=0.01))
    assert locate(119.345, 34.745).code == town.grid_a.code
    assert history(viewer, area.code)[0].boundary == town.grid_a.boundary
    assert Entry.objects.get().verb == "area.bounded"
    set_boundary(viewer, town.grid_a.code, wider, made_up=True, now=NOW)
    assert Entry.objects.count() == 1
    with pytest.raises(BadBoundary):
        set_boundary(viewer, town.grid_a.code, {"type": "Point", "coordinates": [119, 34]}, now=NOW)


def test_an_area_ends_once_and_only_without_parts(town, db):
    viewer = town.as_viewer("admin")
    with pytest.raises(AreaHasParts) as caught:
        end_area(viewer, town.community.code, now=NOW)
    assert caught.value.facts == {"first": town.grid_a.code, "others": 2}
    end_area(viewer, town.grid_a.code, reason="并入", now=NOW)
    assert Area.objects.get(code=town.grid_a.code).valid_to == TODAY
    assert locate(119.355, 34.745).code == town.community.code
    assert history(viewer, town.grid_a.code)[0].valid_to == TODAY
    for act in (
        lambda: end_area(viewer, town.grid_a.code, now=NOW),
        lambda: change_area(viewer, town.grid_a.code, name="x", now=NOW),
    ):
        with pytest.raises(AreaEnded):
            act()


@pytest.mark.parametrize("name", ["worker", "community", "township", "centre", "handler", "dispatcher"])
def test_only_administrators_change_areas(town, db, name):
    viewer = town.as_viewer(name)
    code = town.grid_a.code
    for act in (
        lambda: change_area(viewer, code, name="x", now=NOW),
        lambda: set_boundary(viewer, code, builders.square(1, 1, 2, 2), now=NOW),
        lambda: end_area(viewer, code, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert Area.objects.get(code=code).name == "一网格"


def test_an_unknown_area_is_not_found(town, db):
    with pytest.raises(NotFound):
        change_area(town.as_viewer("admin"), "329999000000", name="x", now=NOW)


def test_the_database_itself_keeps_others_from_changing_an_area(town, db):
    town.as_viewer("far_centre")
    assert Area.objects.filter(code=town.grid_a.code).update(name="x") == 0
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        AreaVersion.objects.create(
            code=town.grid_a.code, path=town.grid_a.path, name="x", level="grid", kind="public",
            valid_from=TODAY, valid_to=TODAY, recorded_at=NOW,
        )  # fmt: skip


def test_versions_are_read_in_scope_and_neither_changed_nor_removed(town, db, cluster):
    change_area(town.as_viewer("admin"), town.grid_a.code, name="东网格", now=NOW)
    assert len(history(town.as_viewer("worker"), town.grid_a.code)) == 1
    assert history(town.as_viewer("far_worker"), town.grid_a.code) == []
    town.as_viewer("admin")
    for statement in (
        "update areas_areaversion set name = 'x'",
        "delete from areas_areaversion",
        "delete from areas_area",
    ):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_two_changes_at_once_wait_for_each_other(town, db, cluster):
    """The second would else keep a version that the first had already replaced."""
    change_area(town.as_viewer("admin"), town.grid_a.code, name="东网格", now=NOW)
    with psycopg.connect(cluster.dsn("wangge_owner")) as other:
        other.execute("set lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("select 1 from areas_area where code = %s for update", [town.grid_a.code])
