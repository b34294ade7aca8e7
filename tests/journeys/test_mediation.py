"""A dispute from the first word to the visit after the agreement, with the keyboard alone; and nobody else comes near it."""

import re
from datetime import timedelta

import pytest
from tests import builders
from tests.journeys.hands import Hands

from wangge.base.calendar import SHANGHAI
from wangge.base.clock import now

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


def test_a_dispute_from_the_first_word_to_the_visit(desk, busy_town):
    town = busy_town
    case = town.add(
        builders.case,
        town.add(builders.item, "S08-01", zh="邻里纠纷"),
        town.grid_a,
        title="楼上漏水",
        description="两家吵起来了",
    )
    today = now().astimezone(SHANGHAI).date()
    opened = desk("mediator")
    hands = Hands(opened, pictures="mediation")
    opened.go(f"/console/cases/{case.id}")
    hands.to("a[href*='mediations/open']")
    hands.keys.press("Enter")
    opened.page.wait_for_selector(".file-open")
    assert opened.faults() == []
    assert opened.fits()
    hands.type(
        ".file-open",
        dispute="neighbours",
        **{"first-name": "王小明", "first-phone": "13812345678", "second-name": "李建国"},
    )
    opened.page.wait_for_url("**?done=open")
    address = opened.page.url.split("?")[0].removeprefix(opened.address)
    assert "138****5678" in opened.text()
    assert "13812345678" not in opened.page.content()

    hands.step("s", "session", place="社区调解室", present="王小明、李建国", record="双方看了现场")
    hands.step(
        "a",
        "agree",
        form="written",
        terms="李建国十日内修好防水",
        perform_by=today + timedelta(days=10),
        visit_on=today,
    )
    opened.go("/console/mediations?queue=visits")
    assert "王** / 李**" in opened.text()
    assert "王小明" not in opened.page.content()
    assert opened.faults() == []
    opened.shot("mediations-visits")
    hands.keys.press("j")
    hands.keys.press("Enter")
    opened.page.wait_for_url(f"**{address}")
    hands.step("v", "visit", kept="yes", words="防水已做好")
    hands.keys.press("c")
    opened.page.wait_for_url("**?done=close")
    assert "已归档" in opened.text()
    assert opened.faults() == []
    assert opened.fits()
    opened.shot("mediation-closed")

    overseer = desk("community")
    overseer.go(address)
    assert "登记了调解协议" in overseer.text()
    assert "查阅了案卷" in overseer.text()
    for name in ("dispatcher", "worker", "admin"):
        other = desk(name)
        other.go(address)
        assert "王小明" not in other.page.content()
        assert other.page.locator("a[href='/console/mediations']").count() == 0
    worker = desk("worker")
    worker.go(f"/console/cases/{case.id}")
    assert re.search("已调解|调解中", worker.text())
    assert worker.page.locator("a[href*='mediations/']").count() == 0


def test_a_number_is_asked_for_with_a_purpose(desk, busy_town):
    from tests.journeys.pages import a_dispute

    file = a_dispute(busy_town)["dispute"]
    opened = desk("mediator")
    opened.go(f"/console/mediations/{file}")
    hands = Hands(opened, pictures="mediation")
    assert "13812345678" not in opened.page.content()
    hands.to(".file-phone select")
    hands.keys.press("ArrowDown")
    hands.to(".file-phone button")
    hands.keys.press("Enter")
    opened.page.wait_for_url("**?done=reveal**")
    assert "13812345678" in opened.text()
    assert opened.faults() == []
    opened.shot("mediation-revealed")


def test_what_is_printed_fits_its_paper(desk, busy_town):
    from tests.journeys.pages import a_dispute

    file = a_dispute(busy_town)["dispute"]
    opened = desk("mediator")
    opened.go(f"/console/mediations/{file}/agreement")
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".rail").is_visible()
    assert not opened.page.locator(".unprinted").is_visible()
    assert opened.page.locator(".paper-seal").is_visible()
    assert opened.problems == []
    opened.shot("mediation-paper")
