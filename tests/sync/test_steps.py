"""Every step of a case that a duty may take comes from a phone, and the phone knows to whom a case can be given."""

from datetime import timedelta

import pytest
from tests import builders
from tests.builders import NOW, TODAY
from tests.sync.test_pull import everything, gone, pull, told
from tests.sync.test_push import command, push

from wangge.cases import lifecycle
from wangge.cases.models import Case, Task
from wangge.sync.rules.contents import CaseStepped

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(town):
    return town.add(builders.item)


@pytest.fixture
def case(town, item):
    return town.add(builders.case, item, town.grid_a, state="accepted")


def step(case, name, **facts):
    return command("case.step", {"case": str(case.pk), "step": name, **facts})


def taken(town, who, case, name, **facts):
    """The case after this step of this person's phone."""
    (result,) = push(town.as_viewer(who), step(case, name, **facts))
    assert result.status == "done", result.problem
    return Case.objects.get(id=case.pk)


def reach(town, who):
    return {
        key: fields for (kind, key), fields in everything(town.as_viewer(who))[0].items() if kind == "reach"
    }


def codes(fields, name, key):
    return {each[key] for each in fields[name]}


def test_a_command_may_take_every_step_of_the_lifecycle():
    assert set(CaseStepped.model_fields["step"].annotation.__args__) == set(lifecycle.STEPS)


def test_a_worker_is_told_of_departments_for_their_own_grid_and_of_nobody_else(town):
    found = reach(town, "worker")
    assert set(found) == {town.grid_a.code}
    fields = found[town.grid_a.code]
    assert codes(fields, "departments", "code") == {"city-management", "fire"}
    assert fields["departments"][0]["zh"]
    assert (fields["people"], fields["desks"]) == ([], [])


def test_a_lead_is_told_of_people_and_desks_of_each_grid_and_none_elsewhere(town):
    found = reach(town, "community")
    assert set(found) == {town.community.code, town.grid_a.code, town.grid_b.code, town.dedicated.code}
    fields = found[town.grid_a.code]
    names = [each["name"] for each in fields["people"]]
    assert names[0] == "一网格员"
    assert not {"二网格员", "陇东网格员", "胜利社区负责人"} & set(names)
    assert codes(fields, "desks", "area") >= {town.grid_a.code, town.community.code}
    assert reach(town, "centre") == {}


def test_who_goes_on_leave_is_offered_no_more_from_that_day_though_nothing_was_written_then(town):
    away = TODAY + timedelta(days=3)
    town.add(builders.leave, town.accounts["worker"], away, away + timedelta(days=2))
    _, cursor = everything(town.as_viewer("community"))
    lead = town.as_viewer("community")
    same = pull(lead, cursor, now=NOW + timedelta(days=1))
    assert told(same, "reach") == set()
    later = pull(lead, same.cursor, now=NOW + timedelta(days=3))
    fields = next(one.fields for one in later.changes if one.kind == "reach" and one.id == town.grid_a.code)
    assert "一网格员" not in codes(fields, "people", "name")
    assert gone(later, "reach") == set()
    assert told(pull(lead, later.cursor, now=NOW + timedelta(days=3)), "reach") == set()


def test_a_worker_escalates_to_a_department(town, case):
    now = taken(town, "worker", case, "escalate", reason="要拆除", departments=["fire"])
    assert now.state == "dispatched"
    assert [task.department_id for task in Task.objects.filter(case=now)] == ["fire"]


def test_a_worker_suspends_until_a_day_and_goes_on(town, case):
    until = TODAY + timedelta(days=9)
    now = taken(town, "worker", case, "suspend", reason="等配件", until=until.isoformat())
    assert (now.state, now.resume_at.date()) == ("suspended", until)
    assert taken(town, "worker", case, "resume").state == "accepted"


def test_a_worker_handles_a_repetition_by_naming_the_other_case(town, item, case):
    other = town.add(builders.case, item, town.grid_a, state="accepted")
    now = taken(town, "worker", case, "handle", outcome="repeated", answer="同一盏灯", into=str(other.pk))
    assert (now.state, now.outcome, now.merged_into_id) == ("handled", "repeated", other.pk)


