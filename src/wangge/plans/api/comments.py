"""What is said of a plan while it is consulted, and what the office answers."""

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
from wangge.plans.queries.plans import plan_by_id
from wangge.plans.queries.said import Said, comments_of
from wangge.plans.rules.receipts import REVEAL_REASONS

router = Router()


class CommentOut(Schema):
    """`at_own_door`: a resident wrote it on the public page, and nobody's name is known. `answer` is the office's, empty until there is one."""

    id: UUID
    grid: str
    grid_name: str
    side: str
    text: str
    at: datetime
    name: str
    at_own_door: bool
    answer: str
    answered_at: datetime | None
    answered_by: str


class CommentIn(Schema):
    model_config = ConfigDict(extra="forbid")
    grid: AreaCode | None = None
    side: Literal["residents", "worker", "lead"]
    text: text(1000, least=1, name="text")  # type: ignore[valid-type]


class CommentAnswerIn(Schema):
    model_config = ConfigDict(extra="forbid")
    text: text(1000, least=1, name="text")  # type: ignore[valid-type]


class CommentPhoneIn(Schema):
    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    why: Literal[REVEAL_REASONS]  # type: ignore[valid-type]  # the rule's own


class CommentPhoneOut(Schema):
    phone: str


@router.get("/{uuid:plan_id}/comments", response={200: list[CommentOut], **problems(404)})
def plan_comments(request: Asked, plan_id: UUID) -> Any:
    """What was said of a plan, the newest first."""
    return [_comment(said) for said in comments_of(request.viewer, plan_by_id(request.viewer, plan_id))]


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
    return _comment(Said(made, request.viewer.name, ""))


@router.put(
    "/{uuid:plan_id}/comments/{uuid:comment_id}/answer", response={200: CommentOut, **problems(403, 404)}
)
def answer_plan_comment(request: Asked, plan_id: UUID, comment_id: UUID, given: CommentAnswerIn) -> Any:
    """The office's answer; written anew, the last one stands. Who wrote the comment on the public page reads it with their code."""
    answered = actions.answer_comment(request.viewer, plan_id, comment_id, text=given.text, now=clock.now())
    plan = plan_by_id(request.viewer, plan_id)
    return _comment(next(said for said in comments_of(request.viewer, plan, only=answered.id)))


@router.post(
    "/{uuid:plan_id}/comments/{uuid:comment_id}/phone",
    response={200: CommentPhoneOut, **problems(403, 404, 409)},
)
def reveal_comment_phone(request: Asked, plan_id: UUID, comment_id: UUID, given: CommentPhoneIn) -> Any:
    """The number that a resident left for an answer, for a reason that the journal keeps."""
    number = actions.reveal_comment_phone(
        request.viewer, plan_id, comment_id, why=given.why, command_id=given.command_id, now=clock.now()
    )
    return {"phone": number}


def _comment(said: Said) -> dict[str, Any]:
    kept = said.comment
    facts = {
        field: getattr(kept, field)
        for field in ("id", "grid_name", "side", "text", "at", "answer", "answered_at")
    }
    return {
        **facts,
        "grid": kept.grid_code,
        "name": said.name,
        "at_own_door": kept.by_id is None,
        "answered_by": said.answered_by,
    }
