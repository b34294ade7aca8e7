"""Boundaries as GeoJSON: what is accepted, moved to WGS 84, and measured for the map."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from wangge.base.coordinates import Datum, to_wgs84
from wangge.base.problems import Invalid

MOST_POINTS = 200_000
"""Of one boundary. A county's coast in full detail has some tens of thousands."""

_DIGITS = 9  # after the point, of converted degrees: a tenth of a millimetre


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadBoundary(Invalid, ValueError):  # noqa: N818 - a fact about the request, like every problem
    """`expected` says what would do; `found`, where it is known, what is wrong with it."""

    code = "bad-boundary"

    def __init__(self, expected: str, found: str = "") -> None:
        super().__init__(field="boundary", expected=expected, found=found)
        self.expected, self.found = expected, found


@dataclass(frozen=True, slots=True)
class Shape:
    """A boundary as it is kept: GeoJSON in WGS 84, its box for the map's index, and a point surely inside."""

    boundary: dict[str, Any]
    box: str
    lon: float
    lat: float


def shape_of(geometry: Any, datum: Datum = "wgs84") -> Shape:
    """Checks a GeoJSON Polygon or MultiPolygon with degrees in `datum`; BadBoundary for what cannot be a boundary."""
    rings = _rings_of(geometry)
    parts = [shapely.Polygon(ring[0], ring[1:]) for ring in (_moved(part, datum) for part in rings)]
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if not shape.is_valid:
        raise BadBoundary(_("an outline that does not cross or touch itself"), shapely.is_valid_reason(shape))
    west, south, east, north = shape.bounds
    inside = shape.representative_point()
    return Shape(_as_geojson(shape), f"({east!r},{north!r}),({west!r},{south!r})", inside.x, inside.y)


def _rings_of(geometry: Any) -> list[list[NDArray[np.float64]]]:
    """The rings of each part, the outer one first."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise BadBoundary(_("a GeoJSON Polygon or MultiPolygon"), str(kind))
    parts = geometry.get("coordinates")
    parts = [parts] if kind == "Polygon" else parts
    if not isinstance(parts, list) or not parts:
        raise BadBoundary(_("coordinates: rings of [longitude, latitude]"))
    rings = [[_ring(ring) for ring in part] for part in parts if isinstance(part, list) and part]
    if len(rings) != len(parts):
        raise BadBoundary(_("coordinates: rings of [longitude, latitude]"))
    if sum(len(ring) for part in rings for ring in part) > MOST_POINTS:
        raise BadBoundary(_("at most 200,000 points: simplify the outline"))
    return rings


def _ring(ring: Any) -> NDArray[np.float64]:
    if not isinstance(ring, list) or not all(isinstance(point, list) and len(point) >= 2 for point in ring):
        raise BadBoundary(_("coordinates: rings of [longitude, latitude]"))
    if not all(
        isinstance(part, int | float) and not isinstance(part, bool) for point in ring for part in point[:2]
    ):
        raise BadBoundary(_("coordinates: rings of [longitude, latitude]"))
    try:
        points = np.array([point[:2] for point in ring], np.float64).reshape(-1, 2)
    except OverflowError as error:
        raise BadBoundary(_("degrees on the earth, the longitude first")) from error
    on_earth = np.isfinite(points).all() and (np.abs(points) <= (180.0, 90.0)).all()
    if not on_earth:
        raise BadBoundary(_("degrees on the earth, the longitude first"))
    if len(points) < 4 or (points[0] != points[-1]).any():
        raise BadBoundary(_("closed rings of at least four points, the last equal to the first"))
    return points


def _moved(part: list[NDArray[np.float64]], datum: Datum) -> list[NDArray[np.float64]]:
    if datum == "wgs84":
        return part
    moved = (np.column_stack(to_wgs84(ring[:, 0], ring[:, 1], datum)) for ring in part)
    return [np.round(ring, _DIGITS).astype(np.float64) for ring in moved]


def _as_geojson(shape: shapely.Polygon | shapely.MultiPolygon) -> dict[str, Any]:
    def rings(part: shapely.Polygon) -> list[list[list[float]]]:
        return [shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)]

    if shape.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": rings(shape)}
    return {"type": "MultiPolygon", "coordinates": [rings(part) for part in shape.geoms]}
