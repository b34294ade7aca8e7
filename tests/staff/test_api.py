"""Staff over HTTP: signing in with cookie and token, oneself, posts, accounts and figures."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from tests import builders
from tests.cast import PASSWORD

from wangge.base import clock
from wangge.base.calendar import SHANGHAI

SIGN_IN = "/api/v1/sign-in"


def today():
    return clock.now().astimezone(SHANGHAI).date()


def send(client, path, body=None, method="post", **headers):
    return getattr(client, method)(
        f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", headers=headers
    )


def sign_in(client, username="worker", password=PASSWORD, **headers):
    return send(client, "/sign-in", {"username": username, "password": password}, **headers)


def test_signing_in_gives_a_token_and_a_cookie_that_script_cannot_read(town, db):
    answer = sign_in(Client(enforce_csrf_checks=True))
    assert answer.status_code == 200
    token = answer.json()["token"]
    cookie = answer.cookies["wangge_session"]
    assert cookie.value == token
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    me = Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/me").json()
    assert me["username"] == "worker"


def test_on_a_public_address_the_cookie_goes_over_tls_only(town, db, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(Client()).cookies["wangge_session"]["secure"] is True


def test_signing_in_gives_another_csrf_token(town, db):
    client = Client()
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    planted = sign_in(client).cookies[settings.CSRF_COOKIE_NAME].value
    assert planted != "a" * 32


@pytest.mark.parametrize(
    "headers", [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_site_cannot_sign_a_browser_in(town, db, headers):
    answer = sign_in(Client(), **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert "wangge_session" not in answer.cookies


def test_ones_own_site_can(town, db):
    assert (
        sign_in(Client(), origin="http://testserver", **{"sec-fetch-site": "same-origin"}).status_code == 200
    )


def test_a_failed_sign_in_is_told_and_stays_counted(town, open_db):
    answer = sign_in(Client(), password="wrong")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong-password")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert town.rows("select failures from staff_account where username = 'worker'") == [(1,)]


def test_a_failed_sign_in_stays_counted_also_for_who_is_signed_in(town, open_db):
    assert sign_in(town.client("community"), password="wrong").status_code == 401
    assert town.rows("select failures from staff_account where username = 'worker'") == [(1,)]


def test_who_is_throttled_hears_for_how_long(town, open_db, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.MOST_BY_NAME", 1)
    sign_in(Client(), password="wrong")
    answer = sign_in(Client())
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many")
    assert int(answer.headers["Retry-After"]) == answer.json()["seconds"] > 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"username": 1, "password": "x"}',
        '{"username": "a", "password": null}',
        '{"username": "a", "password": "b", "admin": true}',
        "\x00",
    ],
)
def test_a_body_that_is_no_sign_in_is_refused(town, db, body):
    answer = Client().post(SIGN_IN, body, content_type="application/json")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("username", ["\\ud800", "a\\u0000b", "x" * 200, "😀" * 20, "\\u202eadmin"])
def test_a_strange_name_is_just_nobody(town, db, username):
    answer = Client().post(
        SIGN_IN, f'{{"username": "{username}", "password": "x"}}', content_type="application/json"
    )
    assert answer.status_code in (401, 422)


def test_signing_out_ends_cookie_and_secret(town, db):
    client = Client()
    sign_in(client)
    answer = send(client, "/sign-out")
    assert answer.status_code == 204
    assert answer.cookies["wangge_session"].value == ""
    client.cookies["wangge_session"] = town.token("worker")
    assert client.get("/api/v1/me").status_code == 200


def test_a_signed_out_secret_opens_nothing(town, db):
    client = town.client("worker")
    assert send(client, "/sign-out").status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    assert send(client, "/sign-out").status_code == 401


def test_a_browsers_form_needs_the_csrf_token_and_a_programs_does_not(town, db):
    browser = town.browser("worker")
    assert send(browser, "/sign-out").status_code == 403
    assert browser.get("/api/v1/me").status_code == 200
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    assert send(browser, "/sign-out", **{"x-csrftoken": "a" * 32}).status_code == 204


def test_a_forged_form_with_an_empty_bearer_beside_the_cookie_is_nobody(town, db):
    client = town.browser("worker")
    for header in ("Bearer ", "Bearer x", "Basic eDp5"):
        assert send(client, "/sign-out", authorization=header).status_code in (401, 403)


def test_me_tells_posts_areas_and_duties(town, db):
    me = town.client("worker").get("/api/v1/me", headers={"accept-language": "en"}).json()
    assert (me["name"], me["areas"], me["duties"]) == ("一网格员", [town.grid_a.code], ["register", "walk"])
    (post,) = me["posts"]
    assert (post["kind"], post["name"], post["area"]) == (
        "grid_worker",
        "Grid worker",
        {"code": town.grid_a.code, "name": "一网格", "level": "grid"},
    )
    assert "case.handle" in me["verbs"]
    handler = town.client("handler").get("/api/v1/me").json()
    assert (handler["areas"], handler["posts"][0]["department"]) == ([], "city-management")


def test_every_path_but_sign_in_asks_who_one_is(town, db):
    client = Client()
    for path in (
        "/me",
        "/me/sign-ins",
        "/staff/kinds",
        f"/staff/posts?area={town.city.code}",
        "/staff/accounts",
    ):
        answer = client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), path


def test_one_ends_a_lost_phones_sign_in(town, db):
    phone, desk = town.client("worker"), town.client("worker")
    listed = desk.get("/api/v1/me/sign-ins").json()
    lost = next(each["key"] for each in listed if not each["current"])
    assert desk.delete(f"/api/v1/me/sign-ins/{lost}").status_code == 204
    assert phone.get("/api/v1/me").status_code == 401
    assert desk.delete(f"/api/v1/me/sign-ins/{lost}").status_code == 404


def test_ones_own_password_is_changed(town, db):
    client, other = town.client("worker"), town.client("worker")
    assert send(client, "/me/password", {"password": "another long one", "current": "x"}).status_code == 401
    assert (
        send(client, "/me/password", {"password": "short", "current": PASSWORD}).json()["code"]
        == "weak-password"
    )
    assert (
        send(client, "/me/password", {"password": "another long one", "current": PASSWORD}).status_code == 204
    )
    assert client.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401


def test_guessing_ones_own_password_locks_the_account_for_a_while(town, open_db, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.LOCK_AFTER", 3)
    client = town.client("worker")
    for guesses in (1, 2, 3):
        answer = send(client, "/me/password", {"password": "another long one", "current": "a guess"})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong-password")
        assert town.rows("select failures from staff_account where username = 'worker'") == [(guesses,)]
    path = f"/staff/accounts/{town.accounts['worker'].pk}/password"
    assert send(client, path, {"password": "another long one"}).status_code == 401
    assert town.rows("select failures from staff_account where username = 'worker'") == [(3,)]
    entries = builders.journal_entries(town.owner, "account.locked")
    assert [entry["actor_id"] for entry in entries] == [town.accounts["worker"].pk]
    right = {"password": "another long one", "current": PASSWORD}
    assert send(client, "/me/password", right).status_code == 401
    assert sign_in(Client()).status_code == 401
    assert client.get("/api/v1/me").status_code == 200
    town.run("update staff_account set locked_until = now() where username = 'worker'")
    assert send(client, "/me/password", right).status_code == 204
    assert town.rows("select failures from staff_account where username = 'worker'") == [(0,)]


def test_an_account_is_added_and_given_a_post(town, db):
    client = town.client("community")
    added = send(client, "/staff/accounts", {"username": "xin.ren", "name": "新人", "home": town.grid_b.code})
    assert added.status_code == 201
    again = send(client, "/staff/accounts", {"username": "xin.ren", "name": "新人", "home": town.grid_b.code})
    assert (again.status_code, again.json()["code"]) == (409, "username-taken")
    post = send(client, "/staff/posts", {"kind": "grid_lead", "area": town.grid_b.code})
    assert post.status_code == 201
    body = {"account": added.json()["id"], "from_on": str(today()), "part": "part_time"}
    given = send(client, f"/staff/posts/{post.json()['id']}/assign", body)
    assert (given.status_code, given.json()["part"]) == (201, "part_time")
    taken = send(client, f"/staff/posts/{post.json()['id']}/assign", body)
    assert (taken.status_code, taken.json()["code"]) == (409, "post-held")
    page = client.get(f"/api/v1/staff/posts?area={town.grid_b.code}").json()
    assert {each["kind"]: [held["name"] for held in each["held"]] for each in page["items"]} == {
        "grid_worker": ["二网格员"],
        "grid_lead": ["新人"],
    }
    end = {"to_on": str(today())}
    assert send(client, f"/staff/assignments/{given.json()['id']}/end", end).status_code == 200
    closed = send(client, f"/staff/posts/{post.json()['id']}/close", {"on": str(today())})
    assert (closed.status_code, closed.json()["closed_on"]) == (200, str(today()))


def test_a_stand_in_is_named(town, db):
    days = {"from_on": str(today()), "to_on": str(today() + timedelta(days=2))}
    body = {"account": town.accounts["worker2"].pk, **days}
    answer = send(
        town.client("community"), f"/staff/assignments/{town.assignments['worker'].pk}/stand-in", body
    )
    assert (answer.status_code, answer.json()["stands_in_for"]) == (201, town.assignments["worker"].pk)
    refused = send(
        town.client("worker"), f"/staff/assignments/{town.assignments['worker'].pk}/stand-in", body
    )
    assert refused.status_code == 403


def test_pages_of_accounts_and_posts_leave_none_out(town, db):
    client = town.client("admin")
    for path in (f"/staff/accounts?area={town.city.code}", f"/staff/posts?area={town.city.code}"):
        ids, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/api/v1{path}&limit=5" + (f"&cursor={cursor}" if cursor else "")).json()
            ids += [each["id"] for each in page["items"]]
            cursor = page["next"]
        assert len(ids) == len(set(ids)) == len(town.accounts)


def test_accounts_are_found_by_a_part_of_their_name(town, db):
    client = town.client("admin")
    found = client.get("/api/v1/staff/accounts", {"q": "陇东"}).json()["items"]
    assert {each["username"] for each in found} == {"far_worker", "far_community", "far_mediator"}
    assert client.get("/api/v1/staff/accounts", {"q": "%"}).json()["items"] == []
    assert "password" not in found[0]


def test_an_account_of_elsewhere_is_not_there(town, db):
    far = town.accounts["far_worker"].pk
    client = town.client("community")
    assert client.get(f"/api/v1/staff/accounts/{far}").status_code == 404
    assert (
        send(client, f"/staff/accounts/{far}/password", {"password": "another long one"}).status_code == 404
    )
    assert client.get(f"/api/v1/staff/accounts/{2**63 - 1}").status_code == 404
    assert client.get(f"/api/v1/staff/accounts/{2**63}").status_code == 422


def test_the_figures_and_vacancies_of_an_area(town, db):
    client = town.client("community")
    figures = client.get(f"/api/v1/staff/staffing?area={town.community.code}").json()
    assert figures["total"]["required"] == figures["total"]["filled"] + figures["total"]["vacant"] == 9
    assert figures["full_time_share"] == 1.0
    names = client.get(
        f"/api/v1/staff/vacancies?area={town.community.code}", headers={"accept-language": "zh-hans"}
    ).json()
    assert ("一网格", "网格长", 1) in [
        (each["area_name"], each["name"], each["missing"]) for each in names["items"]
    ]
    assert client.get(f"/api/v1/staff/staffing?area={town.county.code}").status_code == 403
    assert client.get("/api/v1/staff/staffing?area=000000000000").status_code == 404
    assert client.get("/api/v1/staff/vacancies?area=320703003002&cursor=x").status_code == 422
