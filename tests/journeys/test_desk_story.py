"""One case from a call to its rating, by five people with keyboards and no mouse: the centre that takes the call, the grid
that cannot mend it, the community's desk that gives it to a department, the handler who mends it, and the township's desk that
verifies and closes. Nobody types an address: each finds the case in the list that their own page opens with.
"""

import re

import pytest
from tests.households.test_queries import estate
from tests.journeys.hands import ACTIVE, Hands

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


@pytest.fixture
def estate_with_a_lamp(busy_town):
    estate(busy_town, "E1", "荷塘家园", busy_town.grid_a, lon=119.355, lat=34.745, address="海棠路5号")
    return busy_town


def call_taken(desk):
    """The dispatcher files what a caller says, from whatever page they were on."""
    dispatcher = desk("dispatcher")
    page, keys = dispatcher.page, dispatcher.page.keyboard
    page.wait_for_selector("h1")
    keys.press("g")
    keys.press("f")
    page.wait_for_selector("#title:focus")
    keys.type("路灯不亮，三天了")
    page.wait_for_selector("#suggested [name=suggested]")
    keys.press("Alt+1")
    keys.type("荷塘家园3栋")
    page.wait_for_selector("#places [role=option][aria-selected=true]")
    keys.press("Enter")
    page.wait_for_selector("#goes")
    page.locator("#ahead", has_text="一网格").wait_for()
    dispatcher.shot("story-1-call")
    keys.press("Control+Enter")
    page.wait_for_url("**/filed**")
    return dispatcher, page.inner_text(".the-number").strip()


def opened_from_the_list(desk, who, *, queue=""):
    """The case as the first of the list that the account's page opens with."""
    opened = desk(who)
    if queue:
        opened.page.keyboard.press("/")
        opened.page.wait_for_selector("dialog[open] [role=combobox]")
        opened.page.keyboard.type(queue)
        opened.page.wait_for_selector("[role=option][aria-selected=true]")
    else:
        opened.page.wait_for_selector("[data-row]")
        opened.page.keyboard.press("j")
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_url(re.compile("/console/cases/[0-9a-f-]{36}"))
    opened.page.wait_for_selector("#part-steps")
    opened.page.wait_for_load_state()
    return Hands(opened)


def choose(hands, selector):
    """Ticks a box of a list with the space bar."""
    hands.to(selector)
    hands.keys.press("Space")
    assert hands.page.evaluate(f"{ACTIVE}.checked")


def test_a_lamp_from_the_call_to_the_rating_by_five_people_with_keyboards(desk, estate_with_a_lamp):
    town = estate_with_a_lamp
    dispatcher, number = call_taken(desk)

    worker = opened_from_the_list(desk, "worker")
    assert number in worker.page.inner_text(".crumbs")
    worker.step("a", "accept", at_once=True)
    worker.step("e", "escalate", reason="要登高作业，网格里没有车")
    worker.desk.shot("story-2-grid")

    community = opened_from_the_list(desk, "community")
    community.keys.press("d")
    community.page.wait_for_selector("#step-dispatch[open]")
    choose(community, "#step-dispatch [name=departments][value=city-management]")
    community.to("#step-dispatch button[type=submit]")
    community.keys.press("Enter")
    community.page.wait_for_url("**?done=dispatch*")
    community.desk.shot("story-3-community")

    handler = opened_from_the_list(desk, "handler")
    handler.step("h", "handle", outcome="mended", answer="已更换灯泡，现场已亮")
    handler.desk.shot("story-4-handler")

    township = opened_from_the_list(desk, "township", queue=number)
    township.step("v", "verify", mended="yes")
    township.step("c", "close")
    township.desk.shot("story-5-township")

    page, keys = dispatcher.page, dispatcher.page.keyboard
    keys.press("/")
    page.wait_for_selector("dialog[open] [role=combobox]")
    keys.type(number)
    page.wait_for_selector("[role=option][aria-selected=true]")
    keys.press("Enter")
    page.wait_for_url(re.compile("/console/cases/[0-9a-f-]{36}"))
    page.wait_for_selector("#part-steps")
    page.wait_for_load_state()
    rating = Hands(dispatcher)
    rating.step("r", "rate", mended="yes")
    dispatcher.shot("story-6-rated")
    said = dispatcher.text()
    for who, what in (
        ("连云区坐席", "上报了事件"),
        ("一网格员", "受理"),
        ("一网格员", "提级"),
        ("荷花社区负责人", "派遣"),
        ("城管处置员", "处置"),
        ("连云街道主任", "核查"),
        ("连云街道主任", "结案"),
    ):
        assert re.search(f"{who}\\s*{what}", said), (who, what)
    for opened in (worker, community, handler, township, rating):
        assert opened.desk.fits()
        assert opened.desk.faults() == []
        assert opened.desk.problems == []
    [(state, rated, resolved)] = town.rows("select state, rating, resolved_tier from cases_case")
    assert (state, rated) == ("closed", True)
    assert resolved
