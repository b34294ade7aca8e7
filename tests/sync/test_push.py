"""What a phone did arrives once, each command by itself."""

from datetime import timedelta

import pytest
from tests import builders
from tests.builders import NOW, TODAY
from tests.visits.homes import household, need

from wangge.base.ids import new_id
from wangge.base.problems import Invalid
from wangge.cases.models import Case, Note
from wangge.households.models import CareNeed, Household, Stay
from wangge.sync import actions
from wangge.sync.models import SyncCommand

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(town):
    return town.add(builders.item)


@pytest.fixture
def worker(town, item):
    return town.as_viewer("worker")


def command(kind, data, **more):
    return {"id": str(new_id()), "kind": kind, "at": NOW.isoformat(), "data": data} | more


def report(town, **more):
    data = {"case": str(new_id()), "item": "M01-01", "title": "路灯不亮", "area": town.grid_a.code}
    return command("case.report", data | more)


def push(viewer, *commands, **more):
    return actions.push(viewer, list(commands), now=more.pop("now", NOW), **more)


def statuses(results):
    return [result.status for result in results]


def test_a_report_is_filed_once_however_often_it_comes(town, worker):
    sent = report(town)
    assert statuses(push(worker, sent)) == ["done"]
    again = push(worker, sent, sent)
    assert statuses(again) == ["repeated", "repeated"]
    assert again[0].facts["number"]
    assert Case.objects.count() == 1


def test_the_same_command_twice_in_one_push_is_done_once(town, worker):
    sent = report(town)
    assert statuses(push(worker, sent, sent)) == ["done", "repeated"]
    assert Case.objects.count() == 1


def test_what_waits_still_waits_when_it_comes_twice_in_one_push(town, worker):
    """A phone takes away what it hears was repeated."""
    step = command("case.step", {"case": str(new_id()), "step": "accept"})
    assert statuses(push(worker, step, step)) == ["refused", "refused"]


def test_the_same_id_with_another_content_is_refused_by_name(town, worker):
    sent = report(town)
    push(worker, sent)
    other = {**sent, "data": {**sent["data"], "title": "路灯又亮"}}
    (result,) = push(worker, other)
    assert (result.status, result.problem.code, result.again) == ("refused", "other-content", False)


def test_what_a_rule_refuses_leaves_the_others_alone(town, worker):
    wrong = report(town, item="X99-99")
    far = report(town, area=town.far_grid.code)
    nothing = command("case.burn", {})
    unreadable = {"id": str(new_id()), "kind": "case.report", "at": "yesterday"}
    good = report(town)
    results = push(worker, wrong, far, nothing, unreadable, good)
    assert statuses(results) == ["refused"] * 4 + ["done"]
    assert [one.problem.code for one in results[:4]] == [
        "no-such-item",
        "not-allowed",
        "unknown-kind",
        "invalid",
    ]


def test_what_was_refused_is_decided_anew(town, worker):
    sent = report(town, item="M01-09")
    assert push(worker, sent)[0].problem.code == "no-such-item"
    town.add(builders.item, "M01-09")
    assert statuses(push(worker, sent)) == ["done"]
    assert SyncCommand.objects.get(id=sent["id"]).status == "done"


def test_a_step_before_its_report_waits_and_is_not_lost(town, worker):
    sent = report(town)
    step = command("case.step", {"case": sent["data"]["case"], "step": "accept"})
    (waits,) = push(worker, step)
    assert (waits.status, waits.problem.code, waits.again) == ("refused", "not-here-yet", True)
    assert statuses(push(worker, sent, step)) == ["done", "done"]
    assert Case.objects.get().state == "accepted"


def test_a_patrol_before_its_shift_has_arrived_waits_and_one_outside_of_it_is_refused(town, worker):
    shift = command("shift.start", {})
    walk = {"started_at": NOW.isoformat(), "ended_at": NOW.isoformat()}
    patrol = command("patrol.record", {"shift": shift["id"], **walk})
    (waits,) = push(worker, patrol)
    assert (waits.status, waits.problem.code, waits.again) == ("refused", "not-here-yet", True)
    assert statuses(push(worker, shift, patrol)) == ["done", "done"]
    earlier = (NOW - timedelta(hours=3)).isoformat()
    outside = command("patrol.record", {"shift": shift["id"], "started_at": earlier, "ended_at": earlier})
    (refused,) = push(worker, outside)
    assert (refused.problem.code, refused.again) == ("no-shift", False)


