"""Somebody moves in who stands in a register already: who keeps that record hears of it, and nobody is told more than they see."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from tests.builders import NOW
from tests.households.homes import IDENTITY, OTHER_IDENTITY, command, home, person
from tests.plans.towns import building
from tests.sync.test_push import command as sent
from tests.sync.test_push import push

from wangge.base.columns import Sealed
from wangge.base.ids import new_id
from wangge.base.private import Place, PrivateKeys, keys_in, new_key
from wangge.base.problems import NotFound
from wangge.households import actions, queries
from wangge.households.models import Dwelling, Resident, Sought, Stay, Transfer
from wangge.households.rules.people import KnownHere, TransferSettled
from wangge.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(town):
    """Somebody who lives in grid_b, by the register there."""
    viewer = town.as_viewer("worker2")
    return person(viewer, home(viewer, town.grid_b), identity=IDENTITY)


def arrived(town, who="worker", **facts):
    viewer = town.as_viewer(who)
    into = home(viewer, town.grid_a, door="1单元101")
    return person(viewer, into, came="moved_in", identity=IDENTITY, **facts)


def arrival(household, **more):
    data = {
        "resident": str(new_id()),
        "household": str(household.id),
        "name": "王小明",
        "residency": "floating",
    }
    return sent("resident.add", {**data, "came": "moved_in", "identity": IDENTITY, **more})


def test_where_they_came_from_is_kept_with_the_stay_and_stands_in_no_journal(town):
    viewer = town.as_viewer("worker")
    command = arrival(home(viewer, town.grid_a), came_from="安徽省阜阳市 颍州区")
    (result,) = push(viewer, command)
    assert (result.status, dict(result.facts)) == ("done", {})
    assert Stay.objects.get().came_from == "安徽省阜阳市 颍州区"
    assert isinstance(Stay.objects.values_list("came_from", flat=True).get(), Sealed)
    (entry,) = Entry.objects.filter(verb="resident.added")
    told = str(entry.after)
    assert "阜阳" not in told
    assert IDENTITY not in told


def test_a_return_keeps_where_they_came_from_too(town):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    made = person(viewer, where)
    actions.move_resident(viewer, command(), made.id, "out", now=NOW)
    actions.move_resident(viewer, command(), made.id, "in", to=where.id, came_from="上海", now=NOW)
    assert [stay.came_from for stay in Stay.objects.order_by("id")] == [None, "上海"]


def test_who_lives_in_the_own_register_is_not_added_again_and_the_worker_hears_where_they_live(town):
    viewer = town.as_viewer("worker")
    known = person(viewer, home(viewer, town.grid_a), identity=IDENTITY)
    (result,) = push(viewer, arrival(home(viewer, town.grid_a, door="1单元101")))
    assert (result.status, result.again, result.problem.code) == ("refused", False, "known-here")
    assert result.problem.facts == {"name": "王小明", "place": "3号楼 2单元301", "resident": str(known.id)}
    assert Resident.objects.count() == 1


def test_a_number_of_another_spelling_is_the_same_person(town):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    person(viewer, where, identity=IDENTITY)
    with pytest.raises(KnownHere):
        person(viewer, where, came="moved_in", identity=f" {IDENTITY[:6]} {IDENTITY[6:]}")


def test_who_stood_here_before_is_added_and_the_worker_hears_of_the_earlier_record(town):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    actions.move_resident(viewer, command(), person(viewer, where, identity=IDENTITY).id, "out", now=NOW)
    (result,) = push(viewer, arrival(where))
    assert (result.status, dict(result.facts)) == ("done", {"end": "before"})


def test_who_lives_elsewhere_is_added_and_the_worker_hears_no_more_than_that(town, elsewhere):
    viewer = town.as_viewer("worker")
    command = arrival(home(viewer, town.grid_a))
    (result,) = push(viewer, command)
    assert (result.status, dict(result.facts)) == ("done", {"end": "elsewhere"})
    (again,) = push(viewer, command)
    assert (again.status, dict(again.facts)) == ("repeated", {"end": "elsewhere"})
    assert queries.sought(viewer) == []
    assert Sought.objects.count() == 0, "not even that there is such a row"
    with pytest.raises(NotFound):
        queries.resident_by_id(viewer, elsewhere.id)
    assert town.grid_b.code not in str(list(Entry.objects.values_list("after", "path")))


def test_who_keeps_the_other_record_is_asked_for_the_file_once(town, elsewhere):
    made = arrived(town)
    for who in ("worker2", "community", "township"):
        (asked,) = queries.sought(town.as_viewer(who))
        assert (asked.other_id, asked.resident_id, asked.to_path) == (elsewhere.id, made.id, town.grid_a.path)
    for who in ("worker", "neighbour", "far_worker", "far_community"):
        assert queries.sought(town.as_viewer(who)) == []


def test_offering_the_file_answers_and_the_file_goes_the_usual_way(town, elsewhere):
    made = arrived(town)
    giver = town.as_viewer("worker2")
    (asked,) = queries.sought(giver)
    transfer = new_id()
    to = asked.to_path.rsplit(".", 1)[-1]
    actions.offer_transfer(
        giver, command(), transfer, elsewhere.household_id, to, residents=[elsewhere.id], now=NOW
    )
    assert queries.sought(giver) == []
    taker = town.as_viewer("worker")
    actions.take_transfer(taker, command(), transfer, made.household_id, now=NOW)
    assert Transfer.objects.get(id=transfer).state == "taken"
    assert elsewhere.id in {each.id for each in queries.likely_the_same(taker, made.id)}


def test_who_still_lives_there_is_said_so_once_by_who_keeps_the_record(town, elsewhere):
    arrived(town)
    (asked,) = queries.sought(town.as_viewer("worker2"))
    with pytest.raises(NotFound):
        actions.refuse_sought(town.as_viewer("worker"), command(), asked.id, now=NOW)
    keeper, said = town.as_viewer("worker2"), command()
    actions.refuse_sought(keeper, said, asked.id, now=NOW)
    actions.refuse_sought(keeper, said, asked.id, now=NOW)
    assert queries.sought(keeper) == []
    assert Entry.objects.filter(verb="resident.confirmed").count() == 1
    with pytest.raises(TransferSettled):
        actions.refuse_sought(keeper, command(), asked.id, now=NOW)


def test_who_moved_out_there_is_asked_for_no_more(town, elsewhere):
    arrived(town)
    keeper = town.as_viewer("worker2")
    actions.move_resident(keeper, command(), elsewhere.id, "out", now=NOW)
    assert queries.sought(keeper) == []


def test_without_an_identity_number_nobody_is_looked_for(town, elsewhere):
    viewer = town.as_viewer("worker")
    made = person(viewer, home(viewer, town.grid_a), came="moved_in")
    assert made.also == ""
    assert queries.sought(town.as_viewer("worker2")) == []


def test_a_lead_who_keeps_both_registers_is_told_to_move_them_instead(town, elsewhere):
    with pytest.raises(KnownHere):
        arrived(town, "community")


def test_what_is_asked_for_follows_who_came_when_grids_are_drawn_anew(town):
    elsewhere = town.as_viewer("far_worker")
    there = home(elsewhere, town.far_grid)
    person(elsewhere, there, identity=IDENTITY)
    came = arrived(town)
    town.as_system()
    building = Dwelling.objects.get(id=Resident.objects.get(id=came.id).household.dwelling_id).building_id
    actions.rehome(town.as_viewer("admin"), {building: town.grid_b.path}, now=NOW)
    (asked,) = queries.sought(town.as_viewer("far_worker"))
    assert asked.to_path == town.grid_b.path


def offer(town, elsewhere):
    transfer = new_id()
    actions.offer_transfer(
        town.as_viewer("worker2"), command(), transfer, elsewhere.household_id, town.grid_a.code,
        residents=[elsewhere.id], now=NOW,
    )  # fmt: skip
    return transfer


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_a_file_whose_offer_came_to_nothing_is_asked_for_again(town, elsewhere, how):
    arrived(town)
    transfer = offer(town, elsewhere)
    assert queries.sought(town.as_viewer("worker2")) == []
    if how == "declined":
        actions.decline_transfer(town.as_viewer("worker"), command(), transfer, reason="查无此户", now=NOW)
    else:
        actions.withdraw_transfer(town.as_viewer("worker2"), command(), transfer, now=NOW)
    (asked,) = queries.sought(town.as_viewer("worker2"))
    assert (asked.other_id, asked.to_path, asked.settled_at) == (elsewhere.id, town.grid_a.path, None)
    offer(town, elsewhere)
    assert queries.sought(town.as_viewer("worker2")) == [], "and settled by the next offer"


def test_what_was_said_to_be_right_is_not_asked_again_by_an_offer_that_is_withdrawn(town, elsewhere):
    arrived(town)
    keeper = town.as_viewer("worker2")
    (asked,) = queries.sought(keeper)
    actions.refuse_sought(keeper, command(), asked.id, now=NOW - timedelta(minutes=1))
    actions.withdraw_transfer(keeper, command(), offer(town, elsewhere), now=NOW)
    assert queries.sought(keeper) == []


@pytest.fixture
def noted_key(town):
    """A key that seals, as a start of the program notes it."""
    town.run("insert into project_privatekey (fingerprint, first_used_at) values ('0a0a0a0a', now())")
    yield
    town.run("delete from project_privatekey where fingerprint = '0a0a0a0a'")


def seek(resident, hashes):
    with connection.cursor() as cursor:
        cursor.execute("select households_seek(%s, %s, %s)", [resident.id, hashes, NOW])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("more", [1, 5])
def test_nobody_is_looked_for_by_the_number_of_another(town, settings, elsewhere, noted_key, more):
    """Whoever asks the database with a list of others' hashes is told of the person's own number alone."""
    ring = settings.PRIVATE_KEYS
    worker = town.as_viewer("worker")
    made = person(worker, home(worker, town.grid_a), came="known", identity=OTHER_IDENTITY)
    own, others = ring.lookups("identity", OTHER_IDENTITY), ring.lookups("identity", IDENTITY) * more
    assert seek(made, own + others) == 0
    assert seek(made, others) == 0
    assert queries.sought(town.as_viewer("worker2")) == []


def test_while_keys_are_changed_the_same_number_is_found_under_the_older_one(
    town, settings, elsewhere, noted_key
):
    settings.PRIVATE_KEYS = PrivateKeys((*keys_in(new_key()).keys, *settings.PRIVATE_KEYS.keys))
    assert arrived(town).also == "elsewhere"
    (asked,) = queries.sought(town.as_viewer("worker2"))
    assert asked.other_id == elsewhere.id


def test_while_keys_are_changed_two_numbers_under_one_key_are_no_one(town, settings, elsewhere, noted_key):
    old = settings.PRIVATE_KEYS
    keeper = town.as_viewer("worker2")
    person(keeper, home(keeper, town.grid_b, door="9"), name="李四", identity=OTHER_IDENTITY)
    settings.PRIVATE_KEYS = PrivateKeys((*keys_in(new_key()).keys, *old.keys))
    worker = town.as_viewer("worker")
    made = person(worker, home(worker, town.grid_a), came="known", identity=IDENTITY)
    town.run("insert into project_privatekey (fingerprint, first_used_at) values ('0b0b0b0b', now())")
    town.as_viewer("worker")
    asked = [
        settings.PRIVATE_KEYS.lookup("identity", IDENTITY),
        *(old.lookup("identity", each) for each in (IDENTITY, OTHER_IDENTITY)),
    ]
    assert seek(made, asked) == 0
    town.run("delete from project_privatekey where fingerprint = '0b0b0b0b'")


def test_what_was_written_before_in_clear_is_sealed_where_it_stands(town, settings):
    where = building(town, town.grid_a, 119.35, 34.74, households=2)
    owner, stays = town.owner, []
    for household, said in zip(where.homes, ("上海市徐汇区", ""), strict=True):
        who = new_id()
        owner.execute(
            "insert into households_resident (id, household_id, name, residency, phone_tail, sex, relation, made_up, revision, path)"
            " values (%s, %s, '某', 'permanent', '', '', '', true, 1, %s::ltree)",
            [who, household, where.path],
        )
        stays += owner.execute(
            "insert into households_stay (resident_id, household_id, path, from_on, came, went, name)"
            " values (%s, %s, %s::ltree, '2026-01-01', 'moved_in', '', '') returning id",
            [who, household, where.path],
        ).fetchone()
        if said:
            texts = {stays[-1]: said}
    owner.execute("alter table households_stay add column came_from_plain varchar(120) not null default ''")
    for stay, said in texts.items():
        owner.execute("update households_stay set came_from_plain = %s where id = %s", [said, stay])
    migration = import_module("wangge.households.migrations.0013_origins_sealed")
    migration.seal(None, SimpleNamespace(connection=owner))
    rows = owner.execute(
        "select id, came_from, came_from_plain from households_stay where id = any (%s) order by id", [stays]
    ).fetchall()
    owner.rollback()
    assert [row[2] for row in rows] == ["", ""]
    assert rows[1][1] is None
    place = Place("households_stay", "came_from", str(stays[0]))
    assert settings.PRIVATE_KEYS.open(bytes(rows[0][1]), place) == "上海市徐汇区"
