"""Homes and people for tests, added as a user adds them."""

from uuid import UUID

from tests.builders import NOW

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.households import actions

#: A number whose check figure is right, of nobody.
IDENTITY = "110101199003070038"
OTHER_IDENTITY = "110101198505060142"
PHONE = "13812345678"


def command(at=NOW, based_on=None):
    return Command(id=new_id(), at=at, based_on=based_on)


def home(viewer, area, *, building="3号楼", door="2单元301", now=NOW, on=None, **facts):
    where = actions.NewHome(
        dwelling=new_id(), area=area.code, building=new_id(), building_name=building, door=door
    )
    return actions.add_household(viewer, command(now), new_id(), where, facts, on=on, now=now)


def person(viewer, household, name="王小明", *, came="known", now=NOW, on=None, **facts):
    facts = {"name": name, "residency": "registered_present", **facts}
    return actions.add_resident(
        viewer, command(now), new_id(), household.id, facts, came=came, on=on, now=now
    )


def edit(**fields):
    return {name: {"was": was, "is": made} for name, (was, made) in fields.items()}


def uuid(number):
    return UUID(int=number)
