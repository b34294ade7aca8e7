"""A department asks at doors: asked, accepted or refused by the office of the area, brought to the doors, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.base.text import clean_line
from wangge.journal.actions import record
from wangge.visits import queries
from wangge.visits.models import Question
from wangge.visits.rules import ANSWER_KINDS, LEAST_HOMES, QuestionStepNotPossible, TooFewHomes, day_of
from wangge.visits.rules.questions import (
    LEAST_WORDS,
    LONGEST_WORD,
    MOST_DAYS,
    MOST_WORDS,
    STEPS,
)

#: So many doors get their errand at once; of more a timer does one township after the other.
AT_ONCE = 2_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """`office`: the key of the department that asks. `plot`: only households with a vegetable plot. `basis`: on what it stands;
    `law`: a law asks for it, so that it is asked also of those who wish no more visits than that.
    """

    office: str
    area: str
    text: str
    answer: str
    basis: str
    from_on: date
    to_on: date
    words: tuple[str, ...] = ()
    plot: bool = False
    law: bool = False


def ask_question(viewer: Viewer, question_id: UUID, new: NewQuestion, *, now: datetime) -> Question:
    """It waits for the office of the area. NotAllowed outside the department's area, Invalid with the field, TooFewHomes;
    OtherContent for an id that was used.
    """
    path = areas.area_by_code(new.area).path
    seat = next(
        (
            seat
            for seat in viewer.seats
            if seat.department
            and seat.department_key == new.office
            and Verb.QUESTION_ASK in seat.verbs
            and lies_in(path, seat.path)
        ),
        None,
    )
    if seat is None:
        raise NotAllowed
    facts = _facts(new, day_of(now))
    before = Question.objects.filter(id=question_id).first()
    if before:
        if before.path != path or any(getattr(before, name) != value for name, value in facts.items()):
            raise OtherContent
        return before
    question = Question(
        id=question_id,
        path=path,
        department=seat.department,
        department_key=seat.department_key,
        asked_by_id=viewer.account_id,
        asked_at=now,
        homes=_enough_homes(viewer, path, plot=new.plot),
        **facts,
    )
    try:
        with transaction.atomic():
            question.save(force_insert=True)
    except IntegrityError:  # of a question that this department does not see
        raise OtherContent from None
    told = {"department": question.department, "text": question.text, "homes": question.homes}
    _record(viewer, question, "question.asked", now, after=told)
    return question


def accept_question(viewer: Viewer, question_id: UUID, *, now: datetime) -> int:
    """From now on it stands at the doors; gives at how many households. NotAllowed for who does not plan visits there.

    Where it is too near to an earlier question of its department (`queries.near_to`), it is asked, and nothing of what was said is told.
    """
    question = _locked(viewer, question_id, "accept")
    if question.to_on < day_of(now):
        raise Invalid(field="to_on", expected=_("a last day that is not over"))
    question.homes = _enough_homes(viewer, question.path, plot=question.plot)
    _one_by_one(question.department)
    near = queries.near_of(viewer, question, now=now)
    question.withheld_for = near.id if near else None
    _decide(viewer, question, "accept", now, "homes", "withheld_for")
    told = {"homes": question.homes} | ({"withheld_for": str(near.id)} if near else {})
    _record(viewer, question, "question.accepted", now, after=told)
    if question.homes <= AT_ONCE:
        while ask_next_doors(question.id, now=now):
            pass
    return question.homes


def refuse_question(viewer: Viewer, question_id: UUID, *, reason: str, now: datetime) -> None:
    """No door is asked. The reason goes back to the department."""
    question = _locked(viewer, question_id, "refuse")
    question.reason = _reason(reason)
    _decide(viewer, question, "refuse", now, "reason")
    _record(viewer, question, "question.refused", now, reason=question.reason)


def end_question(viewer: Viewer, question_id: UUID, *, reason: str = "", now: datetime) -> None:
    """Nothing is asked any more; what phones still bring is kept. Before its last day is over somebody says why: who asked, or
    the office of the area.
    """
    question = _locked(viewer, question_id, "end")
    if question.to_on >= day_of(now) or reason:
        question.reason = _reason(reason)
    question.state, question.ended_at = STEPS["end", question.state], now
    question.save(update_fields=["state", "ended_at", "reason"])
    with connection.cursor() as cursor:
        cursor.execute("select visits_release_question(%s, %s)", [question.id, now])
    _record(viewer, question, "question.ended", now, reason=question.reason)


def ask_next_doors(question_id: UUID, *, now: datetime) -> bool:
    """Puts an accepted question on the next visits of one more township; whether there may be more of them."""
    with connection.cursor() as cursor:
        cursor.execute("select visits_ask_next(%s, %s)", [question_id, now])
        (more,) = cursor.fetchone()
    return bool(more)


def _facts(new: NewQuestion, today: date) -> dict[str, Any]:
    """What the question says, made sure of; Invalid with the field."""
    text = clean_line(new.text, limit=200, name="text")
    basis = clean_line(new.basis, limit=300, name="basis")
    if not text:
        raise Invalid(field="text", expected=_("the question as it is asked at the door"))
    if not basis:
        raise Invalid(field="basis", expected=_("the law, the regulation or the reason"))
    if new.answer not in ANSWER_KINDS:
        raise Invalid(field="answer_kind", expected=_("how it is answered"))
    if not new.from_on <= new.to_on or (new.to_on - new.from_on).days >= MOST_DAYS:
        raise Invalid(field="to_on", expected=_("a day after the first, within three months"))
    if new.to_on < today:
        raise Invalid(field="to_on", expected=_("a last day that is not over"))
    return {
        "text": text,
        "answer": new.answer,
        "words": _words(new.words) if new.answer == "words" else [],
        "basis": basis,
        "law": new.law,
        "plot": new.plot,
        "from_on": new.from_on,
        "to_on": new.to_on,
    }


def _words(given: Sequence[str]) -> list[str]:
    words = [kept for each in given if (kept := clean_line(each, limit=LONGEST_WORD, name="words"))]
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or len(set(words)) < len(words):
        raise Invalid(field="words", expected=_("two to six words, each once"))
    return words


def _reason(given: str) -> str:
    reason = clean_line(given, limit=300, name="reason")
    if not reason:
        raise Invalid(field="reason", expected=_("Say why."))
    return reason


def _enough_homes(viewer: Viewer, path: str, *, plot: bool) -> int:
    homes = queries.homes_to_ask(viewer, path, plot=plot)
    if homes < LEAST_HOMES:
        raise TooFewHomes(least=LEAST_HOMES)
    return homes


def _locked(viewer: Viewer, question_id: UUID, step: str) -> Question:
    """The question under lock, if this step may be taken by this viewer as it stands now."""
    question = Question.objects.filter(id=question_id).first()
    if question is None:
        raise NotFound
    if not queries.may_take(viewer, question, step):
        raise NotAllowed
    question = Question.objects.select_for_update().get(id=question_id)
    if (step, question.state) not in STEPS:
        raise QuestionStepNotPossible(state=question.state)
    return question


def _one_by_one(department: str) -> None:
    """Two questions of a department that are accepted at the same moment know of one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('visits:questions:' || %s, 0))", [department]
        )


def _decide(viewer: Viewer, question: Question, step: str, now: datetime, *fields: str) -> None:
    question.state = STEPS[step, question.state]
    question.decided_by_id, question.decided_at = viewer.account_id, now
    question.save(update_fields=["state", "decided_by_id", "decided_at", *fields])


def _record(viewer: Viewer, question: Question, verb: str, now: datetime, **told: Any) -> None:
    record(
        viewer,
        verb=verb,
        subject=question.subject,
        path=question.path,
        at=now,
        source="desk" if viewer.account_id else "",
        **told,
    )
