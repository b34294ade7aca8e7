"""The buildings of the made-up map in the sample city's register: a whole township to divide. Homes without people.

The demo's own community has those homes already (`actions/homes.py`), with people in many of them.
"""

from collections.abc import Sequence
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
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.compounds import plan_compounds
from wangge.demo.rules.homes import plates_of
from wangge.demo.rules.places import DEMO_COMMUNITY, TOWNSHIP, short_name
from wangge.demo.rules.town import doors_of, plan_town, spot_of
from wangge.households.rules.people import household_number
from wangge.staff.queries import enter_as_system
from wangge.visits.actions import renew_due


def register_township(*, now: datetime, seed: int = 1) -> tuple[int, int]:
    """How many buildings and households were written: none where they stand already, which is soon seen.

    A city that was built before there were streets gets them, too.
    """
    with connections["owner"].cursor() as cursor:
        if queries.township_is_registered(cursor) and queries.ground_is_known(cursor):
            return 0, 0
    places = plan_city(queries.divisions(), queries.outlines(), seed)
    doors = doors_of(plan_town(places, plan_compounds(places, seed), TOWNSHIP, seed))
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        write_ground(cursor, places, now=now, seed=seed)
        return write_township(cursor, doors, now=now, seed=seed)


def write_township(
    cursor: Any, doors: Sequence[dict[str, Any]], *, now: datetime, seed: int
) -> tuple[int, int]:
    """Set-wise, in the grids and estates of today; how many buildings and households."""
    if queries.township_is_registered(cursor):
        return 0, 0
    rows = _Rows(cursor, now, seed)
    for door in doors:
        rows.add(door)
    rows.write(cursor)
    _record(cursor, rows, now)
    return len(rows.buildings), len(rows.households)


def expect_visits(*, now: datetime) -> int:
    """What is due at the homes without people is the same at each: computed at one of them, written for all. Says at how many."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select s.household_id from visits_stale s join households_household h on h.id = s.household_id"
            " where h.path ~ %s::lquery and not exists (select from households_resident r where r.household_id = h.id)"
            " order by 1",
            [f"*.{TOWNSHIP}.*"],
        )
        alike = [household for (household,) in cursor.fetchall()]
    if not alike:
        return 0
    with transaction.atomic():
        renew_due(enter_as_system(queries.divisions()[0].code), alike[:1], now=now)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "insert into visits_duevisit (household_id, path, since, by, reasons, known_on, revision, computed_at)"
            " select h.id, h.path, d.since, d.by, d.reasons, d.known_on, d.revision, d.computed_at"
            " from households_household h, visits_duevisit d where d.household_id = %s and h.id = any (%s)"
            " on conflict (household_id) do nothing",
            [alike[0], alike],
        )
        cursor.execute("delete from visits_stale where household_id = any (%s)", [alike])
    return len(alike)


class _Rows:
    """What the doors of the map are as rows of the register."""

    def __init__(self, cursor: Any, now: datetime, seed: int) -> None:
        self.grids = _Grids(cursor)
        cursor.execute(
            "select split_part(path::text, '.', 4), name, code from households_compound where path ~ %s::lquery",
            [f"*.{TOWNSHIP}.*"],
        )
        self.compounds = {(community, name): code for community, name, code in cursor.fetchall()}
        self.since: date = now.astimezone(SHANGHAI).date()
        self.ids = Ids(now, f"{seed} {TOWNSHIP}")
        self.chance = Random(f"township {seed}")  # noqa: S311 - the same city from the same seed
        self.last: dict[str, int] = {}
        self.buildings: list[Sequence[Any]] = []
        self.dwellings: list[Sequence[Any]] = []
        self.households: list[Sequence[Any]] = []

    def add(self, door: dict[str, Any]) -> None:
        said = door["properties"]
        community = self.grids.communities.get(said["community"], DEMO_COMMUNITY)
        if community == DEMO_COMMUNITY:
            return
        lon, lat = spot_of(shapely.geometry.shape(door["geometry"]))
        path = self.grids.path_at(community, lon, lat)
        estate, made = said.get("compound", ""), self.ids.next()
        name = said["name"].removeprefix(estate) or said["name"]
        compound = self.compounds.get((community, estate))
        self.buildings.append((made, path, compound, name, lon, lat, True, self.since))
        for plate in plates_of(said["households"]):
            self._home(path, community, made, plate, lon, lat)

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


class _Grids:
    """The township's public grids as they are drawn today: a city of an earlier version has others than the map says."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute(
            "select g.path::text, c.code, c.name, g.boundary::text from areas_area g join areas_area c on c.code = g.parent_id"
            " where g.path ~ %s::lquery and g.level = 'grid' and g.valid_to is null and g.boundary is not null order by 1",
            [f"*.{TOWNSHIP}.*"],
        )
        self.communities: dict[str, str] = {}
        self.of: dict[str, list[tuple[str, Any]]] = {}
        for path, code, name, boundary in cursor.fetchall():
            self.communities[short_name(name)] = code
            shape = shapely.from_geojson(boundary)
            shapely.prepare(shape)
            self.of.setdefault(code, []).append((path, shape))

    def path_at(self, community: str, lon: float, lat: float) -> str:
        """The grid that the point lies in, else the nearest of the community."""
        point = shapely.Point(lon, lat)
        return min(self.of[community], key=lambda each: float(each[1].distance(point)))[0]


def _record(cursor: Any, rows: _Rows, now: datetime) -> None:
    cursor.execute(
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) select code, path, 0, %s, 'system', '', 'city.settled', 'area:' || code, 'demo', '{}',"
        " jsonb_build_object('buildings', %s::int, 'households', %s::int), '', false, '', '' from areas_area where code = %s",
        [now, len(rows.buildings), len(rows.households), TOWNSHIP],
    )
