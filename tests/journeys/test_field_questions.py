"""A department asks, the office of the area lets it, a phone brings the question to a door, and the department reads that one answered."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.visits.asked import ask

from wangge.base import clock
from wangge.visits import actions
from wangge.visits.jobs import renew_due_visits
from wangge.visits.models import Reply
from wangge.visits.rules import day_of

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones


def test_a_department_s_question_goes_to_a_door_and_comes_back_as_a_sum(
    desk, phones, signal, homes, busy_town
):
    seat, office, found = desk("handler"), desk("township", size="phone"), []
    seat.go("/console/questions/new")
    seat.tab.fill("#text", "家里养狗吗？")
    seat.tab.fill("#basis", "《江苏省养犬管理条例》")
    seat.tab.select_option("#area", busy_town.township.code)
    seat.tab.click("button[name='look']")
    seat.tab.wait_for_selector(".done >> text=10")
    assert seat.tab.input_value("#text") == "家里养狗吗？"
    found += seat.faults()
    seat.tab.click("form.card button:not([name='look'])")
    seat.tab.wait_for_url("**/questions/*?done=ask")
    at = "/console/questions/" + seat.tab.url.rsplit("/", 1)[-1].split("?")[0]

    office.go("/console/questions")
    office.tab.click("text=家里养狗吗")
    office.tab.wait_for_selector("#decide")
    found += office.faults()
    assert office.fits()
    office.tab.click("form[action$='/accept'] button")
    office.tab.wait_for_url("**/questions/*?done=accept")
    ask_for_a_line(busy_town)
    renew_due_visits(clock.now())

    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    page = phone.page
    phone.go(f"visit/{homes[0].pk}")
    page.tap("[data-outcome='well']")
    page.tap("[data-name='questions'] [data-said='yes']")
    assert "逐字" in page.inner_text("[data-name='read']"), "it is said before somebody writes"
    phone.rest()
    phone.shot(SCREENSHOTS, "question-at-the-door")
    found += phone.faults() + phone.cramped()
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)
    signal.come_back()
    phone.synced()
    assert not phone.problems

    seat.go(at)
    assert seat.tab.inner_text(".tile .big") == "1"
    assert "李秀英" not in seat.text()
    found += seat.faults()
    assert found == []
    assert [(str(row.household_id), row.choice) for row in replies(busy_town)] == [(str(homes[0].pk), 0)]


def ask_for_a_line(town):
    """A second question of the department, to the same households, which a short line answers."""
    now = clock.now()
    days = {"from_on": day_of(now), "to_on": day_of(now) + timedelta(days=9)}
    with transaction.atomic():
        line = ask(town, text="路灯哪里不亮？", answer="line", area=town.township.code, now=now, **days)
    with transaction.atomic():
        actions.accept_question(town.as_viewer("township", now=now), line.id, now=now)


def replies(town):
    with transaction.atomic():
        town.as_viewer("worker", now=clock.now())
        return list(Reply.objects.all())
