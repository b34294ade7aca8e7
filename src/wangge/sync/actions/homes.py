"""The commands about homes and who lives there, and the action that each ends in."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Invalid
from wangge.households import actions as homes
from wangge.sync.actions.ending import Data, Kind, read
from wangge.sync.rules.clocks import day_put_right
from wangge.sync.rules.commands import Done
from wangge.sync.rules.conflicts import edits_of
from wangge.sync.rules.contents import (
    Edited,
    HouseholdAdded,
    NeedAdded,
    NeedEnded,
    ResidentAdded,
    ResidentMoved,
)


def _add_household(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(HouseholdAdded, data)
    home = homes.NewHome(
        dwelling=given.dwelling,
        area=given.area or "",
        building=given.building,
        building_name=given.building_name,
        compound=given.compound,
        door=given.door,
        lon=given.lon,
        lat=given.lat,
    )
    facts = {"has_plot": given.has_plot, "only_by_law": given.only_by_law}
    made = homes.add_household(
        viewer, command, given.household, home, facts, on=_day(command, given.on), now=now
    )
    return Done(made.revision, {"number": made.number})


def _change_household(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    household = _which(read(Edited, data).household, "household")
    edits = edits_of(data)
    return Done(homes.change_household(viewer, command, household, edits, now=now).revision)  # type: ignore[arg-type]  # their keys were asked


def _add_resident(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(ResidentAdded, data)
    names = ("name", "residency", "birth_year", "sex", "relation", "identity", "phone")
    facts = {name: value for name in names if (value := getattr(given, name)) not in (None, "")}
    made = homes.add_resident(
        viewer, command, given.resident, given.household, facts, came=given.came, came_from=given.came_from,
        on=_day(command, given.on), now=now,
    )  # fmt: skip
    return Done(made.revision, {"end": made.also} if made.also else {})


def _change_resident(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    resident = _which(read(Edited, data).resident, "resident")
    edits = edits_of(data)
    return Done(homes.change_resident(viewer, command, resident, edits, now=now).revision)  # type: ignore[arg-type]  # their keys were asked


def _move_resident(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(ResidentMoved, data)
    moved = homes.move_resident(
        viewer, command, given.resident, given.move, to=given.to, came_from=given.came_from,
        on=_day(command, given.on), now=now,
    )  # fmt: skip
    return Done(moved.revision)


def _add_need(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(NeedAdded, data)
    need = homes.Need(**given.model_dump(exclude={"need", "resident"}))
    need = replace(need, from_on=_day(command, need.from_on), consent_on=_day(command, need.consent_on))
    return Done(homes.add_need(viewer, command, given.need, given.resident, need, now=now).revision)


def _end_need(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(NeedEnded, data)
    on = _day(command, given.on)
    return Done(homes.end_need(viewer, command, given.need, on=on, now=now).revision)


def _day(command: Command, said: date | None) -> date | None:
    """A day that the phone took for one until today, by its own clock."""
    return said and day_put_right(said, at=command.at, moved=command.moved)


def _which(given: UUID | None, name: str) -> UUID:
    if given is None:
        raise Invalid(field=name, expected="UUID")
    return given


def _household(data: Data) -> str:
    return f"household:{data.get('household')}"


def _resident(data: Data) -> str:
    return f"resident:{data.get('resident')}"


HOMES: dict[str, Kind] = {
    "household.add": Kind(_add_household),
    "household.change": Kind(_change_household, subject=_household),
    "resident.add": Kind(_add_resident),
    "resident.change": Kind(_change_resident, subject=_resident),
    "resident.move": Kind(_move_resident, subject=_resident),
    "need.add": Kind(_add_need),
    "need.end": Kind(_end_need),
}
