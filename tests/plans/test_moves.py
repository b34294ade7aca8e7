"""Where buildings go with a plan, and where those that came since go when it is undone."""

import pytest
from tests.builders import NOW
from tests.plans.test_applying import approved
from tests.plans.towns import laid_out

from wangge.base.ids import new_id
from wangge.households.models import Building
from wangge.plans import actions
from wangge.plans.rules.content import BuildingRow, GridRow, gathered
from wangge.plans.rules.moves import as_it_was, going

COMMUNITY = "320000000000.320700000000.320703000000.320703003003"
WEST, EAST, NEW = (f"320703003003000{number}" for number in (1, 2, 3))


def row(name, lon, *, grid=WEST, compound="", households=10):
    return BuildingRow(name, name, compound, compound, lon, 34.74, f"{COMMUNITY}.{grid}", households)


#: A compound that today's border cuts: more of it lies in the west. In the plan it is one.
CUT = [
    row("a", 119.350, compound="T1"),
    row("b", 119.351, compound="T1"),
    row("c", 119.352, compound="T1", grid=EAST),
    row("d", 119.360, grid=EAST),
]
GRIDS = [GridRow(code, code, COMMUNITY.rsplit(".", 1)[-1], None, None) for code in (WEST, EAST)]


def content(rows=CUT, unit="compound"):
    return gathered(rows, GRIDS, unit=unit)


def moved(rows, grid):
    return [each._replace(path=f"{COMMUNITY}.{grid}") for each in rows]


def test_each_building_lay_where_the_border_of_then_had_it():
    found = as_it_was(content(), moved(CUT, NEW))
    assert found.to == {"a": WEST, "b": WEST, "c": EAST, "d": EAST}
    assert found.came == found.lost == ()


def test_a_new_building_of_a_cut_compound_lies_with_the_nearest_of_it():
    came = [row("east", 119.3523, compound="T1", grid=NEW), row("west", 119.3502, compound="T1", grid=NEW)]
    found = as_it_was(content(), [*moved(CUT, NEW), *came])
    assert (found.to["east"], found.to["west"]) == (EAST, WEST)
    assert found.came == ("east", "west")
    # With the plan it goes where its compound goes, however near another is.
    assert going(content(), [0, 1], [*moved(CUT, NEW), *came], {0: NEW, 1: EAST}).to["east"] == NEW


def test_a_new_building_beside_others_lies_with_the_nearest_of_its_community():
    came = [row("e", 119.3525, grid=NEW), row("f", 119.3498, grid=NEW)]
    found = as_it_was(content(), [*moved(CUT, NEW), *came])
    assert (found.to["e"], found.to["f"]) == (EAST, WEST)


@pytest.mark.parametrize(("compound", "was"), [("T1", WEST), ("", EAST)])
def test_where_nobody_knows_its_place_it_lies_with_most_of_what_is_there(compound, was):
    more = [*CUT, row("g", 119.361, grid=EAST), row("h", 119.362, grid=EAST)]
    came = row("e", None, compound=compound, grid=NEW)
    found = as_it_was(content(more), [*moved(more, NEW), came])
    assert (found.to["e"], found.lost) == (was, ())


def test_where_nothing_was_nothing_is_found():
    lone = row("z", 119.35)._replace(
        path="320000000000.320700000000.320703000000.320703003004.3207030030040001"
    )
    assert as_it_was(content(), [lone]).lost == ("z",)


@pytest.mark.django_db
def test_what_came_into_a_compound_that_a_border_cut_is_given_back_to_the_side_where_it_stands(town):
    """The border of before runs through the compounds of one column; a plan keeps them whole, and is undone."""
    laid = laid_out(town)
    cut = next(
        each for each in laid if {one.path for one in each.buildings} == {town.grid_a.path, town.grid_b.path}
    )
    plan = approved(town, unit="compound")
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    west, east = sorted(cut.buildings, key=lambda one: one.path)
    came = {}
    town.as_system()
    for side, (beside, shift) in {"a": (west, -0.00001), "b": (east, 0.00001)}.items():
        there = Building.objects.get(id=beside.id)
        came[side] = Building.objects.create(
            id=new_id(), compound_id=cut.code, name=f"新{side}", lon=there.lon + shift, lat=there.lat, path=there.path,
            made_up=True, valid_from=NOW.date(),
        ).id  # fmt: skip
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="试一试", now=NOW)
    town.as_viewer("community")
    assert Building.objects.get(id=came["a"]).path == town.grid_a.path
    assert Building.objects.get(id=came["b"]).path == town.grid_b.path
