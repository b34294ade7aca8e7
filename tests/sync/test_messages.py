"""What is said about a case at the desk is on the phone of who works there, and told when it is said."""

import pytest
from tests import builders
from tests.builders import NOW
from tests.sync.test_pull import everything, pull

from wangge.base.ids import new_id
from wangge.cases import actions
from wangge.cases.queries.kept import MOST_MESSAGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    return town.add(builders.case, town.add(builders.item), town.grid_a)


def said(town, name, case):
    fields = everything(town.as_viewer(name))[0]["case", str(case.pk)]
    return [(one["what"], one["text"], one["by"], one["mine"]) for one in fields["messages"]]


def note(town, name, case, text, audience="staff"):
    actions.write_note(town.as_viewer(name), case.pk, new_id(), audience=audience, text=text, now=NOW)


def test_a_note_of_the_desk_is_read_on_the_phone_and_ones_own_is_known_as_such(town, case):
    note(town, "community", case, "晚上七点后在家")
    note(town, "worker", case, "已去看过")
    expected = [
        ("staff", "晚上七点后在家", "荷花社区负责人", False),
        ("staff", "已去看过", "一网格员", True),
    ]
    assert sorted(said(town, "worker", case)) == sorted(expected)


def test_an_answer_to_the_reporter_and_the_reason_of_a_step_are_read_too(town, case):
    note(town, "community", case, "明天上午派人来", audience="reporter")
    facts = {"reason": "请补充照片"}
    lead = town.as_viewer("community")
    actions.take_step(lead, case.pk, "escalate", command_id=new_id(), facts=facts, now=NOW)
    texts = {text for _, text, _, _ in said(town, "worker", case)}
    assert texts == {"明天上午派人来", "请补充照片"}


def test_a_note_is_told_by_the_next_pull_though_the_case_itself_did_not_change(town, case):
    _, cursor = everything(town.as_viewer("worker"))
    town.run(
        "insert into cases_note (id, case_id, path, audience, text, written_at, written_by)"
        " values (%s, %s, %s, 'staff', '请带梯子', %s, '社区')",
        [new_id(), case.pk, case.path, NOW],
    )
    (change,) = (one for one in pull(town.as_viewer("worker"), cursor).changes if one.kind == "case")
    assert [one["text"] for one in change.fields["messages"]] == ["请带梯子"]


def test_a_note_on_a_border_case_is_told_to_both_grids(town):
    case = town.add(builders.case, town.add(builders.item), town.grid_a, border_ids=[town.grid_b.code])
    _, cursor = everything(town.as_viewer("worker2"))
    town.run(
        "insert into cases_note (id, case_id, path, audience, text, written_at, written_by)"
        " values (%s, %s, %s, 'staff', '两边都看看', %s, '社区')",
        [new_id(), case.pk, case.path, NOW],
    )
    assert {one.id for one in pull(town.as_viewer("worker2"), cursor).changes} == {str(case.pk)}


def test_only_the_newest_lie_on_the_phone(town, case):
    for number in range(MOST_MESSAGES + 3):
        note(town, "community", case, f"第{number}条")
    assert len(said(town, "worker", case)) == MOST_MESSAGES
