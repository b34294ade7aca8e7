"""Cases over HTTP: contract paths, idempotence, what is refused and how."""

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from tests import builders
from tests.builders import NOW

from wangge.base import clock
from wangge.base.ids import new_id

PLACE = {"lon": 119.355, "lat": 34.745}


@pytest.fixture(autouse=True)
def at_work(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def item(town):
    return town.add(builders.item, summons="emergency")


def body(**facts):
    return {"item": "M01-01", "title": "路灯不亮", "reported_at": NOW.isoformat(), **PLACE} | facts


def put(client, case_id, content):
    return client.put(f"/api/v1/cases/{case_id}", json.dumps(content), content_type="application/json")


def post(client, case_id, step, **facts):
    content = {"command_id": str(uuid4())} | facts
    return client.post(
        f"/api/v1/cases/{case_id}/{step}", json.dumps(content), content_type="application/json"
    )


def test_the_first_put_is_201_and_each_later_one_200_with_the_same_body(town, item, db):
    client, case_id = town.client("worker"), new_id()
    first, again = put(client, case_id, body()), put(client, case_id, body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = put(client, case_id, body(title="井盖缺失"))
    assert (other.status_code, other.json()["code"]) == (409, "other-content")
    assert other.headers["content-type"] == "application/problem+json"


def test_a_case_goes_from_report_to_close_and_tells_who_did_what(town, item, db):
    case_id = new_id()
    assert put(town.client("dispatcher"), case_id, body(source="hotline")).status_code == 201
    assert (
        post(town.client("dispatcher"), case_id, "dispatch", departments=["city-management"]).status_code
        == 200
    )
    assert (
        post(town.client("handler"), case_id, "handle", outcome="mended", answer="已更换").status_code == 200
    )
    assert post(town.client("community"), case_id, "verify", mended=True).status_code == 200
    assert post(town.client("dispatcher"), case_id, "close").status_code == 200
    seen = town.client("worker").get(f"/api/v1/cases/{case_id}").json()
    assert (seen["state"], seen["found_tier"], seen["resolved_tier"]) == ("closed", "county", "county")
    assert [entry["verb"] for entry in seen["journal"]] == [
        "case.reported", "case.dispatched", "case.handled", "case.verified", "case.closed",
    ]  # fmt: skip
    assert {entry["actor"] for entry in seen["journal"]} == {"连云区坐席", "城管处置员", "荷花社区负责人"}


def test_the_answer_says_what_the_viewer_may_do_next(town, item, db):
    case_id = new_id()
    put(town.client("worker"), case_id, body())
    worker = town.client("worker").get(f"/api/v1/cases/{case_id}").json()["moves"]
    assert {"step": "accept", "needs": []} in worker
    assert town.client("worker2").get(f"/api/v1/cases/{case_id}").status_code == 404


def test_a_list_is_newest_first_in_pages_without_gap_or_repetition(town, item, db):
    client, ids = town.client("worker"), []
    for number in range(7):
        made = put(client, new_id(), body(reported_at=(NOW - timedelta(hours=number)).isoformat()))
        ids.append(made.json()["id"])
    found, cursor = [], ""
    while cursor is not None:
        page = client.get("/api/v1/cases", {"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        found += [case["id"] for case in page["items"]]
        cursor = page["next"]
    assert found == ids


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"title": "路" * 300}, 422),
        ({"title": "路灯💡不亮"}, 201),
        ({"title": "مصباح الشارع"}, 201),
        ({"title": "路\x00灯"}, 422),
        ({"title": "   "}, 422),
        ({"reported_at": "1900-01-01T00:00:00+08:00"}, 422),
        ({"reported_at": "2099-01-01T00:00:00+08:00"}, 422),
        ({"reported_at": "2026-04-15T10:00:00"}, 422),
        ({"lon": 125.0, "lat": 30.0}, 422),
        ({"lon": 190.0}, 422),
        ({"lon": "NaN"}, 422),
        ({"lon": None}, 422),
        ({"item": "X99-99"}, 404),
        ({"item": "M99-99"}, 404),
        ({"unknown": 1}, 422),
        ({"urgency": "hurry"}, 422),
        ({"attachments": ["0" * 64]}, 404),
    ],
)
def test_each_bad_value_has_a_defined_answer(town, item, db, facts, status):
    answer = put(town.client("worker"), new_id(), body(**facts))
    assert answer.status_code == status, answer.content
    if status >= 400:
        assert answer.json()["code"]
        assert not town.rows("select 1 from cases_case")


def test_a_body_that_is_no_json_and_a_nan_in_it_are_refused(town, item, db):
    client, path = town.client("worker"), f"/api/v1/cases/{new_id()}"
    assert client.put(path, b"{", content_type="application/json").status_code == 400
    raw = json.dumps(body()).replace("119.355", "NaN")
    assert client.put(path, raw, content_type="application/json").status_code in (400, 422)


def test_without_a_sign_in_nothing_is_told(client, town, item, db):
    assert client.get(f"/api/v1/cases/{new_id()}").status_code == 401
    assert client.get("/api/v1/cases", headers={"authorization": "Bearer nonsense"}).status_code == 401


def test_a_browsers_post_needs_the_csrf_token(town, item, db):
    case_id = new_id()
    put(town.client("worker"), case_id, body())
    answer = post(town.browser("worker"), case_id, "accept")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


def test_two_dispatchers_close_one_case_at_once_and_one_of_them_is_told(town, item, open_db):
    """Real connections, real commits: one step wins, the other gets 409; the journal holds one closing."""
    case_id = new_id()
    put(town.client("worker"), case_id, body())
    post(town.client("worker"), case_id, "accept")
    post(town.client("worker"), case_id, "handle", outcome="mended", answer="好了")
    post(town.client("community"), case_id, "verify", mended=True)
    clients, answers = [town.client("dispatcher"), town.client("centre")], []
    gate = threading.Barrier(2)

    def close(client):
        gate.wait()
        answers.append(post(client, case_id, "close").status_code)
        connections.close_all()

    threads = [threading.Thread(target=close, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
    assert town.rows("select count(*) from journal_entry where verb = 'case.closed'") == [(1,)]


def test_the_same_report_sent_at_once_on_eight_connections_arrives_exactly_once(town, item, open_db):
    case_id, answers = new_id(), []
    clients = [town.client("worker") for _ in range(8)]
    gate = threading.Barrier(8)

    def send(client):
        gate.wait()
        answers.append(put(client, case_id, body()).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 7 + [201]
    assert town.rows("select count(*), max(number) from cases_case") == [(1, "0703-260415-0001")]
