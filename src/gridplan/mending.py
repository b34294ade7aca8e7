"""Today's grids, taken as they are: what overlaps, what is missing and which doors lie in none or in two is named, and mended.

Outlines are cut into faces, each of which knows the grids that cover it. A face that one grid covers stays; one that two cover, or
none, goes as a whole to one grid, by a rule that names the same grid every time. Doors follow their face.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan.town import NONE, Town

#: Slivers below this many square metres are mended without a word: two drawings of one border differ by a hand's breadth.
LEAST_M2 = 1.0


@dataclass(frozen=True, slots=True)
class GridFault:
    """What is wrong with today's grids at one spot.

    `kind`: `broken` (an outline that crosses itself), `overlap`, `hole`, `no_grid` and `two_grids` (atoms outside every outline,
    or inside two, or without a number where there are no outlines), `elsewhere` (atoms that say another grid than the one they
    lie in), `two_communities` (a grid with atoms of several). `mended` says what came of it, `to` which grid got it where it is one,
    and `shape` is the ground that it is about, in metres, where it is about ground.
    """

    kind: str
    grids: tuple[str, ...]
    area_m2: float
    atoms: tuple[int, ...]
    text: str
    mended: str
    to: str = ""
    shape: BaseGeometry | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """The town with each atom of a community in one grid; outlines without overlaps and holes; what was wrong."""

    town: Town
    shapes: Mapping[str, BaseGeometry]
    faults: tuple[GridFault, ...]


def mend(
    town: Town, shapes: Mapping[str, BaseGeometry] | None = None, *, least_m2: float = LEAST_M2
) -> Mended:
    """Mends today's grids, with their outlines in metres where they have some, or by what each atom says."""
    outlines = dict(shapes or {})
    grids = tuple(sorted({*town.grids, *outlines}))
    place = {name: number for number, name in enumerate(grids)}
    renamed = np.array([place[name] for name in town.grids], np.int64)
    said = np.where(town.grid >= 0, renamed[town.grid] if len(renamed) else NONE, NONE)
    work = _Mending(replace(town, grid=said, grids=grids), least_m2)
    if outlines:
        work.mend_outlines(outlines)
    work.fill()
    work.name_communities()
    return Mended(replace(work.town, grid=work.grid), work.shapes, tuple(work.faults))


