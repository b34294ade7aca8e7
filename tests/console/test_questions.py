"""The pages of departments' questions: asked by a seat, decided by an office, read without a door; and the sheet that carries them."""

import re
from datetime import timedelta

import pytest
from tests.visits.asked import OFFICE, homes_in, visit

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.visits.jobs import renew_due_visits
from wangge.visits.models import Question, Reply


def post(browser, address, **typed):
    page = browser.get("/console/").content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    return browser.post(address, {"csrfmiddlewaretoken": token, **typed})


def days(length=10):
    today = clock.now().astimezone(SHANGHAI).date()
    return {"from_on": today.isoformat(), "to_on": (today + timedelta(days=length)).isoformat()}


def typed(town, **facts):
    said = {"office": OFFICE, "area": town.community.code, "text": "家里养狗吗？", "answer": "yes_no"}
    return said | {"basis": "养犬条例", "question_id": str(new_id()), **days()} | facts


@pytest.fixture
def homes(town, db):
    return homes_in(town)


def asked(town, **facts):
    answer = post(town.browser("handler"), "/console/questions/new", **typed(town, **facts))
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"].split("?")[0]


def test_a_department_asks_and_reads_how_far_it_is(town, homes):
    seat, office = town.browser("handler"), town.browser("community")
    looked = post(seat, "/console/questions/new", **typed(town, look="yes"))
    assert re.search(r'class="done"[^>]*><p>[^<]*12 户', looked.content.decode())
    assert Question.objects.count() == 0
    at = asked(town)
    assert "家里养狗吗" in office.get("/console/questions").content.decode()
    page = office.get(at).content.decode()
    assert "同意问询" in page
    assert "同意问询" not in seat.get(at).content.decode()
    assert post(seat, f"{at}/accept").status_code == 403
    assert post(office, f"{at}/accept").status_code == 302
    told = seat.get(at).content.decode()
    assert "王0" not in told
    assert "每满 10 户公布一次" in told


def test_a_refusal_needs_a_reason_that_the_department_reads(town, homes):
    at = asked(town)
    office = town.browser("township")
    assert post(office, f"{at}/refuse", reason="").status_code == 422
    assert post(office, f"{at}/refuse", reason="上月刚问过").status_code == 302
    assert "上月刚问过" in town.browser("handler").get(at).content.decode()


