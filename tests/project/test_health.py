"""What machines ask: 200 only when it can work, and numbers only for this machine."""

import pytest
from django.db import OperationalError

from wangge.project import health


def test_a_working_installation_says_so(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_missing_migrations_are_told(client, db, monkeypatch):
    known = health._migrations() | {("cases", "9999_tomorrow")}
    monkeypatch.setattr(health, "_migrations", lambda: known)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "1 migrations are missing" in answer.json()["reason"]


def test_a_database_that_is_away_is_told_without_its_words(client, db, monkeypatch):
    def away():
        raise OperationalError("secret of the server")

    monkeypatch.setattr(health, "missing_migrations", away)
    monkeypatch.setattr(health.connection, "close", lambda: None)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "The database does not answer."


def test_every_migration_of_the_program_is_counted():
    labels = {label for label, _ in health._migrations()}
    assert {"areas", "blobs", "cases", "catalogue", "journal", "project", "procrastinate", "staff"} <= labels


def test_numbers_are_in_the_format_of_prometheus(client, db):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {line.split("{")[0].split()[0] for line in answer.text.splitlines() if not line.startswith("#")}
    assert {"wangge_up", "wangge_build_info", "wangge_database_bytes"} <= names


@pytest.mark.parametrize(
    ("address", "forwarded", "allowed"),
    [
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("10.1.2.3", "", False),
        ("127.0.0.1", "10.1.2.3", False),
        ("10.1.2.3", "127.0.0.1", False),
        ("127.0.0.1", "unknown", False),
        ("", "", False),
    ],
)
def test_numbers_are_for_this_machine_also_behind_a_proxy(client, db, address, forwarded, allowed):
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert answer.status_code == (200 if allowed else 403)


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_only_reading_is_answered(client, db, path):
    assert client.post(path).status_code == 405
