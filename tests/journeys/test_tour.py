"""The guided tour of the docs, walked through the tests' town: a county whose grids are divided anew so that each compound is a
unit, from the proposal to the new grids and back. tests/plans/test_story.py counts every record of the same story.
"""

import pytest
from tests.journeys.tour import Tour
from tests.plans.test_story import without_grids
from tests.plans.towns import laid_out

pytestmark = pytest.mark.browser

HOMES = "select path::text, count(*) from households_household group by path order by 1"


def test_the_tour_can_be_walked_as_it_is_told(desk, busy_town):
    laid_out(busy_town, households=20)
    without_grids(busy_town)
    before = busy_town.rows(HOMES)
    desks = {}

    def page_of(account):
        if account not in desks:
            desks[account] = desk(account)
        return desks[account].page

    address = desk().address
    tour = Tour(page_of, address, busy_town.county.code, "centre", "admin", "worker")
    tour.propose()
    tour.compare()
    tour.change()
    tour.check_and_ask()
    tour.comment()
    tour.approve()
    tour.apply()
    divided = busy_town.rows(HOMES)
    assert divided != before
    assert sum(count for _path, count in divided) == sum(count for _path, count in before)
    assert all(path.count(".") == 4 and 300 <= count <= 500 for path, count in divided)
    tour.undo()
    assert busy_town.rows(HOMES) == before
    assert [said for one in desks.values() for said in one.problems] == []
