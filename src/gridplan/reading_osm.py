"""Extracts of OpenStreetMap: buildings are doors, with households estimated; main roads, railways and waters are barriers.

OpenStreetMap does not say how many households live in a building. Where a building says its flats, these are taken; else its floors
are counted or guessed, and that it is an estimate is said.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridplan._found import BadFile, Door, Fault, Found, Wrong
from gridplan._values import MOST_HOUSEHOLDS
from gridplan.plane import Plane
from gridplan.reading_geojson import properties_of, shape_of

#: Floor area to a household, stairs and walls included.
M2_PER_HOUSEHOLD = 100.0
#: Floors where a building says none: by its kind; of `yes` by its footprint.
FLOORS = {
    "apartments": 6,
    "residential": 6,
    "dormitory": 6,
    "house": 2,
    "detached": 2,
    "terrace": 2,
    "semidetached_house": 2,
}
FLOORS_OF_LARGE, FLOORS_OF_SMALL, LARGE_M2 = 6, 2, 200.0
#: Houses of one family.
HOUSES = {"house", "detached", "semidetached_house", "bungalow", "farm", "cabin"}
#: Metres to a floor where a building says only its height.
FLOOR_M = 3.0
HOMES = {*FLOORS, *HOUSES, "yes"}
#: Buildings on such land, or with such a tag, are no homes unless they say so.
NO_HOMES_LAND = {
    "industrial",
    "commercial",
    "retail",
    "railway",
    "military",
    "construction",
    "education",
    "institutional",
}
NO_HOMES = ("amenity", "shop", "office", "tourism", "leisure", "aeroway", "man_made", "public_transport")

ROADS = {"motorway", "motorway_link", "trunk", "trunk_link", "primary"}
RAILS = {"rail", "light_rail", "subway", "narrow_gauge", "tram"}
WATERS = {"river", "canal"}
#: A lake so long is walked around for longer than one calls near.
LONG_WATER_M = 250.0
NOT_ON_FOOT = {
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "construction",
    "proposed",
    "raceway",
    "bus_guideway",
}
NO = {"", "no", "0", "false"}


@dataclass(frozen=True, slots=True)
class Feature:
    number: int
    id: str
    tags: Mapping[str, str]
    shape: BaseGeometry


def found_in_osm(path: Path) -> Found:
    """From `.osm`, `.osm.pbf` and what else libosmium reads."""
    faults: list[Fault] = []
    try:
        features = list(_from_osmium(path, faults))
    except (RuntimeError, OSError) as problem:
        raise BadFile(f"{path.name} is no extract that can be read: {problem}.") from problem
    found = _found(features)
    found.faults[:0] = faults
    return found


def found_in_features(features: Sequence[Any]) -> Found:
    """From GeoJSON whose properties are tags, as exports of OpenStreetMap have them."""
    taken, faults = [], []
    for number, feature in enumerate(features, 1):
        tags = {str(key): str(value) for key, value in properties_of(feature).items() if value is not None}
        name = str(
            tags.get("osm") or tags.get("@id") or (isinstance(feature, dict) and feature.get("id")) or ""
        )
        try:
            taken.append(Feature(number, name, tags, shape_of(feature)))
        except Wrong as wrong:
            faults.append(Fault(number, name, str(wrong)))
    found = _found(taken)
    found.faults[:0] = faults
    return found


def _from_osmium(path: Path, faults: list[Fault]) -> Iterator[Feature]:
    import osmium

    keys = osmium.filter.KeyFilter(
        "building", "highway", "railway", "waterway", "natural", "landuse", "boundary", "amenity", "shop"
    )
    make = osmium.geom.WKBFactory()
    for number, each in enumerate(osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys), 1):
        name, tags, wkb = "", {tag.k: tag.v for tag in each.tags}, None
        try:
            if isinstance(each, osmium.osm.Node):
                name, wkb = f"node/{each.id}", make.create_point(each)
            elif isinstance(each, osmium.osm.Way) and not _is_area(tags, closed=each.is_closed()):
                name, wkb = f"way/{each.id}", make.create_linestring(each)
            elif isinstance(each, osmium.osm.Area) and _is_area(tags, closed=True):
                name = f"{'way' if each.from_way() else 'relation'}/{each.orig_id()}"
                wkb = make.create_multipolygon(each)
        except (RuntimeError, osmium.InvalidLocationError) as problem:
            faults.append(Fault(number, name, f"its shape cannot be made: {problem}"))
        if wkb is not None:
            yield Feature(number, name, tags, shapely.from_wkb(wkb))


def _is_area(tags: Mapping[str, str], *, closed: bool) -> bool:
    if not closed or tags.get("area") == "no":
        return False
    if "highway" in tags or "railway" in tags:
        return tags.get("area") == "yes" or "building" in tags
    return bool(tags.keys() & {"building", "landuse", "natural", "boundary", "waterway", "amenity", "shop"})


def _found(features: Sequence[Feature]) -> Found:
    found = Found()
    if not features:
        return found
    spot = shapely.union_all([feature.shape.envelope.centroid for feature in features[:1000]]).centroid
    plane = Plane(spot.x, spot.y)
    land = _land(features)
    estimated = 0
    for feature in features:
        tags = feature.tags
        if tags.get("building", "no") not in NO and feature.shape.geom_type in ("Polygon", "MultiPolygon"):
            door = _building(feature, plane, land, found.faults)
            if door:
                estimated += door.is_estimated and door.households > 0
                found.doors.append(door)
        elif _is_community(feature):
            found.communities[tags["name"]] = shapely.make_valid(feature.shape)
    lines = [feature for feature in features if feature.shape.geom_type in ("LineString", "MultiLineString")]
    found.streets = [feature.shape for feature in lines if _is_walked(feature.tags)]
    walls = [feature for feature in features if _is_barrier(feature, plane)]
    found.barriers = [feature.shape for feature in walls]
    found.barrier_kinds = [kind_of_barrier(feature.tags) for feature in walls]
    found.crossings = list(_crossings(features, lines))
    found.shops = [feature.shape for feature in features if _says(feature.tags, "shop")]
    if estimated:
        found.notes.append(
            f"Households of {estimated} of {len(found.doors)} buildings are estimated: floor area by"
            f" {M2_PER_HOUSEHOLD:g} m² for each. OpenStreetMap counts none. © OpenStreetMap contributors, ODbL 1.0."
        )
    return found


def _is_community(feature: Feature) -> bool:
    tags = feature.tags
    return bool(
        tags.get("boundary") == "administrative"
        and tags.get("admin_level") in ("10", "11")
        and tags.get("name")
        and feature.shape.geom_type in ("Polygon", "MultiPolygon")
    )


def _land(features: Iterable[Feature]) -> tuple[list[BaseGeometry], shapely.STRtree]:
    """Land on which nobody is at home."""
    shapes = [
        shapely.make_valid(feature.shape)
        for feature in features
        if feature.shape.geom_type in ("Polygon", "MultiPolygon")
        and "building" not in feature.tags
        and (
            feature.tags.get("landuse") in NO_HOMES_LAND
            or feature.tags.get("amenity") in ("school", "university", "college", "hospital", "kindergarten")
        )
    ]
    return shapes, shapely.STRtree(shapes)


def _building(
    feature: Feature, plane: Plane, land: tuple[list[BaseGeometry], shapely.STRtree], faults: list[Fault]
) -> Door | None:
    tags = feature.tags
    outline = shapely.make_valid(feature.shape)
    if not outline.is_valid or outline.area == 0:
        faults.append(Fault(feature.number, feature.id, "the building has no area"))
        return None
    name = tags.get("name") or " ".join(
        part for part in (tags.get("addr:street"), tags.get("addr:housenumber")) if part
    )
    households, is_estimated = 0, False
    flats = _whole(tags.get("building:flats"))
    if flats is not None:
        households = flats
    elif _is_home(feature, outline, land):
        households, is_estimated = _estimate(tags, plane.shape_to_metres(outline).area), True
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        outline = shapely.union_all([part for part in shapely.get_parts(outline) if part.area > 0])
    return Door(feature.number, name or feature.id, outline, households, is_estimated=is_estimated)


def _is_home(
    feature: Feature, outline: BaseGeometry, land: tuple[list[BaseGeometry], shapely.STRtree]
) -> bool:
    kind = feature.tags.get("building", "")
    if kind not in HOMES:
        return False
    if kind != "yes":
        return True
    return not any(feature.tags.get(key, "no") not in NO for key in NO_HOMES) and not len(
        land[1].query(outline.representative_point(), predicate="within")
    )


def _estimate(tags: Mapping[str, str], footprint: float) -> int:
    kind = tags.get("building", "")
    if kind in HOUSES:
        return 1
    floors = _whole(tags.get("building:levels"))
    if floors is None:
        try:
            floors = round(float(tags.get("height", "").removesuffix("m").strip()) / FLOOR_M)
            floors = min(max(1, floors), MOST_HOUSEHOLDS)
        except (ValueError, OverflowError):
            floors = FLOORS.get(kind) or (FLOORS_OF_LARGE if footprint >= LARGE_M2 else FLOORS_OF_SMALL)
    return max(1, round(footprint * floors / M2_PER_HOUSEHOLD))


def _whole(text: str | None) -> int | None:
    """The number that a tag says, if it is one."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return round(number) if 0 <= number <= MOST_HOUSEHOLDS else None


