"""The steps between the states that write nothing but the plan itself, and what is said of it."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from wangge.access import Viewer
from wangge.access.viewer import lies_in
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.base.text import clean_line, clean_text
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import locked_plan, tell
from wangge.plans.actions.proving import begin_proof
from wangge.plans.models import Plan, PlanComment, PlanGrid, PlanPosts, PlanProof
from wangge.plans.queries.plans import may_comment, may_take, plan_by_id, sides_for
from wangge.plans.queries.proofs import digest_of, proof_digest_of
from wangge.plans.rules.asking import still_asked
from wangge.plans.rules.figures import UNEXCUSED
from wangge.plans.rules.problems import (
    OwnApproval,
    PlanStepNotPossible,
    PostsStale,
    ResidentsStillAsked,
    RulesBroken,
    TooManyProofs,
    Uncovered,
)
from wangge.staff.queries import own_id

#: These two move records, and stand in `applying` and `undoing`.
_ELSEWHERE = ("apply", "undo")
_TOLD = {
    "check": "plan.checked",
    "consult": "plan.consulted",
    "approve": "plan.approved",
    "reopen": "plan.reopened",
    "withdraw": "plan.withdrawn",
}
LONGEST_REASON = 400
#: So long residents may comment, unless the office says otherwise; and at most.
CONSULTED = timedelta(days=14)
LONGEST_CONSULTED = timedelta(days=183)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def take_step(
    viewer: Viewer, plan_id: UUID, step: str, *, reason: str = "", until: date | None = None, now: datetime
) -> Plan:
    """Checks, consults, approves, reopens or withdraws a plan.

    Checking refuses buildings without a grid (Uncovered), posts proposed for another division (PostsStale) and, without a `reason`,
    broken rules (RulesBroken). Consulting lays it open to residents, who may comment `until` a day (two weeks unless said otherwise). Approving is
    done from above, by somebody else than who drafted or checked it (OwnApproval), with a `reason` or without; before the day that residents
    were told is over only with one (ResidentsStillAsked). PlanStepNotPossible, NotAllowed, NotFound.
    """
    plan = locked_plan(plan_id)
    line = lifecycle.line_of(plan.state, step)
    if line is None or step in _ELSEWHERE:
        raise PlanStepNotPossible(state=plan.state)
    if not may_take(viewer, plan, line):
        raise NotAllowed
    said = clean_line(reason, limit=LONGEST_REASON, name="reason")
    if line.reason and not said:
        raise Invalid(field="reason", expected=_("why"))
    told: dict[str, str] = {}
    if step == "check":
        _check(viewer, plan, said, now)
    elif step == "consult":
        plan.consulted_at, plan.comment_until = now, _last_day(until, now)
        told["comment_until"] = plan.comment_until.isoformat()
    elif step == "approve":
        _approve(viewer, plan, said, now)
        if plan.approved_early:
            told["comment_until"] = str(plan.comment_until)
    elif step == "reopen":
        plan.checked_by_id = plan.approved_by_id = plan.approved_at = plan.apply_on = None
        plan.consulted_at = plan.comment_until = None
        plan.why, plan.approved_why, plan.stopped = "", "", []
    elif step == "withdraw":
        plan.apply_on = None
    plan.state = line.target
    plan.revision += 1
    plan.save()
    tell(viewer, plan, _TOLD[step], now, reason=said, **told)
    return plan


def _approve(viewer: Viewer, plan: Plan, said: str, now: datetime) -> None:
    if viewer.account_id in (plan.changed_by_id, plan.checked_by_id):
        raise OwnApproval
    if still_asked(plan.comment_until, now) and not said:
        raise ResidentsStillAsked(until=str(plan.comment_until))
    plan.approved_at, plan.approved_by_id, plan.approved_why = now, viewer.account_id, said


def _last_day(until: date | None, now: datetime) -> date:
    today = now.astimezone(SHANGHAI).date()
    last = until or today + CONSULTED
    if not today <= last <= today + LONGEST_CONSULTED:
        raise Invalid(field="until", expected=_("a day from today on, within half a year"))
    return last


def _check(viewer: Viewer, plan: Plan, said: str, now: datetime) -> None:
    left = [count for rule, _label, count in plan.broken if rule in UNEXCUSED]
    if left:
        raise Uncovered(count=sum(left))
    if plan.broken and not said:
        raise RulesBroken(count=len(plan.broken))
    if PlanPosts.objects.filter(plan_id=plan.id).exclude(division=digest_of(plan)).exists():
        raise PostsStale
    plan.why, plan.checked_by_id = said, viewer.account_id
    # Who decides will want to know how good it is: where nobody asked, the checking does. It needs no proof, and the page says why
    # none was begun.
    if not PlanProof.objects.filter(plan_id=plan.id, division=proof_digest_of(plan)).exists():
        with suppress(TooManyProofs):
            begin_proof(viewer, plan, now=now)


def comment_on_plan(
    viewer: Viewer, plan_id: UUID, comment_id: UUID, *, grid: str = "", side: str, text: str, now: datetime
) -> PlanComment:
    """Says something of a plan that is consulted, or of one of its grids; the same id again gives the same comment.

    The words stand with the plan, not in the journal.
    """
    plan = plan_by_id(viewer, plan_id)
    if not may_comment(viewer, plan):
        if plan.state != lifecycle.CONSULTED:
            raise PlanStepNotPossible(state=plan.state)
        raise NotAllowed
    if side not in sides_for(viewer, plan):
        raise Invalid(field="side", expected=", ".join(sides_for(viewer, plan)))
    said = clean_text(text, limit=1000, name="text")
    if not said:
        raise Invalid(field="text", expected=_("at least 1 character"))
    about = PlanGrid.objects.filter(plan_id=plan.id, code=grid).first() if grid else None
    if grid and about is None:
        raise NotFound
    known = PlanComment.objects.filter(id=comment_id).first()
    if known:
        if (known.plan_id, known.by_id, known.text) != (plan.id, viewer.account_id, said):
            raise OtherContent
        return known
    made = PlanComment.objects.create(
        id=comment_id,
        plan_id=plan.id,
        grid_code=about.code if about else "",
        grid_name=about.name if about else "",
        side=side,
        text=said,
        at=now,
        by_id=own_id(viewer),
    )
    tell(viewer, plan, "plan.commented", now, path=_told_at(viewer, plan), grid=made.grid_code, side=side)
    return made


def _told_at(viewer: Viewer, plan: Plan) -> str:
    """Where the journal has it: at the plan's area, or at the grid of whom sees no more."""
    if any(lies_in(plan.path, area) for area in viewer.scope):
        return str(plan.path)
    return next(area for area in viewer.scope if lies_in(area, plan.path))
