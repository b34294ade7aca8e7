"""The catalogue and refusals as programs meet them."""

import pytest
from tests import builders
from tests.catalogue.test_actions import NEW

from wangge.base.ids import new_id

NUMBERS = {name for name in NEW if name.endswith(("_minutes", "_percent", "_years"))} | {
    "minutes_per_case",
    "minutes_per_week",
}
PROPOSAL = {
    name: value.split()
    if name in ("keywords", "urgency_levels")
    else value == "1"
    if name == "confidential"
    else int(value)
    if name in NUMBERS
    else value
    for name, value in NEW.items()
}


def send(client, path, **body):
    return client.post(f"/api/v1{path}", body, content_type="application/json")


def test_an_item_from_proposal_to_the_end_of_its_life(town, db):
    handler, centre, worker = (town.client(name) for name in ("handler", "centre", "worker"))
    proposed = send(handler, "/items", **PROPOSAL, reason="asked for")
    assert (proposed.status_code, proposed.json()["state"], proposed.json()["version"]) == (
        201,
        "proposed",
        1,
    )
    assert {name: proposed.json()[name] for name in PROPOSAL} == PROPOSAL
    assert send(handler, "/items", **PROPOSAL).json()["code"] == "item-exists"
    waiting = worker.get("/api/v1/items/burden").json()["waiting"]
    assert [(one["code"], one["minutes_per_week"]) for one in waiting] == [
        ("S01-90", PROPOSAL["minutes_per_week"])
    ]
    assert send(worker, "/items/S01-90/review").status_code == 403
    assert send(centre, "/items/S01-90/review", reason="looked at").json()["state"] == "reviewed"
    assert send(centre, "/items/S01-90/admit").json()["state"] == "admitted"
    changed = send(centre, "/items/S01-90/change", minutes_per_week=3, reason="measured")
    assert (changed.json()["version"], changed.json()["minutes_per_week"]) == (2, 3)
    assert send(centre, "/items/S01-90/retire").json()["code"] == "missing-reason"
    assert send(centre, "/items/S01-90/retire", reason="over").json()["state"] == "retired"
    refused = send(centre, "/items/S01-90/admit")
    assert (refused.status_code, refused.json()["code"]) == (409, "item-step-not-possible")
    detail = worker.get("/api/v1/items/S01-90").json()
    assert [one["verb"] for one in detail["journal"]] == [
        "item.proposed",
        "item.reviewed",
        "item.admitted",
        "item.changed",
        "item.retired",
    ]
    assert [one["version"] for one in detail["versions"]] == [2, 1]


def test_a_refused_act_leaves_nothing(town, db):
    send(town.client("worker"), "/items", **PROPOSAL)
    assert town.client("worker").get("/api/v1/items").json() == {"items": []}


def test_items_are_listed_and_suggested(town, db):
    town.add(builders.item, "M01-01")
    town.add(builders.item, "M01-02", state="retired", zh="井盖", keywords=["井盖"])
    worker = town.client("worker")
    assert [one["code"] for one in worker.get("/api/v1/items").json()["items"]] == ["M01-01", "M01-02"]
    assert [one["code"] for one in worker.get("/api/v1/items?state=retired").json()["items"]] == ["M01-02"]
    assert [one["code"] for one in worker.get("/api/v1/items?text=路灯").json()["items"]] == ["M01-01"]
    assert worker.get("/api/v1/items/suggest?text=楼下路灯不亮").json()["items"][0]["code"] == "M01-01"
    assert worker.get("/api/v1/items/M09-99").json()["code"] == "no-such-item"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accept_minutes": 5}, "accept_minutes"),
        ({"zh": "灯" * 300}, "zh"),
        ({"zh": "灯\x00"}, "zh"),
        ({"department": "wizards"}, "department"),
        ({"group": "M01"}, "group"),
        ({"keywords": ["路灯", "路灯", "街灯"]}, "keywords"),
        ({"surprise": 1}, "surprise"),
        ({"legal_basis": "because"}, "legal_basis"),
        ({"minutes_per_week": 2**80}, "minutes_per_week"),
    ],
)
def test_a_wrong_value_is_named(town, db, change, field):
    answer = send(town.client("admin"), "/items", **(PROPOSAL | change))
    assert answer.status_code == 422
    assert any(field in fault["field"] for fault in answer.json()["faults"])


@pytest.mark.parametrize("zh", ["充电桩🔌私接", "充电桩 مرحبا", "充" * 60])
def test_unusual_names_are_kept(town, db, zh):
    assert send(town.client("admin"), "/items", **(PROPOSAL | {"zh": zh})).json()["zh"] == zh


def test_work_is_refused_in_one_step_and_counted(town, db):
    worker, command = town.client("worker"), str(new_id())
    body = {
        "command_id": command,
        "area": town.grid_a.code,
        "asked_by": "fire",
        "what": "代填台账",
        "ground": "not_admitted",
    }
    first = send(worker, "/refusals", **body)
    again = send(worker, "/refusals", **body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert send(worker, "/refusals", **(body | {"what": "别的"})).json()["code"] == "other-content"
    assert (
        send(
            worker, "/refusals", **(body | {"command_id": str(new_id()), "area": town.far_grid.code})
        ).status_code
        == 403
    )
    counts = town.client("township").get(f"/api/v1/refusals?area={town.township.code}").json()["items"]
    assert [(one["department"], one["total"], one["en"]) for one in counts] == [
        ("fire", 1, "Fire and rescue")
    ]
    assert worker.get(f"/api/v1/refusals?area={town.city.code}").status_code == 403
    assert worker.get("/api/v1/refusals?area=999999999999").status_code == 404
    for period in (
        "since=1900-01-01T00:00:00Z&until=9999-12-31T23:59:59Z",
        "since=0001-01-01T00:00:00%2B14:00",
    ):
        assert worker.get(f"/api/v1/refusals?area={town.grid_a.code}&{period}").status_code in (200, 422)


def test_nobody_reads_it_without_signing_in(town, db, client):
    for path in (
        "/items",
        "/items/burden",
        "/items/suggest?text=x",
        "/items/M01-01",
        "/refusals?area=320703003002",
    ):
        assert client.get(f"/api/v1{path}").status_code == 401
