"""The areas of the sample city, each with its boundary; their grids by area, and by households where buildings are known. Pure, and the same
for the same seed.
"""

import math
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import shapely

from wangge.demo.rules.compounds import plan_compounds
from wangge.demo.rules.places import (
    DEMO_COMMUNITY,
    LATTICE,
    LEVELS,
    TOWNSHIP,
    Division,
    Place,
    short_name,
)
from wangge.demo.rules.tiling import Mesh, Ring, Stock, area, divide
from wangge.demo.rules.town import doors_of, plan_town, spot_of

#: Public grids of the city (product.md); every community has at least one.
PUBLIC_GRIDS = 4_234
DEDICATED_GRIDS = 36

#: By the Bureau's urban-rural class: how many grids a community has on average, and how large it is against others.
#: 111, 112 city, 121, 122 town, 123 special places, 210 township seats, 220 villages.
GRIDS_BY_CLASS = {"111": 6.0, "112": 4.5, "121": 3.5, "122": 2.2, "123": 1.5, "210": 2.0, "220": 1.4}
SIZE_BY_CLASS = {"111": 0.35, "112": 0.7, "121": 0.9, "122": 1.6, "123": 2.0, "210": 2.2, "220": 3.2}

#: What a dedicated grid (专属网格) may be; the first one lies in the demo's community.
DEDICATED_NAMES = (
    "水产加工厂",
    "纺织产业园",
    "实验小学",
    "中心医院",
    "农贸市场",
    "商贸大厦",
    "物流园",
    "科技孵化园",
    "职业学校",
)

#: How unequal the grids of the township are by households, but for the demo's community, whose six parts nearly fill four grids. With the
#: demo's seed each has 300 to 500.
UNEQUAL = (0.95, 1.08)


def plan_city(divisions: Sequence[Division], outlines: Mapping[str, Ring], seed: int) -> list[Place]:
    """Every area from the city down to the grids, parents first. Communities and grids tile each county exactly."""
    rng = Random(seed)  # noqa: S311 - the same city from the same seed
    below: dict[str, list[Division]] = {}
    for division in divisions:
        below.setdefault(division.parent, []).append(division)
    communities = [division for division in divisions if division.level == "community"]
    grids = grids_per_community(communities, rng)
    mesh = Mesh()
    rings: dict[str, Ring] = {}
    for county in below[divisions[0].code]:
        ring = outlines[county.code]
        _cut(mesh, county, ring if area(ring) > 0 else ring[::-1], below, grids, rings, rng)
    rings |= _by_households(divisions, grids, rings, mesh, seed)
    places = _placed(divisions, grids, rings, mesh)
    hosts = {place.code: place for place in places}
    return places + [
        _dedicated(community, name, hosts[f"{community.code}1001"])
        for community, name in zip(_dedicated_hosts(communities, rng), _dedicated_names(), strict=True)
    ]


def grids_per_community(
    communities: Sequence[Division], rng: Random, total: int = PUBLIC_GRIDS
) -> dict[str, int]:
    """How many public grids each community has: by class, with some chance, at least one, `total` in all."""
    wanted = {
        each.code: GRIDS_BY_CLASS[each.urban_rural_class] * rng.uniform(0.7, 1.3) for each in communities
    }
    factor = (total - len(wanted)) / sum(max(value - 1, 0) for value in wanted.values())
    exact = {code: 1 + max(value - 1, 0) * factor for code, value in wanted.items()}
    counts = {code: math.floor(value) for code, value in exact.items()}
    missing = total - sum(counts.values())
    for code in sorted(exact, key=lambda code: (counts[code] - exact[code], code))[:missing]:
        counts[code] += 1
    return counts


def _cut(
    mesh: Mesh,
    division: Division,
    ring: Ring,
    below: Mapping[str, Sequence[Division]],
    grids: Mapping[str, int],
    rings: dict[str, Ring],
    rng: Random,
) -> None:
    """The rings of an area and all below it, into `rings`."""
    rings[division.code] = ring
    if division.level == "community":
        weights = [rng.uniform(0.8, 1.25) for _ in range(grids[division.code])]
        for number, part in enumerate(divide(mesh, ring, weights, rng), 1):
            rings[f"{division.code}1{number:03d}"] = part
        return
    children = below[division.code]
    sizes = [_size(child, below, rng) for child in children]
    for child, part in zip(children, divide(mesh, ring, sizes, rng), strict=True):
        _cut(mesh, child, part, below, grids, rings, rng)


