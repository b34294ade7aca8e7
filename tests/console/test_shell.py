"""What all screens share: places by account, preferences, the language that a person keeps, and addresses of static files."""

import re

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from tests import builders

from wangge.doors.console.pages.shell import PLACES
from wangge.project.headers import keep_stamped

ACCOUNTS = ("admin", "centre", "dispatcher", "handler", "community", "worker", "instructor")


HERE = "/console/palette"


def sent(browser, address, **facts):
    """Posts a form as a browser does, with the token of a page that it has seen."""
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(HERE).content.decode())[1]
    return browser.post(address, {**facts, "csrfmiddlewaretoken": token})


def places(browser):
    """The letters of the places on a page."""
    return set(re.findall('data-go="([a-z])"', browser.get(HERE).content.decode()))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_place_that_is_shown_opens(town, db, name):
    browser = town.browser(name)
    page = browser.get(HERE).content.decode()
    for link in re.findall('<li[^>]*><a href="([^"]+)" data-go=', page):
        assert browser.get(link).status_code == 200, link


def test_each_sees_the_places_that_are_theirs(town, db):
    assert {"c", "f", "a", "k", "n"} <= places(town.browser("worker"))
    assert not {"j", "p", "s"} & places(town.browser("worker"))
    assert "j" in places(town.browser("community"))
    assert not {"n", "j", "p"} & places(town.browser("handler"))
    assert "f" not in places(town.browser("admin"))


def test_places_have_letters_and_pictures_of_their_own():
    assert len({place.key for place in PLACES}) == len(PLACES)
    assert len({place.icon for place in PLACES}) == len(PLACES)
    for place in PLACES:
        assert "<svg" in Template("{% include icon %}").render(Context({"icon": place.icon}))


def test_a_preference_is_kept_for_the_person_and_forgotten_again(town, db):
    browser = town.browser("worker")
    assert 'data-keys=""' in browser.get(HERE).content.decode()
    assert sent(browser, "/console/preferences/keys", value="off").status_code == 204
    assert 'data-keys="off"' in town.browser("worker").get(HERE).content.decode()
    assert 'data-keys=""' in town.browser("worker2").get(HERE).content.decode()
    answer = sent(browser, "/console/preferences/keys", value="", next="/console/areas/")
    assert (answer.status_code, answer["Location"]) == (302, "/console/areas/")
    assert 'data-keys=""' in browser.get(HERE).content.decode()


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("keys", "on", 422),
        ("layout", "split", 204),
        ("layout", "round", 422),
        ("start.done", "yes", 204),
        ("columns", ["place", "title"], 204),
        ("columns", ["title", "<b>"], 422),
        ("columns", ["title"] * 500, 204),
        ("colour", "red", 404),
    ],
)
def test_a_preference_has_a_name_and_a_value_that_are_known(town, db, name, value, status):
    assert sent(town.browser("worker"), f"/console/preferences/{name}", value=value).status_code == status


def test_preferences_lead_nowhere_else(town, db):
    answer = sent(
        town.browser("worker"), "/console/preferences/keys", value="off", next="https://elsewhere.example/"
    )
    assert answer["Location"] == "/console/"


def test_the_language_switched_to_is_spoken_in_another_browser_of_the_same_person(town, open_db, client):
    worker = town.browser("worker")
    assert 'lang="zh-CN"' in worker.get(HERE).content.decode()
    sent(worker, "/language", language="en", next="/console/")
    client.cookies["wangge_language"] = "zh-hans"
    client.post("/sign-in", {"username": "worker", "password": "wangge-demo"})
    assert 'lang="en"' in client.get(HERE).content.decode()
    assert 'lang="zh-CN"' in town.browser("worker2").get(HERE).content.decode()


def test_a_language_that_there_is_not_changes_nothing(town, open_db):
    worker = town.browser("worker")
    assert sent(worker, "/language", language="xx", next="/console/").status_code == 302
    assert 'lang="zh-CN"' in worker.get(HERE).content.decode()
    assert town.rows("select language from staff_account where username = 'worker'") == [("",)]


