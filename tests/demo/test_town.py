"""A made-up map of a part of the sample city: whole, the same again, and good to divide."""

import json
from collections import Counter

import numpy as np
import pytest
import shapely

from gridplan import divide, mend, read
from wangge.demo import queries
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.compounds import MORE_PARTS, plan_compounds
from wangge.demo.rules.places import DEMO_COMMUNITY, TOWNSHIP, Place
from wangge.demo.rules.town import plan_ground, plan_town, spot_of


@pytest.fixture(scope="module")
def planned():
    places = plan_city(queries.divisions(), queries.outlines(), 1)
    return places, plan_compounds(places, 1)


@pytest.fixture(scope="module")
def map_of(planned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    made = {}

    def make(code):
        if code not in made:
            made[code] = plan_town(*planned, code, 1)
            (folder / f"{code}.geojson").write_text(json.dumps(made[code]), encoding="utf-8")
        return made[code], folder / f"{code}.geojson"

    return make


def of_kind(town, kind):
    return [each for each in town["features"] if each["properties"]["kind"] == kind]


def shapes(features):
    return [shapely.geometry.shape(each["geometry"]) for each in features]


def test_the_same_seed_gives_the_same_map_and_it_says_that_it_is_made_up(planned, map_of):
    town, _ = map_of(DEMO_COMMUNITY)
    assert plan_town(*planned, DEMO_COMMUNITY, 1) == town
    assert plan_town(*planned, DEMO_COMMUNITY, 2) != town
    assert "Made up" in town["notes"][0]


def test_a_community_is_the_same_by_itself_as_in_its_township(map_of):
    whole, part = map_of(TOWNSHIP)[0], map_of(DEMO_COMMUNITY)[0]
    mine = [each for each in of_kind(whole, "door") if each["properties"]["community"] == "荷花社区"]
    assert mine == of_kind(part, "door")


@pytest.mark.parametrize("code", [TOWNSHIP, DEMO_COMMUNITY])
def test_streets_and_barriers_alone_are_those_of_the_map(planned, map_of, code):
    lying = ("street", "barrier", "crossing")
    made = plan_ground(planned[0], code, 1)["features"]
    assert made == [each for each in map_of(code)[0]["features"] if each["properties"]["kind"] in lying]
    assert len(of_kind({"features": made}, "street")) > 20
    if code == TOWNSHIP:
        assert len(of_kind({"features": made}, "crossing")) >= 3
        assert [each["properties"]["what"] for each in of_kind({"features": made}, "barrier")] == [
            "hill", "hill", "hill", "railway",
        ]  # fmt: skip


def test_the_community_of_the_demo_is_six_parts_and_nothing_else(planned, map_of):
    """The same as the register's: its estates, and villages as many as are missing."""
    parts = {each["properties"].get("compound") for each in of_kind(map_of(DEMO_COMMUNITY)[0], "door")}
    assert parts == {each.name for each in planned[1] if each.path.split(".")[3] == DEMO_COMMUNITY}
    assert len(parts) == 6
    assert parts & set(MORE_PARTS)


def test_todays_grids_have_300_to_500_households_and_cut_compounds(planned, map_of):
    doors = of_kind(map_of(TOWNSHIP)[0], "door")
    sizes, lying = Counter(), {}
    for door in doors:
        said = door["properties"]
        sizes[said["grid"]] += said["households"]
        lying.setdefault((said["community"], said.get("compound")), set()).add(said["grid"])
    grids = [each for each in planned[0] if each.parent.startswith(TOWNSHIP[:9]) and each.kind == "public"]
    assert sizes.keys() == {each.name for each in grids}
    assert min(sizes.values()) >= 300
    assert max(sizes.values()) <= 500
    compounds = {place: names for place, names in lying.items() if place[1]}
    assert sum(len(names) > 1 for names in compounds.values()) > len(compounds) / 2


def test_a_building_lies_in_the_grid_that_it_names_by_the_point_that_the_register_has(planned, map_of):
    grids = {each.name: each for each in planned[0] if each.kind == "public"}
    for door in of_kind(map_of(DEMO_COMMUNITY)[0], "door"):
        grid: Place = grids[door["properties"]["grid"]]
        lon, lat = spot_of(shapely.geometry.shape(door["geometry"]))
        assert shapely.intersects_xy(shapely.Polygon(grid.rings[0], grid.rings[1:]), lon, lat)


def test_no_building_stands_on_a_hill_on_the_railway_or_in_another(map_of):
    town, _ = map_of(TOWNSHIP)
    buildings = shapes(of_kind(town, "door"))
    tree = shapely.STRtree(buildings)
    assert len(tree.query(shapes(of_kind(town, "barrier")), predicate="intersects")[0]) == 0
    one, other = tree.query(buildings, predicate="intersects")
    assert [
        (a, b)
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
        if a < b and buildings[a].intersection(buildings[b]).area > 1e-12
    ] == []


def test_a_township_is_read_without_a_fault_and_divided_on_foot_or_straight(map_of):
    reading = read(map_of(TOWNSHIP)[1], compounds=False)
    assert reading.faults == ()
    assert len(reading.town.communities) == 8
    assert len(reading.town) > 2_000
    assert reading.town.streets is not None
    division = divide(reading.town)
    # What the railway cuts off is small, or more than one grid may have and less than two; nothing else is out of bounds.
    assert {reason.cause for reason in division.reasons} <= {"island", "between"}
    sizes = np.bincount(division.labels, reading.town.households)
    assert np.count_nonzero((sizes < 300) | (sizes > 500)) <= len(division.reasons) < 5
    assert mend(reading.town, reading.grids).faults == ()


def test_each_part_of_the_demos_community_is_a_grid_of_its_own_within_the_bounds(map_of):
    town = read(map_of(DEMO_COMMUNITY)[1]).town
    assert len(town) == 6
    division = divide(town)
    assert division.reasons == ()
    assert sorted(division.labels.tolist()) == [0, 1, 2, 3, 4, 5]


def test_no_map_is_made_of_what_is_not_there():
    with pytest.raises(ValueError, match="no community"):
        plan_town([], [], "000000000000", 1)
