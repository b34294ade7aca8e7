"""Who works in which grid of a draft: proposed anew, put by hand at a price, taken away again."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import locked_plan, tell
from wangge.plans.models import Plan, PlanGrid, PlanPosts
from wangge.plans.queries.posting import held_posts, posting_facts
from wangge.plans.queries.proofs import digest_of
from wangge.plans.rules.posting import beside, proposed
from wangge.plans.rules.problems import NoWorkers, PlanStepNotPossible

Held = Mapping[tuple[str, str], int]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def propose_posts(viewer: Viewer, plan_id: UUID, *, held: Held | None = None, now: datetime) -> PlanPosts:
    """The best there is for the draft's division, with what was put by hand; `held` (kind and grid → account) takes its place.

    What was held in a grid that the plan no longer has is let go. NoWorkers where nobody has such a post; NotFound, NotAllowed,
    PlanStepNotPossible, Invalid.
    """
    plan = _draft(viewer, plan_id)
    return _proposed(
        viewer, plan, held_posts(plan) if held is None else held, strict=held is not None, now=now
    )


def hold_post(
    viewer: Viewer, plan_id: UUID, *, kind: str, grid: str, account: int | None, now: datetime
) -> PlanPosts:
    """Puts a worker into a grid by hand, and has the others proposed anew around that; without an account what was put there is let
    go. As `propose_posts`.
    """
    plan = _draft(viewer, plan_id)
    held = held_posts(plan)
    if account is None:
        held.pop((kind, grid), None)
    else:
        walkers, _grounds = posting_facts(plan, now=now)
        held = beside(walkers, held, kind=kind, grid=grid, account=account)
        held[kind, grid] = account
    return _proposed(viewer, plan, held, strict=account is not None, now=now)


def remove_posts(viewer: Viewer, plan_id: UUID, *, now: datetime) -> None:
    """The plan says nothing of posts any more: workers of grids that go on stay, the others lose theirs."""
    plan = _draft(viewer, plan_id)
    gone, _by_table = PlanPosts.objects.filter(plan_id=plan.id).delete()
    if gone:
        tell(viewer, plan, "plan.posts-removed", now)


def _draft(viewer: Viewer, plan_id: UUID) -> Plan:
    plan = locked_plan(plan_id)
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    if plan.state != lifecycle.DRAFT:
        raise PlanStepNotPossible(state=plan.state)
    return plan


def _proposed(viewer: Viewer, plan: Plan, held: Held, *, strict: bool, now: datetime) -> PlanPosts:
    walkers, grounds = posting_facts(plan, now=now)
    if not walkers:
        raise NoWorkers
    known = {(each.kind, each.account) for each in walkers}
    codes = {ground.code for ground in grounds}
    possible = {
        (kind, grid): who for (kind, grid), who in held.items() if grid in codes and (kind, who) in known
    }
    if strict and len(possible) < len(held):
        raise Invalid(field="account", expected=_("somebody with such a post in the area"))
    found = proposed(walkers, grounds, possible)
    kept = PlanPosts.objects.filter(plan_id=plan.id).first() or PlanPosts(plan=plan, path=plan.path)
    kept.division, kept.at, kept.by_id = digest_of(plan), now, viewer.account_id
    kept.rows = [seat.as_json() for seat in found.seats]
    kept.left = [list(each) for each in found.left]
    kept.save()
    tell(
        viewer, plan, "plan.posts-proposed", now,
        grids=PlanGrid.objects.filter(plan_id=plan.id).count(), held=len(possible),
        without=sum(seat.account is None for seat in found.seats),
    )  # fmt: skip
    return kept
