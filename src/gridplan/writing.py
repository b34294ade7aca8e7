"""A division as GeoJSON: atoms with their grid, and outlines of the grids that neither overlap nor leave holes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan.number import named
from gridplan.plane import Plane
from gridplan.reading import Door, Reading
from gridplan.town import Division, Town

#: Ground around the outermost atoms that is still theirs, where a community's own outline is not known.
MARGIN_M = 60.0
#: Points on the outline of an atom are so near to each other that the border runs beside it, not through it.
STEP_M = 15.0
#: Decimals of a degree in the file: a tenth of a metre.
DECIMALS = 7

Labels = NDArray[np.int64]


def grid_outlines(town: Town, labels: Labels) -> dict[int, BaseGeometry]:
    """The ground of each grid, in metres: what lies nearest to one of its atoms, inside its community.

    Grids of a community cover its outline, or, where it has none, the surroundings of its atoms; no two share ground.
    """
    labels = np.asarray(labels)
    known = [area if number < len(town.areas) else None for number, area in enumerate(town.areas)]
    known += [None] * (len(town.communities) - len(known))
    loose = np.array([number >= 0 and known[number] is None for number in town.community], bool)
    found: dict[int, BaseGeometry] = {}
    if loose.any():
        # Communities without outlines share the ground between them as grids do.
        atoms = np.flatnonzero(loose & (labels >= 0))
        others = [area for area in known if area is not None]
        for grid, ground in _shared(town, labels, atoms, None).items():
            found[grid] = _only_ground(ground.difference(shapely.union_all(others))) if others else ground
    for number, area in enumerate(known):
        if area is not None:
            atoms = np.flatnonzero((town.community == number) & (labels >= 0))
            found |= _shared(town, labels, atoms, area)
    return dict(sorted(found.items()))


def ground_of(town: Town) -> BaseGeometry:
    """The ground that a division shall cover: the communities' outlines, and where one has none the surroundings of its atoms, whether a
    grid holds them or not. Of what no community holds nothing is known that could have a grid.
    """
    known = [area for area in town.areas[: len(town.communities)] if area is not None]
    bare = [
        number
        for number in range(len(town.communities))
        if number >= len(town.areas) or town.areas[number] is None
    ]
    loose = np.flatnonzero(np.isin(town.community, bare))
    return shapely.union_all([*known, *shapely.buffer(_shapes(town, loose), MARGIN_M, quad_segs=4)])


def _shapes(town: Town, atoms: Labels) -> NDArray[Any]:
    shapes = shapely.points(town.xy[atoms])
    for at, atom in enumerate(atoms):
        if town.outlines and town.outlines[atom] is not None:
            shapes[at] = town.outlines[atom]
    return np.asarray(shapes, object)


def _shared(
    town: Town, labels: Labels, atoms: Labels, ground: BaseGeometry | None
) -> dict[int, BaseGeometry]:
    """Of each grid what lies nearest to its atoms, inside the ground; where there is none, not far from them."""
    if not len(atoms):
        return {}
    spots, grid = _spots(town, labels, atoms)
    bounds = shapely.total_bounds([ground]) if ground is not None else _around(spots)
    numbers = np.unique(grid)
    found: dict[int, BaseGeometry]
    if len(spots) < 2:
        found = {int(grid[0]): shapely.box(*bounds)}
    else:
        cells = np.array(
            shapely.get_parts(
                shapely.voronoi_polygons(
                    shapely.multipoints(spots), extend_to=shapely.box(*bounds), ordered=True
                )
            )
        )
        # Where doors lie exactly in rows a cell may come with a line.
        for at in np.flatnonzero(shapely.get_dimensions(cells) != 2):
            cells[at] = shapely.Polygon()
        for at in np.flatnonzero(shapely.get_type_id(cells) == shapely.GeometryType.GEOMETRYCOLLECTION):
            cells[at] = _only_ground(cells[at])
        found = {
            int(number): _together(cells[rows])
            for number, rows in zip(numbers, _rows(grid, numbers), strict=True)
        }
    if ground is not None:
        return {number: _only_ground(shapely.intersection(mine, ground)) for number, mine in found.items()}
    # Whatever is near to any atom is near to its nearest, whose grid it belongs to.
    shapes = shapely.buffer(_shapes(town, atoms), MARGIN_M, quad_segs=4)
    return {
        int(number): _only_ground(found[int(number)].intersection(shapely.union_all(shapes[rows])))
        for number, rows in zip(numbers, _rows(labels[atoms], numbers), strict=True)
    }


def _together(cells: NDArray[Any]) -> BaseGeometry:
    """Quick, as cells share their borders; where doors lie exactly in rows they do so only but for the last digit."""
    try:
        return shapely.coverage_union_all(cells)
    except shapely.GEOSException:
        return shapely.union_all(cells, grid_size=1e-6)


def _around(spots: NDArray[np.float64]) -> tuple[float, ...]:
    return (*(spots.min(axis=0) - 2 * MARGIN_M).tolist(), *(spots.max(axis=0) + 2 * MARGIN_M).tolist())


def _rows(grid: Labels, numbers: Labels) -> list[Labels]:
    """The rows of each of these numbers."""
    order = np.argsort(grid, kind="stable")
    return np.split(order, np.searchsorted(grid[order], numbers[1:]))


def _spots(town: Town, labels: Labels, atoms: Labels) -> tuple[NDArray[np.float64], Labels]:
    """Points of each atom and its grid: its place, and its outline where it has one; no point twice."""
    points, owners = [town.xy[atoms]], [atoms]
    for atom in atoms:
        outline = town.outlines[atom] if town.outlines else None
        if outline is not None:
            corners = shapely.get_coordinates(shapely.segmentize(outline, STEP_M))
            points.append(corners)
            owners.append(np.full(len(corners), atom))
    of = np.concatenate(owners)
    places: NDArray[np.float64] = np.round(np.vstack(points), 2).astype(float)
    # An atom's own place comes first, so that it keeps it; of two doors at one spot the second stands a hand beside.
    _, first = np.unique(places, axis=0, return_index=True)
    again = np.setdiff1d(np.arange(len(atoms)), first)
    for turn, at in enumerate(again, 1):
        places[at] += 0.1 * np.sqrt(turn) * np.array([np.cos(2.4 * turn), np.sin(2.4 * turn)])
    _, first = np.unique(places, axis=0, return_index=True)
    kept = np.sort(first)
    return places[kept], labels[of[kept]]


def _only_ground(shape: BaseGeometry) -> BaseGeometry:
    """Without the points and lines that a clipping leaves."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def grid_names(town: Town, labels: Labels) -> dict[int, str]:
    """A name for each grid by the one rule there is (`number`): 3207030030021003, or 荷花社区-1003 where a file knows no codes; a grid
    that goes on as one of today's is called as that is.
    """
    return named(town, np.asarray(labels))


