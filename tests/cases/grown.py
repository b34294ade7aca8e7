"""A small town with cases of every kind, made in one transaction that is never committed, and asked as the application's role."""

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from wangge.access import Seat, Viewer, verbs_of

CITY = "320700000000"
COUNTIES = ("320703000000", "320706000000")
NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
LEVELS = ("city", "county", "township", "community", "grid")
STATES = (
    "reported",
    "accepted",
    "dispatched",
    "handled",
    "verified",
    "returned",
    "suspended",
    "closed",
    "cancelled",
)
WORDS = ("路灯不亮", "楼道堆放杂物", "垃圾清运不及时", "电梯困人", "噪音扰民", "manhole cover loose")


def tree():
    """(path, level) of every area: 2 counties, 2 townships each, 2 communities each, 2 grids each."""
    areas = [(CITY, "city")]
    for county in COUNTIES:
        areas.append((f"{CITY}.{county}", "county"))
        for t in (1, 2):
            township = f"{county[:6]}00{t}000"
            areas.append((f"{CITY}.{county}.{township}", "township"))
            for c in (1, 2):
                community = f"{township[:9]}20{c}"
                areas.append((f"{CITY}.{county}.{township}.{community}", "community"))
                areas += [
                    (f"{CITY}.{county}.{township}.{community}.{community}100{g}", "grid") for g in (1, 2)
                ]
    return areas


AREAS = tree()
GRIDS = [path for path, level in AREAS if level == "grid"]


def code_of(path):
    return path.rsplit(".", 1)[-1]


def level_of(path):
    return LEVELS[path.count(".")]


@contextmanager
def built(django_db_blocker):
    """Rows are made as a superuser; from `ask` on, the same transaction speaks as wangge_app. Nothing stays."""
    with django_db_blocker.unblock():
        connection.close()
        user = connection.settings_dict["USER"]
        connection.settings_dict["USER"] = "postgres"
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            connection.close()
            connection.settings_dict["USER"] = user


