"""A case through its life, by the people of the town: once, in the right hands, with both clocks and a journal."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from tests import builders
from tests.builders import NOW, TODAY

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.actions import Report, arrive_at_summons, report_case, take_step
from wangge.cases.actions.alarms import sound_alarm
from wangge.cases.models import Case, Summons, Task
from wangge.cases.queries.moves import moves_for
from wangge.cases.rules import (
    AlreadyMerged,
    BadAnswer,
    CaseMoved,
    MissingFact,
    NoOffice,
    NoPlace,
    NoSummons,
    NotTheirCase,
    StepNotPossible,
)
from wangge.journal.queries import entries_of

pytestmark = pytest.mark.usefixtures("town", "db")
IN_A, ON_BORDER = (119.355, 34.745), (119.36, 34.745)
HOUR = timedelta(hours=1)


@pytest.fixture
def item(town):
    return town.add(builders.item, summons="enforcement")


def report(at=IN_A, **facts):
    lon, lat = at or (None, None)
    return Report(
        **{"item": "M01-01", "title": "路灯不亮", "reported_at": NOW, "lon": lon, "lat": lat} | facts
    )


@pytest.fixture
def case(town, item):
    made, is_new = report_case(town.as_viewer("worker"), new_id(), report(), now=NOW)
    assert is_new
    return made


@pytest.fixture
def step(town):
    """`step("worker", case, "accept", …)`: as that account, with a command of its own."""

    def take(who, case, name, *, command=None, now=NOW, **facts):
        return take_step(
            town.as_viewer(who, now=now), case.id, name, command_id=command or uuid4(), facts=facts, now=now
        )

    return take


def test_a_case_reaches_the_grid_that_its_point_lies_in(town, case):
    assert (case.grid_id, case.holder_path, case.found_tier) == (town.grid_a.code, town.grid_a.path, "grid")
    assert case.number == "0703-260415-0001"
    assert case.due_at > NOW
    assert [entry.verb for entry in entries_of(town.as_viewer("centre"), case.subject)] == ["case.reported"]


def test_the_same_id_answers_as_the_first_time_and_never_with_another_content(town, item):
    viewer, made = town.as_viewer("worker"), new_id()
    first, is_new = report_case(viewer, made, report(), now=NOW)
    again, is_new_again = report_case(viewer, made, report(), now=NOW + HOUR)
    assert (is_new, is_new_again, again.number) == (True, False, first.number)
    with pytest.raises(OtherContent):
        report_case(viewer, made, report(title="井盖缺失"), now=NOW)


def test_an_id_of_a_case_elsewhere_is_refused_without_telling_of_it(town, item):
    far = town.add(builders.case, item, town.far_grid)
    with pytest.raises(OtherContent):
        report_case(town.as_viewer("worker"), far.id, report(), now=NOW)


def test_numbers_have_no_gap_even_where_a_report_failed(town, item):
    viewer = town.as_viewer("worker")
    report_case(viewer, new_id(), report(), now=NOW)
    with pytest.raises(NoPlace):
        report_case(viewer, new_id(), report((120.9, 35.9)), now=NOW)
    second, _ = report_case(viewer, new_id(), report(), now=NOW)
    assert second.number.endswith("-0002")


def test_on_the_border_the_lower_grid_answers_and_the_other_sees_it(town, item):
    case, _ = report_case(town.as_viewer("worker2"), new_id(), report(ON_BORDER), now=NOW)
    assert (case.grid_id, case.border_ids) == (town.grid_a.code, [town.grid_b.code])
    town.as_viewer("worker2")
    assert Case.objects.filter(id=case.id).exists()
    town.as_viewer("far_worker")
    assert not Case.objects.filter(id=case.id).exists()


def test_nobody_reports_outside_their_areas(town, item):
    with pytest.raises(NotAllowed):
        report_case(town.as_viewer("far_worker"), new_id(), report(), now=NOW)


def test_a_desk_that_nobody_reads_is_passed_over_and_said_so(town, item):
    town.add(builders.leave, town.accounts["worker"], TODAY, TODAY)
    case, _ = report_case(town.as_viewer("community"), new_id(), report(), now=NOW)
    assert case.holder_path == town.community.path
    (entry,) = entries_of(town.as_viewer("community"), case.subject)
    assert {"because": "nobody-present", "area": town.grid_a.code, "level": "grid"} in entry.after["why"]


def test_a_worker_settles_a_case_alone_and_it_is_shown_apart(town, case, step):
    step("worker", case, "accept")
    step("worker", case, "handle", outcome="mended", answer="已更换灯泡")
    with pytest.raises(StepNotPossible):
        step("worker", case, "close", witness="reporter")
    step("community", case, "verify", mended=True)
    closed = step("worker", case, "close", now=NOW + HOUR)
    assert (closed.state, closed.witness, closed.resolved_tier, closed.due_at) == (
        "closed",
        "verifier",
        "grid",
        None,
    )
    assert closed.done_alone is False  # it took an hour
    verbs = [entry.verb for entry in entries_of(town.as_viewer("worker"), case.subject)]
    assert verbs == ["case.reported", "case.accepted", "case.handled", "case.verified", "case.closed"]


def test_a_department_handles_what_the_centre_dispatches_and_nobody_else_sees_it_there(town, case, step):
    step("worker", case, "escalate", reason="需要登高车", departments=["city-management"])
    town.as_viewer("handler2")
    assert not Case.objects.filter(id=case.id).exists()
    handled = step("handler", case, "handle", outcome="mended", answer="已修好")
    assert (handled.state, handled.handled_tier) == ("handled", "county")
    assert step("community", case, "verify", mended=True).state == "verified"
    assert step("community", case, "close").resolved_tier == "county"


def test_joint_handling_ends_when_all_have_answered(town, case, step):
    given = step("dispatcher", case, "dispatch", departments=["city-management", "fire"])
    assert given.department_keys == ["320703000000/city-management", "320703000000/fire"]
    assert step("handler", case, "handle", outcome="mended", answer="灯杆已修").state == "dispatched"
    assert entries_of(town.as_viewer("dispatcher"), case.subject)[-1].after["answer"] == "灯杆已修"
    with pytest.raises(NotAllowed):
        step("handler", case, "handle", outcome="mended", answer="再答一次")
    done = step("handler2", case, "handle", outcome="answered", answer="已检查")
    assert done.state == "handled"
    assert "灯杆已修" in done.answer
    assert "已检查" in done.answer


def test_one_department_returns_its_part_and_the_other_goes_on(town, case, step):
    step("dispatcher", case, "dispatch", departments=["city-management", "fire"])
    assert step("handler2", case, "return", reason="不属消防").state == "dispatched"
    assert step("handler", case, "return", reason="不属城管").state == "returned"
    town.as_viewer("dispatcher")
    assert Task.objects.filter(case=case, withdrawn=False, answered_at=None).count() == 0


def test_not_mended_goes_back_with_time_to_work(town, case, step):
    step("worker", case, "accept")
    step("worker", case, "handle", outcome="mended", answer="好了")
    back = step("community", case, "verify", mended=False, reason="还是不亮", now=NOW + 5 * HOUR)
    assert (back.state, back.outcome) == ("accepted", "")
    assert back.due_at > NOW + 5 * HOUR


def test_a_reporters_no_opens_a_closed_case_again_and_is_counted(town, case, step):
    for who, name, facts in (
        ("worker", "accept", {}),
        ("worker", "handle", {"outcome": "mended", "answer": "好了"}),
        ("community", "verify", {"mended": True}),
        ("community", "close", {}),
    ):
        step(who, case, name, **facts)
    opened = step("worker", case, "rate", mended=False, now=NOW + HOUR)
    assert (opened.state, opened.rating, opened.noes) == ("accepted", False, 1)
    assert opened.due_at is not None


@pytest.mark.parametrize(
    ("outcome", "needs", "value"),
    [
        ("not_ours", "whose", "供电公司"),
        ("planned", "planned_on", date(2026, 5, 1)),
        ("refused", "ground", "不在职责清单"),
    ],
)
def test_each_way_of_closing_says_what_belongs_to_it(case, step, outcome, needs, value):
    step("worker", case, "accept")
    with pytest.raises(MissingFact, match=needs):
        step("worker", case, "handle", outcome=outcome, answer="说明")
    handled = step("worker", case, "handle", outcome=outcome, answer="说明", **{needs: value})
    assert getattr(handled, needs) == value


def test_a_plan_for_yesterday_is_refused(case, step):
    step("worker", case, "accept")
    with pytest.raises(BadAnswer):
        step("worker", case, "handle", outcome="planned", answer="x", planned_on=TODAY - timedelta(days=1))


def test_suspending_stops_the_office_clock_and_never_the_residents(town, case, step):
    accepted = step("worker", case, "accept")
    left = accepted.due_at
    waiting = step("worker", case, "suspend", reason="等备件", until=TODAY + timedelta(days=7))
    assert (waiting.due_at, waiting.state) == (None, "suspended")
    resumed = step("worker", case, "resume", now=NOW + timedelta(days=2))
    assert resumed.due_at > left
    assert resumed.reported_at == NOW
    with pytest.raises(BadAnswer):
        step(
            "worker",
            case,
            "suspend",
            reason="太久",
            until=TODAY + timedelta(days=90),
            now=NOW + timedelta(days=2),
        )


def test_merging_gives_the_followers_to_the_case_that_stays(town, item, step):
    first, _ = report_case(town.as_viewer("worker"), new_id(), report(), now=NOW)
    second, _ = report_case(town.as_viewer("worker2"), new_id(), report(ON_BORDER), now=NOW)
    merged = step("community", second, "merge", into=first.id)
    assert (merged.state, merged.merged_into_id, merged.due_at) == ("merged", first.id, None)
    assert Case.objects.get(id=first.id).followers == [town.accounts["worker2"].pk]
    with pytest.raises(BadAnswer):
        step("community", first, "merge", into=first.id)


def test_a_summons_is_for_what_the_catalogue_allows_and_tells_who_came_when(town, case, step):
    step("township", case, "summon", departments=["fire"], within_minutes=30)
    viewer = town.as_viewer("handler2")
    (summons,) = Summons.objects.filter(case=case)
    arrive_at_summons(viewer, summons.id, now=NOW + timedelta(minutes=20))
    again = arrive_at_summons(viewer, summons.id, now=NOW + timedelta(minutes=50))
    assert again.arrived_at == NOW + timedelta(minutes=20)
    entry = entries_of(town.as_viewer("centre"), case.subject)[-1]
    assert (entry.verb, entry.after["in_time"]) == ("case.summons-answered", True)
    assert [
        move.step for move in moves_for(town.as_viewer("handler2"), Case.objects.get(id=case.id), now=NOW)
    ] == []


def test_a_summons_without_ground_in_the_catalogue_is_refused(town, step):
    plain = town.add(builders.item, code="M01-02")
    case, _ = report_case(town.as_viewer("worker"), new_id(), report(item=plain.code), now=NOW)
    with pytest.raises((NoSummons, StepNotPossible)):
        step("township", case, "summon", departments=["fire"], within_minutes=30)


def test_a_command_sent_twice_is_carried_out_once(town, case, step):
    command = uuid4()
    once = step("worker", case, "accept", command=command)
    twice = step("worker", case, "accept", command=command, now=NOW + HOUR)
    assert (once.revision, twice.revision) == (2, 2)
    with pytest.raises(OtherContent):
        step("worker", case, "handle", command=command, outcome="mended", answer="x")


def test_what_one_sees_but_may_not_do_is_not_allowed_and_what_one_cannot_see_is_not_found(town, item, step):
    case, _ = report_case(town.as_viewer("worker"), new_id(), report(ON_BORDER), now=NOW)
    with pytest.raises(NotAllowed):
        step("worker2", case, "accept")
    with pytest.raises(NotFound):
        step("far_worker", case, "accept")


def test_an_older_picture_of_the_case_is_refused(case, step):
    step("worker", case, "accept", revision=1)
    with pytest.raises(CaseMoved):
        step("worker", case, "suspend", revision=1, reason="x", until=TODAY + timedelta(days=2))


def test_a_person_without_a_seat_there_is_not_given_the_case(town, case, step):
    with pytest.raises(NotTheirCase):
        step("dispatcher", case, "dispatch", account=town.accounts["far_worker"].pk)
    given = step("dispatcher", case, "dispatch", account=town.accounts["worker"].pk)
    assert given.handler_id == town.accounts["worker"].pk


def test_a_department_without_an_office_for_the_place_is_named(case, step):
    with pytest.raises(NoOffice, match="water"):
        step("dispatcher", case, "dispatch", departments=["water"])


def test_dispatching_to_another_buys_no_time(case, step, town):
    first = step("dispatcher", case, "dispatch", departments=["fire"])
    later = step("dispatcher", case, "dispatch", departments=["city-management"], now=NOW + 2 * HOUR)
    assert later.due_at == first.due_at


def test_escalating_goes_one_tier_up_and_returning_comes_down_again(town, case, step):
    up = step("worker", case, "escalate", reason="管不了")
    assert (up.holder_path, up.state) == (town.community.path, "reported")
    down = step("community", case, "return", reason="网格内可办")
    assert (down.holder_path, down.state) == (town.grid_a.path, "returned")


def test_the_clock_warns_then_raises_and_gives_the_case_to_the_next_desk(town, case):
    soon = case.warn_at + timedelta(seconds=1)
    assert sound_alarm(town.as_system(), case.id, now=soon) == "warned"
    late = case.due_at + timedelta(seconds=1)
    assert sound_alarm(town.as_system(), case.id, now=late) == "overdue"
    now = Case.objects.get(id=case.id)
    assert (now.late, now.was_late, now.holder_path, now.raised_to) == (
        "overdue",
        True,
        town.community.path,
        "community",
    )
    assert sound_alarm(town.as_system(), case.id, now=late) == ""
    assert now.next_alarm_at > late


def test_what_was_suspended_goes_on_by_itself(town, case, step):
    step("worker", case, "accept")
    waiting = step("worker", case, "suspend", reason="等备件", until=TODAY + timedelta(days=2))
    assert sound_alarm(town.as_system(), case.id, now=waiting.resume_at + HOUR) == "resumed"
    assert Case.objects.get(id=case.id).state == "accepted"


def test_a_confidential_case_is_seen_by_those_with_the_right_and_its_reporter_only(town, step):
    secret = town.add(builders.item, code="S03-01", confidential=True, first_tier="township")
    case, _ = report_case(town.as_viewer("worker"), new_id(), report(item=secret.code), now=NOW)
    seen = {
        name
        for name in ("worker", "worker2", "community", "township", "secretary", "centre")
        if town.as_viewer(name) and Case.objects.filter(id=case.id).exists()
    }
    kinds = {
        name
        for name in ("community", "township", "secretary", "centre")
        if any(seat.confidential for seat in town.as_viewer(name).seats)
    }
    assert seen == kinds | {"worker"}


def closed_by_all(step, case):
    step("worker", case, "accept")
    step("worker", case, "handle", outcome="mended", answer="好了")
    step("community", case, "verify", mended=True)
    return step("community", case, "close")


def test_a_case_given_to_a_lower_desk_waits_there_to_be_accepted(town, case, step):
    step("worker", case, "escalate", reason="管不了")
    given = step("dispatcher", case, "dispatch", area=town.grid_a.code)
    assert (given.state, given.holder_path) == ("reported", town.grid_a.path)
    assert step("worker", case, "accept").state == "accepted"


def test_what_a_desk_did_itself_comes_back_to_the_desk(town, case, step):
    step("dispatcher", case, "dispatch", departments=["fire"])
    step("township", case, "handle", outcome="mended", answer="街道已处理")
    back = step("dispatcher", case, "verify", mended=False, reason="未解决")
    assert (back.state, back.department) == ("accepted", "")
    town.as_viewer("handler2")
    assert not Case.objects.filter(id=case.id).exists()


def test_a_follower_reads_the_answer_of_the_case_that_theirs_went_into(town, item, step):
    first, _ = report_case(town.as_viewer("worker"), new_id(), report((119.3551, 34.7451)), now=NOW)
    second, _ = report_case(town.as_viewer("worker2"), new_id(), report((119.365, 34.745)), now=NOW)
    step("community", second, "merge", into=first.id)
    closed_by_all(step, first)
    viewer = town.as_viewer("worker2")
    assert Case.objects.get(id=first.id).answer == "好了"
    assert moves_for(viewer, Case.objects.get(id=first.id), now=NOW) == []


def test_a_command_of_a_case_that_one_cannot_see_is_refused_plainly(town, item, step):
    near, _ = report_case(town.as_viewer("worker"), new_id(), report(), now=NOW)
    far, _ = report_case(town.as_viewer("far_worker"), new_id(), report((119.165, 34.595)), now=NOW)
    command = uuid4()
    step("far_worker", far, "accept", command=command)
    with pytest.raises(OtherContent):
        step("worker", near, "accept", command=command)


def test_two_cases_cannot_be_closed_as_repeated_of_each_other(town, item, step):
    first, _ = report_case(town.as_viewer("worker"), new_id(), report(), now=NOW)
    second, _ = report_case(town.as_viewer("worker"), new_id(), report(), now=NOW)
    for case in (first, second):
        step("worker", case, "accept")
    step("worker", first, "handle", outcome="repeated", answer="同一件事", into=second.id)
    with pytest.raises(AlreadyMerged):
        step("worker", second, "handle", outcome="repeated", answer="同一件事", into=first.id)


def test_who_handled_it_does_not_rate_it(town, case, step):
    closed_by_all(step, case)
    with pytest.raises(StepNotPossible):
        step("worker", case, "rate", mended=True)
    assert step("community", case, "rate", mended=True).rating is True


def test_one_of_several_departments_cannot_stop_the_clock_for_all(case, step):
    step("dispatcher", case, "dispatch", departments=["fire", "city-management"])
    with pytest.raises(StepNotPossible):
        step("handler", case, "suspend", reason="等", until=TODAY + timedelta(days=2))


def test_a_new_phase_begins_with_nobody_above_alarmed(town, case, step):
    late = case.due_at + timedelta(seconds=1)
    sound_alarm(town.as_system(), case.id, now=late)
    assert Case.objects.get(id=case.id).raised_to == "community"
    assert step("community", case, "accept", now=late).raised_to == ""
