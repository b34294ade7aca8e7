"""Homes and people of the sample city's own community: all of them made up. Pure, the same for the same seed.

Identity numbers begin with 320799, a county that does not exist, and telephone numbers with 12, which no telephone does.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import shapely

from wangge.demo.rules.compounds import MadeUpCompound
from wangge.demo.rules.people import FAMILY, person_name
from wangge.demo.rules.places import DEMO_COMMUNITY, Place
from wangge.demo.rules.town import IN_A_HOUSE, spot_of

#: People live in every home of the worker's own grid, and in so many of each other public grid of the community. The rest of the city
#: has homes without people in the community's township, and none elsewhere.
LIVED_IN_ELSEWHERE = 80
OWN_GRID = f"{DEMO_COMMUNITY}1001"

#: How many live together, of a hundred households.
SIZES = {1: 15, 2: 22, 3: 27, 4: 22, 5: 14}
RESIDENCIES = {"registered_present": 74, "registered_away": 8, "permanent": 8, "floating": 10}
#: Doors on a floor of a block; of a hundred households in a house, so many have a vegetable plot.
ON_A_FLOOR, PLOT_SHARE = 4, 70
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
    places: Sequence[Place],
    compounds: Sequence[MadeUpCompound],
    doors: Sequence[dict[str, Any]],
    today: date,
    letters: str,
    seed: int,
) -> list[MadeUpHome]:
    """The homes of the community in which the demo's accounts work, in the buildings of the made-up map (`town.plan_town`); `letters` are
    those of door plates.
    """
    rng = Random(f"homes {seed}")  # noqa: S311 - the same city from the same seed
    serials = iter(range(1, 1_000_000))
    grids = {place.name: place for place in places if place.parent == DEMO_COMMUNITY and place.rings}
    codes = {each.name: each.code for each in compounds if each.path.split(".")[3] == DEMO_COMMUNITY}
    settled: Counter[str] = Counter()
    made: list[MadeUpHome] = []
    for door in doors:
        said = door["properties"]
        grid = grids.get(said["grid"])
        if grid is None:
            continue
        lon, lat = spot_of(shapely.geometry.shape(door["geometry"]))
        estate, households = said["compound"], said["households"]
        is_house = households <= IN_A_HOUSE[1]
        for plate in plates_of(households):
            settled[grid.code] += 1
            lived_in = grid.code == OWN_GRID or settled[grid.code] <= LIVED_IN_ELSEWHERE
            made.append(
                MadeUpHome(
                    grid.path,
                    codes[estate],
                    said["name"].removeprefix(estate),
                    plate,
                    lon,
                    lat,
                    is_house and rng.randrange(100) < PLOT_SHARE,
                    rng.random() < 0.02,
                    "".join(rng.choice(letters) for _ in range(16)),
                    tuple(_family(today, serials, rng)) if lived_in else (),
                )
            )
    return made


def plates_of(households: int) -> Iterator[str]:
    """The doors of a building, `1单元302`; a house of one household has no door of its own."""
    if households == 1:
        yield ""
    for home in range(households if households > 1 else 0):
        floor, side = divmod(home, ON_A_FLOOR)
        yield f"{1 + side // 2}单元{floor + 1}0{1 + side % 2}"


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