def run(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def as_builder():
    run("reset role")


def ask(viewer):
    """From here on the connection is the application's, with this viewer's scope."""
    as_builder()
    plain = [seat for seat in viewer.seats if not seat.department]
    settings = {
        "viewer": "" if viewer.account_id is None else str(viewer.account_id),
        "scope": _array(viewer.scope),
        "confidential": _array(seat.path for seat in plain if seat.confidential),
        "works": _array(seat.path for seat in plain),
        "manages": "{}",
        "departments": _array(viewer.department_keys),
        "codes": _array(code_of(seat.path) for seat in plain),
    }
    for name, value in settings.items():
        run("select set_config(%s, %s, true)", [f"wangge.{name}", value])
    run("set local role wangge_app")
    return viewer


def _array(values):
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def seat(path, duties=("desk",), *, department="", confidential=False):
    return Seat(path, level_of(path), "post", verbs_of(duties), department, confidential)


def viewer(*seats, account_id=None):
    return Viewer(account_id=account_id, seats=tuple(seats))


def make_catalogue():
    run(
        "insert into staff_department (code, zh, en) values ('lamps', '路灯所', 'Lamps'), ('rare', '少', 'Rare') on conflict do nothing"
    )
    for number, (code, business, secret) in enumerate(
        [("S90-01", "safety", False), ("M90-01", "management", False), ("V90-01", "service", True)]
    ):
        run("insert into catalogue_workitem (code, state) values (%s, 'admitted')", [code])
        run(
            'insert into catalogue_itemversion (id, item_id, number, business, "group", group_zh, group_en, zh, en, keywords,'
            " department_id, first_tier, urgency_levels, accept_minutes, handle_minutes, verify_minutes, urgent_percent,"
            " emergency_percent, proof, confidential, summons, retention_years, legal_basis, data_collected, minutes_per_case,"
            " minutes_per_week, made_at) values (%s, %s, 1, %s, %s, '组', 'Group', '事', 'Item', '{}', 'lamps', 'grid',"
            " '{normal}', 60, 600, 60, 50, 20, 'none', %s, '', 5, '', '', 5, 5, now())",
            [9_000 + number, code, business, code[:3], secret],
        )


def make_areas():
    for path, level in AREAS:
        run(
            "insert into areas_area (code, name, level, parent_id, path, kind, urban_rural_class, boundary_made_up, valid_from)"
            " values (%s, %s, %s, %s, %s, %s, '', false, '2020-01-01')",
            [
                code_of(path),
                code_of(path),
                level,
                path.split(".")[-2] if "." in path else None,
                path,
                "public" if level == "grid" else "",
            ],
        )


ITEMS = {
    "S90-01": ("safety", 9_000, False),
    "M90-01": ("management", 9_001, False),
    "V90-01": ("service", 9_002, True),
}


def case_row(path, *, n, at, item="S90-01", **facts):
    """A consistent case at a grid; `facts` replace columns."""
    codes = [*path.split("."), "", "", "", ""]
    business, version, secret = ITEMS[item]
    row = {
        "id": str(UUID(int=(7 << 76) | (2 << 62) | n)), "number": f"0703-260930-{n:05d}", "content_hash": b"x",
        "county_id": codes[1], "township_id": codes[2], "community_id": codes[3], "grid_id": codes[4], "path": path,
        "border_ids": [], "lon": 119.3, "lat": 34.7, "address": "", "item_id": item, "item_version_id": version, "business": business,
        "urgency": "normal", "title": "路灯不亮", "description": "", "confidential": secret, "source": "worker", "reported_by_id": None,
        "reported_at": at, "received_at": at, "found_tier": "grid", "holder_path": path, "holder_level": level_of(path),
        "handler_id": None, "department": "", "department_keys": [], "state": "reported", "supervised": False, "revision": 1,
        "due_at": at + timedelta(days=2), "late": "", "was_late": False, "raised_to": "", "suspended_from": "", "suspensions": 0,
        "handled_tier": "", "outcome": "", "answer": "", "whose": "", "witness": "", "resolved_tier": "", "done_alone": False,
        "noes": 0, "reopened": 0, "followers": [], "ground": "",
    }  # fmt: skip
    row |= facts
    if row["state"] == "suspended":
        row |= {"resume_at": at + timedelta(days=9), "suspended_at": at}
    if row["state"] == "closed":
        row = {
            "closed_at": at + timedelta(hours=5),
            "outcome": "mended",
            "resolved_tier": "grid",
            **{k: v for k, v in row.items() if v != "" or k not in ("outcome", "resolved_tier")},
        }
    return row


def insert_cases(rows):
    as_builder()
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row)
        run(f"insert into cases_case ({columns}) values ({', '.join(['%s'] * len(row))})", list(row.values()))


def random_rows(count, seed=1, first=1):
    """Cases anywhere in the town: every state, marks, departments, borders, confidential ones, equal moments."""
    chance = random.Random(seed)
    rows = []
    for n in range(first, first + count):
        grid = chance.choice(GRIDS)
        holder = ".".join(grid.split(".")[: chance.randint(2, 5)])
        state = chance.choice(STATES)
        open_now = state not in ("closed", "cancelled")
        facts = {
            "item": chance.choice(list(ITEMS)), "title": chance.choice(WORDS), "state": state, "holder_path": holder, "holder_level": level_of(holder),
            "late": chance.choice(["", "soon", "overdue"]) if open_now else "", "supervised": chance.random() < 0.2,
            "reported_by_id": chance.choice([None, 11, 12]), "urgency": chance.choice(["normal", "urgent"]),
        }  # fmt: skip
        if state in ("dispatched", "suspended", "closed", "handled"):
            if chance.random() < 0.5:
                facts |= {"handler_id": chance.choice([11, 12])}
            else:
                facts |= {"department": "lamps", "department_keys": [f"{grid.split(chr(46))[1]}/lamps"]}
        if chance.random() < 0.1:
            facts["border_ids"] = [code_of(chance.choice([other for other in GRIDS if other != grid]))]
        rows.append(case_row(grid, n=n, at=NOW - timedelta(minutes=chance.randint(0, 40) * 30), **facts))
    return rows
