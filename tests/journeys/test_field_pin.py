"""Somebody tries PINs: what was synced goes, and what its worker wrote comes back with the password."""

import pytest
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

WRONG = "904715"
#: How many pages of records lie on the disk.
PAGES = """async (account) => {
  const asked = indexedDB.open(`wangge-field-${account}`);
  await new Promise((done) => { asked.onsuccess = done });
  const all = asked.result.transaction('pages').objectStore('pages').count();
  await new Promise((done) => { all.onsuccess = done });
  asked.result.close();
  return all.result;
}"""


def tried(phone, left):
    """A wrong PIN, until the screen says how many are left."""
    phone.type_pin(WRONG)
    phone.page.wait_for_selector(f"text=还可以试 {left} 次")


def test_ten_wrong_pins_take_nothing_that_its_worker_wrote(phones, homes, signal, busy_town):
    account = busy_town.accounts["worker"].pk
    phone, found = phones(), []
    page = phone.page
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    phone.visit(homes[1].pk)
    form = f"visit/{homes[0].pk}"
    phone.go(form)
    page.tap("[data-outcome='met']")
    with phone.writing(form):
        page.fill("#note", "说了一半")
    phone.go("me")
    page.tap("[data-name='lock']")

    for left in range(9, 5, -1):
        tried(phone, left)
    assert "没填完的表格不会丢" not in page.inner_text(".sheet")
    tried(phone, 5)
    assert "没填完的表格不会丢" in page.inner_text(".sheet"), "it says in time what happens then"
    phone.shot(SCREENSHOTS, "pin-warned")
    found += phone.faults()
    assert phone.fits()
    for left in range(4, 0, -1):
        tried(phone, left)
    assert page.evaluate(PAGES, account) > 0
    phone.type_pin(WRONG)
    page.wait_for_selector("#username")
    page.wait_for_selector("[role='alert'] >> text=输错次数太多")
    assert page.inner_text("[data-name='drafts-kept']") == "1 份没填完的表格，登录后恢复"
    phone.shot(SCREENSHOTS, "pin-gone")
    found += phone.faults()
    assert page.evaluate(PAGES, account) == 0
    assert [kind for _, kind, _ in phone.queue()] == ["visit.record"]

    signal.come_back()
    phone.sign_in("worker")
    phone.synced()
    assert busy_town.rows("select household_id from visits_visit") == [(homes[1].pk,)]
    phone.at("today")
    page.tap("text=继续填写")
    until(page, "() => document.querySelector('#note')?.value === '说了一半'")
    assert found == []
    assert phone.problems == []