def _says(tags: Mapping[str, str], key: str) -> bool:
    return tags.get(key, "no") not in NO


def _is_walked(tags: Mapping[str, str]) -> bool:
    return "highway" in tags and tags["highway"] not in NOT_ON_FOOT and tags.get("foot") != "no"


def _is_barrier(feature: Feature, plane: Plane) -> bool:
    """On the ground: one passes below a viaduct and above a tunnel."""
    tags, kind = feature.tags, feature.shape.geom_type
    if kind in ("Polygon", "MultiPolygon"):
        if tags.get("natural") != "water" and tags.get("waterway") not in ("riverbank", "dock"):
            return False
        west, south, east, north = plane.shape_to_metres(feature.shape).bounds
        return bool(math.hypot(east - west, north - south) >= LONG_WATER_M)
    if kind == "Point" or _says(tags, "tunnel"):
        return False
    if tags.get("waterway") in WATERS:
        return True
    return not _says(tags, "bridge") and (tags.get("highway") in ROADS or tags.get("railway") in RAILS)


def kind_of_barrier(tags: Mapping[str, str]) -> str:
    """What tags say it is, one of `BARRIERS`; nothing where they do not."""
    if _says(tags, "railway"):
        return "railway"
    if _says(tags, "waterway") or tags.get("natural") == "water":
        return "water"
    return "road" if _says(tags, "highway") else ""


def _crossings(features: Sequence[Feature], lines: Sequence[Feature]) -> Iterator[BaseGeometry]:
    """Nodes that are crossings, and ways that are bridges, tunnels or footway crossings. Where streets go through is found later."""
    for feature in features:
        if feature.shape.geom_type == "Point" and (
            feature.tags.get("highway") in ("crossing", "traffic_signals")
            or feature.tags.get("railway") in ("crossing", "level_crossing")
        ):
            yield feature.shape
    for feature in lines:
        tags = feature.tags
        if _is_walked(tags) and (
            _says(tags, "bridge") or _says(tags, "tunnel") or tags.get("footway") == "crossing"
        ):
            yield feature.shape
