"""One case with all that hangs on it, what lies near it, and who may see its photos."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.access import Viewer
from wangge.base.calendar import CHINA
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Attachment, Case, Note, Summons, Task
from wangge.cases.queries.notes import notes_of
from wangge.cases.queries.pages import case_by_id
from wangge.journal.models import Entry
from wangge.journal.queries import story_of
from wangge.staff.queries import names_of


@dataclass(frozen=True)
class CaseDetail:
    """What a case's page shows. What the viewer may do next is asked apart (`moves_for`). `names` are the people's by account."""

    case: Case
    entries: list[Entry]
    tasks: list[Task]
    summonses: list[Summons]
    attachments: list[Attachment]
    notes: list[Note]
    names: dict[int, str]
    #: Entries of the journal that are older than those shown.
    earlier: int


def case_detail(viewer: Viewer, case_id: UUID, *, before: int | None = None, most: int = 500) -> CaseDetail:
    """The case with its newest entries, `most` of them, or those before the one with the id `before`.

    NotFound when it is not there, or not the viewer's to see.
    """
    case = case_by_id(viewer, case_id)
    entries, earlier = story_of(viewer, case.subject, before=before, most=most)
    tasks = list(Task.objects.filter(case_id=case.id).order_by("id"))
    summonses = list(Summons.objects.filter(case_id=case.id).order_by("id"))
    people = {
        case.reported_by_id,
        case.handler_id,
        case.handled_by_id,
        case.verified_by_id,
        case.closed_by_id,
    }
    people |= {task.answered_by_id for task in tasks}
    people |= {person for summons in summonses for person in (summons.called_by_id, summons.arrived_by_id)}
    return CaseDetail(
        case=case,
        entries=entries,
        tasks=tasks,
        summonses=summonses,
        attachments=attachments_of(viewer, case),
        notes=notes_of(viewer, case),
        names=names_of([person for person in people if person is not None]),
        earlier=earlier,
    )


def attachments_of(viewer: Viewer, case: Case) -> list[Attachment]:  # noqa: ARG001 - the row policy uses it
    """A case's photos, voices and documents, in the order in which they came, each with its blob."""
    return list(Attachment.objects.filter(case_id=case.id).select_related("blob").order_by("id"))


@dataclass(frozen=True)
class Relatives:
    """Cases that this one was split from or into, went into, or took in; as far as the viewer may see them."""

    whole: Case | None
    parts: list[Case]
    into: Case | None
    taken_in: list[Case]


def relatives_of(viewer: Viewer, case: Case) -> Relatives:  # noqa: ARG001 - the row policy uses it
    """What a case became and came from, each list in the order of numbers."""
    above = Case.objects.in_bulk([each for each in (case.split_from_id, case.merged_into_id) if each])
    return Relatives(
        whole=above.get(case.split_from_id) if case.split_from_id else None,
        parts=list(Case.objects.filter(split_from_id=case.id).order_by("number")[:100]),
        into=above.get(case.merged_into_id) if case.merged_into_id else None,
        taken_in=list(Case.objects.filter(merged_into_id=case.id, state="merged").order_by("number")[:100]),
    )


def sees_attachment(viewer: Viewer, digest: str) -> bool:  # noqa: ARG001 - the row policy uses it
    """Whether a case that the viewer sees carries this blob."""
    return Attachment.objects.filter(blob_id=digest).exists()


def waited(case: Case, now: datetime) -> timedelta:
    """How long the resident has waited, by the wall clock, which nothing pauses: until it was closed for good, or now."""
    ended = case.closed_at if case.state == "closed" and case.closed_at else now
    return max(ended - case.reported_at, timedelta())


def working_minutes_left(case: Case, now: datetime) -> int | None:
    """Working minutes until the office's deadline, negative when it has passed; None when no clock runs.

    A suspended case's clock stands still: its deadline is moved on when it resumes, so what was left then is left now.
    """
    if case.due_at is None or case.state not in OPEN:
        return None
    at = case.suspended_at if case.state == "suspended" and case.suspended_at else now
    if at <= case.due_at:
        return CHINA.working_minutes_between(at, case.due_at)
    return -CHINA.working_minutes_between(case.due_at, at)
