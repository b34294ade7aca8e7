"""Vector tiles of areas: valid, complete, without gaps between neighbours, and as the tree is today."""

import gzip
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vector_tiles import read

from wangge.areas.queries.tiles import area_tile, boundary_stamp, first_zooms
from wangge.areas.rules.tiles import EXTENT, POLYGONS, Layer, Tile, encoded, first_zoom, points, polygons
from wangge.base.coordinates import from_wgs84
from wangge.base.problems import NotFound


def tile_at(lon, lat, z):
    across = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(z, int((lon + 180) / 360 * across), int(y * across))


def drawn(tile, shapes):
    """Each shape's rings as they come out of the tile."""
    layer = Layer("areas", POLYGONS)
    for number, geometry in enumerate(polygons(tile, np.array(shapes, object))):
        layer.add(number, geometry, {"name": str(number)})
    content = encoded([layer])
    return {feature.id: feature.shape for feature in read(content)["areas"][1]} if content else {}


def surface(rings):
    """What the rings enclose: outer ones run so that it is above nothing, holes so that it is below."""
    return (
        sum(
            sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True))
            for ring in rings
        )
        / 2
    )


PLACE = (119.2, 34.6)


@pytest.mark.parametrize("z", [6, 10, 14])
def test_a_square_keeps_its_surface_and_runs_the_right_way(z):
    tile = tile_at(*PLACE, z)
    west, south, east, north = tile.edges()
    wide, high = east - west, north - south
    box = shapely.box(west + wide / 4, south + high / 4, west + wide / 2, south + high / 2)
    [rings] = drawn(tile, [box]).values()
    unit = (EXTENT * (1 + 2 * 64 / EXTENT)) ** 2
    assert len(rings) == 1
    assert len(rings[0]) == 4
    assert surface(rings) == pytest.approx(unit / 16, rel=0.01)


def test_a_hole_stays_a_hole():
    tile = tile_at(*PLACE, 12)
    west, south, east, north = tile.edges()
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    ring = shapely.difference(middle.buffer(0.02), middle.buffer(0.01))
    [rings] = drawn(tile, [ring]).values()
    assert len(rings) == 2
    assert surface(rings[:1]) > 0 > surface(rings[1:])


def test_what_lies_elsewhere_or_is_too_small_is_left_out():
    tile = tile_at(*PLACE, 8)
    elsewhere = shapely.box(100, 20, 101, 21)
    speck = shapely.box(*PLACE, PLACE[0] + 1e-6, PLACE[1] + 1e-6)
    assert drawn(tile, [elsewhere, speck]) == {}
    assert polygons(tile, np.array([], object)) == []


@settings(max_examples=60, deadline=None)
@given(
    z=st.integers(6, 14),
    bends=st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=30),
)
def test_neighbours_share_their_border_at_every_zoom(z, bends):
    """Two areas beside one another and the one that both lie in: no unit of it is left to neither, none to both."""
    tile = tile_at(*PLACE, z)
    west, south, east, north = tile.edges()
    wide, high = (east - west) / 2, (north - south) / 2
    x0, y0 = west + wide / 2, south + high / 2
    border = [
        (x0 + wide * (0.5 + bend), y0 + high * (nth + 1) / (len(bends) + 1)) for nth, bend in enumerate(bends)
    ]
    line = [(x0 + wide / 2, y0), *border, (x0 + wide / 2, y0 + high)]
    left = shapely.Polygon([(x0, y0), *line, (x0, y0 + high)])
    right = shapely.Polygon([*line, (x0 + wide, y0 + high), (x0 + wide, y0)])
    whole = shapely.box(x0, y0, x0 + wide, y0 + high)
    found = drawn(tile, [left, right, whole])
    assert surface(found[0]) + surface(found[1]) == surface(found[2])


@settings(max_examples=100, deadline=None)
@given(lon=st.floats(-179.9, 179.9), lat=st.floats(-80, 80), z=st.integers(0, 13))
def test_a_label_stands_in_one_tile_alone(lon, lat, z):
    lons, lats = np.array([lon]), np.array([lat])
    tile = tile_at(lon, lat, z)
    near = [
        Tile(z, x, y)
        for x in range(max(0, tile.x - 1), min(1 << z, tile.x + 2))
        for y in range(max(0, tile.y - 1), min(1 << z, tile.y + 2))
    ]
    assert [bool(points(one, lons, lats)[0]) for one in near].count(True) == 1


