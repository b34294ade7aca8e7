"""A resident says at their own door what they think of a plan: what they are told, what is taken and what not, who reads it, the answer."""

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.builders import NOW
from tests.plans.test_drafting import begun
from tests.plans.towns import laid_out

from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent, TooMany
from wangge.base.text import TextTooLong
from wangge.journal.models import Entry
from wangge.plans import actions, jobs
from wangge.plans.actions import from_residents
from wangge.plans.models import Plan, PlanComment, PlanContent, PlanReceipt
from wangge.plans.queries import open_for_comment
from wangge.plans.queries.said import comments_of, phones_of
from wangge.plans.rules.problems import CommentsEnded, NoSuchCode
from wangge.plans.rules.receipts import code_of, digest_of, figures_of, in_groups, number_of

UNTIL = date(2026, 4, 29)
PHONE = "138 1234 5678"
#: Of the code 1234 5678 1234 5678, as installations hold it.
DIGEST = "c1eca241b90b7eba968b57f7b5ef31b26caa2ec907fa2e42c4c521454c0fa833"


def asked(town, *, households=10, until=None):
    """A plan of today's grids that residents are asked about."""
    laid_out(town, columns=4, rows=1, households=households)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today", unit="building", low=1, high=500)
    actions.take_step(viewer, plan.id, "check", reason="现行网格", now=NOW)
    return actions.take_step(viewer, plan.id, "consult", until=until, now=NOW)


def says(plan, form=None, *, text="两个小区应在一起", source="192.0.2.1", now=NOW, **more):
    return actions.comment_as_resident(plan.id, form or new_id(), text=text, source=source, now=now, **more)


def kept(town, plan, who="community"):
    return comments_of(town.as_viewer(who), plan)


@pytest.mark.django_db
def test_residents_are_told_of_a_plan_as_long_as_they_are_asked_about_it(town):
    plan = asked(town)
    town.as_nobody()
    told = open_for_comment.open_plan(plan.id)
    assert (told.name, told.place[-1], told.until) == (plan.name, town.community.name, UNTIL)
    laid = open_for_comment.laid_open(plan.id)
    assert {grid.code for grid in laid.before} == {town.grid_a.code, town.grid_b.code}
    assert all(grid.outline for grid in laid.after)
    assert {grid.today for grid in laid.after} == {town.grid_a.code, town.grid_b.code}
    actions.take_step(town.as_viewer("township"), plan.id, "approve", reason="汛期前要用", now=NOW)
    town.as_nobody()
    assert open_for_comment.open_plans() == []
    assert open_for_comment.laid_open(plan.id) is None


@pytest.mark.django_db
def test_nobody_hears_of_a_draft(town):
    laid_out(town, columns=4, rows=1)
    plan = begun(town.as_viewer("community"), town, start="today", low=1, high=500)
    town.as_nobody()
    assert open_for_comment.laid_open(plan.id) is None
    with pytest.raises(CommentsEnded):
        says(plan)


@pytest.mark.django_db
def test_homes_are_told_by_tens_and_few_of_them_as_few(town):
    """21 households lie in one grid and 3 in the other; the neighbours are not to count whose three these are."""
    plan = asked(town, households=3)
    laid = open_for_comment.laid_open(plan.id)
    assert {grid.code: grid.households for grid in laid.before} == {town.grid_a.code: 20, town.grid_b.code: 0}
    assert sorted(grid.households for grid in laid.after) == [0, 20]
    assert all(one.households % 10 == 0 for one in laid.went)


@pytest.mark.django_db
def test_a_comment_stands_with_the_plan_as_a_resident_s_and_the_journal_keeps_no_word_of_it(town):
    plan = asked(town)
    grid = open_for_comment.laid_open(plan.id).after[0]
    says(plan, grid=grid.code, phone=PHONE, text=" 两个小区\u202e应在一起 ")
    for who in ("worker", "community"):
        [said] = kept(town, plan, who)
        assert (said.comment.side, said.comment.by_id, said.name) == ("residents", None, "")
        assert (said.comment.text, said.comment.grid_code) == ("两个小区应在一起", grid.code)
    entry = Entry.objects.get(verb="plan.resident-commented")
    assert (entry.actor_id, entry.actor_name, entry.subject) == (None, "resident", plan.subject)
    assert "小区" not in str(entry.after)
    assert "138" not in str(entry.after)


