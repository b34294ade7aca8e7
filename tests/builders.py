"""Rows for tests, written as the owner through a plain connection: `builders.area(connection, …)`.

The owner passes the row policies. What it writes is seen by the application's role after `connection.commit()`; the
fixture `town` (tests/cast.py) commits, and what came to it is gone before the next test. Missing facts get plain defaults from the
models, so a test names only what it is about. `insert` takes an unsaved instance of any model.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connections

from wangge.areas.models import Area
from wangge.base.ids import new_id
from wangge.cases.models import Case
from wangge.catalogue.models import ItemVersion, WorkItem
from wangge.staff.models import Account, Assignment, Department, Leave, Post, PostKind, SignIn

#: The day on which the town's story plays, a Wednesday that is a working day; tests pass it as `now` and `today`.
NOW = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)
TODAY = date(2026, 4, 15)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def insert(connection, row):
    """Inserts an unsaved instance with all its columns, and gives it back with the key that the database made."""
    meta, django = row._meta, connections["default"]
    names, marks, values = [], [], []
    for field in meta.concrete_fields:
        if field.generated:
            continue
        value = field.pre_save(row, add=True)
        if field.primary_key and value is None:
            continue
        names.append(f'"{field.column}"')
        marks.append(
            field.get_placeholder(value, None, django) if hasattr(field, "get_placeholder") else "%s"
        )
        values.append(field.get_db_prep_save(value, django))
    key = meta.pk.column
    statement = (
        f'insert into "{meta.db_table}" ({", ".join(names)}) values ({", ".join(marks)}) returning "{key}"'
    )
    row.pk = connection.execute(statement, values).fetchone()[0]
    return row


def square(west: float, south: float, east: float, north: float) -> dict:
    """A rectangle as GeoJSON."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def area(connection, code, level, *, parent=None, name="", edges=None, **facts) -> Area:
    """An area; `edges` are west, south, east, north of its boundary."""
    if edges:
        west, south, east, north = edges
        facts |= {"boundary": square(*edges), "box": f"({east},{north}),({west},{south})"}
        facts |= {"lon": (west + east) / 2, "lat": (south + north) / 2}
    if level == "grid":
        facts.setdefault("kind", "public")
    path = f"{parent.path}.{code}" if parent else code
    facts.setdefault("valid_from", date(2020, 1, 1))
    return insert(
        connection, Area(code=code, level=level, parent=parent, path=path, name=name or code, **facts)
    )


def department(connection, code, zh="", en="") -> Department:
    return insert(connection, Department(code=code, zh=zh or code, en=en or code))


def post_kind(connection, code, duties, *, zh="", en="", **facts) -> PostKind:
    return insert(
        connection, PostKind(code=code, zh=zh or code, en=en or code, duties=duties.split(), **facts)
    )


def account(connection, username, home, *, name="", password="!", **facts) -> Account:
    """An account; `password` is the hash that is kept. `home` is the area that administers it."""
    facts = {"created_at": LONG_AGO, "name": name or username} | facts
    return insert(connection, Account(username=username, home_path=home.path, password=password, **facts))


def post(connection, kind, at, *, department=None, **facts) -> Post:
    """A post of kind `kind` (its code) at the area `at`, for a department named by code."""
    return insert(
        connection, Post(kind_id=kind, area_id=at.code, path=at.path, department_id=department, **facts)
    )


def assignment(connection, post, holder, *, from_on=date(2020, 1, 1), to_on=None, **facts) -> Assignment:
    return insert(
        connection,
        Assignment(
            post_id=post.pk, account_id=holder.pk, path=post.path, from_on=from_on, to_on=to_on, **facts
        ),
    )


def leave(connection, holder, from_on, to_on) -> Leave:
    return insert(
        connection,
        Leave(account_id=holder.pk, home_path=holder.home_path, from_on=from_on, to_on=to_on),
    )


def sign_in(connection, holder, secret, *, hours=24 * 365 * 30) -> str:
    """An open sign-in with this secret, which is also its bearer token; long enough for the tests' real clock."""
    digest = hashlib.sha256(secret.encode()).digest()
    insert(
        connection,
        SignIn(digest=digest, account_id=holder.pk, created_at=NOW, expires_at=NOW + timedelta(hours=hours)),
    )
    return secret


def item(connection, code="M01-01", *, department="city-management", state="admitted", **facts) -> WorkItem:
    """A work item with its first version, of which it takes new cases; facts are those of the version."""
    work = insert(connection, WorkItem(code=code, state=state))
    facts = {
        "business": {"S": "safety", "M": "management"}.get(code[0], "service"),
        "group": code[:3],
        "group_zh": "市政设施",
        "group_en": "Street works",
        "zh": "路灯不亮",
        "en": "Street light out",
        "keywords": ["路灯"],
        "first_tier": "grid",
        "urgency_levels": ["normal", "urgent", "emergency"],
        "accept_minutes": 60,
        "handle_minutes": 840,
        "verify_minutes": 420,
        "urgent_percent": 50,
        "emergency_percent": 20,
        "proof": "none",
        "retention_years": 5,
        "legal_basis": "《城市道路管理条例》",
        "data_collected": "地点、照片",
        "minutes_per_case": 20,
        "minutes_per_week": 10,
        "made_at": LONG_AGO,
    } | facts
    version = insert(connection, ItemVersion(item_id=code, department_id=department, **facts))
    connection.execute("update catalogue_workitem set version_id = %s where code = %s", [version.pk, code])
    work.version_id = version.pk
    return work


def case(connection, work, at, *, id: UUID | None = None, state="reported", **facts) -> Case:  # noqa: A002
    """A case at the area `at`, held by its desk, as reported an hour before NOW; facts are the model's columns."""
    made = id or new_id()
    codes = at.path.split(".")
    facts = {
        "number": f"{codes[1] if len(codes) > 1 else codes[0]}-{made.hex[-8:]}",
        "content_hash": hashlib.sha256(made.bytes).digest(),
        "county_id": codes[1] if len(codes) > 1 else "",
        "township_id": codes[2] if len(codes) > 2 else "",
        "community_id": codes[3] if len(codes) > 3 else "",
        "grid_id": codes[4] if len(codes) > 4 else "",
        "business": {"S": "safety", "M": "management"}.get(work.code[0], "service"),
        "urgency": "normal",
        "title": "路灯不亮",
        "reported_at": NOW - timedelta(hours=1),
        "received_at": NOW - timedelta(hours=1),
        "found_tier": at.level,
        "holder_path": at.path,
        "holder_level": at.level,
        "due_at": NOW + timedelta(days=3),
        "next_alarm_at": NOW + timedelta(days=2),
    } | facts
    return insert(
        connection,
        Case(
            id=made,
            item_id=work.code,
            item_version_id=work.version_id,
            path=at.path,
            state=state,
            **facts,
        ),
    )


def journal_entries(connection, verb="") -> list[dict]:
    """What the journal holds, oldest first, read as the owner."""
    rows = connection.execute(
        "select verb, subject, path::text, actor_id, before, after, reason from journal_entry"
        " where verb like %s order by id",
        [f"{verb}%"],
    ).fetchall()
    names = ("verb", "subject", "path", "actor_id", "before", "after", "reason")
    return [dict(zip(names, row, strict=True)) for row in rows]
