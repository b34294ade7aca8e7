"""A campaign from the workbook to its file of answers, as a person clicks through it without a script."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import builders
from tests.campaigns import planted
from tests.campaigns.workbooks import workbook
from tests.visits.homes import household

from wangge.base import clock
from wangge.campaigns.models import Answer, AnswerPhoto, Target
from wangge.journal.models import Entry

#: A tenth of a second of silence, as a recorder writes it.
RECORDING = b"RIFF" + (836).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + b"\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data" + (800).to_bytes(4, "little") + b"\x80" * 800  # fmt: skip


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: builders.NOW)


def post(browser, address, **typed):
    page = browser.get(re.sub(r"/(start|end|answers|material)$", "", address))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    return browser.post(address, {**typed, "csrfmiddlewaretoken": token})


def file_of(content, name="踏查.xlsx"):
    return SimpleUploadedFile(name, content)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]


@pytest.fixture
def running(town, db):
    """The address of a campaign that was made by hand, and the household that it asks."""
    home = household(town, town.grid_a, "8", has_plot=True)
    browser = town.browser("township")
    taken = post(browser, "/console/campaigns/forms", file=file_of(workbook()), area=town.township.code)
    assert taken.status_code == 302, taken.content.decode()
    version = taken["Location"].split("/")[-1].split("?")[0]
    draft = {"name": "菜地踏查", "form_version": version, "area": town.township.code, "plot": "yes", "from_on": "2026-04-10", "to_on": "2026-04-30", "counts": "answered", "times": "1", "every_days": "0", "tries": "3", "way": ""}  # fmt: skip
    looked = post(browser, "/console/campaigns/new", **draft, look="yes")
    assert "将询问 1 户" in looked.content.decode()
    made = post(browser, "/console/campaigns/new", **draft)
    assert made.status_code == 302, made.content.decode()
    address = made["Location"]
    assert post(browser, f"{address}/start").status_code == 302
    return address, home


def test_the_wrong_cells_of_a_workbook_are_shown(town, db):
    survey = [("type", "name", "label"), ("text", "a b", "甲"), ("strange", "r", "乙")]
    page = post(
        town.browser("township"),
        "/console/campaigns/forms",
        file=file_of(workbook(survey)),
        area=town.township.code,
    )
    assert page.status_code == 422
    cells = re.findall(
        r'data-label="[^"]*">(survey)</td><td class="number" data-label="[^"]*">(\d+)</td><td data-label="[^"]*">(\w)',
        page.content.decode(),
    )
    assert cells == [("survey", "2", "B"), ("survey", "3", "A")]


def test_a_form_can_be_tried_and_nothing_is_kept(running, town):
    address, _home = running
    browser = town.browser("worker")
    form = re.search(r'href="(/console/campaigns/forms/[^"]+)"', browser.get(address).content.decode())[1]
    page = browser.get(form)
    assert "有没有菜地" in page.content.decode()
    assert "多少平方米" not in page.content.decode()
    page = post(browser, form, has_plot="yes", step="look")
    assert "多少平方米" in page.content.decode()
    page = post(
        browser, form, has_plot="yes", step="add:plot/crop", **{"plot/crop#": "1", "plot/crop/0/kind": "白菜"}
    )
    assert page.content.decode().count('name="plot/crop/1/kind"') == 1
    assert 'value="白菜"' in page.content.decode()
    page = post(browser, form, has_plot="yes", step="check", **{"plot/crop#": "1", "plot/size": "0"})
    assert "面积在1到10000之间" in page.content.decode()
    town.as_viewer("community")
    assert not Answer.objects.exists()


def test_a_door_is_filled_at_the_desk_step_by_step_and_counts_once(running, town):
    address, home = running
    browser = town.browser("worker")
    listed = browser.get(f"{address}/households").content.decode()
    assert "王秀英" in listed
    door = f"{address}/households/{home.pk}"
    page = browser.get(door)
    command = hidden(page, "command_id")
    first = {"has_plot": "yes", "step": "save", "command_id": command}
    page = post(browser, door, **first, shown=hidden(page, "shown"))
    assert page.status_code == 422
    whole = {
        **first,
        "plot/size": "30",
        "plot/crop#": "1",
        "plot/crop/0/kind": "白菜",
        "seen": ["fine"],
        "sown": "2026-03-01",
        "shown": hidden(page, "shown"),
    }
    for _twice in range(2):
        kept = post(browser, door, **whole)
        assert kept.status_code == 302, kept.content.decode()
        assert kept["Location"].endswith("?done=counted")
    assert town.browser("worker").get(address).status_code == 200
    # Every tier reads the same, of its own area, and the page asks for it by itself.
    for tier in ("centre", "township", "community", "worker"):
        page = town.browser(tier).get(f"{address}?part=progress").content.decode()
        assert re.search(r'<span class="big number">1</span> <span class="muted small">共 1 户', page), tier
        assert 'hx-trigger="every 20s"' in page, tier
    for kind in ("csv", "xlsx"):
        answer = post(browser, f"{address}/answers", kind=kind)
        content = b"".join(answer.streaming_content)
        assert (b"PK" if kind == "xlsx" else "白菜".encode()) in content
    assert post(browser, door, step="outcome", outcome="nobody_home").status_code == 302


def test_what_one_may_not_is_refused(running, town):
    address, home = running
    assert town.browser("far_worker").get(address).status_code == 404
    assert town.browser("centre").get(f"{address}/households").status_code == 403
    assert town.browser("worker2").get(f"{address}/households/{home.pk}").status_code == 404
    assert town.browser("worker").get(f"{address}/change").status_code == 403
    ended = post(town.browser("township"), f"{address}/end")
    assert ended.status_code == 422
    assert post(town.browser("township"), f"{address}/end", reason="提前完成").status_code == 302


def test_material_is_added_shown_and_removed(running, town):
    address, home = running
    browser = town.browser("township")
    assert post(browser, f"{address}/material", title="宣传词", text="种植罂粟违法").status_code == 302
    assert "种植罂粟违法" in town.browser("worker").get(f"{address}/households/{home.pk}").content.decode()
    remove = re.search(r'action="([^"]+/remove)"', browser.get(address).content.decode())[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    assert browser.post(remove, {"csrfmiddlewaretoken": token}).status_code == 302
    assert "种植罂粟违法" not in browser.get(address).content.decode()


def test_a_campaign_is_changed_while_it_is_a_draft(town, db):
    household(town, town.grid_a, "8")
    browser = town.browser("township")
    version = (
        post(browser, "/console/campaigns/forms", file=file_of(workbook()), area=town.township.code)[
            "Location"
        ]
        .split("/")[-1]
        .split("?")[0]
    )
    draft = {
        "name": "一",
        "form_version": version,
        "area": town.township.code,
        "from_on": "2026-04-10",
        "to_on": "2026-04-30",
        "counts": "met",
    }
    address = post(browser, "/console/campaigns/new", **draft)["Location"]
    page = browser.get(f"{address}/change")
    changed = post(
        browser, f"{address}/change", **{**draft, "name": "二", "revision": hidden(page, "revision")}
    )
    assert changed.status_code == 302, changed.content.decode()
    assert "二" in browser.get(address).content.decode()
    again = post(browser, f"{address}/change", **{**draft, "name": "三", "revision": "1"})
    assert again.status_code == 409
    assert browser.get("/console/campaigns").status_code == 200


def listed(town, browser, version, **typed):
    draft = {"name": "名单", "form_version": version, "area": town.township.code, "from_on": "2026-04-10", "to_on": "2026-04-30", "counts": "answered", "times": "1", "every_days": "0", "tries": "3", "way": ""}  # fmt: skip
    return post(browser, "/console/campaigns/new", **draft, **typed)


def test_a_list_names_whom_a_campaign_asks_and_each_bad_line_is_shown(running, town):
    address, home = running
    other = household(town, town.grid_b, "9")
    browser = town.browser("township")
    version = re.search(r"/console/campaigns/forms/([0-9a-f-]+)", browser.get(address).content.decode())[1]
    rows = f"户号,备注\n{home.number},\n查无此户,\n{other.number},".encode()
    page = listed(town, browser, version, list=file_of(rows, "名单.csv"))
    assert page.status_code == 422
    text = page.content.decode()
    assert re.findall(r'<td class="number" data-label="[^"]*">(\d+)</td><td[^>]*>([^<]+)<', text) == [
        ("3", "查无此户")
    ]
    assert other.number in text, "the list can be mended as it stands"
    page = listed(
        town,
        browser,
        version,
        list=file_of(rows.replace("查无此户".encode(), home.number.encode()), "名单.csv"),
        look="yes",
    )
    assert page.status_code == 200, page.content.decode()
    assert "将询问 2 户" in page.content.decode()
    made = listed(town, browser, version, households=f"{home.number}\n9号楼9")
    assert made.status_code == 302, made.content.decode()
    change = browser.get(f"{made['Location']}/change").content.decode()
    shown = re.search(r'<textarea id="households"[^>]*>([^<]*)<', change)[1].split()
    assert sorted(shown) == sorted([home.number, other.number])
    assert post(browser, f"{made['Location']}/start").status_code == 302
    assert Target.objects.filter(campaign__name="名单").count() == 2


def what_was_answered_is_read_at_the_desk(town, browser, door):
    """In words, with what was recorded; the journal tells it at the household."""
    before = browser.get(door).content.decode()
    assert 'value="read"' in before
    assert "可疑; 正常" not in before
    page = post(browser, door, step="read").content.decode()
    assert "<dd>34.745 119.355</dd>" in page
    assert "<dd>可疑; 正常</dd>" in page
    (source,) = re.findall(r'<audio controls[^>]* src="([^"]+)"', page)
    assert re.search(r"<dt>录音</dt><dd>\[1\]</dd>", page)
    heard = browser.get(source)
    assert (heard["Content-Type"], heard.content) == ("audio/wav", RECORDING)
    town.as_viewer("township")
    (told,) = Entry.objects.filter(verb="campaign.answers-read")
    assert told.subject == f"household:{door.rsplit('/', 1)[-1]}"
    assert told.after.keys() == {"campaign"}, "who looked, and nothing of what was said"
    for somebody in ("worker2", "centre", "handler"):
        other = town.browser(somebody)
        assert other.get(source).status_code in (403, 404), somebody
        assert other.get(source[:-64] + "0" * 64).status_code in (403, 404), somebody
    assert browser.get(source[:-64] + "0" * 64).status_code == 404, "no file that no answer here names"


def test_a_form_with_pictures_places_and_orders_is_filled_at_the_desk(town, db):
    home = household(town, town.grid_a, "8")
    browser = town.browser("township")
    small = planted.photo()[0]
    survey = [("type", "name", "label", "required"), ("geopoint", "spot", "位置", ""), ("audio", "voice", "录音", ""), ("rank seen", "order", "先后", "yes"), ("select_one seen", "one", "像哪个", "yes")]  # fmt: skip
    choices = [
        ("list_name", "name", "label", "media::image"),
        ("seen", "fine", "正常", "甲.jpg"),
        ("seen", "odd", "可疑", ""),
    ]
    content = workbook(survey, choices)
    page = post(browser, "/console/campaigns/forms", file=file_of(content), area=town.township.code)
    assert page.status_code == 422
    assert "甲.jpg" in page.content.decode()
    taken = post(
        browser,
        "/console/campaigns/forms",
        file=file_of(content),
        pictures=[file_of(small, "甲.jpg")],
        area=town.township.code,
    )
    assert taken.status_code == 302, taken.content.decode()
    version = taken["Location"].split("/")[-1].split("?")[0]
    picture = re.search(
        rf'src="(/console/campaigns/forms/{version}/pictures/[0-9a-f]+)"',
        browser.get(taken["Location"]).content.decode(),
    )[1]
    assert town.browser("worker").get(picture).status_code == 200
    assert town.browser("worker").get(picture[:-64] + "0" * 64).status_code == 404
    made = listed(town, browser, version, households=home.number)
    assert post(browser, f"{made['Location']}/start").status_code == 302
    browser = town.browser("worker")
    door = f"{made['Location']}/households/{home.pk}"
    whole = {"step": "save", "shown": "spot,voice,order,one", "command_id": hidden(browser.get(door), "command_id"), "spot": "119.355 34.745", "order@fine": "2", "order@odd": "2", "one": "odd"}  # fmt: skip
    page = post(browser, door, **whole)
    assert page.status_code == 422
    assert page.content.decode().count('aria-invalid="true"') == 3, "the place, and both of the order"
    whole |= {
        "spot": "34.745， 119.355",
        "order@fine": "2",
        "order@odd": "1",
        "file:voice": file_of(RECORDING, "a.wav"),
    }
    kept = post(browser, door, **whole)
    assert kept.status_code == 302, kept.content.decode()
    assert kept["Location"].endswith("?done=counted")
    assert list(AnswerPhoto.objects.values_list("question", flat=True)) == ["voice"]
    what_was_answered_is_read_at_the_desk(town, browser, door)
    answer = post(browser, f"{made['Location']}/answers", kind="csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "34.745 119.355" in content
    assert "可疑; 正常" in content
