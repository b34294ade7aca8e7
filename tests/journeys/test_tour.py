"""The guided tour of the docs, walked through a made-up district in the tests' town: a county whose seven grids of 300 to 500 households
cut four compounds is divided anew so that each compound is a unit, from the proposal to the new grids and back. tests/plans/test_story.py
counts every home of the same district.
"""

import pytest
from tests.journeys import test_field
from tests.journeys.tour import Tour
from tests.plans.towns import within_bounds

pytestmark = pytest.mark.browser

signal, phones = test_field.signal, test_field.phones

HOMES = "select path::text, count(*) from households_household group by path order by 1"
CUT = "select compound_id from households_building group by compound_id having count(distinct path) > 1"
#: Of each compound its grid and its households; of one that lies in several, the first.
COMPOUNDS = """select b.compound_id, min(b.path::text), count(*)::int from households_household h
 join households_dwelling d on d.id = h.dwelling_id join households_building b on b.id = d.building_id group by 1"""


def test_the_tour_can_be_walked_as_it_is_told(desk, phones, busy_town):
    within_bounds(busy_town)
    before = busy_town.rows(HOMES)
    assert [count for path, count in before if not 300 <= count <= 500] == []
    assert len(busy_town.rows(CUT)) == 4
    desks, carried = {}, {}

    def page_of(account):
        if account not in desks:
            desks[account] = desk(account or None)
        return desks[account].page

    def phone_of(account):
        if account not in carried:
            carried[account] = phones()
            carried[account].sign_in(account)
        return carried[account]

    address = desk().address
    tour = Tour(page_of, phone_of, address, busy_town.county.code, "centre", "admin", "worker")
    tour.look_around()
    tour.mend()
    tour.propose()
    # Why the one grid that is out of bounds has to be.
    assert "其中一个单元本身户数就超过上限" in desks["centre"].page.inner_text("main")
    tour.compare()
    tour.change()
    tour.check_and_ask()
    tour.say_as_resident()
    tour.comment()
    tour.answer()
    tour.approve()
    tour.apply()
    divided = busy_town.rows(HOMES)
    assert divided != before
    assert sum(count for _path, count in divided) == sum(count for _path, count in before)
    assert busy_town.rows(CUT) == []
    # Each compound that is large enough has a grid to itself, also the one that is too large; small ones share grids within bounds.
    fit = [(grid, count) for _code, grid, count in busy_town.rows(COMPOUNDS) if count >= 300]
    assert len(fit) == 6
    assert set(fit) < set(divided)
    assert [count for path, count in divided if not 300 <= count <= 500] == [540]
    tour.learn()
    tour.undo()
    assert busy_town.rows(HOMES) == before
    tour.learn_again()
    assert [said for one in (*desks.values(), *carried.values()) for said in one.problems] == []
