"""Visits, shifts, patrols and places: each once, by who may, and nothing kept that nobody needs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from tests import builders
from tests.builders import NOW, TODAY
from tests.visits.homes import household, need

from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.cases.actions import Report
from wangge.cases.models import Case
from wangge.households.models import CareNeed
from wangge.visits import actions, queries
from wangge.visits.actions import imports
from wangge.visits.jobs import renew_due_visits
from wangge.visits.models import Check, DueVisit, Errand, Place, Shift, Stale, Track, Visit
from wangge.visits.rules import BadVisit, NoShift, OnShift, VisitImportRefused


def told(home, outcome="met", **facts):
    return actions.Told(household=home.pk, outcome=outcome, **facts)


def command(at=NOW, **facts):
    return Command(id=new_id(), at=at, **facts)


def renew(town, *homes):
    actions.renew_due(town.as_viewer("worker"), [home.pk for home in homes], now=NOW)


def due_at(home):
    return DueVisit.objects.filter(household_id=home.pk).first()


@pytest.fixture
def home(town):
    return household(town, town.grid_a)


def test_a_visit_is_recorded_once_however_often_it_arrives(town, db, home):
    viewer, first = town.as_viewer("worker"), command()
    visit, is_new = actions.record_visit(viewer, first, told(home, well=True), now=NOW)
    again, is_new_again = actions.record_visit(
        viewer, first, told(home, well=True), now=NOW + timedelta(hours=1)
    )
    assert (is_new, is_new_again) == (True, False)
    assert visit.pk == again.pk
    assert again.at == NOW
    with pytest.raises(OtherContent):
        actions.record_visit(viewer, first, told(home, "refused"), now=NOW)


def test_meeting_somebody_puts_the_next_visit_off(town, db, home):
    need(town, home)
    renew(town, home)
    assert due_at(home).since == TODAY
    actions.record_visit(town.as_viewer("worker"), command(), told(home), now=NOW)
    assert due_at(home).by == date(2026, 5, 15)
    assert due_at(home).revision == 2


@pytest.mark.parametrize("outcome", ["nobody_home", "moved", "not_found", "empty"])
def test_an_honest_answer_is_work_and_leaves_the_visit_due(town, db, home, outcome):
    renew(town, home)
    before = due_at(home)
    visit, _ = actions.record_visit(town.as_viewer("worker"), command(), told(home, outcome), now=NOW)
    after = due_at(home)
    assert after.by == before.by
    assert after.since > TODAY
    found = queries.figures(town.as_viewer("worker"), town.grid_a.code, since=TODAY, until=TODAY)
    assert (found.done, found.households_met) == (1, 0)
    assert found.visits[outcome] == 1
    assert visit.day == TODAY


def test_a_batch_is_recorded_each_for_itself(town, db, home):
    far = household(town, town.far_grid)
    other = household(town, town.grid_a, "102")
    viewer = town.as_viewer("worker")
    items = [
        (command(), told(home)),
        (command(), told(far)),
        (command(), told(other, "flown")),
        (command(), told(other, "empty")),
    ]
    answers = actions.record_visits(viewer, [*items, items[0]], now=NOW)
    assert [type(each.problem) for each in answers] == [
        type(None),
        NotFound,
        BadVisit,
        type(None),
        type(None),
    ]
    assert [each.is_new for each in answers] == [True, False, False, True, False]
    assert Visit.objects.count() == 2


def test_a_batch_costs_no_more_questions_for_more_visits(town, db, django_assert_max_num_queries):
    homes = [household(town, town.grid_a, str(number)) for number in range(100, 120)]
    viewer = town.as_viewer("worker")
    with django_assert_max_num_queries(20 + 15):
        actions.record_visits(viewer, [(command(), told(home)) for home in homes], now=NOW)


@pytest.mark.parametrize("name", ["enterprise", "handler", "centre"])
def test_who_has_no_homes_records_no_visit(town, db, home, name):
    with pytest.raises((NotFound, NotAllowed)):
        actions.record_visit(town.as_viewer(name), command(), told(home), now=NOW)


def test_what_was_heard_becomes_a_case_in_the_same_breath(town, db, home):
    town.add(builders.item)
    heard = Report(item="M01-01", title="路灯不亮", reported_at=NOW, area=town.grid_a.code)
    case = new_id()
    visit, _ = actions.record_visit(
        town.as_viewer("worker"), command(), told(home, heard=heard, case=case, note="老人说的"), now=NOW
    )
    assert Case.objects.get(pk=case).title == "路灯不亮"
    assert Visit.objects.get(pk=visit.pk).note == "老人说的"


def test_a_case_that_cannot_be_leaves_no_visit(town, db, home):
    heard = Report(item="X99-99", title="?", reported_at=NOW, area=town.grid_a.code)
    viewer = town.as_viewer("worker")
    (answer,) = actions.record_visits(viewer, [(command(), told(home, heard=heard, case=new_id()))], now=NOW)
    assert answer.problem
    assert not Visit.objects.exists()


def test_the_case_heard_at_a_door_owes_it_an_answer_when_it_ends(town, db, home):
    town.add(builders.item)
    viewer, case = town.as_viewer("worker"), new_id()
    heard = Report(item="M01-01", title="路灯不亮", reported_at=NOW, area=town.grid_a.code)
    actions.record_visit(viewer, command(), told(home, heard=heard, case=case), now=NOW)
    assert actions.owe_answers(town.as_system(), now=NOW) == 0
    Case.objects.filter(pk=case).update(state="closed", closed_at=NOW, outcome="mended")
    assert actions.owe_answers(town.as_system(), now=NOW) == 1
    assert actions.owe_answers(town.as_system(), now=NOW) == 0
    first = due_at(home).reasons[0]
    assert (first["why"], first["since"]) == ("answer", TODAY.isoformat())


def test_errands_ride_along_and_are_done_when_somebody_is_met(town, db, home):
    renew(town, home)
    errand = actions.NewErrand("question", "家里几口人?", TODAY, TODAY + timedelta(days=7), ref=new_id())
    desk = town.as_viewer("community")
    assert actions.add_errands(desk, [home.pk], errand, now=NOW) == 1
    assert actions.add_errands(desk, [home.pk], errand, now=NOW) == 0
    assert [reason["why"] for reason in due_at(home).reasons] == ["question", "everyone"]
    worker = town.as_viewer("worker")
    actions.record_visit(worker, command(), told(home, "nobody_home"), now=NOW)
    assert Errand.objects.get().done_at is None
    visit, _ = actions.record_visit(worker, command(), told(home), now=NOW)
    assert Errand.objects.get().done_by_visit == visit.pk
    assert set(visit.reasons) >= {"everyone"}
    with pytest.raises(NotAllowed):
        actions.add_errands(worker, [home.pk], replace(errand, ref=None), now=NOW)


def test_an_errand_that_was_left_stays(town, db, home):
    desk = town.as_viewer("community")
    actions.add_errands(desk, [home.pk], actions.NewErrand("other", "送通知", TODAY, TODAY), now=NOW)
    actions.record_visit(
        town.as_viewer("worker"), command(), told(home, left=(Errand.objects.get().pk,)), now=NOW
    )
    assert Errand.objects.get().done_at is None


def asked(town, home, *texts, at=NOW):
    """Errands that the desk added at that moment."""
    for text in texts:
        new = actions.NewErrand("question", text, TODAY, TODAY + timedelta(days=7), ref=new_id())
        actions.add_errands(town.as_viewer("community"), [home.pk], new, now=at)
    return [Errand.objects.get(text=text).pk for text in texts]


def open_errands():
    return set(Errand.objects.filter(done_at__isnull=True).values_list("text", flat=True))


def test_an_errand_that_the_worker_did_not_see_stays(town, db, home):
    seen, left, _later = asked(town, home, "几口人?", "养狗吗?", "有空房吗?")
    visit, _ = actions.record_visit(
        town.as_viewer("worker"), command(), told(home, errands=(seen, left), left=(left,)), now=NOW
    )
    assert open_errands() == {"养狗吗?", "有空房吗?"}
    assert visit.reasons == ["question", "everyone"], "of the three only the one that was done"
    assert [reason["why"] for reason in due_at(home).reasons][:2] == ["question", "question"]


def test_whoever_saw_no_errand_ends_none(town, db, home):
    asked(town, home, "几口人?")
    visit, _ = actions.record_visit(town.as_viewer("worker"), command(), told(home, errands=()), now=NOW)
    assert open_errands() == {"几口人?"}
    assert visit.reasons == ["everyone"]


def test_where_nobody_says_what_was_seen_an_errand_counts_that_was_there_before_the_visit(town, db, home):
    asked(town, home, "几口人?", at=NOW - timedelta(hours=3))
    asked(town, home, "有空房吗?", at=NOW - timedelta(hours=1))
    visit, _ = actions.record_visit(
        town.as_viewer("worker"), command(NOW - timedelta(hours=2)), told(home), now=NOW
    )
    assert open_errands() == {"有空房吗?"}
    assert Errand.objects.get(done_at__isnull=False).done_by_visit == visit.pk


def test_each_visit_of_a_batch_ends_what_its_own_worker_saw(town, db, home):
    first, second = asked(town, home, "几口人?", "养狗吗?")
    other = household(town, town.grid_a, "102")
    (far,) = asked(town, other, "有空房吗?")
    items = [
        (command(), told(home, errands=(first, far))),
        (command(), told(home, errands=(second,))),
    ]
    answers = actions.record_visits(town.as_viewer("worker"), items, now=NOW)
    assert open_errands() == {"有空房吗?"}, "another door's stays"
    by = dict(Errand.objects.filter(done_at__isnull=False).values_list("id", "done_by_visit"))
    assert by == {first: answers[0].visit.pk, second: answers[1].visit.pk}


def test_which_errands_were_seen_belongs_to_the_content_of_a_visit(town, db, home):
    (seen,) = asked(town, home, "几口人?")
    worker, first = town.as_viewer("worker"), command()
    _visit, is_new = actions.record_visit(worker, first, told(home, errands=(seen,)), now=NOW)
    _again, is_new_again = actions.record_visit(worker, first, told(home, errands=(seen,)), now=NOW)
    assert (is_new, is_new_again) == (True, False)
    with pytest.raises(OtherContent):
        actions.record_visit(worker, first, told(home), now=NOW)


def test_the_wish_not_to_be_visited_more_is_kept(town, db):
    asks = household(town, town.grid_a, only_by_law=True)
    renew(town, asks)
    assert due_at(asks) is None
    need(town, asks)
    renew(town, asks)
    assert {reason["why"] for reason in due_at(asks).reasons} == {"living_alone", "everyone"}


def test_how_it_was_shown_that_somebody_stood_there(town, db):
    home = household(town, town.grid_a, plate="WG7K3X")
    viewer = town.as_viewer("worker")

    def seen(**facts):
        return actions.record_visit(viewer, command(), told(home, **facts), now=NOW)[0].seen

    assert seen(plate="WG7K3X") == "plate"
    assert seen(plate="OTHER", seen="far") == "far"
    assert seen(seen="near") == "near"
    assert seen(seen="plate") == "", "who says plate must have read it"
    columns = {column.name for column in Visit._meta.concrete_fields}
    assert not columns & {"lon", "lat", "position"}


def test_a_phone_s_clock_is_kept_and_does_not_decide_when_it_cannot_be_right(town, db, home):
    viewer = town.as_viewer("worker")
    fast = NOW + timedelta(days=2)
    visit, _ = actions.record_visit(viewer, command(fast), told(home), now=NOW)
    assert (visit.said_at, visit.happened_at, visit.day) == (fast, NOW, TODAY)
    late, _ = actions.record_visit(viewer, command(NOW - timedelta(days=2)), told(home, "empty"), now=NOW)
    assert late.day == TODAY - timedelta(days=2)
    assert queries.facts(viewer, [home.pk], today=TODAY)[home.pk].visits.outcome == "met"


def test_what_comes_late_does_not_undo_what_is_known(town, db, home):
    viewer = town.as_viewer("worker")
    actions.record_visit(viewer, command(), told(home), now=NOW)
    by = due_at(home).by
    actions.record_visit(viewer, command(NOW - timedelta(days=3)), told(home, "nobody_home"), now=NOW)
    assert due_at(home).by == by


def test_the_register_s_changes_reach_what_is_due_by_themselves(town, open_db, home):
    need(town, home)
    assert [row for (row,) in town.rows("select household_id from visits_stale")] == [home.pk]
    assert renew_due_visits(NOW) >= 1
    assert town.rows("select count(*) from visits_stale") == [(0,)]
    ((reasons,),) = town.rows("select reasons from visits_duevisit")
    assert {each["why"] for each in reasons} == {"living_alone", "everyone"}


def test_a_round_takes_what_ends_first_in_walking_order(town, db):
    homes = [household(town, town.grid_a, str(100 + n), lon=119.351 + n / 1000) for n in range(6)]
    need(town, homes[5])
    need(town, homes[0])
    renew(town, *homes)
    viewer = town.as_viewer("worker")
    plan = queries.plan_round(viewer, TODAY, stops=4)
    assert plan.left == 2
    keys = [stop.door.id for stop in plan.stops]
    assert keys[0] == homes[0].pk
    assert homes[5].pk in keys
    assert all(stop.reasons[0].zh and stop.reasons[0].basis_zh for stop in plan.stops)
    kept = actions.keep_round(viewer, TODAY, now=NOW)
    assert (kept.number, len(kept.stops)) == (1, 6)
    assert actions.keep_round(viewer, TODAY, now=NOW).id == kept.id


def test_a_round_that_was_kept_keeps_its_order_when_doors_are_done(town, db):
    homes = [household(town, town.grid_a, str(100 + n), lon=119.351 + n / 1000) for n in range(3)]
    renew(town, *homes)
    viewer = town.as_viewer("worker")
    kept = actions.keep_round(viewer, TODAY, now=NOW)
    actions.record_visit(viewer, command(), told(homes[1]), now=NOW)
    again = queries.round_by_id(viewer, kept.id)
    assert [stop.door.id for stop in again.stops] == [stop.door.id for stop in kept.stops]


def test_a_neighbouring_worker_sees_nothing_of_it(town, db, home):
    renew(town, home)
    actions.record_visit(town.as_viewer("worker"), command(), told(home), now=NOW)
    other = town.as_viewer("worker2")
    assert not Visit.objects.exists()
    assert queries.kept(other, "due", [home.pk]) == {}
    assert queries.plan_round(other, TODAY).stops == ()


def test_what_a_phone_keeps_is_plain_json(town, db, home):
    renew(town, home)
    viewer = town.as_viewer("worker")
    visit, _ = actions.record_visit(viewer, command(), told(home, note="好"), now=NOW)
    kept = queries.kept(viewer, "visit", [visit.pk])[str(visit.pk)]
    assert (kept["outcome"], kept["note"], kept["household"]) == ("met", "好", str(home.pk))
    (due,) = queries.kept(viewer, "due", [home.pk]).values()
    assert due["reasons"][0]["why"] == "everyone"
    place, _ = actions.add_place(viewer, new_id(), NEW_PLACE, now=NOW)
    assert queries.kept(viewer, "place", [place.pk])[str(place.pk)]["due_on"] == TODAY.isoformat()


def test_a_list_of_visits_is_taken_in_once(town, db, home, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text(
        f"户编号,走访日期,走访结果,网格员账号,备注\n{home.number},2026-04-01,见到,worker,都好\n"
        f"{home.number},2026-04-02 09:30,家中无人,,\n",
        encoding="utf-8",
    )
    system = town.as_system()
    report = actions.import_visits(system, file, now=NOW)
    assert (report.added, report.unchanged) == (2, 0)
    again = actions.import_visits(system, file, now=NOW)
    assert (again.added, again.unchanged) == (0, 2)
    first = Visit.objects.get(outcome="met")
    assert (first.note, first.visitor_id, first.day) == ("都好", town.accounts["worker"].pk, date(2026, 4, 1))
    assert [first.time_noted, Visit.objects.exclude(outcome="met").get().time_noted] == [False, True]
    assert Stale.objects.filter(household_id=home.pk).exists()


def test_a_list_is_one_however_many_parts_it_is_written_in(town, db, home, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "_AT_ONCE", 2)
    monkeypatch.setattr(imports, "_MANY", 2)
    file = tmp_path / "visits.csv"
    lines = [f"{home.number},2026-04-{day:02} 10:00,met,好\\n{day}" for day in range(1, 8)]
    file.write_text("\n".join(["household,at,outcome,note", *lines]), encoding="utf-8")
    assert actions.import_visits(town.as_system(), file, now=NOW).added == 7
    assert sorted(visit.note for visit in Visit.objects.all()) == [f"好\\n{day}" for day in range(1, 8)]
    with connection.cursor() as cursor:
        cursor.execute("select distinct row_id from sync_touched where kind = 'visit'")
        assert cursor.fetchall() == [("*",)]
    # The same visit in two parts is a fault, and so is a household of the last part: all of it is undone.
    twice = [
        "household,at,outcome",
        *(f"{home.number},2026-03-{day:02} 10:00,met" for day in (1, 2, 3, 1)),
        "none,2026-03-04,met",
    ]
    file.write_text("\n".join(twice), encoding="utf-8")
    with pytest.raises(VisitImportRefused) as refused, transaction.atomic():
        actions.import_visits(town.as_system(), file, now=NOW)
    assert {(fault.line, fault.column) for fault in refused.value.facts["faults"]} == {
        (5, "at"),
        (6, "household"),
    }
    assert Visit.objects.count() == 7


def test_every_wrong_cell_of_a_list_is_named_and_nothing_taken(town, db, home, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text(
        f"household,at,outcome,visitor\n{home.number},2026-04-31,met,\nnone,2026-04-01,met,\n"
        f"{home.number},2026-04-01,ill,\n{home.number},2026-04-01,met,ghost\n",
        encoding="utf-8",
    )
    with pytest.raises(VisitImportRefused) as refused:
        actions.import_visits(town.as_system(), file, now=NOW)
    named = {(fault.line, fault.column) for fault in refused.value.facts["faults"]}
    assert named == {(2, "at"), (3, "household"), (4, "outcome"), (5, "visitor")}
    assert not Visit.objects.exists()


def test_a_sheet_that_is_typed_in_late_has_its_own_day(town, db, home):
    day = NOW - timedelta(days=45)
    told = actions.Told(household=home.pk, outcome="met", source="desk", time_noted=False)
    made, _new = actions.record_visit(town.as_viewer("worker"), command(day), told, now=NOW)
    assert (made.day, made.time_noted) == (day.astimezone(SHANGHAI).date(), False)
    # A phone's clock that is so far off is not believed.
    phone, _new = actions.record_visit(
        town.as_viewer("worker"), command(day), actions.Told(household=home.pk, outcome="met"), now=NOW
    )
    assert phone.day == TODAY


def test_a_shift_says_for_whom_also_when_the_other_grid_is_not_the_first(town, db):
    """Who walks a grid of their own and stands in for another has one shift for both."""
    town.add(
        builders.assignment,
        town.posts["worker2"],
        town.accounts["worker"],
        stands_in_for=town.assignments["worker2"],
    )
    shift = actions.start_shift(town.as_viewer("worker"), command(), now=NOW)
    assert shift.path == town.grid_a.path
    assert shift.stands_in_for_id == town.accounts["worker2"].pk
    own = actions.start_shift(
        town.as_viewer("worker"),
        command(NOW + timedelta(days=2)),
        area=town.grid_a.code,
        now=NOW + timedelta(days=2),
    )
    assert own.stands_in_for_id is None, "for the grid that is named it is nobody's place but their own"


def test_a_shift_begins_and_ends_once(town, db):
    viewer, begin = town.as_viewer("worker"), command()
    shift = actions.start_shift(viewer, begin, now=NOW)
    assert actions.start_shift(viewer, begin, now=NOW).pk == shift.pk
    with pytest.raises(OnShift):
        actions.start_shift(viewer, command(NOW), now=NOW)
    ended = actions.end_shift(
        viewer, command(NOW + timedelta(hours=8)), shift.pk, now=NOW + timedelta(hours=8)
    )
    assert ended.ended_at - ended.started_at == timedelta(hours=8)
    with pytest.raises(NotFound):
        actions.end_shift(town.as_viewer("worker2"), command(), shift.pk, now=NOW)


def test_a_forgotten_shift_ends_by_itself_when_the_next_begins(town, db):
    viewer = town.as_viewer("worker")
    first = actions.start_shift(viewer, command(), now=NOW)
    actions.start_shift(viewer, command(NOW + timedelta(days=2)), now=NOW + timedelta(days=2))
    assert Shift.objects.get(pk=first.pk).ended_at == NOW + timedelta(hours=24)


def walked(shift, **facts):
    start = NOW + timedelta(hours=1)
    points = ((119.35, 34.74, 0.0), (119.351, 34.741, 60.0), (119.352, 34.742, 7200.0))
    return actions.Walked(
        **{
            "shift": shift,
            "started_at": start,
            "ended_at": start + timedelta(hours=2),
            "points": points,
            **facts,
        }
    )


def test_a_track_is_kept_only_during_a_shift_and_read_by_nobody_else(town, db):
    later = NOW + timedelta(hours=4)
    viewer = town.as_viewer("worker")
    with pytest.raises(NoShift):
        actions.record_patrol(viewer, command(), walked(new_id()), now=later)
    shift = actions.start_shift(viewer, command(), now=NOW)
    actions.end_shift(viewer, command(NOW + timedelta(hours=2)), shift.pk, now=later)
    patrol = actions.record_patrol(viewer, command(later), walked(shift.pk), now=later)
    (track,) = queries.own_tracks(viewer)
    assert patrol.ended_at == NOW + timedelta(hours=2), "nothing after the shift's end"
    assert [point[2] for point in track.points] == [0.0, 60.0]
    (feature,) = queries.track_features([track])["features"]
    assert feature["geometry"]["type"] == "LineString"
    assert len(queries.track_rows([track])) == 2
    for name in ("community", "admin", "worker2", "centre"):
        other = town.as_viewer(name)
        assert queries.own_tracks(other) == []
        assert not Track.objects.exists()
    town.as_system()
    assert not Track.objects.exists()
    mine = town.as_viewer("worker")
    assert actions.erase_tracks(mine) == 1
    assert queries.own_tracks(mine)[0].points == ()


def test_tracks_go_after_thirty_days(town, db):
    viewer = town.as_viewer("worker")
    shift = actions.start_shift(viewer, command(), now=NOW)
    actions.record_patrol(
        viewer, command(NOW + timedelta(hours=4)), walked(shift.pk), now=NOW + timedelta(hours=4)
    )
    assert actions.forget_tracks(NOW + timedelta(days=29)) == 0
    assert actions.forget_tracks(NOW + timedelta(days=31)) == 1


NEW_PLACE = actions.NewPlace("hydrant", "消火栓 07", lon=119.355, lat=34.745)


def test_a_place_is_checked_and_due_again(town, db):
    town.add(builders.item)
    viewer = town.as_viewer("worker")
    place, _ = actions.add_place(viewer, new_id(), NEW_PLACE, now=NOW)
    assert place.path == town.grid_a.path
    heard = Report(item="M01-01", title="消火栓漏水", reported_at=NOW, lon=119.355, lat=34.745)
    case, look = new_id(), command()
    found = actions.Found(place.pk, "fault", heard=heard, case=case)
    check, is_new = actions.check_place(viewer, look, found, now=NOW)
    assert is_new
    assert Case.objects.get(pk=case).path == town.grid_a.path
    assert Place.objects.get().due_on == TODAY + timedelta(days=7)
    assert actions.check_place(viewer, look, found, now=NOW) == (check, False)
    earlier = command(NOW - timedelta(days=5))
    actions.check_place(viewer, earlier, actions.Found(place.pk, "fine"), now=NOW)
    assert Place.objects.get().found == "fault", "what comes late does not stand in front"
    assert Check.objects.count() == 2
    actions.close_place(viewer, place.pk, now=NOW)
    assert queries.places(viewer, town.grid_a.path) == []


def test_who_does_not_work_there_keeps_no_place(town, db):
    place, _ = actions.add_place(town.as_viewer("worker"), new_id(), NEW_PLACE, now=NOW)
    with pytest.raises((NotFound, NotAllowed)):
        actions.check_place(town.as_viewer("far_worker"), command(), actions.Found(place.pk, "fine"), now=NOW)
    with pytest.raises(NotAllowed):
        actions.add_place(town.as_viewer("far_worker"), new_id(), NEW_PLACE, now=NOW)


RULES = (
    "code,need,every_months,every_days,early_days,retry_days,law,zh,en,basis_zh,basis_en,ended\n"
    "everyone,,6,,14,7,false,每户每半年一次,Twice a year,市里的办法,The city's own measure,\n"
    "elder,elder,3,,14,7,false,老人,Older people,法,Law,true\n"
)


def test_an_installation_s_rules_take_the_place_of_the_shipped(town, db, home):
    renew(town, home)
    assert actions.load_due_rules(town.as_system(), RULES.splitlines(), now=NOW) == 2
    actions.renew_stale(town.as_system(), now=NOW)
    assert due_at(home).by == date(2026, 10, 15)
    codes = {rule.code for rule in queries.rules_in_force()}
    assert "elder" not in codes
    assert "disability" in codes
    with pytest.raises(NotAllowed):
        actions.load_due_rules(town.as_viewer("community"), RULES.splitlines(), now=NOW)
    with pytest.raises(Exception, match="line 2"):
        actions.load_due_rules(town.as_system(), [RULES.splitlines()[0], "x"], now=NOW)


def test_a_rule_that_comes_back_holds_where_nothing_was_due_and_no_other_home_is_asked(town, db):
    header, _, elder = RULES.splitlines()
    off = (
        header,
        "everyone,,12,,30,14,false,每户每年一次,Once a year,市里的办法,The city's own measure,true",
        elder,
    )
    old, plain = household(town, town.grid_a), household(town, town.grid_a, "102")
    need(town, old, "elder")
    actions.load_due_rules(town.as_system(), off, now=NOW)
    actions.renew_stale(town.as_system(), now=NOW)
    assert (due_at(old), due_at(plain)) == (None, None)
    actions.load_due_rules(town.as_system(), [header, elder.removesuffix("true")], now=NOW)
    assert list(Stale.objects.values_list("household_id", flat=True)) == [old.pk]
    actions.renew_stale(town.as_system(), now=NOW)
    assert [reason["why"] for reason in due_at(old).reasons] == ["elder"]
    # Ended again: found by what is due, also after its need.
    CareNeed.objects.update(ended_on=TODAY)
    Stale.objects.all().delete()
    actions.load_due_rules(town.as_system(), [header, elder], now=NOW)
    actions.renew_stale(town.as_system(), now=NOW)
    assert due_at(old) is None


def test_a_phone_is_told_how_an_installation_calls_its_own_rules(town, db, home):
    header, changed, _ = RULES.splitlines()
    new = "flood_bank,,2,,14,7,false,堤岸住户走访,,市里的办法,,"
    actions.load_due_rules(town.as_system(), [header, changed, new], now=NOW)
    need(town, home, "elder")
    renew(town, home)
    kept = queries.kept(town.as_viewer("worker"), "due", [str(home.pk)])[str(home.pk)]["reasons"]
    words = {reason["why"]: (reason.get("zh"), reason.get("en")) for reason in kept}
    assert words == {
        "everyone": ("每户每半年一次", "Twice a year"),
        "flood_bank": ("堤岸住户走访", "堤岸住户走访"),
        "elder": (None, None),
    }


def test_figures_say_what_was_done_and_what_waits(town, db):
    one, two = household(town, town.grid_a, "1"), household(town, town.grid_b, "2")
    need(town, one)
    renew(town, one)
    actions.renew_due(town.as_viewer("worker2"), [two.pk], now=NOW)
    later = NOW + timedelta(days=40)
    actions.record_visit(town.as_viewer("worker2"), command(later), told(two), now=later)
    desk = town.as_viewer("community")
    found = queries.figures(desk, town.community.code, since=TODAY, until=TODAY + timedelta(days=45))
    assert (found.done, found.households_met, found.due, found.overdue) == (1, 1, 1, 1)
    assert found.by_area[town.grid_b.code]["met"] == 1
    centre = town.as_viewer("centre")
    counted = queries.figures(centre, town.county.code, since=TODAY, until=TODAY + timedelta(days=45))
    assert counted.households_met == 1
    assert not Visit.objects.exists(), "a centre sees counts, no visit"


def test_a_visit_before_the_year_2000_is_refused(town, db, home):
    with pytest.raises(Invalid):
        actions.record_visit(town.as_viewer("worker"), command(), told(home, seen="everywhere"), now=NOW)
    visit, _ = actions.record_visit(
        town.as_viewer("worker"), command(datetime(2000, 1, 1, tzinfo=UTC)), told(home), now=NOW
    )
    assert visit.day == TODAY
