"""The residents' door: which plans they are asked about, one in plain words, its form, and the answer by a code."""

import re

import pytest
from django.test import Client
from tests.builders import NOW
from tests.plans.test_from_residents import asked

from wangge.base import clock
from wangge.plans import actions
from wangge.plans.queries import open_for_comment
from wangge.plans.queries.said import comments_of

LIST, ANSWER = "/plans/", "/plans/answer/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def form_of(client, address):
    """What the page's form brings along."""
    return hidden_in(client.get(address).content.decode())


def hidden_in(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def send(client, address, **typed):
    hidden = form_of(client, address)
    return client.post(address, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, **hidden, **typed})


@pytest.fixture
def resident():
    return Client(enforce_csrf_checks=True)


@pytest.mark.django_db
def test_a_resident_finds_the_plan_says_what_they_think_and_reads_the_answer(town, resident):
    plan = asked(town)
    town.as_nobody()
    address = f"{LIST}{plan.id}/"
    front, listed = (resident.get(page).content.decode() for page in ("/", LIST))
    assert address in front
    assert address in listed
    assert "网格调整征求意见" in listed
    page = resident.get(address)
    shown = page.content.decode()
    for said in ("一网格", "二网格", "约 70 户", "约 10 户", "2026年4月29日", "<svg"):
        assert said in shown, said
    assert page["Cache-Control"] == "no-store"
    assert "<script" not in shown
    sent = send(resident, address, grid=town.grid_a.code, text="两个小区应在一起", phone="13812345678")
    assert sent.status_code == 201, sent.content.decode()
    code = re.search(r"data-code>([\d ]+)<", sent.content.decode())[1]
    office = town.as_viewer("community")
    [said] = comments_of(office, plan)
    assert "还没有答复" in send(resident, ANSWER, code=code).content.decode()
    actions.answer_comment(office, plan.id, said.comment.id, text="方案已改", now=clock.now())
    town.as_nobody()
    read = send(resident, ANSWER, code=code).content.decode()
    assert "方案已改" in read
    assert "13812345678" not in read
    english = resident.get(address, headers={"cookie": "wangge_language=en"}).content.decode()
    assert "about 70 households" in english


@pytest.mark.django_db
def test_who_has_signed_in_is_a_resident_there_like_everybody(town):
    plan = asked(town)
    town.as_nobody()
    assert send(town.browser("worker"), f"{LIST}{plan.id}/", text="好").status_code == 201
    [said] = comments_of(town.as_viewer("community"), plan)
    assert said.comment.by_id is None


@pytest.mark.django_db
def test_what_is_not_taken_comes_back_with_what_was_typed_and_why(town, resident):
    plan = asked(town)
    town.as_nobody()
    address = f"{LIST}{plan.id}/"
    for typed, said in (
        ({"text": "长" * 1001}, "您的意见：最多 1000 个字"),
        ({"text": "", "phone": "13812345678"}, "请写下您的意见"),
        ({"text": "好", "phone": "电话"}, "5 至 15 位"),
        ({"text": "好", "grid": "3207030030029999"}, "本方案的网格"),
        ({"text": "好\x00"}, "U+0000"),
    ):
        answer = send(resident, address, **typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page, page[page.index("<main") :][:1500]
        assert f">{typed['text'].strip(chr(0))}" in page
        assert 'role="alert"' in page
    assert comments_of(town.as_viewer("community"), plan) == []
    elsewhere = resident.post(address, {"text": "好"}, headers={"origin": "https://elsewhere.example"})
    assert (elsewhere.status_code, "好" in elsewhere.content.decode()) == (403, False)
    resident.cookies.clear()
    lost = resident.post(address, {"text": "小区要在一起"}, headers={"origin": "http://testserver"})
    assert (lost.status_code, ">小区要在一起</textarea>" in lost.content.decode()) == (403, True)
    assert comments_of(town.as_viewer("community"), plan) == []


@pytest.mark.django_db
def test_of_a_plan_that_is_over_or_is_none_the_page_says_so(town, resident):
    plan = asked(town)
    address = f"{LIST}{plan.id}/"
    hidden = form_of(resident, address)
    actions.take_step(town.as_viewer("township"), plan.id, "approve", reason="汛期前要用", now=clock.now())
    town.as_nobody()
    gone = resident.get(address)
    assert (gone.status_code, "征求意见已经结束" in gone.content.decode()) == (404, True)
    token = resident.cookies["csrftoken"].value
    late = resident.post(address, {**hidden, "csrfmiddlewaretoken": token, "text": "两个小区应在一起"})
    assert (late.status_code, "征求意见已经结束" in late.content.decode()) == (409, True)
    assert "readonly>两个小区应在一起</textarea>" in late.content.decode()
    assert "目前没有" in resident.get(LIST).content.decode()
    unknown = send(resident, ANSWER, code="1234")
    assert (unknown.status_code, "没有这个编码" in unknown.content.decode()) == (404, True)


@pytest.mark.django_db
def test_after_the_last_day_the_plan_is_shown_without_a_form(town, resident, monkeypatch):
    plan = asked(town)
    town.as_nobody()
    later = clock.now().replace(month=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = resident.get(f"{LIST}{plan.id}/")
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()
    assert open_for_comment.open_plan(plan.id), "until it is decided"


@pytest.mark.django_db
def test_a_form_that_was_taken_already_comes_back_as_a_new_one_with_what_was_typed_since(town, resident):
    plan = asked(town)
    town.as_nobody()
    address = f"{LIST}{plan.id}/"
    first = form_of(resident, address)
    assert resident.post(address, {**first, "text": "两个小区应在一起"}).status_code == 201
    # As after going back in the browser: the same form, other words.
    refused = resident.post(address, {**first, "text": "东门那栋也要一起"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert ">东门那栋也要一起</textarea>" in page
    again = hidden_in(page)
    assert again["form_id"] != first["form_id"]
    assert resident.post(address, {**again, "text": "东门那栋也要一起"}).status_code == 201
    said = comments_of(town.as_viewer("community"), plan)
    assert {one.comment.text for one in said} == {"两个小区应在一起", "东门那栋也要一起"}
