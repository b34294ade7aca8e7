"""A map of streets is sent from its page, read in the background, and the page says by itself how it ended."""

import pytest
from tests.plans.test_ground import ROWS, a_map

from wangge.base import clock
from wangge.plans import actions, jobs

pytestmark = pytest.mark.browser


def read_next():
    """As the worker does it."""
    taken = jobs.take_reading(clock.now())
    return actions.carry_out_reading(taken).state


def test_the_page_follows_a_map_that_was_sent_until_it_is_taken_in_or_not(desk, busy_town, tmp_path):
    lead = desk("community", language="en")
    page = lead.page
    lead.go("/console/plans/grounds")
    page.set_input_files("#file", a_map(tmp_path, *ROWS))
    page.get_by_role("button", name="Send the map").click()
    page.wait_for_selector("[data-reading=waiting]")
    assert page.inner_text(".done").startswith("The map was sent")
    assert read_next() == "done"
    page.wait_for_selector("[data-reading=done]")
    page.locator("[data-reading=done] a").click()
    page.wait_for_selector("section[id^=ground-]")
    assert page.locator("section[id^=ground-] dd.number").first.inner_text() == "4"
    broken = tmp_path / "broken.geojson"
    broken.write_text("no map")
    page.set_input_files("#file", broken)
    page.get_by_role("button", name="Send the map").click()
    page.wait_for_selector("[data-reading=waiting]")
    assert read_next() == "failed"
    page.wait_for_selector("[data-reading=failed]")
    assert "neither GeoJSON nor an extract of OpenStreetMap" in page.inner_text("[data-reading=failed]")
    assert not lead.faults()
    assert not lead.problems
