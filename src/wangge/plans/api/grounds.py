"""Streets and barriers: of which areas they are known, taken in from a file, removed, and those that a plan goes by."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode
from wangge.plans import actions
from wangge.plans.queries import ground as queries
from wangge.plans.queries.plans import plan_by_id
from wangge.plans.rules.ground import MOST_BYTES

router = Router()


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


class ReadingOut(Schema):
    """A map that was sent. `problem`: code of what stood in its way; once it is `done`, the ground has its id."""

    id: UUID
    area: str
    state: Literal["waiting", "reading", "done", "failed"]
    problem: str
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def resolve_area(reading: Any) -> str:
        code: str = reading.area_id
        return code

    @staticmethod
    def resolve_problem(reading: Any) -> str:
        code: str = reading.problem.get("code", "")
        return code


@router.get("/grounds", response={200: list[GroundOut], **problems(404)})
def grounds(request: Asked) -> Any:
    """Areas whose streets and barriers are known, without the shapes."""
    return queries.grounds(request.viewer)


@router.put(
    "/grounds/{code}",
    response={202: ReadingOut, **problems(403, 404, 409, 413, 429)},
    openapi_extra={
        "requestBody": {
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        }
    },
)
def send_ground(request: Asked, code: AreaCode) -> Any:
    """Streets, barriers, crossings and shops of an area from GeoJSON (property `kind`, or tags) or an extract of OpenStreetMap (.osm, .pbf).
    They are read in the background, and then take the place of those before.
    """
    with TemporaryDirectory(prefix="wangge-") as folder:
        file = Path(folder) / "map"
        file.write_bytes(request.read(MOST_BYTES + 1))
        reading = actions.send_ground(request.viewer, area=code, file=file, now=clock.now())
    return Status(202, reading)


@router.get("/grounds/readings/{uuid:reading_id}", response={200: ReadingOut, **problems(404)})
def ground_reading(request: Asked, reading_id: UUID) -> Any:
    """How far the reading of a map is, or how it ended."""
    return queries.reading_by_id(request.viewer, reading_id)


@router.delete("/grounds/{code}", response={204: None, **problems(403, 404)})
def remove_ground(request: Asked, code: AreaCode) -> Any:
    """From now on nothing is known there; plans begun before keep what they go by."""
    ground = queries.ground_of_area(request.viewer, code)
    actions.remove_ground(request.viewer, ground.id, now=clock.now())
    return Status(204, None)


@router.get("/{uuid:plan_id}/ground", response={200: dict[str, Any], **problems(404)})
def plan_ground(request: Asked, plan_id: UUID) -> Any:
    """Streets, barriers, crossings and shops that the plan goes by, as GeoJSON; each feature says its `kind`."""
    return queries.ground_features(request.viewer, plan_by_id(request.viewer, plan_id))
