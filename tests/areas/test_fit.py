"""How an outline sits among others, on plain squares; what is meant in a file with several outlines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.areas.rules import BadBoundary, UnreadableMap, fit_of, outline_in


def square(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


A, B = square(119.35, 34.74, 119.36, 34.75), square(119.36, 34.74, 119.37, 34.75)
PARENT = square(119.35, 34.74, 119.37, 34.75)
#: Of each of the squares, by the latitude's own measure.
GROUND = 1_017_000


def test_two_that_share_a_border_fill_their_parent_without_fault():
    fit = fit_of(A, before=A, parent=PARENT, beside={"b": B}, sisters=["b"], below={})
    assert fit.faultless
    assert fit.parent_open == 0
    assert fit.ground == pytest.approx(GROUND, rel=0.01)


def test_half_of_the_neighbour_is_an_overlap_of_half_its_ground():
    fit = fit_of(square(119.35, 34.74, 119.365, 34.75), beside={"b": B})
    assert fit.overlaps == (("b", pytest.approx(GROUND / 2, rel=0.01)),)
    assert not fit.faultless


def test_what_it_gives_up_is_open_unless_a_neighbour_has_it():
    smaller = square(119.35, 34.74, 119.355, 34.75)
    taken = square(119.355, 34.74, 119.37, 34.75)
    assert fit_of(smaller, before=A, beside={"b": B}).left_open == pytest.approx(GROUND / 2, rel=0.01)
    assert fit_of(smaller, before=A, beside={"b": taken}).left_open == 0


def test_what_lies_outside_the_parent_and_what_sticks_out_below_is_told():
    fit = fit_of(
        A, parent=square(119.35, 34.74, 119.355, 34.75), below={"a1": square(119.355, 34.74, 119.365, 34.75)}
    )
    assert fit.outside == pytest.approx(GROUND / 2, rel=0.01)
    assert fit.parts_outside == (("a1", pytest.approx(GROUND / 2, rel=0.01)),)


@given(st.floats(0.0005, 0.0095), st.floats(0.0005, 0.0095))
def test_overlap_is_the_same_from_both_sides_and_never_more_than_either(first, second):
    one, other = square(119.35, 34.74, 119.35 + first, 34.75), square(119.36 - second, 34.74, 119.36, 34.75)
    there, back = fit_of(one, beside={"x": other}), fit_of(other, beside={"x": one})
    assert dict(there.overlaps).get("x", 0) == pytest.approx(dict(back.overlaps).get("x", 0), abs=1.5)
    assert dict(there.overlaps).get("x", 0) <= min(there.ground, back.ground) + 1.5


def test_an_outline_that_touches_itself_is_measured_all_the_same():
    bow = {
        "type": "Polygon",
        "coordinates": [
            [[119.35, 34.74], [119.36, 34.75], [119.36, 34.74], [119.35, 34.75], [119.35, 34.74]]
        ],
    }
    assert fit_of(A, beside={"bow": bow}).overlaps[0][0] == "bow"


def collection(*codes):
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"编码": code}, "geometry": A if code == "1" else B}
            for code in codes
        ],
    }


def test_a_bare_geometry_a_feature_and_the_only_one_of_a_collection_are_meant():
    assert outline_in(json.dumps(A), "320703003002") == A
    assert outline_in(chr(0xFEFF) + json.dumps(A), "320703003002") == A
    assert outline_in(json.dumps({"type": "Feature", "properties": {}, "geometry": A}), "320703003002") == A
    assert outline_in(json.dumps(collection("320703003009")), "320703003002") == B


def test_of_several_the_one_with_the_code_is_meant_also_in_its_short_form():
    assert outline_in(json.dumps(collection("320703003", "320703003002")), "320703003000") == B


def test_several_without_the_code_or_none_are_refused():
    for codes in ((), ("320703003001", "320703003003")):
        with pytest.raises(BadBoundary):
            outline_in(json.dumps(collection(*codes)), "320703003002")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "null", '{"a": NaN}', '"text"', "[" * 100_000, '{"features": 3}']
)
def test_what_is_no_geojson_is_refused(text):
    with pytest.raises((UnreadableMap, BadBoundary)):
        outline_in(text, "320703003002")
