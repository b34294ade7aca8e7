"""What files tell of a place, put together as a town. Features that are wrong are named, each with its number; the rest is read."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan.links import crossings_of, streets_of, walkable_links
from gridplan.plane import Plane
from gridplan.town import NONE, Town

#: What a feature of a GeoJSON may be, by the property `kind`.
KINDS = ("door", "compound", "community", "grid", "barrier", "crossing", "street")
#: More households than any building or compound has: such a number is a slip.
MOST_HOUSEHOLDS = 100_000
#: The name of a community where a file knows none.
WHOLE = "the whole"


class BadFile(ValueError):  # noqa: N818 - named by the fact
    """Nothing can be read from the file."""


@dataclass(frozen=True, slots=True)
class Names:
    """Which property, or column, holds what. All but the households may be missing."""

    name: str = "name"
    households: str = "households"
    community: str = "community"
    grid: str = "grid"
    compound: str = "compound"
    minutes: str = "minutes"
    apart: str = "apart"
    hours: str = "hours"
    due: str = "due"
    kind: str = "kind"
    lon: str = "lon"
    lat: str = "lat"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a feature, or a row. Features are counted from 1; a row is named by its line."""

    number: int
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.number}{f' ({self.name})' if self.name else ''}: {self.text}"


@dataclass(slots=True)
class Door:
    """What the file has one feature of: a building, or a door; in degrees. `number` is the feature's."""

    number: int
    name: str
    shape: BaseGeometry
    households: int
    community: str = ""
    grid: str = ""
    compound: str = ""
    minutes: float = 0.0
    apart: tuple[str, ...] = ()
    #: When it is open, in minutes after midnight; and the last day to call. A round asks for both, a division for neither.
    hours: tuple[tuple[float, float], ...] = ()
    due: date | None = None
    is_estimated: bool = False


