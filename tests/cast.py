"""The small town that every test shares, and the people in it. Loaded as a plugin by tests/conftest.py.

    def test_a_worker_sees_their_grid(town, db):
        viewer = town.as_viewer("worker")          # sets this transaction's scope, as a request would
        ...
    def test_over_http(town, db):
        town.client("worker").get("/api/v1/me")    # bearer token;  town.browser("worker") has the session cookie

How its rows come and go. Tests ask as the role `wangge_app`, which owns nothing, so the town is written by the owner on a
connection of its own (`town.owner`) and committed: only then others see it. What a test adds through `town.owner` must be
committed too (`town.add(builders.case, …)` does both). Before the next test that asks the database all of it is gone again,
whoever wrote it, and the town is as it was; to a test without the town the tables are empty (tests/stage.py). The town is
written once for a test process: its people have the same keys in every test.

Three ways to the database: `db` (pytest-django) holds the test in one transaction that is undone; `open_db` gives no
transaction around the test, so that commits, several connections and threads are real; `town.owner` is the owner.
The scope set by `as_viewer`, and by a request of a client, lasts until the end of the transaction or the next one that
enters: with `db`, the viewer after a client's request is the client's. With `open_db`, enter inside `transaction.atomic()`.

The accounts, all with the password `wangge-demo` (contract of the demo):
    admin       administrator of the city                      dispatcher   of the grid centre
    centre      leads the grid centre of 连云区                   township     leads the sub-centre of 连云街道
    secretary   political-legal secretary of 连云街道             community    leads the desk of 荷花社区
    worker      walks grid_a      worker2  walks grid_b        handler      of 连云区's city management
    handler2    of 连云区's fire and rescue                      enterprise   walks the dedicated grid
    mediator    mediates disputes in 荷花社区
    instructor  advises the dedicated grid                     neighbour    leads the desk of 胜利社区, which has no grids
    far_centre, far_community, far_mediator, far_worker: the same tiers in 海州区
"""

import csv
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client

from tests import builders
from tests.stage import Stage

PASSWORD = "wangge-demo"

#: username: name, area, post kind, department
PEOPLE = {
    "admin": ("市管理员", "city", "administrator", None),
    "centre": ("连云区中心主任", "county", "centre_lead", None),
    "dispatcher": ("连云区坐席", "county", "dispatcher", None),
    "handler": ("城管处置员", "county", "handler", "city-management"),
    "handler2": ("消防处置员", "county", "handler", "fire"),
    "township": ("连云街道主任", "township", "subcentre_lead", None),
    "secretary": ("连云街道政法书记", "township", "political_legal_secretary", None),
    "community": ("荷花社区负责人", "community", "community_lead", None),
    "neighbour": ("胜利社区负责人", "next_community", "community_lead", None),
    "worker": ("一网格员", "grid_a", "grid_worker", None),
    "worker2": ("二网格员", "grid_b", "grid_worker", None),
    "enterprise": ("企业网格员", "dedicated", "grid_worker", None),
    "instructor": ("指导员", "dedicated", "instructor", None),
    "mediator": ("荷花社区调解员", "community", "mediator", None),
    "far_centre": ("海州区中心主任", "far_county", "centre_lead", None),
    "far_community": ("陇东社区负责人", "far_community", "community_lead", None),
    "far_mediator": ("陇东社区调解员", "far_community", "mediator", None),
    "far_worker": ("陇东网格员", "far_grid", "grid_worker", None),
}


@dataclass
class Town:
    """Areas, accounts, posts and assignments by name; departments and post kinds are there by code."""

    owner: Any
    areas: dict[str, Any] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    posts: dict[str, Any] = field(default_factory=dict)
    assignments: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name):
        """`town.grid_a`, `town.county`: an area; its `code` and `path` are what tests need."""
        try:
            return self.__dict__["areas"][name]
        except KeyError:
            raise AttributeError(name) from None

    def as_viewer(self, name, *, now=builders.NOW):
        """Enters as this account: the transaction sees and writes what they may from here on."""
        from wangge.staff.queries import enter_as

        return enter_as(self.accounts[name].pk, now=now)

    def as_system(self, area="city"):
        from wangge.staff.queries import enter_as_system

        return enter_as_system(self.areas[area].path)

    def as_nobody(self):
        """Clears the transaction's scope: nobody asks."""
        names = ("viewer", "scope", "confidential", "manages", "works", "departments", "codes", "admits")
        names += ("mediates", "oversees", "homes")
        with connections["default"].cursor() as cursor:
            for name in names:
                empty = "" if name == "viewer" else "{}"
                cursor.execute("select set_config(%s, %s, true)", [f"wangge.{name}", empty])

    def add(self, build, *arguments, **facts):
        """One builder's row, committed: `town.add(builders.case, item, town.grid_a)`."""
        made = build(self.owner, *arguments, **facts)
        self.owner.commit()
        return made

    def rows(self, statement, values=()):
        """What the tables hold once committed, read as the owner."""
        found = self.owner.execute(statement, values or None).fetchall()
        self.owner.commit()
        return found

    def run(self, statement, values=()):
        """A statement as the owner, committed."""
        self.owner.execute(statement, values or None)
        self.owner.commit()

    def token(self, name):
        """The bearer token of a new sign-in of this account."""
        secret = f"secret-of-{name}-{len(self.rows('select 1 from staff_signin'))}"
        return self.add(builders.sign_in, self.accounts[name], secret)

    def client(self, name):
        """A test client that sends this account's bearer token with every request."""
        return Client(headers={"authorization": f"Bearer {self.token(name)}"})

    def browser(self, name):
        """A test client with this account's session cookie, which must carry CSRF tokens as a browser does."""
        client = Client(enforce_csrf_checks=True)
        client.cookies["wangge_session"] = self.token(name)
        return client


