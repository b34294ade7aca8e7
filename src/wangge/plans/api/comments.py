"""What is said of a plan while it is consulted."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, text
from wangge.plans import actions
from wangge.plans.queries import plans as queries

router = Router()


class CommentOut(Schema):
    id: UUID
    grid: str
    grid_name: str
    side: str
    text: str
    at: datetime
    name: str


class CommentIn(Schema):
    model_config = ConfigDict(extra="forbid")
    grid: AreaCode | None = None
    side: Literal["residents", "worker", "lead"]
    text: text(1000, least=1, name="text")  # type: ignore[valid-type]


@router.get("/{uuid:plan_id}/comments", response={200: list[CommentOut], **problems(404)})
def plan_comments(request: Asked, plan_id: UUID) -> Any:
    """What was said of a plan, the newest first."""
    found = queries.comments_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))
    return [_comment(said.comment, said.name) for said in found]


@router.put(
    "/{uuid:plan_id}/comments/{uuid:comment_id}", response={200: CommentOut, **problems(403, 404, 409)}
)
def comment_on_plan(request: Asked, plan_id: UUID, comment_id: UUID, given: CommentIn) -> Any:
    """Says something of a plan that is consulted; the same id again is the same comment."""
    made = actions.comment_on_plan(
        request.viewer,
        plan_id,
        comment_id,
        grid=given.grid or "",
        side=given.side,
        text=given.text,
        now=clock.now(),
    )
    return _comment(made, request.viewer.name)


def _comment(kept: Any, name: str) -> dict[str, Any]:
    facts = {field: getattr(kept, field) for field in ("id", "grid_name", "side", "text", "at")}
    return {**facts, "grid": kept.grid_code, "name": name}
