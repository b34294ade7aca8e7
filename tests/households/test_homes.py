"""Homes and who lives there: added, changed, moved, revealed, and who may."""

from datetime import date, timedelta

import pytest
from django.db import connection
from tests.builders import NOW, TODAY
from tests.households.homes import IDENTITY, PHONE, command, edit, home, person

from wangge.base.ids import new_id
from wangge.base.problems import Changed, Invalid, NotAllowed, NotFound, OtherContent
from wangge.households import actions, queries
from wangge.households.models import CareNeed, Earlier, Household, Resident, Stay
from wangge.households.rules import NoArea
from wangge.households.rules.people import (
    DoorTaken,
    HouseholdEnded,
    LivesNowhere,
    LivesSomewhere,
    Need,
    NeedOver,
    OtherGrid,
    StillLivedIn,
)
from wangge.journal.models import Entry

LATER = NOW + timedelta(minutes=11)


def entries():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_a_household_is_added_with_its_dwelling_and_building_and_only_once(town, db):
    viewer = town.as_viewer("worker")
    said, home_id = command(), new_id()
    where = actions.NewHome(
        dwelling=new_id(), area=town.grid_a.code, building=new_id(), building_name="3号楼", door="301"
    )
    made = actions.add_household(viewer, said, home_id, where, {"has_plot": True}, now=NOW)
    again = actions.add_household(viewer, said, home_id, where, {"has_plot": True}, now=NOW)
    made.refresh_from_db()
    assert (again.id, Household.objects.count()) == (made.id, 1)
    assert (made.number, made.has_plot, made.grid_id) == ("32070300300200001", True, town.grid_a.code)
    assert made.dwelling.plate
    assert entries() == ["household.added"]
    with pytest.raises(OtherContent):
        actions.add_household(viewer, command(), home_id, where, now=NOW)


def test_a_door_stands_once_in_a_building(town, db):
    viewer = town.as_viewer("worker")
    first = home(viewer, town.grid_a)
    building = first.dwelling.building_id
    where = actions.NewHome(dwelling=new_id(), building=building, door=first.dwelling.door)
    with pytest.raises(DoorTaken):
        actions.add_household(viewer, command(), new_id(), where, now=NOW)


@pytest.mark.parametrize(
    ("who", "problem"),
    [
        ("worker2", NotAllowed),
        ("enterprise", NotAllowed),
        ("handler", NotAllowed),
        ("centre", NotAllowed),
        ("dispatcher", NotAllowed),
        ("admin", NotAllowed),
        ("mediator", NotAllowed),
        ("far_worker", NotAllowed),
    ],
)
def test_who_keeps_no_register_there_adds_nobody(town, db, who, problem):
    with pytest.raises(problem):
        home(town.as_viewer(who), town.grid_a)


@pytest.mark.parametrize("who", ["worker", "community", "township"])
def test_who_keeps_the_register_there_adds_homes(town, db, who):
    assert home(town.as_viewer(who), town.grid_a).path == town.grid_a.path


@pytest.mark.parametrize("area", ["dedicated", "community", "township"])
def test_nobody_lives_in_a_dedicated_grid_or_above_the_grids(town, db, area):
    with pytest.raises(NoArea):
        home(town.as_viewer("township"), town.areas[area])


def test_a_community_without_grids_keeps_its_own_register(town, db):
    assert home(town.as_viewer("neighbour"), town.next_community).path == town.next_community.path


def test_others_do_not_see_a_household_and_the_dedicated_grids_worker_sees_none(town, db):
    made = home(town.as_viewer("worker"), town.grid_a)
    for who in ("worker2", "far_worker", "neighbour"):
        with pytest.raises(NotFound):
            queries.household_page(town.as_viewer(who), made.id, now=NOW)
    for who in ("enterprise", "centre", "dispatcher", "admin", "handler"):
        with pytest.raises(NotAllowed):
            queries.household_page(town.as_viewer(who), made.id, now=NOW)


def test_a_field_changed_on_one_side_only_is_merged_and_the_earlier_value_is_kept(town, db):
    viewer = town.as_viewer("worker")
    made = person(viewer, home(viewer, town.grid_a), birth_year=1950)
    actions.change_resident(viewer, command(based_on=1), made.id, edit(name=("王小明", "王晓明")), now=NOW)
    late = command(at=NOW - timedelta(days=2), based_on=1)
    actions.change_resident(viewer, late, made.id, edit(birth_year=(1950, 1951)), now=NOW)
    made.refresh_from_db()
    assert (made.name, made.birth_year, made.revision) == ("王晓明", 1951, 3)
    told = [each.told for each in queries.earlier(viewer, made.id)]
    assert [(each["name"], each["birth_year"]) for each in told] == [("王晓明", 1950), ("王小明", 1950)]
    entry = Entry.objects.get(command_id=late.id)
    assert entry.after == {"fields": ["birth_year"], "said_at": "2026-04-13T02:00:00+00:00"}