@pytest.mark.django_db
def test_a_number_is_sealed_and_only_the_office_sees_that_there_is_one(town):
    plan = asked(town)
    says(plan, phone=PHONE)
    office = town.as_viewer("community")
    with connection.cursor() as cursor:
        cursor.execute("select phone from plans_planreceipt")
        assert b"5678" not in bytes(cursor.fetchone()[0])
    comments = comments_of(office, plan)
    [left] = phones_of(office, plan, comments, now=NOW).values()
    assert (left.shown, left.revealed) == ("138****5678", False)
    worker = town.as_viewer("worker")
    assert phones_of(worker, plan, comments, now=NOW) == {}
    assert not PlanReceipt.objects.exists()


@pytest.mark.django_db
def test_who_looks_at_a_number_says_why_and_sees_it_for_some_minutes(town):
    plan = asked(town)
    receipt = says(plan, phone=PHONE)
    office, command = town.as_viewer("community"), new_id()

    def reveal(viewer, now=NOW, why="answer"):
        return actions.reveal_comment_phone(
            viewer, plan.id, receipt.comment_id, why=why, command_id=command, now=now
        )

    with pytest.raises(Invalid):
        reveal(office, why="curious")
    assert reveal(office) == reveal(office) == "13812345678"
    entry = Entry.objects.get(verb="plan.phone-revealed")
    assert entry.after == {"comment": str(receipt.comment_id), "purpose": "answer"}
    comments = comments_of(office, plan)
    later = NOW + timedelta(minutes=10)
    shown = [
        phones_of(office, plan, comments, now=now)[receipt.comment_id].shown
        for now in (NOW + timedelta(minutes=9), later)
    ]
    assert shown == ["13812345678", "138****5678"]
    with pytest.raises(OtherContent):
        reveal(office, now=later)
    above = town.as_viewer("township")
    assert not phones_of(above, plan, comments, now=NOW)[receipt.comment_id].revealed
    with pytest.raises(NotAllowed):
        reveal(town.as_viewer("worker"))


@pytest.mark.django_db
def test_a_number_is_erased_half_a_year_after_its_comment_and_the_journal_tells_how_many(town):
    plan = asked(town, until=date(2026, 10, 15))
    late = NOW + timedelta(days=1)
    old, none, young = (says(plan, phone=PHONE), says(plan), says(plan, phone=PHONE, now=late))
    then = NOW + timedelta(days=183)
    assert jobs.erase_comment_phones(then) == 0
    assert jobs.erase_comment_phones(then + timedelta(seconds=1)) == 1
    office = town.as_viewer("community")
    left = phones_of(office, plan, comments_of(office, plan), now=then)
    assert left.keys() == {old.comment_id, young.comment_id}, "the one that left none has nothing to erase"
    assert (left[old.comment_id].shown, left[old.comment_id].erased_on) == ("", date(2026, 10, 15))
    assert (left[young.comment_id].shown, left[young.comment_id].erased_on) == ("138****5678", None)
    entry = Entry.objects.get(verb="plan.phones-erased")
    assert (entry.subject, entry.actor_id, entry.after) == (plan.subject, None, {"count": 1, "days": 183})
    with pytest.raises(NotFound):
        actions.reveal_comment_phone(
            office, plan.id, old.comment_id, why="answer", command_id=new_id(), now=then
        )
    assert len(comments_of(office, plan)) == 3
    assert actions.read_answer(old.code, source="192.0.2.1", now=then).text == "两个小区应在一起"
    assert none.comment_id not in left
    page = town.browser("community").get(f"/console/plans/{plan.id}").content.decode()
    assert "2026-10-15</time> 清除" in page


@pytest.mark.django_db
def test_only_the_system_erases_a_number_and_it_writes_none(town):
    says(asked(town), phone=PHONE)
    gone = "update plans_planreceipt set phone = null, phone_erased_on = '2026-04-15'"
    for enter in (town.as_nobody, lambda: town.as_viewer("worker"), lambda: town.as_viewer("community")):
        viewer = enter()
        with connection.cursor() as cursor:
            cursor.execute(gone)
            assert cursor.rowcount == 0, viewer
    with pytest.raises(NotAllowed):
        actions.erase_comment_phones(town.as_viewer("admin"), now=NOW)
    town.as_system()
    for wrong in ("phone = 'x'", "phone = null", "phone_erased_on = '2026-04-15'"):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"update plans_planreceipt set {wrong}")
    with connection.cursor() as cursor:
        cursor.execute(gone)
        assert cursor.rowcount == 1


