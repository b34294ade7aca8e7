"""Areas over HTTP: the tree, one area with its boundary and history, and its changes."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from wangge.areas import actions, queries
from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line, text

router = Router(tags=["areas"])

LevelName = Literal["nation", "province", "city", "county", "township", "community", "grid"]
Class = Literal["", "111", "112", "121", "122", "123", "210", "220"]
Reason = text(400, name="reason")


class AreaOut(Schema):
    """An area today. `lon`, `lat` is a point inside its boundary; `boundary_made_up` says that it is an illustration."""

    code: str
    name: str
    level: str
    parent: str | None
    path: str
    kind: str
    urban_rural_class: str
    boundary_made_up: bool
    lon: float | None
    lat: float | None
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_parent(area: Any) -> str | None:
        parent: str | None = area["parent"] if isinstance(area, dict) else area.parent_id
        return parent


class AreaPageOut(Schema):
    items: list[AreaOut]
    next: str | None


class VersionOut(Schema):
    """How an area was from `valid_from` until the day before `valid_to`."""

    name: str
    kind: str
    urban_rural_class: str
    valid_from: date
    valid_to: date
    recorded_at: datetime
    bounded: bool

    @staticmethod
    def resolve_bounded(version: Any) -> bool:
        return version.boundary is not None


class KinOut(Schema):
    """A grid that gave or took so many households when grids were divided anew; `ended_on` is null while it stands."""

    code: str
    name: str
    households: int
    at: datetime
    ended_on: date | None


class LineageOut(Schema):
    """From which grids this one has its households, and to which it gave some. `back_to`: of one that was begun by a division which
    was undone, those that have them again.
    """

    came: list[KinOut]
    went: list[KinOut]
    back_to: list[KinOut]


class AreaDetailOut(AreaOut):
    """`boundary` is GeoJSON (WGS 84); `history`, the latest first, is told to those in whose areas it lies."""

    boundary: dict[str, Any] | None
    history: list[VersionOut]
    lineage: LineageOut


class _Filter(Schema):
    level: LevelName | None = None
    within: AreaCode | None = None
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class ChangeIn(Schema):
    """What is left out stays. `on`, today when left out, is the day from which it holds."""

    model_config = ConfigDict(extra="forbid")
    name: line(80, name="name") | None = None  # type: ignore[valid-type]
    urban_rural_class: Class | None = None
    on: date | None = None
    reason: Reason = ""  # type: ignore[valid-type]


class BoundaryIn(Schema):
    """A GeoJSON Polygon or MultiPolygon with degrees in `datum`; it is kept in WGS 84."""

    model_config = ConfigDict(extra="forbid")
    boundary: dict[str, Any]
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    made_up: bool = False
    on: date | None = None
    reason: Reason = ""  # type: ignore[valid-type]


class AreaEndIn(Schema):
    """`on`, today when left out, is the first day on which the area is no more."""

    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    reason: Reason = ""  # type: ignore[valid-type]


@router.get("", response={200: AreaPageOut, **problems(404)})
def areas(request: Asked, asked: Query[_Filter]) -> Any:
    """Today's areas in the order of the tree: of one level, at or below one area, page by page."""
    return queries.areas(
        request.viewer,
        level=asked.level or "",
        within=asked.within or "",
        cursor=asked.cursor,
        limit=asked.limit,
    )


@router.get("/{code}", response={200: AreaDetailOut, **problems(404)})
def area(request: Asked, code: AreaCode) -> Any:
    """One area, also one that has ended, with its boundary and what it was before."""
    return _detail(request, queries.area_by_code(code))


@router.post("/{code}/change", response={200: AreaDetailOut, **problems(403, 404, 409)})
def change_area(request: Asked, code: AreaCode, given: ChangeIn) -> Any:
    """Renames the area or puts it in another urban-rural class."""
    changed = actions.change_area(request.viewer, code, now=clock.now(), **given.model_dump())
    return _detail(request, changed)


@router.post("/{code}/boundary", response={200: AreaDetailOut, **problems(403, 404, 409)})
def set_boundary(request: Asked, code: AreaCode, given: BoundaryIn) -> Any:
    """Gives the area another outline; every process locates points by it from then on."""
    changed = actions.set_boundary(request.viewer, code, now=clock.now(), **given.model_dump())
    return _detail(request, changed)


@router.post("/{code}/end", response={200: AreaDetailOut, **problems(403, 404, 409)})
def end_area(request: Asked, code: AreaCode, given: AreaEndIn) -> Any:
    """Ends the area; what lies below it must have ended before."""
    ended = actions.end_area(request.viewer, code, now=clock.now(), **given.model_dump())
    return _detail(request, ended)


def _detail(request: Asked, area: Any) -> dict[str, Any]:
    shown = AreaOut.from_orm(area).model_dump()
    return {
        **shown,
        "boundary": area.boundary,
        "history": queries.history(request.viewer, area.code),
        "lineage": queries.lineages_of([area.code])[area.code],
    }