def test_a_static_file_that_changes_gets_another_address(monkeypatch, tmp_path):
    from django.contrib.staticfiles import finders

    file = tmp_path / "desk.css"
    monkeypatch.setattr(finders, "find", lambda _name: str(file))
    addresses = set()
    for content in ("a", "ab"):
        file.write_text(content)
        addresses.add(Template("{% load frame %}{% asset 'desk.css' %}").render(Context()))
    assert len(addresses) == 2
    assert all(re.fullmatch(r"/static/desk\.css\?v=[0-9a-f]{12}", address) for address in addresses)


@pytest.mark.parametrize(
    ("address", "status", "kept"),
    [
        ("/static/console/console.css?v=0123456789ab", 200, True),
        ("/static/console/console.css", 200, False),
        ("/static/console/gone.css?v=0123456789ab", 404, False),
        ("/console/?v=0123456789ab", 200, False),
    ],
)
def test_only_files_asked_for_with_their_stamp_are_kept_for_ever(rf, address, status, kept):
    answer = keep_stamped(lambda _request: HttpResponse(status=status))(rf.get(address))
    assert ("immutable" in answer.get("Cache-Control", "")) == kept


@pytest.fixture
def lamp(town):
    return town.add(
        builders.case, town.add(builders.item), town.grid_a, title="路灯不亮", number="2026-0401-7"
    )


@pytest.mark.parametrize(
    ("account", "words", "found"),
    [
        ("worker", "路灯", ("/console/cases/", "路灯不亮", "/console/catalogue/M01-01")),
        ("worker", "一网格", ("/console/areas/3207030030021001",)),
        ("worker", "32070300300210", ("/console/areas/3207030030021001", "/console/areas/3207030030021002")),
        ("worker", "事项", ("/console/catalogue/",)),
        ("worker", "井盖丢了", ("/console/cases/file", "井盖丢了")),
    ],
)
def test_the_palette_finds(town, lamp, db, account, words, found):
    page = town.browser(account).get("/console/palette", {"q": words}).content.decode()
    part = town.browser(account).get("/console/palette", {"q": words, "part": "found"}).content.decode()
    for each in found:
        assert each in page.split("<main", 1)[1]
        assert each in part
    assert "<html" not in part
    assert 'role="option"' in part


def test_words_to_file_with_stand_in_no_address(town, lamp, db):
    browser = town.browser("worker")
    page = browser.get("/console/palette", {"q": "井盖丢了"}).content.decode()
    part = browser.get("/console/palette", {"q": "井盖丢了", "part": "found"}).content.decode()
    assert "file?" not in page + part
    assert 'href="/console/cases/file" data-words="井盖丢了"' in part
    form = page[page.index('action="/console/cases/file"') :]
    assert '<input type="hidden" name="title" value="井盖丢了">' in form
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    filing = browser.post(
        "/console/cases/file", {"csrfmiddlewaretoken": token, "title": "井盖丢了", "suggest": "yes"}
    )
    assert 'name="title" value="井盖丢了"' in filing.content.decode()


def test_the_palette_finds_a_case_by_its_number(town, lamp, db):
    (number,) = town.rows("select number from cases_case")[0]
    assert str(lamp.id) in town.browser("worker").get("/console/palette", {"q": number}).content.decode()


def test_the_palette_shows_nobody_what_is_not_theirs(town, lamp, db):
    said = town.browser("far_worker").get("/console/palette", {"q": "路灯不亮"}).content.decode()
    assert str(lamp.id) not in said
    assert (
        town.browser("worker").get("/console/palette", {"q": "社区负责人"}).content.decode().count("负责人")
        < 5
    )


@pytest.mark.parametrize("words", ["%", "_", "' or 1=1", "\\", "路" * 300, "😀", "<script>"])
def test_any_words_get_an_answer(town, db, words):
    answer = town.browser("community").get("/console/palette", {"q": words})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
