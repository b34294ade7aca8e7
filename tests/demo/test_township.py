"""The made-up township's buildings in the register; the tour of the docs divides all of them."""

from unittest.mock import Mock

import pytest
import shapely
from django.db import connections, transaction
from tests import builders
from tests.builders import NOW

from wangge.areas.models import Area
from wangge.demo import queries
from wangge.demo.actions import register_township, township
from wangge.demo.actions.township import expect_visits
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.compounds import plan_compounds
from wangge.demo.rules.homes import plates_of
from wangge.demo.rules.places import DEMO_COMMUNITY, TOWNSHIP
from wangge.demo.rules.town import plan_town
from wangge.households.models import Compound
from wangge.staff.queries import enter_as_system
from wangge.visits import actions as visits

#: What is registered, with all that a second writing must write alike.
REGISTER = """select b.id, b.path::text, b.compound_id, b.name, b.lon, b.lat, d.id, d.door, d.plate, h.id, h.number
 from households_household h join households_dwelling d on d.id = h.dwelling_id
 join households_building b on b.id = d.building_id order by h.number"""
DUE = (
    "select household_id, path::text, since, by, reasons, known_on, revision from visits_duevisit order by 1"
)
GROUND = "select path::text, (counts ->> 'streets')::int, (counts ->> 'crossings')::int, barriers, streets from plans_ground"
TOLD = "select verb, (after ->> 'buildings')::int, (after ->> 'households')::int from journal_entry where source = 'demo' order by 1"


@pytest.mark.parametrize("households", [1, 2, 3, 17, 60])
def test_each_household_of_a_building_has_a_door_of_its_own(households):
    doors = list(plates_of(households))
    assert len(set(doors)) == len(doors) == households


def test_a_house_of_one_household_is_its_door_and_a_block_has_two_staircases():
    assert list(plates_of(1)) == [""]
    assert list(plates_of(6)) == ["1单元101", "1单元102", "2单元101", "2单元102", "1单元201", "1单元202"]


@pytest.fixture
def places(monkeypatch):
    """The sample city, drawn once for all: that it is the same each time, tests of the map ask."""
    made = plan_city(queries.divisions(), queries.outlines(), 1)
    compounds = plan_compounds(made, 1)
    drawn = {
        "plan_city": made,
        "plan_compounds": compounds,
        "plan_town": plan_town(made, compounds, TOWNSHIP, 1),
    }
    for name, told in drawn.items():
        monkeypatch.setattr(township, name, Mock(return_value=told))
    return made


def without_homes(town, places):
    """The city's township with its communities, grids and compounds, as far as the town has them not."""
    # A dedicated grid has no ground.
    inside = [place for place in places if TOWNSHIP in place.path.split(".") and place.boundary]
    there = {code for (code,) in town.rows("select code from areas_area")}
    for place in inside:
        if place.code not in there:
            builders.insert(
                town.owner,
                Area(
                    code=place.code, name=place.name, level=place.level, parent_id=place.parent, path=place.path, kind=place.kind,
                    boundary=place.boundary, boundary_made_up=True, box=place.box, lon=place.lon, lat=place.lat,
                    urban_rural_class=place.urban_rural_class, valid_from=builders.TODAY,
                ),
            )  # fmt: skip
    for each in plan_compounds(places, 1):
        if TOWNSHIP in each.path.split("."):
            builders.insert(
                town.owner,
                Compound(
                    code=each.code, name=each.name, aliases=list(each.aliases), address=each.address, area_id=each.area,
                    path=each.path, lon=each.lon, lat=each.lat, made_up=True, valid_from=builders.TODAY,
                ),
            )  # fmt: skip
    town.owner.commit()
    return {place.path: place for place in inside if place.level == "grid"}


def written(statement):
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def taken_back():
    """What the township's register would be; nothing of it stays."""
    with transaction.atomic(using="owner"):
        counted = register_township(now=NOW)
        told = counted, written(REGISTER), written(GROUND)
        transaction.set_rollback(True, using="owner")
    return told


def test_the_whole_township_is_registered_once_and_alike_each_time(town, open_db, places):
    grids = without_homes(town, places)
    once = taken_back()
    assert town.rows("select count(*) from households_building") == [(0,)]
    counted = register_township(now=NOW)
    register = written(REGISTER)
    assert (counted, register, written(GROUND)) == once, "the same codes, numbers, doors and streets"
    buildings = {row[0]: row for row in register}
    assert counted == (len(buildings), len(register))
    assert len(buildings) > 2_000
    assert len(register) > 15_000
    # Each household has a dwelling, a door in its building, a plate and a number of its own.
    for column in (6, 8, 9, 10):
        assert len({row[column] for row in register}) == len(register)
    assert len({(row[0], row[7]) for row in register}) == len(register)
    # In every community but the demo's own, which has homes with people in them, and in no compound but the community's.
    communities = {path.split(".")[3] for path in grids}
    assert len(communities) == 8
    assert {row[1].split(".")[3] for row in register} == communities - {DEMO_COMMUNITY}
    of = dict(town.rows("select code, subpath(path, 0, 4)::text from households_compound"))
    compounds = {(row[2], row[1].rpartition(".")[0]) for row in buildings.values() if row[2]}
    assert len(compounds) > 10
    assert all(of[code] == community for code, community in compounds)
    assert all(
        shapely.intersects_xy(shapely.geometry.shape(grids[row[1]].boundary), row[4], row[5])
        for row in buildings.values()
    )
    # Counted as others' homes are; the streets are known, and the journal tells of both.
    counts = "select sum(households) from households_tally where path ~ '*{4}.*{1}'"
    assert town.rows(counts) == [(len(register),)]
    [(path, streets, crossings, *_shapes)] = written(GROUND)
    assert path.endswith(TOWNSHIP)
    assert streets > 100
    assert crossings > 0
    assert written(TOLD) == [("city.settled", *counted), ("ground.kept", None, None)]
    # What is due there is written for all at once, and is what the rules say of each.
    assert expect_visits(now=NOW) == len(register)
    assert expect_visits(now=NOW) == 0
    assert town.rows("select count(*) from visits_stale") == [(0,)]
    due = written(DUE)
    assert len(due) == len(register)
    with transaction.atomic():
        assert visits.renew_due(enter_as_system(town.city.code), [row[0] for row in due[::400]], now=NOW) > 40
    assert written(DUE) == due
    # A second time nothing is drawn, nothing written.
    drawn = township.plan_city.call_count
    assert register_township(now=NOW) == (0, 0)
    assert township.plan_city.call_count == drawn
    assert written(REGISTER) == register
    assert len(written(GROUND)) == 1
