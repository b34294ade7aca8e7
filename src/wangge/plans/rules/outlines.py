"""Outlines for the grids of a plan: every spot belongs to the nearest building, so that nothing is left open and nothing
overlaps.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from wangge.plans.rules.content import Content

Ints = NDArray[np.int64]

#: Without an outline of the community, the ground around its outermost buildings, in degrees: some 50 m.
_AROUND = 0.0005


def outlines_of(
    content: Content,
    labels: Ints,
    communities: Mapping[str, Mapping[str, Any] | None],
    without: Sequence[Mapping[str, Any]] = (),
) -> dict[int, dict[str, Any]]:
    """Label → GeoJSON. `communities` holds each community's outline, `without` what is not divided (dedicated grids)."""
    found: dict[int, dict[str, Any]] = {}
    outside = shapely.union_all([_shape(each) for each in without]) if without else None
    of = labels[content.b_atom]
    places = np.column_stack([content.b_lon, content.b_lat])
    where = content.community[content.b_atom]
    for number, code in enumerate(content.communities):
        members = np.flatnonzero((where == number) & (of >= 0))
        if len(members):
            known = communities.get(code)
            frame = (
                _shape(known) if known else shapely.MultiPoint(places[members]).convex_hull.buffer(_AROUND)
            )
            if outside is not None:
                frame = frame - outside
            found |= _within(frame, places[members], of[members])
    return found


def _within(frame: Any, places: NDArray[np.float64], labels: Ints) -> dict[int, dict[str, Any]]:
    """Of buildings at one spot the first counts."""
    spots, first = np.unique(places, axis=0, return_index=True)
    of = labels[first]
    if len(spots) == 1:
        cells = np.array([frame])
    else:
        points = shapely.MultiPoint(spots)
        cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame, ordered=True))
    found = {}
    for label in np.unique(of).tolist():
        surface = _surface(shapely.union_all(cells[of == label]) & frame)
        if not surface.is_empty:
            found[label] = orjson.loads(shapely.to_geojson(surface))
    return found


def _surface(shape: Any) -> Any:
    """Without lines and points that a cut leaves, and without slivers that rounding makes."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 1e-13]
    if not parts:
        return shapely.Polygon()
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return whole if whole.is_valid else shapely.make_valid(whole)


def _shape(outline: Mapping[str, Any]) -> Any:
    shape = shapely.from_geojson(orjson.dumps(outline))
    return shape if shape.is_valid else shapely.make_valid(shape)
