"""Plans over HTTP: drafted, looked at in arrays, changed, commented, led through their states, tried out and applied."""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line, text
from wangge.plans import actions
from wangge.plans.queries import ground as ground_queries
from wangge.plans.queries import plans as queries
from wangge.plans.queries import posting, proofs
from wangge.plans.queries import searches as search_queries
from wangge.plans.rules.ground import MOST_BYTES
from wangge.plans.rules.proving import MINUTES, MOST_MINUTES

router = Router(tags=["plans"])

State = Literal["draft", "checked", "consulted", "approved", "applied", "undone", "withdrawn"]
Bound = Annotated[int, Field(ge=1, le=100_000)]
Label = Annotated[int, Field(ge=-1, le=20_000)]
Revision = Annotated[int, Field(ge=1, le=2_000_000_000)]
Seed = Annotated[int, Field(ge=0, le=2_000_000_000)]


class DivisionOut(Schema):
    """`outside`: grids out of bounds; `pieces`: more than one piece; `cut`: compounds in several grids; metres are straight.

    `hours_…`: of a grid's work in a week. `walk_…`: along the streets from the grid's middle door. These and what no grid covers are told where
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

    `gap`, as far as it is proven: the mean way is longer than the best possible by at most so many in a hundred.
    """

    moved: int
    kept: int
    begun: int
    ended: int
    unplaced: int
    handed_over: int | None = None
    gap: float | None = None


class PlanOut(Schema):
    """`broken`: rule, label of the grid (-1: none), how many. `stopped`: what a dated applying met."""

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
    made_at: datetime
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


class ProvenPartOut(Schema):
    """`share`: 0.1 is ten in a hundred; null while nothing is proven."""

    code: str
    name: str
    share: float | None
    steps: int
    running: bool


class ProofOut(Schema):
    """`share`: the mean way is longer than in the best division within the bounds by at most so much. `stale`: of an earlier division."""

    state: str
    stale: bool
    share: float | None
    minutes: int
    asked_at: datetime
    proven_at: datetime | None
    ended_at: datetime | None
    parts: list[ProvenPartOut]


class PlanDetailOut(PlanOut):
    """`principles`: belonging, size, service and management as figures, of today's grids and of the plan's."""

    grids: list[GridOut]
    steps: list[str]
    principles_today: dict[str, dict[str, Any]]
    principles: dict[str, dict[str, Any]]
    proof: ProofOut | None


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
    grids: list[LabelOut]
    figures_today: DivisionOut


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


class DryRunOut(Schema):
    """`came`: buildings that came since the plan was begun, which go where their compound or nearest building goes."""

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


class CommentOut(Schema):
    id: UUID
    grid: str
    grid_name: str
    side: str
    text: str
    at: datetime
    name: str


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


class PlanChangeIn(Schema):
    """What is left out stays. `labels`: each atom's grid; `fixed`: atoms that stay where they are put; `names`: by label, an
    empty one for the usual name.
    """

    model_config = ConfigDict(extra="forbid")
    revision: Revision
    labels: Annotated[list[Label], Field(max_length=20_000)] | None = None
    fixed: Annotated[list[Annotated[int, Field(ge=0, le=20_000)]], Field(max_length=20_000)] | None = None
    names: dict[Annotated[int, Field(ge=0, le=20_000)], line(80, least=0, name="names")] | None = None  # type: ignore[valid-type]
    name: line(80, name="name") | None = None  # type: ignore[valid-type]
    low: Bound | None = None
    high: Bound | None = None


class ImproveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    revision: Revision
    seed: Seed = 0


class ProofIn(Schema):
    """`minutes`: for each community, at most."""

    model_config = ConfigDict(extra="forbid")
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] = MINUTES


class HeldIn(Schema):
    model_config = ConfigDict(extra="forbid")
    kind: line(40, name="kind")  # type: ignore[valid-type]
    grid: AreaCode
    account: Annotated[int, Field(ge=1, le=2**63 - 1)]


