"""A snapshot shows one moment, whatever is committed while it is read, and the pull that follows tells the rest."""

import json
from dataclasses import replace

from tests import builders
from tests.builders import NOW
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.sync.queries.kinds import KINDS


def test_what_is_committed_between_two_kinds_is_not_half_told(town, open_db, monkeypatch):
    """Items are read before cases: a new item and its case, committed in between, would be told as a case without its item."""
    town.add(builders.case, town.add(builders.item), town.grid_a)
    made = []
    kind = KINDS["place"]  # after the items, before the cases

    def meanwhile(viewer, places):
        made.append(town.add(builders.case, town.add(builders.item, "S01-01"), town.grid_a))
        return kind.within(viewer, places)

    monkeypatch.setitem(KINDS, "place", replace(kind, within=meanwhile))
    client = town.client("worker")
    told = [json.loads(line) for line in client.get("/api/v1/sync/snapshot").content.splitlines()]
    monkeypatch.undo()
    assert made
    *records, end = told
    items = {one["id"] for one in records if one["kind"] == "item"}
    cases = {one["id"]: one["fields"]["item"] for one in records if one["kind"] == "case"}
    assert set(cases.values()) <= items
    assert str(made[0].pk) not in cases
    later = client.get("/api/v1/sync/pull", {"cursor": end["cursor"]}).json()
    assert {("item", "S01-01"), ("case", str(made[0].pk))} <= {
        (one["kind"], one["id"]) for one in later["changes"]
    }


def test_a_record_that_moves_meanwhile_is_told_once(town, open_db, monkeypatch):
    """Its place and what stands in it are of one moment, though the two are asked one after the other."""
    case = town.add(builders.case, town.add(builders.item), town.grid_a)
    kind = KINDS["case"]

    def moved(viewer, ids, now):
        town.run(
            "update cases_case set path = %s, grid_id = %s where id = %s",
            [town.grid_b.path, town.grid_b.code, case.pk],
        )
        return kind.kept(viewer, ids, now)

    monkeypatch.setitem(KINDS, "case", replace(kind, kept=moved))
    client = town.client("worker")
    lines = [json.loads(line) for line in client.get("/api/v1/sync/snapshot").content.splitlines()]
    monkeypatch.undo()
    (told,) = (one for one in lines if one.get("kind") == "case")
    assert told["fields"]["area"] == town.grid_a.code
    later = client.get("/api/v1/sync/pull", {"cursor": lines[-1]["cursor"]}).json()
    assert {"kind": "case", "id": str(case.pk)} in later["gone"]


def test_asked_for_in_two_parts_it_is_the_same_and_visits_come_second(town, open_db):
    home = household(town, town.grid_a)
    town.add(builders.case, town.add(builders.item), town.grid_a)
    client = town.client("worker")
    made = {
        "id": str(new_id()),
        "kind": "visit.record",
        "at": NOW.isoformat(),
        "based_on": None,
        "data": {"household": str(home.pk), "outcome": "met", "well": True},
    }
    sent = client.post("/api/v1/sync/push", {"commands": [made]}, content_type="application/json").json()
    assert sent["results"][0]["status"] == "done", sent

    def told(part):
        *records, end = map(
            json.loads, client.get("/api/v1/sync/snapshot", {"part": part}).content.splitlines()
        )
        assert end["end"]
        return {(one["kind"], one["id"]): one["fields"] for one in records}, end["cursor"]

    first, cursor = told("first")
    rest, _ = told("rest")
    assert not set(first) & set(rest)
    assert first | rest == told("whole")[0]
    assert {kind for kind, _ in rest} == {"visit"}
    assert {"account", "household", "case"} <= {kind for kind, _ in first}
    assert not client.get("/api/v1/sync/pull", {"cursor": cursor}).json()["fresh"]
    assert client.get("/api/v1/sync/snapshot", {"part": "half"}).status_code == 422
