"""Visits over HTTP: recording one, what is due, the round of a day, figures, one's own tracks, places to check."""

from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.fields import AreaCode, Day, Lat, Lon, Moment, line, text
from wangge.visits import actions, queries
from wangge.visits.rules import CHECKED, ERRANDS, MOST_NOTE, OUTCOMES, PLACE_KINDS, SEEN
from wangge.visits.rules.questions import LONGEST_LINE

router = Router(tags=["visits"])
places = Router(tags=["places"])
_MOST = 500


class ReplyIn(Schema):
    """What was said to a department's question: `yes` or `no`, one of its words, a number, a line; or they would not answer."""

    model_config = ConfigDict(extra="forbid")
    question: UUID
    said: line(LONGEST_LINE, least=0, name="said") = ""  # type: ignore[valid-type]  # pydantic's way
    declined: bool = False


class VisitIn(Schema):
    """A call at a household. `at` is the clock of whoever was there. Of where they stood only `seen` is taken, or the code that
    they read off the plate: a position is refused. `errands` are those that were known at the door: only these can be done;
    without it, those that were there when the visit happened. `left` were not done. A department's question is done by its reply.
    """

    model_config = ConfigDict(extra="forbid")
    household: UUID
    at: Moment
    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]  # the tuple of the rules
    well: bool = False
    seen: Literal[SEEN] = ""  # type: ignore[valid-type]  # as above
    plate: line(20, least=0, name="plate") = ""  # type: ignore[valid-type]  # pydantic's way
    note: text(MOST_NOTE, name="note") = ""  # type: ignore[valid-type]  # as above
    errands: Annotated[list[UUID], Field(max_length=100)] | None = None
    left: Annotated[list[UUID], Field(max_length=100)] = []
    replies: Annotated[list[ReplyIn], Field(max_length=20)] = []


class VisitOut(Schema):
    id: UUID
    household: UUID
    day: date
    outcome: str
    well: bool
    seen: str
    note: str
    case: UUID | None


class AsksOut(Schema):
    """A department's question: `answer` is yes_no, words, number or line; `words` to choose from."""

    question: UUID
    answer: str
    words: list[str]


class ReasonOut(Schema):
    """`why` is the code of a rule or the kind of an errand, `zh` and `en` say it, `basis_zh` and `basis_en` on which ground."""

    why: str
    since: date
    by: date
    law: bool
    zh: str
    en: str
    basis_zh: str
    basis_en: str
    asks: AsksOut | None = None


class DoorOut(Schema):
    """One visit: a household with all that is due there."""

    household: UUID
    number: str
    address: str
    lon: float | None
    lat: float | None
    since: date
    by: date
    reasons: list[ReasonOut]


class DueOut(Schema):
    """`count` doors are due; those that end first are given, at most 500."""

    count: int
    doors: list[DoorOut]


class RoundStopOut(DoorOut):
    """A door of a round; `about`: when the call begins, as 10:40."""

    about: str


class RoundOut(Schema):
    """The doors of a day in walking order, as many as fit into its hours; `left` more are due. Of these the day is too short for
    `left_over`.
    """

    day: date
    left: int
    stops: list[RoundStopOut]
    left_over: list[DoorOut]


class ErrandIn(Schema):
    """Something to bring to these doors or to ask there. `ref` is what it belongs to: once a household."""

    model_config = ConfigDict(extra="forbid")
    households: Annotated[list[UUID], Field(min_length=1, max_length=5_000)]
    kind: Literal[ERRANDS]  # type: ignore[valid-type]  # the tuple of the rules
    text: line(200, name="text")  # type: ignore[valid-type]  # pydantic's way
    since: Day
    by: Day
    ref: UUID | None = None
    law: bool = False


class AddedOut(Schema):
    added: int


class VisitFiguresOut(Schema):
    """Visits by how they ended; households met, each once a day; doors due on the last day, and those that are late."""

    area: str
    visits: dict[str, int]
    households_met: int
    due: int
    overdue: int
    by_day: dict[str, dict[str, int]]
    by_area: dict[str, dict[str, int]]


