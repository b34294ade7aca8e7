"""A plan's way: its steps, what applying it would move, applied and undone."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import line
from wangge.plans import actions
from wangge.plans.api.plans import PlanDetailOut, detail

router = Router()


class StopOut(Schema):
    why: str
    what: str
    count: int


class PairOut(Schema):
    from_code: str
    to_code: str
    buildings: int
    households: int


class HolderOut(Schema):
    """Who would lose a post because its grid ends."""

    account: int
    grid: str
    kind: str


class CarriedOut(Schema):
    """A routing rule or a ready text that goes over to the grids that take the households; without `to_code` a rule of a grid that
    ends, which holds nowhere from then on. `name`: of a rule its note.
    """

    what: Literal["route", "text"]
    name: str
    from_code: str
    to_code: str
    item: str
    business: str
    hours: str
    tier: str
    department: str
    use: str


class SeatOut(Schema):
    """Who gets another grid."""

    account: int
    kind: str
    from_code: str
    to_code: str


class AwayOut(Schema):
    """Who was proposed and has no such post there any more."""

    account: int
    kind: str


class MovedOut(Schema):
    """A case by number and title, a file of mediation by number and kind, a place to check by kind and name."""

    id: UUID
    number: str
    name: str
    from_code: str
    to_code: str


class MovingOut(Schema):
    """`rows`: the first fifty of those that the viewer may see; `more`: so many they may see beside these; `unseen`: so many they may not."""

    rows: list[MovedOut]
    more: int
    unseen: int


class ClosingPostOut(Schema):
    kind: str
    grid: str


class DryRunOut(Schema):
    """`posts`: those that close. `came`: buildings that came since the plan was begun, which go where their compound or nearest building goes."""

    stops: list[StopOut]
    counts: dict[str, int]
    pairs: list[PairOut]
    begun: list[str]
    ended: list[str]
    holders: list[HolderOut]
    seats: list[SeatOut]
    away: list[AwayOut]
    carried: list[CarriedOut]
    came: int
    cases: MovingOut
    mediations: MovingOut
    places: MovingOut
    posts: list[ClosingPostOut]

    @staticmethod
    def resolve_posts(found: Any) -> list[dict[str, Any]]:
        return [{"kind": kind, "grid": grid} for kind, grid in found.posts]

    @staticmethod
    def resolve_holders(found: Any) -> list[dict[str, Any]]:
        return [{"account": account, "grid": grid, "kind": kind} for account, grid, kind in found.holders]

    @staticmethod
    def resolve_seats(found: Any) -> list[dict[str, Any]]:
        names = ("account", "kind", "from_code", "to_code")
        return [dict(zip(names, each, strict=True)) for each in found.seats]

    @staticmethod
    def resolve_away(found: Any) -> list[dict[str, Any]]:
        return [{"account": account, "kind": kind} for account, kind in found.away]


class PlanStepIn(Schema):
    """`on`, for `apply` alone: the day, today when left out. `until`, for `consult` alone: the last day for residents' comments, in two
    weeks when left out. `reason` of `approve`: needed while that day is not over.
    """

    model_config = ConfigDict(extra="forbid")
    reason: line(400, least=0, name="reason") = ""  # type: ignore[valid-type]
    on: date | None = None
    until: date | None = None


@router.post("/{uuid:plan_id}/dry-run", response={200: DryRunOut, **problems(403, 404, 409)})
def try_plan(request: Asked, plan_id: UUID) -> Any:
    """What applying the plan now would move, and what would stop it. Nothing of it stays."""
    return actions.dry_run(request.viewer, plan_id, now=clock.now())


@router.post("/{uuid:plan_id}/steps/{step}", response={200: PlanDetailOut, **problems(403, 404, 409)})
def take_plan_step(
    request: Asked,
    plan_id: UUID,
    step: Literal["check", "consult", "approve", "apply", "undo", "reopen", "withdraw"],
    given: PlanStepIn,
) -> Any:
    """Takes the plan one step further; `apply` moves everything in one transaction, `undo` gives it back within a day."""
    now = clock.now()
    match step:
        case "apply":
            taken = actions.apply_plan(request.viewer, plan_id, on=given.on, now=now)
        case "undo":
            taken = actions.undo_plan(request.viewer, plan_id, reason=given.reason, now=now)
        case _:
            taken = actions.take_step(
                request.viewer, plan_id, step, reason=given.reason, until=given.until, now=now
            )
    return detail(request, taken)