class PostsIn(Schema):
    """`held`: whom somebody put where, whatever it costs; left out, what was put before stays."""

    model_config = ConfigDict(extra="forbid")
    held: Annotated[list[HeldIn], Field(max_length=2_000)] | None = None


class PlanStepIn(Schema):
    """`on`, for `apply` alone: the day, today when left out."""

    model_config = ConfigDict(extra="forbid")
    reason: line(400, least=0, name="reason") = ""  # type: ignore[valid-type]
    on: date | None = None


class CommentIn(Schema):
    model_config = ConfigDict(extra="forbid")
    grid: AreaCode | None = None
    side: Literal["residents", "worker", "lead"]
    text: text(1000, least=1, name="text")  # type: ignore[valid-type]


class GroundOut(Schema):
    """`counts`: barriers, crossings, streets, shops, and features that were left out. `notes`: whom the map's makers want named."""

    id: UUID
    area: str
    counts: dict[str, int]
    notes: list[str]
    added_at: datetime

    @staticmethod
    def resolve_area(ground: Any) -> str:
        code: str = ground.area_id
        return code


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


@router.get("/grounds", response={200: list[GroundOut], **problems(404)})
def grounds(request: Asked) -> Any:
    """Areas whose streets and barriers are known, without the shapes."""
    return ground_queries.grounds(request.viewer)


@router.put(
    "/grounds/{code}",
    response={201: GroundOut, **problems(403, 404, 413)},
    openapi_extra={
        "requestBody": {
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        }
    },
)
def keep_ground(request: Asked, code: AreaCode) -> Any:
    """Streets, barriers, crossings and shops of an area from GeoJSON (property `kind`, or tags) or an extract of OpenStreetMap (.osm, .pbf);
    they take the place of those before.
    """
    with TemporaryDirectory(prefix="wangge-") as folder:
        file = Path(folder) / "map"
        file.write_bytes(request.read(MOST_BYTES + 1))
        kept = actions.keep_ground(request.viewer, area=code, file=file, now=clock.now())
    return Status(201, kept)


@router.delete("/grounds/{code}", response={204: None, **problems(403, 404)})
def remove_ground(request: Asked, code: AreaCode) -> Any:
    """From now on nothing is known there; plans begun before keep what they go by."""
    ground = ground_queries.ground_of_area(request.viewer, code)
    actions.remove_ground(request.viewer, ground.id, now=clock.now())
    return Status(204, None)


@router.post("/searches", response={201: SearchOut, **problems(403, 404, 409)})
def begin_search(request: Asked, given: SearchIn) -> Any:
    """Several proposals between fewest changes and best form, looked for in the background; begun within a minute."""
    search = actions.begin_search(request.viewer, now=clock.now(), **given.model_dump())
    return Status(201, _search(request, search))


@router.get("/searches/{uuid:search_id}", response={200: SearchOut, **problems(404)})
def plan_search(request: Asked, search_id: UUID) -> Any:
    """How far a search is, and what it found."""
    return _search(request, search_queries.search_by_id(request.viewer, search_id))


@router.post("/searches/{uuid:search_id}/stop", response={200: SearchOut, **problems(403, 404, 409)})
def stop_search(request: Asked, search_id: UUID) -> Any:
    """Ends it with the best so far."""
    return _search(request, actions.stop_search(request.viewer, search_id, now=clock.now()))


def _search(request: Asked, search: Any) -> dict[str, Any]:
    told = {
        name: getattr(search, name)
        for name in ("id", "name", "state", "progress", "ended_early", "asked_at", "ended_at")
    }
    found = search_queries.proposals_of(request.viewer, search)
    return {**told, "area": search.area_id, "problem": search.problem.get("code", ""), "proposals": found}


@router.get("", response={200: list[PlanOut], **problems(404)})
def plans(request: Asked, asked: Query[_PlanFilter]) -> Any:
    """Plans that the viewer sees, the newest first; at or below an area, in one state, where these are given."""
    return queries.plans(request.viewer, area=asked.area or "", state=asked.state or "")


