"""What a worker does at a door and on the way, without a signal: homes, moves, needs, a patrol, a plate, what was heard with a photo."""

import hashlib
import io
import json
from datetime import date, timedelta

import pytest
from PIL import Image
from tests import builders
from tests.households import homes as register
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.phones import photo
from tests.visits.homes import LONG_AGO, household

from wangge.base import clock
from wangge.households.models import Stay

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

PLATE, OTHER_PLATE = "7K3XWG29ABCDEFGH", "2345WG29ABCDEFGH"
#: A reader of codes where the browser has none: it sees what the test holds before it.
READER = """globalThis.BarcodeDetector = class {
  async detect() { return globalThis.held ? [{ rawValue: globalThis.held }] : []; }
};"""
#: Positions that were asked for: none may be before its worker starts a track.
ASKED = """const watch = navigator.geolocation.watchPosition.bind(navigator.geolocation);
const clear = navigator.geolocation.clearWatch.bind(navigator.geolocation);
globalThis.asked = { watches: 0, ended: 0, watch, clear };
navigator.geolocation.watchPosition = (...given) => { asked.watches += 1; return watch(...given); };
navigator.geolocation.clearWatch = (id) => { asked.ended += 1; clear(id); };"""

#: A watch of the test's own beside the page's: both hear of each position at once.
FEEL = """() => {
  if (globalThis.feeling !== undefined) return;
  const watch = globalThis.asked?.watch ?? navigator.geolocation.watchPosition.bind(navigator.geolocation);
  globalThis.feeling = watch(({ coords }) => { globalThis.felt = coords.latitude; globalThis.feltAt = Date.now(); });
}"""

