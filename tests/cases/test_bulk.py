"""One step for many cases: each for itself, none half done, and two desks at once that never wait for each other."""

import json
import random
import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction
from tests import builders
from tests.builders import NOW

from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.cases.actions import take_step, take_steps
from wangge.cases.models import Case, Task
from wangge.cases.rules import BadAnswer, CaseMoved, MissingFact, NoOffice, StepNotPossible
from wangge.journal.models import Entry


@pytest.fixture
def item(town):
    return town.add(builders.item)


@pytest.fixture
def cases(town, item):
    return [town.add(builders.case, item, place, title=f"第{n}件") for n, place in enumerate(
        [town.grid_a, town.grid_b, town.community, town.next_community]
    )]  # fmt: skip


def all_of(town, who, cases, step, *, command=None, **facts):
    viewer = town.as_viewer(who)
    return take_steps(
        viewer, [case.id for case in cases], step, command_id=command or uuid4(), facts=facts, now=NOW
    )


def test_each_is_done_or_says_why_not(town, db, cases, item):
    closed = town.add(
        builders.case, item, town.grid_a, state="closed", closed_at=NOW, outcome="mended", next_alarm_at=None
    )
    far = town.add(builders.case, item, town.far_grid)
    outcomes = all_of(town, "township", [*cases, closed, far, Case(id=new_id())], "accept")
    assert [one.done for one in outcomes] == [True] * 4 + [False] * 3
    assert [type(one.problem) for one in outcomes[4:]] == [StepNotPossible, NotFound, NotFound]
    assert set(Case.objects.filter(id__in=[case.id for case in cases]).values_list("state", "revision")) == {
        ("accepted", 2)
    }
    assert Entry.objects.filter(verb="case.accepted").count() == 4


def test_who_sees_a_case_but_may_not_is_told_so(town, db, cases):
    # The administrator reads every case and works on none.
    assert {type(one.problem) for one in all_of(town, "admin", cases, "accept")} == {NotAllowed}
    town.as_viewer("centre")
    assert set(Case.objects.values_list("state", flat=True)) == {"reported"}


def test_the_same_command_again_repeats_nothing(town, db, cases):
    command = uuid4()
    all_of(town, "township", cases[:2], "accept", command=command)
    again = all_of(town, "township", cases, "accept", command=command)
    assert [one.done for one in again] == [True] * 4
    assert Entry.objects.filter(verb="case.accepted").count() == 4
    assert set(Case.objects.values_list("revision", flat=True)) == {2}
    other = all_of(town, "township", cases, "dispatch", command=command, departments=["city-management"])
    assert {type(one.problem) for one in other} == {OtherContent}


def test_a_case_named_twice_is_done_once(town, db, cases):
    assert len(all_of(town, "township", [cases[0], cases[0]], "accept")) == 1


def test_what_a_failed_case_wrote_is_undone_with_it(town, db, cases):
    """Two departments, of which the second has no office: the first one's task must not stay."""
    outcomes = all_of(town, "centre", cases, "dispatch", departments=["city-management", "civil-affairs"])
    assert {type(one.problem) for one in outcomes} == {NoOffice}
    assert Task.objects.count() == 0
    assert {one.case.state for one in outcomes} == {"reported"}
    assert {one.case.department_keys == [] for one in outcomes} == {True}


def test_dispatched_together_each_has_its_task_and_the_tally_is_right(town, db, cases):
    outcomes = all_of(town, "centre", cases, "dispatch", departments=["city-management"])
    assert all(one.done for one in outcomes)
    assert Task.objects.filter(office_id=town.county.code).count() == 4
    tally = "select state, sum(count)::int from cases_tally group by state having sum(count) <> 0"
    with connections["default"].cursor() as cursor:
        cursor.execute(tally)
        assert dict(cursor.fetchall()) == {"dispatched": 4}


def test_it_leaves_a_case_that_somebody_changed_since_it_was_shown(town, db, cases):
    shown = {case.id: 1 for case in cases}
    take_step(town.as_viewer("worker"), cases[0].id, "accept", command_id=uuid4(), facts={}, now=NOW)
    outcomes = take_steps(
        town.as_viewer("township"),
        list(shown),
        "accept",
        command_id=uuid4(),
        facts={},
        now=NOW,
        revisions=shown,
    )
    assert [type(one.problem) for one in outcomes] == [CaseMoved, type(None), type(None), type(None)]


def test_handled_then_closed_with_one_answer_by_two_people(town, db, cases):
    all_of(town, "township", cases, "accept")
    handled = all_of(town, "township", cases, "handle", outcome="answered", answer="已统一答复")
    assert all(one.done for one in handled)
    own = all_of(town, "township", cases, "close", witness="reporter")
    assert {type(one.problem) for one in own} == {StepNotPossible}
    closed = all_of(town, "centre", cases, "close", witness="reporter", answer="已回访，谢谢")
    assert all(one.done for one in closed)
    assert set(Case.objects.values_list("state", "outcome", "answer", "witness")) == {
        ("closed", "answered", "已回访，谢谢", "reporter")
    }


