"""Reading the tree: pages, levels, parts, roots."""

import pytest

from wangge.areas.queries import (
    ancestors,
    area_by_code,
    areas,
    changes_of,
    children,
    level_counts,
    root_name,
    roots,
    version_of,
)
from wangge.base.paging import BadCursor, encode_cursor
from wangge.base.problems import NotAllowed, NotFound


def walk(viewer, **asked):
    """All codes, page by page."""
    codes, cursor = [], None
    while True:
        page = areas(viewer, cursor=cursor, **asked)
        codes += [area.code for area in page.items]
        cursor = page.next
        if not cursor:
            return codes


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_pages_of_any_size_give_every_area_once_in_order(town, db, limit):
    viewer = town.as_viewer("worker")
    assert walk(viewer, limit=limit) == sorted(area.code for area in town.areas.values())


def test_areas_are_asked_by_level_and_within_another(town, db):
    viewer = town.as_viewer("worker")
    assert walk(viewer, level="county") == [town.county.code, town.far_county.code]
    assert walk(viewer, level="grid", within=town.county.code) == [
        town.grid_a.code, town.grid_b.code, town.dedicated.code,
    ]  # fmt: skip
    assert walk(viewer, within=town.far_community.code) == [town.far_community.code, town.far_grid.code]
    with pytest.raises(NotFound):
        areas(viewer, within="999999999999")


@pytest.mark.parametrize("key", ["", "x", "1..2", "320703003002.", "320703003002.320703003002x", "3" * 17])
def test_a_cursor_of_another_list_is_refused(town, db, key):
    for asked in ({}, {"level": "grid"}, {"level": "grid", "within": town.city.code}):
        with pytest.raises(BadCursor):
            areas(town.as_viewer("worker"), cursor=encode_cursor((key,)), **asked)
    with pytest.raises(BadCursor):
        areas(town.as_viewer("worker"), cursor="nonsense")


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_every_list_is_walked_page_by_page(town, db, limit):
    viewer = town.as_viewer("worker")
    for level in ("", "county", "community", "grid"):
        for within in ("", town.city.code, town.county.code, town.community.code):
            asked = {"level": level, "within": within, "limit": limit}
            path = town.city.path if not within else area_by_code(within).path
            there = [
                area.code
                for area in town.areas.values()
                if level in {"", area.level} and (area.path + ".").startswith(path + ".")
            ]
            assert walk(viewer, **asked) == sorted(there), asked


def test_what_has_ended_is_no_longer_listed_but_still_known(town, db):
    town.run("update areas_area set valid_to = '2026-01-01' where code = %s", [town.grid_b.code])
    assert town.grid_b.code not in walk(town.as_viewer("worker"))
    assert town.grid_b.code not in [area.code for area in children(town.community.code)]
    assert area_by_code(town.grid_b.code).name == "二网格"


def test_the_tree_is_read_up_and_down(town, db):
    assert [area.code for area in children(town.community.code)] == [
        town.grid_a.code, town.grid_b.code, town.dedicated.code,
    ]  # fmt: skip
    assert [area.level for area in ancestors(town.grid_a.path)] == [
        "city",
        "county",
        "township",
        "community",
        "grid",
    ]
    assert [area.code for area in roots()] == [town.city.code]
    assert root_name() == "连云港市"
    assert level_counts() == {"city": 1, "county": 2, "township": 2, "community": 3, "grid": 4}


def test_before_the_first_import_there_is_nothing(db):
    assert (roots(), root_name(), level_counts()) == ([], "", {})
    with pytest.raises(NotFound):
        area_by_code("320700000000")


@pytest.mark.parametrize(
    ("who", "area"), [("community", "township"), ("worker", "grid_b"), ("handler", "county")]
)
def test_what_an_area_was_is_read_by_those_who_read_its_figures(town, db, who, area):
    assert changes_of(town.as_viewer("admin"), town.areas[area]) == []
    with pytest.raises(NotAllowed):
        changes_of(town.as_viewer(who), town.areas[area])
    with pytest.raises(NotAllowed):
        version_of(town.as_viewer(who), town.areas[area], 1)