#: A disk with no room for commands and forms, until `room()` is called.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  globalThis.room = () => { IDBObjectStore.prototype.put = put };
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === 'outbox' || this.name === 'drafts') throw new DOMException('no room', 'QuotaExceededError');
    return put.apply(this, given);
  };
}"""
#: What is to be done minutes later waits in `waiting`, in milliseconds, and is done by the test.
WAITING = """() => {
  const real = globalThis.setTimeout;
  globalThis.waiting = [];
  globalThis.setTimeout = (work, milliseconds, ...given) =>
    milliseconds >= 60000 && milliseconds <= 300000 && work.length === 0 ? waiting.push([milliseconds, work]) : real(work, milliseconds, ...given);
}"""
TWICE = "() => { const save = document.querySelector(\"[data-name='save']\"); save.click(); save.click(); }"


@pytest.fixture
def plated(busy_town):
    """Two homes with door plates."""
    return [
        household(busy_town, busy_town.grid_a, "201", lon=119.355, lat=34.745, plate=PLATE, name="何桂花"),
        household(
            busy_town, busy_town.grid_a, "202", lon=119.356, lat=34.745, plate=OTHER_PLATE, name="许文斌"
        ),
    ]


def walk(phone, *steps):
    phone.page.evaluate(FEEL)
    for latitude in steps:
        # The points of a track lie a second apart.
        until(phone.page, "!globalThis.feltAt || Date.now() - feltAt > 1000")
        phone.context.set_geolocation({"latitude": latitude, "longitude": 119.355, "accuracy": 6})
        until(phone.page, "(latitude) => globalThis.felt === latitude", arg=latitude)


def saved(phone):
    phone.page.wait_for_selector(".toast")


def looked_at(phone, name, found):
    phone.rest()
    phone.shot(SCREENSHOTS, f"doors-{name}")
    # At its end nothing of a form lies under the bar that is always at hand.
    phone.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    found += [f"{name} {fault}" for fault in phone.faults()]
    assert phone.fits(), name


def is_shrunk_and_bare(name, came):
    """What left the phone of a large photo: small, upright, without what the camera wrote, and named by its own bytes."""
    assert name == hashlib.sha256(came).hexdigest()
    assert len(came) <= 300_000
    assert b"Exif" not in came[:4096]
    picture = Image.open(io.BytesIO(came))
    assert not picture.getexif()
    width, height = picture.size
    assert abs(width / height - 3 / 4) < 0.01, "it was held upright"
    # The patch near the corner where the camera's first line is, which is at the right when it is held so.
    green = [picture.getpixel((width * x // 6, height // 8)) for x in (1, 5)]
    assert [pixel[1] - max(pixel[0], pixel[2]) > 60 for pixel in green] == [False, True], green


def test_homes_moves_and_needs_are_written_down_without_a_signal(phones, homes, signal, busy_town):
    account = busy_town.accounts["worker"].pk
    leaver = homes[1].resident_row.pk
    facts = {"resident_id": leaver, "household_id": homes[1].pk, "path": homes[1].path, "from_on": LONG_AGO}
    busy_town.add(builders.insert, Stay(came="known", **facts))
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    page = phone.page

    phone.go("homes")
    page.tap("[data-name='new-home']")
    page.wait_for_selector("#building")
    page.tap("[data-name='save']")
    page.wait_for_selector("main >> text=请选择楼栋")
    looked_at(phone, "new-home", found)
    page.fill("#building", "105")
    page.tap("[data-building] >> nth=0")
    page.fill("#door", "105")
    page.wait_for_selector("text=这一门牌已登记住户")
    page.fill("#door", "106")
    page.fill("#name", "江春梅")
    page.fill("#birth_year", "1790")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=出生年份应在")
    page.fill("#birth_year", "1948")
    page.fill("#phone", "13800138000")
    page.check("text=除法定走访外不上门")
    page.tap("[data-name='save']")
    page.wait_for_url("**/field/#/home/*")
    home = page.url.rsplit("/", 1)[-1]
    page.wait_for_selector("text=除法定走访外不上门")
    page.tap("text=增加成员")
    page.fill("#name", "江小满")
    page.select_option("#relation", "grandchild")
    page.tap("form button.main")
    page.wait_for_url(f"**/field/#/home/{home}")
    page.wait_for_selector("text=江小满")

    page.tap("a[aria-label*='江春梅']")
    page.tap("[data-name='care']")
    page.tap("[data-name='add']")
    page.select_option("#kind", "other")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=只能经本人同意登记")
    looked_at(phone, "care", found)
    page.select_option("#kind", "living_alone")
    page.fill("#law", "《老年人权益保障法》第十三条")
    page.fill("#until", (date.today() + timedelta(days=30)).isoformat())
    page.fill("#detail", "膝盖不好")
    page.tap("[data-name='save']")
    page.wait_for_url(f"**/field/#/home/{home}")
    page.wait_for_selector("text=独居")

    grandchild = page.get_attribute("a[aria-label*='江小满']", "href").rsplit("/", 1)[-1]
    phone.go(f"move/{grandchild}")
    page.tap("[data-move='within']")
    page.fill("#to", "李秀英")
    looked_at(phone, "move", found)
    page.tap("[data-home] >> nth=0")
    page.tap("[data-name='save']")
    page.wait_for_url(f"**/field/#/home/{home}")
    page.wait_for_selector("main >> text=江小满", state="detached")
    phone.go(f"move/{leaver}")
    page.tap("[data-move='out']")
    page.tap("[data-name='save']")
    page.wait_for_url(f"**/field/#/home/{homes[1].pk}")
    page.wait_for_selector("[data-name='left']")
    looked_at(phone, "left", found)
    # A phone that dies keeps all of it.
    assert len(phone.queue(account)) == 6
    phone.die()
    phone.start()
    phone.unlock()
    phone.go(f"home/{home}")
    phone.page.wait_for_selector("text=江春梅")

    signal.come_back()
    phone.go("waiting")
    phone.page.tap("[data-name='send']")
    phone.synced()
    assert busy_town.rows(
        "select h.only_by_law, d.door, b.name, d.path::text from households_household h"
        " join households_dwelling d on d.id = h.dwelling_id join households_building b on b.id = d.building_id where h.id = %s",
        [home],
    ) == [(True, "106", "105号楼", busy_town.grid_a.path)]
    people = busy_town.rows(
        "select name, household_id::text, phone_tail from households_resident where name like %s order by name",
        ["江%"],
    )
    assert people == [("江小满", str(homes[0].pk), ""), ("江春梅", home, "8000")]
    assert busy_town.rows(
        "select kind, law, ended_on from households_careneed where resident_id in (select id from households_resident where name = '江春梅')"
    ) == [("living_alone", "《老年人权益保障法》第十三条", None)]
    assert phone.queue(account) == []
    assert busy_town.rows("select went from households_stay where resident_id = %s", [leaver]) == [
        ("moved_out",)
    ]
    assert busy_town.rows("select household_id from households_resident where id = %s", [leaver]) == [(None,)]

    # What was added is ended again, with a signal.
    resident = busy_town.rows("select id::text from households_resident where name = '江春梅'")[0][0]
    phone.go(f"care/{resident}")
    phone.page.tap("[data-name='end']")
    phone.page.tap("[data-name='end-yes']")
    saved(phone)
    phone.synced()
    assert busy_town.rows(
        "select ended_on is not null from households_careneed where resident_id = %s", [resident]
    ) == [(True,)]
    assert found == []
    assert phone.problems == []


def test_a_track_is_kept_only_on_shift_from_when_its_worker_started_it(phones, homes, signal, busy_town):
    phone, found = phones(skew_days=2), []
    phone.context.add_init_script(ASKED)
    phone.page.reload()
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    signal.lose()

    phone.go("patrol")
    page.wait_for_selector("[data-name='no-shift']")
    assert page.query_selector("[data-name='start-patrol']") is None
    phone.go("today")
    page.tap("[data-name='shift']")
    saved(phone)
    page.tap("[data-name='patrol']")
    page.tap("[data-name='start-patrol']")
    walk(phone, 34.7440, 34.7444)
    assert page.evaluate("asked.watches") == 0
    page.wait_for_selector("[data-name='track']:has-text('没有记录轨迹')")
    until(page, "Date.now() - feltAt > 1000")
    page.tap("[data-name='start-track']")
    # Where one stands is the first point.
    page.wait_for_selector("[data-name='track']:has-text('1')")
    walk(phone, 34.7450, 34.7454, 34.7458)
    page.tap("[data-name='stop-track']")
    walk(phone, 34.7480, 34.7460)
    page.tap("[data-name='start-track']")
    walk(phone, 34.7462)
    page.wait_for_selector("svg.grid-map")
    looked_at(phone, "patrol", found)

    page.tap("[data-name='photo-note']")
    page.fill("#title", "井盖缺失")
    page.fill("#item", "灯")
    page.tap("[data-item='M01-01']")
    page.set_input_files(
        "[data-name='camera']", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.wait_for_selector(".photos img")
    page.tap("[data-name='save']")
    page.wait_for_url("**/field/#/patrol")
    # The battery dies: the track so far is there, and no position is taken until its worker asks for it.
    phone.die()
    phone.start()
    phone.unlock()
    page = phone.page
    phone.go("patrol")
    page.wait_for_selector("text=轨迹已暂停")
    page.fill("#patrol-note", "河边无异常")
    phone.go("today")
    page.tap("[data-name='patrol']")
    page.tap("[data-name='start-track']")
    walk(phone, 34.7466)
    phone.go("today")
    page.tap("[data-name='shift']")
    saved(phone)
    walk(phone, 34.7490)
    phone.go("tracks")
    page.wait_for_selector("[data-name='own-track']")
    page.wait_for_selector("main >> text=有网络时才能查看")
    looked_at(phone, "tracks", found)

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    (patrol,) = busy_town.rows(
        "select id::text, note, started_at < now() + interval '1 minute' from visits_patrol"
    )
    assert patrol[1:] == ("河边无异常", True)
    ((track,),) = busy_town.rows("select points from visits_track")
    points = json.loads(track) if isinstance(track, str) else track
    walked = [round(lat, 4) for _lon, lat, _seconds in points]
    assert {34.745, 34.7454, 34.7458} <= set(walked)
    assert not {34.744, 34.748, 34.749} & set(walked), "nothing before, between and after"
    assert busy_town.rows(
        "select c.title, c.source, count(a.id) from cases_case c join cases_attachment a on a.case_id = c.id group by 1, 2"
    ) == [("井盖缺失", "patrol", 1)]

    phone.go("today")
    phone.go("tracks")
    page.wait_for_selector("[data-name='own-track']")
    with page.expect_download() as carried:
        page.tap("[data-name='carry-away']")
    (feature,) = json.loads(carried.value.path().read_text())["features"]
    assert feature["id"] == patrol[0]
    assert len(feature["geometry"]["coordinates"]) == len(points)
    page.tap("[data-name='erase']")
    page.tap("[data-name='erase-yes']")
    page.wait_for_selector("text=已删除")
    assert busy_town.rows("select count(*) from visits_track") == [(0,)]
    assert busy_town.rows("select count(*) from visits_patrol") == [(1,)]
    assert found == []
    assert phone.problems == []


def test_at_the_door_a_plate_is_read_and_what_was_heard_becomes_a_case_with_its_photo(
    phones, homes, plated, signal, busy_town
):
    phone, found = phones(), []
    phone.context.add_init_script(READER)
    phone.page.reload()
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    signal.lose()

    phone.go(f"visit/{plated[0].pk}")
    page.tap("summary")
    page.fill("#plate", OTHER_PLATE)
    page.tap("[data-name='plate-take']")
    page.wait_for_selector("text=这是别家的门牌")
    page.fill("#plate", "NOSUCHPLATE")
    page.tap("[data-name='plate-take']")
    page.wait_for_selector("text=手机上没有这个门牌码")
    page.fill("#plate", PLATE.lower())
    page.tap("[data-name='plate-take']")
    page.wait_for_selector("text=已确认：门牌相符")
    page.tap("[data-outcome='met']")
    page.fill("#note", "楼道灯不亮，晚上看不见")
    page.tap("[data-name='to-case']")
    page.wait_for_selector("#heard-title")
    assert page.input_value("#heard-title") == "楼道灯不亮，晚上看不见"
    page.fill("#heard-title", "楼道灯不亮")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=请选择事项")
    page.fill("#item", "灯")
    page.tap("[data-item='M01-01']")
    # As a good camera takes it that was held upright: 12 million pixels of which none is like another, and where it was.
    large = photo("lime", size=(4000, 3000), orientation=6)
    assert len(large) > 3_000_000
    page.set_input_files("[data-name='camera']", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": large})
    page.wait_for_selector(".photos img")
    looked_at(phone, "heard", found)
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)

    phone.go(f"visit/{plated[1].pk}")
    page.wait_for_selector("text=许文斌")
    page.tap("summary")
    page.evaluate("(plate) => { globalThis.held = `https://example.test/d/${plate}` }", OTHER_PLATE)
    page.tap("[data-name='scan']")
    page.wait_for_selector("text=已确认：门牌相符")
    looked_at(phone, "plate", found)
    page.tap("[data-outcome='well']")
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)

    phone.go("homes")
    page.tap("[data-name='by-plate']")
    page.fill("#plate", PLATE)
    page.tap("[data-name='plate-take']")
    page.wait_for_url(f"**/field/#/home/{plated[0].pk}")

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    visits = busy_town.rows(
        "select v.household_id, v.outcome, v.seen, v.case_id, c.title from visits_visit v left join cases_case c on c.id = v.case_id order by v.outcome, v.said_at"
    )
    assert [(row[0], row[1], row[2], row[4]) for row in visits] == [
        (plated[0].pk, "met", "plate", "楼道灯不亮"),
        (plated[1].pk, "met", "plate", None),
    ]
    assert busy_town.rows(
        "select c.title, count(a.id) from cases_case c join cases_attachment a on a.case_id = c.id group by 1"
    ) == [("楼道灯不亮", 1)]
    ((name, came),) = signal.gate.photos.items()
    is_shrunk_and_bare(name, bytes(came))
    assert found == []
    assert phone.problems == []


def test_a_whole_number_is_shown_for_minutes_with_a_reason_and_can_be_taken_away(
    phones, homes, signal, busy_town
):
    from django.db import transaction

    with transaction.atomic():
        own = busy_town.as_viewer("worker", now=clock.now())
        home = register.home(own, busy_town.grid_a, now=clock.now())
        known = register.person(own, home, "钱同", phone="13800138000", now=clock.now())
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    page.evaluate(WAITING)
    signal.lose()
    phone.go(f"home/{home.pk}")
    page.tap("[data-name='reveal']")
    page.select_option("main form select", "care")
    page.tap("[data-name='reveal-yes']")
    page.wait_for_selector("[role='alert'] >> text=查看完整电话需要网络")
    looked_at(phone, "reveal", found)
    assert "13800138000" not in page.content()
    signal.come_back()
    page.tap("[data-name='reveal-yes']")
    page.wait_for_selector("[data-name='number'] >> text=13800138000")
    page.wait_for_selector("text=电话几分钟后会自动隐藏")
    told = "select after->>'purpose', after->'what' from journal_entry where verb = 'resident.revealed'"
    assert busy_town.rows(told) == [("care", ["phone"])]
    # The minutes pass.
    (waited,) = page.evaluate("waiting.map(([milliseconds]) => milliseconds / 60000)")
    assert 1 <= waited <= 5
    page.evaluate("waiting.forEach(([, work]) => work())")
    page.wait_for_selector("[data-name='number']", state="detached")
    assert "13800138000" not in page.content()

    # It is nobody's any more: on the phone at once, at the server when there is a signal.
    signal.lose()
    page.tap("a[aria-label*='钱同']")
    page.check("[data-name='no-phone']")
    page.wait_for_selector("#phone", state="detached")
    looked_at(phone, "no-phone", found)
    page.tap("form button.main")
    page.wait_for_url(f"**/field/#/home/{home.pk}")
    page.wait_for_selector("main .chip.waits")
    assert "8000" not in page.inner_text("main")
    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    numbers = "select phone, phone_hash, phone_tail from households_resident where id = %s"
    assert busy_town.rows(numbers, [known.pk]) == [(None, None, "")]
    phone.go(f"person/{known.pk}")
    page.wait_for_selector("text=尚未登记电话")
    assert found == []
    assert phone.problems == []


def test_two_quick_taps_write_once_and_a_full_phone_loses_nothing(phones, homes, signal):
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    signal.lose()
    page, form = phone.page, f"visit/{homes[0].pk}"
    phone.go(form)
    page.tap("[data-outcome='met']")
    with phone.writing(form):
        page.fill("#note", "楼道灯坏了")
    page.evaluate(FULL)
    page.tap("[data-name='save']")
    page.wait_for_selector("[role='alert'] >> text=手机空间不足")
    looked_at(phone, "full", found)
    assert (page.input_value("#note"), phone.queue()) == ("楼道灯坏了", [])
    page.evaluate("room()")
    here = page.url
    page.evaluate(TWICE)
    page.wait_for_url(lambda now: now != here)
    saved(phone)
    assert [kind for _, kind, _ in phone.queue()] == ["visit.record"]
    phone.go("report")
    with phone.writing("report"):
        page.fill("#title", "井盖松动")
    phone.go("me")
    page.tap("[data-name='sign-out']")
    page.wait_for_selector("text=还有 1 份没填完的表格会一起删除")
    assert page.inner_text("[data-name='unfinished']").strip() == "上报事件"
    looked_at(phone, "sign-out", found)
    assert found == []
    assert phone.problems == []
