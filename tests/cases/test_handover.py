"""No case is left alone: posts change hands with all that lies on them, and every open case has somebody who can move it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import builders
from tests.builders import NOW, TODAY

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, Problem
from wangge.cases.actions import (
    Report,
    begin_leave,
    end_account_with_handover,
    end_assignment_with_handover,
    hand_over_post,
    rehome_unread_cases,
    report_case,
    take_step,
)
from wangge.cases.lifecycle import OPEN, STEPS
from wangge.cases.models import Case
from wangge.cases.queries.holders import handovers
from wangge.cases.queries.moves import moves_for
from wangge.cases.rules import LastReader
from wangge.staff.models import Account, Leave

pytestmark = pytest.mark.usefixtures("town", "db")
IN_A = (119.355, 34.745)


@pytest.fixture
def item(town):
    return town.add(builders.item)


def given_to(town, who, count=1):
    """Cases of grid_a that the centre has dispatched to this account."""
    made = []
    for _ in range(count):
        report = Report(item="M01-01", title="路灯不亮", reported_at=NOW, lon=IN_A[0], lat=IN_A[1])
        case, _ = report_case(town.as_viewer("worker"), new_id(), report, now=NOW)
        facts = {"account": town.accounts[who].pk}
        take_step(town.as_viewer("dispatcher"), case.id, "dispatch", command_id=uuid4(), facts=facts, now=NOW)
        made.append(case)
    return made


def test_a_successor_gets_what_is_open_in_one_step_and_both_can_read_the_list(town, item):
    cases = given_to(town, "worker", 3)
    successor = town.add(builders.account, "new_worker", town.grid_a)
    centre = town.as_viewer("centre")
    made = hand_over_post(
        centre,
        town.assignments["worker"].pk,
        to_account=successor.pk,
        from_on=TODAY,
        part="full_time",
        now=NOW,
    )
    assert {line["number"] for line in made.listed} == {case.number for case in cases}
    assert set(
        Case.objects.filter(id__in=[case.id for case in cases]).values_list("handler_id", flat=True)
    ) == {successor.pk}
    town.accounts["new_worker"] = successor
    for who in ("worker", "new_worker"):
        assert [each.id for each in handovers(town.as_viewer(who))] == [made.id]
    assert handovers(town.as_viewer("far_centre")) == []


def test_leave_with_a_stand_in_passes_the_cases_on_the_day_it_begins(town, item):
    (case,) = given_to(town, "worker")
    helper = town.accounts["worker2"].pk
    begin_leave(
        town.as_viewer("centre"),
        town.accounts["worker"].pk,
        from_on=TODAY,
        to_on=TODAY + timedelta(days=5),
        stand_in=helper,
        now=NOW,
    )
    town.as_system()
    assert Case.objects.get(id=case.id).handler_id == helper


def test_a_leave_of_a_later_day_is_carried_out_on_that_day(town, item):
    (case,) = given_to(town, "worker")
    begin, after = TODAY + timedelta(days=3), NOW + timedelta(days=3)
    begin_leave(town.as_viewer("centre"), town.accounts["worker"].pk, from_on=begin, to_on=begin, now=NOW)
    assert rehome_unread_cases(town.as_system(), now=NOW) == 0
    assert rehome_unread_cases(town.as_system(), now=after) >= 1
    found = Case.objects.get(id=case.id)
    assert (found.handler_id, found.state) == (None, "returned")
    assert found.holder_path == town.community.path


def test_the_last_reader_of_a_county_cannot_leave_its_desk_unread(town, item):
    centre = town.as_viewer("admin")
    begin_leave(centre, town.accounts["dispatcher"].pk, from_on=TODAY, to_on=TODAY, now=NOW)
    with pytest.raises(LastReader), transaction.atomic():
        begin_leave(centre, town.accounts["centre"].pk, from_on=TODAY, to_on=TODAY, now=NOW)
    with pytest.raises(LastReader), transaction.atomic():
        end_account_with_handover(centre, town.accounts["centre"].pk, now=NOW)


def test_an_account_that_ends_leaves_its_cases_at_the_desk(town, item):
    (case,) = given_to(town, "worker")
    end_account_with_handover(town.as_viewer("centre"), town.accounts["worker"].pk, now=NOW)
    town.as_system()
    assert Case.objects.get(id=case.id).state == "returned"


def test_a_stranger_hands_nothing_over(town, item):
    with pytest.raises((NotAllowed, Problem)):
        hand_over_post(
            town.as_viewer("far_centre"), town.assignments["worker"].pk, to_account=town.accounts["worker2"].pk,
            from_on=TODAY, part="full_time", now=NOW,
        )  # fmt: skip


PEOPLE = (
    "worker",
    "worker2",
    "community",
    "township",
    "secretary",
    "dispatcher",
    "centre",
    "handler",
    "handler2",
)
DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.sampled_from(PEOPLE), st.sampled_from(STEPS), st.integers(0, 5)),
        st.tuples(st.sampled_from(["leave", "end"]), st.sampled_from(PEOPLE), st.just(""), st.integers(0, 3)),
        st.tuples(st.just("day"), st.just(""), st.just(""), st.integers(1, 4)),
    ),
    min_size=3,
    max_size=14,
)
FACTS = (
    {
        "departments": ["city-management"],
        "outcome": "mended",
        "answer": "好了",
        "mended": True,
        "reason": "理由",
        "witness": "reporter",
        "parts": [{"item": "M01-01", "title": "另一盏灯也不亮"}],
    },
    {
        "departments": ["fire", "city-management"],
        "outcome": "answered",
        "answer": "已答复",
        "mended": False,
        "reason": "理由",
    },
    {
        "outcome": "refused",
        "ground": "依据",
        "answer": "说明",
        "reason": "理由",
        "mended": True,
        "until": TODAY + timedelta(days=9),
    },
    {
        "area": "320703003002",
        "reason": "理由",
        "outcome": "nothing",
        "answer": "未发现",
        "until": TODAY + timedelta(days=2),
    },
    {"area": "3207030030021001", "reason": "理由", "departments": [], "within_minutes": 30},
    {"departments": ["fire"], "reason": "理由", "within_minutes": 60, "mended": False},
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(DOINGS)
def test_at_any_moment_somebody_present_can_take_an_open_cases_next_step(town, doings):
    with transaction.atomic():
        now = NOW
        if not _known_item(town):
            town.add(builders.item, summons="emergency")
        report = Report(item="M01-01", title="路灯不亮", reported_at=NOW, lon=IN_A[0], lat=IN_A[1])
        case, _ = report_case(town.as_viewer("worker"), new_id(), report, now=now)
        for what, who, step, number in doings:
            now = _do(town, case, what, who, step, number, now)
            _somebody_can_move(town, case, now)
        transaction.set_rollback(True)


def _known_item(town):
    return town.rows("select 1 from catalogue_workitem where code = 'M01-01'")


def _do(town, case, what, who, step, number, now):
    if what == "day":
        now += timedelta(days=number)
        rehome_unread_cases(town.as_system(), now=now)
        return now
    today = now.date()
    try:
        with transaction.atomic():
            if what == "step":
                take_step(
                    town.as_viewer(who, now=now),
                    case.id,
                    step,
                    command_id=uuid4(),
                    facts=FACTS[number],
                    now=now,
                )
            elif what == "leave":
                begin = today + timedelta(days=number)
                begin_leave(
                    town.as_viewer("admin", now=now),
                    town.accounts[who].pk,
                    from_on=begin,
                    to_on=begin + timedelta(days=3),
                    now=now,
                )
            else:
                end_account_with_handover(town.as_viewer("admin", now=now), town.accounts[who].pk, now=now)
    except Problem:
        pass  # refused: then nothing has changed, which is what the next look proves
    return now


def _somebody_can_move(town, case, now):
    town.as_system()
    found = Case.objects.get(id=case.id)
    if found.state not in OPEN:
        return
    assert (found.due_at or found.resume_at) is not None
    today = now.date()
    away = set(
        Leave.objects.filter(from_on__lte=today, to_on__gte=today).values_list("account_id", flat=True)
    )
    gone = set(Account.objects.filter(ended_at__isnull=False).values_list("id", flat=True))
    present = [name for name in PEOPLE if town.accounts[name].pk not in away | gone]
    assert any(_moves(town, name, case, now) for name in present), (found.state, found.holder_path, present)


def _moves(town, name, case, now):
    viewer = town.as_viewer(name, now=now)
    seen = Case.objects.filter(id=case.id).first()
    return seen is not None and [
        move for move in moves_for(viewer, seen, now=now) if move.step not in ("supervise", "summon")
    ]


READERS = ("worker", "community", "township", "secretary", "dispatcher", "centre")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.permutations(READERS),
    st.lists(st.sampled_from(["leave", "end"]), min_size=6, max_size=6),
    st.integers(0, 1),
)
def test_whoever_leaves_in_whatever_order_somebody_stays_who_can_move_it(town, order, ways, later):
    with transaction.atomic():
        if not _known_item(town):
            town.add(builders.item)
        report = Report(item="M01-01", title="路灯不亮", reported_at=NOW, lon=IN_A[0], lat=IN_A[1])
        case, _ = report_case(town.as_viewer("worker"), new_id(), report, now=NOW)
        for who, way in zip(order, ways, strict=True):
            _do(town, case, way, who, "", later if way == "leave" else 0, NOW)
            _somebody_can_move(town, case, NOW)
        rehome_unread_cases(town.as_system(), now=NOW + timedelta(days=later))
        _somebody_can_move(town, case, NOW + timedelta(days=later))
        transaction.set_rollback(True)


def test_a_successor_of_a_later_day_gets_the_cases_on_that_day_and_the_holder_keeps_them_until_then(
    town, item
):
    (case,) = given_to(town, "worker")
    successor = town.add(builders.account, "new_worker", town.grid_a)
    begin = TODAY + timedelta(days=5)
    made = hand_over_post(
        town.as_viewer("centre"), town.assignments["worker"].pk, to_account=successor.pk, from_on=begin, part="full_time", now=NOW
    )  # fmt: skip
    assert [line["number"] for line in made.listed] == [case.number]
    town.as_system()
    assert Case.objects.get(id=case.id).handler_id == town.accounts["worker"].pk
    rehome_unread_cases(town.as_system(), now=NOW + timedelta(days=5))
    assert Case.objects.get(id=case.id).handler_id == successor.pk


def test_an_assignment_that_ends_without_a_successor_leaves_its_cases_at_the_desk(town, item):
    (case,) = given_to(town, "worker")
    held = town.assignments["worker"].pk
    end_assignment_with_handover(town.as_viewer("centre"), held, to_on=TODAY - timedelta(days=1), now=NOW)
    town.as_system()
    assert Case.objects.get(id=case.id).state == "returned"


def test_a_fault_in_one_case_stops_no_other(town, item, monkeypatch):
    from wangge.cases import jobs
    from wangge.cases.actions import alarms

    with transaction.atomic():
        cases = given_to(town, "worker", 2)
    real, late = alarms.sound_alarm, NOW + timedelta(days=30)

    def sound(viewer, case_id, *, now):
        if case_id == cases[0].id:
            raise ValueError
        return real(viewer, case_id, now=now)

    monkeypatch.setattr(jobs.alarms, "sound_alarm", sound)
    assert jobs.sound_alarms(late) == 1
    town.as_system()
    assert list(Case.objects.filter(late="overdue").values_list("id", flat=True)) == [cases[1].id]


def test_who_administers_and_works_on_no_case_lets_a_post_go_with_all_its_cases(town, item):
    """An administrator sees no confidential case and returns none: neither may stay behind."""
    plain, secret = given_to(town, "worker", 2)
    town.as_system()
    Case.objects.filter(id=secret.id).update(confidential=True)
    admin = town.as_viewer("admin")
    made = hand_over_post(
        admin,
        town.assignments["worker"].pk,
        to_account=town.accounts["worker2"].pk,
        from_on=TODAY,
        part="full_time",
        now=NOW,
    )
    assert {line["number"]: line["title"] for line in made.listed} == {
        plain.number: "路灯不亮",
        secret.number: "",
    }
    assert not Case.objects.filter(id=secret.id).exists(), "the administrator's scope is theirs again"
    town.as_system()
    assert Case.objects.get(id=plain.id).handler_id == town.accounts["worker2"].pk
    assert Case.objects.get(id=secret.id).handler_id is None


def test_who_administers_ends_an_account_and_its_cases_go_to_the_desk(town, item):
    (case,) = given_to(town, "worker")
    made = end_account_with_handover(town.as_viewer("admin"), town.accounts["worker"].pk, now=NOW)
    assert [line["number"] for each in made for line in each.listed] == [case.number]
    town.as_system()
    assert Case.objects.get(id=case.id).state == "returned"


def test_what_fails_while_cases_move_leaves_the_scope_as_it_was(town, item, monkeypatch):
    given_to(town, "worker")
    monkeypatch.setattr("wangge.cases.actions.handover._give_or_return", lambda *_: 1 / 0)
    admin = town.as_viewer("admin")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        end_account_with_handover(admin, town.accounts["worker"].pk, now=NOW)
    assert not Case.objects.filter(confidential=True).exists()
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('wangge.viewer', true)")
        assert cursor.fetchone() == (str(town.accounts["admin"].pk),)
