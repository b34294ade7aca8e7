"""Today's grids as they are: every overlap, hole and door in none or in two is named, and none is left."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gridplan.places import a_town

from gridplan import NONE, mend

GROUND = shapely.box(0, 0, 300, 100)


def doors(spots, households=10, said=(), **more):
    xy = np.array(spots, float).reshape(-1, 2)
    grids = tuple(sorted({each for each in said if each}))
    grid = np.array([grids.index(each) if each else NONE for each in said] or [NONE] * len(xy), np.int64)
    names = tuple(f"door {at}" for at in range(len(xy)))
    return a_town(
        [households] * len(xy), xy, [], names=names, grid=grid, grids=grids, areas=(GROUND,), **more
    )


def grid_names(mended):
    return [mended.town.grids[each] if each >= 0 else None for each in mended.town.grid]


def kinds(mended):
    return [fault.kind for fault in mended.faults]


def is_tiled(mended, ground=GROUND):
    shapes = list(mended.shapes.values())
    assert shapely.union_all(shapes).symmetric_difference(ground).area < 1e-3
    assert sum(shape.area for shape in shapes) == pytest.approx(ground.area, abs=1e-3)
    return True


def test_grids_that_are_in_order_stay_as_they_are():
    shapes = {"east": shapely.box(150, 0, 300, 100), "west": shapely.box(0, 0, 150, 100)}
    mended = mend(doors([(10, 10), (200, 50)]), shapes)
    assert mended.faults == ()
    assert grid_names(mended) == ["west", "east"]
    assert mended.shapes["east"].equals(shapes["east"])
    assert is_tiled(mended)


def test_an_overlap_is_named_with_its_area_and_doors_and_goes_to_whom_its_homes_name():
    shapes = {"east": shapely.box(140, 0, 300, 100), "west": shapely.box(0, 0, 160, 100)}
    mended = mend(
        doors([(10, 10), (150, 20), (150, 60), (200, 50)], said=("west", "east", "east", "east")), shapes
    )
    overlap = next(fault for fault in mended.faults if fault.kind == "overlap")
    assert overlap.grids == ("east", "west")
    assert overlap.area_m2 == pytest.approx(2_000)
    assert overlap.atoms == (1, 2)
    assert overlap.mended == "It goes to east."
    twice = next(fault for fault in mended.faults if fault.kind == "two_grids")
    assert "door 1, door 2" in twice.text
    assert grid_names(mended) == ["west", "east", "east", "east"]
    assert is_tiled(mended)


def test_an_enclave_that_nobody_names_goes_to_the_smaller():
    shapes = {"all": GROUND, "yard": shapely.box(100, 40, 120, 60)}
    mended = mend(doors([(110, 50), (10, 10)]), shapes)
    assert grid_names(mended) == ["yard", "all"]
    assert is_tiled(mended)


def test_a_hole_goes_to_the_grid_with_the_longest_border():
    shapes = {"east": shapely.box(200, 0, 300, 100), "west": shapely.box(0, 0, 150, 100)}
    hole = shapely.box(150, 0, 200, 100)
    shapes["east"] = shapes["east"].union(shapely.box(170, 90, 200, 100))
    mended = mend(doors([(160, 10), (10, 10)]), shapes)
    named = next(fault for fault in mended.faults if fault.kind == "hole")
    assert named.area_m2 == pytest.approx(hole.area - 300)
    assert named.atoms == (0,)
    assert "east" in named.mended
    assert kinds(mended).count("no_grid") == 1
    assert grid_names(mended) == ["east", "west"]
    assert is_tiled(mended)


def test_a_door_that_says_another_grid_than_it_lies_in_is_named():
    shapes = {"east": shapely.box(150, 0, 300, 100), "west": shapely.box(0, 0, 150, 100)}
    mended = mend(doors([(10, 10), (200, 50)], said=("east", "east")), shapes)
    (fault,) = mended.faults
    assert fault.kind == "elsewhere"
    assert fault.text == "1 doors say east and lie in west: door 0."
    assert grid_names(mended) == ["west", "east"]


def test_an_outline_that_crosses_itself_is_named_and_used():
    bow = shapely.Polygon([(0, 0), (300, 100), (300, 0), (0, 100)])
    mended = mend(doors([(10, 50), (290, 50)]), {"bow": bow})
    assert kinds(mended)[0] == "broken"
    assert grid_names(mended) == ["bow", "bow"]
    assert is_tiled(mended)


def test_without_outlines_doors_without_a_grid_go_to_their_nearest():
    mended = mend(doors([(0, 0), (90, 0), (100, 0)], said=("a", "", "b")))
    (fault,) = mended.faults
    assert (fault.kind, fault.atoms) == ("no_grid", (1,))
    assert "1 to b" in fault.mended
    assert grid_names(mended) == ["a", "b", "b"]


def test_a_grid_in_two_communities_keeps_the_one_with_most_homes():
    made = a_town(
        [10] * 5,
        np.array([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0), (40.0, 0.0)]),
        [],
        communities=2,
        community=np.array([0, 0, 0, 1, 1]),
        grid=np.array([0, 0, 0, 0, 1]),
        grids=("a", "b"),
    )
    mended = mend(made)
    assert kinds(mended) == ["two_communities"]
    assert grid_names(mended) == ["a", "a", "a", "b", "b"]


def test_who_has_nobody_to_follow_stays_without_and_is_named():
    made = replace(doors([(0, 0), (50, 50)]), areas=())
    mended = mend(made)
    assert grid_names(mended) == [None, None]
    assert "no grid" in mended.faults[0].mended


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_whatever_was_drawn_in_the_end_grids_tile_the_ground_and_hold_every_door(shape):
    chance = np.random.default_rng(shape)
    shapes = {}
    for number in range(int(chance.integers(1, 5))):
        x, y = chance.uniform(0, 250), chance.uniform(0, 80)
        drawn = shapely.box(x, y, x + chance.uniform(20, 200), y + chance.uniform(10, 90)).intersection(
            GROUND
        )
        shapes[f"grid {number}"] = drawn
    spots = np.stack([chance.uniform(1, 299, 20), chance.uniform(1, 99, 20)], axis=1)
    said = [f"grid {at}" if at < 4 else "" for at in chance.integers(0, 6, 20)]
    made = doors(spots, said=said)
    mended = mend(made, shapes)
    assert is_tiled(mended)
    for at, name in enumerate(grid_names(mended)):
        assert mended.shapes[name].distance(shapely.Point(spots[at])) < 1e-6
    again = mend(made, shapes)
    assert (again.town.grid == mended.town.grid).all()
    assert again.faults == mended.faults
    assert mend(mended.town, mended.shapes).faults == ()
