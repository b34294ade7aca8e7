"""Notes for staff and answers for the reporter: who writes, who reads, once; and the journal tells of them without their words."""

from uuid import uuid4

import pytest
from tests import builders
from tests.builders import NOW

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.actions import Report, report_case, take_step, write_note
from wangge.cases.models import Case, Note
from wangge.cases.queries import case_detail, may_write_note
from wangge.cases.rules import BadAnswer, MissingFact
from wangge.journal.queries import entries_of

pytestmark = pytest.mark.usefixtures("town", "db")


@pytest.fixture
def case(town):
    town.add(builders.item)
    made, _ = report_case(
        town.as_viewer("worker"), new_id(), Report("M01-01", "路灯不亮", NOW, "", 119.355, 34.745), now=NOW
    )
    return made


def write(town, who, case, text="已电话联系", audience="staff", note=None):
    return write_note(town.as_viewer(who), case.id, note or uuid4(), audience=audience, text=text, now=NOW)


def read(town, who, case):
    return {note.text for note in case_detail(town.as_viewer(who), case.id).notes}


@pytest.fixture
def resident(town):
    """Somebody without a post, who reported a case."""
    return town.accounts.setdefault("resident", town.add(builders.account, "resident", town.grid_a))


def test_staff_notes_are_for_people_with_a_post_and_answers_for_the_reporter_too(town, case, resident):
    Case.objects.filter(id=case.id).update(followers=[resident.pk])
    write(town, "community", case, "住户情绪激动")
    write(town, "community", case, "明天上午来修", audience="reporter")
    assert read(town, "worker", case) == {"住户情绪激动", "明天上午来修"}
    assert read(town, "resident", case) == {"明天上午来修"}


def test_the_same_note_again_is_the_same_and_never_another(town, case):
    note = uuid4()
    first, is_new = write(town, "community", case, note=note)
    again, is_new_again = write(town, "community", case, note=note)
    assert (is_new, is_new_again, first.id) == (True, False, again.id)
    for changed in ({"text": "别的"}, {"audience": "reporter"}):
        with pytest.raises(OtherContent):
            write(town, "community", case, note=note, **changed)
    with pytest.raises(OtherContent):
        write(town, "worker", case, note=note)
    assert Note.objects.count() == 1


def test_who_sees_a_case_and_holds_a_post_writes_for_staff(town, case, resident):
    for who in ("worker", "community", "dispatcher", "secretary"):
        assert write(town, who, case)[1]
    Case.objects.filter(id=case.id).update(followers=[resident.pk])
    with pytest.raises(NotAllowed):
        write(town, "resident", case)
    for stranger in ("far_worker", "handler", "neighbour"):
        with pytest.raises(NotFound):
            write(town, stranger, case)


def test_only_the_desk_and_the_handler_answer_the_reporter(town, case):
    facts = {"departments": ["city-management"]}
    take_step(town.as_viewer("community"), case.id, "dispatch", command_id=uuid4(), facts=facts, now=NOW)
    assert write(town, "handler", case, audience="reporter")[1]
    assert write(town, "community", case, audience="reporter")[1]
    with pytest.raises(NotAllowed):
        write(town, "admin", case, audience="reporter")
    viewer = town.as_viewer("handler")
    assert may_write_note(viewer, Case.objects.get(id=case.id), "reporter")


def test_the_journal_tells_of_a_note_without_its_words(town, case):
    write(town, "community", case, "身份证号 320703…")
    write(town, "community", case, "您好", audience="reporter")
    entries = entries_of(town.as_viewer("community"), case.subject)[-2:]
    assert [entry.verb for entry in entries] == ["case.noted", "case.answered"]
    assert not any("身份证" in str(entry.after) or "您好" in str(entry.after) for entry in entries)
    assert [entry.after["note"] for entry in entries] == [str(note.id) for note in Note.objects.order_by("audience")][::-1]  # fmt: skip


def test_a_note_changes_nothing_of_the_case_so_that_no_step_in_hand_is_refused(town, case):
    before = Case.objects.get(id=case.id).revision
    write(town, "community", case)
    assert Case.objects.get(id=case.id).revision == before


@pytest.mark.parametrize(
    ("facts", "problem"), [({"text": ""}, MissingFact), ({"audience": "all"}, BadAnswer)]
)
def test_what_is_no_note_is_refused(town, case, facts, problem):
    with pytest.raises(problem):
        write(town, "community", case, **facts)


def test_over_http_a_note_is_put_under_its_id(town, case):
    from django.db import transaction

    assert transaction.get_connection().in_atomic_block
    client = town.client("community")
    address = f"/api/v1/cases/{case.id}/notes/{uuid4()}"
    body = {"audience": "staff", "text": "电话打不通"}
    for status in (201, 200):
        assert client.put(address, body, content_type="application/json").status_code == status
    assert client.put(address, body | {"text": "x"}, content_type="application/json").status_code == 409
    assert [note["text"] for note in client.get(f"/api/v1/cases/{case.id}").json()["notes"]] == ["电话打不通"]
