"""Cases over HTTP. Parses, calls one action or query, presents."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, Day, Digest, ItemCode, Lat, Lon, Past, line, text
from wangge.base.problems import NotFound
from wangge.base.text import clean_line
from wangge.cases import actions, queries
from wangge.cases.lifecycle import STEPS

router = Router(tags=["cases"])
DepartmentCode = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,29}$")]


class ReportIn(Schema):
    """What is reported. The place: `lon` and `lat` (WGS 84), or the code of an `area`, or both. With `dispatch` it goes to
    the department of its routing in the same step, or nothing is filed (409 `not-clear`).
    """

    model_config = ConfigDict(extra="forbid")
    item: ItemCode
    title: line(200, name="title")  # type: ignore[valid-type]
    description: text(4000, name="description") = ""  # type: ignore[valid-type]
    lon: Lon | None = None
    lat: Lat | None = None
    area: AreaCode | None = None
    address: line(200, least=0, name="address") = ""  # type: ignore[valid-type]
    urgency: Literal["normal", "urgent", "emergency"] | None = None
    reported_at: Past
    source: Literal["worker", "desk", "resident", "hotline", "patrol", "system"] = "worker"
    attachments: Annotated[list[Digest], Field(max_length=10)] = []
    dispatch: bool = False


class PartIn(Schema):
    """What one further case is about; its place, reporter and moment are those of the case that is split."""

    model_config = ConfigDict(extra="forbid")
    item: ItemCode
    title: line(200, name="title")  # type: ignore[valid-type]
    description: text(4000, name="description") = ""  # type: ignore[valid-type]


class StepIn(Schema):
    """A step, as a command: the same `command_id` again changes nothing. Which of the others it needs, the case's
    `moves` say; `assignee` there means one of `account`, `departments` and `area`.
    """

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    reason: text(1000, name="reason") = ""  # type: ignore[valid-type]
    account: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    departments: Annotated[list[DepartmentCode], Field(max_length=8)] = []
    area: AreaCode | None = None
    outcome: Literal["mended", "answered", "nothing", "not_ours", "planned", "refused", "repeated"] | None = (
        None
    )
    answer: text(4000, name="answer") = ""  # type: ignore[valid-type]
    whose: line(80, least=0, name="whose") = ""  # type: ignore[valid-type]
    planned_on: Day | None = None
    ground: line(200, least=0, name="ground") = ""  # type: ignore[valid-type]
    into: UUID | None = None
    mended: bool | None = None
    witness: Literal["reporter", "photo"] | None = None
    until: Day | None = None
    within_minutes: Annotated[int, Field(ge=5, le=2880)] | None = None
    parts: Annotated[list[PartIn], Field(max_length=9)] = []
    attachments: Annotated[list[Digest], Field(max_length=10)] = []


class CaseOut(Schema):
    id: UUID
    number: str
    item: str
    item_version: int
    business: str
    urgency: str
    title: str
    description: str
    area: str
    path: str
    border_areas: list[str]
    lon: float | None
    lat: float | None
    address: str
    confidential: bool
    source: str
    reported_at: datetime
    received_at: datetime
    found_tier: str
    holder: str
    holder_level: str
    handler: int | None
    departments: list[str]
    state: str
    supervised: bool
    revision: int
    due_at: datetime | None
    late: str
    resume_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    outcome: str
    answer: str
    whose: str
    planned_on: date | None
    ground: str
    witness: str
    resolved_tier: str
    rating: bool | None
    merged_into: UUID | None
    split_from: UUID | None


class PageOut(Schema):
    items: list[CaseOut]
    next: str | None


class EntryOut(Schema):
    at: datetime
    actor: str
    post: str
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


class MoveOut(Schema):
    step: str
    needs: list[str]


class SummonsOut(Schema):
    id: int
    kind: str
    office: str
    called_at: datetime
    within_minutes: int
    arrived_at: datetime | None


class TaskOut(Schema):
    office: str
    asked_at: datetime
    answered_at: datetime | None
    outcome: str
    answer: str
    withdrawn: bool


class AttachmentOut(Schema):
    blob: str
    kind: str
    name: str
    step: str
    added_at: datetime


class NoteOut(Schema):
    """`audience` "staff": only people with a post read it. "reporter": the reporter reads it too."""

    id: UUID
    audience: str
    text: str
    written_at: datetime
    written_by: str


class CaseDetailOut(CaseOut):
    """`waited_seconds` is the resident's clock, which nothing pauses."""

    waited_seconds: int
    journal: list[EntryOut]
    moves: list[MoveOut]
    tasks: list[TaskOut]
    summonses: list[SummonsOut]
    attachments: list[AttachmentOut]
    notes: list[NoteOut]


class RoutingOut(Schema):
    desk: str
    level: str
    department: str
    office: str
    why: list[dict[str, Any]]