class ErasedOut(Schema):
    erased: int


class PlaceIn(Schema):
    """A place to check, in the area named or where its point lies; without `every_days` as often as is usual for its kind."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal[PLACE_KINDS]  # type: ignore[valid-type]  # the tuple of the rules
    name: line(80, name="name")  # type: ignore[valid-type]  # pydantic's way
    address: line(200, least=0, name="address") = ""  # type: ignore[valid-type]  # as above
    lon: Lon | None = None
    lat: Lat | None = None
    area: AreaCode | None = None
    every_days: Annotated[int, Field(ge=1, le=1100)] | None = None
    basis: line(300, least=0, name="basis") = ""  # type: ignore[valid-type]  # as above


class CheckedPlaceOut(Schema):
    id: UUID
    kind: str
    name: str
    address: str
    lon: float | None
    lat: float | None
    every_days: int
    due_on: date
    checked_on: date | None
    found: str
    closed_on: date | None


class CheckIn(Schema):
    """What a look at a place found, as a command: the same `command_id` again changes nothing."""

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    at: Moment
    found: Literal[CHECKED]  # type: ignore[valid-type]  # the tuple of the rules
    note: text(500, name="note") = ""  # type: ignore[valid-type]  # pydantic's way
    seen: Literal[SEEN] = ""  # type: ignore[valid-type]  # as above


class _Of(Schema):
    household: UUID


class _OfPatrol(Schema):
    patrol: UUID | None = None


class _In(Schema):
    area: AreaCode | None = None
    day: Day | None = None


class _InHours(_In):
    begins: time | None = None
    ends: time | None = None


class _Span(Schema):
    area: AreaCode
    since: Day
    until: Day


@router.get("", response={200: list[VisitOut], **problems(404)})
def list_visits(request: Asked, of: Query[_Of]) -> list[dict[str, Any]]:
    """The newest visits at a household."""
    return [_visit(each) for each in queries.visits_of(request.viewer, of.household)]


@router.get("/due", response={200: DueOut, **problems(404)})
def list_due(request: Asked, within: Query[_In]) -> dict[str, Any]:
    """What is due at the doors of an area on a day, by default one's own and today."""
    path = queries.homes_of(request.viewer, within.area or "")
    doors, count = queries.due_doors(request.viewer, path, day=within.day or _today(), limit=_MOST)
    return {"count": count, "doors": [_door(each) for each in doors]}


@router.get("/round", response={200: RoundOut, **problems(404)})
def plan_round(request: Asked, within: Query[_InHours]) -> dict[str, Any]:
    """The round of a day in walking order, within the working day or from `begins` to `ends`."""
    hours = queries.hours_between(_minutes(within.begins), _minutes(within.ends))
    day = within.day or _today()
    planned = queries.plan_round(request.viewer, day, area=within.area or "", hours=hours)
    stops = zip(planned.stops, planned.about, strict=True)
    return {
        "day": planned.day,
        "left": planned.left,
        "stops": [_door(each) | {"about": queries.time_of(about)} for each, about in stops],
        "left_over": [_door(each) for each in planned.left_over],
    }


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute


@router.get("/figures", response={200: VisitFiguresOut, **problems(403, 404)})
def visit_figures(request: Asked, span: Query[_Span]) -> Any:
    """What was done and what waits, from the sums that are kept; at most a year."""
    since = max(span.since, span.until - timedelta(days=366))
    found = queries.figures(request.viewer, span.area, since=since, until=span.until)
    told = {
        name: getattr(found, name)
        for name in ("area", "visits", "households_met", "due", "overdue", "by_area")
    }
    return {**told, "by_day": {day.isoformat(): counts for day, counts in found.by_day.items()}}


