"""What is seen and said on the way: a report with photo, recording and place, a record that is changed at the door; heard at the desk."""

import pytest
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.phones import photo

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

_VOICE = ".voice"
#: What is played is muted, since nobody has touched the page; whether sound comes out of it is told by how far it is.
_PLAY = """async () => {
  const audio = document.querySelector('#part-head audio');
  audio.muted = true;
  await audio.play();
}"""
_PLAYED = "() => { const audio = document.querySelector('#part-head audio'); return audio.ended || audio.currentTime > 0.5 }"


def test_what_is_seen_and_said_without_a_signal_is_looked_at_and_heard_at_the_desk(
    desk, phones, homes, signal, busy_town
):
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    # It can be put among the phone's own apps.
    until(phone.page, "async () => Boolean((await navigator.serviceWorker.ready).active)")
    lacking = phone.context.new_cdp_session(phone.page).send("Page.getInstallabilityErrors")
    assert lacking["installabilityErrors"] == []
    signal.lose()

    phone.go("report")
    phone.page.fill("#title", "河堤塌了一段")
    phone.page.fill("#item", "灯")
    phone.page.tap("[data-item='M01-01']")
    permission = phone.context.new_cdp_session(phone.page)
    geolocation = {"permission": {"name": "geolocation"}}
    permission.send("Browser.setPermission", {**geolocation, "setting": "denied"})
    phone.page.tap("[data-name='take-place']")
    phone.page.wait_for_selector("[data-name='untold'] >> text=没有得到定位许可")
    permission.send("Browser.setPermission", {**geolocation, "setting": "granted"})
    phone.page.tap("[data-name='take-place']")
    phone.page.wait_for_selector("[data-name='take-place']:has-text('已记下位置')")
    phone.page.wait_for_selector("[data-name='untold']", state="detached")
    chosen = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    phone.page.set_input_files("[data-name='camera']", chosen)
    phone.page.wait_for_selector(".photos img")
    # The battery dies while somebody speaks: what was said so far is there.
    with phone.writing("report"):
        phone.page.tap(f"{_VOICE} button")
    # What is written next is no longer the photo.
    with phone.writing("report"):
        pass
    phone.page.wait_for_selector(f"{_VOICE} [data-name='seconds']")
    phone.die()
    phone.start()
    phone.unlock()
    page = phone.page
    page.tap("text=继续填写")
    page.wait_for_selector(f"{_VOICE} audio")
    page.wait_for_selector(".photos img")
    phone.rest()
    phone.shot(SCREENSHOTS, "report-voice")
    found += phone.faults() + phone.cramped()
    page.tap("[data-name='save']")
    page.wait_for_selector(".toast")

    # What was said at a door changes the record, in the same go.
    home = homes[0].pk
    phone.go(f"visit/{home}")
    page.tap("[data-outcome='met']")
    page.fill("#note", "屋后开了菜地")
    page.tap("button:has-text('修改资料')")
    page.wait_for_url(f"**/field/#/home/{home}")
    page.tap(f"a[href='#/change/{home}']")
    page.tap("label:has-text('菜地')")
    page.tap("form button.main")
    page.wait_for_url(f"**/field/#/home/{home}")

    # At the next door somebody saves while they still speak: what they said goes along.
    phone.go(f"visit/{homes[1].pk}")
    page.tap("[data-outcome='met']")
    page.tap("[data-name='to-case']")
    page.fill("#heard-title", "楼道灯不亮")
    page.fill("#item", "灯")
    page.tap("[data-item='M01-01']")
    page.tap(f"{_VOICE} button")
    page.wait_for_selector(f"{_VOICE} [data-name='seconds']:has-text('1 s')")
    here = page.url
    page.tap("[data-name='save']")
    page.wait_for_url(lambda now: now != here)
    account = busy_town.accounts["worker"].pk
    kinds = [kind for _id, kind, _state in phone.queue(account)]
    assert kinds[:3] == ["case.report", "visit.record", "household.change"]
    assert sorted(kinds[3:]) == ["case.report", "visit.record"], "written in one step"

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    changed = "select h.has_plot, v.outcome from households_household h join visits_visit v on v.household_id = h.id where h.id = %s"
    assert busy_town.rows(changed, [home]) == [(True, "met")]
    ((case, lon, lat),) = busy_town.rows(
        "select id::text, lon, lat from cases_case where title = '河堤塌了一段'"
    )
    assert (float(lon), float(lat)) == (119.355, 34.745)
    attached = "select b.kind from cases_attachment a join blobs_blob b on b.digest = a.blob_id where a.case_id = %s order by 1"
    assert busy_town.rows(attached, [case]) == [("photo",), ("voice",)]
    ((spoken,),) = busy_town.rows("select id::text from cases_case where title = '楼道灯不亮'")
    assert busy_town.rows(attached, [spoken]) == [("voice",)]
    assert phone.problems == []

    office = desk("community")
    office.go(f"/console/cases/{case}")
    office.page.wait_for_selector("#part-head audio")
    assert office.page.evaluate(
        "() => document.querySelector('#part-head .thumbs img').decode().then(() => true)"
    )
    office.page.evaluate(_PLAY)
    until(office.page, _PLAYED)
    office.shot("case-recording", always=True)
    found += office.faults()
    assert found == []
    assert office.problems == []
