"""What the viewer may do next with a case."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, Problem
from wangge.cases.lifecycle import verb_of, who_of
from wangge.cases.models import Case
from wangge.cases.rules import Move, Standing, StepNotPossible, possible_moves, relation_holds

#: Steps at which a photo shows the place after the work.
PROOF_STEPS = ("handle", "verify", "close")


def standing_of(case: Case) -> Standing:
    """The case as the rules see it: with its item's version, its open tasks and whether a photo shows the work."""
    open_tasks = case.tasks.filter(answered_at__isnull=True, withdrawn=False).values_list(
        "office_id", "department_id"
    )
    return Standing(
        state=case.state,
        path=case.path,
        holder_path=case.holder_path,
        holder_level=case.holder_level,
        handler_id=case.handler_id,
        reported_by_id=case.reported_by_id,
        handled_by_id=case.handled_by_id,
        open_offices=frozenset(f"{office}/{department}" for office, department in open_tasks),
        suspended_from=case.suspended_from,
        suspensions=case.suspensions,
        was_dispatched=bool(case.handler_id or case.department),
        ended_at=case.closed_at,
        summons=case.item_version.summons,
        proof=case.item_version.proof,
        has_photo=case.state == "handled"
        and case.attachments.filter(step__in=PROOF_STEPS, blob__kind="photo").exists(),
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
