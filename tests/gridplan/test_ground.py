"""Streets, barriers, crossings and shops read by themselves: from GeoJSON and from an extract of OpenStreetMap."""

import json

import pytest
import shapely

from gridplan.ground import BadFile, cut, read_ground

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


@pytest.mark.parametrize("content", ["no json", "{}", '{"features": 3}'])
def test_what_is_no_map_is_refused(tmp_path, content):
    path = tmp_path / "map.geojson"
    path.write_text(content)
    with pytest.raises(BadFile):
        read_ground(path)
