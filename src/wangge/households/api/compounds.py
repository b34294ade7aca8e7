"""Compounds over HTTP: found by name, listed, added, changed and ended."""

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, Lat, Lon, line, text
from wangge.households import actions, queries

router = Router(tags=["compounds"])

CompoundCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,31}$")]


class CompoundOut(Schema):
    """A named estate or natural village. `made_up` says that it belongs to a sample."""

    code: str
    name: str
    aliases: list[str]
    address: str
    area: str
    path: str
    lon: float | None
    lat: float | None
    made_up: bool
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_area(compound: Any) -> str:
        area: str = compound["area"] if isinstance(compound, dict) else compound.area_id
        return area


class CompoundPageOut(Schema):
    items: list[CompoundOut]
    next: str | None


class CompoundsQuery(Schema):
    """With `q` the likeliest ten or `limit`; without, all in the order of their codes, page by page."""

    q: line(100, least=0, name="q") = ""  # type: ignore[valid-type]
    within: AreaCode | None = None
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 10


class CompoundIn(Schema):
    """The whole of what is said. The place: an `area`, or a point in `datum`, or both; the area then counts."""

    model_config = ConfigDict(extra="forbid")
    name: line(80, name="name")  # type: ignore[valid-type]
    aliases: Annotated[list[line(80, name="aliases")], Field(max_length=20)] = []  # type: ignore[valid-type]
    address: line(200, least=0, name="address") = ""  # type: ignore[valid-type]
    area: AreaCode | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class CompoundEndIn(Schema):
    """`on`, today when left out, is the first day on which it is no more."""

    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    reason: text(400, name="reason") = ""  # type: ignore[valid-type]


@router.get("", response={200: CompoundPageOut, **problems(404)})
def compounds(request: Asked, asked: Query[CompoundsQuery]) -> Any:
    """Compounds by the words of a name, another name or an address; or those of an area."""
    within = asked.within or ""
    if asked.q:
        found = queries.compounds_named(request.viewer, asked.q, within=within, limit=asked.limit)
        return {"items": found, "next": None}
    return queries.compounds(request.viewer, within=within, cursor=asked.cursor, limit=asked.limit)


@router.put("/{code}", response={200: CompoundOut, 201: CompoundOut, **problems(403, 404, 409)})
def set_compound(request: Asked, code: CompoundCode, given: CompoundIn) -> Status[Any]:
    """Adds a compound under a code of one's own, or changes it to this; 201 when it is new."""
    said = {**given.model_dump(), "area": given.area or "", "aliases": tuple(given.aliases)}
    compound, is_new = actions.set_compound(
        request.viewer, code, actions.CompoundFacts(**said), now=clock.now()
    )
    return Status(201 if is_new else 200, compound)


@router.post("/{code}/end", response={200: CompoundOut, **problems(403, 404, 409)})
def end_compound(request: Asked, code: CompoundCode, given: CompoundEndIn) -> Any:
    """Ends a compound; it stays in the register."""
    return actions.end_compound(request.viewer, code, now=clock.now(), **given.model_dump())
