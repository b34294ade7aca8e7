"""What the service worker does: sends while no page is open, wipes a lost phone, and lets a new version in between two screens."""

import json
import shutil
from pathlib import Path

import pytest
from tests.journeys import test_field as day
from tests.journeys.hands import until
from tests.journeys.phones import photo

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

#: What a browser keeps for this address.
LEFT = """async () => {
  const caches_ = [];
  for (const name of await caches.keys()) caches_.push(...(await (await caches.open(name)).keys()).map((each) => each.url));
  return {
    tables: (await indexedDB.databases()).map((each) => each.name),
    caches: caches_,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    words: localStorage.length,
  };
}"""
NOTHING = {"tables": [], "caches": [], "workers": 0, "words": 0}
LOOK_FOR_NEW = """async () => {
  const kept = await navigator.serviceWorker.getRegistration('/field/');
  await kept.update();
  return Boolean(kept.waiting);
}"""
VERSION = "document.querySelector('meta[name=\"wangge-version\"]')?.content ?? ''"


def visit_with_photo(phone, home, item, title):
    """Met, and what was heard becomes a case with a photo."""
    phone.go(f"visit/{home.pk}")
    phone.page.tap("[data-outcome='met']")
    phone.page.tap("[data-name='to-case']")
    phone.page.fill("#heard-title", title)
    phone.page.fill("#item", "灯")
    phone.page.tap(f"[data-item='{item.code}']")
    chosen = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    phone.page.set_input_files("[data-name='camera']", chosen)
    phone.page.wait_for_selector(".photos img")
    here = phone.page.url
    phone.page.tap("[data-name='save']")
    phone.page.wait_for_url(lambda now: now != here)


def arrived(town, title):
    """The visit, its case, and how many photos that has."""
    return town.rows(
        "select v.household_id, count(a.id) from visits_visit v join cases_case c on c.id = v.case_id"
        " left join cases_attachment a on a.case_id = c.id where c.title = %s group by v.id, 1",
        [title],
    )


def wait_until_arrived(phone, town, title, expected):
    for _ in range(1200):
        if arrived(town, title) == expected:
            return
        phone.page.wait_for_timeout(100)
    raise AssertionError(arrived(town, title))


def close_and_send(phone, signal):
    """The app is closed, and then there is a signal: what stays open is another page, from which the browser is told of it."""
    watching = phone.context.new_page()
    phone.page.close()
    assert [page.url for page in phone.context.pages] == ["about:blank"]
    signal.come_back()
    browser, kept = phone.context.new_cdp_session(watching), []
    browser.on("ServiceWorker.workerRegistrationUpdated", lambda told: kept.extend(told["registrations"]))
    browser.send("ServiceWorker.enable")
    phone.page = watching
    for _ in range(1200):
        if kept:
            break
        watching.wait_for_timeout(50)
    (number,) = {each["registrationId"] for each in kept if each["scopeURL"] == f"{signal.address}/field/"}
    asked = {"origin": signal.address, "registrationId": number, "tag": "push", "lastChance": False}
    browser.send("ServiceWorker.dispatchSyncEvent", asked)


def test_the_worker_sends_what_waits_while_no_page_is_open(phones, homes, signal, busy_town):
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    visit_with_photo(phone, homes[0], busy_town.lamp_item, "楼道灯不亮")
    assert {kind for _, kind, _ in phone.queue()} == {"visit.record", "case.report"}

    close_and_send(phone, signal)
    wait_until_arrived(phone, busy_town, "楼道灯不亮", [(homes[0].pk, 1)])
    assert [page.url for page in phone.context.pages] == ["about:blank"]

    # Nobody typed the PIN; who types it finds an empty queue.
    phone.page.goto(f"{signal.address}/field/")
    phone.unlock()
    phone.synced()
    assert arrived(busy_town, "楼道灯不亮") == [(homes[0].pk, 1)]


