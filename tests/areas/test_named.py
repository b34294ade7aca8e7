"""Areas by the words of a person: what is found, in which order, and by which index."""

import pytest
from tests import builders

from wangge.areas.queries import areas_named


def names(viewer, text, **asked):
    return [area.name for area in areas_named(viewer, text, **asked)]


def test_ones_own_areas_are_found_by_any_part_of_their_name_and_others_by_its_beginning(town, db):
    worker = town.as_viewer("worker")
    assert names(worker, "网格") == ["一网格"]
    assert names(worker, "二网") == ["二网格"]
    centre = town.as_viewer("centre")
    assert names(centre, "网格") == ["一网格", "二网格", "港口企业网格"]
    assert names(centre, "陇东") == ["陇东社区居委会", "陇东一网格"]
    assert names(centre, "东社区") == []


def test_ones_own_come_first_then_beginnings_then_higher_tiers(town, db):
    town.add(builders.area, "320706010003", "community", name="连云新村居委会", parent=town.far_township)
    assert names(town.as_viewer("centre"), "连云") == ["连云区", "连云街道", "连云港市", "连云新村居委会"]
    assert names(town.as_viewer("centre"), "连云", limit=1) == ["连云区"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("320703003002", ["荷花社区居委会", "一网格", "二网格", "港口企业网格"]),
        ("3207030030021001", ["一网格"]),
        ("99", []),
    ],
)
def test_a_code_is_found_by_its_beginning(town, db, text, found):
    assert names(town.as_viewer("worker"), text) == found


@pytest.mark.parametrize("text", ["", "%", "_", "\\", "无此地"])
def test_what_names_nothing_finds_nothing(town, db, text):
    assert names(town.as_viewer("centre"), text) == []


def test_what_has_ended_is_not_offered(town, db):
    town.run("update areas_area set valid_to = '2026-03-01' where code = %s", [town.grid_b.code])
    assert names(town.as_viewer("centre"), "二网格") == []


def test_the_beginning_of_a_name_is_looked_up_not_read_through(town, db):
    """Of 600,000 names; here the planner is kept from reading all of these few."""
    from django.db import connection

    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(
            "explain select code from areas_area where valid_to is null and name::text like '荷花%%'", []
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "areas_area_named" in plan
    assert "Index Cond" in plan
