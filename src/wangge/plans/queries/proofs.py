"""What is proven of a plan's division, and its four principles as figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from wangge.access import Viewer
from wangge.plans import lifecycle
from wangge.plans.models import Plan, PlanProof
from wangge.plans.queries.plans import content_by_plan, may_draft, names_of
from wangge.plans.rules.principles import principles_of
from wangge.plans.rules.proving import distance_of, division_digest, share_of, share_of_all

#: So many proofs that one account asked for may wait or run: each wants the processors for minutes a community.
MOST_OWN = 3


@dataclass(frozen=True, slots=True)
class ProvenPart:
    """Of one community: `share` as of a proof; None while nothing is proven. `running`: it may rise yet."""

    code: str
    name: str
    share: float | None
    steps: int
    running: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """`share`: the root mean square of ways within grids is above that of the best division there could be by at most so much
    (0.1: ten in a hundred); None until something is proven of each community. `distance`: which ways these are. `stale`: it is of an earlier
    division, or was not about the ways that the plan is divided by (`other_ways`).
    """

    state: str
    distance: str
    stale: bool
    other_ways: bool
    share: float | None
    minutes: int
    asked_at: datetime
    proven_at: datetime | None
    ended_at: datetime | None
    parts: tuple[ProvenPart, ...]


def proof_of(viewer: Viewer, plan: Plan) -> Proof | None:  # noqa: ARG001 - the row policy uses it
    """What is proven so far; None when nobody asked for it."""
    kept = PlanProof.objects.filter(plan_id=plan.id).first()
    if kept is None:
        return None
    codes = list(content_by_plan(plan).communities)
    names = names_of(codes)
    return Proof(
        state=kept.state,
        distance=kept.distance,
        stale=kept.division != proof_digest_of(plan),
        other_ways=kept.distance != distance_of(plan.figures),
        share=share_of_all(kept.parts, codes),
        minutes=kept.minutes,
        asked_at=kept.asked_at,
        proven_at=kept.proven_at,
        ended_at=kept.ended_at,
        parts=tuple(_part(code, names.get(code, code), kept, kept.parts.get(code)) for code in codes),
    )


def _part(code: str, name: str, kept: PlanProof, part: Mapping[str, Any] | None) -> ProvenPart:
    running = kept.state == "running" and not (part and part["done"])
    if part is None:
        return ProvenPart(code, name, None, 0, running)
    return ProvenPart(code, name, share_of(part["found"], part["least"]), part["steps"], running)


def digest_of(plan: Plan) -> str:
    """Of the plan's division as it is now."""
    return division_digest(plan.labels, plan.low, plan.high)


def proof_digest_of(plan: Plan) -> str:
    """The same, with the ways that the plan is divided by: what a proof of it is of."""
    return division_digest(plan.labels, plan.low, plan.high, distance_of(plan.figures), plan.ground_ids)


def may_prove(viewer: Viewer, plan: Plan) -> bool:
    """Who may draft the plan, as long as it can still be decided."""
    return plan.state not in lifecycle.FIXED and may_draft(viewer, plan.path)


def too_many_own(viewer: Viewer, plan: Plan) -> int:
    """How many other proofs of the viewer's wait or run, where they are as many as may; 0 where there is room for this plan's."""
    own = PlanProof.objects.filter(state="running", asked_by_id=viewer.account_id).exclude(plan_id=plan.id)
    count = own.count()
    return count if count >= MOST_OWN else 0


def principles_before_and_after(plan: Plan) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The four principles of today's grids and of the plan's; computed where a plan was kept before there were such figures."""
    before, after = plan.figures_today.get("principles"), plan.figures.get("principles")
    if before is None or after is None:
        content = content_by_plan(plan)
        labels = np.array(plan.labels, np.int64)
        before = before or principles_of(content, content.today, low=plan.low, high=plan.high).whole
        after = after or principles_of(content, labels, low=plan.low, high=plan.high).whole
    return before, after


def running_proofs() -> list[PlanProof]:
    """What is to be proven, within the viewer's areas; what was asked for first comes first."""
    return list(
        PlanProof.objects.filter(state="running").select_related("plan").order_by("asked_at", "plan_id")
    )
