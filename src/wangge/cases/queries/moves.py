"""What the viewer may do next with a case."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed, Problem
from wangge.cases.lifecycle import verb_of, who_of
from wangge.cases.models import Attachment, Case, Task
from wangge.cases.rules import Move, Standing, StepNotPossible, possible_moves, relation_holds

#: Steps at which a photo shows the place after the work.
PROOF_STEPS = ("handle", "verify", "close")
_SHOWS_THE_WORK = Q(step__in=PROOF_STEPS, blob__kind="photo")


def may_tell_of_arrival(viewer: Viewer, holder_path: str, office: str) -> bool:
    """Whether the viewer may say that a summoned office has come: who works at the office, or the desk that sees them there."""
    return viewer.may(Verb.CASE_HANDLE, holder_path) or (
        office in viewer.department_keys and viewer.may_anywhere(Verb.CASE_HANDLE)
    )


def standing_of(case: Case) -> Standing:
    """The case as the rules see it: with its item's version, its open tasks and whether a photo shows the work."""
    open_tasks = case.tasks.filter(answered_at__isnull=True, withdrawn=False).values_list(
        "office_id", "department_id"
    )
    shown = case.state == "handled" and case.attachments.filter(_SHOWS_THE_WORK).exists()
    return _standing(case, frozenset(f"{office}/{department}" for office, department in open_tasks), shown)


def standings_of(cases: Sequence[Case]) -> dict[UUID, Standing]:
    """The same of many cases, asked at once."""
    offices: dict[UUID, set[str]] = {case.id: set() for case in cases}
    open_tasks = Task.objects.filter(case_id__in=offices, answered_at__isnull=True, withdrawn=False)
    for case_id, office, department in open_tasks.values_list("case_id", "office_id", "department_id"):
        offices[case_id].add(f"{office}/{department}")
    handled = [case.id for case in cases if case.state == "handled"]
    shown = set(
        Attachment.objects.filter(_SHOWS_THE_WORK, case_id__in=handled).values_list("case_id", flat=True)
        if handled
        else ()
    )
    return {case.id: _standing(case, frozenset(offices[case.id]), case.id in shown) for case in cases}


def _standing(case: Case, open_offices: frozenset[str], has_photo: bool) -> Standing:
    return Standing(
        state=case.state,
        path=case.path,
        holder_path=case.holder_path,
        holder_level=case.holder_level,
        handler_id=case.handler_id,
        reported_by_id=case.reported_by_id,
        handled_by_id=case.handled_by_id,
        open_offices=open_offices,
        suspended_from=case.suspended_from,
        suspensions=case.suspensions,
        was_dispatched=bool(case.handler_id or case.department),
        ended_at=case.closed_at,
        summons=case.item_version.summons,
        proof=case.item_version.proof,
        has_photo=has_photo,
    )


def cases_for_step(
    viewer: Viewer, case_ids: Iterable[UUID], step: str, *, now: datetime
) -> list[tuple[Case, Problem | None]]:
    """Each of these cases that the viewer sees, newest first, with what stands against the step on it; None: nothing does."""
    found = Case.objects.filter(id__in=list(case_ids)).select_related("item_version")
    return [(case, _against(viewer, case, step, now)) for case in found.order_by("-reported_at", "-id")]


def _against(viewer: Viewer, case: Case, step: str, now: datetime) -> Problem | None:
    standing = standing_of(case)
    if not relation_holds(standing, viewer, verb_of(step), who_of(step)):
        return NotAllowed()
    if step not in {move.step for move in possible_moves(standing, viewer, now)}:
        return StepNotPossible(state=case.state, step=step, missing=[])
    return None


def moves_for(viewer: Viewer, case: Case, *, now: datetime, standing: Standing | None = None) -> list[Move]:
    """The steps open to the viewer, each with what its form must ask for. Who has the case's `standing` need not ask again."""
    return possible_moves(standing or standing_of(case), viewer, now)
