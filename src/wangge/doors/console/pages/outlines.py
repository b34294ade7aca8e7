"""Boundaries drawn against one another: one that is to be set with its neighbours, and one of then over that of now."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wangge.areas.queries import BoundaryPreview
from wangge.doors.maps import Map, draw

#: So many neighbours are drawn; more make no map that a person reads.
_MOST_DRAWN = 60


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What `maps.draw` asks of an area."""

    name: str
    boundary: dict[str, Any] | None
    boundary_made_up: bool = False


def preview_facts(preview: BoundaryPreview) -> dict[str, Any]:
    """The map of an outline that is not set yet, and in words what it overlaps and leaves open."""
    names = {area.code: area.name for area in preview.beside}
    overlapped = [code for code, _ground in preview.fit.overlaps]
    nearest = sorted(preview.beside, key=lambda area: (area.code not in overlapped, area.code))[:_MOST_DRAWN]
    before = _Drawn(_("as it was"), preview.area.boundary)
    drawn = draw(
        [
            *((area, "beside") for area in nearest),
            *([(before, "before")] if before.boundary else []),
            (_Drawn(preview.area.name, preview.shape.boundary), "own"),
        ],
        title=_("Map of {area}").format(area=preview.area.name),
        zoom=0.8,
    )
    return {
        "map": drawn,
        "fit": preview.fit,
        "overlaps": [(names.get(code, code), code, size) for code, size in preview.fit.overlaps],
        "cut": preview.fit.parts_outside,
        "parent": preview.parent,
        "points": _points(preview.shape.boundary),
        "outline": preview.shape.boundary,
        "had_one": before.boundary is not None,
    }


def map_of_then(area: Any, then: Any) -> Map | None:
    """The boundary of then, dashed, over that of now."""
    return draw(
        [(_Drawn(area.name, area.boundary), "own"), (_Drawn(_("as it was"), then.boundary), "before")],
        title=_("Map of {area}").format(area=area.name),
        around=[_Drawn("", area.boundary), _Drawn("", then.boundary)],
    )


def _points(boundary: dict[str, Any]) -> int:
    kind, parts = boundary["type"], boundary["coordinates"]
    return sum(len(ring) for part in ([parts] if kind == "Polygon" else parts) for ring in part)
