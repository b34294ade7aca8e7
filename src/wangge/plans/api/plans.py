"""Plans: begun, looked at whole and in arrays, changed, divided anew."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line
from wangge.plans import actions
from wangge.plans.api.proofs import ProofOut
from wangge.plans.queries import plans as queries
from wangge.plans.queries import proofs
from wangge.plans.queries.today import today_of

router = Router(tags=["plans"])


State = Literal["draft", "checked", "consulted", "approved", "applied", "undone", "withdrawn"]
Bound = Annotated[int, Field(ge=1, le=100_000)]
Label = Annotated[int, Field(ge=-1, le=20_000)]
Revision = Annotated[int, Field(ge=1, le=2_000_000_000)]
Seed = Annotated[int, Field(ge=0, le=2_000_000_000)]


class DivisionOut(Schema):
    """`outside`: grids out of bounds; `pieces`: more than one piece; `cut`: compounds in several grids; metres are straight.

    `hours_…`: of a grid's work in a week, with the ways to its doors. `walk_…`: along the streets from the grid's middle door. These and what no grid covers are told where
    the work, or streets and shops, are known.
    """

    grids: int
    households: int
    least: int
    most: int
    outside: int
    pieces: int
    uncovered: int
    rms_m: float
    farthest_m: float
    cut: int
    hours_least: float | None = None
    hours_most: float | None = None
    walk_mean_m: float | None = None
    walk_farthest_m: float | None = None
    streets_m: int | None = None
    streets_uncovered_m: int | None = None
    shops: int | None = None
    shops_uncovered: int | None = None


class PlanSumsOut(DivisionOut):
    """`moved`: households whose grid becomes another; `kept`, `begun`, `ended`: grids; `unplaced`: buildings without a place.

    `gap`, as far as it is proven: the root mean square of the ways that the plan is divided by, straight (`rms_m`) or on foot, is above the
    best possible by at most so many in a hundred.
    """

    moved: int
    kept: int
    begun: int
    ended: int
    unplaced: int
    handed_over: int | None = None
    gap: float | None = None


class PlanOut(Schema):
    """`broken`: rule, label of the grid (-1: none), how many. `stopped`: what a dated applying met. `approved_early`: before the day
    `comment_until`, which residents were told, was over; then `approved_why` says why.
    """

    id: UUID
    area: str
    path: str
    name: str
    unit: str
    low: int
    high: int
    weigh: str = "households"
    seed: int
    search_id: UUID | None = None
    state: str
    revision: int
    figures: PlanSumsOut
    figures_today: DivisionOut
    broken: list[tuple[str, int, int]]
    why: str
    approved_why: str
    approved_early: bool
    made_at: datetime
    comment_until: date | None
    approved_at: datetime | None
    apply_on: date | None
    applied_at: datetime | None
    undone_at: datetime | None
    stopped: list[str]

    @staticmethod
    def resolve_area(plan: Any) -> str:
        code: str = plan["area"] if isinstance(plan, dict) else plan.area_id
        return code


class GridOut(Schema):
    """A grid of the plan. `today` is the code of the grid that goes on as this one; `stay` its households that stay."""

    label: int
    code: str
    name: str
    community: str
    today: str
    households: int
    atoms: int
    stay: int
    figures: dict[str, float]
    outline: dict[str, Any] | None


class PlanDetailOut(PlanOut):
    """`principles`: belonging, size, service and management as figures, of today's grids and of the plan's."""

    grids: list[GridOut]
    steps: list[str]
    principles_today: dict[str, dict[str, Any]]
    principles: dict[str, dict[str, Any]]
    proof: ProofOut | None


class TodayOut(Schema):
    code: str
    name: str
    community: int


class NamedOut(Schema):
    code: str
    name: str


class LabelOut(Schema):
    """`hue`: the number of its colour, 0 to 7, which no neighbour has."""

    label: int
    code: str
    name: str
    today: str
    hue: int


class BondOut(Schema):
    """Atoms that must all be in one grid, or of which no two may be in one."""

    kind: Literal["together", "apart"]
    atoms: list[int]


class AtomsOut(Schema):
    """All atoms in arrays. `x`, `y`: millionths of a degree from `origin`. `edges`: for each atom its neighbours with a larger
    number, less its own; `beside` the same across communities. `mixed`: an atom in several grids of today, then grid and
    households in turn.
    """

    plan: UUID
    revision: int
    low: int
    high: int
    unit: str
    origin: tuple[int, int]
    x: list[int]
    y: list[int]
    names: list[str]
    households: list[int]
    community: list[int]
    communities: list[NamedOut]
    today: list[int]
    grids_today: list[TodayOut]
    mixed: list[list[int]]
    compounds: list[int]
    edges: list[list[int]]
    beside: list[list[int]]
    labels: list[int]
    fixed: list[int]
    bonds: list[BondOut]
    grids: list[LabelOut]
    figures_today: DivisionOut


class _PlanFilter(Schema):
    area: AreaCode | None = None
    state: State | None = None


class PlanIn(Schema):
    """`unit` "compound": each compound is a unit that is never cut. `start`: divided anew, or from today's grids; from these or from the
    plan `copy_of` with one change: "compounds" (each its own unit), "split" (the one of `grids`, `into` so many), "merge" (`grids`), "absorb"
    (buildings in no grid). `weigh` "minutes": grids' work is alike, too.
    """

    model_config = ConfigDict(extra="forbid")
    area: AreaCode
    name: line(80, name="name")  # type: ignore[valid-type]
    unit: Literal["building", "compound"] = "building"
    start: Literal["today", "divide", "compounds", "split", "merge", "absorb"] = "divide"
    low: Bound = 300
    high: Bound = 500
    weigh: Literal["households", "minutes"] = "households"
    grids: Annotated[list[AreaCode], Field(max_length=100)] = []
    into: Annotated[int, Field(ge=2, le=10)] = 2
    seed: Seed = 0
    copy_of: UUID | None = None


class BondIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["together", "apart"]
    atoms: Annotated[list[Annotated[int, Field(ge=0, le=20_000)]], Field(min_length=2, max_length=1_000)]


class PlanChangeIn(Schema):
    """`bonds` are all groups that must be together or apart. What is left out stays. `labels`: each atom's grid; `fixed`: atoms that stay where they are put; `names`: by label, an
    empty one for the usual name.
    """

    model_config = ConfigDict(extra="forbid")
    revision: Revision
    labels: Annotated[list[Label], Field(max_length=20_000)] | None = None
    fixed: Annotated[list[Annotated[int, Field(ge=0, le=20_000)]], Field(max_length=20_000)] | None = None
    names: dict[Annotated[int, Field(ge=0, le=20_000)], line(80, least=0, name="names")] | None = None  # type: ignore[valid-type]
    bonds: Annotated[list[BondIn], Field(max_length=500)] | None = None
    name: line(80, name="name") | None = None  # type: ignore[valid-type]
    low: Bound | None = None
    high: Bound | None = None


class GridFaultOut(Schema):
    """`kind`: an outline that is `unreadable` or `broken` (crosses itself), `overlap`, `hole`, buildings in `no_grid` or in `two_grids`, that
    lie `elsewhere` than they are kept, or a grid in `two_communities`. `to`: the grid that gets it, if it is one.
    """

    kind: Literal[
        "unreadable", "broken", "overlap", "hole", "no_grid", "two_grids", "elsewhere", "two_communities"
    ]
    grids: list[str]
    area_m2: float
    doors: int
    names: list[str]
    to: str
    outline: dict[str, Any] | None


class TodayAsItIsOut(Schema):
    """`outlines`: the mended ones by code; `moved`: buildings in another grid than they are kept under."""

    faults: list[GridFaultOut]
    outlines: dict[str, dict[str, Any]]
    moved: int


class MendIn(Schema):
    model_config = ConfigDict(extra="forbid")
    revision: Revision


class ImproveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    revision: Revision
    seed: Seed = 0


@router.get("", response={200: list[PlanOut], **problems(404)})
def plans(request: Asked, asked: Query[_PlanFilter]) -> Any:
    """Plans that the viewer sees, the newest first; at or below an area, in one state, where these are given."""
    return queries.plans(request.viewer, area=asked.area or "", state=asked.state or "")


@router.post("", response={201: PlanDetailOut, **problems(403, 404, 409)})
def begin_plan(request: Asked, given: PlanIn) -> Any:
    """Begins a draft for a county, township or community."""
    plan = actions.begin_plan(request.viewer, now=clock.now(), **given.model_dump())
    return Status(201, detail(request, plan))


@router.get("/{uuid:plan_id}", response={200: PlanDetailOut, **problems(404)})
def plan(request: Asked, plan_id: UUID) -> Any:
    """One plan with its grids, their outlines, and the steps that the viewer may take."""
    return detail(request, queries.plan_by_id(request.viewer, plan_id))


@router.get("/{uuid:plan_id}/atoms", response={200: AtomsOut, **problems(404)})
def plan_atoms(request: Asked, plan_id: UUID) -> Any:
    """All that an editor needs, in one answer."""
    return queries.atoms_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.patch("/{uuid:plan_id}", response={200: PlanDetailOut, **problems(403, 404, 409)})
def change_plan(request: Asked, plan_id: UUID, given: PlanChangeIn) -> Any:
    """Gives atoms of a draft to other grids, or other names or bounds."""
    changed = actions.change_plan(request.viewer, plan_id, now=clock.now(), **given.model_dump())
    return detail(request, changed)


@router.get("/{uuid:plan_id}/today", response={200: TodayAsItIsOut, **problems(403, 404)})
def plan_today(request: Asked, plan_id: UUID) -> Any:
    """What is wrong with today's grids, as they were when the plan was begun, and their outlines mended."""
    return today_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/mend", response={200: PlanDetailOut, **problems(403, 404, 409)})
def mend_plan(request: Asked, plan_id: UUID, given: MendIn) -> Any:
    """Today's grids, mended, become the division of a draft."""
    mended = actions.mend_plan(request.viewer, plan_id, now=clock.now(), **given.model_dump())
    return detail(request, mended)


@router.post("/{uuid:plan_id}/improve", response={200: PlanDetailOut, **problems(403, 404, 409)})
def improve_plan(request: Asked, plan_id: UUID, given: ImproveIn) -> Any:
    """Divides a draft anew; what is fixed keeps its grid."""
    better = actions.improve_plan(request.viewer, plan_id, now=clock.now(), **given.model_dump())
    return detail(request, better)


def detail(request: Asked, plan: Any) -> dict[str, Any]:
    shown = PlanOut.from_orm(plan).model_dump()
    steps = [line.step for line in queries.steps_for(request.viewer, plan)]
    before, after = proofs.principles_before_and_after(plan)
    return {
        **shown,
        "grids": queries.grids_of(request.viewer, plan),
        "steps": steps,
        "principles_today": before,
        "principles": after,
        "proof": proofs.proof_of(request.viewer, plan),
    }
