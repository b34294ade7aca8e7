"""Estates and natural villages of the sample city: their names, streets and points are made up. Pure, the same for the same seed."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import shapely

from wangge.demo.rules.places import DEMO_COMMUNITY, TOWNSHIP, Place

#: So many to a community in town, and to a village.
IN_TOWN, IN_A_VILLAGE = (2, 4), (1, 2)
#: In the demo's township, where buildings are known: so many to a grid that most have as many households as a grid may.
TO_A_GRID = 0.62
#: How many of a hundred are also called otherwise.
OTHER_NAME_SHARE = 0.3
#: The demo's community is six parts and nothing else: its estates, and of these villages as many as are missing.
PARTS, MORE_PARTS = 6, ("荷花里", "荷花坡", "荷花埠", "荷花墩")

#: Chooses where one stands: the grid and the point.
_Spot = Callable[[Random], tuple[Place, float, float]]

_FIRST = "锦翠和安丽金碧嘉祥盛凤云春紫瑞康宁福兴华文新玉明"
_SECOND = "景湖园泽庭澜荷桐枫梅兰竹松溪岸林阳晖月星苑桂棠汀"
_ESTATES = ("家园", "花园", "小区", "新村", "公寓", "花苑", "雅居", "名邸")
_VILLAGES = ("庄", "圩", "墩", "荡", "巷", "埠", "沟", "岭")
_STREETS = ("路", "街", "巷", "大道")


@dataclass(frozen=True, slots=True)
class MadeUpCompound:
    """One estate or village, in the grid in which its point lies."""

    code: str
    name: str
    aliases: tuple[str, ...]
    address: str
    area: str
    path: str
    lon: float
    lat: float


def plan_compounds(places: Sequence[Place], seed: int) -> list[MadeUpCompound]:
    """Some to each community, inside its grids; no name comes twice in a county.

    Those of the demo's township stand by themselves, wherever its grids lie: its buildings, and by them its grids, go by them.
    """
    grids: dict[str, list[Place]] = {}
    for place in places:
        if place.level == "grid" and place.rings:
            grids.setdefault(place.parent, []).append(place)
    taken: set[tuple[str, str]] = set()
    made: list[MadeUpCompound] = []
    communities = [place for place in places if place.level == "community"]
    for place in communities:
        if place.parent == TOWNSHIP:
            own = Random(f"compounds {place.code} {seed}")  # noqa: S311 - the same city from the same seed
            count = round(len(grids[place.code]) * TO_A_GRID)
            made += _in_community(place, count, _anywhere(place, grids[place.code]), taken, own)
            if place.code == DEMO_COMMUNITY:
                made += _villages(place, grids[place.code], made, own)
    rng = Random(f"compounds {seed}")  # noqa: S311 - the same city from the same seed
    for place in communities:
        if place.parent != TOWNSHIP:
            count = rng.randint(*(IN_A_VILLAGE if _is_village(place) else IN_TOWN))
            made += _in_community(place, count, _in_a_grid(grids[place.code]), taken, rng)
    return made


def _is_village(community: Place) -> bool:
    return community.urban_rural_class.startswith("2")


def _anywhere(community: Place, grids: Sequence[Place]) -> _Spot:
    def spot(rng: Random) -> tuple[Place, float, float]:
        lon, lat = _point_in(community, rng)
        return _grid_at(grids, lon, lat), lon, lat

    return spot


def _in_a_grid(grids: Sequence[Place]) -> _Spot:
    def spot(rng: Random) -> tuple[Place, float, float]:
        grid = rng.choice(grids)
        return grid, *_point_in(grid, rng)

    return spot


def _grid_at(grids: Sequence[Place], lon: float, lat: float) -> Place:
    return next((grid for grid in grids if shapely.intersects_xy(_shape(grid), lon, lat)), grids[0])


def _villages(
    community: Place, grids: Sequence[Place], estates: Sequence[MadeUpCompound], rng: Random
) -> Iterator[MadeUpCompound]:
    """As many as are missing, each far from all that are there."""
    there = [(each.lon, each.lat) for each in estates if each.path.split(".")[3] == community.code]
    for number, name in enumerate(MORE_PARTS[: PARTS - len(there)], len(there) + 1):
        spots = [_point_in(community, rng) for _ in range(40)]
        lon, lat = max(spots, key=lambda spot: min(math.dist(spot, each) for each in there))
        there.append((lon, lat))
        grid = _grid_at(grids, lon, lat)
        yield MadeUpCompound(f"{community.code}-{number:02d}", name, (), "", grid.code, grid.path, lon, lat)


def _in_community(
    community: Place, count: int, spot: _Spot, taken: set[tuple[str, str]], rng: Random
) -> Iterator[MadeUpCompound]:
    village = _is_village(community)
    for number in range(1, count + 1):
        stem, name = _name(community.path.split(".")[1], taken, rng, village=village)
        other = rng.random() < OTHER_NAME_SHARE
        grid, lon, lat = spot(rng)
        yield MadeUpCompound(
            f"{community.code}-{number:02d}",
            name,
            (f"老{stem}" if village else f"{stem}宿舍",) if other else (),
            ""
            if village
            else f"{rng.choice(_FIRST)}{rng.choice(_SECOND)}{rng.choice(_STREETS)}{rng.randint(1, 299)}号",
            grid.code,
            grid.path,
            lon,
            lat,
        )


def _name(county: str, taken: set[tuple[str, str]], rng: Random, *, village: bool) -> tuple[str, str]:
    """The stem and the name, new in the county."""
    while True:
        stem = rng.choice(_FIRST) + rng.choice(_SECOND)
        name = stem + rng.choice(_VILLAGES if village else _ESTATES)
        if (county, name) not in taken:
            taken.add((county, name))
            return stem, name


def _shape(place: Place) -> shapely.Polygon:
    return shapely.Polygon(place.rings[0], place.rings[1:])


def _point_in(place: Place, rng: Random) -> tuple[float, float]:
    """A point inside the place, by chance; the place's own where chance does not find one soon."""
    shape = _shape(place)
    west, south, east, north = shape.bounds
    for _ in range(20):
        lon, lat = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(shape, lon, lat):
            return lon, lat
    return place.lon, place.lat