@router.post("/errands", response={200: AddedOut, **problems(403, 404)})
def add_errands(request: Asked, errand: ErrandIn) -> dict[str, int]:
    """Puts an errand on the next visit at each of these doors."""
    told = errand.model_dump(exclude={"households"})
    new = actions.NewErrand(**told)
    return {"added": actions.add_errands(request.viewer, errand.households, new, now=clock.now())}


@router.get("/tracks", response={200: dict[str, Any], **problems()})
def own_tracks(request: Asked) -> dict[str, Any]:
    """One's own tracks as GeoJSON; nobody reads another's."""
    return queries.track_features(queries.own_tracks(request.viewer))


@router.delete("/tracks", response={200: ErasedOut, **problems(403)})
def erase_tracks(request: Asked, of: Query[_OfPatrol]) -> dict[str, int]:
    """Erases one's own tracks, all or that of one patrol."""
    return {"erased": actions.erase_tracks(request.viewer, [of.patrol] if of.patrol else None)}


@router.put("/{uuid:visit_id}", response={200: VisitOut, 201: VisitOut, **problems(403, 404, 409)})
def record_visit(request: Asked, visit_id: UUID, visit: VisitIn) -> Status[dict[str, Any]]:
    """Records a visit under an id that the client made: 201 the first time, 200 for the same again."""
    facts = visit.model_dump(exclude={"at", "errands", "left", "replies"})
    errands = None if visit.errands is None else tuple(visit.errands)
    replies = tuple(actions.ReplyTold(each.question, each.said, each.declined) for each in visit.replies)
    told = actions.Told(**facts, errands=errands, left=tuple(visit.left), replies=replies)
    command = Command(visit_id, visit.at)
    made, is_new = actions.record_visit(request.viewer, command, told, now=clock.now())
    return Status(201 if is_new else 200, _visit(made))


@places.get("", response={200: list[CheckedPlaceOut], **problems(404)})
def list_places(request: Asked, within: Query[_In]) -> Any:
    """The open places of an area, those due first."""
    path = queries.places_of(request.viewer, within.area or "")
    return queries.places(request.viewer, path, day=within.day)


@places.put(
    "/{uuid:place_id}", response={200: CheckedPlaceOut, 201: CheckedPlaceOut, **problems(403, 404, 409)}
)
def add_place(request: Asked, place_id: UUID, place: PlaceIn) -> Status[Any]:
    """Adds a place under an id that the client made: 201 the first time, 200 for the same again."""
    facts = place.model_dump()
    facts["area"] = place.area or ""
    new = actions.NewPlace(**facts)
    made, is_new = actions.add_place(request.viewer, place_id, new, now=clock.now())
    return Status(201 if is_new else 200, made)


@places.post("/{uuid:place_id}/checks", response={200: CheckedPlaceOut, **problems(403, 404, 409)})
def check_place(request: Asked, place_id: UUID, check: CheckIn) -> Any:
    """Keeps what a look at the place found; gives the place as it is due now."""
    found = actions.Found(place_id, check.found, note=check.note, seen=check.seen)
    actions.check_place(request.viewer, Command(check.command_id, check.at), found, now=clock.now())
    return queries.place_by_id(request.viewer, place_id)


@places.post("/{uuid:place_id}/close", response={200: CheckedPlaceOut, **problems(403, 404)})
def close_place(request: Asked, place_id: UUID) -> Any:
    """It is there no more."""
    return actions.close_place(request.viewer, place_id, now=clock.now())


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


def _visit(visit: Any) -> dict[str, Any]:
    told = {name: getattr(visit, name) for name in ("id", "day", "outcome", "well", "seen")}
    return {
        **told,
        "household": visit.household_id,
        "note": visit.note or "",
        "case": visit.case_id,
    }


def _door(due: queries.DueDoor) -> dict[str, Any]:
    at = due.door
    return {
        "household": at.id,
        "number": at.number,
        "address": at.address,
        "lon": at.lon,
        "lat": at.lat,
        "since": due.since,
        "by": due.by,
        "reasons": due.reasons,
    }
