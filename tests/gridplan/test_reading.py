"""Files as they come: every wrong feature is named with its number, the rest becomes a town."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridplan import NONE, BadFile, Names, Plane, divide, read

LON, LAT = 119.4, 34.6
PLANE = Plane(LON, LAT)
OSM = Path(__file__).parents[3] / "shared/data/osm"


def degrees(*points):
    return [
        [round(each, 7) for each in point] for point in PLANE.to_degrees(np.array(points, float)).tolist()
    ]


def point(x, y, **properties):
    geometry = {"type": "Point", "coordinates": degrees((x, y))[0]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def square(x, y, size=20, **properties):
    ring = degrees((x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y))
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": properties,
    }


def line(*points, **properties):
    geometry = {"type": "LineString", "coordinates": degrees(*points)}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.fixture
def put(tmp_path):
    def write(features, name="town.geojson"):
        path = tmp_path / name
        text = (
            features
            if isinstance(features, str)
            else json.dumps({"type": "FeatureCollection", "features": features})
        )
        path.write_text(text, encoding="utf-8")
        return path

    return write


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_degrees_come_back_from_metres(lon, lat, east, north):
    plane = Plane(lon, lat)
    there = np.array([[lon + east, lat + north]])
    assert plane.to_degrees(plane.to_metres(there)) == pytest.approx(there, abs=1e-9)


def test_a_degree_is_as_long_as_on_the_earth():
    """Known lengths of a degree at 45 degrees: 78,847 m eastward, 111,132 m northward."""
    assert Plane(0, 45).to_metres([[1, 46]])[0] == pytest.approx([78_847, 111_132], abs=20)


def test_doors_become_atoms_with_what_they_say(put):
    read_in = read(
        put(
            [
                point(
                    0, 0, name="1号楼", households=60, community="荷花", grid="G1", minutes=120, apart="3号楼"
                ),
                square(50, 0, name="2号楼", households="48", community="荷花", grid="G1"),
                square(100, 0, name="3号楼", households=12, community="荷花"),
            ]
        )
    )
    town = read_in.town
    assert read_in.faults == ()
    assert town.names == ("1号楼", "2号楼", "3号楼")
    assert town.households.tolist() == [60, 48, 12]
    assert town.communities == ("荷花",)
    assert [town.grids[each] if each != NONE else None for each in town.grid] == ["G1", "G1", None]
    assert town.minutes.tolist() == [120, 0, 0]
    assert town.apart.tolist() == [[0, 2]]
    assert town.outlines[0] is None
    assert town.outlines[1].area == pytest.approx(400, rel=1e-3)
    assert np.hypot(*(town.xy[1] - town.xy[0])) == pytest.approx(np.hypot(60, 10), rel=1e-3)
    assert {(0, 1), (1, 2)} <= set(map(tuple, town.edges.tolist()))


def test_the_caller_names_the_properties(put):
    path = put([point(0, 0, 楼=1, 户数=30, 社区="荷花")])
    town = read(path, names=Names(name="楼", households="户数", community="社区")).town
    assert (town.names, town.households.tolist(), town.communities) == (("1",), [30], ("荷花",))


def test_every_wrong_feature_is_named_and_the_rest_is_read(put):
    bow = square(0, 0, name="bow", households=1)
    bow["geometry"]["coordinates"][0][1:3] = bow["geometry"]["coordinates"][0][2:0:-1]
    far = point(0, 0, name="far", households=1)
    far["geometry"]["coordinates"] = [34.6, 119.4]
    odd = {
        "type": "Feature",
        "geometry": {"type": "Pointy", "coordinates": [1]},
        "properties": {"households": 1},
    }
    read_in = read(
        put(
            [
                point(0, 0, name="good", households=3),
                point(0, 0, name="none"),
                point(0, 0, name="less", households=-1),
                point(0, 0, name="half", households=2.5),
                point(0, 0, name="word", households="many"),
                bow,
                far,
                odd,
                {"type": "Feature", "geometry": None, "properties": {"households": 1}},
                line((0, 0), (1, 1), name="line", households=1),
                point(0, 0, kind="castle"),
                point(0, 0, kind="grid", name="G"),
                "no feature",
                point(0, 0, name="true", households=True),
                point(0, 0, name="work", households=1, minutes="nan"),
            ]
        )
    )
    assert read_in.town.names == ("good",)
    assert [fault.number for fault in read_in.faults] == list(range(2, 16))
    told = {fault.name or fault.number: fault.text for fault in read_in.faults}
    assert "does not say 'households'" in told["none"]
    assert "no number from 0" in told["less"]
    assert "no whole number" in told["half"]
    assert "'many'" in told["word"]
    assert "crosses itself" in told["bow"]
    assert "longitude comes first" in told["far"]
    assert "cannot be read" in told[8]
    assert "no geometry" in told[9]
    assert "point or a polygon" in told["line"]
    assert "'castle'" in told[11]
    assert "must be a polygon" in told["G"]
    assert str(read_in.faults[0]) == "2 (none): it does not say 'households'"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": "FeatureCollection"}', '{"features": []}', "\x00\xff"]
)
def test_what_is_no_map_is_refused_in_a_sentence(put, text):
    with pytest.raises(BadFile):
        read(put(text))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "geometry",
                    "coordinates",
                    "households",
                    "kind",
                    "name",
                    "apart",
                    "building",
                ]
            ),
            inner | st.sampled_from(["Point", "Polygon", "Feature", "barrier", "grid", "compound", "yes"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JUNK, max_size=4), st.booleans())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_a_file_holds_it_is_read_or_refused(put, junk, is_osm):
    good = square(0, 0, building="apartments") if is_osm else square(0, 0, households=3)
    try:
        read_in = read(put([good, *junk]))
    except BadFile:
        assert is_osm  # a property of the junk has made it another kind of file
        return
    assert len(read_in.town) >= 1
    assert all(fault.number >= 1 and fault.text for fault in read_in.faults)


def test_a_compound_is_one_atom_and_its_doors_get_its_grid(put):
    read_in = read(
        put(
            [
                square(0, 0, name="1", households=10, compound="锦湖家园", grid="G1"),
                square(100, 0, name="2", households=30, compound="锦湖家园", grid="G2"),
                point(300, 0, name="3", households=5, grid="G1"),
            ]
        )
    )
    assert read_in.town.names == ("锦湖家园", "3")
    assert read_in.town.households.tolist() == [40, 5]
    assert read_in.town.grids[read_in.town.grid[0]] == "G2"
    assert read_in.town.xy[0, 0] - read_in.town.xy[1, 0] == pytest.approx(85 - 300, rel=1e-3)
    assert read_in.door_labels(np.array([7, 8])).tolist() == [7, 7, 8]


def test_outlines_say_where_doors_lie_that_do_not_say_it_themselves(put):
    read_in = read(
        put(
            [
                point(10, 10, name="a", households=10),
                point(30, 10, name="b", households=10),
                point(110, 10, name="c", households=10),
                point(500, 10, name="d", households=10),
                square(0, 0, 100, kind="community", name="西"),
                square(100, 0, 100, kind="community", name="东"),
                square(0, 0, 50, kind="compound", name="园"),
                square(0, 0, 60, kind="grid", name="G"),
            ]
        )
    )
    town = read_in.town
    assert town.names == ("园", "c", "d")
    assert [town.communities[each] if each >= 0 else None for each in town.community] == ["西", "东", None]
    assert town.outlines[0].area == pytest.approx(2_500, rel=1e-3)
    assert [area.area for area in town.areas] == pytest.approx([10_000, 10_000], rel=1e-3)
    assert read_in.grids["G"].area == pytest.approx(3_600, rel=1e-3)
    assert [str(fault) for fault in read_in.faults] == [
        "4 (d): it lies in no community, so it comes into no grid"
    ]


def test_a_compound_across_two_communities_is_two_atoms_and_told(put):
    read_in = read(
        put(
            [
                point(0, 0, households=10, community="a", compound="c"),
                point(9, 0, households=10, community="b", compound="c"),
            ]
        )
    )
    assert read_in.town.names == ("c", "c")
    assert "lies in a, b" in read_in.faults[0].text


def test_where_no_community_is_known_all_is_one_and_that_is_said(put):
    read_in = read(put([point(0, 0, households=10)]))
    assert read_in.town.communities == ("the whole",)
    assert "knows no communities" in read_in.notes[0]


def test_communities_may_come_from_another_file(put):
    path = put([point(10, 10, households=10), point(110, 10, households=10)])
    areas = put(
        [square(0, 0, 50, name="a"), square(100, 0, 50, name="b"), point(0, 0, name="c")], "areas.geojson"
    )
    read_in = read(path, communities=areas)
    assert read_in.town.communities == ("a", "b")
    assert "areas.geojson" in read_in.faults[0].text


def test_a_railway_parts_the_town_and_a_street_across_joins_it(put):
    rows = [point(30 * at, y, name=f"{at} {y}", households=60) for y in (0, 100) for at in range(10)]
    railway = line((-900, 50), (900, 50), kind="barrier")
    parted = read(put([*rows, railway])).town
    south = parted.xy[:, 1] < parted.xy[:, 1].mean()
    assert (south[parted.edges[:, 0]] == south[parted.edges[:, 1]]).all()
    for more in (line((60, -20), (60, 130), kind="street"), point(60, 50, kind="crossing")):
        joined = read(put([*rows, railway, more])).town
        assert (south[joined.edges[:, 0]] != south[joined.edges[:, 1]]).any()


def test_unknown_and_doubtful_names_of_who_must_be_apart_are_told(put):
    read_in = read(
        put(
            [
                point(0, 0, name="a", households=1, apart=["b", "x"]),
                point(9, 0, name="b", households=1),
                point(18, 0, name="b", households=1),
            ]
        )
    )
    assert [fault.text for fault in read_in.faults] == [
        "it may not be with 'b', but 2 doors are named so",
        "it may not be with 'x', but no other atom is named so",
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_are_read_with_their_separator(put, separator):
    rows = [
        "lon,lat,households,name",
        "119.4,34.6,30,a",
        "119.401,34.6,,b",
        "x,34.6,3,c",
        "119.4,99,3,d",
        "119.402,34.6,40,e",
    ]
    read_in = read(put("\ufeff" + "\n".join(rows).replace(",", separator), "town.csv"))
    assert read_in.town.names == ("a", "e")
    assert [fault.number for fault in read_in.faults] == [3, 4, 5]


def test_a_table_without_positions_is_refused_with_what_it_has(put):
    with pytest.raises(BadFile, match="lacks the column 'lon'; it has: a, b"):
        read(put("a,b\n1,2\n", "town.csv"))


MAP = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
{nodes}
{ways}
</osm>
"""


