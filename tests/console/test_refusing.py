"""Work refused on the catalogue's pages, and the hand-over lists: who has the form, what a double send does, who reads."""

import re
from uuid import uuid4

import pytest
from tests import builders
from tests.builders import NOW, TODAY

from wangge.cases.actions import hand_over_post

CATALOGUE = "/console/catalogue/"


def sent(browser, address, **facts):
    """Posts the form as a browser does, with the hidden values of the page that it stands on."""
    page = browser.get("/console/catalogue/").content.decode()
    hidden = dict(re.findall('type="hidden" name="([a-z_]+)" value="([^"]+)"', page))
    return browser.post(address, hidden | facts)


def asked_for(town, **changed):
    facts = {
        "asked_by": "fire",
        "what": "替部门填报台账",
        "area": town.grid_a.code,
        "command_id": str(uuid4()),
    }
    return facts | changed


def refusals(town):
    return town.rows("select area_id, asked_by_id, item_id, ground, what from catalogue_refusal order by id")


def test_refused_once_however_often_the_form_is_sent(town, open_db):
    browser, facts = town.browser("worker"), asked_for(town)
    for _ in range(2):
        answer = sent(browser, CATALOGUE, **facts)
        assert (answer.status_code, answer["Location"]) == (302, "/console/catalogue/?done=refuse#refuse")
    assert refusals(town) == [(town.grid_a.code, "fire", None, "not_admitted", "替部门填报台账")]
    said = browser.get("/console/catalogue/?done=refuse").content.decode()
    assert 'role="status"' in said
    row = re.search(r'<th scope="row">([^<]+)</th><td class="figure"[^>]*>1</td>', said)
    assert row, "the counts by who asked stand below"
    assert "消防" in row[1]


def test_beyond_an_admitted_item_and_under_one_that_is_not(town, open_db):
    town.add(builders.item)
    town.add(builders.item, "M01-02", state="declined")
    browser = town.browser("community")
    for code in ("M01-01", "M01-02"):
        answer = sent(browser, f"/console/catalogue/{code}", **asked_for(town, area=town.community.code))
        assert answer["Location"] == f"/console/catalogue/{code}?done=refuse#refuse"
    assert [(item, ground) for _area, _by, item, ground, _what in refusals(town)] == [
        ("M01-01", "beyond"),
        ("M01-02", "not_admitted"),
    ]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"what": ""}, 422),
        ({"what": "x" * 201}, 422),
        ({"asked_by": ""}, 422),
        ({"asked_by": "wizards"}, 422),
        ({"area": ""}, 422),
        ({"area": "3207060100021001"}, 403),
        ({"area": "1"}, 404),
    ],
)
def test_what_cannot_be_refused_is_said_on_the_page_and_kept(town, db, changed, status):
    town.add(builders.item)
    for address in (CATALOGUE, "/console/catalogue/M01-01"):
        answer = sent(town.browser("worker"), address, **asked_for(town, **changed))
        said = answer.content.decode()
        assert answer.status_code == status
        assert 'role="alert"' in said
        assert "替部门填报台账" in said or "what" in changed
        assert '<option value="fire" selected>' in said or "asked_by" in changed
    assert refusals(town) == []


@pytest.mark.parametrize("name", ["admin", "handler", "instructor"])
def test_without_the_right_there_is_no_form_and_no_refusal(town, db, name):
    town.add(builders.item)
    browser = town.browser(name)
    for address in (CATALOGUE, "/console/catalogue/M01-01"):
        assert 'id="refuse"' not in browser.get(address).content.decode()
        page = browser.get("/console/").content.decode()
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        answer = browser.post(address, asked_for(town, csrfmiddlewaretoken=token))
        assert answer.status_code == 403
    assert refusals(town) == []


def test_only_ones_own_grids_and_communities_are_offered(town, db):
    said = town.browser("township").get(CATALOGUE).content.decode()
    form = said[said.index('id="refused-in"') :].partition("</select>")[0]
    offered = set(re.findall('value="([0-9]+)"', form))
    assert offered == {
        area.code for area in (town.community, town.next_community, town.grid_a, town.grid_b, town.dedicated)
    }


def test_a_hand_over_list_is_read_by_both_and_their_areas_and_by_nobody_else(town, open_db):
    from django.db import transaction

    case = town.add(
        builders.case,
        town.add(builders.item),
        town.grid_a,
        title="路灯不亮",
        state="dispatched",
        handler_id=town.accounts["worker"].pk,
    )
    successor = town.add(builders.account, "new_worker", town.grid_a, name="新网格员")
    town.accounts["new_worker"] = successor
    with transaction.atomic():
        hand_over_post(
            town.as_viewer("centre"),
            town.assignments["worker"].pk,
            to_account=successor.pk,
            from_on=TODAY,
            part="full_time",
            now=NOW,
        )
    for name in ("worker", "new_worker", "community"):
        said = town.browser(name).get("/console/handovers").content.decode()
        assert "一网格员" in said, name
        assert "新网格员" in said, name
        assert f'href="/console/cases/{case.id}">路灯不亮</a>' in said, name
    for name in ("worker2", "far_centre"):
        said = town.browser(name).get("/console/handovers").content.decode()
        assert "路灯不亮" not in said, name
        assert "还没有交接" in said, name


def test_the_areas_lead_to_the_hand_over_lists(town, db):
    for name in ("township", "handler"):
        assert 'href="/console/handovers"' in town.browser(name).get("/console/areas/").content.decode()