@dataclass(slots=True)
class Found:
    """Everything that was read, in degrees, before it is put together."""

    doors: list[Door] = field(default_factory=list)
    compounds: dict[str, BaseGeometry] = field(default_factory=dict)
    communities: dict[str, BaseGeometry] = field(default_factory=dict)
    grids: dict[str, BaseGeometry] = field(default_factory=dict)
    barriers: list[BaseGeometry] = field(default_factory=list)
    crossings: list[BaseGeometry] = field(default_factory=list)
    streets: list[BaseGeometry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A town as a file tells it. `of` says for each of `doors` which atom it is part of; `grids` are today's outlines in metres."""

    town: Town
    doors: tuple[Door, ...]
    of: NDArray[np.int64]
    grids: Mapping[str, BaseGeometry]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    def door_labels(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """The grid of each door, from those of the atoms."""
        return np.asarray(labels, np.int64)[self.of]


def read(
    path: Path, *, names: Names = Names(), communities: Path | None = None, compounds: bool = True
) -> Reading:
    """Reads a town from a file: GeoJSON, CSV, or an extract of OpenStreetMap (`.osm`, `.pbf`, or GeoJSON with its tags).

    `communities` is a GeoJSON whose polygons are the communities, with their names, where the file itself knows none.
    Without `compounds` each door is an atom by itself, whatever compound it is part of.
    """
    kind = path.name.lower()
    if kind.endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        from gridplan.reading_osm import found_in_osm

        found = found_in_osm(path)
    elif kind.endswith((".csv", ".tsv", ".txt")):
        found = found_in_csv(path, names)
    else:
        found = found_in_geojson(path, names)
    if communities is not None:
        found.communities |= _areas(communities, names, found.faults)
    return put_together(found, compounds=compounds)


def features_of(path: Path) -> list[Any]:
    """The features of a GeoJSON file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
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


def found_in_geojson(path: Path, names: Names) -> Found:
    features = features_of(path)
    if _has_tags(features, names):
        from gridplan.reading_osm import found_in_features

        return found_in_features(features)
    found = Found()
    for number, feature in enumerate(features, 1):
        _take(feature, number, names, found)
    return found


def _has_tags(features: Sequence[Any], names: Names) -> bool:
    """Whether the properties are tags of OpenStreetMap and nothing says households or kinds."""
    keys: set[str] = set()
    for feature in features:
        keys |= set(properties_of(feature))
    return bool(keys & {"building", "highway"}) and not keys & {names.households, names.kind}


def _take(feature: Any, number: int, names: Names, found: Found) -> None:
    properties = properties_of(feature)
    name = _word(properties.get(names.name))
    try:
        shape = shape_of(feature)
        kind = _word(properties.get(names.kind)) or "door"
        if kind == "door":
            found.doors.append(_door(number, name, shape, properties, names))
        elif kind in ("barrier", "crossing", "street"):
            {"barrier": found.barriers, "crossing": found.crossings, "street": found.streets}[kind].append(
                shape
            )
        elif kind in KINDS:
            _named(kind, name, shape, found)
        else:
            text = f"its {names.kind} is {kind!r}, which is none of {', '.join(KINDS)}"
            found.faults.append(Fault(number, name, text))
    except Wrong as wrong:
        found.faults.append(Fault(number, name, str(wrong)))


class Wrong(Exception):  # noqa: N818 - named by the fact
    """Why a feature is not taken; never leaves the readers."""


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
    _check_degrees(shapely.get_coordinates(shape))
    return shape


def _check_degrees(points: NDArray[np.float64]) -> None:
    if not np.isfinite(points).all():
        raise Wrong("its coordinates are no numbers")
    if (np.abs(points) > [180, 90]).any():
        worst = points[(np.abs(points) > [180, 90]).any(axis=1)][0]
        raise Wrong(f"{worst[0]:g}, {worst[1]:g} is no place on the earth; longitude comes first, in degrees")


def _door(number: int, name: str, shape: BaseGeometry, properties: Mapping[str, Any], names: Names) -> Door:
    if shape.geom_type not in ("Point", "Polygon", "MultiPolygon"):
        raise Wrong(f"a door must be a point or a polygon, this is a {shape.geom_type}")
    if not shape.is_valid:
        raise Wrong(f"its outline crosses itself: {shapely.is_valid_reason(shape)}")
    households = _number(properties.get(names.households), names.households)
    if households is None:
        raise Wrong(f"it does not say {names.households!r}")
    if households > MOST_HOUSEHOLDS:
        raise Wrong(f"{names.households!r} is {households:g}, more than {MOST_HOUSEHOLDS:,}")
    if households != int(households):
        raise Wrong(f"{names.households!r} is {households:g}, which is no whole number")
    return Door(
        number,
        name or f"number {number}",
        shape,
        int(households),
        _word(properties.get(names.community)),
        _word(properties.get(names.grid)),
        _word(properties.get(names.compound)),
        _number(properties.get(names.minutes), names.minutes) or 0.0,
        tuple(_words(properties.get(names.apart))),
        tuple(_span(each) for each in _words(properties.get(names.hours))),
        _day(properties.get(names.due)),
    )


def _span(text: str) -> tuple[float, float]:
    """`09:00-11:30` in minutes after midnight."""
    begin, _, end = text.partition("-")
    try:
        span = minutes_of(begin), minutes_of(end)
    except ValueError:
        span = (1.0, 0.0)
    if span[0] >= span[1]:
        raise Wrong(f"{text!r} are no hours; write them as 09:00-11:30")
    return span


def minutes_of(text: str) -> float:
    """`09:30` in minutes after midnight; ValueError where it is no time of a day."""
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(text)
    if not (0 <= int(hours) * 60 + int(minutes) <= 24 * 60 and int(minutes) < 60):
        raise ValueError(text)
    return float(int(hours) * 60 + int(minutes))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(_word(value)) if _word(value) else None
    except ValueError:
        raise Wrong(f"{value!r} is no day; write it as 2026-01-31") from None


def _word(value: Any) -> str:
    return str(value).strip() if value is not None else ""


def _words(value: Any) -> Iterator[str]:
    """A list, or words with semicolons between them."""
    for each in value if isinstance(value, list) else _word(value).split(";"):
        if word := _word(each):
            yield word


def _number(value: Any, name: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise Wrong(f"{name!r} is {value!r}, which is no number from 0")
    return number


def found_in_csv(path: Path, names: Names) -> Found:
    """Rows with a position in degrees; the separator is a comma, a semicolon or a tab."""
    found = Found()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=max(",;\t", key=first.count))
            if missing := [
                each
                for each in (names.lon, names.lat, names.households)
                if each not in (rows.fieldnames or ())
            ]:
                raise BadFile(
                    f"{path.name} lacks the column {missing[0]!r}; it has: {', '.join(rows.fieldnames or ())}."
                )
            for row in rows:
                _take_row(row, rows.line_num, names, found)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadFile(f"{path.name} is no table that can be read: {problem}.") from problem
    return found


def _take_row(row: Mapping[str, Any], line: int, names: Names, found: Found) -> None:
    name = _word(row.get(names.name))
    try:
        lon, lat = _degree(row.get(names.lon), names.lon), _degree(row.get(names.lat), names.lat)
        _check_degrees(np.array([[lon, lat]]))
        found.doors.append(_door(line, name, shapely.Point(lon, lat), row, names))
    except Wrong as wrong:
        found.faults.append(Fault(line, name, str(wrong)))


def _degree(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Wrong(f"{name!r} is {value!r}, which is no number") from None


def _areas(path: Path, names: Names, faults: list[Fault]) -> dict[str, BaseGeometry]:
    found = Found()
    for number, feature in enumerate(features_of(path), 1):
        name = _word(properties_of(feature).get(names.name))
        try:
            _named("community", name, shape_of(feature), found)
        except Wrong as wrong:
            faults.append(Fault(number, name, f"in {path.name}: {wrong}"))
    return found.communities


def put_together(found: Found, *, compounds: bool = True) -> Reading:
    """Doors become atoms: a compound's are one, if they shall stay together. Communities and compounds that a door does not name are those it lies in."""
    if not found.doors:
        first = f" The first fault: {found.faults[0]}." if found.faults else ""
        raise BadFile(f"There is no door to divide.{first}")
    faults, notes = list(found.faults), list(found.notes)
    middle = shapely.get_coordinates(shapely.centroid(_array(door.shape for door in found.doors))).mean(
        axis=0
    )
    plane = Plane(float(middle[0]), float(middle[1]))
    shapes = _moved(plane, (door.shape for door in found.doors))
    spots = shapely.point_on_surface(shapes)
    areas = dict(zip(found.communities, _moved(plane, found.communities.values()), strict=True))
    estates = dict(zip(found.compounds, _moved(plane, found.compounds.values()), strict=True))
    _lay_in(found.doors, spots, areas, "community")
    _lay_in(found.doors, spots, estates, "compound")
    if not any(door.community for door in found.doors) and not areas:
        notes.append(f"The file knows no communities: all is one, named {WHOLE!r}.")
        for door in found.doors:
            door.community = WHOLE
    faults += [
        Fault(door.number, door.name, "it lies in no community, so it comes into no grid")
        for door in found.doors
        if not door.community
    ]
    keys, of = (
        _atoms(found.doors, faults)
        if compounds
        else ([("", at) for at in range(len(found.doors))], np.arange(len(found.doors)))
    )
    walls, ways = _moved(plane, found.barriers), _moved(plane, found.streets)
    gates = [*_moved(plane, found.crossings), *crossings_of(list(ways), list(walls))]
    named = sorted({door.community for door in found.doors if door.community} | set(areas))
    grids = sorted({door.grid for door in found.doors if door.grid} | set(found.grids))
    order = np.argsort(of, kind="stable")
    members = np.split(order, np.searchsorted(of[order], np.arange(1, len(keys))))
    households = np.array([door.households for door in found.doors], np.int64)
    xy = _places(shapely.get_coordinates(spots), households, of, len(keys))
    outlines = tuple(_outline(key, mine, shapes, estates) for key, mine in zip(keys, members, strict=True))
    town = Town(
        names=tuple(_atom_name(key, mine, found.doors) for key, mine in zip(keys, members, strict=True)),
        households=np.bincount(of, households, len(keys)).astype(np.int64),
        xy=xy,
        edges=walkable_links(xy, outlines=outlines, barriers=list(walls), crossings=gates),
        community=_numbers(members, named, lambda at: found.doors[at].community),
        communities=tuple(named),
        minutes=np.bincount(of, [door.minutes for door in found.doors], len(keys)).astype(float),
        grid=_heaviest(members, grids, found.doors),
        grids=tuple(grids),
        apart=_apart(found.doors, of, faults),
        outlines=outlines,
        origin=(plane.lon, plane.lat),
        areas=tuple(areas.get(each) for each in named),
        streets=streets_of(list(ways)),
    )
    shapes_of_grids = dict(zip(found.grids, _moved(plane, found.grids.values()), strict=True))
    return Reading(town, tuple(found.doors), of, shapes_of_grids, tuple(faults), tuple(notes))


def _array(shapes: Iterable[BaseGeometry]) -> NDArray[Any]:
    listed = list(shapes)
    made = np.empty(len(listed), object)
    made[:] = listed
    return made


def _moved(plane: Plane, shapes: Iterable[BaseGeometry]) -> NDArray[Any]:
    return np.asarray(shapely.transform(_array(shapes), plane.to_metres), object)


def _lay_in(doors: Sequence[Door], spots: NDArray[Any], areas: Mapping[str, BaseGeometry], what: str) -> None:
    """Doors that do not name theirs lie in the first area, by name, that covers them."""
    if not areas:
        return
    named = sorted(areas)
    door, area = shapely.STRtree(_array(areas[name] for name in named)).query(spots, predicate="covered_by")
    for at, which in sorted(zip(door.tolist(), area.tolist(), strict=True)):
        if not getattr(doors[at], what):
            setattr(doors[at], what, named[which])


def _atoms(doors: Sequence[Door], faults: list[Fault]) -> tuple[list[tuple[str, int]], NDArray[np.int64]]:
    """Atoms in the order of their first door: a compound's name with -1, or nothing and the door's own place."""
    numbers: dict[tuple[str, str, int], int] = {}
    keys: list[tuple[str, int]] = []
    of = np.empty(len(doors), np.int64)
    communities: dict[str, set[str]] = {}
    for at, door in enumerate(doors):
        key = (door.compound, door.community, NONE) if door.compound else ("", "", at)
        if key not in numbers:
            numbers[key] = len(keys)
            keys.append((door.compound, NONE if door.compound else at))
        of[at] = numbers[key]
        if door.compound:
            communities.setdefault(door.compound, set()).add(door.community)
    for name, lie_in in communities.items():
        if len(lie_in) > 1:
            first = next(door for door in doors if door.compound == name)
            text = f"the compound {name} lies in {', '.join(sorted(lie_in))}: its part in each is an atom by itself"
            faults.append(Fault(first.number, first.name, text))
    return keys, of


def _atom_name(key: tuple[str, int], members: NDArray[np.int64], doors: Sequence[Door]) -> str:
    return key[0] or doors[members[0]].name


def _places(
    spots: NDArray[np.float64], households: NDArray[np.int64], of: NDArray[np.int64], n: int
) -> NDArray[np.float64]:
    """Where an atom's households are on average; the middle of its doors where it has none."""
    weight = np.bincount(of, households, n)
    share = np.where(weight[of] > 0, households, 1)
    total = np.bincount(of, share, n)
    return np.stack([np.bincount(of, share * spots[:, axis], n) / total for axis in (0, 1)], axis=1)


def _outline(
    key: tuple[str, int],
    members: NDArray[np.int64],
    shapes: NDArray[Any],
    compounds: Mapping[str, BaseGeometry],
) -> BaseGeometry | None:
    if key[0] in compounds:
        return compounds[key[0]]
    solid = [shapes[at] for at in members if shapes[at].geom_type != "Point"]
    if not solid:
        return None
    return solid[0] if len(solid) == 1 else shapely.union_all(solid)


def _numbers(members: Sequence[NDArray[np.int64]], named: Sequence[str], of: Any) -> NDArray[np.int64]:
    place = {name: number for number, name in enumerate(named)}
    return np.array([place.get(of(mine[0]), NONE) for mine in members], np.int64)


def _heaviest(
    members: Sequence[NDArray[np.int64]], grids: Sequence[str], doors: Sequence[Door]
) -> NDArray[np.int64]:
    """Of each atom the grid that most of its households are in today."""
    place = {name: number for number, name in enumerate(grids)}
    found = []
    for mine in members:
        weight: dict[str, int] = {}
        for at in mine:
            if doors[at].grid:
                weight[doors[at].grid] = weight.get(doors[at].grid, 0) + doors[at].households
        found.append(place[min(weight, key=lambda each: (-weight[each], each))] if weight else NONE)
    return np.array(found, np.int64)


def _apart(doors: Sequence[Door], of: NDArray[np.int64], faults: list[Fault]) -> NDArray[np.int64]:
    if not any(door.apart for door in doors):
        return np.empty((0, 2), np.int64)
    atoms: dict[str, set[int]] = {}
    for at, door in enumerate(doors):
        for name in {door.name, door.compound} - {""}:
            atoms.setdefault(name, set()).add(int(of[at]))
    pairs = set()
    for at, door in enumerate(doors):
        for name in door.apart:
            others = atoms.get(name, set()) - {int(of[at])}
            if len(others) == 1:
                pairs.add(tuple(sorted((int(of[at]), *others))))
            else:
                known = f"{len(others)} doors are named so" if others else "no other atom is named so"
                faults.append(Fault(door.number, door.name, f"it may not be with {name!r}, but {known}"))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
