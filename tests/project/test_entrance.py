"""A request's one transaction: its scope is its own, and an answer of 400 or more leaves nothing behind."""

import json
from threading import Thread

import psycopg
import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from tests import builders
from tests.folder import DATA

from wangge.cases.models import Case
from wangge.project.cluster import Cluster
from wangge.project.entrance import enter
from wangge.staff.models import Account


def ask(view, *, secret="", cookie="", path="/console/"):
    request = RequestFactory(headers={"authorization": f"Bearer {secret}"} if secret else {}).get(path)
    if cookie:
        request.COOKIES["wangge_session"] = cookie
    return enter(view)(request)


@pytest.fixture
def case(town):
    return town.add(builders.case, town.add(builders.item), town.grid_a)


def count(request):
    return HttpResponse(str(Case.objects.count()))


def test_the_scope_is_the_viewers_for_one_request_only(town, open_db, case):
    assert ask(count, secret=town.token("worker")).content == b"1"
    assert ask(count, cookie=town.token("worker")).content == b"1"
    assert ask(count, secret=town.token("worker2")).content == b"0"
    assert ask(count).content == b"0"
    assert Case.objects.count() == 0


def test_the_token_speaks_not_the_cookie_beside_it(town, open_db, case):
    assert ask(count, secret=town.token("worker2"), cookie=town.token("worker")).content == b"0"
    assert ask(count, secret="no such", cookie=town.token("worker")).content == b"0"


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (204, True), (302, True), (400, False), (409, False), (500, False)]
)
def test_an_answer_of_400_or_more_leaves_nothing_behind(town, open_db, status, kept):
    def view(request):
        Account.objects.filter(id=request.viewer.account_id).update(language="en")
        return HttpResponse(status=status)

    ask(view, secret=town.token("worker"))
    assert (town.rows("select language from staff_account where username = 'worker'") == [("en",)]) is kept


def test_an_error_leaves_nothing_behind(town, open_db):
    def view(request):
        Account.objects.filter(id=request.viewer.account_id).update(language="en")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ask(view, secret=town.token("worker"))
    assert town.rows("select language from staff_account where username = 'worker'") == [("",)]
    assert not connection.in_atomic_block


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/api/v1/sign-in", "/sign-in", "/static/x.css"])
def test_some_paths_are_outside_of_any_transaction(town, open_db, path):
    def view(request):
        assert request.viewer is None
        return HttpResponse(str(connection.in_atomic_block))

    assert ask(view, secret=town.token("worker"), path=path).content == b"False"


def test_a_path_that_only_begins_so_is_not(town, open_db):
    assert (
        ask(
            lambda request: HttpResponse(request.viewer.username),
            secret=town.token("worker"),
            path="/sign-ins",
        ).content
        == b"worker"
    )


def test_requests_at_the_same_time_have_each_their_own_scope(town, open_db, case):
    secrets = [town.token(name) for name in ("worker", "worker2", "centre", "far_centre")] * 3
    seen = {}

    def run(index, secret):
        seen[index] = ask(count, secret=secret).content
        connection.close()

    threads = [Thread(target=run, args=each) for each in enumerate(secrets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [seen[index] for index in range(12)] == [b"1", b"0", b"1", b"0"] * 3


def test_an_accounts_language_is_spoken_unless_another_was_chosen(town, open_db):
    town.run("update staff_account set language = 'en' where username = 'worker'")
    client = town.browser("worker")
    assert client.get("/api/v1/me").json()["posts"][0]["name"] == "Grid worker"
    client.cookies["wangge_language"] = "zh-hans"
    assert client.get("/api/v1/me").json()["posts"][0]["name"] == "网格员"


def test_a_viewer_outlives_no_transaction(town, open_db, case):
    with transaction.atomic():
        town.as_viewer("worker")
        assert Case.objects.count() == 1
    with transaction.atomic():
        assert Case.objects.count() == 0


def test_what_an_answer_says_after_a_refusal_is_json(town, open_db):
    answer = town.client("worker").get("/api/v1/staff/accounts/999999")
    assert json.loads(answer.content)["code"] == "not-found"


def test_a_connection_whose_server_went_away_costs_nobody_a_request(town, open_db):
    client = town.client("worker")
    assert client.get("/api/v1/me").status_code == 200
    with psycopg.connect(Cluster(DATA).dsn("postgres"), autocommit=True) as server:
        server.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'wangge_app'")
        while server.execute("select count(*) from pg_stat_activity where usename = 'wangge_app'").fetchone()[
            0
        ]:
            pass
    assert client.get("/api/v1/me").status_code == 200
