"""Streets, barriers, crossings and shops alone, for who has the buildings from elsewhere."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan._found import BadFile, Fault, Found, Names, TooMuch, Wrong
from gridplan._values import word
from gridplan.links import crossings_of
from gridplan.plane import Plane
from gridplan.reading_geojson import GROUND, KINDS, features_of, has_tags, lie, properties_of, shape_of

Box = tuple[float, float, float, float]

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Shapes in degrees of WGS 84. `crossings` are those of the file and those that streets show. `barrier_kinds` says of each barrier
    what it is (road, railway, water), nothing where the file does not.
    """

    barriers: tuple[BaseGeometry, ...]
    crossings: tuple[BaseGeometry, ...]
    streets: tuple[BaseGeometry, ...]
    shops: tuple[BaseGeometry, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    barrier_kinds: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """How many corners all shapes have together."""
        return sum(
            int(shapely.get_num_coordinates(np.array(each, object)).sum())
            for each in (self.barriers, self.crossings, self.streets, self.shops)
            if each
        )


def read_ground(
    path: Path,
    *,
    box: Box | None = None,
    names: Names = Names(),  # noqa: B008 - frozen
    most: int | None = None,
) -> Ground:
    """What lies on the ground in a GeoJSON (by `kind`, or with tags) or an extract of OpenStreetMap, cut at a box (west, south,
    east, north); doors and homes are not looked at. BadFile for what is neither, TooMuch where
    more than `most` corners lie in the box.
    """
    if path.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        from gridplan.reading_osm import found_in_osm

        found = found_in_osm(path)
    else:
        found = _in_geojson(path, names)
    whole = Ground(
        _solid(found.barriers), tuple(found.crossings), _solid(found.streets), tuple(found.shops),
        tuple(found.faults), _attribution(path, found), tuple(found.barrier_kinds),
    )  # fmt: skip
    inside = whole if box is None else cut(whole, box)
    # Before the crossings are sought: what is too large would take long.
    _weigh(inside, most)
    found_too = _with_crossings(inside)
    _weigh(found_too, most)
    return found_too


def _weigh(ground: Ground, most: int | None) -> None:
    if most is not None and ground.points > most:
        raise TooMuch(f"It has {ground.points:,} corners, more than {most:,}.")


def cut(ground: Ground, box: Box) -> Ground:
    """What of it lies in a box."""

    def clipped(shapes: tuple[BaseGeometry, ...]) -> Any:
        return shapely.clip_by_rect(_array(shapes), *box) if shapes else ()

    def is_there(shape: BaseGeometry | None) -> bool:
        return shape is not None and not shape.is_empty

    def inside(shapes: tuple[BaseGeometry, ...]) -> tuple[BaseGeometry, ...]:
        return tuple(each for each in clipped(shapes) if is_there(each))

    walls = clipped(ground.barriers)
    return replace(
        ground,
        barriers=tuple(each for each in walls if is_there(each)),
        barrier_kinds=tuple(
            kind for each, kind in zip(walls, ground.barrier_kinds, strict=False) if is_there(each)
        ),
        crossings=inside(ground.crossings),
        streets=inside(ground.streets),
        shops=inside(ground.shops),
    )


def _in_geojson(path: Path, names: Names) -> Found:
    features = features_of(path)
    if has_tags(features, names):
        from gridplan.reading_osm import found_in_features

        found = found_in_features(features)
        found.notes = found.notes or [ATTRIBUTION]
        return found
    found = Found()
    for number, feature in enumerate(features, 1):
        properties = properties_of(feature)
        name, kind = word(properties.get(names.name)), word(properties.get(names.kind))
        if kind not in GROUND:
            if kind not in KINDS:
                text = f"its {names.kind} is {kind!r}, which is none of {', '.join(GROUND)}"
                found.faults.append(Fault(number, name, text))
            continue
        try:
            lie(found, kind, _fitting(kind, shape_of(feature)), properties)
        except Wrong as wrong:
            found.faults.append(Fault(number, name, str(wrong)))
    return found


def _fitting(kind: str, shape: BaseGeometry) -> BaseGeometry:
    if kind == "street" and shape.geom_type not in ("LineString", "MultiLineString"):
        raise Wrong(f"a street must be a line, this is a {shape.geom_type}")
    if kind == "barrier" and shape.geom_type in ("Point", "MultiPoint"):
        raise Wrong("a barrier must be a line or a polygon, this is a point")
    return shape


def _attribution(path: Path, found: Found) -> tuple[str, ...]:
    """OpenStreetMap asks to be named; what is said of households does not matter here."""
    is_osm = path.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")) or bool(found.notes)
    return (ATTRIBUTION,) if is_osm else ()


def _solid(shapes: list[BaseGeometry]) -> tuple[BaseGeometry, ...]:
    return tuple(shapely.make_valid(each) if not each.is_valid else each for each in shapes)


def _array(shapes: Any) -> NDArray[Any]:
    listed = list(shapes)
    made = np.empty(len(listed), object)
    made[:] = listed
    return made


def _with_crossings(ground: Ground) -> Ground:
    """Also where a street goes through a barrier, or streets end on both of its sides."""
    if not ground.barriers or not ground.streets:
        return ground
    west, south, east, north = shapely.total_bounds(_array(ground.barriers))
    plane = Plane((west + east) / 2, (south + north) / 2)
    ways, walls = (
        list(shapely.transform(_array(shapes), plane.to_metres))
        for shapes in (ground.streets, ground.barriers)
    )
    more = [plane.shape_to_degrees(each) for each in crossings_of(ways, walls)]
    return replace(ground, crossings=(*ground.crossings, *more))


__all__ = ["BadFile", "Ground", "TooMuch", "cut", "read_ground"]
