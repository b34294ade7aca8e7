"""Outlines for the grids of a plan: where nothing changes today's stay, else every spot belongs to the nearest building, so that
nothing is left open and nothing overlaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content

Ints = NDArray[np.int64]

#: Without an outline of the community, the ground around its outermost buildings, in degrees: some 50 m.
_AROUND = 0.0005
#: Ground that is none, in square degrees: some square metre, by which two drawings of one border may differ.
_LEAST = 1e-10
#: What lies no farther apart touches, in degrees: some 10 cm.
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there today: `outlines` by code, `going_on` says which grid of today (its place) each label goes on as, `bare` are the codes
    of grids in which no building is registered and which go on as they are.
    """

    outlines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    going_on: Mapping[int, int] = field(default_factory=dict)
    bare: Sequence[str] = ()


def outlines_of(
    content: Content,
    labels: Ints,
    communities: Mapping[str, Mapping[str, Any] | None],
    without: Sequence[Mapping[str, Any]] = (),
    standing: Standing | None = None,
) -> dict[int, dict[str, Any]]:
    """Label → GeoJSON. `communities` holds each community's outline, `without` what is not divided (dedicated grids).

    A grid that has the same buildings as today keeps its outline of today, unless that overlaps another one or borders on ground of its
    community that no grid has. The others share what is left.
    """
    today = standing or Standing()
    found: dict[int, dict[str, Any]] = {}
    kept_out = [
        *map(_shape, without),
        *map(shapely.make_valid, _surfaces(today.outlines, today.bare).values()),
    ]
    outside = shapely.union_all(kept_out) if kept_out else None
    of = labels[content.b_atom]
    places = np.column_stack([content.b_lon, content.b_lat])
    where = content.community[content.b_atom]
    same = unchanged(content, labels, today.going_on)
    for number, code in enumerate(content.communities):
        members = np.flatnonzero((where == number) & (of >= 0))
        if len(members):
            known = communities.get(code)
            frame = (
                _shape(known) if known else shapely.MultiPoint(places[members]).convex_hull.buffer(_AROUND)
            )
            if outside is not None:
                frame = frame - outside
            stay = _staying(content, number, today, same, frame if known else None)
            found |= _around(frame, places[members], of[members], stay)
    return found


def unchanged(content: Content, labels: Ints, going_on: Mapping[int, int]) -> dict[int, int]:
    """Of those that go on the labels whose buildings are today's exactly."""
    of = labels[content.b_atom]
    place = np.full(int(labels.max(initial=NONE)) + 2, -2, np.int64)
    for label, today in going_on.items():
        place[label] = today
    stays = place[of] == content.b_today
    size = np.bincount(of[of >= 0], minlength=len(place))
    before = np.bincount(content.b_today[content.b_today >= 0], minlength=len(content.grids))
    both = np.bincount(of[stays & (of >= 0)], minlength=len(place))
    return {
        label: today for label, today in going_on.items() if size[label] == before[today] == both[label] > 0
    }


def standing_on(content: Content, outlines: Mapping[str, Mapping[str, Any]]) -> Ints:
    """By building the place of the grid of today in which no building is registered and on whose ground it stands, else `NONE`."""
    found = np.full(len(content.b_ids), NONE, np.int64)
    for code, shape in _surfaces(outlines, content.bare).items():
        found[shapely.contains_xy(shape, content.b_lon, content.b_lat)] = content.grids.index(code)
    return found


def _staying(
    content: Content, community: int, today: Standing, same: Mapping[int, int], frame: Any
) -> dict[int, Mapping[str, Any]]:
    """Label → its outline of today, of this community."""
    own = np.flatnonzero(content.grid_community == community).tolist()
    known = _surfaces(today.outlines, [content.grids[place] for place in own])
    if not known:
        return {}
    codes = list(known)
    faulty = {code for code, shape in known.items() if not shape.is_valid}
    shapes = [shape if shape.is_valid else shapely.make_valid(shape) for shape in known.values()]
    tree = shapely.STRtree(shapes)
    for one, other in tree.query(shapes, predicate="intersects").T.tolist():
        if one < other and (shapes[one] & shapes[other]).area > _LEAST:
            faulty |= {codes[one], codes[other]}
    if frame is not None:
        for hole in shapely.get_parts(frame - shapely.union_all(shapes)):
            if hole.area > _LEAST:
                faulty |= {codes[at] for at in tree.query(hole, predicate="dwithin", distance=_NEAR).tolist()}
    return {
        label: today.outlines[code]
        for label, place in same.items()
        if (code := content.grids[place]) in known and code not in faulty
    }


def _around(
    frame: Any, places: NDArray[np.float64], labels: Ints, stay: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Who stays, and the others on the ground that is left: each part of it among those who live on it."""
    others = ~np.isin(labels, list(stay))
    if not stay or not others.any():
        return {label: dict(outline) for label, outline in stay.items()} or _within(frame, places, labels)
    found: dict[int, list[Any]] = {}
    for part in shapely.get_parts(frame - shapely.union_all([_shape(each) for each in stay.values()])):
        if part.geom_type == "Polygon" and part.area > _LEAST:
            here = others & shapely.intersects_xy(part, places[:, 0], places[:, 1])
            among = here if here.any() else others
            for label, outline in _within(part, places[among], labels[among]).items():
                found.setdefault(label, []).append(_shape(outline))
    if set(found) != set(labels[others].tolist()):
        # Somebody's buildings stand on the ground of those who stay: there all of it is drawn anew.
        return _within(frame, places, labels)
    return {label: dict(outline) for label, outline in stay.items()} | {
        label: orjson.loads(shapely.to_geojson(_surface(shapely.union_all(parts))))
        for label, parts in found.items()
    }


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


def _surfaces(outlines: Mapping[str, Mapping[str, Any]], codes: Iterable[str]) -> dict[str, Any]:
    """Those that are surfaces, as they are written; what cannot be read is nobody's ground."""
    found = {}
    for code in codes:
        shape = shapely.from_geojson(orjson.dumps(outlines.get(code)), on_invalid="ignore")
        if shape is not None and not shape.is_empty and shape.geom_type in ("Polygon", "MultiPolygon"):
            found[code] = shape
    return found


def _shape(outline: Mapping[str, Any]) -> Any:
    shape = shapely.from_geojson(orjson.dumps(outline))
    return shape if shape.is_valid else shapely.make_valid(shape)