def osm(buildings, lines, nodes=()):
    """An extract as OpenStreetMap gives it; buildings are squares of 20 m."""
    drawn, ways, number = [], [], 1

    def node(x, y, tags=()):
        nonlocal number
        lon, lat = degrees((x, y))[0]
        inner = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags)
        drawn.append(f'<node id="{number}" version="1" lon="{lon}" lat="{lat}">{inner}</node>')
        number += 1
        return number - 1

    def way(points, tags, *, closed=False):
        refs = [node(*each) for each in points]
        refs += refs[:1] if closed else []
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inner += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        ways.append(f'<way id="{len(ways) + 1}" version="1">{inner}</way>')

    for x, y, tags in buildings:
        way([(x, y), (x + 20, y), (x + 20, y + 20), (x, y + 20)], tags, closed=True)
    for points, tags in lines:
        way(points, tags)
    for x, y, tags in nodes:
        node(x, y, tags.items())
    return MAP.format(nodes="\n".join(drawn), ways="\n".join(ways))


FLATS = {"building": "apartments", "building:levels": "5"}


def test_an_extract_gives_buildings_with_estimated_households(put):
    read_in = read(
        put(
            osm(
                [
                    (0, 0, {**FLATS, "name": "一号楼"}),
                    (40, 0, {"building": "house"}),
                    (80, 0, {"building": "yes", "shop": "supermarket"}),
                    (120, 0, {"building": "apartments", "building:flats": "17"}),
                    (160, 0, {"building": "school"}),
                    (200, 0, {"building": "residential", "height": "30 m"}),
                ],
                [],
            ),
            "town.osm",
        )
    )
    assert read_in.town.names == ("一号楼", "way/2", "way/3", "way/4", "way/5", "way/6")
    assert read_in.town.households.tolist() == [20, 1, 0, 17, 0, 40]
    assert [door.is_estimated for door in read_in.doors] == [True, True, False, False, False, True]
    assert "Households of 3 of 6 buildings are estimated" in read_in.notes[0]
    assert "OpenStreetMap contributors" in read_in.notes[0]