def test_levels_begin_where_their_areas_are_wide_enough():
    assert first_zoom(360, 512) == 0
    assert first_zoom(360 / 2**10, 512) == 10
    assert first_zoom(1e-9, 12) == 14
    assert first_zoom(0, 12) == 14


@pytest.mark.parametrize("address", [(-1, 0, 0), (15, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_there_is_no_tile_beyond_the_earth(db, town, address):
    with pytest.raises(NotFound):
        area_tile(*address)


def asked(z, place=(119.36, 34.745), **facts):
    tile = tile_at(*place, z)
    content = gzip.decompress(area_tile(tile.z, tile.x, tile.y, **facts))
    return {name: features for name, (_, features) in read(content).items()} if content else {}


def test_a_tile_names_its_areas(town, db):
    layers = asked(14)
    grid = next(one for one in layers["areas"] if one.properties["code"] == town.grid_a.code)
    assert grid.properties == {
        "code": town.grid_a.code,
        "name": "一网格",
        "level": "grid",
        "kind": "public",
        "made_up": True,
    }
    assert grid.id == int(town.grid_a.code)
    county = next(one for one in layers["areas"] if one.properties["level"] == "county")
    assert county.properties["made_up"] is False
    assert {one.properties["level"] for one in layers["areas"]} == {
        "city", "county", "township", "community", "grid",
    }  # fmt: skip


def test_far_off_only_large_areas_are_drawn(town, db):
    zooms = first_zooms()
    assert list(zooms) == ["city", "county", "township", "community", "grid"]
    assert sorted(zooms.values()) == list(zooms.values())
    assert {one.properties["level"] for one in asked(zooms["county"])["areas"]} == {"city", "county"}
    assert asked(2) == {}


def test_a_changed_boundary_is_in_the_next_tile(town, db):
    before, stamp = asked(14), boundary_stamp()
    town.run("update areas_area set boundary = null, box = null where code = %s", [town.grid_a.code])
    assert boundary_stamp() != stamp
    codes = {one.properties["code"] for one in asked(14)["areas"]}
    assert town.grid_a.code in {one.properties["code"] for one in before["areas"]}
    assert town.grid_a.code not in codes
    assert town.grid_b.code in codes


def test_an_area_that_has_ended_is_not_drawn(town, db):
    town.run("update areas_area set valid_to = valid_from where code = %s", [town.grid_b.code])
    assert town.grid_b.code not in {one.properties["code"] for one in asked(14)["areas"]}


def test_in_the_shifted_datum_all_is_moved_alike(town, db):
    plain, shifted = asked(14), asked(14, datum="gcj02")
    tile = tile_at(119.36, 34.745, 14)
    lon, lat = from_wgs84(119.36, 34.75, "gcj02")
    # The corner in the north-east of the first grid.
    for name, (x, y) in (("wgs84", (119.36, 34.75)), ("gcj02", (lon, lat))):
        across = EXTENT << 14
        expected = (
            (x + 180) / 360 * across - tile.x * EXTENT,
            (1 - math.asinh(math.tan(math.radians(y))) / math.pi) / 2 * across - tile.y * EXTENT,
        )
        corners = [
            corner
            for one in (plain if name == "wgs84" else shifted)["areas"]
            if one.properties["code"] == town.grid_a.code
            for corner in one.shape[0]
        ]
        assert min(math.dist(corner, expected) for corner in corners) < 2


def test_the_same_tile_is_made_once(town, db, monkeypatch):
    from wangge.areas.queries import tiles

    tile = tile_at(119.36, 34.745, 13)
    first = area_tile(tile.z, tile.x, tile.y)
    monkeypatch.setattr(tiles, "_made", lambda *_: pytest.fail("it was kept"))
    assert area_tile(tile.z, tile.x, tile.y) == first


def test_what_is_kept_stays_within_its_size():
    from wangge.areas.queries.tiles import _Kept

    kept = _Kept(100)
    for number in range(20):
        kept.put((1, "wgs84", 0, 0, number), b"x" * 30)
    assert [kept.get((1, "wgs84", 0, 0, number)) is not None for number in range(20)] == [False] * 17 + [
        True
    ] * 3


def test_a_town_without_boundaries_has_empty_tiles(town, db):
    town.run("update areas_area set boundary = null, box = null")
    assert first_zooms() == {}
    assert area_tile(0, 0, 0) == gzip.compress(b"", 6, mtime=0)