@router.post("", response={201: PlanDetailOut, **problems(403, 404, 409)})
def begin_plan(request: Asked, given: PlanIn) -> Any:
    """Begins a draft for a county, township or community."""
    plan = actions.begin_plan(request.viewer, now=clock.now(), **given.model_dump())
    return Status(201, _detail(request, plan))


@router.get("/{uuid:plan_id}", response={200: PlanDetailOut, **problems(404)})
def plan(request: Asked, plan_id: UUID) -> Any:
    """One plan with its grids, their outlines, and the steps that the viewer may take."""
    return _detail(request, queries.plan_by_id(request.viewer, plan_id))


@router.get("/{uuid:plan_id}/atoms", response={200: AtomsOut, **problems(404)})
def plan_atoms(request: Asked, plan_id: UUID) -> Any:
    """All that an editor needs, in one answer."""
    return queries.atoms_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.get("/{uuid:plan_id}/ground", response={200: dict[str, Any], **problems(404)})
def plan_ground(request: Asked, plan_id: UUID) -> Any:
    """Streets, barriers, crossings and shops that the plan goes by, as GeoJSON; each feature says its `kind`."""
    return ground_queries.ground_features(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/choose", response={200: PlanDetailOut, **problems(403, 404, 409)})
def choose_proposal(request: Asked, plan_id: UUID) -> Any:
    """Of several proposals keeps this one: the other drafts of its search are withdrawn."""
    return _detail(request, actions.choose_proposal(request.viewer, plan_id, now=clock.now()))


@router.patch("/{uuid:plan_id}", response={200: PlanDetailOut, **problems(403, 404, 409)})
def change_plan(request: Asked, plan_id: UUID, given: PlanChangeIn) -> Any:
    """Gives atoms of a draft to other grids, or other names or bounds."""
    changed = actions.change_plan(request.viewer, plan_id, now=clock.now(), **given.model_dump())
    return _detail(request, changed)


@router.post("/{uuid:plan_id}/improve", response={200: PlanDetailOut, **problems(403, 404, 409)})
def improve_plan(request: Asked, plan_id: UUID, given: ImproveIn) -> Any:
    """Divides a draft anew; what is fixed keeps its grid."""
    better = actions.improve_plan(request.viewer, plan_id, now=clock.now(), **given.model_dump())
    return _detail(request, better)


@router.get("/{uuid:plan_id}/proof", response={200: ProofOut | None, **problems(404)})
def plan_proof(request: Asked, plan_id: UUID) -> Any:
    """What is proven so far of how good the division is; null when nobody asked."""
    return proofs.proof_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/proof", response={200: ProofOut | None, **problems(403, 404, 409)})
def prove_plan(request: Asked, plan_id: UUID, given: ProofIn) -> Any:
    """Has it proven in the background, community by community; what was proven of the same division stays."""
    actions.ask_proof(request.viewer, plan_id, minutes=given.minutes, now=clock.now())
    return proofs.proof_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


@router.post("/{uuid:plan_id}/proof/stop", response={200: ProofOut | None, **problems(403, 404, 409)})
def stop_proof(request: Asked, plan_id: UUID) -> Any:
    """Stops proving; what is proven stays."""
    actions.stop_proof(request.viewer, plan_id, now=clock.now())
    return proofs.proof_of(request.viewer, queries.plan_by_id(request.viewer, plan_id))


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
    plan = queries.plan_by_id(request.viewer, plan_id)
    return posting.price_of_post(request.viewer, plan, now=clock.now(), **given.model_dump())


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
            taken = actions.take_step(request.viewer, plan_id, step, reason=given.reason, now=now)
    return _detail(request, taken)


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


def _posts(request: Asked, plan_id: UUID) -> Any:
    plan = queries.plan_by_id(request.viewer, plan_id)
    found = posting.posts_of(request.viewer, plan, now=clock.now())
    if found is None:
        return {"rows": [], "left": [], "at": None, "stale": False}
    left = [{"kind": kind, "name": name} for kind, name in found.left]
    return {"rows": list(found.rows), "left": left, "at": found.at, "stale": found.stale}


def _detail(request: Asked, plan: Any) -> dict[str, Any]:
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
