"""Who would work in which grid of a plan."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line
from wangge.plans import actions
from wangge.plans.queries import posting as queries
from wangge.plans.queries.plans import plan_by_id

router = Router()


class PriceOut(Schema):
    """Minutes a year more for the whole, households more that get somebody who does not know them, grids more without anybody."""

    minutes: int
    strangers: int
    without: int


class PostRowOut(Schema):
    """`visited`: households called on in the last year; `own`: the others of the grid where they work today. `before`: these grids."""

    kind: str
    grid: str
    grid_name: str
    account: int | None
    name: str
    before: list[str]
    households: int
    visited: int
    own: int
    hours: int
    held: bool
    price: PriceOut | None


class LeftOut(Schema):
    kind: str
    name: str


class PlanPostsOut(Schema):
    """`stale`: the division changed since. `left`: workers without a grid of their own."""

    rows: list[PostRowOut]
    left: list[LeftOut]
    at: datetime | None
    stale: bool


class HeldIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: line(40, name="kind")  # type: ignore[valid-type]
    grid: AreaCode
    account: Annotated[int, Field(ge=1, le=2**63 - 1)]


class PostsIn(Schema):
    """`held`: whom somebody put where, whatever it costs; left out, what was put before stays."""

    model_config = ConfigDict(extra="forbid")
    held: Annotated[list[HeldIn], Field(max_length=2_000)] | None = None


@router.get("/{uuid:plan_id}/posts", response={200: PlanPostsOut, **problems(403, 404)})
def plan_posts(request: Asked, plan_id: UUID) -> Any:
    """Who would work in which grid; empty where nothing is proposed."""
    return _posts(request, plan_id)


@router.put("/{uuid:plan_id}/posts", response={200: PlanPostsOut, **problems(403, 404, 409)})
def propose_posts(request: Asked, plan_id: UUID, given: PostsIn) -> Any:
    """Proposes who works in which grid of a draft, the best there is around what is held by hand."""
    held = None if given.held is None else {(one.kind, one.grid): one.account for one in given.held}
    actions.propose_posts(request.viewer, plan_id, held=held, now=clock.now())
    return _posts(request, plan_id)


@router.delete("/{uuid:plan_id}/posts", response={200: PlanPostsOut, **problems(403, 404, 409)})
def remove_posts(request: Asked, plan_id: UUID) -> Any:
    """The plan says nothing of posts any more."""
    actions.remove_posts(request.viewer, plan_id, now=clock.now())
    return _posts(request, plan_id)


@router.post("/{uuid:plan_id}/posts/price", response={200: PriceOut, **problems(403, 404)})
def price_of_post(request: Asked, plan_id: UUID, given: HeldIn) -> Any:
    """What it costs the whole to put this worker there by hand."""
    plan = plan_by_id(request.viewer, plan_id)
    return queries.price_of_post(request.viewer, plan, now=clock.now(), **given.model_dump())


def _posts(request: Asked, plan_id: UUID) -> Any:
    plan = plan_by_id(request.viewer, plan_id)
    found = queries.posts_of(request.viewer, plan, now=clock.now())
    if found is None:
        return {"rows": [], "left": [], "at": None, "stale": False}
    left = [{"kind": kind, "name": name} for kind, name in found.left]
    return {"rows": list(found.rows), "left": left, "at": found.at, "stale": found.stale}