def lay_out(connection):
    """The areas: two adjacent squares whose shared edge is lon 119.36, a dedicated grid, and a branch elsewhere."""
    area, made = builders.area, {}
    made["city"] = area(connection, "320700000000", "city", name="连云港市", edges=(118.9, 34.3, 119.6, 35.0))
    made["county"] = area(
        connection,
        "320703000000",
        "county",
        name="连云区",
        parent=made["city"],
        edges=(119.3, 34.7, 119.45, 34.8),
    )
    made["township"] = area(
        connection,
        "320703003000",
        "township",
        name="连云街道",
        parent=made["county"],
        edges=(119.34, 34.73, 119.38, 34.76),
    )
    for name, code, said, edges in (
        ("community", "320703003002", "荷花社区居委会", (119.35, 34.74, 119.37, 34.75)),
        ("next_community", "320703003001", "胜利社区居委会", (119.34, 34.74, 119.35, 34.75)),
    ):
        made[name] = area(
            connection,
            code,
            "community",
            name=said,
            parent=made["township"],
            edges=edges,
            urban_rural_class="111",
        )
    grid_in = {"parent": made["community"], "boundary_made_up": True}
    made["grid_a"] = area(
        connection, "3207030030021001", "grid", name="一网格", edges=(119.35, 34.74, 119.36, 34.75), **grid_in
    )
    made["grid_b"] = area(
        connection, "3207030030021002", "grid", name="二网格", edges=(119.36, 34.74, 119.37, 34.75), **grid_in
    )
    made["dedicated"] = area(
        connection,
        "3207030030022001",
        "grid",
        name="港口企业网格",
        kind="dedicated",
        parent=made["community"],
    )
    return made | lay_out_elsewhere(connection, made["city"])


def lay_out_elsewhere(connection, city):
    area = builders.area
    county = area(
        connection, "320706000000", "county", name="海州区", parent=city, edges=(119.1, 34.5, 119.25, 34.65)
    )
    township = area(
        connection,
        "320706010000",
        "township",
        name="新浦街道",
        parent=county,
        edges=(119.15, 34.58, 119.19, 34.61),
    )
    edges = (119.16, 34.59, 119.17, 34.60)
    community = area(
        connection,
        "320706010002",
        "community",
        name="陇东社区居委会",
        parent=township,
        edges=edges,
        urban_rural_class="111",
    )
    grid = area(connection, "3207060100021001", "grid", name="陇东一网格", parent=community, edges=edges)
    return {"far_county": county, "far_township": township, "far_community": community, "far_grid": grid}


def people(town):
    """Departments, post kinds and required posts as they are shipped, and everyone in PEOPLE at their post."""
    from wangge.staff.rules import shipped_post_kinds, shipped_required_posts

    shipped = files("wangge.catalogue") / "data" / "departments.csv"
    for department in csv.DictReader(shipped.read_text("utf-8").splitlines()):
        builders.department(town.owner, department["code"], department["zh"], department["en"])
    for kind in shipped_post_kinds():
        duties = " ".join(kind.duties)
        builders.post_kind(
            town.owner,
            kind.code,
            duties,
            zh=kind.zh,
            en=kind.en,
            confidential=kind.confidential,
            shared=kind.shared,
        )
    for line in shipped_required_posts():
        town.owner.execute(
            "insert into staff_postrequirement (kind_id, level, grid_kind, minimum) values (%s, %s, %s, %s)",
            [line.kind, line.level, line.grid_kind, line.minimum],
        )
    password = make_password(PASSWORD)
    for username, (name, where, kind, office) in PEOPLE.items():
        home = town.areas[where]
        holder = builders.account(town.owner, username, home, name=name, password=password)
        seat = builders.post(town.owner, kind, home, department=office)
        town.accounts[username], town.posts[username] = holder, seat
        town.assignments[username] = builders.assignment(town.owner, seat, holder)


def written(connection):
    """The town's rows; what is known of it by name."""
    made = Town(connection, lay_out(connection))
    people(made)
    return made.areas, made.accounts, made.posts, made.assignments


STAGE = pytest.StashKey[Stage]()


@pytest.fixture(scope="session")
def stage(cluster, django_db_setup, pytestconfig):
    made = pytestconfig.stash[STAGE] = Stage(cluster)
    yield made
    made.close()


@pytest.fixture
def town(stage):
    """The town, committed; see the head of this file."""
    known = stage.set_town(written)
    owner = stage.owner()
    yield Town(owner, *known)
    if not owner.closed:
        owner.rollback()


@pytest.fixture
def open_db(django_db_setup, django_db_blocker):
    """Database access without a transaction around the test: what it commits stays until the town is cleared."""
    with django_db_blocker.unblock():
        yield
        for name in ("default", "owner"):
            connections[name].close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before anything of a test without the town is made: the town of the last one goes."""
    stage = item.config.stash.get(STAGE, None)
    asks = "cluster" in item.fixturenames or item.get_closest_marker("django_db")
    if stage and asks and "town" not in item.fixturenames:
        stage.strike()
