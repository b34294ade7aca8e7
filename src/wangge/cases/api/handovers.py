"""Posts that change hands, leave and ends of accounts over HTTP: with what lies on them, so they stand above `staff`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import Day
from wangge.base.problems import NotFound
from wangge.cases import actions, queries
from wangge.staff.api.posts import AssignmentOut, EndIn, assignment_shown


class HandoverIn(Schema):
    model_config = ConfigDict(extra="forbid")
    to_account: Annotated[int, Field(ge=1, le=2**63 - 1)]
    from_on: Day
    part: Literal["full_time", "part_time"] = "full_time"


class LeaveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    from_on: Day
    to_on: Day
    stand_in: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class HandoverOut(Schema):
    id: int
    post: int | None
    from_account: int
    to_account: int | None
    kind: str
    at: datetime
    listed: list[dict[str, Any]]


handovers = Router(tags=["staff"])


def _handover(made: Any) -> dict[str, Any]:
    told = {name: getattr(made, name) for name in ("id", "kind", "at", "listed")}
    return {
        **told,
        "post": made.post_id,
        "from_account": made.from_account_id,
        "to_account": made.to_account_id,
    }


@handovers.get("/handovers", response={200: list[HandoverOut], **problems(403)})
def list_handovers(request: Asked) -> list[dict[str, Any]]:
    """What was handed over to or by the viewer, or in their areas; newest first."""
    return [_handover(made) for made in queries.handovers(request.viewer)]


@handovers.post(
    "/assignments/{assignment_id}/hand-over", response={200: HandoverOut, **problems(403, 404, 409)}
)
def hand_over_post(request: Asked, assignment_id: int, command: HandoverIn) -> dict[str, Any]:
    """A post changes hands: what was open, promised and due goes to the successor in one step."""
    if not 0 < assignment_id < 2**63:
        raise NotFound
    return _handover(
        actions.hand_over_post(request.viewer, assignment_id, **command.model_dump(), now=clock.now())
    )


@handovers.post(
    "/assignments/{int:assignment_id}/end", response={200: AssignmentOut, **problems(403, 404, 409)}
)
def end_assignment(request: Asked, assignment_id: int, given: EndIn) -> dict[str, Any]:
    """Ends an assignment after a day; the day before its first withdraws it. What lay on it goes back to the desks."""
    if not 0 < assignment_id < 2**63:
        raise NotFound
    ended = actions.end_assignment_with_handover(
        request.viewer, assignment_id, to_on=given.to_on, now=clock.now()
    )
    return assignment_shown(ended)


@handovers.post("/accounts/{account_id}/leave", response={200: list[HandoverOut], **problems(403, 404, 409)})
def begin_leave(request: Asked, account_id: int, command: LeaveIn) -> list[dict[str, Any]]:
    """Grants a leave; with a stand-in, they get what is open when it begins."""
    if not 0 < account_id < 2**63:
        raise NotFound
    return [
        _handover(made)
        for made in actions.begin_leave(request.viewer, account_id, **command.model_dump(), now=clock.now())
    ]


@handovers.post("/accounts/{account_id}/end", response={200: list[HandoverOut], **problems(403, 404, 409)})
def end_account(request: Asked, account_id: int) -> list[dict[str, Any]]:
    """Ends an account; what it held goes to stand-ins or back to the desks."""
    if not 0 < account_id < 2**63:
        raise NotFound
    return [
        _handover(made)
        for made in actions.end_account_with_handover(request.viewer, account_id, now=clock.now())
    ]
