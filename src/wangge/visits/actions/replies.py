"""What was said at a door to departments' questions: read with the visit that it came with, written with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from wangge.base.ids import new_id
from wangge.visits.models import Errand, Question, Reply, Visit
from wangge.visits.rules import BadVisit
from wangge.visits.rules.questions import said_of


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class ReplyTold:
    """What a household said to a department's question; `declined`: they would not answer."""

    question: UUID
    said: str = ""
    declined: bool = False


def replies_of(visit: Visit, told: Iterable[ReplyTold], asked: Mapping[UUID, Question]) -> list[Reply]:
    """The rows of these replies. BadVisit where nobody was met, for a question that is not asked here or twice, and for a
    reply that does not fit it. A question that has ended meanwhile keeps what was said, too.
    """
    made: dict[UUID, Reply] = {}
    for each in told:
        question = asked.get(each.question)
        if question is None or question.state not in ("running", "ended") or each.question in made:
            raise BadVisit(field="replies", expected=_("questions that are asked here, each once"))
        if visit.outcome != "met":
            raise BadVisit(field="replies", expected=_("a visit at which somebody was met"))
        if each.declined == bool(each.said):
            raise BadVisit(field="replies", expected=_("what was said, or that they would not answer"))
        reply = Reply(
            id=new_id(),
            question=question,
            visit=visit,
            household_id=visit.household_id,
            path=visit.path,
            declined=each.declined,
            happened_at=visit.happened_at,
            at=visit.at,
            by_id=visit.entered_by_id,
        )
        if not each.declined:
            said = said_of(question.answer, question.words, each.said)
            reply.choice, reply.number, reply.line = said.choice, said.number, said.line
        made[each.question] = reply
    return list(made.values())


def replied_errands(errands: Iterable[Errand]) -> frozenset[UUID]:
    """Those of these errands that are done by a reply: a department's question that stands at many doors."""
    asking = {row.id: row.ref for row in errands if row.kind == "question" and row.ref}
    if not asking:
        return frozenset()
    known = set(Question.objects.filter(id__in=set(asking.values())).values_list("id", flat=True))
    return frozenset(errand for errand, question in asking.items() if question in known)
