"""A department asks at doors: within its area, with the office's word, once a door, and it hears no door's name."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from tests.builders import NOW, TODAY
from tests.visits.asked import OFFICE, answered_by_all, ask, homes_in, visit
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent, Problem
from wangge.catalogue.queries import departments
from wangge.households.models import Dwelling
from wangge.journal.models import Entry
from wangge.staff.queries import enter_as_system
from wangge.sync.actions.kinds import KINDS
from wangge.visits import actions, jobs, queries
from wangge.visits.models import DueVisit, Errand, Question, Reply, Visit
from wangge.visits.rules import BadVisit, QuestionStepNotPossible, TooFewHomes
from wangge.visits.rules.questions import said_of, shown


@pytest.fixture
def homes(town):
    return homes_in(town)


def accepted(town, **facts):
    question = ask(town, **facts)
    actions.accept_question(town.as_viewer("community"), question.id, now=NOW)
    return Question.objects.get(id=question.id)


def renewed(town):
    actions.renew_stale(town.as_system(), now=NOW)
    town.as_viewer("worker")


def reasons_at(home):
    return [
        reason for reason in DueVisit.objects.get(household_id=home.pk).reasons if reason["why"] == "question"
    ]


def progress(town, question, by="handler"):
    viewer = town.as_viewer(by)
    return queries.progress_of(viewer, queries.question_by_id(viewer, question.id))


def answers(town, question, by="handler"):
    viewer = town.as_viewer(by)
    found = queries.question_by_id(viewer, question.id)
    return queries.answers_to(viewer, found)


def ended(town, question):
    actions.end_question(town.as_viewer("handler"), question.id, reason="够了", now=NOW + timedelta(days=1))


def test_a_question_stands_at_doors_once_the_office_says_so(town, db, homes):
    question = ask(town)
    renewed(town)
    assert Errand.objects.count() == 0, "no door is burdened before"
    assert actions.accept_question(town.as_viewer("community"), question.id, now=NOW) == 12
    renewed(town)
    (reason,) = reasons_at(homes[0])
    due = queries.due_at(town.as_viewer("worker"), [homes[0].pk])[homes[0].pk]
    (asked,) = [each for each in due.reasons if each.asks]
    assert (asked.text, asked.asks.question, asked.asks.answer) == ("家里养狗吗？", question.id, "yes_no")
    kept = queries.kept(town.as_viewer("worker"), "due", [homes[0].pk])[str(homes[0].pk)]
    (told,) = [each for each in kept["reasons"] if each["id"] == reason["id"]]
    assert told["ref"] == str(question.id)
    assert told["asks"]["answer"] == "yes_no"
    assert told["asks"]["zh"] == departments()["city-management"].zh
    entries = Entry.objects.filter(subject=question.subject).order_by("at", "seq")
    town.as_system()
    assert [entry.verb for entry in entries] == ["question.asked", "question.accepted"]


def test_only_households_with_a_plot_are_asked_when_the_department_says_so(town, db, homes):
    question = accepted(town, plot=True)
    town.as_viewer("worker")
    asked = set(Errand.objects.values_list("household_id", flat=True))
    assert asked == {home.pk for home in homes[:10]}
    assert question.homes == 10


@pytest.mark.parametrize("by", ["worker", "community", "centre", "admin", "instructor"])
def test_who_sits_in_no_department_asks_nothing(town, db, homes, by):
    with pytest.raises(NotAllowed):
        ask(town, by=by)


def test_a_department_asks_within_its_own_area_and_under_its_own_name(town, db, homes):
    for wrong in (
        {"area": town.far_community.code},
        {"area": town.city.code},
        {"office": "320706000000/city-management"},
        {"office": "320703000000/fire"},
    ):
        with pytest.raises(NotAllowed):
            ask(town, **wrong)
    with pytest.raises(NotAllowed):
        ask(town, by="handler2")
    assert ask(town, by="handler2", office="320703000000/fire").department == "fire"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("text", {"text": "  "}),
        ("basis", {"basis": ""}),
        ("answer_kind", {"answer": "essay"}),
        ("words", {"answer": "words", "words": ("井水",)}),
        ("words", {"answer": "words", "words": ("井水", "井水")}),
        ("words", {"answer": "words", "words": tuple("甲乙丙丁戊己庚")}),
        ("to_on", {"from_on": TODAY, "to_on": TODAY - timedelta(days=1)}),
        ("to_on", {"to_on": TODAY + timedelta(days=92)}),
        ("to_on", {"from_on": TODAY - timedelta(days=9), "to_on": TODAY - timedelta(days=1)}),
    ],
)
def test_what_is_no_question_is_refused_with_its_field(town, db, homes, field, wrong):
    with pytest.raises(Invalid) as refused:
        ask(town, **wrong)
    assert refused.value.facts["field"] == field


def test_fewer_than_ten_households_are_not_asked_nor_counted(town, db):
    homes_in(town, count=9, plots=3)
    viewer = town.as_viewer("handler")
    assert queries.homes_to_ask(viewer, town.community.path, plot=False) == 0
    with pytest.raises(TooFewHomes):
        ask(town)
    household(town, town.grid_a, "301")
    question = ask(town)
    assert queries.homes_to_ask(town.as_viewer("handler"), town.community.path, plot=False) == 10
    town.run("update households_household set valid_to = %s where number like '%%-301'", [TODAY])
    with pytest.raises(TooFewHomes):
        actions.accept_question(town.as_viewer("community"), question.id, now=NOW)


def test_nobody_counts_households_of_elsewhere(town, db, homes):
    viewer = town.as_viewer("far_centre")
    with pytest.raises(Exception, match="neither of the area"), transaction.atomic():
        queries.homes_to_ask(viewer, town.community.path, plot=False)


def test_the_same_question_sent_twice_is_one(town, db, homes):
    new = actions.NewQuestion(
        OFFICE, town.community.code, "养狗吗？", "yes_no", "条例", TODAY, TODAY + timedelta(days=5)
    )
    viewer, same = town.as_viewer("handler"), new_id()
    first = actions.ask_question(viewer, same, new, now=NOW)
    assert actions.ask_question(viewer, same, new, now=NOW).id == first.id
    assert Question.objects.count() == 1
    with pytest.raises(OtherContent):
        actions.ask_question(viewer, same, replace(new, text="养猫吗？"), now=NOW)


@pytest.mark.parametrize("by", ["worker", "handler", "far_community", "instructor"])
def test_only_who_plans_visits_there_decides(town, db, homes, by):
    question = ask(town)
    for act in (
        lambda viewer: actions.accept_question(viewer, question.id, now=NOW),
        lambda viewer: actions.refuse_question(viewer, question.id, reason="不合适", now=NOW),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            act(town.as_viewer(by))
    town.as_system()
    assert Question.objects.get().state == "waiting"


def test_nobody_accepts_what_they_asked_themselves(town, db, homes):
    question = ask(town)
    themselves = town.as_viewer("community").account_id
    town.as_system()
    assert Question.objects.filter(id=question.id).update(asked_by_id=themselves) == 1
    with pytest.raises(NotAllowed):
        actions.accept_question(town.as_viewer("community"), question.id, now=NOW)


def test_a_question_that_waits_takes_no_reply(town, db, homes):
    question = ask(town)
    with pytest.raises(BadVisit):
        visit(town, homes[0], (question, "yes"))


def test_an_id_that_was_used_elsewhere_is_said_to_be(town, db, homes):
    question = ask(town)
    town.as_system()
    assert Question.objects.filter(id=question.id).update(department_key="320703000000/fire") == 1
    facts = {"office": OFFICE, "area": town.community.code, "text": "?", "answer": "yes_no", "basis": "-"}
    new = actions.NewQuestion(**facts, from_on=TODAY, to_on=TODAY)
    viewer = town.as_viewer("handler")
    assert not Question.objects.filter(id=question.id).exists()
    with pytest.raises(OtherContent):
        actions.ask_question(viewer, question.id, new, now=NOW)


def test_another_word_of_a_household_changes_nothing_that_was_told(town, db):
    homes = homes_in(town, count=24)
    question = accepted(town, answer="number")
    for place, home in enumerate(homes[:21]):
        visit(town, home, (question, str(place)), at=NOW + timedelta(minutes=place))
    before = answers(town, question)
    visit(town, homes[3], (question, "100"), at=NOW + timedelta(hours=2))
    assert answers(town, question) == before
    ended(town, question)
    assert answers(town, question).total == sum(range(21)) - 3 + 100


def test_a_refusal_says_why_and_asks_no_door(town, db, homes):
    question = ask(town)
    office = town.as_viewer("township")
    with pytest.raises(Invalid):
        actions.refuse_question(office, question.id, reason=" ", now=NOW)
    actions.refuse_question(office, question.id, reason="上月刚问过", now=NOW)
    with pytest.raises(QuestionStepNotPossible):
        actions.accept_question(office, question.id, now=NOW)
    found = queries.question_by_id(town.as_viewer("handler"), question.id)
    assert (found.state, found.reason) == ("refused", "上月刚问过")
    town.as_viewer("worker")
    assert Errand.objects.count() == 0


def test_a_reply_ends_the_question_at_its_door_and_nothing_else_does(town, db, homes):
    question = accepted(town)
    renewed(town)
    visit(town, homes[0], well=True)  # as a phone of before does, which knows no reply
    assert reasons_at(homes[0]), "it stays to be asked"
    errand = Errand.objects.get(household_id=homes[0].pk)
    visit(town, homes[0], errands=(errand.id,), at=NOW + timedelta(minutes=1))
    assert reasons_at(homes[0]), "seen is not asked"
    said = visit(town, homes[0], (question, "yes"), at=NOW + timedelta(minutes=2))
    assert not reasons_at(homes[0])
    errand.refresh_from_db()
    assert (errand.done_by_visit, said.reasons.count("question")) == (said.id, 1)
    (reply,) = queries.replies_at(town.as_viewer("worker"), [said])[said.id]
    assert queries.said_in(reply) == "yes"
    assert reasons_at(homes[1]), "and at no other door"


def test_who_would_not_answer_is_not_asked_again(town, db, homes):
    question = accepted(town)
    visit(town, homes[0], (question, None))
    assert not reasons_at(homes[0])
    told = progress(town, question)
    assert (told.declined, told.answered) == (1, 0)


def test_an_ordinary_errand_is_done_as_ever_beside_a_question(town, db, homes):
    accepted(town)
    errand = actions.NewErrand("question", "停水知道吗？", TODAY, TODAY, ref=new_id())
    actions.add_errands(town.as_viewer("community"), [homes[0].pk], errand, now=NOW)
    visit(town, homes[0], at=NOW + timedelta(minutes=1))
    town.as_viewer("worker")
    left = Errand.objects.filter(household_id=homes[0].pk, done_at__isnull=True)
    assert [row.text for row in left] == ["家里养狗吗？"]


def test_nobody_puts_a_question_on_a_door_by_hand(town, db, homes):
    question = ask(town)
    errand = actions.NewErrand("question", "养狗吗？", TODAY, TODAY, ref=question.id)
    with pytest.raises(BadVisit):
        actions.add_errands(town.as_viewer("community"), [homes[0].pk], errand, now=NOW)


def test_a_reply_that_does_not_fit_stops_its_own_visit_alone(town, db, homes):
    question = accepted(town, answer="words", words=("井水", "自来水"))
    viewer = town.as_viewer("worker")

    def told(home, *replies, outcome="met"):
        return Command(new_id(), NOW), actions.Told(household=home.pk, outcome=outcome, replies=replies)

    fits = actions.ReplyTold(question.id, "井水")
    made = actions.record_visits(
        viewer,
        [
            told(homes[0], actions.ReplyTold(question.id, "河水")),
            told(homes[1], fits, fits),
            told(homes[2], actions.ReplyTold(new_id(), "井水")),
            told(homes[3], fits, outcome="nobody_home"),
            told(homes[4], actions.ReplyTold(question.id, "井水", declined=True)),
            told(homes[5], fits),
        ],
        now=NOW,
    )
    assert [type(each.problem) for each in made] == [BadVisit] * 5 + [type(None)]
    assert (Visit.objects.count(), Reply.objects.count()) == (1, 1)


def test_a_visit_with_a_reply_that_comes_twice_is_one(town, db, homes):
    question = accepted(town)
    command = Command(new_id(), NOW)
    said = actions.Told(household=homes[0].pk, outcome="met", replies=(actions.ReplyTold(question.id, "no"),))
    viewer = town.as_viewer("worker")
    assert actions.record_visit(viewer, command, said, now=NOW)[1]
    assert not actions.record_visit(viewer, command, said, now=NOW)[1]
    assert Reply.objects.count() == 1
    other = replace(said, replies=(actions.ReplyTold(question.id, "yes"),))
    with pytest.raises(OtherContent):
        actions.record_visit(viewer, command, other, now=NOW)


def test_what_a_phone_sends_becomes_a_reply(town, db, homes):
    question = accepted(town, answer="number")
    data = {
        "household": str(homes[0].pk),
        "outcome": "met",
        "replies": [{"question": str(question.id), "said": "2.5"}],
    }
    kind = KINDS["visit.record"]
    kind.act(town.as_viewer("worker"), Command(new_id(), NOW), data, NOW)
    assert [str(reply.number) for reply in Reply.objects.all()] == ["2.50"]


def test_the_newest_reply_of_a_household_counts_in_whatever_order_they_come(town, db, homes):
    question = accepted(town)
    answered_by_all(town, homes, question, "yes")
    visit(town, homes[0], (question, "no"), at=NOW + timedelta(hours=2))
    visit(town, homes[1], (question, "no"), at=NOW - timedelta(days=2))
    ended(town, question)
    assert answers(town, question).choices == (("yes", 11), ("no", 1))
    town.as_viewer("worker")
    assert Reply.objects.count() == 14, "and no other is lost"


def test_answers_are_told_from_ten_on(town, db, homes):
    question = accepted(town)
    answered_by_all(town, homes[:9], question, "yes")
    assert (progress(town, question).answered, answers(town, question).told) == (9, False)
    with connection.cursor() as cursor:
        for name in ("sums(%s)", "lines(%s, 9)"):
            cursor.execute(f"select count(*) from visits_question_{name}", [question.id])
            assert cursor.fetchone() == (0,), "nor by the database"
    visit(town, homes[9], (question, "no"))
    assert not answers(town, question).told, "the next one would be told by a subtraction"
    ended(town, question)
    for by in ("handler", "community"):
        assert answers(town, question, by).choices == (("yes", 9), ("no", 1))


def test_between_two_looks_ten_households_are_added_or_none(town, db):
    homes = homes_in(town, count=34)
    question = accepted(town, answer="number")
    looks = []
    for place, home in enumerate(homes[:32]):
        visit(town, home, (question, str(place)), at=NOW + timedelta(minutes=place))
        looks.append(answers(town, question).count)
    assert looks == [0] * 19 + [10] * 10 + [20] * 3
    ended(town, question)
    assert answers(town, question).count == 32
    assert answers(town, question).total == sum(range(32))
    for place in (31, 32, 33):
        visit(town, homes[place], (question, "7"), at=NOW + timedelta(days=2))
    assert answers(town, question).total == sum(range(32)), "neither a late one nor another word of somebody"


def test_progress_tells_where_it_stands_and_no_household(town, db, homes):
    question = accepted(town)
    visit(town, homes[0], (question, "yes"))
    visit(town, homes[1], outcome="nobody_home")
    visit(town, homes[2], outcome="refused")
    visit(town, homes[3], outcome="nobody_home")
    visit(town, homes[3], at=NOW + timedelta(hours=3))  # met later, and the question left
    town.run("update households_household set valid_to = %s where id = %s", [TODAY, homes[4].pk])
    told = progress(town, question)
    assert (told.asked, told.answered, told.nobody_home, told.otherwise, told.gone, told.waiting) == (
        12,
        1,
        1,
        1,
        1,
        8,
    )
    with pytest.raises(NotFound):
        progress(town, question, "handler2")
    with pytest.raises(NotFound):
        progress(town, question, "worker")


def test_a_department_reads_no_reply_and_no_door(town, db, homes):
    question = accepted(town, answer="line")
    answered_by_all(town, homes, question, "路灯")
    town.as_viewer("handler")
    assert not Reply.objects.exists()
    assert not Errand.objects.exists()
    assert not Visit.objects.exists()
    assert not answers(town, question).told
    ended(town, question)
    assert answers(town, question).lines == ("路灯",) * 12
    town.as_viewer("handler2")
    assert not Question.objects.exists(), "nor what another department asks"


def test_numbers_are_summed(town, db, homes):
    question = accepted(town, answer="number")
    answered_by_all(town, homes[:11], question, "2")
    visit(town, homes[11], (question, "3.5"))
    ended(town, question)
    told = answers(town, question)
    assert (told.count, float(told.total), float(told.mean)) == (12, 25.5, 2.125)


def test_a_reply_from_a_door_that_was_not_asked_is_kept_and_not_counted(town, db, homes):
    question = accepted(town, plot=True)
    visit(town, homes[11], (question, "yes"))
    assert progress(town, question).answered == 0
    town.as_viewer("worker")
    assert Reply.objects.count() == 1


def test_a_question_that_ended_is_asked_no_more_and_a_late_reply_is_kept(town, db, homes):
    question = accepted(town)
    renewed(town)
    with pytest.raises(Invalid):
        actions.end_question(town.as_viewer("handler"), question.id, now=NOW)
    actions.end_question(town.as_viewer("handler"), question.id, reason="够了", now=NOW)
    renewed(town)
    assert not reasons_at(homes[0])
    visit(town, homes[0], (question, "yes"))
    assert progress(town, question).answered == 1


def test_its_last_day_ends_it_and_one_that_waited_too(town, db, homes):
    running, waiting = accepted(town), ask(town)
    jobs.ask_questions(NOW + timedelta(days=20))
    town.as_system()
    assert {row.state for row in Question.objects.all()} == {"running", "waiting"}
    jobs.ask_questions(NOW + timedelta(days=21))
    town.as_system()
    assert {row.id: row.state for row in Question.objects.all()} == {running.id: "ended", waiting.id: "ended"}
    assert not Errand.objects.filter(done_at__isnull=True).exists()


def test_many_doors_are_asked_by_the_timer(town, db, homes, monkeypatch):
    monkeypatch.setattr(actions.questions, "AT_ONCE", 5)
    question = accepted(town)
    assert (question.homes, question.all_asked) == (12, False)
    town.as_viewer("worker")
    assert Errand.objects.count() == 0
    jobs.ask_questions(NOW)
    town.as_viewer("worker")
    assert Errand.objects.count() == 12
    town.as_system()
    assert Question.objects.get(id=question.id).all_asked
    assert jobs.ask_questions(NOW) == 0, "and it does nothing twice"


def test_who_may_see_nobody_there_asks_no_door(town, db, homes, monkeypatch):
    monkeypatch.setattr(actions.questions, "AT_ONCE", 5)
    question = accepted(town)
    town.as_viewer("handler")
    with pytest.raises(Exception, match="not worked on here") as refused, transaction.atomic():
        actions.ask_next_doors(question.id, now=NOW)
    assert isinstance(refused.value.__cause__, InsufficientPrivilege)


@given(st.text(max_size=30), st.sampled_from(["yes_no", "words", "number", "line"]))
def test_a_reply_is_read_back_as_it_was_said_or_refused(text, answer):
    words = ("井水", "自来水")
    try:
        said = said_of(answer, words, text)
    except Problem:
        return
    again = shown(answer, words, said)
    assert said_of(answer, words, again) == said
    if answer in ("yes_no", "words"):
        assert again == text


def test_the_system_ends_nothing_that_goes_on(town, db, homes):
    question = accepted(town)
    enter_as_system(town.city.path)
    assert queries.over(TODAY) == []
    assert queries.being_asked() == []
    assert Question.objects.get(id=question.id).state == "running"


def near(town, question, by="community"):
    viewer = town.as_viewer(by)
    found = queries.near_of(viewer, queries.question_by_id(viewer, question.id), now=NOW)
    return found and found.id


@pytest.mark.parametrize("answer", ["yes_no", "line"])
def test_what_two_questions_would_tell_of_fewer_than_ten_together_is_not_told_of_the_later(
    town, db, homes, answer
):
    earlier = accepted(town, plot=True, answer=answer)
    later = ask(town, text="狗办证了吗？", answer=answer)
    for by in ("community", "handler"):
        assert near(town, later, by) == earlier.id, "two households of twelve have no plot"
    actions.accept_question(town.as_viewer("community"), later.id, now=NOW)
    later = Question.objects.get(id=later.id)
    assert later.withheld_for == earlier.id == near(town, later)
    for home in homes:
        visit(town, home, (earlier, "yes"), (later, "yes"))
    for question in (earlier, later):
        ended(town, question)
    assert answers(town, earlier).told
    assert not answers(town, later).told
    assert progress(town, later).answered == 12


def test_the_same_households_can_be_asked_again_and_others_of_whom_ten_differ(town, db):
    homes = homes_in(town, count=22, plots=12)
    for facts in ({}, {}, {"plot": True}, {"plot": True}):
        question = accepted(town, **facts)
        assert question.withheld_for is None
    for home in homes:
        visit(town, home, (question, "no"))
    ended(town, question)
    assert answers(town, question).count == 12
    # One who moved in meanwhile is nobody whom the department chose to leave out.
    household(town, town.grid_a, "901")
    assert near(town, ask(town)) is None


def test_questions_are_taken_together_however_many_they_are(town, db):
    homes_in(town)
    for number in range(12):
        household(town, town.grid_b, str(201 + number))
    for number in range(5):
        household(town, town.community, str(301 + number))
    assert accepted(town).withheld_for is None
    assert accepted(town, area=town.grid_a.code).withheld_for is None
    last = ask(town, area=town.grid_b.code)
    assert near(town, last) is not None, "what is left of the community are the five in no grid"
    # Who was told nothing has nothing to subtract, and another department knows nothing of it.
    other = ask(town, by="handler2", office="320703000000/fire", area=town.grid_b.code)
    assert near(town, other) is None
    actions.accept_question(town.as_viewer("community"), last.id, now=NOW)
    assert near(town, ask(town)) is None


def rehomed(town, homes, to):
    """As a plan that is applied does it."""
    town.as_system()
    lived_in = Dwelling.objects.filter(id__in=[home.dwelling_id for home in homes])
    moves = dict.fromkeys(lived_in.values_list("building_id", flat=True), to.path)
    actions.rehome(town.as_viewer("admin"), moves, now=NOW + timedelta(hours=1))


def test_who_was_asked_stays_asked_when_a_plan_takes_homes_to_another_grid(town, db):
    homes = homes_in(town, count=15)
    for number in range(12):
        household(town, town.grid_b, str(201 + number))
    earlier = accepted(town, area=town.grid_a.code)
    rehomed(town, homes[:3], town.grid_b)
    for area in (town.grid_a, town.grid_b):
        assert near(town, ask(town, area=area.code)) == earlier.id, "the three can be told apart"
    assert near(town, ask(town)) is None, "those of the one grid and those of the other"
    again = accepted(town, area=town.grid_a.code)
    assert again.withheld_for == earlier.id
    rehomed(town, homes[:3], town.grid_a)
    assert near(town, ask(town, area=town.grid_a.code)) is None, "the same households again"


def test_homes_that_a_plan_brings_were_not_asked_before(town, db):
    homes = homes_in(town)
    for number in range(12):
        household(town, town.grid_b, str(201 + number))
    earlier = accepted(town, area=town.grid_b.code)
    rehomed(town, homes[:3], town.grid_b)
    assert near(town, ask(town, area=town.grid_b.code)) == earlier.id


def test_who_was_asked_stays_asked_when_their_grid_ends(town, db):
    homes = homes_in(town)
    for number in range(5):
        household(town, town.grid_b, str(201 + number))
    earlier = accepted(town, area=town.grid_a.code)
    town.run("update areas_area set valid_to = %s where code = %s", [TODAY, town.grid_a.code])
    rehomed(town, homes, town.grid_b)
    assert near(town, ask(town, area=town.grid_b.code)) == earlier.id, "the five were there before"


def test_doors_that_are_still_to_be_asked_count_as_asked(town, db, homes, monkeypatch):
    monkeypatch.setattr(actions.questions, "AT_ONCE", 5)
    earlier = accepted(town, plot=True)
    town.as_viewer("worker")
    assert not Errand.objects.exists()
    assert near(town, ask(town)) == earlier.id


def test_who_moved_in_does_not_make_up_for_who_was_asked(town, db):
    homes_in(town, count=15)
    for number in range(5):
        household(town, town.grid_b, str(201 + number))
    accepted(town)
    for number in range(10):
        household(town, town.grid_b, str(301 + number))
    assert accepted(town).withheld_for is None
    assert near(town, ask(town, area=town.grid_a.code)) is not None, (
        "the first asked five others, and not fifteen"
    )


def test_questions_of_the_time_before_are_held_against_those_that_came_first(town, open_db):
    homes_in(town)
    with transaction.atomic():
        first, second, third = ask(town, plot=True), ask(town), ask(town, text="狗办证了吗？")
        other = ask(town, by="handler2", office="320703000000/fire")
        for hours, question in enumerate((third, first, second, other)):
            when = NOW + timedelta(hours=hours)
            actions.accept_question(town.as_viewer("community", now=when), question.id, now=when)
    told = {row.id: None for row in (third, second, other)} | {first.id: third.id}
    withheld = "select id, withheld_for from visits_question"
    assert dict(town.rows(withheld)) == told
    town.run("update visits_question set withheld_for = null")
    town.run(import_module("wangge.visits.migrations.0007_asked_households").UPGRADE)
    assert dict(town.rows(withheld)) == told


def test_an_office_elsewhere_learns_nothing_of_what_was_asked_here(town, db, homes):
    accepted(town, plot=True)
    facts = {"plot": False, "department": "city-management", "now": NOW}
    for by in ("far_centre", "handler2"):
        with pytest.raises(Exception, match="neither of the area"), transaction.atomic():
            queries.near_to(town.as_viewer(by), town.community.path, **facts)


def test_a_reply_on_its_way_while_the_question_ends_changes_no_sum_that_was_told(town, db, homes):
    question = accepted(town)
    answered_by_all(town, homes[:11], question, "yes")
    ended(town, question)
    before = answers(town, question)
    assert before.count == 11
    visit(town, homes[11], (question, "no"))  # received before the end, written after it
    assert answers(town, question) == before
    assert progress(town, question).answered == 12


def test_a_reply_waits_for_an_end_that_is_being_written(town, open_db):
    homes = homes_in(town)
    with transaction.atomic():
        question = accepted(town)
    end = NOW + timedelta(hours=1)
    town.owner.execute(
        "update visits_question set state = 'ended', ended_at = %s where id = %s", [end, question.id]
    )

    def replying():
        try:
            with transaction.atomic():
                visit(town, homes[0], (question, "no"))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        reply = other.submit(replying)
        until = time.monotonic() + 60
        while not town.owner.execute("select count(*) from pg_locks where not granted").fetchone()[0]:
            assert not reply.done(), "it was written as if nothing ended"
            assert time.monotonic() < until
            time.sleep(0.02)
        town.owner.commit()
        reply.result(60)
    assert town.rows("select at > %s from visits_reply", [end]) == [(True,)]


def test_what_has_only_just_come_is_not_counted_while_a_question_runs(town, db):
    homes = homes_in(town, count=34)
    question = accepted(town)
    answered_by_all(town, homes[:20], question, "yes")
    for home in homes[20:]:
        visit(town, home, (question, "no"), at=clock.now())
    assert answers(town, question).count == 10, "another with an earlier time may still be on its way"
