"""A day on the hillside: sixty doors with photos, twenty plants and five cases without a signal; killed, with a wrong clock, twice at a door.

Every tap is one on the app's own elements; the sixty doors are gone through by the page itself, or the day would take an hour.
"""

import hashlib
from datetime import timedelta

import pytest
from tests import builders
from tests.journeys import test_field
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.phones import photo
from tests.journeys.test_field_plants import plants_campaign
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.visits.models import Visit
from wangge.visits.rules import day_of

pytestmark = pytest.mark.browser

signal, phones = test_field.signal, test_field.phones

HOMES, PLOTS, PLANTS, NEW_CASES = 60, 4, 5, 5
#: When the doors were visited last.
BEFORE = timedelta(days=40)

#: Hands: taps what is there as soon as it is there. A photo is drawn here, each another one, and goes through the app's own picker.
HANDS = """globalThis.hands = {
  async there(selector, within = 60000) {
    for (const end = performance.now() + within; performance.now() < end;) {
      const found = document.querySelector(selector);
      if (found && !found.disabled) return found;
      await new Promise((next) => setTimeout(next, 5));
    }
    throw new Error(`no ${selector} at ${location.hash}: ${document.querySelector('main')?.innerText.slice(0, 300)}`);
  },
  async tap(selector) { (await this.there(selector)).click(); },
  async type(selector, text) {
    const field = await this.there(selector);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  },
  async choose(selector, value) {
    const field = await this.there(selector);
    field.value = value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  },
  async photo(number) {
    const canvas = new OffscreenCanvas(480, 360), pen = canvas.getContext('2d');
    for (let at = 0; at < 300; at += 1) {
      pen.fillStyle = `hsl(${(number * 37 + at * 11) % 360} 70% ${20 + at % 60}%)`;
      pen.fillRect((at * 83 + number) % 480, (at * 47) % 360, 40, 30);
    }
    pen.fillText(`photo ${number}`, 10, 20);
    const files = new DataTransfer();
    const taken = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
    files.items.add(new File([taken], 'photo.jpg', { type: 'image/jpeg' }));
    const input = await this.there("[data-name='camera']");
    input.files = files.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await this.there('.photos img');
  },
  async save() {
    const here = location.hash;
    await this.tap("[data-name='save']");
    for (const end = performance.now() + 60000; location.hash === here;) {
      if (performance.now() > end) throw new Error(`still at ${here}: ${document.querySelector('main')?.innerText.slice(0, 300)}`);
      await new Promise((next) => setTimeout(next, 5));
    }
  },
  // Met; what was heard with its photo is added to the door's open case, or becomes a case.
  async visit({ home, number, to, item }) {
    location.hash = `#/visit/${home}`;
    await this.there(`main form a[href='#/home/${home}']`);
    await this.tap("[data-outcome='met']");
    await this.type('#note', `第${number}户：楼道灯不亮`);
    await this.tap("[data-name='to-case']");
    await this.there('#heard-title');
    if (to) await this.choose('#heard-to', to);
    else {
      await this.type('#item', '灯');
      await this.tap(`[data-item='${item}']`);
    }
    await this.type('#heard-title', `第${number}户楼道灯`);
    await this.photo(number);
    await this.save();
  },
  async plants({ home, campaign, count, from }) {
    location.hash = `#/plants/${home}?campaign=${campaign}`;
    for (let number = 1; number <= count; number += 1) {
      await this.there(`main a[href='#/plant-pictures']`);
      while (!document.querySelector("[data-name='number']")?.textContent.includes(` ${number} `)) await new Promise((next) => setTimeout(next, 5));
      await this.photo(1000 + from + number);
      await this.tap("[data-decision='nothing']");
      await this.tap("[data-name='save']");
    }
    while (!document.querySelector("[data-name='number']")?.textContent.includes(` ${count + 1} `)) await new Promise((next) => setTimeout(next, 5));
  },
};"""
VISITS = "async (doors) => { for (const each of doors) await hands.visit(each); }"
PLANTED = "async (plots) => { for (const each of plots) await hands.plants(each); }"


