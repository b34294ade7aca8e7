"""The pages of visits: what is due, the sheet, typing it in, places, one's own tracks."""

import re
from datetime import timedelta

import pytest
from tests.visits.homes import household, need

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.cases.models import Case
from wangge.visits import actions
from wangge.visits.models import Errand, Visit
from wangge.visits.queries import kept


def post(browser, address, **typed):
    browser.get("/console/visits")
    token = browser.cookies["csrftoken"].value
    return browser.post(address, {"csrfmiddlewaretoken": token, **typed})


@pytest.fixture
def homes(town, db):
    made = [
        household(town, town.grid_a, str(101 + n), lon=119.351 + n / 1000, name=f"王{n}") for n in range(3)
    ]
    need(town, made[0])
    now = clock.now()
    actions.renew_due(town.as_viewer("worker", now=now), [each.pk for each in made], now=now)
    return made


def sheet(browser, **typed):
    answer = post(browser, "/console/visits/rounds", **typed)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_what_is_due_says_why(town, db, homes):
    page = town.browser("worker").get("/console/visits").content.decode()
    assert "独居、空巢、留守老年人定期探访" in page
    assert "每户每年至少走访一次" in page
    assert page.count("<li data-row>") == 3
    other = town.browser("worker2").get("/console/visits").content.decode()
    assert "王0" not in other


def test_a_sheet_is_printed_and_typed_in_by_keyboard(town, db, homes):
    browser = town.browser("worker")
    at = sheet(browser)
    page = browser.get(at).content.decode()
    assert page.index("王0") < page.index("王1") < page.index("王2")
    typed = {"mark-1": "1", "at-1": "930", "note-1": "", "mark-2": "3", "mark-3": "9"}
    answer = post(browser, f"{at}/type", **typed)
    assert answer.status_code == 422, "the third row has no such digit"
    assert Visit.objects.count() == 2, "the others are recorded, as the page says"
    page = answer.content.decode()
    assert page.count("已登记") >= 2 or page.count("recorded") >= 2
    again = post(browser, f"{at}/type", **{**typed, "mark-3": "2", "note-3": "儿子回来了"})
    assert again.status_code == 200
    found = {visit.outcome: visit for visit in Visit.objects.all()}
    assert set(found) == {"met", "nobody_home"}
    assert Visit.objects.count() == 3
    well = Visit.objects.get(well=True)
    assert well.happened_at.astimezone(SHANGHAI).strftime("%H:%M") in {
        "09:30",
        clock.now().astimezone(SHANGHAI).strftime("%H:%M"),
    }
    assert {visit.source for visit in Visit.objects.all()} == {"desk"}


def test_a_sheet_says_about_when_and_for_which_doors_the_day_is_too_short(town, db, homes):
    browser = town.browser("worker")
    page = browser.get(sheet(browser, begins="08:30", ends="09:05")).content.decode()
    assert re.findall("≈ (\\d\\d:\\d\\d)<", page) == ["08:30", "08:45"]
    left = re.search('<p class="left">.*?</p>', page)[0]
    assert "时间不够" in left
    assert left.count("号楼") == 1
    backwards = post(browser, "/console/visits/rounds", begins="18:00")
    assert backwards.status_code == 422
    assert sheet(browser, begins="18:00", ends="20:00")


def test_what_was_heard_on_a_sheet_becomes_a_case_with_its_photo_once(town, db, homes):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from tests import builders
    from tests.journeys.phones import photo

    town.add(builders.item)
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    errands = [actions.NewErrand("other", said, today, today, ref=new_id()) for said in ("送通知", "收回执")]
    before = now - timedelta(days=1)
    for errand in errands:
        actions.add_errands(town.as_viewer("community", now=now), [homes[0].pk], errand, now=before)
    browser = town.browser("worker")
    at = sheet(browser)
    page = browser.get(f"{at}/type").content.decode()
    row = re.search(r'id="door-(\d)">[^<]*<span[^>]*>王0', page)[1]
    assert page.count(f'name="left-{row}"') == 2
    left = re.search(rf'name="left-{row}" value="([^"]+)"[^>]*><span>[^<]*收回执', page)[1]
    typed = {f"mark-{row}": "2", f"at-{row}": "0:01", f"left-{row}": left}
    wrong = post(browser, f"{at}/type", **typed, **{f"item-{row}": "M01-01"})
    assert wrong.status_code == 422, "a case needs a word"
    assert Visit.objects.count() == 0
    typed |= {f"note-{row}": "楼道灯不亮"}
    picture = photo(size=(400, 300))
    unknown = post(
        browser,
        f"{at}/type",
        **typed,
        **{f"item-{row}": "X99-99", f"file-{row}": SimpleUploadedFile("p.jpg", picture, "image/jpeg")},
    )
    assert unknown.status_code == 422
    assert Visit.objects.count() == 0, "the row is taken whole or not at all"
    kept = re.search(rf'name="photo-{row}" value="([0-9a-f]{{64}})"', unknown.content.decode())[1]
    answer = post(browser, f"{at}/type", **typed, **{f"item-{row}": "M01-01", f"photo-{row}": kept})
    assert answer.status_code == 200, answer.content.decode()
    assert f'name="mark-{row}"' not in answer.content.decode(), "what is recorded is shown, not asked again"
    again = post(browser, f"{at}/type", **typed, **{f"item-{row}": "M01-01", f"photo-{row}": kept})
    assert again.status_code == 200
    (visit,) = Visit.objects.all()
    case = Case.objects.get(id=visit.case_id)
    assert (visit.outcome, case.title, case.attachments.count()) == ("met", "楼道灯不亮", 1)
    assert [left.text for left in Errand.objects.filter(done_at__isnull=True)] == ["收回执"]
    assert f'name="left-{row}"' not in browser.get(f"{at}/type").content.decode()


