"""Lists of cases over HTTP: one step for many of them, and the views that people keep."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, Day, line, text
from wangge.cases import actions, queries
from wangge.cases.api.cases import DepartmentCode, router
from wangge.cases.rules import BULK_STEPS, COLUMNS, LONGEST_QUERY, MOST_IN_BULK

views = Router(tags=["cases"])


class BulkFactsIn(Schema):
    """What the step needs, the same for every case. `assignee` means one of `account`, `departments` and `area`."""

    model_config = ConfigDict(extra="forbid")
    account: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    departments: Annotated[list[DepartmentCode], Field(max_length=8)] = []
    area: AreaCode | None = None
    outcome: Literal["mended", "answered", "nothing", "not_ours", "planned", "refused"] | None = None
    answer: text(4000, name="answer") = ""  # type: ignore[valid-type]  # pydantic's way
    whose: line(80, least=0, name="whose") = ""  # type: ignore[valid-type]  # pydantic's way
    planned_on: Day | None = None
    ground: line(200, least=0, name="ground") = ""  # type: ignore[valid-type]  # pydantic's way
    witness: Literal["reporter", "photo"] | None = None


class BulkIn(Schema):
    """A step for many cases, as a command: the same `command_id` again does nothing to those that it was done to."""

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    step: Literal[BULK_STEPS]  # type: ignore[valid-type]  # the tuple of the rules
    cases: Annotated[list[UUID], Field(min_length=1, max_length=MOST_IN_BULK)]
    facts: BulkFactsIn = BulkFactsIn()


class OutcomeOut(Schema):
    """`code` and `detail` are empty when it was done; `state` and `revision` are those that the case has now."""

    case: UUID
    done: bool
    state: str
    revision: int | None
    code: str
    detail: str


class ViewIn(Schema):
    """`query`: the filters as they stand in the address of the console's list; `columns` empty: the usual ones."""

    model_config = ConfigDict(extra="forbid")
    name: line(40, name="name")  # type: ignore[valid-type]  # pydantic's way
    query: line(LONGEST_QUERY, least=0, name="query") = ""  # type: ignore[valid-type]  # pydantic's way
    columns: Annotated[list[Literal[COLUMNS]], Field(max_length=len(COLUMNS))] = []  # type: ignore[valid-type]  # the tuple of the rules
    shared: bool = False


class ViewOut(Schema):
    id: UUID
    name: str
    query: str
    columns: list[str]
    shared: bool
    own: bool
    area: str


@router.post("/steps", response={200: list[OutcomeOut], **problems(403, 404)})
def take_steps(request: Asked, command: BulkIn) -> list[dict[str, Any]]:
    """Takes one step on up to a hundred cases, each for itself: tells of each whether it was done, or why not."""
    outcomes = actions.take_steps(
        request.viewer,
        command.cases,
        command.step,
        command_id=command.command_id,
        facts=command.facts.model_dump(exclude_none=True),
        now=clock.now(),
    )
    return [_outcome(outcome) for outcome in outcomes]


def _outcome(outcome: actions.Outcome) -> dict[str, Any]:
    return {
        "case": outcome.case_id,
        "done": outcome.done,
        "state": outcome.case.state if outcome.case else "",
        "revision": outcome.case.revision if outcome.case else None,
        "code": outcome.problem.code if outcome.problem else "",
        "detail": outcome.problem.say() if outcome.problem else "",
    }


def _view(request: Asked, view: Any) -> dict[str, Any]:
    told = {name: getattr(view, name) for name in ("id", "name", "query", "columns", "shared")}
    return {
        **told,
        "own": view.account_id == request.viewer.account_id,
        "area": view.path.rsplit(".", 1)[-1],
    }


@views.get("", response={200: list[ViewOut], **problems()})
def list_views(request: Asked) -> list[dict[str, Any]]:
    """One's own views, then those that others share in the area."""
    return [_view(request, view) for view in queries.views(request.viewer)]


@views.put("/{uuid:view_id}", response={200: ViewOut, 201: ViewOut, **problems(403, 404, 409)})
def save_view(request: Asked, view_id: UUID, view: ViewIn) -> Status[dict[str, Any]]:
    """Keeps a view under an id that the client made: 201 the first time, 200 when it changes."""
    saved, is_new = actions.save_view(request.viewer, view_id, **view.model_dump(), now=clock.now())
    return Status(201 if is_new else 200, _view(request, saved))


@views.delete("/{uuid:view_id}", response={204: None, **problems(403, 404)})
def remove_view(request: Asked, view_id: UUID) -> Status[None]:
    actions.remove_view(request.viewer, view_id, now=clock.now())
    return Status(204, None)