@pytest.fixture
def day(busy_town):
    """Sixty homes of grid_a, most with an open case that was reported at their door; four with a plot that a campaign asks for."""
    homes = [
        household(
            busy_town,
            busy_town.grid_a,
            f"{101 + place}",
            name=f"住户{place + 1}",
            lon=119.3515 + (place % 8) * 0.0009,
            lat=34.7415 + (place // 8) * 0.0009,
            has_plot=place < PLOTS,
        )
        for place in range(HOMES)
    ]
    known = {}
    for number, home in enumerate(homes[: HOMES - NEW_CASES]):
        case = busy_town.add(
            builders.case, busy_town.lamp_item, busy_town.grid_a, title=f"门前{number}", state="accepted"
        )
        known[home.pk] = case.pk
        was = clock.now() - BEFORE
        busy_town.add(
            builders.insert,
            Visit(
                id=new_id(),
                path=home.path,
                content_hash=hashlib.sha256(home.pk.bytes).digest(),
                household_id=home.pk,
                day=was.date(),
                happened_at=was,
                said_at=was,
                at=was,
                outcome="met",
                case_id=case.pk,
                visitor_id=busy_town.accounts["worker"].pk,
            ),
        )
    campaign = plants_campaign(busy_town, homes)
    return homes, known, campaign


def rename(phone, resident, name):
    phone.go(f"person/{resident}")
    phone.page.fill("#name", name)
    phone.page.tap("form button.main")
    phone.page.wait_for_url("**/field/#/home/*")


def test_a_day_on_the_hillside_arrives_once_and_whole(phones, day, signal, busy_town):
    homes, known, campaign = day
    account, began = busy_town.accounts["worker"].pk, day_of(clock.now())
    resident = homes[0].resident_row.pk
    doors = [
        {
            "home": str(home.pk),
            "number": number,
            "to": str(known.get(home.pk, "")),
            "item": busy_town.lamp_item.code,
        }
        for number, home in enumerate(homes, 1)
    ]
    one, other = phones(skew_days=2), phones()
    one.context.add_init_script(HANDS)
    for phone in (one, other):
        phone.sign_in("worker")
        phone.synced()
    one.page.evaluate(HANDS)

    signal.lose()
    rename(other, resident, "李秀芳")
    other.visit(homes[0].pk, "refused")
    one.page.evaluate(VISITS, doors[:30])
    rename(one, resident, "李秀珍")
    one.go("me")
    one.page.tap("[data-name='sign-out']")
    one.page.tap("[data-name='sign-out-yes']")
    one.page.wait_for_selector("text=不能退出")
    half_way = len(one.queue())
    assert half_way == 30 * 3 + 1

    # In the middle of a form: the battery dies.
    half_filled = f"visit/{homes[59].pk}"
    one.go(half_filled)
    one.page.tap("[data-outcome='met']")
    one.page.fill("#note", "腿脚不便，想要扶手")
    one.page.tap("[data-name='to-case']")
    chosen = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    with one.writing(half_filled):
        one.page.set_input_files("[data-name='camera']", chosen)
        one.page.wait_for_selector(".photos img")
    one.die()
    one.start()
    one.unlock()
    one.page.evaluate(HANDS)
    assert len(one.queue()) == half_way
    one.page.wait_for_selector("text=没填完的")
    one.shot(SCREENSHOTS, "unfinished")

    # It is left as it is; the day goes on.
    one.page.evaluate(VISITS, doors[30:59])
    plots = [
        {"home": str(home.pk), "campaign": str(campaign.pk), "count": PLANTS, "from": place * 100}
        for place, home in enumerate(homes[:PLOTS])
    ]
    one.page.evaluate(PLANTED, plots)
    written = one.queue()
    assert {state for _, _, state in written} == {"waiting"}
    assert [kind for _, kind, _ in written].count("plant.check") == PLOTS * PLANTS
    one.go("waiting")
    one.page.wait_for_selector("text=第31户楼道灯")
    one.shot(SCREENSHOTS, "waiting")

    # In the middle of a push: the server has carried out what it was sent, and the phone dies before it hears of it.
    other.page.evaluate("window.stays = true")
    one.die()
    signal.come_back()
    other.go("waiting")
    other.page.tap("[data-name='send']")
    other.synced()
    signal.gate.hold("/api/v1/sync/push")
    one.start()
    assert signal.gate.reached.wait(240)
    done = busy_town.rows("select count(*) from sync_synccommand where account_id = %s", [account])[0][0]
    assert 2 < done < len(written), "a part of the queue has arrived, and its phone does not know"
    one.die()
    # And the server with it.
    signal.gate.let_go()
    signal.lose()
    signal.come_back()
    one.start()
    one.unlock()
    one.synced(undecided=["conflict"])

    # The form is still there, and goes the way of all others.
    one.go("today")
    one.page.tap("text=继续填写")
    one.page.wait_for_selector(".photos img")
    assert one.page.input_value("#note") == "腿脚不便，想要扶手"
    one.page.fill("#heard-title", "第60户扶手")
    one.page.fill("#item", "灯")
    one.page.tap(f"[data-item='{busy_town.lamp_item.code}']")
    here = one.page.url
    one.page.tap("[data-name='save']")
    one.page.wait_for_url(lambda now: now != here)
    one.synced(undecided=["conflict"])

    arrived_once(busy_town, homes, known, campaign, began)
    commands = busy_town.rows("select status, count(*) from sync_synccommand group by 1 order by 1")
    assert commands == [("conflict", 1), ("done", len(written) - 1 + 2 + 2)]

    # Both values are shown, and a person picks.
    one.go("conflicts")
    one.page.wait_for_selector("text=李秀珍")
    one.page.wait_for_selector("[data-name='conflict']:has-text('李秀芳')")
    one.shot(SCREENSHOTS, "conflicts")
    assert one.faults() == []
    one.page.tap("input[value='mine']")
    one.page.tap("[data-name='conflict'] button.main")
    one.page.wait_for_selector(".toast")
    one.synced()
    assert busy_town.rows("select name from households_resident where id = %s", [resident]) == [("李秀珍",)]
    other.go("waiting")
    other.page.tap("[data-name='send']")
    other.synced()
    other.go(f"home/{homes[0].pk}")
    other.page.wait_for_selector("text=李秀珍")
    assert other.page.evaluate("window.stays"), "it was never loaded anew"
    assert one.problems == []
    assert other.problems == []
    one.go("me")
    one.page.tap("[data-name='sign-out']")
    one.page.tap("[data-name='sign-out-yes']")
    one.page.wait_for_selector("#username")
    until(
        one.page, "async () => (await indexedDB.databases()).map((one) => one.name).join() === 'wangge-field'"
    )


def arrived_once(town, homes, known, campaign, began):
    """What two phones wrote in this day lies at the server, each once, with its photo."""
    visits = town.rows(
        "select household_id, outcome, count(*) from visits_visit where at > now() - %s group by 1, 2",
        [BEFORE / 2],
    )
    assert sorted(visits, key=str) == sorted(
        [(home.pk, "met", 1) for home in homes] + [(homes[0].pk, "refused", 1)], key=str
    )
    days = town.rows("select distinct day from visits_visit where at > now() - %s", [BEFORE / 2])
    # Two of them where it became midnight meanwhile.
    assert {day for (day,) in days} <= {began, day_of(clock.now())}, "a clock two days wrong moves no visit"
    added = town.rows(
        "select c.id, count(distinct a.blob_id), count(a.id),"
        " (select count(*) from cases_note n where n.case_id = c.id) from cases_case c"
        " join cases_attachment a on a.case_id = c.id where c.title like '门前%%' group by c.id"
    )
    assert sorted(added, key=str) == sorted([(case, 1, 1, 1) for case in known.values()], key=str)
    cases = town.rows(
        "select c.title, count(a.id), count(distinct v.id) from cases_case c"
        " left join cases_attachment a on a.case_id = c.id left join visits_visit v on v.case_id = c.id"
        " where c.title not like '门前%%' group by c.id, 1 order by 1"
    )
    assert cases == [(f"第{number}户楼道灯", 1, 1) for number in range(56, 60)] + [("第60户扶手", 1, 1)]
    plants = town.rows(
        "select household_id, number, decision, count(*) from campaigns_plantcheck p"
        " join blobs_blob b on b.digest = p.photo where campaign_id = %s group by 1, 2, 3",
        [campaign.pk],
    )
    assert sorted(plants, key=str) == sorted(
        [(home.pk, number, "nothing", 1) for home in homes[:PLOTS] for number in range(1, PLANTS + 1)],
        key=str,
    )