def test_a_row_without_a_time_has_its_day_and_no_hour(town, db, homes):
    from tests import builders

    town.add(builders.item)
    browser, now = town.browser("worker"), clock.now()
    at = sheet(browser)
    typed = {
        "mark-1": "1",
        "mark-2": "2",
        "note-2": "楼道灯不亮",
        "item-2": "M01-01",
        "mark-3": "3",
        "at-3": "0:00",
    }
    assert post(browser, f"{at}/type", **typed).status_code == 200
    town.as_viewer("worker", now=now)
    assert sorted(visit.time_noted for visit in Visit.objects.all()) == [False, False, True]
    assert {visit.day for visit in Visit.objects.all()} == {now.astimezone(SHANGHAI).date()}
    for address in (f"{at}/type", "/console/visits"):
        page = browser.get(address).content.decode()
        assert not re.search("<(time|td)[^>]*>[^<]*12:00", page)
        assert page.count(">未记时间<") == 2
        assert "00:00</t" in page
    viewer = town.as_viewer("worker", now=now)
    told = kept(viewer, "visit", [str(visit.id) for visit in Visit.objects.all()])
    assert sorted(fields["happened_at"] is None for fields in told.values()) == [False, True, True]
    heard = Case.objects.get()
    assert heard.reported_at >= now, "and its deadline counts from no hour that was made up"
    # Typed in again with its time it is the same visit, not another one.
    assert post(browser, f"{at}/type", **typed, **{"at-1": "0:00"}).status_code == 200
    assert Visit.objects.count() == 3


def test_a_basis_is_said_to_be_confirmed_by_whoever_runs_this(town, db, homes):
    assert "须先由本单位的法制部门核定" in town.browser("community").get("/console/visits").content.decode()


def test_the_desk_makes_the_sheet_of_a_worker(town, db, homes):
    browser = town.browser("community")
    at = sheet(browser, area=town.grid_a.code, account=str(town.accounts["worker"].pk))
    page = browser.get(at).content.decode()
    assert "一网格员" in page
    assert town.browser("worker2").get(at).status_code == 404


def test_places_are_added_and_checked(town, db):
    browser = town.browser("worker")
    typed = {"kind": "hydrant", "name": "消火栓 7", "area": town.grid_a.code, "place_id": str(new_id())}
    assert post(browser, "/console/places", **typed).status_code == 302
    page = browser.get("/console/places").content.decode()
    at = re.search(r"/console/places/[0-9a-f-]{36}/check", page)[0]
    assert post(browser, at, found="fault", note="漏水").status_code == 302
    due = (clock.now() + timedelta(days=7)).astimezone(SHANGHAI).date()
    assert due.isoformat() in browser.get("/console/places").content.decode()
    wrong = post(browser, "/console/places", **{**typed, "name": "", "place_id": str(new_id())})
    assert wrong.status_code == 422


def test_one_s_own_tracks_can_be_taken_and_erased(town, db):
    browser = town.browser("worker")
    assert post(browser, "/console/me/shift", command_id=str(new_id())).status_code == 302
    assert "结束" in browser.get("/console/me/tracks").content.decode()
    assert browser.get("/console/me/tracks/file.geojson").json()["features"] == []
    answer = browser.get("/console/me/tracks/file.csv")
    assert b"patrol" in b"".join(answer.streaming_content)
    assert post(browser, "/console/me/tracks/erase").status_code == 302


def test_who_has_no_homes_finds_no_page(town, db):
    assert town.browser("handler").get("/console/visits").status_code == 404
    assert "/console/visits" not in town.browser("handler").get("/console/").content.decode()
