"""Households of the town for tests of visits, written as the owner."""

from datetime import date, timedelta

from tests import builders

from wangge.base.ids import new_id
from wangge.households.models import Building, CareNeed, Dwelling, Household, Resident

LONG_AGO = date(2020, 1, 1)


def household(town, at, door="101", *, lon=119.355, lat=34.745, plate="", name="王秀英", **facts):
    """A household of one person in a building of its own; committed."""
    building = town.add(
        builders.insert,
        Building(id=new_id(), path=at.path, name=f"{door}号楼", lon=lon, lat=lat, valid_from=LONG_AGO),
    )
    dwelling = town.add(
        builders.insert,
        Dwelling(
            id=new_id(), path=at.path, building_id=building.pk, door=door, plate=plate, valid_from=LONG_AGO
        ),
    )
    made = town.add(
        builders.insert,
        Household(
            id=new_id(),
            path=at.path,
            dwelling_id=dwelling.pk,
            number=f"{at.code}-{door}",
            valid_from=LONG_AGO,
            **facts,
        ),
    )
    resident = town.add(
        builders.insert,
        Resident(
            id=new_id(), path=at.path, household_id=made.pk, name=name, residency="permanent", relation="head"
        ),
    )
    made.resident_row = resident
    return made


def need(town, home, kind="living_alone", *, from_on=LONG_AGO, until=None):
    return town.add(
        builders.insert,
        CareNeed(
            id=new_id(),
            path=home.path,
            resident_id=home.resident_row.pk,
            kind=kind,
            basis="law",
            law="《老年人权益保障法》",
            from_on=from_on,
            until=until or builders.TODAY + timedelta(days=400),
        ),
    )