def test_a_missing_fact_is_told_for_each(town, db, cases):
    assert {type(one.problem) for one in all_of(town, "township", cases, "dispatch")} == {MissingFact}


def test_it_refuses_other_steps_too_many_cases_and_what_belongs_to_one_case_alone(town, db, cases):
    viewer = town.as_viewer("township")
    command = {"command_id": uuid4(), "now": NOW}
    with pytest.raises(Invalid):
        take_steps(viewer, [cases[0].id], "merge", facts={"into": cases[1].id}, **command)
    with pytest.raises(Invalid):
        take_steps(viewer, [new_id() for _ in range(101)], "accept", facts={}, **command)
    with pytest.raises(Invalid):
        take_steps(viewer, [], "accept", facts={}, **command)
    with pytest.raises(BadAnswer):
        take_steps(
            viewer, [cases[0].id], "handle", facts={"outcome": "repeated", "answer": "同一件事"}, **command
        )


def test_two_desks_and_single_steps_at_once_all_finish(town, item, open_db):
    """Cases of the same grids in opposite order, in mixed states and holders: what would lock in circles, were each written
    by itself."""
    grids = [town.grid_a, town.grid_b, town.community]
    made = []
    for n in range(48):
        at = grids[n % 3]
        holder = [town.grid_a, town.community, town.township][n % 3] if n % 2 else at
        state = ["reported", "returned"][n // 3 % 2]
        made.append(
            town.add(builders.case, item, at, state=state, holder_path=holder.path, holder_level=holder.level)
        )
    random.Random(1).shuffle(made)
    halves = {"township": made[:20], "centre": made[20:40][::-1]}
    singles = made[40:]
    begin, went_wrong, results = threading.Barrier(6), [], []

    def together(who, mine):
        try:
            begin.wait(120)
            with transaction.atomic():
                results.extend(all_of(town, who, mine, "accept"))
        except Exception as problem:  # noqa: BLE001 - whatever a thread met, the test tells
            went_wrong.append(problem)
        finally:
            connections.close_all()

    def singly(mine):
        try:
            begin.wait(120)
            for case in mine:
                with transaction.atomic():
                    take_step(
                        town.as_viewer("township"), case.id, "accept", command_id=uuid4(), facts={}, now=NOW
                    )
        except Exception as problem:  # noqa: BLE001 - whatever a thread met, the test tells
            went_wrong.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=together, args=pair) for pair in halves.items()]
    threads += [threading.Thread(target=singly, args=[singles[n::4]]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert went_wrong == []
    assert [one.problem for one in results if not one.done] == []
    assert town.rows("select state, count(*) from cases_case group by state") == [("accepted", 48)]
    assert town.rows(
        "select state, sum(count)::int from cases_tally group by state having sum(count) <> 0"
    ) == [("accepted", 48)]


def test_over_http_each_has_its_line(town, db, cases):
    body = {"command_id": str(uuid4()), "step": "accept", "cases": [str(case.id) for case in cases]}
    answer = town.client("community").post(
        "/api/v1/cases/steps", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200
    told = answer.json()
    assert [line["case"] for line in told] == body["cases"]
    assert [line["code"] for line in told] == ["", "", "", "not-found"]
    assert told[0] == {
        "case": body["cases"][0],
        "done": True,
        "state": "accepted",
        "revision": 2,
        "code": "",
        "detail": "",
    }
    refused = {**body, "step": "split"}
    assert (
        town.client("community")
        .post("/api/v1/cases/steps", json.dumps(refused), content_type="application/json")
        .status_code
        == 422
    )


def test_confidential_ones_only_by_those_who_may_see_them(town, db, item):
    secret = town.add(builders.case, item, town.grid_a, confidential=True)
    plain = town.add(builders.case, item, town.grid_a)
    told = all_of(town, "dispatcher", [secret, plain], "accept")
    sees = [one.case is not None for one in told]
    assert told[1].done
    assert told[0].done == sees[0]


def test_a_hundred_take_a_bounded_number_of_statements(town, db, item, django_assert_max_num_queries):
    many = [town.add(builders.case, item, town.grid_a) for _ in range(30)]
    viewer = town.as_viewer("township")
    with django_assert_max_num_queries(30 * 8 + 20):
        outcomes = take_steps(viewer, [c.id for c in many], "accept", command_id=uuid4(), facts={}, now=NOW)
    assert all(one.done for one in outcomes)


def test_a_promise_holds_for_each(town, db, cases):
    all_of(town, "township", cases, "accept")
    day = date(2026, 5, 1)
    done = all_of(town, "township", cases, "handle", outcome="planned", answer="五一前完成", planned_on=day)
    assert all(one.done for one in done)
    assert set(Case.objects.values_list("planned_on", flat=True)) == {day}
    assert timedelta() < min(Case.objects.values_list("due_at", flat=True)) - NOW
