"""GeoJSON: doors, compounds, communities, grids, barriers, crossings, streets and shops, by the property `kind`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridplan._found import BARRIERS, BadFile, Fault, Found, Names, Wrong
from gridplan._values import check_degrees, door_of, word

#: What a feature of a GeoJSON may be, by the property `kind`.
KINDS = ("door", "compound", "community", "grid", "barrier", "crossing", "street", "shop")

#: What people write of a barrier by the property `barrier`, beside the kinds themselves.
_CALLED = {
    "street": "road",
    "highway": "road",
    "rail": "railway",
    "river": "water",
    "canal": "water",
    "lake": "water",
}

#: Of these what lies on the ground, and where it is kept in what was found.
GROUND = {"barrier": "barriers", "crossing": "crossings", "street": "streets", "shop": "shops"}


def found_in_geojson(path: Path, names: Names) -> Found:
    features = features_of(path)
    if has_tags(features, names):
        from gridplan.reading_osm import found_in_features

        return found_in_features(features)
    found = Found()
    for number, feature in enumerate(features, 1):
        _take(feature, number, names, found)
    return found


def features_of(path: Path) -> list[Any]:
    """The features of a GeoJSON file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    # Neither text nor JSON is a ValueError, and so is a number of more digits than Python takes.
    except (OSError, ValueError, RecursionError) as problem:
        raise BadFile(f"{path.name} is no JSON that can be read: {problem}.") from problem
    if isinstance(content, dict) and content.get("type") == "Feature":
        return [content]
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise BadFile(f"{path.name} is no GeoJSON: it has no list of features.")
    return features


def properties_of(feature: Any) -> dict[str, Any]:
    said = feature.get("properties") if isinstance(feature, dict) else None
    return said if isinstance(said, dict) else {}


def has_tags(features: Sequence[Any], names: Names) -> bool:
    """Whether the properties are tags of OpenStreetMap and nothing says households or kinds."""
    keys: set[str] = set()
    for feature in features:
        keys |= set(properties_of(feature))
    return bool(keys & {"building", "highway", "railway", "waterway"}) and not keys & {
        names.households,
        names.kind,
    }


def _take(feature: Any, number: int, names: Names, found: Found) -> None:
    properties = properties_of(feature)
    name = word(properties.get(names.name))
    try:
        shape = shape_of(feature)
        kind = word(properties.get(names.kind)) or "door"
        if kind == "door":
            found.doors.append(door_of(number, name, shape, properties, names))
        elif kind in GROUND:
            lie(found, kind, shape, properties)
        elif kind in KINDS:
            _named(kind, name, shape, found)
            if kind == "grid" and (worker := word(properties.get(names.worker))):
                found.workers[name] = worker
        else:
            text = f"its {names.kind} is {kind!r}, which is none of {', '.join(KINDS)}"
            found.faults.append(Fault(number, name, text))
    except Wrong as wrong:
        found.faults.append(Fault(number, name, str(wrong)))


def lie(found: Found, kind: str, shape: BaseGeometry, properties: Mapping[str, Any]) -> None:
    """Adds what lies on the ground; of a barrier also what it is, by the property `barrier` or by tags of OpenStreetMap."""
    getattr(found, GROUND[kind]).append(shape)
    if kind == "barrier":
        said = (word(properties.get("barrier")) or "").lower()
        found.barrier_kinds.append(
            _CALLED.get(said, said) if _CALLED.get(said, said) in BARRIERS else _tagged(properties)
        )


def _tagged(properties: Mapping[str, Any]) -> str:
    from gridplan.reading_osm import kind_of_barrier

    return kind_of_barrier({key: str(value) for key, value in properties.items() if value is not None})


def _named(kind: str, name: str, shape: BaseGeometry, found: Found) -> None:
    if not name:
        raise Wrong(f"a {kind} needs a name")
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise Wrong(f"a {kind} must be a polygon, this is a {shape.geom_type}")
    shapes = {"compound": found.compounds, "community": found.communities, "grid": found.grids}[kind]
    if name in shapes:
        raise Wrong(f"there is another {kind} of this name")
    # Today's grids are looked at as they are; the mending names what is not valid.
    shapes[name] = shape if kind == "grid" else shapely.make_valid(shape)


def shape_of(feature: Any) -> BaseGeometry:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not geometry:
        raise Wrong("it has no geometry")
    try:
        shape: BaseGeometry = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.GEOSException, TypeError, ValueError) as problem:
        raise Wrong(f"its geometry cannot be read: {str(problem).splitlines()[0]}") from problem
    if shape is None or shape.is_empty:
        raise Wrong("its geometry is empty")
    check_degrees(shapely.get_coordinates(shape))
    return shape


def areas_of(path: Path, names: Names, faults: list[Fault]) -> dict[str, BaseGeometry]:
    found = Found()
    for number, feature in enumerate(features_of(path), 1):
        name = word(properties_of(feature).get(names.name))
        try:
            _named("community", name, shape_of(feature), found)
        except Wrong as wrong:
            faults.append(Fault(number, name, f"in {path.name}: {wrong}"))
    return found.communities
