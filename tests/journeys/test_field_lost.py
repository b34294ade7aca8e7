"""A phone that two people share is lost: what both had waiting arrives, nothing of either is left on it, and each hears of it."""

import json

import pytest
from tests.journeys import test_field as day
from tests.journeys.hands import until
from tests.journeys.test_field_worker import LEFT, NOTHING

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones


def somebody_else(phone):
    """Locks the phone and asks for another name."""
    phone.go("me")
    phone.page.tap("[data-name='lock']")
    phone.page.wait_for_selector("[data-digit='0']")
    phone.page.tap("text=换一个人")
    phone.page.wait_for_selector("#username")


def test_a_lost_phone_with_two_accounts_is_wiped_of_both_after_it_has_sent_what_each_had_waiting(
    phones, homes, signal, busy_town, desk
):
    theirs = day.household(busy_town, busy_town.grid_b, "901", lon=119.365, name="钱小红")
    phone = phones()
    page = phone.page
    phone.sign_in("worker2")
    phone.synced()
    somebody_else(phone)
    phone.sign_in("worker")
    phone.synced()
    until(page, "async () => Boolean((await navigator.serviceWorker.ready).active)")
    assert len(page.evaluate(LEFT)["tables"]) == 3
    rows = "select count(distinct phone_id), count(*) from sync_device"
    assert busy_town.rows(rows) == [(1, 2)]

    # Both write without a signal, one after the other.
    signal.lose()
    phone.visit(homes[0].pk)
    somebody_else(phone)
    page.tap("text=二网格员")
    phone.unlock()
    phone.visit(theirs.pk)
    accounts = {who: busy_town.accounts[who].pk for who in ("worker", "worker2")}
    assert {who: len(phone.queue(account)) for who, account in accounts.items()} == {
        "worker": 1,
        "worker2": 1,
    }

    # The desk marks it lost on the page of one of them, who asked for it.
    office = desk("community")
    office.go(f"/console/people/{accounts['worker']}")
    phones_here = "section[aria-labelledby='phones']"
    office.page.click(f"{phones_here} summary")
    office.page.click(f"{phones_here} details button")
    office.page.wait_for_url("**done=phone-lost**")
    assert "下次联网" in office.text()

    # Whoever found it switches it on, and it has a signal.
    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    page.wait_for_selector("[data-name='was-lost']")
    until(
        page,
        f"async () => JSON.stringify(await ({LEFT})()) === '{json.dumps(NOTHING, separators=(',', ':'))}'",
    )
    assert sorted(busy_town.rows("select household_id from visits_visit")) == sorted(
        [(homes[0].pk,), (theirs.pk,)]
    )
    told = "select count(*) from sync_device where lost_at is not null and wiped_at is not null"
    for _ in range(600):
        if busy_town.rows(told) == [(2,)]:
            break
        page.wait_for_timeout(100)
    assert busy_town.rows(told) == [(2,)]
    assert phone.problems == []
    assert phone.faults() == []

    # Each reads it on their own page.
    for who in ("worker", "worker2"):
        mine = desk(who)
        mine.go("/console/me")
        section = mine.page.inner_text(phones_here)
        assert "已清除" in section
        assert "挂失后收到 1 条记录" in section