@pytest.mark.parametrize(
    ("land", "households"),
    [({"amenity": "school"}, 0), ({"landuse": "industrial"}, 0), ({"landuse": "residential"}, 24)],
)
def test_on_some_land_nobody_is_at_home(put, land, households):
    ground = [(0, 0, {"building": "yes", "building:levels": "6"}), (0, 0, land)]
    town = read(put(osm(ground, []), "town.osm")).town
    assert town.households.tolist() == [households]


@pytest.mark.parametrize(
    ("tags", "parts"),
    [
        ({"railway": "rail"}, True),
        ({"railway": "subway", "tunnel": "yes"}, False),
        ({"waterway": "river"}, True),
        ({"waterway": "stream"}, False),
        ({"highway": "motorway"}, True),
        ({"highway": "motorway", "bridge": "viaduct"}, False),
        ({"highway": "primary"}, True),
        ({"highway": "residential"}, False),
    ],
)
def test_what_lies_on_the_ground_and_is_large_parts_the_town(put, tags, parts):
    rows = [(40 * at, y, FLATS) for y in (0, 80) for at in range(6)]
    town = read(put(osm(rows, [([(-900, 50), (900, 50)], tags)]), "town.osm")).town
    south = town.xy[:, 1] < town.xy[:, 1].mean()
    assert (south[town.edges[:, 0]] == south[town.edges[:, 1]]).all() == parts


