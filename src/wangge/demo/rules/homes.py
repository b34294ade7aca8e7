"""Homes and people of the sample city's own community: all of them made up. Pure, the same for the same seed.

Identity numbers begin with 320799, a county that does not exist, and telephone numbers with 12, which no telephone does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from wangge.demo.rules.compounds import MadeUpCompound
from wangge.demo.rules.people import FAMILY, person_name
from wangge.demo.rules.places import DEMO_COMMUNITY, Place
from wangge.demo.rules.town import TOWNSHIP, unbuilt

#: Households of the worker's own grid, and of each other public grid of the community. The rest of the city has none.
IN_THE_OWN_GRID, IN_THE_OTHERS = 500, 80
OWN_GRID = f"{DEMO_COMMUNITY}1001"

#: How many live together, of a hundred households.
SIZES = {1: 15, 2: 22, 3: 27, 4: 22, 5: 14}
RESIDENCIES = {"registered_present": 74, "registered_away": 8, "permanent": 8, "floating": 10}
#: Of a hundred households in a house of their own.
HOUSE_SHARE, PLOT_SHARE = 12, 70
HOMES_IN_A_BUILDING = 22
#: So far, in degrees, a building keeps from a hill or the railway: a metre.
_BESIDE = 1e-5
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

#: On which ground somebody needs care: a law, or their own consent.
LAWS = {
    "elder": "《中华人民共和国老年人权益保障法》",
    "left_behind_child": "《中华人民共和国未成年人保护法》",
    "disability": "《中华人民共和国残疾人保障法》",
    "hardship": "《社会救助暂行办法》",
}
DISABLED_SHARE, HARDSHIP_SHARE = 0.02, 0.012


@dataclass(frozen=True, slots=True)
class MadeUpNeed:
    kind: str
    law: str
    from_on: date
    until: date


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    name: str
    born_on: date
    sex: str
    relation: str
    residency: str
    identity: str
    phone: str
    needs: tuple[MadeUpNeed, ...]


@dataclass(frozen=True, slots=True)
class MadeUpHome:
    """One household: where it is and who lives there. Homes of one building follow each other."""

    path: str
    compound: str | None
    building: str
    door: str
    lon: float
    lat: float
    has_plot: bool
    only_by_law: bool
    plate: str
    people: tuple[MadeUpPerson, ...]


def plan_homes(
    places: Sequence[Place], compounds: Sequence[MadeUpCompound], today: date, letters: str, seed: int
) -> list[MadeUpHome]:
    """The homes of the community in which the demo's accounts work; `letters` are those of door plates."""
    rng = Random(f"homes {seed}")  # noqa: S311 - the same city from the same seed
    serials = iter(range(1, 1_000_000))
    made: list[MadeUpHome] = []
    away = unbuilt(places, TOWNSHIP).buffer(_BESIDE)
    for place in places:
        if place.level == "grid" and place.parent == DEMO_COMMUNITY and place.rings:
            estates = [each for each in compounds if each.area == place.code]
            count = IN_THE_OWN_GRID if place.code == OWN_GRID else IN_THE_OTHERS
            made += _in_grid(place, away, estates, count, today, letters, serials, rng)
    return made


def _in_grid(
    grid: Place,
    away: BaseGeometry,
    estates: Sequence[MadeUpCompound],
    count: int,
    today: date,
    letters: str,
    serials: Iterator[int],
    rng: Random,
) -> Iterator[MadeUpHome]:
    houses = count * HOUSE_SHARE // 100
    number = 0
    while number < count:
        is_house = number >= count - houses
        here = 1 if is_house else min(HOMES_IN_A_BUILDING, count - houses - number)
        estate = rng.choice(estates) if estates and not is_house else None
        lon, lat = _point_in(grid, away, rng)
        name = (
            f"荷花里{number - (count - houses) + 1}号"
            if is_house
            else f"{1 + number // HOMES_IN_A_BUILDING}号楼"
        )
        if not is_house and estate is None:
            name = f"荷花里{name}"
        for home in range(here):
            door = "" if is_house else f"{1 + home % 2}单元{1 + home // 4}0{1 + home // 2 % 2}"
            yield MadeUpHome(
                grid.path,
                estate.code if estate else None,
                name,
                door,
                lon,
                lat,
                is_house and rng.randrange(100) < PLOT_SHARE,
                rng.random() < 0.02,
                "".join(rng.choice(letters) for _ in range(16)),
                tuple(_family(today, serials, rng)),
            )
        number += here


