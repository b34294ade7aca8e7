"""Which database the settings connect to, as whom, and whether that server will do."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from wangge.project.cluster import OLDEST, Cluster
from wangge.project.environment import Environment, StartRefused, kept_secret

EXTENSIONS = ("ltree", "btree_gist")

# A scope ends with its transaction and falls back to the session's value: an empty list. Without this it would fall back
# to an empty text, which the row policies cannot read, and a query without a viewer would fail instead of finding nothing.
_LISTS = (
    "scope",
    "confidential",
    "manages",
    "works",
    "departments",
    "codes",
    "mediates",
    "oversees",
    "homes",
)
NO_SCOPE = " ".join(f"-c wangge.{name}={{}}" for name in _LISTS)


def _alias(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def urls(env: Environment) -> tuple[str, str]:
    """The addresses as owner and as the application's role."""
    if not env.database_url:
        cluster = Cluster(env.data)
        return cluster.dsn("wangge_owner"), cluster.dsn("wangge_app")
    if env.app_database_url:
        return env.database_url, env.app_database_url
    parts = urlsplit(env.database_url)
    host = parts.netloc.rpartition("@")[2]
    return env.database_url, parts._replace(
        netloc=f"wangge_app:{kept_secret(env.data / 'app_password')}@{host}"
    ).geturl()


def database_settings(env: Environment) -> dict[str, Any]:
    """`default` is the application's role, which owns nothing; `owner` migrates and proves the journal."""
    owner, app = urls(env)
    default = _alias(app)
    asked = default["OPTIONS"].get("options", "")
    default["OPTIONS"]["options"] = f"{asked} {NO_SCOPE}".strip()
    return {
        "default": default,
        "owner": {**_alias(owner), "CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}},
    }


def _in_short(problem: Exception) -> str:
    """The first line of what the server or its client says."""
    return next(iter(str(problem).strip().splitlines()), "no reason given").rstrip(".")


def check_server(env: Environment) -> None:
    """Refuses a server that is away, too old, or lacks an extension; makes the application's role where it may."""
    owner, app = urls(env)
    try:
        connection = psycopg.connect(owner, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as problem:
        raise StartRefused(
            f"The database cannot be reached: {_in_short(problem)}.",
            "Check DATABASE_URL: host, port, user, password.",
        ) from problem
    with connection:
        version = connection.info.server_version // 10000
        if version < OLDEST:
            raise StartRefused(
                f"The server is PostgreSQL {version}.",
                f"Use PostgreSQL {OLDEST} or newer, or unset DATABASE_URL.",
            )
        known = {row[0] for row in connection.execute("select name from pg_available_extensions")}
        if missing := [name for name in EXTENSIONS if name not in known]:
            raise StartRefused(
                f"The server lacks the extension {missing[0]}.",
                "Install PostgreSQL's contrib package on it (postgresql-contrib).",
            )
        if env.database_url and not env.app_database_url:
            _make_app_role(connection, app)
    try:
        with psycopg.connect(app, connect_timeout=10) as as_app:
            row = as_app.execute(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as problem:
        raise StartRefused(
            f"The application's role cannot sign in: {_in_short(problem)}.", "Check WANGGE_APP_DATABASE_URL."
        ) from problem
    if row and row[0]:
        raise StartRefused(
            "The application's role would see past the row policies.",
            "Give WANGGE_APP_DATABASE_URL a role without SUPERUSER and BYPASSRLS.",
        )


def _make_app_role(connection: "psycopg.Connection[Any]", app: str) -> None:
    password = urlsplit(app).password or ""
    exists = connection.execute("select 1 from pg_roles where rolname = 'wangge_app'").fetchone()
    statement = psycopg.sql.SQL("{} role wangge_app login nosuperuser nobypassrls password {}").format(
        psycopg.sql.SQL("alter" if exists else "create"), psycopg.sql.Literal(unquote(password))
    )
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as problem:
        raise StartRefused(
            "DATABASE_URL's role may not make the role wangge_app.",
            "Run once as an administrator: create role wangge_app login password '…'; then set WANGGE_APP_DATABASE_URL to it.",
        ) from problem