@pytest.mark.parametrize(
    ("lines", "nodes"),
    [
        ([([(60, 0), (60, 120)], {"highway": "footway", "bridge": "yes"})], []),
        ([([(60, 0), (60, 120)], {"highway": "residential"})], []),
        ([], [(60, 50, {"railway": "level_crossing"})]),
    ],
)
def test_bridges_streets_and_level_crossings_join_it_again(put, lines, nodes):
    rows = [(40 * at, y, FLATS) for y in (0, 80) for at in range(6)]
    text = osm(rows, [([(-900, 50), (900, 50)], {"railway": "rail"}), *lines], nodes)
    town = read(put(text, "town.osm")).town
    south = town.xy[:, 1] < town.xy[:, 1].mean()
    assert (south[town.edges[:, 0]] != south[town.edges[:, 1]]).any()


def test_the_compressed_form_is_read_alike(put, tmp_path):
    import osmium

    rows = [(40 * at, y, FLATS) for y in (0, 80) for at in range(6)]
    plain = put(osm(rows, [([(0, 50), (300, 50)], {"highway": "residential"})]), "town.osm")
    packed = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(packed)) as writer:
        for each in osmium.FileProcessor(str(plain)):
            writer.add(each)
    one, other = read(plain).town, read(packed).town
    assert one.names == other.names
    assert one.households.tolist() == other.households.tolist()
    assert one.edges.tolist() == other.edges.tolist()
    assert one.streets.xy == pytest.approx(other.streets.xy)


def test_what_is_no_extract_is_refused(put):
    with pytest.raises(BadFile, match="no extract"):
        read(put("<osm", "town.osm"))


@pytest.mark.skipif(not OSM.exists(), reason="the shared extracts do not lie beside the project")
@pytest.mark.parametrize(
    ("name", "buildings", "streets"),
    [
        ("beijing_haidian_qinghe", 255, 1_000),
        ("shenzhen_longgang_henggang", 130, 2_000),
        ("ninghua_county_town_fujian", 5, 100),
    ],
)
def test_real_extracts_are_read_and_divided(name, buildings, streets):
    read_in = read(OSM / f"{name}.geojson")
    assert len(read_in.town) >= buildings
    assert len(read_in.town.streets.ways) > streets
    assert read_in.town.households.sum() > 0
    division = divide(read_in.town)
    assert (division.labels >= 0).all()
    assert all(reason.cause in ("alone", "proven", "community") for reason in division.reasons)


def test_doors_of_a_round_say_when_they_are_open_and_due(put):
    read_in = read(
        put(
            [
                point(0, 0, name="a", households=1, hours="09:00-11:30; 14:00-17:00", due="2026-01-31"),
                point(9, 0, name="b", households=1, hours="9 to 5"),
                point(9, 0, name="c", households=1, hours="11:00-09:00"),
                point(9, 0, name="d", households=1, due="soon"),
            ]
        )
    )
    (door,) = read_in.doors
    assert door.hours == ((540.0, 690.0), (840.0, 1020.0))
    assert door.due.isoformat() == "2026-01-31"
    assert [fault.name for fault in read_in.faults] == ["b", "c", "d"]


def test_compounds_may_be_cut_where_that_is_asked(put):
    path = put([point(0, 0, households=10, compound="c"), point(9, 0, households=10, compound="c")])
    assert len(read(path).town) == 1
    apart = read(path, compounds=False)
    assert len(apart.town) == 2
    assert [door.compound for door in apart.doors] == ["c", "c"]


def test_streets_barriers_and_shops_come_from_another_file_as_far_as_they_lie_near(put):
    doors = [point(x, y, households=5) for x in (0, 100) for y in (0, 60)]
    ground = [
        line((-50, 30), (150, 30), kind="barrier"),
        line((-50, 0), (150, 0), kind="street"),
        line((90_000, 0), (90_100, 0), kind="street"),
        point(50, 50, kind="shop"),
        point(0, 0, kind="street"),
    ]
    alone, with_ground = read(put(doors)), read(put(doors), streets=put(ground, "ground.geojson"))
    assert alone.town.streets is None
    assert not len(alone.shops)
    assert len(with_ground.town.streets.xy) == 2
    assert with_ground.shops.tolist() == [pytest.approx([0, 20], abs=0.1)]
    crossed = {tuple(sorted((a % 2, b % 2))) for a, b in with_ground.town.edges.tolist()}
    assert crossed == {(0, 0), (1, 1)}
    assert [str(fault) for fault in with_ground.faults] == [
        "5: in ground.geojson: a street must be a line, this is a Point"
    ]
    far = read(put(doors), streets=put(ground[2:3], "far.geojson"))
    assert "far.geojson has no street and no barrier near the doors." in far.notes


def test_a_table_may_be_written_as_office_programs_of_china_do(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("lon,lat,households,name\n119.4,34.6,5,东街一号\n".encode("gb18030"))
    assert read(path).town.names == ("东街一号",)