def _by_households(
    divisions: Sequence[Division],
    grids: Mapping[str, int],
    rings: Mapping[str, Ring],
    mesh: Mesh,
    seed: int,
) -> dict[str, Ring]:
    """The grids of the demo's township anew, with about as many households each. Straight borders: an estate may lie on both sides of one."""
    places = _placed(_township(divisions), grids, rings, mesh)
    stocks: dict[str, list[tuple[float, float, int]]] = {}
    for door in doors_of(plan_town(places, plan_compounds(places, seed), TOWNSHIP, seed)):
        said, spot = door["properties"], spot_of(shapely.geometry.shape(door["geometry"]))
        stocks.setdefault(said["community"], []).append((*spot, said["households"]))
    rng = Random(f"grids {seed}")  # noqa: S311 - the same city from the same seed
    made: dict[str, Ring] = {}
    for place in places:
        if place.level == "community":
            xs, ys, counts = np.array(stocks[short_name(place.name)], float).T
            unequal = (1.0, 1.0) if place.code == DEMO_COMMUNITY else UNEQUAL
            weights = [rng.uniform(*unequal) for _ in range(grids[place.code])]
            parts = divide(mesh, rings[place.code], weights, rng, Stock(xs * LATTICE, ys * LATTICE, counts))
            made |= {f"{place.code}1{number:03d}": part for number, part in enumerate(parts, 1)}
    return made


def _township(divisions: Sequence[Division]) -> list[Division]:
    """The demo's, all above it, and its communities."""
    by_code = {division.code: division for division in divisions}
    found, code = [each for each in divisions if each.parent == TOWNSHIP], TOWNSHIP
    while code in by_code:
        found.append(by_code[code])
        code = by_code[code].parent
    return found


def _size(division: Division, below: Mapping[str, Sequence[Division]], rng: Random) -> float:
    if division.level == "community":
        return SIZE_BY_CLASS[division.urban_rural_class] * rng.uniform(0.7, 1.4)
    return sum(_size(child, below, rng) for child in below[division.code])


def _placed(
    divisions: Sequence[Division],
    grids: Mapping[str, int],
    rings: Mapping[str, Ring],
    mesh: Mesh,
) -> list[Place]:
    paths: dict[str, str] = {}
    places = []
    for division in sorted(divisions, key=lambda each: LEVELS.index(each.level)):
        # The province above the city is not part of the tree.
        paths[division.code] = f"{paths.get(division.parent, '')}.{division.code}".lstrip(".")
        if division.level == "city":
            outlines = [mesh.outline(rings[each.code]) for each in divisions if each.level == "county"]
            shape = shapely.union_all([shapely.Polygon(outline) for outline in outlines])
        else:
            shape = shapely.Polygon(mesh.outline(rings[division.code]))
        places.append(_place(division, paths[division.code], "", shape))
    communities = [division for division in divisions if division.level == "community"]
    for community in communities:
        for number in range(1, grids[community.code] + 1):
            grid = _grid(community, f"1{number:03d}", f"第{number}网格")
            shape = shapely.Polygon(mesh.outline(rings[grid.code]))
            places.append(_place(grid, f"{paths[community.code]}.{grid.code}", "public", shape))
    return places


def _grid(community: Division, number: str, ending: str) -> Division:
    name = short_name(community.name) + ending
    return Division(community.code + number, name, "grid", community.code, community.urban_rural_class)


def _place(division: Division, path: str, kind: str, shape: shapely.Polygon) -> Place:
    inside = shape.representative_point()
    rings = tuple(
        tuple((x / LATTICE, y / LATTICE) for x, y in ring.coords)
        for ring in (shape.exterior, *shape.interiors)
    )
    lon, lat = round(inside.x / LATTICE, 6), round(inside.y / LATTICE, 6)
    return Place(
        division.code,
        division.name,
        division.level,
        division.parent if "." in path else "",
        path,
        kind,
        division.urban_rural_class,
        rings,
        lon,
        lat,
    )


def _dedicated_hosts(communities: Sequence[Division], rng: Random) -> list[Division]:
    """Urban communities of every county that has some, the demo's first; each hosts one."""
    urban = [each for each in communities if each.urban_rural_class[0] == "1" and each.code != DEMO_COMMUNITY]
    first = next(each for each in communities if each.code == DEMO_COMMUNITY)
    return [first, *rng.sample(urban, DEDICATED_GRIDS - 1)]


def _dedicated_names() -> list[str]:
    return [DEDICATED_NAMES[number % len(DEDICATED_NAMES)] for number in range(DEDICATED_GRIDS)]


def _dedicated(community: Division, name: str, host: Place) -> Place:
    """A point in the community's first public grid, without a boundary of its own: only public grids tile the city."""
    code = f"{community.code}2001"
    path = f"{host.path.rsplit('.', 1)[0]}.{code}"
    called = f"{short_name(community.name)}{name}专属网格"
    kind = community.urban_rural_class
    return Place(code, called, "grid", community.code, path, "dedicated", kind, (), host.lon, host.lat)
