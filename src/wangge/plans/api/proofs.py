"""How good a division is: asked for, looked at, stopped."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.plans import actions
from wangge.plans.queries import proofs as queries
from wangge.plans.queries.plans import plan_by_id
from wangge.plans.rules.proving import MINUTES, MOST_MINUTES

router = Router()


class ProvenPartOut(Schema):
    """`share`: 0.1 is ten in a hundred; null while nothing is proven."""

    code: str
    name: str
    share: float | None
    steps: int
    running: bool


class ProofOut(Schema):
    """`share`: the root mean square of ways to the grids' middles is above the best possible by at most so much. `distance`: which ways, those that the
    plan is divided by: straight, or on foot along the streets that it knows. `stale`: of an earlier division, or about other ways.
    """

    state: str
    distance: Literal["straight", "walking"]
    stale: bool
    share: float | None
    minutes: int
    asked_at: datetime
    proven_at: datetime | None
    ended_at: datetime | None
    parts: list[ProvenPartOut]


class ProofIn(Schema):
    """`minutes`: for each community, at most."""

    model_config = ConfigDict(extra="forbid")
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] = MINUTES


@router.get("/{uuid:plan_id}/proof", response={200: ProofOut | None, **problems(404)})
def plan_proof(request: Asked, plan_id: UUID) -> Any:
    """What is proven so far of how good the division is; null when nobody asked."""
    return queries.proof_of(request.viewer, plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/proof", response={200: ProofOut | None, **problems(403, 404, 409)})
def prove_plan(request: Asked, plan_id: UUID, given: ProofIn) -> Any:
    """Has it proven in the background, community by community; what was proven of the same division stays."""
    actions.ask_proof(request.viewer, plan_id, minutes=given.minutes, now=clock.now())
    return queries.proof_of(request.viewer, plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/proof/stop", response={200: ProofOut | None, **problems(403, 404, 409)})
def stop_proof(request: Asked, plan_id: UUID) -> Any:
    """Stops proving; what is proven stays."""
    actions.stop_proof(request.viewer, plan_id, now=clock.now())
    return queries.proof_of(request.viewer, plan_by_id(request.viewer, plan_id))
