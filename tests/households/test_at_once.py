"""Two who change a register at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from tests.builders import NOW
from tests.households.homes import command, home, person

from wangge.base.ids import new_id
from wangge.base.problems import Problem
from wangge.households import actions


def together(town, who, *acts):
    """Each act in a transaction of its own, begun at the same moment; what each answered."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            with transaction.atomic():
                viewer = town.as_viewer(who)
                barrier.wait(timeout=120)
                return act(viewer)
        except Problem as problem:
            return problem.code
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [task.result(timeout=240) for task in [threads.submit(run, act) for act in acts]]


def two_homes(town):
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        first, second = home(viewer, town.grid_a), home(viewer, town.grid_a, door="302")
        return first, second, person(viewer, first), person(viewer, second, "李四")


def test_the_same_new_household_sent_twice_at_once_is_there_once(town, open_db):
    said, home_id = command(), new_id()
    where = actions.NewHome(
        dwelling=new_id(), area=town.grid_a.code, building=new_id(), building_name="3号楼", door="301"
    )
    add = lambda viewer: actions.add_household(viewer, said, home_id, where, now=NOW).id  # noqa: E731 - named for what it does
    assert together(town, "worker", add, add) == [home_id, home_id]
    assert town.rows("select count(*) from households_household") == [(1,)]
    assert town.rows("select count(*) from households_dwelling") == [(1,)]


def test_somebody_moved_to_two_homes_at_once_lives_in_one(town, open_db):
    first, second, one, _other = two_homes(town)

    def to(target):
        return lambda viewer: (
            actions.move_resident(viewer, command(), one.id, "within", to=target.id, now=NOW).household_id
        )

    together(town, "worker", to(second), to(first))
    lives = town.rows(
        "select household_id from households_stay where to_on is null and resident_id = %s", [one.id]
    )
    assert lives == town.rows("select household_id from households_resident where id = %s", [one.id])
    assert len(lives) == 1


def test_two_who_change_places_at_once_both_move(town, open_db):
    first, second, one, other = two_homes(town)

    def move(who, target):
        return lambda viewer: (
            actions.move_resident(viewer, command(), who.id, "within", to=target.id, now=NOW).household_id
        )

    assert together(town, "worker", move(one, second), move(other, first)) == [second.id, first.id]


def test_a_file_that_two_take_at_once_is_taken_once(town, open_db):
    first, _second, one, _other = two_homes(town)
    transfer = new_id()
    with transaction.atomic():
        actions.offer_transfer(
            town.as_viewer("worker"), command(), transfer, first.id, town.grid_b.code, now=NOW
        )
    with transaction.atomic():
        homes = [home(town.as_viewer("worker2"), town.grid_b, door=door) for door in ("1", "2")]

    def take(into):
        return lambda viewer: actions.take_transfer(viewer, command(), transfer, into.id, now=NOW).state

    assert sorted(together(town, "worker2", *(take(into) for into in homes))) == ["taken", "transfer-settled"]
    stays = town.rows("select went from households_stay where resident_id = %s order by id", [one.id])
    assert stays == [("to_grid",), ("",)]


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("update households_resident set household_id = gen_random_uuid() where household_id is not null", True),
        ("update households_stay set resident_id = gen_random_uuid()", True),
        ("update households_stay set household_id = case when id = (select max(id) from households_stay) then gen_random_uuid() else household_id end", True),
        ("update households_household set dwelling_id = gen_random_uuid()", True),
        ("update households_dwelling set building_id = gen_random_uuid()", True),
        ("update households_resident set household_id = null, left_on = '2026-01-01', merged_into_id = gen_random_uuid()", True),
        ("delete from households_resident", True),
        ("update households_resident set name = 'x'", False),
    ],
)  # fmt: skip
def test_people_and_stays_belong_to_what_is_there(town, db, statement, refused):
    """What foreign keys would keep, kept once a statement."""
    here = home(town.as_viewer("worker"), town.grid_a)
    for name in ("王小明", "李芳"):
        person(town.as_viewer("worker"), here, name)
    town.as_system()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from households_stay")
        if refused:
            with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                cursor.execute(statement)
        else:
            cursor.execute(statement)
