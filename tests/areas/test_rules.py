"""Codes, rows of tables, boundaries and maps, on plain values."""

import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.areas.rules import (
    LEVELS,
    NATION,
    BadBoundary,
    UnreadableMap,
    columns_of,
    features_of,
    full_code,
    grid_code,
    kind_of,
    level_of,
    parent_of,
    path_below,
    rank_of,
    read_row,
    root_among,
    shape_of,
)
from wangge.base.coordinates import from_wgs84

DAY, TODAY = date(2024, 1, 1), date(2026, 4, 15)


def codes():
    """Digits as a division or a grid may have them."""
    head = st.integers(11, 82).map(str)
    two, three = st.integers(1, 99).map("{:02d}".format), st.integers(1, 999).map("{:03d}".format)
    return st.tuples(head, two, two, three, three, st.sampled_from("12"), three).flatmap(
        lambda parts: st.sampled_from(
            [
                parts[0],
                "".join(parts[:2]),
                "".join(parts[:3]),
                "".join(parts[:4]),
                "".join(parts[:5]),
                "".join(parts),
            ]
        )
    )


def read(**values):
    return read_row({"code": "3207", "name": "某地", **values}, valid_from=DAY, today=TODAY)


@pytest.mark.parametrize(
    ("short", "full", "level", "parent"),
    [
        ("32", "320000000000", "province", ""),
        ("3207", "320700000000", "city", "320000000000"),
        ("320703", "320703000000", "county", "320700000000"),
        ("320703003", "320703003000", "township", "320703000000"),
        ("320703003002", "320703003002", "community", "320703003000"),
        ("3207030030021001", "3207030030021001", "grid", "320703003002"),
        ("441900003", "441900003000", "township", "441900000000"),
    ],
)
def test_digits_tell_level_and_parent(short, full, level, parent):
    assert full_code(short) == full
    assert (level_of(full), parent_of(full)) == (level, parent)


@given(codes())
def test_going_up_from_any_code_ends_at_its_province_and_rises_every_time(short):
    code = full_code(short)
    while parent := parent_of(code):
        assert rank_of(level_of(parent)) < rank_of(level_of(code))
        code = parent
    assert level_of(code) == "province"
    assert code == short[:2].ljust(12, "0")


@given(st.text(max_size=20))
def test_what_is_no_code_is_refused(text):
    proper = text.isascii() and text.isdigit() and len(text) in {2, 4, 6, 9, 12, 16}
    if not proper:
        with pytest.raises(ValueError, match="digits"):
            full_code(text)


@pytest.mark.parametrize(
    "code", ["09", "0001", "3207030030020001", "3207030030021000", "3207030030001001", "３２"]
)
def test_digits_that_mean_nothing_are_refused(code):
    with pytest.raises(ValueError, match=r"code|digits"):
        full_code(code)


@given(
    codes().filter(lambda code: len(code) == 12),
    st.sampled_from(["public", "dedicated"]),
    st.integers(1, 999),
)
def test_a_grid_code_tells_its_community_and_kind(community, kind, number):
    code = grid_code(community, kind, number)
    assert (parent_of(code), kind_of(code), code[13:]) == (community, kind, f"{number:03d}")


@pytest.mark.parametrize("number", [0, 1000])
def test_a_community_has_at_most_999_grids_of_a_kind(number):
    with pytest.raises(ValueError, match="999"):
        grid_code("320703003002", "public", number)


def test_paths_grow_from_the_root_down():
    assert path_below("", "320700000000") == "320700000000"
    assert path_below("320700000000", "320703000000") == "320700000000.320703000000"


@pytest.mark.parametrize(
    ("heads", "root"),
    [
        (["3207", "3207"], "320700000000"),
        (["3207", "3201"], "320000000000"),
        (["3207", "11"], NATION),
        (["32"], "320000000000"),
        ([], ""),
    ],
)
def test_a_tree_begins_at_the_smallest_area_that_holds_the_cities(heads, root):
    assert root_among(heads) == root


def test_a_row_of_the_bureaus_table_is_read():
    row, wrong = read(
        code="320703003002",
        name=" 荷花社区居委会 ",
        level="community",
        parent="320703003000",
        urban_rural_class="111",
    )
    assert not wrong
    assert row == ("320703003002", "荷花社区居委会", "community", "320703003000", "", "111", DAY, None)


def test_a_row_of_a_table_per_level_takes_the_lowest_parent_named():
    row, wrong = read(code="110101001001", township="110101001", county="110101", city="1101", province="11")
    assert (row.parent, row.level, wrong) == ("110101001000", "community", [])


def test_a_city_named_again_as_its_own_county_is_left_out():
    assert read(code="441900", city="4419", province="44") == (None, [])
    assert read(code="441900000000", level="county") == (None, [])