class _Mending:
    def __init__(self, town: Town, least_m2: float) -> None:
        self.town, self.least_m2 = town, least_m2
        self.grid = town.grid.copy()
        self.shapes: dict[str, BaseGeometry] = {}
        self.faults: list[GridFault] = []

    def mend_outlines(self, outlines: Mapping[str, BaseGeometry]) -> None:
        named = sorted(outlines)
        shapes = [self._valid(name, outlines[name]) for name in named]
        faces, covers = _faces(shapes, [area for area in self.town.areas if area is not None])
        points = shapely.points(self.town.xy)
        face_of = _first_face(faces, points, len(self.town))
        self._name_doors(face_of, covers, named)
        owner = np.array([cover[0] if len(cover) == 1 else NONE for cover in covers], np.int64)
        for face in np.argsort([-len(cover) for cover in covers], kind="stable"):
            if len(covers[face]) > 1:
                atoms = np.flatnonzero(face_of == face)
                owner[face] = self._share(faces[face], covers[face], atoms, named, shapes)
        self._fill_holes(faces, owner, covers, face_of, named)
        for number, name in enumerate(named):
            mine = [faces[face] for face in np.flatnonzero(owner == number)]
            self.shapes[name] = shapely.union_all(mine) if mine else shapely.Polygon()
        place = np.array([self.town.grids.index(name) for name in named], np.int64)
        inside = face_of >= 0
        lies_in = np.where(inside, owner[np.where(inside, face_of, 0)], NONE)
        now = np.where(lies_in >= 0, place[np.where(lies_in >= 0, lies_in, 0)], NONE)
        self._name_elsewhere(now)
        # Who lies outside every outline keeps what the list says.
        self.grid = np.where(now >= 0, now, self.grid)

    def _valid(self, name: str, shape: BaseGeometry) -> BaseGeometry:
        if shape.is_valid:
            return shape
        fixed = shapely.make_valid(shape)
        parts = [part for part in shapely.get_parts(fixed) if part.geom_type in ("Polygon", "MultiPolygon")]
        whole = shapely.union_all(parts)
        text = f"The outline of {name} is not valid: {shapely.is_valid_reason(shape)}."
        self.faults.append(
            GridFault(
                "broken",
                (name,),
                float(whole.area),
                (),
                text,
                "What it encloses is taken as its area.",
                name,
                whole,
            )
        )
        return whole

    def _share(
        self,
        face: BaseGeometry,
        cover: Sequence[int],
        atoms: NDArray[np.int64],
        named: Sequence[str],
        shapes: Sequence[BaseGeometry],
    ) -> int:
        """Who gets what several cover: whom most of its households name as theirs, else the smallest, as an enclave would be."""
        votes = dict.fromkeys(cover, 0)
        for atom in atoms:
            grid = self.town.grid[atom]
            if grid >= 0 and self.town.grids[grid] in (names := {named[number]: number for number in cover}):
                votes[names[self.town.grids[grid]]] += int(self.town.households[atom]) + 1
        winner = min(cover, key=lambda number: (-votes[number], shapes[number].area, named[number]))
        if face.area >= self.least_m2:
            both = " and ".join(named[number] for number in cover)
            text = f"{both} overlap by {face.area:,.0f} m², with {len(atoms)} doors on it."
            self.faults.append(
                GridFault(
                    "overlap",
                    tuple(named[number] for number in cover),
                    float(face.area),
                    tuple(atoms.tolist()),
                    text,
                    f"It goes to {named[winner]}.",
                    named[winner],
                    face,
                )
            )
        return winner

    def _fill_holes(
        self,
        faces: Sequence[BaseGeometry],
        owner: NDArray[np.int64],
        covers: Sequence[Sequence[int]],
        face_of: NDArray[np.int64],
        named: Sequence[str],
    ) -> None:
        """What no grid covers goes to the grid with which it has the longest border; from outside in, where holes lie in holes."""
        todo = [face for face in range(len(faces)) if not covers[face]]
        tree = shapely.STRtree(list(faces))
        while todo:
            later = []
            before = owner.copy()
            for face in todo:
                border: Counter[int] = Counter()
                for near in sorted(tree.query(faces[face], predicate="intersects").tolist()):
                    if before[near] != NONE and near != face:
                        border[int(before[near])] += round(
                            faces[face].intersection(faces[near]).length * 1000
                        )
                long = {number: length for number, length in border.items() if length > 0}
                if not long:
                    later.append(face)
                    continue
                owner[face] = min(long, key=lambda number: (-long[number], named[number]))
                self._name_hole(faces[face], np.flatnonzero(face_of == face), named[owner[face]])
            if len(later) == len(todo):
                return  # nothing borders on a grid
            todo = later

    def _name_hole(self, face: BaseGeometry, atoms: NDArray[np.int64], winner: str) -> None:
        if face.area < self.least_m2:
            return
        text = f"{face.area:,.0f} m² with {len(atoms)} doors lie in no grid."
        mended = f"They go to {winner}, with which they have the longest border."
        self.faults.append(
            GridFault("hole", (winner,), float(face.area), tuple(atoms.tolist()), text, mended, winner, face)
        )

    def _name_doors(
        self, face_of: NDArray[np.int64], covers: Sequence[Sequence[int]], named: Sequence[str]
    ) -> None:
        town = self.town
        none = [
            atom
            for atom in range(len(town))
            if town.community[atom] >= 0 and (face_of[atom] < 0 or not covers[face_of[atom]])
        ]
        if none:
            text = f"{len(none)} doors lie in no grid: {_named(town, none)}."
            self.faults.append(
                GridFault(
                    "no_grid",
                    (),
                    0.0,
                    tuple(none),
                    text,
                    "Each goes to the grid of the ground it stands on, or the nearest.",
                )
            )
        twice: dict[tuple[int, ...], list[int]] = {}
        for atom in range(len(town)):
            if face_of[atom] >= 0 and len(covers[face_of[atom]]) > 1:
                twice.setdefault(tuple(covers[face_of[atom]]), []).append(atom)
        for cover, atoms in sorted(twice.items()):
            both = tuple(named[number] for number in cover)
            text = f"{len(atoms)} doors lie in {' and '.join(both)}: {_named(town, atoms)}."
            self.faults.append(
                GridFault(
                    "two_grids", both, 0.0, tuple(atoms), text, "Each goes to the one that gets the ground."
                )
            )

    def _name_elsewhere(self, now: NDArray[np.int64]) -> None:
        town = self.town
        other = np.flatnonzero((now >= 0) & (town.grid >= 0) & (now != town.grid))
        pairs = Counter((int(town.grid[atom]), int(now[atom])) for atom in other)
        for said, lies in sorted(pairs):
            atoms = [int(atom) for atom in other if (town.grid[atom], now[atom]) == (said, lies)]
            both = (town.grids[said], town.grids[lies])
            text = f"{len(atoms)} doors say {both[0]} and lie in {both[1]}: {_named(town, atoms)}."
            self.faults.append(
                GridFault(
                    "elsewhere",
                    both,
                    0.0,
                    tuple(atoms),
                    text,
                    f"They go to {both[1]}, where they lie.",
                    both[1],
                )
            )

    def fill(self) -> None:
        """Doors without a grid go to that of the nearest door of their community that has one."""
        town = self.town
        lost: list[int] = np.flatnonzero((self.grid < 0) & (town.community >= 0)).tolist()
        if not lost:
            return
        told = {atom for fault in self.faults if fault.kind == "no_grid" for atom in fault.atoms}
        hosts: Counter[str] = Counter()
        alone: list[int] = []
        before = self.grid.copy()
        for atom in lost:
            near = np.flatnonzero((before >= 0) & (town.community == town.community[atom]))
            if not len(near):
                alone.append(atom)
                continue
            away = np.hypot(*(town.xy[near] - town.xy[atom]).T)
            self.grid[atom] = before[near[np.lexsort((near, away))[0]]]
            hosts[town.grids[self.grid[atom]]] += 1
        new = [atom for atom in lost if atom not in told]
        if new:
            where = ", ".join(f"{count} to {grid}" for grid, count in sorted(hosts.items()))
            rest = f"; {len(alone)} stay without, their community has no grid" if alone else ""
            text = f"{len(new)} doors say no grid: {_named(town, new)}."
            self.faults.append(
                GridFault("no_grid", (), 0.0, tuple(new), text, f"To the nearest: {where or 'none'}{rest}.")
            )

    def name_communities(self) -> None:
        """A grid that reaches into another community keeps its doors in the one where most of its households are."""
        town = self.town
        for grid in range(len(town.grids)):
            atoms = np.flatnonzero((self.grid == grid) & (town.community >= 0))
            weight = town.households[atoms] + 1e-6
            homes = np.bincount(town.community[atoms], weight, len(town.communities))
            if np.count_nonzero(homes) < 2:
                continue
            home = int(np.argmax(homes))
            strays = atoms[town.community[atoms] != home]
            for atom in strays.tolist():
                near = np.flatnonzero(
                    (self.grid >= 0) & (self.grid != grid) & (town.community == town.community[atom])
                )
                away = np.hypot(*(town.xy[near] - town.xy[atom]).T)
                self.grid[atom] = self.grid[near[np.lexsort((near, away))[0]]] if len(near) else NONE
            others = sorted({town.communities[town.community[atom]] for atom in strays.tolist()})
            text = f"{town.grids[grid]} has {len(strays)} doors outside {town.communities[home]}, in {', '.join(others)}."
            mended = "They go to the nearest grid of their own community; where it has none, they have none."
            self.faults.append(
                GridFault("two_communities", (town.grids[grid],), 0.0, tuple(strays.tolist()), text, mended)
            )


