"""The office sets the order of a worker's round: the phone shows it, and the sheet for the pocket has the same rows."""

import re

import pytest
from tests.journeys import test_field as day
from tests.journeys.hands import until
from tests.journeys.test_case_page import pages_of
from tests.visits.homes import household

pytestmark = pytest.mark.browser

signal, phones = day.signal, day.phones

STOPS = "() => [...document.querySelectorAll(\"[data-name='stop']\")].map((each) => each.getAttribute('href').split('/').at(-1))"


@pytest.fixture
def street(busy_town):
    """Twelve doors along a street, of which the first by its number lies in the middle."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.visits.actions import renew_due

    places = [6, 0, 11, 3, 8, 1, 10, 4, 7, 2, 9, 5]
    made = [
        household(
            busy_town, busy_town.grid_a, f"{101 + number}", lon=119.3510 + place * 0.0007, lat=34.745, name=f"住户{number}"
        )
        for number, place in enumerate(places)
    ]  # fmt: skip
    with transaction.atomic():
        renew_due(busy_town.as_viewer("worker"), [home.pk for home in made], now=clock.now())
    return made


def test_the_order_that_the_office_sets_is_on_the_sheet_and_on_the_phone(phones, street, busy_town, desk):
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    phone.at("round")
    before = phone.page.evaluate(STOPS)
    assert sorted(before) == sorted(str(home.pk) for home in street)

    office = desk("community")
    office.go(f"/console/visits?area={busy_town.grid_a.code}")
    office.page.select_option("#account", str(busy_town.accounts["worker"].pk))
    office.page.click("section[aria-labelledby='round'] button[type=submit]")
    office.page.wait_for_selector("table.stops")
    doors = {f"{101 + number}": str(home.pk) for number, home in enumerate(street)}
    rows = office.page.eval_on_selector_all(
        "table.stops tbody th", "(all) => all.map((each) => each.innerText)"
    )
    sheet = [doors[re.search(r"1[01]\d", row)[0]] for row in rows]
    ((kept,),) = busy_town.rows("select households::text[] from visits_round")
    assert sheet == kept
    assert sorted(sheet) == sorted(doors.values())
    assert sheet != before, "the street is laid out so that the phone by itself would walk it otherwise"
    # From one end of the street to the other.
    west = [home.pk for home in street]
    assert {sheet[0], sheet[-1]} == {str(west[1]), str(west[2])}
    assert office.faults() == []

    # On paper it is one page, as wide as A4, and holds every row.
    pdf = office.page.pdf(prefer_css_page_size=True)
    assert pages_of(pdf) == 1
    width, height = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf).groups()
    assert (round(float(width)), round(float(height))) in [(595, 842), (596, 842), (594, 842), (595, 841)]

    # The phone hears of it when it asks the next time.
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    until(phone.page, f"(sheet) => JSON.stringify(({STOPS})()) === JSON.stringify(sheet)", arg=sheet)
    # After a visit the next door is the sheet's next one.
    phone.visit(sheet[0])
    phone.synced()
    phone.at("round")
    assert phone.page.evaluate(STOPS)[: len(sheet) - 1] == sheet[1:]
    assert phone.problems == []
    assert office.problems == []
