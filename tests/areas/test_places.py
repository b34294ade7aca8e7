"""Which area answers for a point: inside, on a border, in an overlap, outside."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import builders

from wangge.areas import queries
from wangge.areas.queries import Place, locate, locate_many
from wangge.areas.rules import Atlas, NotOnEarth

A, B = "3207030030021001", "3207030030021002"


def atlas(*edges):
    return Atlas([shapely.box(*each) for each in edges])


def answer(shapes, lon, lat):
    hits = shapes.hits(np.array([lon]), np.array([lat]))
    return int(hits.answering[0]), hits.others.get(0, ()), bool(hits.overlaps[0])


def test_inside_one_area_it_answers_alone():
    assert answer(atlas((0, 0, 1, 1), (1, 0, 2, 1)), 1.5, 0.5) == (1, (), False)


def test_on_a_shared_edge_the_lower_answers_and_both_see_it():
    two = atlas((0, 0, 1, 1), (1, 0, 2, 1))
    for lon in (1.0, 1.0 + 5e-10, 1.0 - 5e-10):
        assert answer(two, lon, 0.3) == (0, (1,), False)
    assert answer(two, 1.0 + 1e-8, 0.3) == (1, (), False)


def test_at_a_corner_all_four_see_it():
    four = atlas((1, 1, 2, 2), (0, 0, 1, 1), (1, 0, 2, 1), (0, 1, 1, 2))
    assert answer(four, 1.0, 1.0) == (0, (1, 2, 3), False)


def test_where_areas_overlap_the_lower_answers_and_it_is_said():
    two = atlas((0, 0, 2, 2), (1, 0, 3, 2))
    assert answer(two, 1.5, 1.0) == (0, (1,), True)
    assert answer(two, 1.0, 1.0) == (0, (1,), True)
    assert answer(two, 0.5, 1.0) == (0, (), False)


def test_outside_and_without_any_area_nobody_answers():
    assert answer(atlas((0, 0, 1, 1)), 5.0, 5.0) == (-1, (), False)
    assert answer(Atlas([]), 5.0, 5.0) == (-1, (), False)


@st.composite
def slanted_strips(draw):
    """Strips that share slanted edges, whose numbers no float is exactly on, and a fraction along one of the edges."""
    steps = draw(st.lists(st.floats(0.01, 0.3), min_size=2, max_size=6))
    tops = draw(st.lists(st.floats(-0.4, 0.4), min_size=len(steps) + 1, max_size=len(steps) + 1))
    feet = [119.0, *(119.0 + sum(steps[: n + 1]) for n in range(len(steps)))]
    order = np.argsort([foot + top for foot, top in zip(feet, tops, strict=True)])
    heads = [feet[n] + tops[n] for n in order]
    return feet, heads, draw(st.integers(1, len(feet) - 2)), draw(st.floats(0.0, 1.0))


@settings(max_examples=150, deadline=None)
@given(slanted_strips())
def test_a_point_on_a_slanted_edge_is_seen_by_both_sides_and_falls_between_none(drawn):
    feet, heads, edge, along = drawn
    if min(np.diff(heads)) < 1e-6:
        return
    strips = [
        shapely.Polygon([(feet[n], 34.0), (feet[n + 1], 34.0), (heads[n + 1], 35.0), (heads[n], 35.0)])
        for n in range(len(feet) - 1)
    ]
    lon, lat = feet[edge] + (heads[edge] - feet[edge]) * along, 34.0 + along
    answering, others, overlaps = answer(Atlas(strips), lon, lat)
    assert answering == edge - 1
    assert edge in others
    assert not overlaps


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3), st.integers(1, 3)),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=30),
)
def test_many_points_at_once_are_answered_as_each_area_asked_alone_would(edges, halves):
    boxes = [shapely.box(west, south, west + wide, south + high) for west, south, wide, high in edges]
    lons, lats = (np.array(axis, float) / 2 for axis in zip(*halves, strict=True))
    hits = Atlas(boxes).hits(lons, lats)
    for at, (lon, lat) in enumerate(zip(lons, lats, strict=True)):
        holding = [n for n, box in enumerate(boxes) if box.intersects(shapely.Point(lon, lat))]
        deep = any(boxes[n].contains_properly(shapely.Point(lon, lat)) for n in holding)
        assert hits.answering[at] == (holding[0] if holding else -1)
        assert hits.others.get(at, ()) == tuple(holding[1:])
        assert hits.overlaps[at] == (deep and len(holding) > 1)


def test_answers_do_not_depend_on_how_many_points_are_asked_at_once(monkeypatch):
    from wangge.areas.rules import places

    shapes = atlas((0, 0, 1, 1), (1, 0, 2, 1), (0.5, 0, 1.5, 0.5))
    rng = np.random.default_rng(7)
    lons, lats = rng.integers(0, 9, 500) / 4, rng.integers(0, 5, 500) / 4
    whole = shapes.hits(lons, lats)
    monkeypatch.setattr(places, "_AT_ONCE", 17)
    parts = shapes.hits(lons, lats)
    assert whole.others == parts.others
    assert (whole.answering == parts.answering).all()
    assert (whole.overlaps == parts.overlaps).all()


def test_a_point_is_answered_by_its_grid(town, db):
    assert locate(119.355, 34.745) == Place(A, town.grid_a.path, "grid")


def test_a_road_between_two_grids_is_the_lower_ones_and_both_see_it(town, db):
    assert locate(119.36, 34.745) == Place(A, town.grid_a.path, "grid", (B,), overlaps=False)


def test_a_point_outside_every_grid_is_the_smallest_areas_above(town, db):
    assert locate(119.345, 34.745).code == town.next_community.code
    assert locate(119.345, 34.735) == Place(town.township.code, town.township.path, "township")
    assert locate(119.0, 34.4).level == "city"


@pytest.mark.parametrize(("lon", "lat"), [(121.5, 34.7), (0.0, 0.0), (-180.0, 90.0)])
def test_in_the_sea_nobody_answers(town, db, lon, lat):
    assert locate(lon, lat) == Place("", "", "")


@pytest.mark.parametrize(("lon", "lat"), [(float("nan"), 34), (119, float("inf")), (181, 34), (119, -90.1)])
def test_what_is_no_place_on_earth_is_refused(lon, lat, db):
    with pytest.raises(NotOnEarth):
        locate(lon, lat)
    with pytest.raises(NotOnEarth) as caught:
        locate_many([119.0, lon], [34.0, lat])
    assert caught.value.facts["position"] == 1


def test_many_points_get_the_answers_of_each_alone(town, db):
    rng = np.random.default_rng(3)
    lons = np.append(rng.uniform(118.8, 119.8, 300), [119.36, 119.35, 121.5])
    lats = np.append(rng.uniform(34.2, 35.1, 300), [34.745, 34.745, 34.7])
    places = locate_many(lons, lats)
    assert list(places) == [locate(lon, lat) for lon, lat in zip(lons, lats, strict=True)]
    assert places.codes.tolist() == [place.code for place in places]
    assert places[-1] == Place("", "", "")
    assert {place.level for place in places} >= {"", "city", "county", "grid"}


def test_no_points_get_no_answers(db):
    assert list(locate_many([], [])) == []


def test_a_changed_boundary_is_known_at_once(town, db):
    assert locate(119.345, 34.745).code == town.next_community.code
    town.add(
        builders.area,
        "3207030030011001",
        "grid",
        parent=town.next_community,
        edges=(119.34, 34.74, 119.35, 34.75),
    )
    assert locate(119.345, 34.745).code == "3207030030011001"
    town.run("update areas_area set valid_to = '2026-01-01' where code = '3207030030011001'")
    assert locate(119.345, 34.745).code == town.next_community.code


def test_boundaries_are_loaded_once_and_not_for_a_new_name(town, db, monkeypatch):
    from wangge.areas.queries import places

    loads = []
    load = places._load
    monkeypatch.setattr(places, "_load", lambda: loads.append(1) or load())
    locate(119.345, 34.745)
    locate(119.355, 34.745)
    town.run("update areas_area set name = 'x'")
    locate_many([119.355], [34.745])
    assert len(loads) <= 1
    town.run("update areas_area set boundary = null where level = 'grid'")
    assert locate(119.355, 34.745).code == town.community.code
    assert loads


def test_a_change_that_is_undone_leaves_no_stale_answer(town, db):
    """The number that says whether to load again is never given twice."""
    locate(119.355, 34.745)
    town.owner.execute("update areas_area set boundary = null where code = %s", [A])
    (seen,) = town.owner.execute("select version from areas_boundarystamp").fetchone()
    town.owner.rollback()
    town.run("update areas_area set boundary = null where code = %s", [B])
    assert town.rows("select version from areas_boundarystamp")[0][0] != seen
    assert locate(119.355, 34.745).code == A
    assert locate(119.365, 34.745).code == town.community.code


def test_the_names_of_tiers_above_are_read_from_the_path(town, db):
    assert [area.name for area in queries.ancestors(locate(119.355, 34.745).path)] == [
        "连云港市",
        "连云区",
        "连云街道",
        "荷花社区居委会",
        "一网格",
    ]