def test_a_lead_gives_a_case_to_a_person_to_departments_and_to_a_desk_below(town, item):
    cases = [
        town.add(
            builders.case, item, town.grid_a, state="accepted", holder_path=town.community.path,
            holder_level="community",
        )
        for _ in range(3)
    ]  # fmt: skip
    person = town.accounts["worker"].pk
    assert taken(town, "community", cases[0], "dispatch", account=person).handler_id == person
    assert (
        taken(town, "community", cases[1], "dispatch", departments=["city-management"]).state == "dispatched"
    )
    assert (
        taken(town, "community", cases[2], "dispatch", area=town.grid_a.code).holder_path == town.grid_a.path
    )


def test_a_lead_merges_by_id_and_by_the_number_that_was_typed(town, item):
    one, two = (town.add(builders.case, item, town.grid_a, state="accepted") for _ in range(2))
    into = town.add(builders.case, item, town.grid_b, state="accepted", number="0703-261120-0001")
    assert taken(town, "community", one, "merge", into=str(into.pk)).merged_into_id == into.pk
    assert taken(town, "community", two, "merge", into="0703-261120-0001").merged_into_id == into.pk


def test_a_number_that_is_none_is_refused_at_once_and_not_kept_waiting(town, case):
    (result,) = push(town.as_viewer("community"), step(case, "merge", into="0703-261120-9999"))
    assert (result.status, result.again, result.problem.code) == ("refused", False, "invalid")
    assert result.problem.facts["field"] == "into"


def test_a_lead_splits_supervises_and_opens_again(town, item, case):
    parts = [{"item": item.pk, "title": "另一盏路灯"}]
    taken(town, "community", case, "split", parts=parts)
    assert Case.objects.filter(split_from=case.pk).values_list("title", flat=True)[0] == "另一盏路灯"
    assert taken(town, "community", case, "supervise", reason="盯紧").supervised
    closed = town.add(
        builders.case, item, town.grid_a, state="closed", outcome="mended", witness="verifier", resolved_tier="grid", closed_at=NOW - timedelta(days=1), due_at=None,
        next_alarm_at=None,
    )  # fmt: skip
    assert taken(town, "community", closed, "reopen", reason="又不亮了").state == "accepted"


def test_a_worker_who_may_not_is_refused_with_a_reason(town, case):
    (result,) = push(town.as_viewer("worker"), step(case, "dispatch", departments=["fire"]))
    assert (result.status, result.again, result.problem.code) == ("refused", False, "not-allowed")


def test_a_step_on_a_case_that_was_changed_meanwhile_is_refused_and_says_so(town, case):
    late = step(case, "suspend", reason="等配件", until=(TODAY + timedelta(days=9)).isoformat())
    late["based_on"] = case.revision
    taken(town, "community", case, "escalate", reason="交区里")
    (result,) = push(town.as_viewer("worker"), late)
    assert (result.status, result.again) == ("refused", False)
    assert result.problem.code == "case-moved"


def test_who_handled_a_case_may_say_that_it_is_not_mended_and_not_that_it_is(town, item):
    handled = {"state": "handled", "handled_at": NOW, "outcome": "mended"}
    mine = town.add(builders.case, item, town.grid_a, handled_by_id=town.accounts["worker"].pk, **handled)
    records, _ = everything(town.as_viewer("worker"))
    moves = {move["step"]: move for move in records["case", str(mine.pk)]["moves"]}
    assert moves["verify"]["mended"] == [False]
    records, _ = everything(town.as_viewer("community"))
    moves = {move["step"]: move for move in records["case", str(mine.pk)]["moves"]}
    assert moves["verify"]["mended"] == [True, False]
    assert moves["close"]["witness"] == ["reporter", "photo"]


def test_the_moves_of_a_case_need_nothing_that_a_phone_does_not_know():
    known = {"answer", "assignee", "departments", "into", "mended", "outcome", "parts", "reason", "until"}
    known |= {"within_minutes", "witness"}
    assert {need for line in lifecycle.TABLE for need in line.needs} == known
