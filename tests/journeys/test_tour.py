"""The guided tour of the docs, walked through the tests' town: a county whose grids are divided anew so that each compound is a
unit, from the proposal to the new grids and back. tests/plans/test_story.py counts every home of the same story.
"""

import pytest
from tests.journeys import test_field
from tests.journeys.tour import Tour
from tests.plans.towns import partly_without_grids

pytestmark = pytest.mark.browser

signal, phones = test_field.signal, test_field.phones

HOMES = "select path::text, count(*) from households_household group by path order by 1"
CUT = "select compound_id from households_building group by compound_id having count(distinct path) > 1"


def test_the_tour_can_be_walked_as_it_is_told(desk, phones, busy_town):
    partly_without_grids(busy_town)
    before = busy_town.rows(HOMES)
    desks, carried = {}, {}

    def page_of(account):
        if account not in desks:
            desks[account] = desk(account)
        return desks[account].page

    def phone_of(account):
        if account not in carried:
            carried[account] = phones()
            carried[account].sign_in(account)
        return carried[account]

    address = desk().address
    tour = Tour(page_of, phone_of, address, busy_town.county.code, "centre", "admin", "worker")
    tour.look_around()
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
    assert busy_town.rows(CUT) == []
    tour.learn()
    tour.undo()
    assert busy_town.rows(HOMES) == before
    tour.learn_again()
    assert [said for one in (*desks.values(), *carried.values()) for said in one.problems] == []
