"""Estates and natural villages of the sample city: their names, streets and points are made up. Pure, the same for the same seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import shapely

from wangge.demo.rules.places import Place

#: So many to a community in town, and to a village.
IN_TOWN, IN_A_VILLAGE = (2, 4), (1, 2)
#: How many of a hundred are also called otherwise.
OTHER_NAME_SHARE = 0.3

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
    """Some to each community, inside its grids; no name comes twice in a county."""
    rng = Random(f"compounds {seed}")  # noqa: S311 - the same city from the same seed
    grids: dict[str, list[Place]] = {}
    for place in places:
        if place.level == "grid" and place.rings:
            grids.setdefault(place.parent, []).append(place)
    taken: set[tuple[str, str]] = set()
    return [
        made
        for place in places
        if place.level == "community"
        for made in _in_community(place, grids[place.code], taken, rng)
    ]


def _in_community(
    community: Place, grids: Sequence[Place], taken: set[tuple[str, str]], rng: Random
) -> Iterator[MadeUpCompound]:
    village = community.urban_rural_class.startswith("2")
    for number in range(1, rng.randint(*(IN_A_VILLAGE if village else IN_TOWN)) + 1):
        grid = rng.choice(grids)
        stem, name = _name(community.path.split(".")[1], taken, rng, village=village)
        other = rng.random() < OTHER_NAME_SHARE
        lon, lat = _point_in(grid, rng)
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


def _point_in(grid: Place, rng: Random) -> tuple[float, float]:
    """A point inside the grid, by chance; the grid's own where chance does not find one soon."""
    shape = shapely.Polygon(grid.rings[0], grid.rings[1:])
    west, south, east, north = shape.bounds
    for _ in range(20):
        lon, lat = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(shape, lon, lat):
            return lon, lat
    return grid.lon, grid.lat