def to_geojson(
    division: Division,
    *,
    reading: Reading | None = None,
    names: Mapping[int, str] | None = None,
    notes: Sequence[str] = (),
    outlines: bool = True,
) -> dict[str, Any]:
    """A FeatureCollection: a feature of `kind` `grid` for each grid, then one of `kind` `door` for each atom, in their order;
    or, with the `reading` that the town came from, for each door that was read, so that a compound's doors are there one by one.

    It can be read again: each says its grid, community and households.
    """
    town, labels = division.town, division.labels
    called = dict(names or grid_names(town, labels))
    plane = Plane(*town.origin)
    features = []
    if outlines:
        shapes = grid_outlines(town, labels)
        features = [
            _grid(division, number, called[number], shapes[number], plane) for number in sorted(shapes)
        ]
    if reading is None:
        features += [_atom(division, atom, called, plane) for atom in range(len(town))]
    else:
        features += [
            _door(door, called.get(int(label)))
            for door, label in zip(reading.doors, reading.door_labels(labels), strict=True)
        ]
    made: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if notes:
        made["notes"] = list(notes)
    return made


def _atom(division: Division, atom: int, called: Mapping[int, str], plane: Plane) -> dict[str, Any]:
    town = division.town
    outline = town.outlines[atom] if town.outlines else None
    community, before = town.community[atom], town.grid[atom]
    apart = [pair[1] if pair[0] == atom else pair[0] for pair in town.apart.tolist() if atom in pair]
    said = {
        "kind": "door",
        "name": town.names[atom],
        "households": int(town.households[atom]),
        "community": town.communities[community] if community >= 0 else None,
        "grid": called.get(int(division.labels[atom])),
        "minutes": round(float(town.minutes[atom]), 1),
        "apart": [town.names[other] for other in apart],
        "grid_before": town.grids[before] if before >= 0 else None,
    }
    return _feature(shapely.Point(town.xy[atom]) if outline is None else outline, _said(said), plane)


def _door(door: Door, grid: str | None) -> dict[str, Any]:
    said = {
        "kind": "door",
        "name": door.name,
        "households": door.households,
        "community": door.community or None,
        "grid": grid,
        "compound": door.compound,
        "minutes": door.minutes,
        "apart": list(door.apart),
        "grid_before": door.grid,
        "estimated": door.is_estimated,
    }
    return {"type": "Feature", "properties": _said(said), "geometry": shapely.geometry.mapping(door.shape)}


def _said(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a door does not say; that it has no grid or community is always said."""
    always = ("households", "grid", "community")
    return {name: value for name, value in said.items() if value or name in always}


def _grid(division: Division, number: int, name: str, shape: BaseGeometry, plane: Plane) -> dict[str, Any]:
    town, mine = division.town, division.labels == number
    community = town.community[np.flatnonzero(mine)[0]]
    told = [reason.text for reason in division.reasons if reason.grid == number]
    said = {
        "kind": "grid",
        "name": name,
        "households": int(town.households[mine].sum()),
        "atoms": int(mine.sum()),
        "minutes": round(float(town.minutes[mine].sum()), 1),
        "community": town.communities[community],
    }
    return _feature(shape, said | ({"reasons": told} if told else {}), plane)


def _feature(shape: BaseGeometry, said: Mapping[str, Any], plane: Plane) -> dict[str, Any]:
    degrees = shapely.transform(shape, lambda points: np.round(plane.to_degrees(points), DECIMALS))
    return {"type": "Feature", "properties": dict(said), "geometry": shapely.geometry.mapping(degrees)}
