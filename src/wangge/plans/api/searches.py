"""Several proposals looked for in the background: asked for, looked at, ended, one of them chosen."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line
from wangge.plans import actions
from wangge.plans.api.plans import Bound, PlanDetailOut, PlanOut, Seed, detail
from wangge.plans.queries import searches as queries

router = Router()


class SearchIn(Schema):
    """`curve`: how many proposals; `seconds`: how long they may be looked for. `from_plan`: from its grids instead of today's."""

    model_config = ConfigDict(extra="forbid")
    area: AreaCode
    name: line(80, name="name")  # type: ignore[valid-type]
    unit: Literal["building", "compound"] = "building"
    low: Bound = 300
    high: Bound = 500
    weigh: Literal["households", "minutes"] = "households"
    curve: Annotated[int, Field(ge=2, le=7)] = 5
    seconds: Annotated[int, Field(ge=10, le=900)] = 60
    seed: Seed = 0
    from_plan: UUID | None = None


class SearchOut(Schema):
    """`proposals`, once it has ended: plans, from the fewest changes to the best form. `problem`: code of what stood in its way."""

    id: UUID
    area: str
    name: str
    state: Literal["waiting", "running", "done", "failed"]
    progress: float
    ended_early: bool
    problem: str
    asked_at: datetime
    ended_at: datetime | None
    proposals: list[PlanOut]


@router.post("/searches", response={201: SearchOut, **problems(403, 404, 409)})
def begin_search(request: Asked, given: SearchIn) -> Any:
    """Several proposals between fewest changes and best form, looked for in the background; begun when its turn comes."""
    search = actions.begin_search(request.viewer, now=clock.now(), **given.model_dump())
    return Status(201, _search(request, search))


@router.get("/searches/{uuid:search_id}", response={200: SearchOut, **problems(404)})
def plan_search(request: Asked, search_id: UUID) -> Any:
    """How far a search is, and what it found."""
    return _search(request, queries.search_by_id(request.viewer, search_id))


@router.post("/searches/{uuid:search_id}/stop", response={200: SearchOut, **problems(403, 404, 409)})
def stop_search(request: Asked, search_id: UUID) -> Any:
    """Ends it with the best so far."""
    return _search(request, actions.stop_search(request.viewer, search_id, now=clock.now()))


def _search(request: Asked, search: Any) -> dict[str, Any]:
    told = {
        name: getattr(search, name)
        for name in ("id", "name", "state", "progress", "ended_early", "asked_at", "ended_at")
    }
    found = queries.proposals_of(request.viewer, search)
    return {**told, "area": search.area_id, "problem": search.problem.get("code", ""), "proposals": found}


@router.post("/{uuid:plan_id}/choose", response={200: PlanDetailOut, **problems(403, 404, 409)})
def choose_proposal(request: Asked, plan_id: UUID) -> Any:
    """Of several proposals keeps this one: the other drafts of its search are withdrawn."""
    return detail(request, actions.choose_proposal(request.viewer, plan_id, now=clock.now()))
