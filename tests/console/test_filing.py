"""Filing without a script: what a form asks for comes back in it, and nothing known is filed twice unseen."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests import builders
from tests.households.test_queries import estate

from wangge.base import clock

FILE = "/console/cases/file"
HERE = {"lon": "119.355", "lat": "34.745"}
WORDS = {"title": "路灯不亮", "item": "M01-01"}


@pytest.fixture
def work(town, open_db):
    return town.add(builders.item, first_tier="county")


def sent(browser, to, **facts):
    """Posts a form as a browser does, with the token of the page that it stands on."""
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page(browser.get(FILE)))[1]
    return browser.post(to, {**facts, "csrfmiddlewaretoken": token})


def cases(town):
    return town.rows("select title, state, source, address from cases_case order by received_at, id")


def page(answer):
    return answer.content.decode()


def test_a_place_is_looked_up_and_chosen(town, work):
    estate(town, "E1", "荷塘家园", town.grid_a, lon=119.355, lat=34.745)
    browser = town.browser("dispatcher")
    answer = page(sent(browser, FILE, **WORDS, address="荷塘家园3栋", look="yes"))
    (value,) = re.findall('name="found" value="([^"]+)"', answer)
    value = value.replace("&quot;", '"')
    assert json.loads(value) == [119.355, 34.745, "", "荷塘家园3栋"]
    looked = page(sent(browser, FILE, **WORDS, address="荷塘家园3栋", found=value, look="yes"))
    assert "一网格员" in looked
    assert 'name="dispatch" value="city-management" checked' in looked
    answer = sent(browser, FILE, **WORDS, found=value, dispatch="city-management")
    assert answer.status_code == 302
    assert cases(town) == [("路灯不亮", "dispatched", "hotline", "荷塘家园3栋")]
    filed = page(browser.get(answer["Location"]))
    assert re.search(r"the-number number\">0703-\d{6}-0001<", filed)
    assert "已派遣给连云区 城市管理局" in filed


def test_a_likely_duplicate_is_shown_before_it_is_filed(town, work):
    known = town.add(
        builders.case, work, town.grid_a, title="灯坏了", lon=119.3551, lat=34.745, reported_at=clock.now()
    )
    browser = town.browser("dispatcher")
    first = sent(browser, FILE, **WORDS, **HERE)
    assert first.status_code == 200
    assert "灯坏了" in page(first)
    assert len(cases(town)) == 1
    seen = re.findall('name="seen" value="([^"]+)"', page(first))
    assert str(known.id) in seen
    assert sent(browser, FILE, **WORDS, **HERE, seen=seen).status_code == 302
    assert len(cases(town)) == 2


def test_a_report_of_a_known_case_joins_it(town, work):
    known = town.add(
        builders.case,
        work,
        town.grid_a,
        title="灯坏了",
        reported_at=clock.now(),
        lon=119.355,
        lat=34.745,
    )
    browser = town.browser("dispatcher")
    answer = sent(browser, FILE, **WORDS, **HERE, into=str(known.id))
    assert answer.status_code == 302
    assert known.number in page(browser.get(answer["Location"]))
    assert town.rows("select state from cases_case where title = '路灯不亮'") == [("merged",)]
    assert "又有人反映" in town.rows("select text from cases_note")[0][0]


def test_a_form_that_is_sent_twice_files_once(town, work):
    browser = town.browser("dispatcher")
    facts = {
        **WORDS,
        **HERE,
        "case_id": "00000000-0000-7000-8000-0000000000a1",
        "begun_at": clock.now().isoformat(),
    }
    assert [sent(browser, FILE, **facts).status_code for _ in range(2)] == [302, 302]
    assert len(cases(town)) == 1


def test_a_person_s_number_is_warned_of_and_not_kept(town, work):
    browser = town.browser("dispatcher")
    facts = {**WORDS, **HERE, "description": "电话13812345678"}
    answer = sent(browser, FILE, **facts)
    assert (answer.status_code, len(cases(town))) == (200, 0)
    assert "电话号码" in page(answer)
    assert "13812345678" not in str(town.rows("select after from journal_entry"))
    assert sent(browser, FILE, **facts, seen="private").status_code == 302


def test_a_call_that_was_noted_on_paper_has_its_own_moment(town, work):
    browser = town.browser("dispatcher")
    local = clock.now().astimezone(UTC) + timedelta(hours=8) - timedelta(days=2)
    for said in ("2020-01-01T10:00", "2090-01-01T10:00", "gestern"):
        answer = sent(browser, FILE, **WORDS, **HERE, called_at=said)
        assert answer.status_code == 422, said
    assert (
        sent(browser, FILE, **WORDS, **HERE, called_at=f"{local:%Y-%m-%dT%H:%M}", source="desk").status_code
        == 302
    )
    ((at, source),) = town.rows("select reported_at, source from cases_case")
    assert abs(at - datetime.now(UTC) + timedelta(days=2)) < timedelta(minutes=2)
    assert source == "desk"


def test_what_cannot_be_dispatched_at_once_is_told_and_not_filed(town, open_db):
    town.add(builders.item, first_tier="grid")
    answer = sent(town.browser("dispatcher"), FILE, **WORDS, **HERE, dispatch="city-management")
    assert answer.status_code == 409
    assert "没有提交" in page(answer)
    assert cases(town) == []


def test_words_of_a_link_are_there_and_nothing_of_a_former_call(town, work):
    browser = town.browser("dispatcher")
    sent(browser, FILE, **WORDS, **HERE, description="三号楼")
    opened = page(browser.get(f"{FILE}?title=井盖"))
    assert 'value="井盖"' in opened
    assert "三号楼" not in opened
    assert 'autocomplete="off"' in opened


def test_the_fragments_say_what_they_find_to_those_who_may_see_it(town, work):
    estate(town, "E1", "荷塘家园", town.grid_a, lon=119.355, lat=34.745)
    town.add(
        builders.case, work, town.grid_a, title="别处的灯", lon=119.355, lat=34.745, reported_at=clock.now()
    )
    here, there = town.browser("dispatcher"), town.browser("far_centre")
    assert "荷塘家园" in page(sent(here, f"{FILE}/places", address="荷塘"))
    assert "荷塘家园" not in page(sent(there, f"{FILE}/places", address="荷塘"))
    assert "别处的灯" in page(sent(here, f"{FILE}/ahead", **WORDS, **HERE))
    assert "别处的灯" not in page(sent(there, f"{FILE}/ahead", **WORDS, **HERE))
    assert "不在您的辖区" in page(sent(there, f"{FILE}/ahead", **WORDS, **HERE))
    assert 'value="M01-01"' in page(sent(here, f"{FILE}/suggestions", title="路灯不亮"))
    for part in ("places", "ahead", "suggestions"):
        assert here.get(f"{FILE}/{part}").status_code == 405
        assert sent(here, f"{FILE}/{part}", title="\x00", address="\x00", lon="x", found="{").status_code in (
            200,
            422,
        )


def test_a_form_says_of_its_own_age_no_more_than_a_day(town, work):
    """Else the hidden field would pass by the thirty days that hold for a moment that is said."""
    browser = town.browser("dispatcher")
    yesterday = (clock.now() - timedelta(hours=20)).isoformat()
    for begun, at in (
        ("2000-01-01T00:00:00+00:00", 0),
        ("2090-01-01T00:00:00+00:00", 0),
        ("x", 0),
        (yesterday, 20),
    ):
        facts = {**WORDS, **HERE, "title": f"灯 {begun}", "begun_at": begun, "seen": []}
        first = sent(browser, FILE, **facts)
        again = {**facts, "seen": re.findall('name="seen" value="([^"]+)"', page(first))}
        assert (first if first.status_code == 302 else sent(browser, FILE, **again)).status_code == 302
        ((told,),) = town.rows(f"select reported_at from cases_case where title = '灯 {begun}'")
        assert abs(clock.now() - told - timedelta(hours=at)) < timedelta(minutes=2)


def test_a_form_that_stood_open_for_days_files_once_too(town, work):
    browser = town.browser("dispatcher")
    facts = {
        **WORDS,
        **HERE,
        "case_id": "00000000-0000-7000-8000-0000000000a2",
        "begun_at": (clock.now() - timedelta(days=3)).isoformat(),
    }
    assert [sent(browser, FILE, **facts).status_code for _ in range(2)] == [302, 302]
    assert len(cases(town)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "路灯\x07不亮"},
        {"description": "三号\x07楼"},
        {"address": "三号\x07楼", "lon": "", "lat": ""},
        {"found": '[119.355, 34.745, "", "\x07"]'},
        {"found": "{"},
    ],
)
@pytest.mark.parametrize("button", ["file", "look", "suggest"])
def test_words_that_cannot_be_kept_take_nothing_away_that_was_typed(town, work, wrong, button):
    facts = {**WORDS, **HERE, "description": "晚上看不见路", **wrong, button: "yes"}
    answer = sent(town.browser("dispatcher"), FILE, **facts)
    text = page(answer)
    assert "data-filing" in text
    assert (answer.status_code == 422) == (button == "file")
    assert facts["description"] in text
    assert facts["title"] in text
    assert cases(town) == []