def test_a_field_changed_on_both_sides_is_told_and_nothing_is_written(town, db):
    viewer = town.as_viewer("worker")
    made = person(viewer, home(viewer, town.grid_a), phone=PHONE)
    actions.change_resident(viewer, command(), made.id, edit(phone=("5678", "13900001111")), now=NOW)
    with pytest.raises(Changed) as problem:
        actions.change_resident(
            viewer, command(), made.id, edit(phone=("5678", "13900002222"), sex=("", "m")), now=NOW
        )
    assert problem.value.facts == {"current_revision": 2, "fields": {"phone": "1111"}}
    made.refresh_from_db()
    assert (made.phone, made.sex, made.phone_tail) == ("13900001111", "", "1111")


def test_private_fields_are_sealed_and_stand_in_no_journal(town, db):
    viewer = town.as_viewer("worker")
    made = person(viewer, home(viewer, town.grid_a), phone=PHONE, identity=IDENTITY)
    changed = actions.change_resident(
        viewer, command(), made.id, edit(phone=(PHONE, "13900001111"), identity=(IDENTITY, "")), now=NOW
    )
    assert (changed.phone, changed.identity) == ("13900001111", None)
    row = Earlier.objects.get(of_id=made.id)
    assert PHONE in row.sealed
    assert PHONE not in str(row.told)
    journal = str(list(Entry.objects.values_list("before", "after", "reason")))
    for private in (PHONE, "13900001111", IDENTITY, "王小明"):
        assert private not in journal
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select to_jsonb(r)::text from households_resident r union all select to_jsonb(e)::text from households_earlier e"
        )
        stored = str(cursor.fetchall())
    assert PHONE not in stored
    assert IDENTITY not in stored


@pytest.mark.parametrize(
    "facts",
    [
        {"identity": "110101199003070039"},
        {"phone": "12"},
        {"birth_year": 1700},
        {"birth_year": True},
        {"sex": "x"},
        {"residency": "watched"},
        {"name": "  "},
        {"name": None},
        {"score": 3},
        {"path": "1"},
    ],
)
def test_it_refuses_what_a_register_does_not_hold(town, db, facts):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    with pytest.raises(Invalid):
        person(viewer, where, **facts)


def test_moves_keep_every_stay(town, db):
    viewer = town.as_viewer("worker")
    first, second = home(viewer, town.grid_a), home(viewer, town.grid_a, door="302")
    made = person(viewer, first, on=date(2020, 1, 1))
    days = {"within": date(2022, 5, 1), "out": date(2023, 6, 1), "in": date(2024, 7, 1), "died": TODAY}
    for move, on in days.items():
        to = {"within": second.id, "in": first.id}.get(move)
        actions.move_resident(viewer, command(), made.id, move, to=to, on=on, now=NOW)
    stays = [
        (each.household_id, each.from_on, each.came, each.to_on, each.went)
        for each in queries.stays_of(viewer, made.id)
    ]
    assert stays == [
        (first.id, date(2020, 1, 1), "known", days["within"], "within"),
        (second.id, days["within"], "within", days["out"], "moved_out"),
        (first.id, days["in"], "moved_in", TODAY, "died"),
    ]
    made.refresh_from_db()
    assert (made.household_id, made.left_on) == (None, TODAY)
    with pytest.raises(LivesNowhere):
        actions.move_resident(viewer, command(), made.id, "in", to=first.id, now=NOW)


def test_a_move_that_cannot_be_is_refused(town, db):
    viewer = town.as_viewer("community")
    here, there = home(viewer, town.grid_a), home(viewer, town.grid_b)
    made = person(viewer, here, on=date(2020, 1, 1))
    with pytest.raises(OtherGrid):
        actions.move_resident(viewer, command(), made.id, "within", to=there.id, now=NOW)
    with pytest.raises(LivesSomewhere):
        actions.move_resident(viewer, command(), made.id, "in", to=here.id, now=NOW)
    with pytest.raises(Invalid):
        actions.move_resident(viewer, command(), made.id, "out", on=date(2019, 1, 1), now=NOW)
    with pytest.raises(Invalid):
        actions.move_resident(viewer, command(), made.id, "out", on=TODAY + timedelta(days=1), now=NOW)
    with pytest.raises(StillLivedIn):
        actions.end_household(viewer, command(), here.id, now=NOW)
    actions.move_resident(viewer, command(), made.id, "out", now=NOW)
    actions.end_household(viewer, command(), here.id, now=NOW)
    with pytest.raises(HouseholdEnded):
        person(viewer, here, "李四")


