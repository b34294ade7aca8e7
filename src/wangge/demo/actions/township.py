"""The buildings of the made-up map in the sample city's register: a whole township to divide. Homes without people.

The demo's own community has homes already (`actions/homes.py`), with people in them; those stay, and it gets no others.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

import shapely
from django.db import connections, transaction

from wangge.base.calendar import SHANGHAI
from wangge.demo import queries
from wangge.demo.actions.copying import copy_rows
from wangge.demo.actions.ground import write_ground
from wangge.demo.actions.homes import BUILDING, DWELLING, HOUSEHOLD, PLATE_LETTERS, Ids
from wangge.demo.rules.compounds import plan_compounds
from wangge.demo.rules.places import DEMO_COMMUNITY, Place, plan_city, short_name
from wangge.demo.rules.town import TOWNSHIP, plan_town
from wangge.households.rules.people import household_number

#: Doors on a floor of a block.
ON_A_FLOOR = 4


def register_township(*, now: datetime, seed: int = 1) -> tuple[int, int]:
    """How many buildings and households were written: none where they stand already."""
    places = plan_city(queries.divisions(), queries.outlines(), seed)
    compounds = {(each.path.split(".")[3], each.name): each.code for each in plan_compounds(places, seed)}
    doors = [
        feature
        for feature in plan_town(places, plan_compounds(places, seed), TOWNSHIP, seed)["features"]
        if feature["properties"]["kind"] == "door"
    ]
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        # A city that was built before there were streets gets them now.
        write_ground(cursor, places, now=now, seed=seed)
        if queries.township_is_registered(cursor):
            return 0, 0
        rows = _Rows(places, compounds, now, seed)
        for door in doors:
            rows.add(door)
        rows.write(cursor)
        _record(cursor, rows, now)
    return len(rows.buildings), len(rows.households)


class _Rows:
    """What the doors of the map are as rows of the register."""

    def __init__(
        self, places: Sequence[Place], compounds: dict[tuple[str, str], str], now: datetime, seed: int
    ) -> None:
        inside = [place for place in places if TOWNSHIP in place.path.split(".")]
        self.grids = {place.name: place for place in inside if place.level == "grid"}
        self.communities = {
            short_name(place.name): place.code for place in inside if place.level == "community"
        }
        self.compounds = compounds
        self.since: date = now.astimezone(SHANGHAI).date()
        self.ids = Ids(now, f"{seed} {TOWNSHIP}")
        self.chance = Random(f"township {seed}")  # noqa: S311 - the same city from the same seed
        self.last: dict[str, int] = {}
        self.buildings: list[Sequence[Any]] = []
        self.dwellings: list[Sequence[Any]] = []
        self.households: list[Sequence[Any]] = []

    def add(self, door: dict[str, Any]) -> None:
        said = door["properties"]
        community, grid = self.communities[said["community"]], self.grids[said["grid"]]
        if community == DEMO_COMMUNITY:
            return
        estate, made = said.get("compound", ""), self.ids.next()
        spot = shapely.geometry.shape(door["geometry"]).representative_point()
        lon, lat = round(spot.x, 6), round(spot.y, 6)
        name = said["name"].removeprefix(estate) or said["name"]
        compound = self.compounds.get((community, estate))
        self.buildings.append((made, grid.path, compound, name, lon, lat, True, self.since))
        for plate in _doors(said["households"]):
            self._home(grid.path, community, made, plate, lon, lat)

    def _home(self, path: str, community: str, building: UUID, door: str, lon: float, lat: float) -> None:
        dwelling, household = self.ids.next(), self.ids.next()
        serial = self.last[community] = self.last.get(community, 0) + 1
        plate = "".join(self.chance.choice(PLATE_LETTERS) for _ in range(16))
        number = household_number(community, serial)
        self.dwellings.append((dwelling, path, building, door, lon, lat, plate, 1, self.since))
        self.households.append((household, path, dwelling, number, False, False, True, 1, self.since))

    def write(self, cursor: Any) -> None:
        copy_rows(cursor, "households_building", BUILDING, self.buildings)
        copy_rows(cursor, "households_dwelling", DWELLING, self.dwellings)
        copy_rows(cursor, "households_household", HOUSEHOLD, self.households)
        copy_rows(cursor, "households_numbercounter", ("id", "last"), self.last.items())
        cursor.execute("analyze households_building, households_dwelling, households_household")


def _doors(households: int) -> Iterator[str]:
    """`1单元302`; a house of one household has no door of its own."""
    if households == 1:
        yield ""
    for home in range(households if households > 1 else 0):
        floor, side = divmod(home, ON_A_FLOOR)
        yield f"{1 + side // 2}单元{floor + 1}0{1 + side % 2}"


def _record(cursor: Any, rows: _Rows, now: datetime) -> None:
    cursor.execute(
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) select code, path, 0, %s, 'system', '', 'city.settled', 'area:' || code, 'demo', '{}',"
        " jsonb_build_object('buildings', %s::int, 'households', %s::int), '', false, '', '' from areas_area where code = %s",
        [now, len(rows.buildings), len(rows.households), TOWNSHIP],
    )