def shown(case: Any) -> dict[str, Any]:
    """A case as the interface tells it."""
    names = CaseOut.model_fields.keys() - _RENAMED.keys()
    return {name: getattr(case, name) for name in names} | {
        name: tell(case) for name, tell in _RENAMED.items()
    }


_RENAMED: dict[str, Any] = {
    "item": lambda case: case.item_id,
    "item_version": lambda case: case.item_version_id,
    "area": lambda case: case.path.rsplit(".", 1)[-1],
    "border_areas": lambda case: case.border_ids,
    "holder": lambda case: case.holder_path.rsplit(".", 1)[-1],
    "handler": lambda case: case.handler_id,
    "departments": lambda case: case.department_keys,
    "merged_into": lambda case: case.merged_into_id,
    "split_from": lambda case: case.split_from_id,
}


class CasesQuery(Schema):
    """What to list; all that is given must hold. `area` also means everything below it."""

    area: AreaCode | None = None
    status: (
        Literal[
            "reported",
            "accepted",
            "dispatched",
            "handled",
            "verified",
            "returned",
            "suspended",
            "closed",
            "cancelled",
            "merged",
            "open",
        ]
        | None
    ) = None
    item: ItemCode | None = None
    business: Literal["safety", "management", "service"] | None = None
    overdue: bool | None = None
    q: line(100, least=0, name="q") = ""  # type: ignore[valid-type]
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", response={200: PageOut, **problems(403, 404)})
def list_cases(request: Asked, asked: Query[CasesQuery]) -> dict[str, Any]:
    """Newest first, by keyset pages: give `next` back as `cursor`."""
    status = asked.status or ""
    filters = queries.CaseFilter(
        area=asked.area or "",
        state="" if status == "open" else status,
        queue="open" if status == "open" else "",
        item=asked.item or "",
        business=asked.business or "",
        late="overdue" if asked.overdue else "",
        q=asked.q,
    )
    page = queries.case_page(request.viewer, filters, cursor=asked.cursor, limit=asked.limit)
    return {"items": [shown(case) for case in page.items], "next": page.next}


@router.get("/queues", response={200: dict[str, int], **problems(403, 404)})
def count_queues(request: Asked, area: AreaCode | None = None) -> dict[str, int]:
    """How many cases stand in each queue of an area, by default of the viewer's own."""
    counts: dict[str, int] = queries.queue_counts(request.viewer, area or "")
    return counts


@router.get("/routing", response={200: RoutingOut, **problems(403, 404, 409)})
def rehearse_route(
    request: Asked,
    item: ItemCode,
    lon: Lon | None = None,
    lat: Lat | None = None,
    area: AreaCode | None = None,
) -> dict[str, Any]:
    """Where such a case would go now, and why; nothing is written."""
    found = queries.rehearse_route_at(request.viewer, item, lon=lon, lat=lat, area=area or "", at=clock.now())
    return {
        "desk": found.desk.code,
        "level": found.desk.level,
        "department": found.choice.department,
        "office": found.office,
        "why": found.why,
    }


@router.put("/{uuid:case_id}", response={200: CaseOut, 201: CaseOut, **problems(403, 404, 409)})
def report_case(request: Asked, case_id: UUID, report: ReportIn) -> Status[dict[str, Any]]:
    """Reports a case under an id that the client made (UUID, best version 7): 201 the first time, 200 ever after."""
    given = report.model_dump(exclude={"source", "dispatch"})
    for name in ("area", "urgency"):
        given[name] = given[name] or ""
    report_case = actions.report_and_dispatch if report.dispatch else actions.report_case
    case, is_new = report_case(
        request.viewer,
        case_id,
        actions.Report(**{**given, "attachments": tuple(report.attachments)}),
        now=clock.now(),
        source=report.source,
    )
    return Status(201 if is_new else 200, shown(case))


@router.get("/{uuid:case_id}", response={200: CaseDetailOut, **problems(404)})
def case_detail(request: Asked, case_id: UUID) -> dict[str, Any]:
    """A case with its journal and what the viewer may do next."""
    viewer, now = request.viewer, clock.now()
    detail = queries.case_detail(viewer, case_id)
    case = detail.case
    return {
        **shown(case),
        "waited_seconds": int(queries.waited(case, now).total_seconds()),
        "journal": [
            {
                "at": e.at,
                "actor": e.actor_name,
                "post": e.post,
                "verb": e.verb,
                "before": e.before,
                "after": e.after,
                "reason": e.reason,
            }
            for e in detail.entries
        ],
        "moves": [
            {"step": move.step, "needs": list(move.needs)}
            for move in queries.moves_for(viewer, case, now=now)
        ],
        "tasks": [_task(task) for task in detail.tasks],
        "summonses": [_summons(summons) for summons in detail.summonses],
        "attachments": [
            {"blob": a.blob_id, "kind": a.blob.kind, "name": a.name, "step": a.step, "added_at": a.added_at}
            for a in detail.attachments
        ],
        "notes": [_note(note) for note in detail.notes],
    }


