"""The grid at a point with the people who walk it: what areas and staff answer together."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.calendar import SHANGHAI
from wangge.base.fields import Lat, Lon
from wangge.staff import queries as staff

router = Router(tags=["areas"])


class StepOut(Schema):
    code: str
    name: str
    level: str


class WorkerOut(Schema):
    id: int
    name: str


class PlaceOut(Schema):
    """The area that answers for a point: its grid, or outside every grid the smallest area that holds it.

    `code` is empty where no boundary holds the point. `above` names the areas of the path from the root down, the
    answering one last. `border_codes` are the others that see the point too, since it lies on their border or their
    boundaries overlap there (`overlaps`). `workers` are those who are there today.
    """

    code: str
    name: str
    level: str
    path: str
    above: list[StepOut]
    border_codes: list[str]
    overlaps: bool
    boundary_made_up: bool
    workers: list[WorkerOut]


class _Point(Schema):
    lon: Annotated[Lon, Field(description="Degrees east, WGS 84")]
    lat: Annotated[Lat, Field(description="Degrees north, WGS 84")]


@router.get("/locate", response={200: PlaceOut, **problems()})
def locate(request: Asked, point: Query[_Point]) -> Any:  # noqa: ARG001 - the tree is read by everyone signed in
    """The grid at a point, with its path and its workers."""
    place = areas.locate(point.lon, point.lat)
    above = areas.ancestors(place.path) if place.code else []
    today = clock.now().astimezone(SHANGHAI).date()
    present = staff.present_at(place.code, ["walk"], today=today) if place.level == "grid" else []
    return {
        "code": place.code,
        "name": above[-1].name if above else "",
        "level": place.level,
        "path": place.path,
        "above": above,
        "border_codes": place.border_codes,
        "overlaps": place.overlaps,
        "boundary_made_up": bool(above) and above[-1].boundary_made_up,
        "workers": [{"id": account, "name": name} for account, name in staff.names_of(present).items()],
    }
