"""Buildings, streets, hills and a railway of a part of the sample city, as a map to divide: all of it made up, none of it is surveyed.

Pure, the same for the same seed. Communities, today's grids and the names of estates are those of `places` and `compounds`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from wangge.demo.rules.compounds import MORE_PARTS, MadeUpCompound
from wangge.demo.rules.places import Place, short_name

NOTE = "Made up: no building, street, hill or figure here is a real one. 虚构数据，与实际无关。"

#: Households to each of today's grids, and which share of them live in estates.
TO_A_GRID, IN_ESTATES = (330, 470), 0.62
#: Households of one staircase block in an estate, of a small block, and of a house.
IN_A_BLOCK, IN_A_SMALL_BLOCK, IN_A_HOUSE = (24, 60), (8, 18), (1, 3)
SMALL_BLOCK_SHARE = 0.12
#: How large one estate is against others; households of each part where a community is made of parts and nothing else.
LARGER, IN_A_PART = (0.6, 1.4), (304, 318)
#: Metres: between streets; between the rows and the blocks of an estate; along a street between doors, and away from it.
STREETS_M, ROWS_M, BLOCKS_M, DOORS_M, FROM_STREET_M = (150, 210), 34, 52, 26, 15
#: Yearly minutes of visits: to a household; to one of somebody old or in need besides.
MINUTES, MORE_MINUTES = 18, 150
#: Hills as shares of the part's width and height: where, and how large.
HILLS = ((0.33, 0.42, 0.10, 0.05), (0.62, 0.66, 0.08, 0.07), (0.78, 0.30, 0.07, 0.04))
HILL_NAMES = ("北固山", "后云台山", "南固山")
#: The railway goes from west to east at this share of the height; so many streets lead across.
RAILWAY, CROSSINGS = 0.57, 5


@dataclass(slots=True)
class _Ground:
    """A plane in metres around a corner, and what stands on it so far."""

    lon: float
    lat: float
    taken: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    features: list[dict[str, Any]] = field(default_factory=list)

    def metres(self, shape: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = shapely.transform(shape, lambda at: (at - [self.lon, self.lat]) * self._scale)
        return moved

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        moved: BaseGeometry = shapely.transform(
            shape, lambda at: (at / self._scale + [self.lon, self.lat]).round(7)
        )
        return moved

    def add(self, shape: BaseGeometry, **said: Any) -> None:
        geometry = shapely.geometry.mapping(self.degrees(shape))
        self.features.append({"type": "Feature", "properties": said, "geometry": geometry})

    def take(self, x: float, y: float, room: int = 26) -> bool:
        """Whether nothing stands so near; from now on something does."""
        column, row = math.floor(x / room), math.floor(y / room)
        near = [(column + east, row + north) for east in (-1, 0, 1) for north in (-1, 0, 1)]
        if any(math.dist(self.taken[cell], (x, y)) < room for cell in near if cell in self.taken):
            return False
        self.taken[column, row] = (x, y)
        return True

    @property
    def _scale(self) -> list[float]:
        return [111_320 * math.cos(math.radians(self.lat)), 110_950]


def plan_town(
    places: Sequence[Place], compounds: Sequence[MadeUpCompound], code: str, seed: int
) -> dict[str, Any]:
    """A GeoJSON of a township or a community, as `gridplan.read` takes it."""
    ground, communities = _laid_out(places, compounds, code, seed)
    for community in communities:
        community.build()
    return {"type": "FeatureCollection", "notes": [NOTE], "features": ground.features}


def plan_ground(places: Sequence[Place], code: str, seed: int) -> dict[str, Any]:
    """Of that map streets, hills, railway and crossings alone."""
    ground, communities = _laid_out(places, (), code, seed)
    for community in communities:
        community.lay_streets()
    return {"type": "FeatureCollection", "notes": [NOTE], "features": ground.features}


def _plane(places: Sequence[Place], code: str) -> tuple[_Ground, BaseGeometry]:
    """The plane of a township, and its outline there."""
    township = next(place for place in places if place.code == code)
    ring = shapely.Polygon(township.rings[0], township.rings[1:])
    ground = _Ground(*ring.bounds[:2])
    return ground, ground.metres(ring)


def _laid_out(
    places: Sequence[Place], compounds: Sequence[MadeUpCompound], code: str, seed: int
) -> tuple[_Ground, list["_Community"]]:
    """Hills and the railway, and the communities on which nothing stands yet."""
    chosen = [place for place in places if place.level == "community" and code in place.path.split(".")]
    if not chosen:
        raise ValueError(f"no community lies in {code}")
    # Hills and the railway are the township's, whichever part of it is asked for.
    ground, whole = _plane(places, chosen[0].parent)
    hills, railway = list(_hills(whole)), _railway(whole)
    no_go = shapely.union_all([*hills, _strip(railway)])
    shapes = {place.code: ground.metres(shapely.Polygon(place.rings[0], place.rings[1:])) for place in chosen}
    part = shapely.union_all(list(shapes.values())).buffer(50)
    for name, hill in zip(HILL_NAMES, hills, strict=True):
        if hill.intersects(part):
            ground.add(hill, kind="barrier", name=name, what="hill")
    if railway.intersects(part):
        ground.add(railway, kind="barrier", name="货运铁路", what="railway")
    communities = []
    for place in chosen:
        rng = Random(f"town {place.code} {seed}")  # noqa: S311 - the same town from the same seed
        grids = [each for each in places if each.parent == place.code and each.rings]
        mine = [each for each in compounds if f".{place.code}." in each.path]
        communities.append(_Community(place, grids, mine, shapes[place.code], no_go, railway, ground, rng))
    return ground, communities


def _strip(railway: BaseGeometry) -> BaseGeometry:
    """What the railway takes of the ground."""
    return railway.buffer(14)


def _hills(whole: BaseGeometry) -> Iterator[BaseGeometry]:
    west, south, east, north = whole.bounds
    for x, y, wide, high in HILLS:
        centre = shapely.Point(west + x * (east - west), south + y * (north - south))
        yield affinity.scale(centre.buffer(1, quad_segs=6), wide * (east - west), high * (north - south))


def _railway(whole: BaseGeometry) -> BaseGeometry:
    """A shallow curve from west to east."""
    west, south, east, north = whole.bounds
    y, bend = south + RAILWAY * (north - south), 0.05 * (north - south)
    steps = [step / 24 for step in range(25)]
    return shapely.LineString(
        [(west - 100 + at * (east - west + 200), y + bend * math.sin(at * math.tau)) for at in steps]
    )


@dataclass(slots=True)
class _Community:
    place: Place
    grids: Sequence[Place]
    compounds: Sequence[MadeUpCompound]
    shape: BaseGeometry
    no_go: BaseGeometry
    railway: BaseGeometry
    ground: _Ground
    rng: Random
    #: Of each grid, in degrees.
    shapes: list[BaseGeometry] = field(init=False)

    def __post_init__(self) -> None:
        self.shapes = [shapely.Polygon(grid.rings[0], grid.rings[1:]) for grid in self.grids]
        shapely.prepare(self.shapes)

    def build(self) -> None:
        name = short_name(self.place.name)
        self.ground.add(self.shape, kind="community", name=name)
        for grid, shape in zip(self.grids, self.shapes, strict=True):
            self.ground.add(self.ground.metres(shape), kind="grid", name=grid.name, code=grid.code)
        free = self.shape.buffer(-8).difference(self.no_go)
        angle, streets = self.lay_streets()
        wanted = sum(self.rng.randint(*TO_A_GRID) for _ in self.grids)
        parts = self._parts(free)
        villages = [part for part in parts if not part[2]]
        if villages:
            sizes = [self.rng.randint(*IN_A_PART) for _ in parts]
        else:
            shares = [self.rng.uniform(*LARGER) for _ in parts]
            sizes = [round(wanted * IN_ESTATES * share / sum(shares)) for share in shares]
        built = 0
        estates: list[BaseGeometry] = []
        for (title, at, is_estate), homes in zip(parts, sizes, strict=True):
            if is_estate:
                estate, here = self._estate(title, at, homes, angle, free, estates)
                estates.append(estate)
                built += here
        rest = free.difference(shapely.union_all(estates).buffer(6))
        left = {part[0]: homes for part, homes in zip(parts, sizes, strict=True) if not part[2]}
        self._houses(streets, rest, left or {"": wanted - built}, villages)

    def lay_streets(self) -> tuple[float, list[BaseGeometry]]:
        """The streets and the way that they go; before anything else, so that they are the same with buildings and without."""
        angle = self.rng.uniform(0, math.pi / 2)
        streets, gates = self._streets(angle)
        for street in streets:
            self.ground.add(street, kind="street")
        for gate in gates:
            self.ground.add(gate, kind="crossing", what="level crossing")
        return angle, streets

    def _parts(self, free: BaseGeometry) -> list[tuple[str, shapely.Point, bool]]:
        """Name, middle, and whether it is an estate; else it is a village."""
        return [
            (
                each.name,
                self._spot(self.ground.metres(shapely.Point(each.lon, each.lat)), free),
                each.name not in MORE_PARTS,
            )
            for each in self.compounds
        ]

    def _spot(self, wanted: shapely.Point, free: BaseGeometry) -> shapely.Point:
        """Where one can build, near to the point."""
        inner = free.buffer(-90)
        return nearest_points(free if inner.is_empty else inner, wanted)[0]

    def _streets(self, angle: float) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
        """Two families of straight streets; over a hill none leads, over the railway a few do."""
        west, south, east, north = self.shape.bounds
        centre = shapely.Point((west + east) / 2, (south + north) / 2)
        size = math.hypot(east - west, north - south) / 2
        lines = []
        for turn in (angle, angle + math.pi / 2):
            at = -size
            while at < size:
                line = shapely.LineString(
                    [(centre.x + at, centre.y - size), (centre.x + at, centre.y + size)]
                )
                lines.append(affinity.rotate(line, turn, origin=centre, use_radians=True))
                at += self.rng.uniform(*STREETS_M)
        inside = [line.intersection(self.shape.buffer(-4)) for line in lines]
        spots = [
            spot
            for line in inside
            for spot in shapely.get_parts(line.intersection(self.railway))
            if spot.geom_type == "Point"
        ]
        gates = self.rng.sample(spots, min(len(spots), max(1, CROSSINGS * len(spots) // 24)))
        hills = self.no_go.difference(self.railway.buffer(15))
        opened = self.railway.buffer(14).difference(shapely.union_all([gate.buffer(18) for gate in gates]))
        network = shapely.union_all([line.difference(hills).difference(opened) for line in inside])
        return [part for part in shapely.get_parts(network) if part.length > 1], gates

    def _estate(
        self,
        name: str,
        at: shapely.Point,
        homes: int,
        angle: float,
        free: BaseGeometry,
        others: Sequence[BaseGeometry],
    ) -> tuple[BaseGeometry, int]:
        """Blocks in rows, from the middle outward, until all have a home or there is no more room."""
        clear = free.difference(shapely.union_all(list(others)).buffer(20)) if others else free
        shapely.prepare(clear)
        cos, sin = math.cos(angle), math.sin(angle)
        places = sorted(
            ((row, block) for row in range(-9, 10) for block in range(-6, 7)),
            key=lambda spot: (math.hypot(spot[0] * ROWS_M, spot[1] * BLOCKS_M), spot),
        )
        blocks: list[BaseGeometry] = []
        housed = 0
        for row, block in places:
            if housed >= homes:
                break
            x = at.x + block * BLOCKS_M * cos - row * ROWS_M * sin
            y = at.y + block * BLOCKS_M * sin + row * ROWS_M * cos
            outline = _block(x, y, 40, 13, angle)
            if clear.contains(outline):
                here = min(self.rng.randint(*IN_A_BLOCK), max(homes - housed, 6))
                housed += here
                blocks.append(outline)
                self._door(f"{name}{len(blocks)}号楼", outline, here, compound=name)
        if not blocks:
            return shapely.Point(), 0
        return shapely.union_all(blocks).convex_hull.buffer(8), housed

    def _houses(
        self,
        streets: Sequence[BaseGeometry],
        rest: BaseGeometry,
        left: dict[str, int],
        parts: Sequence[tuple[str, shapely.Point, bool]],
    ) -> None:
        """Houses and small blocks along the streets, near the middles of the parts if there are some; `left` says how many homes each shall have."""
        shapely.prepare(rest)
        spots = [spot for street in streets for spot in _beside(street)]
        self.rng.shuffle(spots)
        if parts:
            spots.sort(
                key=lambda spot: round(min(shapely.Point(spot[:2]).distance(at) for _, at, _ in parts), -2)
            )
        number = 0
        for x, y, angle in spots:
            part = min(parts, key=lambda each: shapely.Point(x, y).distance(each[1]))[0] if parts else ""
            if left[part] <= 0:
                continue
            is_small_block = self.rng.random() < SMALL_BLOCK_SHARE
            outline = _block(x, y, 22 if is_small_block else 11, 11, angle)
            if rest.contains(outline) and self.ground.take(x, y):
                here = min(
                    left[part], self.rng.randint(*(IN_A_SMALL_BLOCK if is_small_block else IN_A_HOUSE))
                )
                left[part] -= here
                number += 1
                called = f"{part or short_name(self.place.name).removesuffix('社区')}{number}号"
                self._door(called, outline, here, **({"compound": part} if part else {}))

    def _door(self, name: str, outline: BaseGeometry, homes: int, **more: str) -> None:
        # The middle to the last digit, as whoever reads the map finds it: the register's point may lie some centimetres beside.
        middle = self.ground.degrees(outline).centroid
        inside = [
            grid for grid, shape in zip(self.grids, self.shapes, strict=True) if shape.intersects(middle)
        ]
        needy = sum(self.rng.random() < 0.16 for _ in range(homes))
        self.ground.add(
            outline,
            kind="door",
            name=name,
            households=homes,
            minutes=homes * MINUTES + needy * MORE_MINUTES,
            community=short_name(self.place.name),
            grid=(inside or self.grids)[0].name,
            **more,
        )


def spot_of(outline: BaseGeometry) -> tuple[float, float]:
    """The point at which the register has a building, by its outline in degrees."""
    return round(outline.centroid.x, 6), round(outline.centroid.y, 6)


def doors_of(town: dict[str, Any]) -> list[dict[str, Any]]:
    """The buildings of a map."""
    return [feature for feature in town["features"] if feature["properties"]["kind"] == "door"]


def _block(x: float, y: float, wide: float, deep: float, angle: float) -> BaseGeometry:
    upright = shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2)
    turned: BaseGeometry = affinity.rotate(upright, angle, origin=(x, y), use_radians=True)
    return turned


def _beside(street: BaseGeometry) -> Iterator[tuple[float, float, float]]:
    """Places on both sides of a straight street, and its direction."""
    (x, y), *_, (to_x, to_y) = street.coords
    angle = math.atan2(to_y - y, to_x - x)
    for step in range(1, int(street.length // DOORS_M)):
        along = step * DOORS_M
        for side in (-FROM_STREET_M, FROM_STREET_M):
            yield (
                x + along * math.cos(angle) - side * math.sin(angle),
                y + along * math.sin(angle) + side * math.cos(angle),
                angle,
            )