def test_a_lost_phone_sends_what_it_holds_and_is_empty_after_its_next_contact(
    phones, homes, signal, busy_town
):
    locked, opened = phones(), phones()
    desk = busy_town.client("community")
    for phone in (locked, opened):
        phone.sign_in("worker")
        phone.synced()
        # The worker has all that it keeps.
        until(phone.page, "async () => Boolean((await navigator.serviceWorker.ready).active)")
        kept = phone.page.evaluate(LEFT)
        assert (len(kept["tables"]), kept["workers"]) == (2, 1)
        assert kept["caches"]
    signal.lose()
    visit_with_photo(locked, homes[0], busy_town.lamp_item, "一号机")
    visit_with_photo(opened, homes[1], busy_town.lamp_item, "二号机")
    for (device,) in busy_town.rows("select id::text from sync_device"):
        assert desk.post(f"/api/v1/sync/devices/{device}/lost").status_code == 200

    # One is open in somebody's hands, in the middle of a form.
    opened.go(f"visit/{homes[2].pk}")
    opened.page.tap("[data-outcome='met']")
    opened.page.fill("#note", "还没写完")

    # The other lies in the grass, locked, and is switched on by whoever finds it; nobody knows the PIN.
    locked.context.close()
    signal.come_back()
    locked.start()
    locked.page.wait_for_selector("#username")
    until(
        locked.page,
        f"async () => JSON.stringify(await ({LEFT})()) === '{json.dumps(NOTHING, separators=(',', ':'))}'",
    )
    assert arrived(busy_town, "一号机") == [(homes[0].pk, 1)]

    opened.page.evaluate("dispatchEvent(new Event('online'))")
    opened.page.wait_for_selector("#username")
    until(
        opened.page,
        f"async () => JSON.stringify(await ({LEFT})()) === '{json.dumps(NOTHING, separators=(',', ':'))}'",
    )
    assert arrived(busy_town, "二号机") == [(homes[1].pk, 1)]
    until_told = "select count(*) from sync_device where wiped_at is not null"
    for _ in range(2400):
        if busy_town.rows(until_told) == [(2,)]:
            break
        opened.page.wait_for_timeout(100)
    assert busy_town.rows(until_told) == [(2,)], "the desk hears that both are empty"
    assert locked.problems == []
    assert opened.problems == []

    # Its owner has it back and signs in as on a new one.
    opened.page.reload()
    opened.sign_in("worker")
    opened.synced()


@pytest.fixture
def release(monkeypatch, tmp_path):
    """Puts another version of the app on the server: the same parts under another stamp."""
    from wangge.doors.field import pages

    built = Path(pages._built("files.json")).parent
    made = []

    def put(version):
        folder = tmp_path / version
        folder.mkdir()
        told = json.loads((built / "files.json").read_text())
        worker = (built / "worker.js").read_text()
        assert told["version"] in worker
        (folder / "files.json").write_text(json.dumps(told | {"version": version}))
        (folder / "worker.js").write_text(worker.replace(told["version"], version))
        made.append(folder)
        monkeypatch.setattr(pages, "_built", lambda name: folder / name)

    yield put
    for folder in made:
        shutil.rmtree(folder)


def test_a_new_version_takes_over_between_two_screens_and_sends_what_the_old_one_wrote(
    phones,
    homes,
    signal,
    release,
    busy_town,
):
    phone = phones()
    page = phone.page
    phone.sign_in("worker")
    phone.synced()
    page.evaluate("window.since = 'the old version'")

    # In a form, while a new version comes.
    phone.go(f"visit/{homes[0].pk}")
    page.tap("[data-outcome='met']")
    page.fill("#note", "正在填写")
    release("v-two")
    until(page, LOOK_FOR_NEW)
    phone.rest()
    assert page.query_selector("main .notice.good") is None, "nothing is offered in a form"
    assert page.input_value("#note") == "正在填写"
    # The old version sends to the new server.
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)
    phone.synced()
    assert busy_town.rows("select household_id from visits_visit") == [(homes[0].pk,)]
    signal.lose()
    phone.visit(homes[1].pk)
    assert page.evaluate("window.since") == "the old version"

    # Between two screens it is offered, and taken, without a signal.
    phone.go("today")
    page.tap("main .notice.good button")
    page.wait_for_selector("[data-digit='0']")
    until(page, f"({VERSION}) === 'v-two'")
    assert page.evaluate("window.since ?? ''") == ""
    phone.unlock()
    assert len(phone.queue()) == 1
    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    assert len(busy_town.rows("select id from visits_visit")) == 2

    # While it is locked the next one comes by itself; what was half filled is there after it.
    form = f"visit/{homes[2].pk}"
    phone.go(form)
    with phone.writing(form):
        page.tap("[data-outcome='met']")
        page.fill("#note", "写到一半")
    release("v-three")
    until(page, LOOK_FOR_NEW)
    assert page.input_value("#note") == "写到一半"
    assert page.evaluate(VERSION) == "v-two"
    phone.go("patrol")
    phone.rest()
    assert page.evaluate(VERSION) == "v-two"
    phone.go("me")
    page.tap("[data-name='lock']")
    until(page, f"({VERSION}) === 'v-three'")
    phone.unlock()
    phone.go("today")
    page.tap("text=继续填写")
    page.wait_for_selector("#note")
    until(page, "document.querySelector('#note').value === '写到一半'")
    names = page.evaluate("caches.keys()")
    assert sorted(name for name in names if name.startswith("wangge-field-")) == [
        "wangge-field-v-three",
        "wangge-field-v-two",
    ]
    assert phone.problems == []
