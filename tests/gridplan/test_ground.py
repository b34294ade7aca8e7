"""Streets, barriers, crossings and shops read by themselves: from GeoJSON and from an extract of OpenStreetMap."""

import json

import pytest
import shapely

from gridplan import ground, links, read
from gridplan.ground import BadFile, TooMuch, cut, read_ground

NORTH, SOUTH = 34.7460, 34.7440
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="34.7450" lon="119.3500"/><node id="2" lat="34.7450" lon="119.3600"/>
  <node id="3" lat="34.7440" lon="119.3550"/><node id="4" lat="34.7460" lon="119.3550"/>
  <node id="5" lat="34.7441" lon="119.3552"><tag k="shop" v="bakery"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="railway" v="rail"/></way>
  <way id="11"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/></way>
</osm>
"""


def feature(kind, shape, **more):
    properties = {"kind": kind} if kind else {}
    return {
        "type": "Feature",
        "properties": {**properties, **more},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def a_file(folder, *features):
    path = folder / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


RAIL = shapely.LineString([(119.35, 34.745), (119.36, 34.745)])
STREET = shapely.LineString([(119.355, SOUTH), (119.355, NORTH)])


def test_a_street_through_a_barrier_is_a_crossing(tmp_path):
    path = a_file(
        tmp_path,
        feature("barrier", RAIL),
        feature("street", STREET),
        feature("shop", shapely.Point(119.351, 34.744)),
    )
    found = read_ground(path)
    assert (len(found.barriers), len(found.streets), len(found.shops)) == (1, 1, 1)
    assert [(round(each.x, 4), round(each.y, 4)) for each in found.crossings] == [(119.355, 34.745)]
    assert not found.faults


def test_an_extract_of_openstreetmap_tells_the_same(tmp_path):
    path = tmp_path / "map.osm"
    path.write_text(OSM)
    found = read_ground(path)
    assert (len(found.barriers), len(found.streets), len(found.shops), len(found.crossings)) == (1, 1, 1, 1)
    assert found.notes == ("© OpenStreetMap contributors, ODbL 1.0",)


def test_what_is_none_of_them_is_named_and_homes_are_not_looked_at(tmp_path):
    path = a_file(
        tmp_path,
        feature("street", shapely.Point(119.35, 34.74)),
        feature("tunnel", RAIL),
        feature("", RAIL),
        feature("door", shapely.Point(119.35, 34.74)),
        feature("barrier", RAIL),
    )
    found = read_ground(path)
    assert [fault.number for fault in found.faults] == [1, 2, 3]
    assert len(found.barriers) == 1


def test_it_is_cut_at_a_box(tmp_path):
    path = a_file(tmp_path, feature("barrier", RAIL), feature("shop", shapely.Point(119.36, 34.745)))
    found = cut(read_ground(path), (119.35, 34.7, 119.355, 34.8))
    assert found.barriers[0].bounds == (119.35, 34.745, 119.355, 34.745)
    assert not found.shops


@pytest.mark.parametrize(
    "content", ["no json", "{}", '{"features": 3}', '{"features": [' + "1" * 5000 + "]}"]
)
def test_what_is_no_map_is_refused(tmp_path, content):
    path = tmp_path / "map.geojson"
    path.write_text(content)
    with pytest.raises(BadFile):
        read_ground(path)


def test_what_has_too_many_corners_is_refused_before_crossings_are_sought(tmp_path, monkeypatch):
    path = a_file(tmp_path, feature("barrier", RAIL), feature("street", STREET))
    assert len(read_ground(path, most=5).crossings) == 1
    with pytest.raises(TooMuch):
        read_ground(path, most=4)  # with its crossing it has five
    monkeypatch.setattr(ground, "crossings_of", lambda *_: pytest.fail("sought"))
    with pytest.raises(TooMuch):
        read_ground(path, most=3)


def test_ways_that_meet_barriers_too_often_are_refused(monkeypatch):
    monkeypatch.setattr(links, "_AT_ONCE", 3)
    ways = [shapely.LineString([(at, -50), (at, 50)]) for at in range(0, 100, 10)]
    walls = [shapely.LineString([(-50, at), (150, at)]) for at in range(0, 40, 10)]
    assert len(links.crossings_of(ways, walls, most=40)) == 40
    with pytest.raises(TooMuch):
        links.crossings_of(ways, walls, most=39)
    ends = [shapely.LineString([(at, 0), (at, side)]) for at in range(10) for side in (-50, 50)]
    assert len(links.crossings_of(ends, [walls[0]], most=100)) == 100
    with pytest.raises(TooMuch):
        links.crossings_of(ends, [walls[0]], most=99)


@pytest.mark.parametrize("height", ["inf", "1e999", "1e300", "nan"])
def test_a_height_that_no_building_has_ends_nothing(tmp_path, height):
    square = shapely.box(119.35, 34.745, 119.351, 34.746)
    path = a_file(
        tmp_path, feature("", square, building="apartments", height=height), feature("", RAIL, railway="rail")
    )
    assert len(read_ground(path).barriers) == 1


def test_households_of_hundreds_of_digits_are_a_fault(tmp_path):
    path = a_file(tmp_path, feature("door", shapely.Point(119.35, 34.745), households=10**400))
    with pytest.raises(BadFile, match="no number from 0"):
        read(path)


def test_a_barrier_says_what_it_is_by_a_property_or_by_tags(tmp_path):
    path = a_file(
        tmp_path,
        feature("barrier", RAIL, barrier="Railway"),
        feature("barrier", RAIL, barrier="river"),
        feature("barrier", RAIL, highway="trunk"),
        feature("barrier", RAIL, barrier="wall"),
    )
    assert read_ground(path).barrier_kinds == ("railway", "water", "road", "")
    tagged = a_file(
        tmp_path,
        feature(None, RAIL, railway="rail"),
        feature(None, RAIL, waterway="river"),
        feature(None, RAIL, highway="primary"),
        feature(None, STREET, highway="residential"),
    )
    assert read_ground(tagged).barrier_kinds == ("railway", "water", "road")
    extract = tmp_path / "map.osm"
    extract.write_text(OSM)
    assert read_ground(extract).barrier_kinds == ("railway",)


def test_what_a_barrier_is_goes_with_it_when_a_ground_is_cut(tmp_path):
    far = shapely.LineString([(120.0, 36.0), (120.1, 36.0)])
    path = a_file(
        tmp_path, feature("barrier", far, barrier="road"), feature("barrier", RAIL, barrier="railway")
    )
    inside = cut(read_ground(path), (119.3, 34.7, 119.4, 34.8))
    assert (len(inside.barriers), inside.barrier_kinds) == (1, ("railway",))
