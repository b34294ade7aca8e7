"""Departments' questions: who sees and decides them, how far they are, and what was said, without anybody's door."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection

from wangge.access import Seat, Verb, Viewer
from wangge.base.private import Place
from wangge.base.problems import NotFound
from wangge.visits.models import Errand, Question, Reply, Visit
from wangge.visits.rules import QUESTION_STATES
from wangge.visits.rules.questions import Said, options, shown

MOST_LINES = 500
_COMPARED_FOR = timedelta(days=366)
"""Against questions that were accepted within this time a new one is held."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Households asked; who answered, who would not, who moved away; at the others whether nobody was home at the last call, or
    another outcome; the rest wait.
    """

    asked: int = 0
    answered: int = 0
    declined: int = 0
    gone: int = 0
    nobody_home: int = 0
    otherwise: int = 0

    @property
    def waiting(self) -> int:
        return self.asked - self.answered - self.declined - self.gone - self.nobody_home - self.otherwise


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said by so many households (`count`): how many chose each, or the sum of numbers, or the lines.

    Between two looks it is told of ten more or of none, so that nothing of one household comes of a subtraction. `told`: whether
    there is anything to tell; of a question that is `withheld_for` another never.
    """

    told: bool
    choices: tuple[tuple[str, int], ...] = ()
    count: int = 0
    total: Decimal | None = None
    lines: tuple[str, ...] = ()

    @property
    def mean(self) -> Decimal | None:
        return self.total / self.count if self.total is not None and self.count else None


def seats_that_ask(viewer: Viewer) -> list[Seat]:
    """The viewer's seats in departments that may ask at doors."""
    return [seat for seat in viewer.seats if seat.department and Verb.QUESTION_ASK in seat.verbs]


def may_take(viewer: Viewer, question: Question, step: str) -> bool:
    """Whether the viewer may take this step: the office decides, but nobody what they asked themselves; it and the department that
    asks end it.
    """
    if viewer.may(Verb.VISIT_PLAN, question.path):
        return step != "accept" or question.asked_by_id != viewer.account_id
    return step == "end" and viewer.may(Verb.QUESTION_ASK, question.path, [question.department_key])


def questions(viewer: Viewer, *, state: str = "", limit: int = 200) -> list[Question]:
    """Those that the viewer's department asked, or that are asked in areas where they plan visits; waiting ones first."""
    keys = {seat.department_key for seat in seats_that_ask(viewer)}
    rows = Question.objects.filter(state=state) if state else Question.objects.all()
    found = [
        row
        for row in rows.order_by("-asked_at")[: limit * 4]
        if row.department_key in keys or viewer.may(Verb.VISIT_PLAN, row.path)
    ]
    return sorted(found, key=lambda row: QUESTION_STATES.index(row.state) > 0)[:limit]


def question_by_id(viewer: Viewer, question_id: UUID) -> Question:
    """NotFound also for who neither asked nor decides: at doors it is read on the phone."""
    found = Question.objects.filter(id=question_id).first()
    if found is None or not may_take(viewer, found, "end"):
        raise NotFound
    return found


def questions_by_id(viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Question]:  # noqa: ARG001 - the row policy uses it
    return Question.objects.in_bulk(list(ids)) if ids else {}


def questions_of(viewer: Viewer, errands: Collection[Errand]) -> dict[UUID, Question]:
    """The questions that stand behind these errands, by their ids."""
    return questions_by_id(viewer, {row.ref for row in errands if row.kind == "question" and row.ref})


