"""Every operation of the interface by every account, about something here and something in the other county.

The permission table (permissions.py) says who is let through and what everyone else is told; after each refused write
the database is compared with before.
"""

import json
from itertools import product

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


@pytest.fixture
def doors(town, db, monkeypatch, settings):
    """The clients of all accounts, and the sides that the calls are about."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt is slow on purpose
    full = things(town)
    return {name: town.client(name) for name in PEOPLE}, {"here": full.here, "there": full.there}


def ask(client, operation, call, **more):
    method, path = operation.split("#")[0].split(" ")
    body, raw = call["body"], isinstance(call["body"], bytes)
    return client.generic(
        method,
        "/api/v1" + path.format(**call["path"]),
        body if raw else json.dumps({} if body is None else body),
        content_type="application/octet-stream" if raw else "application/json",
        query_params=call["query"],
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
                answer = ask(client, operation, call(side))
                if answer.status_code >= 400 and not operation.startswith("GET") and checksum(town) != before:
                    wrong.append(f"{operation} by {name} {where} was refused and changed something")
                transaction.set_rollback(True)
            if answer.status_code != ANSWERS[operation].expected(name, where):
                wrong.append(f"{operation} by {name} {where}: {answer.status_code}")
            if answer.streaming:
                b"".join(answer.streaming_content)  # read to its end, the file is closed
    assert wrong == []


def test_whoever_is_not_signed_in_is_told_nothing(client, doors):
    """Protects every path but the sign-in from those who have no account, or whose token is not one."""
    _clients, sides = doors
    for operation, call in CALLS.items():
        if operation != "POST /sign-in":
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
        if not operation.startswith("GET") and operation != "POST /sign-in":
            answer = ask(town.browser("admin"), operation, call(sides["here"]))
            assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), operation
