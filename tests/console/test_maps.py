"""Maps: whatever the boundary, what is drawn lies where it should, and nothing breaks."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import square

from wangge.doors.maps import HEIGHT, WIDTH, draw


def area(name, west, south, east, north, *, made_up=False):
    return SimpleNamespace(name=name, boundary=square(west, south, east, north), boundary_made_up=made_up)


lons = st.floats(73, 135)
lats = st.floats(18, 54)
sizes = st.floats(1e-5, 3)


@given(lons, lats, sizes, sizes, st.floats(0, 1), st.floats(0, 1))
def test_a_point_within_the_area_is_on_the_picture_and_inside_the_outline(west, south, wide, high, along, up):
    lon, lat = west + wide * along, south + high * up
    drawn = draw(
        [(area("一网格", west, south, west + wide, south + high), "own")], title="", point=(lon, lat)
    )
    x, y = drawn.point
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT
    left, top = drawn.frame.place(west, south + high)
    right, bottom = drawn.frame.place(west + wide, south)
    assert left - 0.2 <= x <= right + 0.2
    assert top - 0.2 <= y <= bottom + 0.2
    assert 0 < drawn.scale_length <= WIDTH / 3 or drawn.scale_words.startswith("10 ")


@given(lons, lats, sizes, sizes)
def test_north_is_up_and_a_metre_is_as_long_in_both_directions(west, south, wide, high):
    drawn = draw([(area("", west, south, west + wide, south + high), "own")], title="")
    frame = drawn.frame
    assert frame.place(west, south + high)[1] <= frame.place(west, south)[1]
    import math

    squeeze = math.cos(math.radians(south + high / 2))
    assert math.isclose(frame.per_lon, frame.per_lat * squeeze, rel_tol=1e-6)


def test_without_a_boundary_there_is_no_map():
    assert draw([(SimpleNamespace(name="x", boundary=None, boundary_made_up=False), "own")], title="") is None
    assert draw([], title="", point=(119.0, 34.0)) is None


def test_made_up_boundaries_are_said_to_be_so():
    real, made_up = area("甲", 119, 34, 119.1, 34.1), area("乙", 119.1, 34, 119.2, 34.1, made_up=True)
    assert draw([(real, "own")], title="").made_up is False
    assert draw([(real, "own"), (made_up, "beside")], title="").made_up is True


def test_what_lies_outside_the_picture_is_left_out():
    own, far = area("甲", 119, 34, 119.01, 34.01), area("乙", 121, 34, 121.1, 34.1)
    assert [shape.name for shape in draw([(far, "beside"), (own, "own")], title="").shapes] == ["甲"]


def test_holes_and_several_parts_are_drawn():
    ring = square(119, 34, 119.1, 34.1)["coordinates"][0]
    hole = square(119.04, 34.04, 119.06, 34.06)["coordinates"][0]
    other = square(119.2, 34, 119.3, 34.1)["coordinates"][0]
    boundary = {"type": "MultiPolygon", "coordinates": [[ring, hole], [other]]}
    drawn = draw([(SimpleNamespace(name="甲", boundary=boundary, boundary_made_up=False), "own")], title="")
    assert drawn.shapes[0].outline.count("M") == 3
