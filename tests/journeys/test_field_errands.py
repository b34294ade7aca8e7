"""What is owed at a door is seen before it is saved, and ends only when it was done; what is wrong at a place becomes a case."""

import json
from datetime import date, timedelta

import pytest
from django.db import transaction
from tests import builders
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.phones import photo

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.visits import actions
from wangge.visits.models import Place
from wangge.visits.rules import day_of

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

_OPEN = "select text from visits_errand where household_id = %s and done_at is null order by text"
#: Every touch of a finger; what a program clicks does not count.
_COUNT = "globalThis.taps = 0; addEventListener('click', (event) => { taps += event.isTrusted }, true)"
#: From now on all that is sealed is heard before it is: whatever this phone writes down.
_SEALED = """() => {
  globalThis.sealed = [];
  const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = (how, key, bytes) => { sealed.push(new TextDecoder().decode(bytes)); return encrypt(how, key, bytes); };
}"""
#: How far the first row of what is owed ends above the button that saves, without scrolling; less than 0: it lies under it.
_ABOVE = """() => document.querySelector('.actions').getBoundingClientRect().top
  - document.querySelector("[data-name='errands'] label").getBoundingClientRect().bottom + Math.min(0, -scrollY)"""


def bring(town, home, kind, text):
    now = clock.now() - timedelta(minutes=1)
    today = day_of(now)
    errand = actions.NewErrand(kind, text, today, today + timedelta(days=7), ref=new_id())
    with transaction.atomic():
        actions.add_errands(town.as_viewer("community", now=now), [home.pk], errand, now=now)


def told_near(phone, home):
    """What cannot be told is said and not noted; of what can be told the form has the word."""
    page, said = phone.page, "[data-name='untold']:has-text('{}')"
    page.tap("details:has([data-name='near']) summary")
    permission = phone.context.new_cdp_session(page)
    for setting, accuracy, words in (
        ("denied", 12, "may not use its position"),
        ("granted", 200, "too vague"),
    ):
        permission.send("Browser.setPermission", {"permission": {"name": "geolocation"}, "setting": setting})
        phone.context.set_geolocation({**home, "accuracy": accuracy})
        page.tap("[data-name='near']")
        page.wait_for_selector(said.format(words))
        assert phone.faults() == [], setting
    phone.context.set_geolocation({**home, "latitude": home["latitude"] + 0.01, "accuracy": 12})
    page.tap("[data-name='near']")
    page.wait_for_selector("summary:has-text('far from this door')")
    phone.context.set_geolocation({**home, "accuracy": 12})
    page.tap("[data-name='near']")
    page.wait_for_selector("summary:has-text('Confirmed: nearby')")


def saved(page):
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)


def test_all_well_is_three_taps_and_what_is_owed_ends_only_when_it_was_seen_and_done(
    phones, homes, signal, busy_town
):
    well, noted = homes[0], homes[1]
    for home in (well, noted):
        bring(busy_town, home, "answer", "2026-000017")
        bring(busy_town, home, "other", "停水通知")
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    page = phone.page
    for home in (well, noted):
        bring(busy_town, home, "other", "有空房吗")

    phone.at("round")
    page.evaluate(_COUNT)
    page.tap(f"a[href='#/visit/{well.pk}']")
    page.tap("[data-outcome='well']")
    saved(page)
    assert page.evaluate("taps") == 3
    page.wait_for_selector("[data-name='outcomes']")
    assert "#/visit/" in page.url, "the next door"

    phone.go(f"visit/{noted.pk}")
    page.wait_for_selector("text=答复群众：2026-000017")
    ticks = page.locator("[data-name='errands'] input")
    for language in ("中文", "English"):
        phone.go("me")
        page.tap(f".seg >> text={language}")
        for outcome, left in (("well", [True, True]), ("met", [False, False])):
            phone.go(f"visit/{noted.pk}")
            page.tap(f"[data-outcome='{outcome}']")
            page.wait_for_selector("[data-name='errands']")
            phone.rest()
            phone.shot(SCREENSHOTS, f"errands-{outcome}-{'zh' if language == '中文' else 'en'}")
            assert [tick.is_checked() for tick in ticks.all()] == left
            assert page.evaluate(_ABOVE) >= 0, (language, outcome)
            assert page.locator("[data-name='errands'] label").first.bounding_box()["height"] >= 48
            found += [f"{language} {outcome} {fault}" for fault in phone.faults() + phone.cramped()]
    page.tap("[data-name='errands'] label:has-text('停水通知')")
    page.wait_for_selector("[data-name='errands'] label:has-text('停水通知') >> input:checked")
    page.evaluate(_SEALED)
    told_near(phone, {"latitude": 34.74153, "longitude": 119.35352})
    saved(page)
    kept = page.evaluate("sealed")
    (command,) = [json.loads(each) for each in kept if '"visit.record"' in each]
    assert command["data"]["seen"] == "near"
    # No draft either: of where somebody stood nothing lies on the phone.
    assert not any("34.74" in each or "119.35" in each or "accuracy" in each for each in kept)

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    rows = busy_town.rows("select household_id, outcome, well, seen from visits_visit order by said_at")
    assert rows == [(well.pk, "met", True, ""), (noted.pk, "met", False, "near")]
    assert {text for (text,) in busy_town.rows(_OPEN, [well.pk])} == {"2026-000017", "停水通知", "有空房吗"}
    assert {text for (text,) in busy_town.rows(_OPEN, [noted.pk])} == {"停水通知", "有空房吗"}
    assert found == []
    assert phone.problems == []


def test_a_fault_at_a_place_becomes_a_case_with_its_photo(phones, homes, signal, busy_town):
    place = busy_town.add(
        builders.insert,
        Place(
            id=new_id(),
            path=busy_town.grid_a.path,
            kind="hydrant",
            name="3号楼东侧消火栓",
            lon=119.355,
            lat=34.745,
            every_days=30,
            due_on=date(2026, 1, 1),
        ),
    )
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    page = phone.page
    phone.go("places")
    page.tap(f"a[href='#/place/{place.pk}']")
    page.tap("[data-found='fault']")
    page.fill("#note", "阀门漏水")
    page.tap("text=保存，并上报事件")
    page.wait_for_url(f"**/field/#/report/{place.pk}")
    # What was typed at the place is not typed again.
    until(page, "() => document.querySelector('#title')?.value === '阀门漏水'")
    page.fill("#item", "灯")
    page.tap("[data-item='M01-01']")
    page.set_input_files(
        "[data-name='camera']", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.wait_for_selector(".photos img")
    saved(page)
    assert [kind for _, kind, _ in phone.queue()] == ["place.check", "case.report"]

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    checked = busy_town.rows(
        "select k.found, k.note, c.title, c.grid_id, count(a.id) from visits_check k join cases_case c on c.id = k.case_id"
        " join cases_attachment a on a.case_id = c.id group by 1, 2, 3, 4"
    )
    assert checked == [("fault", "阀门漏水", "阀门漏水", busy_town.grid_a.code, 1)]
    days = "select due_on - checked_on from visits_place"
    assert busy_town.rows(days) == [(7,)], "a fault is looked at again sooner"
    assert phone.problems == []
