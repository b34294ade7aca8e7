"""A sheet for the pocket that was filled by hand is typed in at the desk: twenty doors in so many keys, and no mouse."""

import pytest
from django.db import transaction
from tests.journeys.hands import ACTIVE, until
from tests.visits.homes import household

from wangge.base import clock
from wangge.visits.actions import renew_due

pytestmark = pytest.mark.browser

DOORS = 20
#: What stands in the form's field that has the focus.
FIELD = f"{ACTIVE}.name"


@pytest.fixture
def street(busy_town):
    made = [
        household(busy_town, busy_town.grid_a, f"{101 + place}", lon=119.3510 + place * 0.0005, name=f"住户{place}")
        for place in range(DOORS)
    ]  # fmt: skip
    with transaction.atomic():
        renew_due(busy_town.as_viewer("worker"), [home.pk for home in made], now=clock.now())
    return made


class Keys:
    """Somebody who types, and how many keys that took."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def type(self, text):
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, key):
        self.page.keyboard.press(key)
        self.pressed += 1

    def to(self, name):
        for _ in range(12):
            if self.page.evaluate(FIELD) == name:
                return
            self.press("Tab")
        raise AssertionError(f"the keyboard does not reach {name}")


def test_twenty_doors_are_typed_in_with_ten_keys_each(desk, street, busy_town):
    seat = desk("worker")
    seat.go(f"/console/visits?area={busy_town.grid_a.code}")
    seat.page.fill("#begins", "00:00")
    seat.page.fill("#ends", "23:55")
    seat.page.click("section[aria-labelledby='round'] button[type=submit]")
    seat.page.wait_for_selector("table.stops")
    keys = Keys(seat.page)
    keys.press("t")
    seat.page.wait_for_selector("[name='mark-1']")
    until(seat.page, f"{FIELD} === 'mark-1'")
    for number in range(1, DOORS + 1):
        keys.to(f"mark-{number}")
        keys.type("3" if number == 5 else "2" if number == 9 else "1")
        keys.to(f"at-{number}")
        keys.type("001")
        if number == 9:
            before = keys.pressed
            keys.to("note-9")
            keys.type("楼道灯不亮")
            keys.to("item-9")
            keys.type("M01-01")
            said = keys.pressed - before
    keys.press("Enter")
    seat.page.wait_for_selector(".done")
    assert keys.pressed - said <= 10 * DOORS
    rows = "select outcome, well, count(*), count(case_id) from visits_visit group by 1, 2 order by 1, 2"
    assert busy_town.rows(rows) == [
        ("met", False, 1, 1),
        ("met", True, DOORS - 2, 0),
        ("nobody_home", False, 1, 0),
    ]
    assert seat.page.locator("input[name^='mark-']").count() == 0
    assert seat.faults() == []
    assert seat.problems == []
