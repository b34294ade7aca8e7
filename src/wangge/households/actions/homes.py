"""Buildings, dwellings and households, by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.commands import Command, Edits
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.base.text import clean_line
from wangge.households.actions.keeping import (
    REHOMING,
    Act,
    area_to_live_in,
    checked_edits,
    household_to_change,
    to_write,
    wanted,
)
from wangge.households.models import Building, Compound, Dwelling, Household, Resident
from wangge.households.rules import NoArea
from wangge.households.rules.people import (
    OF_HOUSEHOLD,
    DoorTaken,
    StillLivedIn,
    day_of_move,
    household_facts,
    household_number,
    new_plate,
)


@dataclass(frozen=True)
class NewHome:
    """Where a household is: a dwelling that is known, or a new one. A new dwelling stands in a building that is known, or in a
    new one, of a compound or alone. Ids are made by whoever writes them first.
    """

    dwelling: UUID
    area: str = ""
    building: UUID | None = None
    building_name: str = ""
    compound: str = ""
    door: str = ""
    lon: float | None = None
    lat: float | None = None


def add_household(
    viewer: Viewer,
    command: Command,
    household_id: UUID,
    home: NewHome,
    facts: Mapping[str, Any] | None = None,
    *,
    on: date | None = None,
    now: datetime,
) -> Household:
    """Adds a household, with its dwelling and building where these are new. The same command again answers the household.

    NoArea where nobody's register is kept; DoorTaken; NotFound for a building or dwelling that is not there.
    """
    act = Act(viewer, command, "household.added", f"household:{household_id}", now)
    if act.was_done:
        return _known(household_id)
    given = household_facts(facts or {})
    _wait_for_turn(act)
    if act.was_done:
        return _known(household_id)
    dwelling = _dwelling(act, home)
    act.check_may(Verb.HOUSEHOLD_CHANGE, dwelling.path)
    made = Household(
        id=household_id,
        path=dwelling.path,
        dwelling=dwelling,
        number=_next_number(dwelling.path),
        valid_from=day_of_move(on or act.today, today=act.today),
        **given,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise OtherContent from None
    act.tell(made.path, number=made.number, dwelling=str(dwelling.id), **given)
    return made


def _wait_for_turn(act: Act) -> None:
    """Nothing is there yet that could be locked: the same command sent twice at once waits here for the first."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [act.subject])
        # Its building may be on its way to another grid.
        cursor.execute("select pg_advisory_xact_lock_shared(hashtext(%s))", [REHOMING])


def _known(household_id: UUID) -> Household:
    found = Household.objects.filter(id=household_id).first()
    if found is None:
        raise NotFound
    return found


def _dwelling(act: Act, home: NewHome) -> Dwelling:
    known = Dwelling.objects.filter(id=home.dwelling).select_related("building").first()
    if known is not None:
        if known.valid_to is not None:
            raise NotFound
        return known
    building = _building(act, home)
    door = clean_line(home.door, limit=40, name="door")
    made = Dwelling(
        id=home.dwelling,
        path=building.path,
        building=building,
        door=door,
        lon=home.lon,
        lat=home.lat,
        plate=new_plate(),
        valid_from=act.today,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as problem:
        raise (DoorTaken if "door_once" in str(problem) else OtherContent) from None
    return made


def _building(act: Act, home: NewHome) -> Building:
    if home.building is None:
        raise Invalid(field="building", expected="id")
    known = Building.objects.filter(id=home.building).first()
    if known is not None:
        return known
    name = clean_line(home.building_name, limit=80, name="building_name")
    compound = None
    if home.compound:
        compound = Compound.objects.filter(code=home.compound, valid_to__isnull=True).first()
        if compound is None:
            raise NotFound
    if not name and compound is None:
        raise Invalid(field="building_name", expected="1–80")
    if not home.area:
        raise NoArea
    area = area_to_live_in(areas.grid_now(home.area, act.command.at, home.lon, home.lat))
    act.check_may(Verb.HOUSEHOLD_CHANGE, area.path)
    made = Building(
        id=home.building,
        path=area.path,
        compound=compound,
        name=name,
        lon=home.lon,
        lat=home.lat,
        valid_from=act.today,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Another home of the same new building came at the same moment, or the id is of a place that is not seen.
        return _standing_building(home.building)
    return made


def _standing_building(building_id: UUID) -> Building:
    found = Building.objects.filter(id=building_id).first()
    if found is None:
        raise OtherContent
    return found


def _next_number(path: str) -> str:
    """The next number of the community, which its counter gives out once."""
    community = path.split(".")[3]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into households_numbercounter as c (id, last) values (%s, 1)"
            " on conflict (id) do update set last = c.last + 1 returning last",
            [community],
        )
        (serial,) = cursor.fetchone()
    return household_number(community, serial)


def change_household(
    viewer: Viewer, command: Command, household_id: UUID, edits: Edits, *, now: datetime
) -> Household:
    """Changes what is said of a household. Changed when a field was changed on both sides; nothing is written then."""
    act = Act(viewer, command, "household.changed", f"household:{household_id}", now)
    if act.was_done:
        return _known(household_id)
    checked = checked_edits(edits, household_facts(wanted(edits)))
    household = household_to_change(act, household_id)
    if act.was_done:
        return household
    kept = {name: getattr(household, name) for name in OF_HOUSEHOLD}
    changes = to_write(checked, kept, revision=household.revision)
    if changes:
        act.keep_earlier(household, kept)
        for name, value in changes.items():
            setattr(household, name, value)
        household.revision += 1
        household.save(update_fields=[*changes, "revision"])
    act.tell(household.path, before={name: kept[name] for name in changes}, **changes)
    return household


def end_household(
    viewer: Viewer, command: Command, household_id: UUID, *, on: date | None = None, now: datetime
) -> Household:
    """Ends a household in which nobody lives any more; it stays in the register. StillLivedIn while somebody does."""
    act = Act(viewer, command, "household.ended", f"household:{household_id}", now)
    if act.was_done:
        return _known(household_id)
    household = household_to_change(act, household_id)
    if count := Resident.objects.filter(household_id=household.id).count():
        raise StillLivedIn(count=count)
    household.valid_to = day_of_move(on or act.today, today=act.today, since=household.valid_from)
    household.revision += 1
    household.save(update_fields=["valid_to", "revision"])
    act.tell(household.path, ended=household.valid_to.isoformat())
    return household


def renew_plate(viewer: Viewer, command: Command, dwelling_id: UUID, *, now: datetime) -> Dwelling:
    """Gives a dwelling the code of a new door plate; the one before shows nothing any more."""
    act = Act(viewer, command, "dwelling.plated", f"dwelling:{dwelling_id}", now)
    dwelling = Dwelling.objects.select_for_update(of=("self",)).filter(id=dwelling_id).first()
    if dwelling is None:
        raise NotFound
    if not viewer.may(Verb.HOUSEHOLD_CHANGE, dwelling.path):
        raise NotAllowed
    if act.was_done:
        return dwelling
    dwelling.plate = new_plate()
    dwelling.revision += 1
    dwelling.save(update_fields=["plate", "revision"])
    act.tell(dwelling.path)
    return dwelling