def homes_to_ask(viewer: Viewer, path: str, *, plot: bool) -> int:  # noqa: ARG001 - the function uses it
    """How many households a question would be asked; 0 where they are fewer than ten."""
    with connection.cursor() as cursor:
        cursor.execute("select visits_question_homes(%s::ltree, %s)", [path, plot])
        (count,) = cursor.fetchone()
    return int(count)


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier question of the same department: sums of both, one less the other, would tell of fewer than ten households.
    `question` is None where the viewer does not see it.
    """

    id: UUID
    question: Question | None


def near_to(
    viewer: Viewer, path: str, *, plot: bool, department: str, question: UUID | None = None, now: datetime
) -> Near | None:
    """The earlier question whose households a question with this ground would be too near to; of several, also taken together, the one
    that differs least. A question that asks the same households, or others of whom at least ten differ, is near to none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select visits_question_near(%s::ltree, %s, %s, %s, %s)",
            [path, plot, department, question, now - _COMPARED_FOR],
        )
        (found,) = cursor.fetchone()
    return _near(viewer, found)


def near_of(viewer: Viewer, question: Question, *, now: datetime) -> Near | None:
    """For which earlier question this one tells nothing, or would tell nothing if it were accepted now."""
    if question.state == "waiting":
        return near_to(
            viewer,
            question.path,
            plot=question.plot,
            department=question.department,
            question=question.id,
            now=now,
        )
    return _near(viewer, question.withheld_for)


def _near(viewer: Viewer, found: UUID | None) -> Near | None:
    return Near(found, questions_by_id(viewer, [found]).get(found)) if found else None


def progress_of(viewer: Viewer, question: Question) -> Progress:  # noqa: ARG001 - the function uses it
    with connection.cursor() as cursor:
        cursor.execute("select * from visits_question_counts(%s)", [question.id])
        return Progress(*cursor.fetchone())


def answers_to(viewer: Viewer, question: Question) -> Answers:  # noqa: ARG001 - the functions use it
    """What was said. No household is named, and of fewer than ten nothing is told."""
    if question.answer == "line":
        lines = _lines(question)
        return Answers(told=bool(lines), count=len(lines), lines=lines[:MOST_LINES])
    with connection.cursor() as cursor:
        cursor.execute("select * from visits_question_sums(%s)", [question.id])
        rows = cursor.fetchall()
    if not rows:
        return Answers(told=False)
    if question.answer == "number":
        count, total = next(((count, total) for _choice, count, total in rows), (0, None))
        return Answers(told=True, count=count, total=total)
    counts = {choice: count for choice, count, _total in rows}
    chosen = tuple(
        (word, counts.get(place, 0)) for place, word in enumerate(options(question.answer, question.words))
    )
    return Answers(told=True, choices=chosen, count=sum(counts.values()))


def _lines(question: Question) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("select * from visits_question_lines(%s, %s)", [question.id, MOST_LINES + 1])
        rows = cursor.fetchall()
    keys = settings.PRIVATE_KEYS
    return tuple(
        keys.open(bytes(line), Place(Reply._meta.db_table, "line", str(reply))) for reply, line in rows
    )


def replies_at(viewer: Viewer, visits: Collection[Visit]) -> dict[UUID, list[Reply]]:  # noqa: ARG001 - the row policy uses it
    """What was said at these visits to questions, each with its question."""
    found: dict[UUID, list[Reply]] = {}
    rows = Reply.objects.filter(visit__in=[visit.id for visit in visits]).select_related("question")
    for row in rows.order_by("id"):
        found.setdefault(row.visit_id, []).append(row)
    return found


def said_in(reply: Reply) -> str:
    """A reply as it was said; empty when they would not answer."""
    question = reply.question
    return shown(question.answer, question.words, Said(reply.choice, reply.number, reply.line))


def being_asked() -> list[UUID]:
    """Accepted questions of which some doors have no errand yet, the longest waiting first."""
    rows = Question.objects.filter(state="running", all_asked=False).order_by("decided_at")
    return list(rows.values_list("id", flat=True))


def over(today: date) -> list[UUID]:
    """Questions that wait or run, and whose last day is over."""
    rows = Question.objects.filter(state__in=("waiting", "running"), to_on__lt=today)
    return list(rows.order_by("to_on").values_list("id", flat=True))
