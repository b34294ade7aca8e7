"""What is written can be read again, and outlines of grids tile the ground."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gridplan.places import a_street, a_town, estates, scattered

from gridplan import NONE, Bounds, divide, grid_outlines, read, to_geojson


def tile(shapes, ground):
    assert shapely.union_all(shapes).symmetric_difference(ground).area < ground.area * 1e-9 + 1e-6
    assert sum(shape.area for shape in shapes) == pytest.approx(ground.area, rel=1e-9)
    return True


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_outlines_cover_the_community_once(shape, n):
    chance = np.random.default_rng(shape)
    ground = shapely.Point(300, 300).buffer(500, quad_segs=3)
    made = replace(scattered(chance, n), areas=(ground,))
    labels = chance.integers(0, 4, n)
    shapes = grid_outlines(made, labels)
    assert set(shapes) == set(labels.tolist())
    assert tile(list(shapes.values()), ground)
    for atom in range(n):
        assert shapes[int(labels[atom])].distance(shapely.Point(made.xy[atom])) < 0.2


def test_communities_without_an_outline_share_the_ground_around_their_doors():
    made = estates(300, 1, communities=2)
    shapes = list(grid_outlines(made, divide(made).labels).values())
    ground = shapely.union_all(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(ground.area, rel=1e-9)
    assert shapely.covers(ground, shapely.points(made.xy)).all()


def test_doors_that_lie_exactly_in_rows_have_outlines_too():
    """As where a railway parts two rows of houses: a cell comes with a line of no breadth then."""
    for shift in (0.0, 33.28, 66.56):
        xy = np.array([(45.865 * x, y) for x in range(-2, 2) for y in (-shift / 2, shift / 2 + 0.01)])
        shapes = grid_outlines(a_town([100] * 8, xy, []), np.arange(8) % 2)
        assert all(shape.area > 0 for shape in shapes.values())


def test_a_border_runs_beside_a_long_building_not_through_it():
    long, house = shapely.box(0, 0, 200, 20), shapely.box(190, 40, 200, 50)
    made = a_town(
        [1, 1],
        np.array([(100.0, 10.0), (195.0, 45.0)]),
        [],
        outlines=(long, house),
        areas=(shapely.box(-50, -50, 250, 100),),
    )
    shapes = grid_outlines(made, np.array([0, 1]))
    assert shapes[0].intersection(long).area > 0.98 * long.area
    assert shapes[1].intersection(house).area > 0.98 * house.area


def test_two_doors_at_one_spot_in_two_grids_both_have_ground():
    made = a_town(
        [300, 300], np.array([(5.0, 5.0), (5.0, 5.0)]), [[0, 1]], areas=(shapely.box(0, 0, 10, 10),)
    )
    shapes = grid_outlines(made, np.array([0, 1]))
    assert all(shape.area > 1 for shape in shapes.values())
    assert tile(list(shapes.values()), made.areas[0])


def test_what_is_written_is_read_again(tmp_path):
    made = replace(a_street([100] * 9, minutes=[60.0] * 9), origin=(119.4, 34.6), apart=np.array([[0, 1]]))
    division = divide(made)
    path = tmp_path / "out.geojson"
    path.write_text(json.dumps(to_geojson(division)), encoding="utf-8")
    again = read(path)
    assert again.faults == ()
    assert again.town.names == made.names
    assert (again.town.households == made.households).all()
    assert again.town.minutes.tolist() == made.minutes.tolist()
    assert again.town.apart.tolist() == [[0, 1]]
    assert np.abs(np.diff(again.town.xy, axis=0) - np.diff(made.xy, axis=0)).max() < 0.05
    named = np.array(again.town.grids)[again.town.grid]
    assert ((named[:, None] == named) == (division.labels[:, None] == division.labels)).all()
    assert set(again.grids) == set(again.town.grids)


def test_a_grid_says_its_homes_and_why_it_is_out_of_bounds():
    made = a_street([100, 700, 100, 100, 100])
    collection = to_geojson(divide(made, bounds=Bounds(100, 300)), notes=("made up",))
    grids = [each["properties"] for each in collection["features"] if each["properties"]["kind"] == "grid"]
    assert sum(each["households"] for each in grids) == 1_100
    (large,) = [each for each in grids if each["households"] == 700]
    assert large["reasons"] == ["house 1 alone has 700 households, more than 300."]
    assert large["name"] == "community 0-1002"
    assert collection["notes"] == ["made up"]


def test_who_lies_in_no_community_is_written_without_a_grid():
    made = replace(a_street([400, 400]), community=np.array([0, NONE]))
    last = to_geojson(divide(made))["features"][-1]["properties"]
    assert (last["community"], last["grid"]) == (None, None)


def test_doors_of_a_compound_are_written_one_by_one_with_its_grid(tmp_path):
    made = to_geojson(divide(a_street([100] * 6)), outlines=False)
    for feature in made["features"][:3]:
        feature["properties"]["compound"] = "园"
    path = tmp_path / "in.geojson"
    path.write_text(json.dumps(made), encoding="utf-8")
    reading = read(path)
    assert len(reading.town) == 4
    written = to_geojson(divide(reading.town), reading=reading)["features"]
    doors = [each for each in written if each["properties"]["kind"] == "door"]
    assert [each["properties"]["name"] for each in doors] == [f"house {at}" for at in range(6)]
    assert len({each["properties"]["grid"] for each in doors[:3]}) == 1
    assert doors[0]["geometry"] == shapely.geometry.mapping(reading.doors[0].shape)