def test_what_was_typed_stands_there_again_when_it_is_wrong(town, homes):
    seat = town.browser("handler")
    answer = post(seat, "/console/questions/new", **typed(town, answer="words", words="井水"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "家里养狗吗" in page
    assert 'id="words" name="words" rows="4" aria-invalid="true">井水' in page


def test_no_other_department_and_no_worker_finds_it(town, homes):
    at = asked(town)
    assert town.browser("handler2").get(at).status_code == 404
    assert town.browser("worker").get(at).status_code == 404
    assert "家里养狗吗" not in town.browser("handler2").get("/console/questions").content.decode()
    assert town.browser("far_community").get(at).status_code == 404


def test_who_takes_a_question_back_says_why(town, homes):
    at = asked(town)
    seat = town.browser("handler")
    assert post(seat, f"{at}/end", reason="").status_code == 422
    assert post(seat, f"{at}/end", reason="写错了").status_code == 302
    assert "写错了" in seat.get(at).content.decode()
    assert post(town.browser("community"), f"{at}/accept").status_code == 409


def test_the_sheet_asks_and_the_desk_types_the_replies_in(town, homes):
    at = asked(town, answer="words", words="井水\n自来水")
    post(town.browser("community"), f"{at}/accept")
    renew_due_visits(clock.now())
    browser = town.browser("worker")
    sheet = post(browser, "/console/visits/rounds", begins="08:30")["Location"]
    page = browser.get(sheet).content.decode()
    assert "<b>要问 1</b> 家里养狗吗？ (井水 / 自来水)" in page
    assert page.count("<b>要问 1</b>＿＿＿") == 12, "each door has room for what is said"
    question = Question.objects.get()
    form = browser.get(f"{sheet}/type").content.decode()
    assert f'name="reply-1-{question.id}"' in form
    field = f"reply-%d-{question.id}"
    said = {"mark-1": "2", field % 1: "井水", "mark-2": "1", field % 2: "×", "mark-3": "3", field % 3: "井水"}
    said |= {"mark-4": "2", "mark-5": "2", field % 5: "河水"}
    answer = post(browser, f"{sheet}/type", **said)
    assert answer.status_code == 422, "the fifth row has no such word"
    town.as_viewer("worker", now=clock.now())
    kept = sorted((reply.choice, reply.declined) for reply in Reply.objects.filter(declined=False))
    assert kept == [(0, False)]
    assert Reply.objects.filter(declined=True).count() == 1
    again = post(browser, f"{sheet}/type", **{"mark-5": "2", field % 5: "自来水"})
    assert again.status_code == 200
    assert "井水" in browser.get("/console/visits").content.decode(), "the visit keeps what was said"


def test_lines_are_shown_without_a_door_and_from_ten_on(town, homes):
    at = asked(town, answer="line")
    post(town.browser("community"), f"{at}/accept")
    question = Question.objects.get()
    now = clock.now()
    town.as_viewer("worker", now=now)
    for place, home in enumerate(homes):
        visit(town, home, (question, f"路灯 {place}"), at=now)
    seat = town.browser("handler")
    assert '<li class="told">' not in seat.get(at).content.decode(), (
        "the next one would be told by a subtraction"
    )
    assert post(seat, f"{at}/end", reason="够了").status_code == 302
    page = seat.get(at).content.decode()
    shown = re.findall(r'<li class="told">(路灯 \d+)</li>', page)
    assert sorted(shown) == sorted(f"路灯 {place}" for place in range(12))
    assert all(home.number not in page for home in homes)


def test_an_errand_is_no_question(town, homes):
    question = asked(town).rsplit("/", 1)[-1]
    errand = {"kind": "question", "text": "?", "since": "2026-01-01", "by": "2026-12-31"}
    answer = town.client("community").post(
        "/api/v1/visits/errands",
        {"households": [str(homes[0].pk)], "ref": question, **errand},
        content_type="application/json",
    )
    assert answer.status_code == 422


def test_the_office_is_told_what_a_question_would_tell_together_with_an_earlier_one(town, homes):
    seat, office = town.browser("handler"), town.browser("community")
    first = asked(town, plot="yes")
    post(office, f"{first}/accept")
    looked = post(seat, "/console/questions/new", **typed(town, look="yes")).content.decode()
    assert "不会公布" in looked
    assert "请再问同样的住户" in looked
    later = asked(town, text="狗办证了吗？", answer="line")
    assert "请再问同样的住户" in seat.get(later).content.decode(), "the department can take it back"
    page = office.get(later).content.decode()
    assert "家里养狗吗？" in page, "which question it is"
    assert f'href="{first}"' in page
    assert "不足 10 户" in page
    assert "逐字" in page, "and that lines are read as they were written"
    assert "不会公布" not in office.get(first).content.decode()
    assert post(office, f"{later}/accept").status_code == 302
    assert "不予公布" in seat.get(later).content.decode()


def test_whoever_asks_and_whoever_types_is_told_that_lines_are_read_word_for_word(town, homes):
    seat, office = town.browser("handler"), town.browser("community")
    assert "逐字" in seat.get("/console/questions/new").content.decode()
    at = asked(town, answer="line")
    post(office, f"{at}/accept")
    renew_due_visits(clock.now())
    browser = town.browser("worker")
    sheet = post(browser, "/console/visits/rounds", begins="08:30")["Location"]
    assert browser.get(f"{sheet}/type").content.decode().count("部门会逐字看到") == 12