@pytest.mark.django_db
def test_the_office_answers_and_who_has_the_code_reads_it_also_when_the_plan_is_decided(town):
    plan = asked(town)
    receipt = says(plan)
    with pytest.raises(NotAllowed):
        actions.answer_comment(town.as_viewer("worker"), plan.id, receipt.comment_id, text="会的", now=NOW)
    office = town.as_viewer("community")
    with pytest.raises(NotFound):
        actions.answer_comment(office, plan.id, new_id(), text="会的", now=NOW)
    actions.answer_comment(office, plan.id, receipt.comment_id, text="会的", now=NOW)
    assert Entry.objects.get(verb="plan.answered").after["comment"] == str(receipt.comment_id)
    assert kept(town, plan)[0].answered_by == "荷花社区负责人"
    actions.take_step(town.as_viewer("township"), plan.id, "approve", reason="汛期前要用", now=NOW)
    town.as_nobody()
    found = actions.read_answer(in_groups(receipt.code), source="192.0.2.1", now=NOW)
    assert (found.text, found.answer, found.state) == ("两个小区应在一起", "会的", "approved")


@pytest.mark.django_db
def test_a_code_that_is_none_tells_nothing_and_cannot_be_tried_for_long(town, monkeypatch):
    monkeypatch.setattr(from_residents, "MOST_CODES", 2)
    receipt = says(asked(town))
    town.as_nobody()
    for code in ("", "1" * 16):
        with pytest.raises(NoSuchCode):
            actions.read_answer(code, source="192.0.2.1", now=NOW)
    with pytest.raises(TooMany):
        actions.read_answer(receipt.code, source="192.0.2.1", now=NOW)
    for _ in range(3):
        assert actions.read_answer(receipt.code, source="192.0.2.2", now=NOW).answer == ""


@pytest.mark.django_db
def test_a_form_sent_twice_is_one_comment_with_one_code(town):
    plan, form = asked(town), new_id()
    assert says(plan, form) == says(plan, form)
    assert len(kept(town, plan)) == 1
    with pytest.raises(OtherContent):
        says(plan, form, text="别的")


@pytest.mark.django_db
def test_who_reads_a_comment_does_not_get_its_code_by_sending_it_again(town):
    """Its number stands on the pages of the office, its words and its grid as well."""
    plan = asked(town)
    receipt = says(plan)
    [said] = kept(town, plan, "worker")
    again = says(plan, said.comment.id, text=said.comment.text)
    assert again.code != receipt.code
    assert again.comment_id != receipt.comment_id
    assert len(kept(town, plan)) == 2


@pytest.mark.django_db
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(town):
    plan = asked(town)
    for problem, given in (
        (Invalid, {"text": " \n "}),
        (TextTooLong, {"text": "长" * 1001}),
        (Invalid, {"grid": "3207030030029999"}),
        (Invalid, {"phone": "一三八"}),
        (CommentsEnded, {"now": NOW + timedelta(days=15)}),
    ):
        with pytest.raises(problem):
            says(plan, **given)
    with pytest.raises(CommentsEnded):
        actions.comment_as_resident(new_id(), new_id(), text="好", source="192.0.2.1", now=NOW)
    assert kept(town, plan) == []
    assert says(plan, now=NOW + timedelta(days=14)), "on the last day it is taken"


@pytest.mark.django_db
def test_one_place_is_not_heard_without_end_and_others_still_are(town, monkeypatch):
    monkeypatch.setattr(from_residents, "MOST_BY_SOURCE", 2)
    plan = asked(town)
    for _ in range(2):
        says(plan)
    with pytest.raises(TooMany):
        says(plan)
    says(plan, source="192.0.2.2")
    monkeypatch.setattr(from_residents, "MOST_BY_PLAN", 3)
    with pytest.raises(TooMany):
        says(plan, source="192.0.2.3")
    assert len(kept(town, plan)) == 3


def laid_open_by(act):
    """How often the database laid a plan open while something was done."""
    with CaptureQueriesContext(connection) as asked_of_it:
        act()
    return sum("plans_laid_open" in query["sql"] for query in asked_of_it)