def _note(note: Any) -> dict[str, Any]:
    return {name: getattr(note, name) for name in NoteOut.model_fields}


def _task(task: Any) -> dict[str, Any]:
    told = {
        name: getattr(task, name) for name in ("asked_at", "answered_at", "outcome", "answer", "withdrawn")
    }
    return {**told, "office": f"{task.office_id}/{task.department_id}"}


def _summons(summons: Any) -> dict[str, Any]:
    told = {
        name: getattr(summons, name) for name in ("id", "kind", "called_at", "within_minutes", "arrived_at")
    }
    return {**told, "office": f"{summons.office_id}/{summons.department_id}"}


class NoteIn(Schema):
    model_config = ConfigDict(extra="forbid")
    audience: Literal["staff", "reporter"]
    text: text(4000, name="text")  # type: ignore[valid-type]


@router.put(
    "/{uuid:case_id}/notes/{uuid:note_id}",
    response={200: NoteOut, 201: NoteOut, **problems(403, 404, 409)},
)
def write_note(request: Asked, case_id: UUID, note_id: UUID, note: NoteIn) -> Status[dict[str, Any]]:
    """Writes a note under an id that the client made: 201 the first time, 200 ever after. The journal tells that there is one,
    not what it says.
    """
    written, is_new = actions.write_note(
        request.viewer, case_id, note_id, audience=note.audience, text=note.text, now=clock.now()
    )
    return Status(201 if is_new else 200, _note(written))


@router.post("/{uuid:case_id}/attachments/{digest}", response={200: AttachmentOut, **problems(403, 404)})
def attach(
    request: Asked,
    case_id: UUID,
    digest: Digest,
    name: Annotated[str, Field(max_length=120)] = "",
) -> dict[str, Any]:
    """Puts an uploaded photo, voice or document on a case; again is the same."""
    added = actions.attach(
        request.viewer, case_id, digest, name=clean_line(name, limit=120, name="name"), now=clock.now()
    )
    return {
        "blob": digest,
        "kind": added.blob.kind,
        "name": added.name,
        "step": added.step,
        "added_at": added.added_at,
    }


@router.post("/summonses/{summons_id}/arrive", response={200: SummonsOut, **problems(403, 404)})
def arrive_at_summons(request: Asked, summons_id: int) -> dict[str, Any]:
    """The summoned office has come to the place."""
    if not 0 < summons_id < 2**63:
        raise NotFound
    return _summons(actions.arrive_at_summons(request.viewer, summons_id, now=clock.now()))


@router.post("/{uuid:case_id}/{step}", response={200: CaseOut, **problems(403, 404, 409)})
def take_step(request: Asked, case_id: UUID, step: Literal[STEPS], command: StepIn) -> dict[str, Any]:  # type: ignore[valid-type]
    """Takes a step of the lifecycle (docs/workings/lifecycle.md)."""
    facts = command.model_dump(exclude={"command_id"}, exclude_none=True)
    case = actions.take_step(
        request.viewer, case_id, step, command_id=command.command_id, facts=facts, now=clock.now()
    )
    return shown(case)


class RouteIn(Schema):
    model_config = ConfigDict(extra="forbid")
    area: AreaCode
    item: ItemCode | None = None
    business: Literal["", "safety", "management", "service"] = ""
    hours: Literal["any", "office", "off"] = "any"
    tier: Literal["", "grid", "community", "township", "county", "city"] = ""
    department: DepartmentCode | None = None
    note: line(120, least=0, name="note") = ""  # type: ignore[valid-type]


class RouteOut(Schema):
    id: int
    area: str
    item: str
    business: str
    hours: str
    tier: str
    department: str
    note: str


def _route(route: Any) -> dict[str, Any]:
    told = {name: getattr(route, name) for name in ("id", "business", "hours", "tier", "note")}
    return {
        **told,
        "area": route.area_id,
        "item": route.item_id or "",
        "department": route.department_id or "",
    }


@router.get("/routes", response={200: list[RouteOut], **problems(403, 404)})
def list_routes(request: Asked, area: AreaCode) -> list[dict[str, Any]]:
    """The routing rules of an area and of those above it."""
    return [_route(route) for route in queries.routes_of(request.viewer, area)]


@router.post("/routes", response={201: RouteOut, **problems(403, 404, 409)})
def set_route(request: Asked, rule: RouteIn) -> Status[dict[str, Any]]:
    """Adds a routing rule."""
    given = {name: value or "" for name, value in rule.model_dump().items()}
    return Status(201, _route(actions.set_route(request.viewer, **given, now=clock.now())))


@router.delete("/routes/{route_id}", response={204: None, **problems(403, 404)})
def remove_route(request: Asked, route_id: int) -> Status[None]:
    """Takes a routing rule away."""
    if not 0 < route_id < 2**31:
        raise NotFound
    actions.remove_route(request.viewer, route_id, now=clock.now())
    return Status(204, None)
