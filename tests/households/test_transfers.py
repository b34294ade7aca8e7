"""Files that go to another grid, and people kept twice: nothing is lost, and the old grid sees its own past alone."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from tests.builders import NOW, TODAY
from tests.households.homes import IDENTITY, PHONE, command, edit, home, person

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.households import actions, queries
from wangge.households.models import CareNeed, Merge, Resident, Stay, Transfer
from wangge.households.rules.people import AlreadyOne, Need, OfferedAlready, ResidentMerged, TransferSettled
from wangge.journal.models import Entry


def offered(town, residents=()):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    made = person(viewer, where, phone=PHONE, identity=IDENTITY, on=date(2020, 1, 1))
    need = Need("illness", "law", TODAY, law="老年人权益保障法", detail="化疗")
    actions.add_need(viewer, command(), new_id(), made.id, need, now=NOW)
    transfer = new_id()
    actions.offer_transfer(
        viewer, command(), transfer, where.id, town.grid_b.code, residents=residents, said="搬家", now=NOW
    )
    return where, made, transfer


def test_a_file_moves_when_the_other_side_takes_it_and_not_before(town, db):
    _where, made, transfer = offered(town)
    taker = town.as_viewer("worker2")
    (seen,) = queries.transfers(taker)
    assert (seen.id, seen.people[0]["name"]) == (transfer, "王小明")
    with pytest.raises(NotFound):
        queries.resident_by_id(taker, made.id)
    into = home(taker, town.grid_b)
    actions.take_transfer(taker, command(), transfer, into.id, now=NOW)
    now = queries.resident_by_id(taker, made.id)
    assert (now.household_id, now.path, now.phone, now.identity) == (
        into.id,
        town.grid_b.path,
        PHONE,
        IDENTITY,
    )
    assert CareNeed.objects.get(resident_id=made.id).detail == "化疗"
    stays = [(each.path, each.from_on, each.to_on, each.went) for each in queries.stays_of(taker, made.id)]
    assert stays == [
        (town.grid_a.path, date(2020, 1, 1), TODAY, "to_grid"),
        (town.grid_b.path, TODAY, None, ""),
    ]
    assert Transfer.objects.get(id=transfer).state == "taken"


def test_the_old_grid_sees_no_more_than_its_own_past(town, db):
    where, made, transfer = offered(town)
    giver = town.as_viewer("worker")
    actions.change_resident(giver, command(), made.id, edit(relation=("", "head")), now=NOW)
    taker = town.as_viewer("worker2")
    into = home(taker, town.grid_b)
    actions.take_transfer(taker, command(), transfer, into.id, now=NOW)
    actions.change_resident(taker, command(), made.id, edit(phone=("5678", "13900001111")), now=NOW)
    giver = town.as_viewer("worker")
    with pytest.raises(NotFound):
        queries.resident_by_id(giver, made.id)
    page = queries.household_page(giver, where.id, now=NOW)
    assert (page.residents, page.needs) == ([], [])
    assert [(each.name, each.went) for each in page.stays] == [("王小明", "to_grid")]
    assert [each.path for each in queries.stays_of(giver, made.id)] == [town.grid_a.path]
    assert [each.told["relation"] for each in queries.earlier(giver, made.id)] == [""]
    assert queries.kept(giver, "resident", [made.id]) == {}


def test_only_the_receiving_side_takes_and_only_into_a_home_of_its_own(town, db):
    where, _made, transfer = offered(town)
    for who in ("worker", "far_worker", "enterprise", "centre"):
        with pytest.raises((NotFound, NotAllowed)):
            actions.take_transfer(town.as_viewer(who), command(), transfer, where.id, now=NOW)
    lead = town.as_viewer("community")
    with pytest.raises(NotFound):
        actions.take_transfer(lead, command(), transfer, where.id, now=NOW)  # the old home itself
    elsewhere = home(town.as_viewer("far_worker"), town.far_grid)
    with pytest.raises(NotFound):
        actions.take_transfer(town.as_viewer("worker2"), command(), transfer, elsewhere.id, now=NOW)


def test_an_offer_is_declined_with_a_reason_or_withdrawn_and_nothing_moves(town, db):
    where, made, transfer = offered(town)
    giver = town.as_viewer("worker")
    with pytest.raises(OfferedAlready):
        actions.offer_transfer(giver, command(), new_id(), where.id, town.grid_b.code, now=NOW)
    with pytest.raises(NotAllowed):
        actions.decline_transfer(giver, command(), transfer, reason="x", now=NOW)
    taker = town.as_viewer("worker2")
    with pytest.raises(NotAllowed):
        actions.withdraw_transfer(taker, command(), transfer, now=NOW)
    said = command()
    actions.decline_transfer(taker, said, transfer, reason="不住这里", now=NOW)
    actions.decline_transfer(taker, said, transfer, reason="不住这里", now=NOW)
    giver = town.as_viewer("worker")
    assert [(each.state, each.reason) for each in queries.transfers(giver, state="")] == [
        ("declined", "不住这里")
    ]
    assert queries.resident_by_id(giver, made.id).household_id == where.id
    with pytest.raises(TransferSettled):
        actions.withdraw_transfer(giver, command(), transfer, now=NOW)


def test_who_moved_on_meanwhile_does_not_come_with_the_file(town, db):
    _where, made, transfer = offered(town)
    giver = town.as_viewer("worker")
    actions.move_resident(giver, command(), made.id, "out", now=NOW)
    taker = town.as_viewer("worker2")
    into = home(taker, town.grid_b)
    with pytest.raises(TransferSettled):
        actions.take_transfer(taker, command(), transfer, into.id, now=NOW)


def twice(town, viewer):
    first, second = home(viewer, town.grid_a), home(viewer, town.grid_a, door="302")
    kept = person(viewer, first, phone=PHONE, birth_year=1950)
    merged = person(viewer, second, identity=IDENTITY, birth_year=1950)
    return first, second, kept, merged


def test_a_person_found_twice_becomes_one_without_losing_either_record(town, db):
    viewer = town.as_viewer("worker")
    first, second, kept, merged = twice(town, viewer)
    assert [each.id for each in queries.likely_the_same(viewer, kept.id)] == [merged.id]
    actions.merge_residents(viewer, command(), merged.id, kept.id, reason="同一人", now=NOW)
    assert queries.household_page(viewer, second.id, now=NOW).residents == []
    page = queries.household_page(viewer, first.id, now=NOW)
    assert ([each.id for each in page.residents], [each.id for each in page.merged]) == (
        [kept.id],
        [merged.id],
    )
    row = Resident.objects.get(id=merged.id)
    assert (row.identity, row.name, row.merged_into_id) == (IDENTITY, "王小明", kept.id)
    with pytest.raises(ResidentMerged):
        actions.change_resident(viewer, command(), merged.id, edit(sex=("", "m")), now=NOW)
    with pytest.raises(ResidentMerged):
        actions.merge_residents(viewer, command(), kept.id, merged.id, now=NOW)
    with pytest.raises(AlreadyOne):
        actions.merge_residents(viewer, command(), kept.id, kept.id, now=NOW)


def test_a_merge_is_undone_and_the_stay_goes_on_as_if_it_had_not_been(town, db):
    viewer = town.as_viewer("worker")
    _first, second, kept, merged = twice(town, viewer)
    before = list(Stay.objects.order_by("id").values())
    actions.merge_residents(viewer, command(), merged.id, kept.id, now=NOW)
    actions.end_household(viewer, command(), second.id, now=NOW)
    actions.unmerge_resident(viewer, command(), merged.id, now=NOW)
    assert list(Stay.objects.order_by("id").values()) == before
    assert Resident.objects.get(id=merged.id).household_id == second.id
    assert Merge.objects.get(merged_id=merged.id).undone_at == NOW
    actions.merge_residents(viewer, command(), merged.id, kept.id, now=NOW)
    assert Merge.objects.filter(merged_id=merged.id).count() == 2


def test_a_merge_needs_both_grids(town, db):
    lead = town.as_viewer("community")
    here = person(lead, home(lead, town.grid_a))
    there = person(lead, home(lead, town.grid_b))
    with pytest.raises(NotFound):
        actions.merge_residents(town.as_viewer("worker"), command(), here.id, there.id, now=NOW)
    actions.merge_residents(town.as_viewer("community"), command(), here.id, there.id, now=NOW)


def test_what_was_merged_into_somebody_goes_with_their_file(town, db):
    viewer = town.as_viewer("worker")
    first, _second, kept, merged = twice(town, viewer)
    actions.merge_residents(viewer, command(), merged.id, kept.id, now=NOW)
    transfer = new_id()
    actions.offer_transfer(viewer, command(), transfer, first.id, town.grid_b.code, now=NOW)
    taker = town.as_viewer("worker2")
    into = home(taker, town.grid_b)
    actions.take_transfer(taker, command(), transfer, into.id, now=NOW)
    assert queries.resident_by_id(taker, merged.id).identity == IDENTITY
    actions.unmerge_resident(taker, command(), merged.id, now=NOW)
    assert Resident.objects.get(id=merged.id).household_id is None
    actions.move_resident(taker, command(), merged.id, "in", to=into.id, now=NOW)


acts = some.lists(
    some.tuples(
        some.sampled_from(["add", "out", "in", "within", "died", "merge", "unmerge", "give", "again"]),
        some.integers(0, 5),
        some.integers(0, 5),
        some.integers(0, 400),
    ),
    max_size=24,
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts)
def test_random_moves_transfers_and_merges_keep_every_stay_and_nobody_lives_twice(town, db, story):
    """Whatever is done in whatever order: no record goes, no stay is changed but to end, and each person lives at most once."""
    from django.db import transaction

    lead = town.as_viewer("community")
    with transaction.atomic():
        homes = [home(lead, area, door=str(door)) for area in (town.grid_a, town.grid_b) for door in range(3)]
        people, done = [], []
        for act, one, other, days in story:
            begun = dict(Stay.objects.values_list("id", "from_on"))
            known = set(Resident.objects.values_list("id", flat=True))
            try:
                with transaction.atomic():
                    take_part(lead, act, one, other, days, homes, people, done)
            except Problem:
                pass
            assert known <= set(Resident.objects.values_list("id", flat=True))
            after = dict(Stay.objects.values_list("id", "from_on"))
            assert begun.items() <= after.items()
            check(people)
        transaction.set_rollback(True)


def take_part(lead, act, one, other, days, homes, people, done):
    on = TODAY - timedelta(days=days)
    if act == "add":
        people.append(person(lead, homes[one], f"人{len(people)}", on=on))
        return
    if not people:
        return
    who = people[one % len(people)].id
    if act == "again" and done:
        verb, arguments, facts = done[-1]
        before = Stay.objects.count()
        verb(lead, *arguments, **facts)
        assert Stay.objects.count() == before
        return
    if act == "give":
        resident = Resident.objects.get(id=who)
        transfer, to = new_id(), homes[other]
        if resident.household_id is None:
            return
        code = to.path.rsplit(".", 1)[-1]
        actions.offer_transfer(
            lead, command(), transfer, resident.household_id, code, residents=[who], now=NOW
        )
        verb, arguments, facts = actions.take_transfer, (command(), transfer, to.id), {"now": NOW}
    elif act == "merge":
        verb, arguments = actions.merge_residents, (command(), who, people[other % len(people)].id)
        facts = {"now": NOW}
    elif act == "unmerge":
        verb, arguments, facts = actions.unmerge_resident, (command(), who), {"now": NOW}
    else:
        to = homes[other].id if act in ("in", "within") else None
        verb, arguments, facts = (
            actions.move_resident,
            (command(), who, act),
            {"to": to, "on": on, "now": NOW},
        )
    verb(lead, *arguments, **facts)
    done.append((verb, arguments, facts))


def check(people):
    open_stays = dict(Stay.objects.filter(to_on__isnull=True).values_list("resident_id", "household_id"))
    for row in Resident.objects.all():
        assert row.household_id == open_stays.get(row.id)
        assert row.merged_into_id is None or row.household_id is None
        stays = list(Stay.objects.filter(resident_id=row.id).order_by("from_on", "to_on", "id"))
        assert stays
        for before, after in pairwise(stays):
            assert before.to_on is not None
            assert before.to_on <= after.from_on
    assert len(people) == Resident.objects.count()
    assert Entry.objects.filter(verb="resident.added").count() == len(people)