@pytest.mark.parametrize("kind", ["household.add", "resident.add", "resident.move", "need.add", "need.end"])
def test_today_by_a_clock_that_is_two_days_ahead_is_today(town, worker, kind):
    home = household(town, town.grid_a)
    person = str(home.resident_row.pk)
    town.add(
        builders.insert,
        Stay(resident_id=person, household_id=home.pk, path=home.path, from_on=TODAY - timedelta(days=9), came="known"),
    )  # fmt: skip
    clock, its_today = NOW + timedelta(days=2), (TODAY + timedelta(days=2)).isoformat()
    made, law = str(new_id()), {"kind": "living_alone", "basis": "law", "law": "第十三条"}
    data = {
        "household.add": {"household": made, "dwelling": str(home.dwelling_id), "on": its_today},
        "resident.add": {
            "resident": made, "household": str(home.pk), "name": "王小明", "residency": "permanent", "on": its_today,
        },
        "resident.move": {"resident": person, "move": "out", "on": its_today},
        "need.add": {"need": made, "resident": person, "until": its_today, "from_on": its_today, **law},
        "need.end": {"need": str(need(town, home).pk), "on": its_today},
    }  # fmt: skip
    sent = command(kind, data[kind]) | {"at": clock.isoformat()}
    (result,) = push(worker, sent, clock=clock)
    assert result.status == "done", result.problem
    days = {
        "household.add": lambda: Household.objects.get(id=made).valid_from,
        "resident.add": lambda: Stay.objects.get(resident_id=made).from_on,
        "resident.move": lambda: Stay.objects.get(resident_id=person).to_on,
        "need.add": lambda: CareNeed.objects.get(id=made).from_on,
        "need.end": lambda: CareNeed.objects.get(resident_id=person).ended_on,
    }
    assert days[kind]() == TODAY


def test_a_day_that_lies_ahead_by_every_clock_is_refused(town, worker):
    home, clock = household(town, town.grid_a), NOW + timedelta(days=2)
    facts = {"household": str(home.pk), "name": "王小明", "residency": "permanent"}
    on = (TODAY + timedelta(days=3)).isoformat()
    sent = command("resident.add", {"resident": str(new_id()), "on": on, **facts}) | {"at": clock.isoformat()}
    assert push(worker, sent, clock=clock)[0].problem.code == "invalid"
    known = command(
        "resident.add", {"resident": str(new_id()), "on": (TODAY - timedelta(days=1)).isoformat(), **facts}
    )
    assert statuses(push(worker, known | {"at": clock.isoformat()}, clock=clock)) == ["done"]
    assert Stay.objects.get().from_on == TODAY - timedelta(days=1), "what somebody picked stays"


def test_after_three_days_its_owner_hears_that_it_is_not_there(town, worker):
    step = command("case.step", {"case": str(new_id()), "step": "accept"})
    push(worker, step)
    (late,) = push(worker, step, now=NOW + timedelta(days=4))
    assert (late.problem.code, late.again) == ("not-found", False)


def test_a_step_taken_by_somebody_else_meanwhile_is_refused_with_the_reason(town, worker):
    sent = report(town)
    accept = command("case.step", {"case": sent["data"]["case"], "step": "accept"})
    again = command("case.step", {"case": sent["data"]["case"], "step": "accept"})
    assert statuses(push(worker, sent, accept, again)) == ["done", "done", "refused"]


def test_a_note_is_written_under_the_id_of_its_command(town, worker):
    sent = report(town)
    note = command("note.add", {"case": sent["data"]["case"], "text": "门口有狗"})
    assert statuses(push(worker, sent, note)) == ["done", "done"]
    assert str(Note.objects.get().id) == note["id"]


def test_a_clock_that_is_days_wrong_is_put_right(town, worker):
    behind = NOW - timedelta(days=2)
    sent = report(town) | {"at": (behind - timedelta(hours=1)).isoformat()}
    push(worker, sent, clock=behind)
    assert Case.objects.get().reported_at == NOW - timedelta(hours=1)
    assert SyncCommand.objects.get().said_at == behind - timedelta(hours=1)


