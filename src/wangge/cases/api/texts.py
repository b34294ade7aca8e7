"""Ready texts over HTTP."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import ConfigDict

from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line, text
from wangge.cases import actions, queries

router = Router(tags=["texts"])
Use = Literal["answer", "reason", "note", "reporter"]


class TextIn(Schema):
    """A ready text for an area and all below it. Fields: {number} {title} {place} {item} {due} {waited} {department} {name} {today}."""

    model_config = ConfigDict(extra="forbid")
    area: AreaCode
    name: line(60, name="name")  # type: ignore[valid-type]
    use: Use
    text: text(2000, name="text")  # type: ignore[valid-type]


class TextOut(Schema):
    id: UUID
    area: str
    name: str
    use: str
    text: str
    changed_at: datetime


def _shown(kept: Any) -> dict[str, Any]:
    told = {name: getattr(kept, name) for name in ("id", "name", "use", "text", "changed_at")}
    return {**told, "area": kept.path.rsplit(".", 1)[-1]}


@router.get("", response={200: list[TextOut], **problems(404)})
def list_texts(request: Asked, area: AreaCode, use: Use | None = None) -> list[dict[str, Any]]:
    """The ready texts that may be used in an area: its own and those of the areas above it, the nearest first."""
    path = areas.area_by_code(area).path
    return [_shown(kept) for kept in queries.texts_for(request.viewer, path, use or "")]


@router.put("/{uuid:text_id}", response={200: TextOut, **problems(403, 404, 409)})
def set_text(request: Asked, text_id: UUID, given: TextIn) -> dict[str, Any]:
    """Adds a ready text under an id that the client made, or changes it."""
    return _shown(actions.set_text(request.viewer, text_id, **given.model_dump(), now=clock.now()))


@router.delete("/{uuid:text_id}", response={204: None, **problems(403, 404)})
def remove_text(request: Asked, text_id: UUID) -> Status[None]:
    """Takes a ready text away; what was written with it stays."""
    actions.remove_text(request.viewer, text_id, now=clock.now())
    return Status(204, None)