def _faces(
    shapes: Sequence[BaseGeometry], areas: Sequence[BaseGeometry]
) -> tuple[list[BaseGeometry], list[tuple[int, ...]]]:
    """The pieces that all borders cut the ground into, and the shapes that cover each; holes are pieces that none covers."""
    # A thousandth of a metre: borders that two drawings share become one.
    lines = shapely.union_all(shapely.boundary([*shapes, *areas]), grid_size=0.001)
    faces = [
        face for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))) if face.area > 0
    ]
    inside = shapely.point_on_surface(faces)
    tree = shapely.STRtree(list(shapes))
    covers: list[list[int]] = [[] for _ in faces]
    for face, shape in zip(*tree.query(inside, predicate="covered_by").tolist(), strict=True):
        covers[face].append(shape)
    if areas:
        # Ground outside every community is nobody's hole.
        within = np.zeros(len(faces), bool)
        within[shapely.STRtree(list(areas)).query(inside, predicate="covered_by")[0]] = True
        stay = [face for face in range(len(faces)) if covers[face] or within[face]]
        faces, covers = [faces[face] for face in stay], [covers[face] for face in stay]
    order = sorted(range(len(faces)), key=lambda face: (*faces[face].bounds, faces[face].area))
    return [faces[face] for face in order], [tuple(sorted(covers[face])) for face in order]


def _first_face(faces: Sequence[BaseGeometry], points: NDArray[Any], n: int) -> NDArray[np.int64]:
    found = np.full(n, NONE)
    atom, face = shapely.STRtree(list(faces)).query(points, predicate="covered_by")
    order = np.lexsort((face, atom))
    at, first = np.unique(atom[order], return_index=True)
    found[at] = face[order[first]]
    return found


def _named(town: Town, atoms: Sequence[int]) -> str:
    few = ", ".join(town.names[atom] for atom in atoms[:5])
    return few if len(atoms) <= 5 else f"{few} and {len(atoms) - 5} more"
