"""Which grid went over into which, with names; which stood when; and which have today what an ended one had."""

from datetime import date, timedelta

import pytest
from tests.builders import NOW, square

from wangge.areas.actions.dividing import (
    Drawn,
    Went,
    draw_grids,
    end_grids,
    give_back,
    keep_successions,
    undo_successions,
)
from wangge.areas.queries import grids_in_place_of, grids_that_stood, lineages_of

pytestmark = pytest.mark.django_db
THIRD, FOURTH = "3207030030021003", "3207030030021004"
OUTLINE = square(119.351, 34.741, 119.352, 34.742)
SECOND_DAY, THIRD_DAY = NOW + timedelta(days=1), NOW + timedelta(days=2)


def drawn(town, code, name):
    return Drawn(code, name, town.community.code, OUTLINE)


def codes(kin):
    return [(one.code, one.households) for one in kin]


@pytest.fixture
def divided(town):
    """一网格 ends into 三网格 and 二网格; a day later 三网格 ends into 四网格."""
    admin = town.as_viewer("admin")
    draw_grids(admin, [drawn(town, THIRD, "三网格")], now=NOW)
    ended = end_grids(admin, [town.grid_a.code], now=NOW)
    one, two = town.grid_a.code, town.grid_b.code
    keep_successions(admin, [Went(one, THIRD, 30), Went(one, two, 10), Went(two, two, 50)], now=NOW)
    draw_grids(admin, [drawn(town, FOURTH, "四网格")], now=SECOND_DAY)
    later = end_grids(admin, [THIRD], now=SECOND_DAY)
    keep_successions(admin, [Went(THIRD, FOURTH, 30)], now=SECOND_DAY)
    return ended, later


def test_lineage_is_told_with_names_and_households_and_what_stayed_is_left_out(town, divided):
    found = lineages_of([town.grid_a.code, town.grid_b.code, THIRD, FOURTH])
    one, two, third, fourth = (found[code] for code in (town.grid_a.code, town.grid_b.code, THIRD, FOURTH))
    assert (one.came, codes(one.went)) == ((), [(THIRD, 30), (town.grid_b.code, 10)])
    assert [(kin.name, kin.at, kin.ended_on) for kin in one.went] == [
        ("三网格", NOW, SECOND_DAY.date()),
        ("二网格", NOW, None),
    ]
    assert (codes(two.came), two.went) == ([(town.grid_a.code, 10)], ())
    assert (codes(third.came), codes(third.went)) == ([(town.grid_a.code, 30)], [(FOURTH, 30)])
    assert (codes(fourth.came), fourth.went, fourth.back_to) == ([(THIRD, 30)], (), ())
    assert not lineages_of([town.dedicated.code])[town.dedicated.code].any


def test_an_ended_grid_is_read_in_those_that_have_its_homes_today(town, divided):
    assert [grid.code for grid in grids_in_place_of(town.grid_a.code)] == [town.grid_b.code, FOURTH]
    assert [grid.code for grid in grids_in_place_of(THIRD)] == [FOURTH]
    assert grids_in_place_of(town.grid_b.code) == []
    assert grids_in_place_of(town.community.code) == []
    assert grids_in_place_of("none") == []


def test_undone_it_is_read_by_itself_and_what_had_begun_in_those_before(town, divided):
    _ended, later = divided
    admin = town.as_viewer("admin")
    give_back(admin, later, now=SECOND_DAY + timedelta(hours=1))
    end_grids(admin, [FOURTH], now=SECOND_DAY + timedelta(hours=1))
    undo_successions(admin, [THIRD], SECOND_DAY, now=SECOND_DAY + timedelta(hours=1))
    assert grids_in_place_of(THIRD) == []
    assert [grid.code for grid in grids_in_place_of(FOURTH)] == [THIRD]
    found = lineages_of([THIRD, FOURTH])
    assert found[THIRD].went == ()
    assert (found[FOURTH].came, codes(found[FOURTH].back_to)) == ((), [(THIRD, 30)])
    assert [grid.code for grid in grids_in_place_of(town.grid_a.code)] == [town.grid_b.code, THIRD]


def test_which_grids_stood_is_told_by_days_also_when_one_was_drawn_anew(town, divided):
    admin = town.as_viewer("admin")
    draw_grids(admin, [Drawn(town.grid_b.code, "新二网格", town.community.code, OUTLINE)], now=THIRD_DAY)

    def stood(since, until):
        return {each.code: each for each in grids_that_stood(town.community.code, since, until)}

    first = date(2026, 4, 1)
    everybody = stood(first, date(2026, 5, 1))
    assert set(everybody) == {
        town.grid_a.code, town.grid_b.code, town.dedicated.code, THIRD, FOURTH,
    }  # fmt: skip
    assert everybody[town.grid_b.code].begun_on == date(2020, 1, 1)
    assert everybody[THIRD].begun_on == NOW.date()
    assert everybody[THIRD].ended_on == SECOND_DAY.date()
    assert set(stood(first, NOW.date())) == {town.grid_a.code, town.grid_b.code, town.dedicated.code}
    assert set(stood(SECOND_DAY.date(), date(2026, 5, 1))) == {
        town.grid_b.code, town.dedicated.code, FOURTH,
    }  # fmt: skip


def test_one_that_began_and_ended_on_one_day_stood_on_none(town):
    admin = town.as_viewer("admin")
    draw_grids(admin, [drawn(town, THIRD, "三网格")], now=NOW)
    end_grids(admin, [THIRD], now=NOW)
    assert THIRD not in {
        each.code for each in grids_that_stood(town.community.code, date(2026, 4, 1), date(2026, 5, 1))
    }


def test_the_interface_tells_the_lineage_of_an_area(town, divided):
    told = town.client("worker2").get(f"/api/v1/areas/{THIRD}").json()["lineage"]
    assert [(kin["code"], kin["households"]) for kin in told["came"]] == [(town.grid_a.code, 30)]
    assert [(kin["code"], kin["name"]) for kin in told["went"]] == [(FOURTH, "四网格")]
    assert told["back_to"] == []
    assert town.client("worker2").get(f"/api/v1/areas/{town.county.code}").json()["lineage"]["came"] == []