def _family(today: date, serials: Iterator[int], rng: Random) -> Iterator[MadeUpPerson]:
    size = rng.choices(list(SIZES), list(SIZES.values()))[0]
    residency = rng.choices(list(RESIDENCIES), list(RESIDENCIES.values()))[0]
    family = rng.choice(FAMILY)
    age = rng.randint(60, 88) if size < 3 and rng.random() < 0.5 else rng.randint(28, 62)
    sex = rng.choice("mmf")
    young = max(1, age - rng.randint(23, 32))
    roles = [("head", age, sex), ("spouse", max(22, age + rng.randint(-4, 4)), "f" if sex == "m" else "m")]
    roles += [
        ("child", young, rng.choice("mf")),
        ("parent", min(96, age + rng.randint(22, 30)), rng.choice("mf")),
    ]
    roles += [
        (
            "grandchild" if young > 24 else "child",
            max(0, young - 26 if young > 24 else young - 3),
            rng.choice("mf"),
        )
    ]
    for relation, years, of in roles[:size]:
        own = rng.random() < 0.06 and residency == "registered_present" and relation == "child"
        lives = "registered_away" if own and years >= 18 else residency
        born = today - timedelta(days=years * 365 + rng.randint(1, 364))
        name = person_name(rng) if relation in ("spouse", "parent") else family + person_name(rng)[1:]
        yield MadeUpPerson(
            name,
            born,
            of,
            relation,
            lives,
            made_up_identity(born, next(serials), of),
            f"12{rng.randrange(10**9):09}" if years >= 14 else "",
            tuple(_needs(years, size, residency, today, rng)),
        )


def _needs(years: int, size: int, residency: str, today: date, rng: Random) -> Iterator[MadeUpNeed]:
    kinds = []
    if years >= 80:
        kinds.append("elder")
    if years >= 65 and size == 1:
        kinds.append("living_alone")
    if years < 14 and residency == "registered_away":
        kinds.append("left_behind_child")
    if rng.random() < DISABLED_SHARE:
        kinds.append("disability")
    if rng.random() < HARDSHIP_SHARE:
        kinds.append("hardship")
    for kind in kinds:
        first = today - timedelta(days=rng.randint(5, 300))
        yield MadeUpNeed(kind, LAWS.get(kind, ""), first, first + timedelta(days=365))


def made_up_identity(born: date, serial: int, sex: str) -> str:
    """A number as identity numbers are made, of a county that does not exist."""
    order = serial % 500 * 2 + (sex == "m")
    first = f"320799{born:%Y%m%d}{order:03}"
    return first + "10X98765432"[sum(int(a) * b for a, b in zip(first, _WEIGHTS, strict=True)) % 11]


def _point_in(grid: Place, away: BaseGeometry, rng: Random) -> tuple[float, float]:
    """A point inside the grid, not at its very edge and beside what is not built on; the grid's own where chance does not find one soon."""
    shape = shapely.Polygon(grid.rings[0], grid.rings[1:])
    west, south, east, north = shape.bounds
    inner = shape.buffer(-min(east - west, north - south) / 25)
    for _ in range(60):
        lon, lat = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(inner, lon, lat):
            return _beside(lon, lat, inner, away)
    return grid.lon, grid.lat


def _beside(lon: float, lat: float, inner: BaseGeometry, away: BaseGeometry) -> tuple[float, float]:
    """The point itself, or the nearest in the grid that is not on a hill or the railway."""
    free = inner.difference(away)
    if free.is_empty or not shapely.contains_xy(away, lon, lat):
        return lon, lat
    spot = nearest_points(free, shapely.Point(lon, lat))[0]
    return round(spot.x, 6), round(spot.y, 6)
