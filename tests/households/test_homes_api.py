"""The registers over HTTP: masks, a reason, and what is told when two changed the same."""

import json

import pytest
from tests.builders import NOW
from tests.households.homes import IDENTITY, PHONE, command, home, person

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.households import actions


@pytest.fixture
def known(town, db, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    viewer = town.as_viewer("worker")
    where = home(viewer, town.grid_a)
    return where, person(viewer, where, phone=PHONE, identity=IDENTITY), town.client("worker")


def post(client, address, **body):
    body = {"command_id": str(new_id()), **body}
    return client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")


def test_particulars_are_masked_until_a_reason_was_given(known):
    where, who, client = known
    (masked,) = client.get(f"/api/v1/households/{where.id}").json()["residents"]
    assert (masked["phone"], masked["identity"]) == ("138****5678", "110*************38")
    shown = post(client, f"/residents/{who.id}/reveal", what=["phone"], why="contact")
    assert shown.json() == {"phone": PHONE, "identity": None, "address": None, "care": None}
    after = client.get(f"/api/v1/residents/{who.id}").json()
    assert (after["phone"], after["identity"]) == (PHONE, "110*************38")


def test_what_two_changed_is_told_with_what_is_kept(known):
    _where, who, client = known
    fields = {"name": {"was": "王小明", "is": "王晓明"}}
    assert post(client, f"/residents/{who.id}/change", based_on=1, fields=fields).status_code == 200
    other = {"name": {"was": "王小明", "is": "王小名"}, "sex": {"was": "", "is": "m"}}
    answer = post(client, f"/residents/{who.id}/change", based_on=1, fields=other)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "changed")
    assert (told["current_revision"], told["fields"]) == (2, {"name": "王晓明"})
    assert client.get(f"/api/v1/residents/{who.id}").json()["sex"] == ""


def test_homes_are_listed_page_by_page_and_found(town, known):
    where, _who, client = known
    viewer = town.as_viewer("worker")
    other = home(viewer, town.grid_a, door="302")
    first = client.get("/api/v1/households?limit=1").json()
    second = client.get(f"/api/v1/households?limit=1&cursor={first['next']}").json()
    assert [each["id"] for page in (first, second) for each in page["items"]] == [
        str(where.id),
        str(other.id),
    ]
    assert second["next"] is None
    (found,) = client.get("/api/v1/households?q=5678").json()["items"]
    assert (found["place"], found["residents"]) == ("3号楼 2单元301", ["王小明"])


def test_where_somebody_lived_before_is_masked_as_the_registered_address_is(town, known):
    where, _who, client = known
    viewer = town.as_viewer("worker")
    made = actions.add_resident(
        viewer, command(), new_id(), where.id, {"name": "李四", "residency": "floating"},
        came_from="安徽省阜阳市颍州区", now=NOW,
    )  # fmt: skip

    def told():
        (alone,) = client.get(f"/api/v1/residents/{made.id}/stays").json()
        stays = client.get(f"/api/v1/households/{where.id}").json()["stays"]
        (beside,) = [each for each in stays if each["resident"] == str(made.id)]
        return {alone["came_from"], beside["came_from"]}

    assert told() == {"安徽省****"}
    post(client, f"/residents/{made.id}/reveal", what=["phone"], why="contact")
    assert told() == {"安徽省****"}
    post(client, f"/residents/{made.id}/reveal", what=["address"], why="contact")
    assert told() == {"安徽省阜阳市颍州区"}
