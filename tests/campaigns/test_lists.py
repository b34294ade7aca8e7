"""A campaign's households by a list: what a line names, and every line that names nobody."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import builders
from tests.visits.homes import LONG_AGO, household

from wangge.base.problems import Invalid, NotAllowed
from wangge.campaigns.queries.listed import lines_of_table, listed, numbers_of
from wangge.campaigns.rules.choosing import MOST_LISTED
from wangge.campaigns.rules.listing import plain, said_in, typed_lines


def table(*rows, encoding="utf-8-sig"):
    return io.BytesIO("\n".join(rows).encode(encoding))


def test_a_household_is_named_by_number_plate_address_or_id(town, db):
    homes = [
        household(town, town.grid_a, f"{at}", plate=plate) for at, plate in ((101, "PLATE0001X"), (102, ""))
    ]
    one, other = homes
    viewer = town.as_viewer("township")
    for said in (one.number, f" {one.number} ", "plate0001x", "101号楼101", "１０１号楼 １０１", str(one.pk)):
        found = listed(viewer, town.township.path, [(1, said)])
        assert (found.households, found.bad) == ([str(one.pk)], []), said
    both = listed(viewer, town.township.path, [(1, one.number), (2, "102号楼102"), (3, "PLATE0001X")])
    assert both.households == [str(one.pk), str(other.pk)]
    assert both.repeated == 1
    assert numbers_of(viewer, both.households) == {str(one.pk): one.number, str(other.pk): other.number}


def test_every_line_that_names_nobody_is_told_with_its_number_and_why(town, db):
    home = household(town, town.grid_a, "101")
    gone = household(town, town.grid_a, "102", valid_to=builders.TODAY)
    away = household(town, town.far_grid, "7")
    for grid in (town.grid_a, town.grid_b):
        household(town, grid, "55")
    lines = [(2, home.number), (3, "没有"), (5, gone.number), (6, away.number), (9, "55号楼55"), (10, "")]
    found = listed(town.as_viewer("township"), town.township.path, lines)
    assert found.households == [str(home.pk)]
    assert [(bad.line, bad.said, bad.why.split()[0]) for bad in found.bad] == [
        (3, "没有", "No"),
        (5, gone.number, "Nobody"),
        (6, away.number, "No"),
        (9, "55号楼55", "Several"),
        (10, "", "This"),
    ]


def test_two_households_behind_one_door_are_both_named_by_its_address(town, db):
    from wangge.base.ids import new_id
    from wangge.households.models import Household

    home = household(town, town.grid_a, "101")
    lodger = town.add(
        builders.insert,
        Household(
            id=new_id(), path=home.path, dwelling_id=home.dwelling_id, number="L-1", valid_from=LONG_AGO
        ),
    )
    found = listed(town.as_viewer("township"), town.township.path, [(1, "101号楼101")])
    assert set(found.households) == {str(home.pk), str(lodger.pk)}


def test_a_centre_makes_a_list_of_homes_that_it_does_not_see_and_learns_ids_only(town, db):
    home = household(town, town.grid_a, "101")
    away = household(town, town.far_grid, "7")
    centre = town.as_viewer("centre")
    found = listed(centre, town.county.path, [(1, home.number), (2, "101号楼101"), (3, away.number)])
    assert (found.households, [bad.line for bad in found.bad]) == ([str(home.pk)], [3])
    assert listed(centre, town.county.path, [(1, "\0 x"), (2, "'; select")]).households == []
    assert numbers_of(centre, found.households) == {}


@pytest.mark.parametrize("who", ["worker", "handler", "far_centre", "neighbour"])
def test_who_runs_no_campaign_there_asks_nothing(town, db, who):
    with pytest.raises(NotAllowed):
        listed(town.as_viewer(who), town.township.path, [(1, "x")])


def test_a_list_is_not_too_long(town, db):
    with pytest.raises(Invalid):
        listed(town.as_viewer("township"), town.township.path, [(1, "x")] * (MOST_LISTED + 1))
    with pytest.raises(Invalid):
        lines_of_table(table("户号", *(str(at) for at in range(MOST_LISTED + 1))))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_surest_column_of_a_table_names_the_household(encoding):
    rows = ("荷花社区名单,,", "姓名,户 编 号,地址", "甲,H-1,一号", "乙,,二号", ",,", "丙,,", "丁,H-2,")
    assert lines_of_table(table(*rows, encoding=encoding)) == [(3, "H-1"), (4, "二号"), (6, ""), (7, "H-2")]


def test_without_a_header_the_first_cell_that_is_filled_in_names_it():
    assert said_in([(1, ["", "H-1", "x"]), (2, ["H-2"]), (3, [])]) == [(1, "H-1"), (2, "H-2")]
    assert typed_lines("H-1\n\n  荷花路 3号 \n") == [(1, "H-1"), (3, "荷花路 3号")]


@given(st.text(alphabet="ab１２Ａａ 　\t-ﬁ号²", max_size=12))
def test_blanks_around_a_code_say_nothing(said):
    assert plain(f" {said} ") == plain(said)


def test_the_database_compares_as_the_program_does(town, db):
    from django.db import connection

    for said in ("１０１ 号楼\u3000Ａ座", "h-1", "²③ﬁ", "e\u0301"):
        with connection.cursor() as cursor:
            cursor.execute("select campaigns_plain(%s)", [said])
            assert cursor.fetchone()[0] == plain(said), said
