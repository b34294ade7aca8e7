"""The console's pages by HTTP: who is let in, what is found, what is refused, and in which language."""

import re
from uuid import uuid4

import pytest
from tests import builders

PAGES = ["", "cases/file", "areas/", "handovers", "catalogue/", "figures"]


@pytest.fixture
def lamp(town):
    return town.add(builders.case, town.add(builders.item), town.grid_a, lon=119.355, lat=34.745)


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "journal",
        "cases/01a20fb9-7217-75a3-a989-73839c55b6e3",
        "catalogue/M01-01",
        "areas/320703000000",
    ],
)
def test_nobody_is_sent_to_sign_in_and_back(path, client, town, db):
    answer = client.get(f"/console/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=%2Fconsole%2F")


@pytest.mark.parametrize(
    "name", ["admin", "centre", "dispatcher", "handler", "community", "worker", "instructor", "enterprise"]
)
def test_every_account_has_its_pages(name, town, db):
    browser = town.browser(name)
    for path in PAGES:
        allowed = {200, 403} if path in ("cases/file", "figures") else {200}
        assert browser.get(f"/console/{path}").status_code in allowed, path


def test_the_journal_is_for_those_who_may_read_it(town, lamp, db):
    assert town.browser("worker").get("/console/journal").status_code == 403
    assert town.browser("community").get("/console/journal").status_code == 200


def test_a_case_of_others_is_not_there(town, lamp, db):
    address = f"/console/cases/{lamp.id}"
    assert town.browser("worker").get(address).status_code == 200
    assert town.browser("worker2").get(address).status_code == 404
    assert town.browser("far_worker").get(address).status_code == 404


def test_a_step_needs_a_form_of_our_own(town, lamp, db):
    answer = town.browser("worker").post(f"/console/cases/{lamp.id}/accept", {"command_id": str(uuid4())})
    assert answer.status_code == 403


def test_a_step_of_others_is_not_there_and_changes_nothing(town, lamp, open_db):
    answer = sent(town.browser("far_worker"), f"/console/cases/{lamp.id}/accept", command_id=str(uuid4()))
    assert answer.status_code == 404
    assert town.rows("select state from cases_case") == [("reported",)]


def test_an_unknown_step_and_a_step_out_of_turn(town, lamp, db):
    browser = town.browser("worker")
    assert sent(browser, f"/console/cases/{lamp.id}/dance").status_code == 404
    answer = sent(browser, f"/console/cases/{lamp.id}/close", command_id=str(uuid4()))
    assert answer.status_code == 409
    assert "已上报" in answer.content.decode()


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"reason": "x" * 3000}, 422),
        ({"reason": "bad\x00"}, 422),
        ({"reason": "", "revision": "1"}, 422),
        ({"reason": "a", "revision": "one"}, 422),
        ({"reason": "a", "command_id": "no uuid"}, 302),
    ],
)
def test_bad_input_is_answered_on_the_page(town, lamp, db, facts, status):
    answer = sent(town.browser("worker"), f"/console/cases/{lamp.id}/escalate", **facts)
    assert answer.status_code == status
    if status != 302:
        assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "queue=nonsense",
        "state=x&late=y",
        "item=x",
        "text=%27%22%3C",
        "area=1",
        "cursor=x",
        "text=" + "路" * 500,
        "area=%00",
    ],
)
def test_an_address_that_was_typed_wrongly_gets_a_page(town, lamp, db, query):
    assert town.browser("community").get(f"/console/?{query}").status_code in (200, 404, 422)


@pytest.mark.parametrize(
    "path",
    [
        "areas/%00",
        "areas/1",
        "catalogue/%00",
        "catalogue/?text=%00",
        "figures?area=%00",
        "figures?period=%00",
        "journal?verb=%00",
        "journal?cursor=x",
        "cases/file?title=%00",
    ],
)
def test_no_address_breaks_a_page(town, db, path):
    assert town.browser("community").get(f"/console/{path}").status_code in (200, 404, 422)


def test_filters_find_by_words_area_and_item(town, lamp, db):
    browser = town.browser("community")
    for query, found in [
        ("text=路灯", True),
        ("text=井盖", False),
        (f"area={town.grid_a.code}", True),
        (f"area={town.grid_b.code}", False),
        ("item=M01-01", True),
        ("state=closed&queue=closed", False),
    ]:
        page = browser.get(
            f"/console/?queue=open&{query}" if "queue" not in query else f"/console/?{query}"
        ).content.decode()
        assert (str(lamp.id) in page) == found, query


def test_filing_refuses_what_cannot_be_read_and_keeps_it(town, open_db):
    town.add(builders.item)
    browser = town.browser("worker")
    for facts in (
        {"lon": "NaN", "lat": "34"},
        {"lon": "200", "lat": "34"},
        {"lon": "119.355"},
        {"lon": "abc", "lat": "1"},
        {"lon": "122.5", "lat": "34.7"},
        {},
    ):
        answer = sent(browser, "/console/cases/file", title="井盖缺失", item="M01-01", **facts)
        assert answer.status_code in (403, 422), facts
        assert "井盖缺失" in answer.content.decode()
    assert town.rows("select count(*) from cases_case") == [(0,)]


def test_the_pages_bring_no_script_or_style_inline_and_nothing_from_elsewhere(town, lamp, db):
    browser = town.browser("community")
    for path in [*PAGES, "journal", f"cases/{lamp.id}", "catalogue/M01-01"]:
        answer = browser.get(f"/console/{path}")
        html = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son[a-z]+=|<style", html), path
        assert not re.findall(r'(?:src|href)="(https?:)?//', html), path
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store", path


def test_the_language_is_the_one_switched_to_whatever_the_browser_says(town, db, client):
    assert 'lang="zh-CN"' in client.get("/", headers={"accept-language": "en"}).content.decode()
    client.post("/language", {"language": "en", "next": "/sign-in"})
    assert 'lang="en"' in client.get("/sign-in").content.decode()
    assert (
        client.post("/language", {"language": "en", "next": "https://elsewhere.example/"})["Location"] == "/"
    )


def test_the_way_back_after_signing_in_never_leads_elsewhere(town, open_db, client):
    given = {"username": "worker", "password": "wangge-demo", "next": "https://elsewhere.example/"}
    answer = client.post("/sign-in", given)
    assert answer.status_code == 302
    assert answer["Location"] == "/console/"
    cookie = answer.cookies["wangge_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_signing_out_ends_the_sign_in(town, open_db, client):
    client.post("/sign-in", {"username": "worker", "password": "wangge-demo"})
    assert client.get("/console/").status_code == 200
    secret = client.cookies["wangge_session"].value
    assert client.post("/sign-out")["Clear-Site-Data"] == '"cache"'
    client.cookies["wangge_session"] = secret
    assert client.get("/console/").status_code == 302


def sent(browser, address, **facts):
    """Posts a form as a browser does, with the token of a page that it has seen."""
    page = browser.get("/console/")
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    return browser.post(address, {**facts, "csrfmiddlewaretoken": token})


def test_what_is_not_there_what_broke_and_foreign_forms_have_pages_of_our_own(town, db, client):
    from django.template.loader import render_to_string

    assert "找不到页面" in client.get("/no-such-page").content.decode()
    assert "系统出错" in render_to_string("500.html")
    assert "请重试" in town.browser("worker").post("/sign-out").content.decode()