@pytest.mark.parametrize("word", ["county", "3", "县级", "区"])
def test_levels_are_understood_in_words_and_numbers(word):
    assert read(code="320703", level=word)[0].level == "county"


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"code": "3.2070300300210e+15"}, "code"),
        ({"code": "32070"}, "code"),
        ({"level": "county"}, None),
        ({"level": "village"}, "level"),
        ({"level": "parish"}, "level"),
        ({"parent": "3208xx"}, "parent"),
        ({"parent": "320703000000"}, "parent"),
        ({"name": "长" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"kind": "public"}, "kind"),
        ({"code": "3207030030021001", "kind": "dedicated"}, "kind"),
        ({"code": "3207030030021001", "parent": "320703003003"}, "parent"),
        ({"urban_rural_class": "999"}, "urban_rural_class"),
        ({"valid_from": "1900-01-01"}, "valid_from"),
        ({"valid_from": "2999-01-01"}, "valid_from"),
        ({"valid_from": "next week"}, "valid_from"),
        ({"valid_from": "2025-01-01", "valid_to": "2024-12-31"}, "valid_to"),
    ],
)
def test_a_wrong_cell_is_named_with_what_stands_there(values, column):
    row, wrong = read(**values)
    assert [each[0] for each in wrong] == ([column] if column else [])
    if wrong:
        assert wrong[0][1] == values[column]
        assert wrong[0][2]
    assert row is None or row.level in LEVELS


def test_every_wrong_cell_of_a_row_is_named():
    _row, wrong = read(level="parish", urban_rural_class="1", valid_from="soon")
    assert [column for column, _value, _expected in wrong] == ["level", "urban_rural_class", "valid_from"]


def test_a_features_properties_are_read_like_a_header():
    assert columns_of({"adcode": "320703", "Name": "连云区", "childrenNum": "0"}) == {
        "code": "320703",
        "name": "连云区",
    }
    assert columns_of({"parent_Code": "3207", "code": "", "id": "320703"}) == {
        "parent": "3207",
        "code": "320703",
    }


SQUARE = [[119.0, 34.0], [119.1, 34.0], [119.1, 34.1], [119.0, 34.1], [119.0, 34.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_boundary_gets_its_box_and_a_point_inside():
    shape = shape_of(polygon(SQUARE))
    assert shape.boundary == polygon(SQUARE)
    assert shape.box == "(119.1,34.1),(119.0,34.0)"
    assert 119.0 < shape.lon < 119.1
    assert 34.0 < shape.lat < 34.1


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_boundary_in_a_shifted_datum_comes_back_to_where_it_is(datum):
    moved = [list(from_wgs84(lon, lat, datum)) for lon, lat in SQUARE]
    shape = shape_of({"type": "MultiPolygon", "coordinates": [[moved]]}, datum)
    flat = [value for point in shape.boundary["coordinates"][0] for value in point]
    assert flat == pytest.approx([value for point in SQUARE for value in point], abs=2e-8)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [119, 34]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon"},
        polygon(SQUARE[:-1]),
        polygon(SQUARE[:2] + SQUARE[:1]),
        polygon([[119.0, 34.0], [119.1, 34.1], [119.1, 34.0], [119.0, 34.1], [119.0, 34.0]]),
        polygon([[34.0, 119.0], [34.0, 119.1], [34.1, 119.1], [34.0, 119.0]]),
        polygon([[float("nan"), 34.0], [119.1, 34.0], [119.1, 34.1], [float("nan"), 34.0]]),
        polygon([["119", "34"], ["119", "35"], ["120", "35"], ["119", "34"]]),
        polygon([[True, 34], [119, 35], [120, 35], [True, 34]]),
        polygon([[10**400, 34], [119, 35], [120, 35], [10**400, 34]]),
        polygon("ring"),
    ],
)
def test_what_is_no_outline_is_refused(geometry):
    with pytest.raises(BadBoundary) as caught:
        shape_of(geometry)
    assert caught.value.expected


def feature(code, geometry=None, **properties):
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": geometry or polygon(SQUARE),
    }


def test_features_are_read_one_by_one_with_their_lines():
    text = (
        '{"type": "FeatureCollection",\n "features": [\n'
        + ",\n".join(json.dumps(feature(code)) for code in ("11", "12"))
        + "\n]}\n"
    )
    assert [(each.line, each.properties["code"]) for each in features_of(io.StringIO(text))] == [
        (3, "11"),
        (4, "12"),
    ]


def test_one_feature_a_line_and_a_single_feature_are_read():
    lines = "\n".join(json.dumps(feature(code)) for code in (11, 12.0))
    assert [(each.line, each.properties["code"]) for each in features_of(io.StringIO(lines))] == [
        (1, "11"),
        (2, "12"),
    ]
    assert len(list(features_of(io.StringIO(json.dumps(feature("11"), indent=1))))) == 1


def test_features_larger_than_the_buffer_are_read():
    ring = [[119 + number / 10**6, 34.0] for number in range(60_000)]
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature("11", polygon(ring)), feature("12")]}
    )
    assert len(text) > 1 << 20
    assert [len(each.geometry["coordinates"][0]) for each in features_of(io.StringIO(text))] == [60_000, 5]


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "FeatureCollection", "features": [',
        "[1, 2]",
        "hello",
        '{"a": NaN}',
        '{"type": "Feature"} {',
        "[" * 100_000,
    ],
)
def test_what_is_no_map_is_refused(text):
    with pytest.raises(UnreadableMap):
        list(features_of(io.StringIO(text)))
