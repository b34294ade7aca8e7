"""Made-up homes of the sample city, written as an import would have: sealed, with a stay for each person."""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings

from wangge.base.calendar import SHANGHAI
from wangge.demo.actions.copying import copy_rows, reset_ids
from wangge.demo.rules.homes import MadeUpHome, MadeUpPerson
from wangge.households.rules.people import PLATE_LETTERS, household_number

__all__ = ["BUILDING", "DWELLING", "HOUSEHOLD", "PLATE_LETTERS", "Ids", "write_homes"]


def write_homes(cursor: Any, homes: Sequence[MadeUpHome], *, now: datetime, since: date, seed: int) -> None:
    """Buildings, dwellings, households, residents, stays and needs; the same ids for the same seed and moment.

    Who lives somewhere does so since `since`; a home without people was registered today.
    """
    ids = Ids(now, seed)
    today = now.astimezone(SHANGHAI).date()
    buildings: dict[tuple[str, str | None, str], UUID] = {}
    rows: dict[str, list[Sequence[Any]]] = {name: [] for name in _COLUMNS}
    last: dict[str, int] = {}
    for home in homes:
        place = (home.path, home.compound, home.building)
        if place not in buildings:
            buildings[place] = ids.next()
            rows["building"].append(
                (buildings[place], home.path, home.compound, home.building, home.lon, home.lat, True, since)
            )
        dwelling, household = ids.next(), ids.next()
        community = home.path.split(".")[3]
        last[community] = last.get(community, 0) + 1
        number = household_number(community, last[community])
        rows["dwelling"].append(
            (dwelling, home.path, buildings[place], home.door, home.lon, home.lat, home.plate, 1, since)
        )
        rows["household"].append(
            (
                household, home.path, dwelling, number, home.has_plot, home.only_by_law, True, 1,
                since if home.people else today,
            )
        )  # fmt: skip
        for person in home.people:
            resident = ids.next()
            rows["resident"].append(_resident(person, resident, home.path, household))
            rows["stay"].append((resident, household, home.path, max(since, person.born_on), "known", "", ""))
            rows["careneed"] += [_need(need, ids.next(), home.path, resident) for need in person.needs]
    rows["careneed"] = [row for row in rows["careneed"] if row[-2] >= today]  # none that is over
    for name, columns in _COLUMNS.items():
        copy_rows(cursor, f"households_{name}", columns, rows[name])
    copy_rows(cursor, "households_numbercounter", ("id", "last"), last.items())
    reset_ids(cursor, "households_stay")


BUILDING = ("id", "path", "compound_id", "name", "lon", "lat", "made_up", "valid_from")
DWELLING = ("id", "path", "building_id", "door", "lon", "lat", "plate", "revision", "valid_from")
HOUSEHOLD = (
    "id",
    "path",
    "dwelling_id",
    "number",
    "has_plot",
    "only_by_law",
    "made_up",
    "revision",
    "valid_from",
)
_COLUMNS = {
    "building": BUILDING,
    "dwelling": DWELLING,
    "household": HOUSEHOLD,
    "resident": (
        "id", "path", "household_id", "name", "birth_year", "sex", "residency", "relation", "identity", "identity_hash",
        "phone", "phone_hash", "phone_tail", "made_up", "revision",
    ),
    "stay": ("resident_id", "household_id", "path", "from_on", "came", "went", "name"),
    "careneed": (
        "id", "path", "resident_id", "kind", "basis", "law", "consent_on", "consent_by", "from_on", "until", "revision",
    ),
}  # fmt: skip


def _resident(person: MadeUpPerson, resident: UUID, path: str, household: UUID) -> Sequence[Any]:
    ring = settings.PRIVATE_KEYS
    identity, phone = (ring.sealer("households_resident", name) for name in ("identity", "phone"))
    told = (
        resident, path, household, person.name, person.born_on.year, person.sex, person.residency, person.relation,
        identity(person.identity, str(resident)), ring.lookup("identity", person.identity),
    )  # fmt: skip
    if not person.phone:
        return (*told, None, None, "", True, 1)
    sealed = phone(person.phone, str(resident))
    return (*told, sealed, ring.lookup("phone", person.phone), person.phone[-4:], True, 1)


def _need(need: Any, made: UUID, path: str, resident: UUID) -> Sequence[Any]:
    ground = ("law", need.law, None, "") if need.law else ("consent", "", need.from_on, "self")
    return (made, path, resident, need.kind, *ground, need.from_on, need.until, 1)


class Ids:
    """UUIDs of version 7 of one moment, by chance from the seed."""

    def __init__(self, now: datetime, seed: int | str) -> None:
        self.milliseconds = int(now.timestamp() * 1000)
        self.rng = Random(f"ids of homes {seed}")  # noqa: S311 - the same city from the same seed

    def next(self) -> UUID:
        chance = self.rng.getrandbits(74)
        return UUID(
            int=self.milliseconds << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1
        )
