"""A server of the user's own: each reason why it will not do is said with the way out."""

from types import SimpleNamespace

import psycopg
import pytest

from wangge.project import database
from wangge.project.database import check_server, urls
from wangge.project.environment import StartRefused, read_environment


class Rows(list):
    def fetchone(self):
        return self[0] if self else None


class Server:
    """Answers as a PostgreSQL that is asked for its version, its extensions and the role's rights."""

    def __init__(self, version=150000, extensions=("ltree", "btree_gist"), sees_all=False):
        self.info = SimpleNamespace(server_version=version)
        self.answers = {
            "pg_available_extensions": [(name,) for name in extensions],
            "rolbypassrls": [(sees_all,)],
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, statement):
        return Rows(next(rows for word, rows in self.answers.items() if word in statement))


@pytest.fixture
def environment(tmp_path):
    return read_environment(
        {
            "WANGGE_DATA": str(tmp_path),
            "DATABASE_URL": "postgresql://owner:word@db:5432/grid",
            "WANGGE_APP_DATABASE_URL": "postgresql://app:word@db:5432/grid",
        }
    )


@pytest.mark.parametrize(
    ("server", "said", "way_out"),
    [
        (Server(version=140011), "PostgreSQL 14", "15"),
        (Server(extensions=("ltree",)), "btree_gist", "contrib"),
        (Server(sees_all=True), "see past the row policies", "WANGGE_APP_DATABASE_URL"),
    ],
)
def test_a_server_that_will_not_do_is_refused(environment, monkeypatch, server, said, way_out):
    monkeypatch.setattr(database.psycopg, "connect", lambda *_, **__: server)
    with pytest.raises(StartRefused, match=said) as refused:
        check_server(environment)
    assert way_out in refused.value.way_out


def test_a_good_server_is_accepted(environment, monkeypatch):
    monkeypatch.setattr(database.psycopg, "connect", lambda *_, **__: Server())
    check_server(environment)


def test_a_server_that_is_away_is_refused_without_the_password(environment, monkeypatch):
    def away(*_, **__):
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(database.psycopg, "connect", away)
    with pytest.raises(StartRefused, match="cannot be reached") as refused:
        check_server(environment)
    assert "word" not in refused.value.message
    assert "DATABASE_URL" in refused.value.way_out


def test_the_applications_role_gets_a_kept_password_of_its_own(tmp_path):
    environment = read_environment(
        {"WANGGE_DATA": str(tmp_path), "DATABASE_URL": "postgresql://owner:word@db:5432/grid?sslmode=require"}
    )
    owner, app = urls(environment)
    assert owner.startswith("postgresql://owner:word@db:5432/grid")
    assert app.startswith("postgresql://wangge_app:")
    assert app.endswith("@db:5432/grid?sslmode=require")
    assert "word@" not in app
    assert urls(environment)[1] == app
