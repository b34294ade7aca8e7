"""Doors, outlines and ways of a file put together as a town: doors become atoms, places in degrees become metres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan._found import BadFile, Door, Fault, Found
from gridplan.links import crossings_of, streets_of, walkable_links
from gridplan.plane import Plane
from gridplan.town import NONE, Town

#: The name of a community where a file knows none.
WHOLE = "the whole"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A town as a file tells it. `of` says for each of `doors` which atom it is part of; `grids` are today's outlines in metres."""

    town: Town
    doors: tuple[Door, ...]
    of: NDArray[np.int64]
    grids: Mapping[str, BaseGeometry]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    #: `(k, 2)`: where shops and the like are, in metres.
    shops: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    #: What one does not walk across, and where one does, in metres; crossings that streets show are among them.
    barriers: tuple[BaseGeometry, ...] = ()
    crossings: tuple[BaseGeometry, ...] = ()
    #: By the name of a grid of today who works there, as far as outlines say so.
    workers: Mapping[str, str] = field(default_factory=dict)

    def door_labels(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """The grid of each door, from those of the atoms."""
        return np.asarray(labels, np.int64)[self.of]


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
        streets=streets_of(list(ways), list(walls)),
    )
    shapes_of_grids = dict(zip(found.grids, _moved(plane, found.grids.values()), strict=True))
    shops = shapely.get_coordinates(shapely.point_on_surface(_moved(plane, found.shops)))
    return Reading(
        town,
        tuple(found.doors),
        of,
        shapes_of_grids,
        tuple(faults),
        tuple(notes),
        shops,
        tuple(walls),
        tuple(gates),
        found.workers,
    )


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
