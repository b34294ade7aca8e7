"""What raw SQL as the application's role reads and writes of staff, for accounts of every tier."""

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from tests import builders
from tests.cast import PEOPLE

NOW, TODAY = builders.NOW, builders.TODAY
#: Which accounts each account reads: those whose home lies in its scope, and itself.
READS = {
    "admin": set(PEOPLE),
    "centre": set(PEOPLE) - {"admin", "far_centre", "far_community", "far_mediator", "far_worker"},
    "township": {
        "township",
        "secretary",
        "community",
        "neighbour",
        "worker",
        "worker2",
        "enterprise",
        "instructor",
        "mediator",
    },
    "community": {"community", "worker", "worker2", "enterprise", "instructor", "mediator"},
    "worker": {"worker"},
    "instructor": {"instructor", "enterprise"},
    "handler": {"handler"},
    "far_centre": {"far_centre", "far_community", "far_mediator", "far_worker"},
}


def read(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def written(statement, values=()):
    """How many rows a statement wrote; 0 also when the policy refuses it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount
    except DatabaseError as problem:
        if isinstance(problem.__cause__, psycopg.errors.InsufficientPrivilege):
            return 0
        raise


@pytest.mark.parametrize("who", READS)
def test_an_account_reads_the_staff_of_its_areas_only(town, db, who):
    for holder in town.accounts.values():
        town.add(builders.leave, holder, TODAY, TODAY)
    town.as_viewer(who)
    assert set(read("select username from staff_account")) == READS[who]
    assert (
        set(read("select username from staff_leave l join staff_account a on a.id = l.account_id"))
        == READS[who]
    )
    assert len(read("select id from staff_leave")) == len(READS[who])
    assert len(read("select id from staff_post")) == len(READS[who])
    places = {town.accounts[each].home_path for each in READS[who]}
    assert set(read("select path::text from staff_post")) == places
    assert set(read("select path::text from staff_assignment")) == places


def test_nobody_reads_nothing(town, db):
    town.as_nobody()
    for table in ("staff_account", "staff_post", "staff_assignment", "staff_leave"):
        assert read(f"select count(*) from {table}") == [0]


@pytest.mark.parametrize(
    ("who", "place", "may"),
    [
        ("admin", "far_grid", True),
        ("centre", "grid_a", True),
        ("centre", "far_grid", False),
        ("community", "grid_b", True),
        ("community", "next_community", False),
        ("dispatcher", "grid_a", False),
        ("worker", "grid_a", False),
        ("instructor", "dedicated", False),
        ("handler", "county", False),
    ],
)
def test_an_account_writes_the_staff_of_its_areas_only(town, db, who, place, may):
    path, code = town.areas[place].path, town.areas[place].code
    post = town.add(builders.post, "grid_worker", town.areas[place])
    held = town.add(builders.assignment, post, town.accounts["admin"])
    town.as_viewer(who)
    account = (
        "insert into staff_account (username, name, password, home_path, language, created_at, failures)"
        " values ('x', 'x', '!', %s::ltree, '', now(), 0)"
    )
    assert written(account, [path]) == may
    assert (
        written(
            "insert into staff_post (kind_id, area_id, path) values ('clerk', %s, %s::ltree)", [code, path]
        )
        == may
    )
    assert written("update staff_post set closed_on = %s where id = %s", [TODAY, post.pk]) == may
    assert written("update staff_assignment set part = 'part_time' where id = %s", [held.pk]) == may
    given = "insert into staff_assignment (post_id, account_id, path, part, from_on) values (%s, %s, %s::ltree, 'full_time', %s)"
    assert written(given, [post.pk, town.accounts["admin"].pk, path, TODAY]) == may
    away = "insert into staff_leave (account_id, home_path, from_on, to_on) values (%s, %s::ltree, %s, %s)"
    assert written(away, [town.accounts["admin"].pk, path, TODAY, TODAY]) == may


def test_an_assignment_cannot_be_moved_out_of_ones_areas(town, db):
    town.as_viewer("community")
    assert (
        written(
            "update staff_assignment set path = %s::ltree where path = %s::ltree",
            [town.far_grid.path, town.grid_a.path],
        )
        == 0
    )
    assert (
        written(
            "update staff_post set path = %s::ltree where path = %s::ltree",
            [town.far_grid.path, town.grid_a.path],
        )
        == 0
    )


def test_nothing_of_staff_is_deleted_by_the_application(town, db):
    town.as_viewer("admin")
    for table in ("staff_account", "staff_post", "staff_assignment", "staff_leave", "staff_postkind"):
        assert written(f"delete from {table}") == 0


@pytest.mark.parametrize(
    ("who", "may"), [("admin", True), ("centre", False), ("worker", False), ("handler", False)]
)
def test_kinds_of_post_are_written_at_the_root_only(town, db, who, may):
    town.as_viewer(who)
    assert bool(written("update staff_postkind set duties = '{administer}' where code = 'clerk'")) is may
    assert (
        bool(
            written(
                "insert into staff_postkind (code, zh, en, duties, confidential) values ('x', 'x', 'x', '{}', false)"
            )
        )
        is may
    )
    assert bool(written("delete from staff_postrequirement where level = 'city'")) is may


def test_the_figures_functions_answer_only_the_scope_that_holds_the_place(town, db):
    town.as_viewer("community")
    for function in ("staff_standing", "staff_full_time"):
        place = f"select count(*) from {function}('%s', '2026-04-15')"
        assert read(place % town.township.path) == [0 if function == "staff_standing" else 1]
    assert read(f"select workers from staff_full_time('{town.township.path}', '2026-04-15')") == [0]
    assert read(f"select workers from staff_full_time('{town.community.path}', '2026-04-15')") == [2]