def by_a_wrong_clock(town, at, ahead):
    """As a phone writes it that knows the server's clock to be `ahead` of its own."""
    said = {"at": (at - ahead).isoformat(), "ahead": ahead // timedelta(milliseconds=1)}
    return report(town) | said


@pytest.mark.parametrize("days", [2, -2])
@pytest.mark.parametrize("clock", [NOW, None])
def test_a_clock_that_was_days_wrong_when_it_was_written_and_is_right_again(town, worker, days, clock):
    at, ahead = NOW - timedelta(hours=1), timedelta(days=days)
    assert statuses(push(worker, by_a_wrong_clock(town, at, ahead), clock=clock)) == ["done"]
    assert Case.objects.get().reported_at == at
    assert SyncCommand.objects.get().said_at == at - ahead


def test_a_clock_that_is_still_as_wrong_as_it_was_is_put_right_once(town, worker):
    at, ahead = NOW - timedelta(hours=1), timedelta(days=2)
    push(worker, by_a_wrong_clock(town, at, ahead), clock=NOW - ahead)
    assert Case.objects.get().reported_at == at


def test_a_clock_that_was_put_right_before_it_was_written_is_believed(town, worker):
    """What the phone knew of the server's clock was known of another one: by it this would lie ahead."""
    at, known = NOW - timedelta(hours=1), timedelta(days=2)
    push(worker, by_a_wrong_clock(town, at, known) | {"at": at.isoformat()}, clock=NOW)
    assert Case.objects.get().reported_at == at


def test_seconds_that_a_phone_knows_it_is_wrong_by_move_nothing(town, worker):
    at = NOW - timedelta(hours=1)
    push(worker, report(town) | {"at": at.isoformat(), "ahead": 90_000}, clock=NOW)
    assert Case.objects.get().reported_at == at


@pytest.mark.parametrize("ahead", [10**13, -(10**13), 10**400, "much", 1.5, [], {}])
def test_what_no_clock_is_wrong_by_is_refused_and_stops_no_other(town, worker, ahead):
    wrong, right = report(town) | {"ahead": ahead}, report(town)
    results = push(worker, wrong, right)
    assert statuses(results) == ["refused", "done"]
    assert (results[0].problem.code, results[0].problem.facts["field"]) == ("invalid", "ahead")


@pytest.mark.parametrize("at", ["0001-01-02T00:00:00+00:00", "9999-12-30T00:00:00+00:00"])
@pytest.mark.parametrize("ahead", [-(36_600 * 86_400_000), 36_600 * 86_400_000])
@pytest.mark.parametrize("clock", [NOW, NOW.replace(year=1), NOW.replace(year=9990)])
def test_no_clock_leads_out_of_the_calendar(town, worker, at, ahead, clock):
    (result,) = push(worker, report(town) | {"at": at, "ahead": ahead}, clock=clock)
    assert result.status == "done", result.problem
    assert Case.objects.get().reported_at <= NOW


def test_nothing_happened_after_now(town, worker):
    push(worker, report(town) | {"at": (NOW + timedelta(days=9)).isoformat()})
    assert Case.objects.get().reported_at == NOW


def test_an_id_of_another_account_is_refused(town, worker):
    sent = report(town)
    push(worker, sent)
    other = town.as_viewer("worker2")
    (result,) = push(other, sent)
    assert (result.status, result.problem.code) == ("refused", "other-content")


def test_a_fault_of_ours_holds_up_no_other(town, worker, monkeypatch):
    from wangge.cases import actions as cases

    def broken(*_arguments, **_facts):
        raise ZeroDivisionError

    monkeypatch.setattr(cases, "write_note", broken)
    sent = report(town)
    note = command("note.add", {"case": sent["data"]["case"], "text": "门口有狗"})
    second = report(town)
    results = push(worker, sent, note, second)
    assert statuses(results) == ["done", "refused", "done"]
    assert (results[1].problem.code, results[1].again) == ("not-now", True)
    monkeypatch.undo()
    assert statuses(push(worker, note)) == ["done"]


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_texts_that_no_table_takes_are_refused(town, worker, text):
    (result,) = push(worker, report(town, title=text))
    assert (result.status, result.problem.code) == ("refused", "invalid")


def test_more_than_two_hundred_or_one_without_an_id_is_no_push(town, worker):
    with pytest.raises(Invalid):
        push(worker, *[report(town)] * 201)
    with pytest.raises(Invalid):
        push(worker, {"kind": "case.report"})


def test_it_goes_over_http(town, item):
    client = town.client("worker")
    sent = report(town)
    answer = client.post(
        "/api/v1/sync/push", {"commands": [sent, command("x.y", {})]}, content_type="application/json"
    )
    done, refused = answer.json()["results"]
    assert (done["status"], done["revision"]) == ("done", 1)
    assert (refused["code"], refused["again"]) == ("unknown-kind", False)
    assert "x.y" in refused["detail"]
