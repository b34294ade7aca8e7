"""What waits on a phone and cannot go as it usually does: two people's phone is lost, photos wait for Wi-Fi, a file is carried away."""

import json
from pathlib import Path

import pytest
from tests.journeys import test_field as day
from tests.journeys.hands import until
from tests.journeys.test_field_worker import LEFT, NOTHING, arrived, visit_with_photo

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


#: A connection that costs its owner, storage that the browser may clear, and each writing of the queue with what was asked of it; its
#: end is told to the app when `release` is called, as a slow disk would.
SLOW_DISK = """
Object.defineProperty(navigator, 'connection', { value: Object.assign(new EventTarget(), { type: 'cellular' }), configurable: true });
window.asked = 0;
navigator.storage.persist = async () => { window.asked += 1; return false; };
window.writes = [];
window.slow = null;
const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, how) {
  const made = transaction.call(this, stores, mode, how);
  if (mode !== 'readwrite' || ![stores].flat().includes('outbox')) return made;
  const write = { stores: [stores].flat(), durability: made.durability, complete: false };
  window.writes.push(write);
  made.addEventListener('complete', () => { write.complete = true; });
  const listen = made.addEventListener;
  made.addEventListener = function (what, act, ...more) {
    const later = (event) => (window.slow ?? Promise.resolve()).then(() => act.call(made, event));
    listen.call(made, what, what === 'complete' ? later : act, ...more);
  };
  return made;
};
"""
HOLD = "() => { window.slow = new Promise((done) => { window.release = () => { window.slow = null; done(); } }) }"
#: Two days and more ago, by the row that lies on the disk.
AGED = """async () => {
  for (const { name } of await indexedDB.databases()) {
    if (!/^wangge-field-\\d/.test(name)) continue;
    await new Promise((done) => {
      indexedDB.open(name).onsuccess = ({ target: { result: database } }) => {
        const write = database.transaction('outbox', 'readwrite');
        write.objectStore('outbox').openCursor().onsuccess = ({ target: { result: each } }) => {
          if (!each) return;
          each.update({ ...each.value, at: new Date(Date.now() - 50 * 3600000).toISOString() });
          each.continue();
        };
        write.oncomplete = () => { database.close(); done(); };
      };
    });
  }
}"""
TWO_FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
)


def test_what_waits_is_safe_on_the_disk_waits_for_wifi_warns_and_is_carried_away(
    phones, homes, signal, busy_town, desk
):
    phone = phones()
    page = phone.page
    phone.context.add_init_script(SLOW_DISK)
    page.reload()
    phone.sign_in("worker")
    phone.synced()
    # Storage was asked to be kept, and what the browser said is told.
    phone.at("me")
    assert page.evaluate("window.asked") >= 1
    assert "浏览器可能清理数据" in page.inner_text("[data-name='storage']")
    page.tap("[data-name='photos-wifi']")
    until(page, "document.querySelector('[data-name=photos-wifi]').getAttribute('aria-pressed') === 'true'")

    # It says "saved" when it is on the disk, and not before.
    page.evaluate("window.writes.length = 0")
    phone.go(f"visit/{homes[1].pk}")
    page.tap("[data-outcome='well']")
    here = page.url
    page.evaluate(HOLD)
    page.tap("[data-name='save']")
    until(page, "window.writes[0]?.complete === true")
    page.evaluate(TWO_FRAMES)
    assert page.query_selector(".toast") is None
    assert page.url == here
    page.evaluate("window.release()")
    page.wait_for_selector(".toast")
    page.wait_for_url(lambda now: now != here)

    # Words go by any line; photos, and what names them, wait for Wi-Fi.
    phone.synced()
    visit_with_photo(phone, homes[0], busy_town.lamp_item, "楼道灯不亮")
    phone.synced(waiting=1)
    there = sorted(busy_town.rows("select household_id from visits_visit"))
    assert there == sorted([(homes[0].pk,), (homes[1].pk,)])
    assert busy_town.rows("select id from cases_case where title = '楼道灯不亮'") == []
    assert page.evaluate("window.writes.length") >= 2
    assert page.evaluate("window.writes.every((each) => each.durability === 'strict')")
    phone.at("waiting")
    assert page.inner_text("[data-name='wifi']") == "等 Wi-Fi"
    assert page.query_selector("[data-name='photos-now']")
    assert page.query_selector("[data-name='overdue']") is None
    assert phone.faults() == []
    assert phone.fits()

    # Two days later it is said what to do.
    page.evaluate(AGED)
    signal.lose()
    page.reload()
    phone.unlock()
    phone.at("today")
    assert "待发送" in page.inner_text("[data-name='overdue']")
    assert phone.faults() == []
    phone.at("waiting")
    assert "导出文件带走" in page.inner_text("[data-name='overdue']")
    page.tap("text=导出为文件带走")
    with page.expect_download() as downloading:
        page.tap("[data-name='export']")
    assert downloading.value.suggested_filename.endswith(".wangge")
    content = Path(downloading.value.path()).read_bytes()
    assert "楼道灯不亮".encode() not in content
    assert b"case.report" not in content
    assert phone.problems == []

    # The phone is broken; its worker reads the file in at a desk, a second time by mistake.
    phone.context.close()
    signal.come_back()
    office = desk("worker")
    office.go("/console/me")
    for expected in ("已接收 1 条", "其中 1 条此前已收到"):
        file = {"name": "a.wangge", "mimeType": "application/octet-stream", "buffer": content}
        office.page.set_input_files("#waiting-file", file)
        office.page.click("section[aria-labelledby='carried'] button")
        office.page.wait_for_selector(f"text={expected}")
        assert office.faults() == []
    assert arrived(busy_town, "楼道灯不亮") == [(homes[0].pk, 1)]

    # A phone of theirs reads such files too, says what it cannot read, and need not send what the server has by now.
    phone.start()
    phone.unlock()
    phone.go("waiting")
    page = phone.page
    for bad, said in (
        (content[:-9], "文件不完整"),
        (b"hello", "不是从网格员手机导出"),
        (content, "此前已收到 1 条"),
    ):
        file = {"name": "a.wangge", "mimeType": "application/octet-stream", "buffer": bad}
        page.set_input_files("[data-name='read-in']", file)
        page.wait_for_selector(f"[data-name='came'] >> text={said}")
    phone.synced()
    assert arrived(busy_town, "楼道灯不亮") == [(homes[0].pk, 1)]