@pytest.mark.django_db
def test_a_plan_is_laid_out_once_and_only_as_long_as_residents_are_asked(town):
    plan = asked(town)
    assert laid_open_by(lambda: says(plan)) == 0, "of the whole plan nothing needs to be read"
    assert laid_open_by(lambda: says(plan, grid=town.grid_a.code)) == 1
    assert laid_open_by(lambda: says(plan, grid=town.grid_b.code)) == 0
    assert laid_open_by(lambda: open_for_comment.laid_open(plan.id)) == 0
    lead = town.as_viewer("community")
    again = actions.take_step(lead, plan.id, "reopen", reason="再想想", now=NOW)
    assert open_for_comment.laid_open(plan.id) is None
    said = {"revision": again.revision, "labels": [0] * len(again.labels), "now": NOW}
    actions.change_plan(lead, plan.id, **said)
    for step in ("check", "consult"):
        actions.take_step(lead, plan.id, step, reason="合为一个", now=NOW)
    assert len(open_for_comment.laid_open(plan.id).after) == 1, "not the grids of before"
    actions.take_step(town.as_viewer("community"), plan.id, "withdraw", now=NOW)
    assert open_for_comment.laid_open(plan.id) is None


@pytest.mark.django_db
def test_who_wrote_too_often_is_refused_before_anything_is_read(town, monkeypatch):
    plan = asked(town)
    monkeypatch.setattr(from_residents, "MOST_BY_SOURCE", 0)
    with CaptureQueriesContext(connection) as asked_of_it, pytest.raises(TooMany):
        says(plan, grid=town.grid_a.code)
    assert not [query for query in asked_of_it if "plans_" in query["sql"]]


@pytest.mark.django_db
def test_a_plan_that_is_decided_at_that_moment_takes_none(town, monkeypatch):
    """The page was read before; the database itself refuses."""
    plan = asked(town)
    open_then = open_for_comment.open_plan(plan.id)
    actions.take_step(town.as_viewer("township"), plan.id, "approve", reason="汛期前要用", now=NOW)
    monkeypatch.setattr(from_residents, "open_plan", lambda _plan: open_then)
    with pytest.raises(CommentsEnded):
        says(plan)
    assert kept(town, plan) == []


@pytest.mark.django_db
def test_the_database_lets_the_public_write_there_and_read_nothing(town):
    plan = asked(town)
    says(plan)
    town.as_nobody()
    for table in (Plan, PlanComment, PlanContent, PlanReceipt, Entry):
        assert not table.objects.exists(), table

    def writes(**facts):
        comment = {"id": new_id(), "plan_id": plan.id, "side": "residents", "text": "好", "at": NOW, **facts}
        with transaction.atomic():
            PlanComment(**comment).save(force_insert=True)

    writes()
    office = town.accounts["community"].pk
    for wrong in (
        {"grid_code": "3207030030029999"},
        {"by_id": office},
        {"answer": "好"},
        {"at": NOW + timedelta(days=15)},
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            writes(**wrong)
    town.as_viewer("worker")
    with pytest.raises(ProgrammingError, match="row-level security"):
        writes()


@pytest.mark.django_db
def test_how_long_residents_are_asked_is_said_when_it_begins(town):
    laid_out(town, columns=4, rows=1)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today", low=1, high=500)
    actions.take_step(viewer, plan.id, "check", now=NOW)
    for until in (date(2026, 4, 14), date(2027, 4, 15)):
        with pytest.raises(Invalid):
            actions.take_step(viewer, plan.id, "consult", until=until, now=NOW)
    until = date(2026, 5, 1)
    actions.take_step(viewer, plan.id, "consult", until=until, now=NOW)
    assert open_for_comment.open_plan(plan.id).until == until
    assert Entry.objects.get(verb="plan.consulted").after == {"comment_until": "2026-05-01"}
    actions.take_step(viewer, plan.id, "reopen", reason="再想想", now=NOW)
    assert open_for_comment.open_plan(plan.id) is None


def test_a_code_is_read_however_it_is_typed():
    code = code_of(new_id(), "key")
    full_width = "".join(chr(ord(figure) + 0xFEE0) for figure in code)
    assert {
        figures_of(typed) for typed in (code, in_groups(code), full_width, f"\t{code[:8]}-{code[8:]}")
    } == {code}
    assert {figures_of(typed) for typed in ("", code[1:], f"{code}1", "a" * 16)} == {""}
    form = new_id()
    assert code_of(form, "one") != code_of(form, "other"), "only the installation makes it"
    assert len({number_of(form, "one"), number_of(form, "other"), form}) == 3


def test_codes_that_were_given_out_before_stay_good():
    """What is kept of them is never made anew."""
    assert digest_of("1234567812345678") == DIGEST