def test_a_reason_opens_private_particulars_for_minutes_and_the_journal_keeps_it(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    made = person(viewer, where, phone=PHONE, identity=IDENTITY)
    said = new_id()
    shown = actions.reveal(viewer, made.id, ["phone"], why="contact", command_id=said, now=NOW)
    assert shown == {"phone": PHONE}
    assert queries.household_page(viewer, where.id, now=NOW).revealed == {made.id: {"phone"}}
    assert queries.household_page(viewer, where.id, now=LATER).revealed == {}
    entry = Entry.objects.get(command_id=said)
    assert entry.after == {"what": ["phone"], "purpose": "contact"}
    with pytest.raises(OtherContent):
        actions.reveal(viewer, made.id, ["phone"], why="contact", command_id=said, now=LATER)
    with pytest.raises(OtherContent):
        actions.reveal(viewer, made.id, ["identity"], why="contact", command_id=said, now=NOW)
    with pytest.raises(Invalid):
        actions.reveal(viewer, made.id, ["phone"], why="curiosity", command_id=new_id(), now=NOW)
    with pytest.raises(NotFound):
        actions.reveal(
            town.as_viewer("worker2"), made.id, ["phone"], why="contact", command_id=new_id(), now=NOW
        )


def test_a_care_need_has_a_ground_and_an_end(town, db):
    viewer = town.as_viewer("worker")
    made = person(viewer, home(viewer, town.grid_a))
    good = Need(
        "disability",
        "consent",
        TODAY + timedelta(days=90),
        consent_on=TODAY,
        consent_by="self",
        detail="轮椅",
    )
    need = actions.add_need(viewer, command(), new_id(), made.id, good, now=NOW)
    assert need.detail == "轮椅"
    assert list(queries.needs_of(viewer, [made.id], today=TODAY)[made.id]) == [need]
    after = {each.verb: each.after for each in Entry.objects.all()}
    assert after["need.added"] == {"resident": str(made.id)}
    for bad in (
        Need("disability", "consent", TODAY + timedelta(days=90)),
        Need("disability", "law", TODAY + timedelta(days=90)),
        Need("disability", "law", TODAY + timedelta(days=367), law="残疾人保障法第七条"),
        Need("disability", "law", TODAY - timedelta(days=1), law="残疾人保障法第七条"),
        Need("dangerous", "law", TODAY, law="x"),
        Need("other", "law", TODAY, law="x"),
    ):
        with pytest.raises(Invalid):
            actions.add_need(viewer, command(), new_id(), made.id, bad, now=NOW)
    actions.end_need(viewer, command(), need.id, now=NOW)
    assert queries.needs_of(viewer, [made.id], today=TODAY) == {}
    with pytest.raises(NeedOver):
        actions.end_need(viewer, command(), need.id, now=NOW)


def test_homes_are_found_by_name_door_tail_number_and_plate_only_within_the_scope(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a, building="荷塘家园3号楼", door="2单元301")
    person(viewer, where, "王小明", phone=PHONE, identity=IDENTITY)
    home(viewer, town.grid_a, building="荷塘家园5号楼", door="1单元102")
    asked = (
        "小明",
        "荷塘 301",
        "荷塘家园3号楼2单元301",
        "5678",
        PHONE,
        IDENTITY,
        where.number,
        where.dwelling.plate.lower(),
    )
    for text in asked:
        found = queries.find_homes(viewer, text, today=TODAY)
        assert [line.household.id for line in found] == [where.id], text
    assert queries.find_homes(viewer, "无此人", today=TODAY) == []
    other = town.as_viewer("worker2")
    assert [queries.find_homes(other, text, today=TODAY) for text in asked] == [[]] * len(asked)
    with pytest.raises(NotAllowed):
        queries.find_homes(town.as_viewer("centre"), "王", today=TODAY)


def test_a_phone_keeps_no_identity_number_no_whole_telephone_and_no_care_detail(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    made = person(viewer, where, phone=PHONE, identity=IDENTITY)
    good = Need("illness", "consent", TODAY, consent_on=TODAY, consent_by="guardian", detail="化疗")
    need = actions.add_need(viewer, command(), new_id(), made.id, good, now=NOW)
    kinds = {"household": where.id, "resident": made.id, "need": need.id, "dwelling": where.dwelling_id}
    kept = {kind: queries.kept(viewer, kind, [one])[one] for kind, one in kinds.items()}
    assert kept["resident"]["phone_tail"] == "5678"
    assert kept["resident"]["has_identity"] is True
    for private in (PHONE, IDENTITY, "化疗", where.dwelling.plate):
        assert private not in str(kept)
    other = town.as_viewer("worker2")
    assert [queries.kept(other, kind, [one]) for kind, one in kinds.items()] == [{}] * 4


def test_who_sees_no_names_sees_counts(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    person(viewer, where)
    gone = person(viewer, where, "李四", residency="floating")
    actions.move_resident(viewer, command(), gone.id, "out", now=NOW)
    (count,) = queries.home_counts(town.as_viewer("centre"), town.county.code)
    assert (count.code, count.households, count.residents, count.floating) == (town.township.code, 1, 1, 0)
    assert queries.home_counts(town.as_viewer("far_centre"), town.county.code) == []


def test_nobody_lives_in_two_households_whatever_the_program_does(town, db):
    from django.db import IntegrityError, transaction

    viewer = town.as_viewer("worker")
    first, second = home(viewer, town.grid_a), home(viewer, town.grid_a, door="302")
    made = person(viewer, first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay(resident=made, household=second, path=second.path, from_on=TODAY, came="within").save()
    assert Resident.objects.get(id=made.id).household_id == first.id


def test_a_new_plate_replaces_the_old_one(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    old = where.dwelling.plate
    assert actions.renew_plate(viewer, command(), where.dwelling_id, now=NOW).plate != old
    assert queries.find_homes(viewer, old, today=TODAY) == []


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (
            "select 1 from households_household where township_id = %(township)s and grid_id = %(grid)s",
            "placed",
        ),
        ("select 1 from households_resident where township_id = %(township)s", "placed"),
        ("select 1 from households_resident where phone_tail = '5678'", "of_phone"),
        (
            "select 1 from households_resident where phone_tail = '5678' and phone_hash = any (array[%(hash)s])",
            "of_phone",
        ),
        ("select 1 from households_resident where identity_hash = any (array[%(hash)s])", "of_id"),
        (
            "select 1 from households_careneed where township_id = %(township)s and until >= '2026-04-15'",
            "placed",
        ),
    ],
)
def test_an_index_is_asked_before_the_row_policy(town, db, asked, index):
    """Protects lists of a city from reading 1.6 million rows: what is not leakproof would be asked of each row first."""
    from django.db import connection

    town.as_viewer("township")
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        values = {"township": town.township.code, "grid": town.grid_a.code, "hash": b"x" * 32}
        cursor.execute(f"explain {asked}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"_{index}" in plan
    assert "Index Cond" in plan


def test_details_of_needs_are_erased_years_after_they_ended_and_the_need_stays_counted(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    made = person(viewer, where)
    past, now_on = new_id(), new_id()
    for need_id, detail in ((past, "化疗"), (now_on, "腿脚不便")):
        need = Need("illness", "law", TODAY, law="老年人权益保障法", detail=detail)
        actions.add_need(viewer, command(), need_id, made.id, need, now=NOW)
    town.as_system()
    CareNeed.objects.filter(id=past).update(
        from_on=TODAY - timedelta(days=1400), until=TODAY - timedelta(days=1097)
    )
    assert actions.erase_care_details(town.as_system(), years=3, now=NOW) == 1
    kept = {each.id: (each.detail, each.erased_on, each.revision) for each in CareNeed.objects.all()}
    assert kept == {past: (None, TODAY, 2), now_on: ("腿脚不便", None, 1)}
    told = Entry.objects.get(verb="need.erased")
    assert (told.subject, told.before, told.after) == (f"need:{past}", {}, {"years": 3})
    assert actions.erase_care_details(town.as_system(), years=3, now=NOW) == 0
    with pytest.raises(NotAllowed):
        actions.erase_care_details(town.as_viewer("admin"), years=1, now=NOW)


def test_where_somebody_is_registered_is_kept_sealed_masked_and_shown_for_a_reason(town, db):
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    address = "江苏省淮安市清江浦区某某路1号"
    made = person(viewer, where, registered_address=address)
    with connection.cursor() as cursor:
        cursor.execute("select registered_address from households_resident")
        assert address.encode() not in bytes(cursor.fetchone()[0])
    assert address not in str(queries.kept(viewer, "resident", [made.id]))
    shown = actions.reveal(viewer, made.id, ["address"], why="certify", command_id=new_id(), now=NOW)
    assert shown == {"address": address}
    actions.change_resident(
        viewer, command(), made.id, edit(registered_address=("江苏省****", "山东省日照市")), now=NOW
    )
    assert queries.resident_by_id(viewer, made.id).registered_address == "山东省日照市"
    assert address not in str([entry.before | entry.after for entry in Entry.objects.all()])
