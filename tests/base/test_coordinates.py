"""WGS 84, GCJ-02, BD-09 and distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.coordinates import distance_m, from_wgs84, to_wgs84

LONS, LATS = st.floats(73.6, 135.0), st.floats(3.5, 53.5)
DATUMS = st.sampled_from(["wgs84", "gcj02", "bd09"])


@given(LONS, LATS, DATUMS)
def test_there_and_back_ends_within_a_tenth_of_a_metre(lon, lat, datum):
    assert distance_m(lon, lat, *to_wgs84(*from_wgs84(lon, lat, datum), datum)) < 0.1
    assert distance_m(lon, lat, *from_wgs84(*to_wgs84(lon, lat, datum), datum)) < 0.1


@given(LONS, LATS)
def test_the_shifts_have_the_size_that_maps_show(lon, lat):
    assert 10 < distance_m(lon, lat, *from_wgs84(lon, lat, "gcj02")) < 800
    assert 300 < distance_m(lon, lat, *from_wgs84(lon, lat, "bd09")) < 2_000


def test_known_points_of_beijing_are_met():
    """The pairs that implementations in public use give for 116.404, 39.915."""
    point = (116.404, 39.915)
    assert from_wgs84(*point, "gcj02") == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    bd09 = from_wgs84(*to_wgs84(*point, "gcj02"), "bd09")
    assert bd09 == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)
    gcj02 = from_wgs84(*to_wgs84(*point, "bd09"), "gcj02")
    # Their inverse of BD-09 is an approximation good to decimetres; ours is exact.
    assert gcj02 == pytest.approx((116.39762729119315, 39.90865673957631), abs=2e-6)


@given(st.floats(-180, 71.9), st.floats(-90, 90))
def test_outside_china_gcj02_is_wgs84(lon, lat):
    assert from_wgs84(lon, lat, "gcj02") == (lon, lat)
    assert to_wgs84(lon, lat, "gcj02") == (lon, lat)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20), DATUMS)
def test_arrays_give_what_numbers_give(points, datum):
    lon, lat = np.array(points).T
    for convert in (from_wgs84, to_wgs84):
        x, y = convert(lon, lat, datum)
        assert x.shape == y.shape == (len(points),)
        single = np.array([convert(a, b, datum) for a, b in points])
        np.testing.assert_allclose(np.column_stack([x, y]), single, rtol=0, atol=1e-9)


def test_arrays_keep_their_shape_and_are_not_changed():
    lon, lat = np.full((2, 3), 119.2), np.full((2, 3), 34.6)
    x, y = to_wgs84(lon, lat, "bd09")
    assert x.shape == y.shape == (2, 3)
    assert (lon == 119.2).all()
    assert (lat == 34.6).all()
    assert from_wgs84(np.array([]), np.array([]), "gcj02")[0].shape == (0,)


def test_numbers_give_plain_numbers():
    assert all(type(value) is float for value in from_wgs84(119.2, 34.6, "bd09"))
    assert type(distance_m(119.2, 34.6, 119.3, 34.6)) is float


@pytest.mark.parametrize(
    ("lon", "lat"), [(float("nan"), 34.0), (119.0, float("inf")), (34.6, 119.2), (1190.0, 34.0)]
)
def test_what_is_no_place_on_earth_is_refused(lon, lat):
    for convert in (from_wgs84, to_wgs84):
        with pytest.raises(ValueError, match="coordinate"):
            convert(lon, lat, "gcj02")
        with pytest.raises(ValueError, match="coordinate"):
            convert(np.array([119.0, lon]), np.array([34.0, lat]), "bd09")


def test_unknown_datums_and_unlike_shapes_are_refused():
    with pytest.raises(ValueError, match="datum"):
        to_wgs84(119.0, 34.0, "cgcs2000")
    with pytest.raises(ValueError, match="as many"):
        to_wgs84(np.zeros(2), np.zeros(3), "gcj02")


def test_distances_are_those_of_the_sphere():
    assert distance_m(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
    assert distance_m(119.0, 34.0, 119.0, 34.0) == 0
    assert distance_m(0, 0, 180, 0) == pytest.approx(np.pi * 6_371_008.8)
    assert distance_m(179.5, 0, -179.5, 0) == pytest.approx(111_195, abs=1)  # over the date line
    assert distance_m(0, 0, np.array([0.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(
        [111_195, 111_195], abs=1
    )


@given(LONS, LATS, LONS, LATS)
def test_distance_is_the_same_both_ways(lon1, lat1, lon2, lat2):
    there, back = distance_m(lon1, lat1, lon2, lat2), distance_m(lon2, lat2, lon1, lat1)
    assert there == pytest.approx(back, abs=1e-6)
