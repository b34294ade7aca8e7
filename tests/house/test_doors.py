"""Every operation of the interface by every account, about something here and something in the other county.

The permission table (permissions.py) says who is let through and what everyone else is told; after each refused write
the database is compared with before.
"""

import json
from itertools import product
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from tests.builders import NOW
from tests.cast import PEOPLE
from tests.house.expected_scope import SEEN
from tests.house.full_town import things
from tests.house.permissions import ANSWERS, CALLS

from wangge.base import clock
from wangge.staff.queries import enter_as_system


def operations():
    from wangge.doors.exchange.api import api

    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }


def writes():
    """How many rows were written in this transaction so far, also those that were undone."""
    with connection.cursor() as cursor:
        cursor.execute("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_xact_user_tables")
        return cursor.fetchone()[0]


def checksum(town):
    """Of all rows with a place, as the system sees the whole city."""
    enter_as_system(town.city.path)
    parts = " union all ".join(
        f"select '{table}', coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t"
        for table in SEEN
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return dict(cursor.fetchall())


#: Asked before anybody is known, or by a phone whose sign-in has ended.
WITHOUT_SIGN_IN = {
    "POST /sign-in",
    "GET /sync/devices/{device_id}/order",
    "POST /sync/devices/{device_id}/wiped",
}


@pytest.fixture
def doors(town, db, monkeypatch, settings):
    """The clients of all accounts, and the sides that the calls are about."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt is slow on purpose
    full = things(town)
    return {name: town.client(name) for name in PEOPLE}, {"here": full.here, "there": full.there}


def quoted(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="") or "%20"


def ask(client, operation, call, **more):
    method, path = operation.split("#")[0].split(" ")
    query = "?" + "&".join(f"{name}={quoted(str(value))}" for name, value in (call["query"] or {}).items())
    body, raw = call["body"], isinstance(call["body"], bytes)
    return client.generic(
        method,
        "/api/v1" + path.format(**call["path"]) + query,
        body if raw else json.dumps({} if body is None else body),
        content_type="application/octet-stream" if raw else "application/json",
        **more,
    )


def test_every_operation_stands_in_the_permission_table():
    """Protects new paths from being open by oversight: say how it is called, and who gets what."""
    assert {name.split("#")[0] for name in CALLS} == operations()
    assert CALLS.keys() == ANSWERS.keys()


def test_every_account_is_let_through_or_refused_as_the_table_says(town, doors):
    """Protects both counties from one another, and each right from those whose posts do not carry it."""
    clients, sides = doors
    before, wrong = checksum(town), []
    for operation, call in CALLS.items():
        for (where, side), (name, client) in product(sides.items(), clients.items()):
            with transaction.atomic():
                written = writes()
                answer = ask(client, operation, call(side))
                refused = answer.status_code >= 400 and not operation.startswith("GET")
                # Where nothing was written, nothing can be different.
                if refused and writes() != written and checksum(town) != before:
                    wrong.append(f"{operation} by {name} {where} was refused and changed something")
                transaction.set_rollback(True)
            if answer.status_code != ANSWERS[operation].expected(name, where):
                wrong.append(f"{operation} by {name} {where}: {answer.status_code}")
            if answer.streaming:
                b"".join(answer.streaming_content)  # read to its end, the file is closed
    assert not wrong, "\n".join(wrong)


def test_whoever_is_not_signed_in_is_told_nothing(client, doors):
    """Protects every path but the sign-in from those who have no account, or whose token is not one."""
    _clients, sides = doors
    for operation, call in CALLS.items():
        if operation not in WITHOUT_SIGN_IN:
            for headers in ({}, {"authorization": "Bearer nonsense"}, {"cookie": "wangge_session=nonsense"}):
                client.defaults = {}
                answer = ask(client, operation, call(sides["here"]), headers=headers)
                assert answer.status_code == 401, operation
                assert answer.json()["code"] == "not-signed-in"


def test_another_method_or_address_is_told_so_as_json(client, doors):
    """Protects programs from pages meant for people."""
    _clients, sides = doors
    for operation, call in CALLS.items():
        path = operation.split("#")[0].split(" ")[1]
        answer = ask(client, f"PROPFIND {path}", call(sides["here"]))
        assert (answer.status_code, answer.json()["code"]) == (405, "other-method")
        assert operation.split(" ")[0] in answer["Allow"]
    answer = client.get("/api/v1/no-such-noun")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-address")
    assert answer["content-type"] == "application/problem+json"


def test_every_write_refuses_a_forged_form(town, doors):
    """Protects browsers: a cookie alone, as another site's form would send it, opens no write."""
    _clients, sides = doors
    for operation, call in CALLS.items():
        if not operation.startswith("GET") and operation not in WITHOUT_SIGN_IN:
            answer = ask(town.browser("admin"), operation, call(sides["here"]))
            assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), operation


#: What no schema makes up, but phones, spreadsheets and attackers send.
NASTY = [
    "\x00", "\ud800", "路" * 300, "\u202egnp.exe", "مصباح", "💡", "1900-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31",
    "../../etc/passwd", "' or 1=1 --", "%s", "{0}", "NaN", float("nan"), float("inf"), 10**400, -1, 1e308, True, None, [], {},
    ["\x00"], {"a": {"b": []}}, "",
]  # fmt: skip


def spoilt(call):
    """The call with one value after another replaced by each nasty one."""
    for part in ("path", "query", "body"):
        values = call[part] if isinstance(call[part], dict) else {}
        for name, nasty in product(values, NASTY):
            if part == "body" or isinstance(nasty, str):
                yield call | {part: values | {name: quoted(nasty) if part == "path" else nasty}}


def test_nasty_values_have_a_declared_answer(doors):
    """Protects the server from values that the description's own requests never hold."""
    from wangge.doors.exchange.api import api

    clients, sides = doors
    paths = api.get_openapi_schema()["paths"]
    for operation, call in CALLS.items():
        method, path = operation.split("#")[0].split(" ")
        declared = {int(status) for status in paths[f"/api/v1{path}"][method.lower()]["responses"]}
        through = (
            name
            for name in PEOPLE
            if ANSWERS[operation].expected(name, "here") < 300 or "DELETE /me" in operation
        )
        # Some have nothing here to answer with: no model is set, no phone is lost.
        name = next(through, "worker")
        for wrong in spoilt(call(sides["here"])):
            with transaction.atomic():
                clients[name].raise_request_exception = False
                answer = ask(clients[name], operation, wrong)
                transaction.set_rollback(True)
            assert answer.status_code in declared | {404}, (operation, wrong, answer.content)
            assert "json" in answer["content-type"] or answer.status_code < 300, (operation, wrong)
