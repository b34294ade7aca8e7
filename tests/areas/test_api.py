"""Areas over HTTP."""

import pytest
from django.db import connection
from tests import builders


def get(client, path, **asked):
    return client.get(f"/api/v1/areas{path}", asked)


def post(client, path, body):
    return client.post(f"/api/v1/areas{path}", body, content_type="application/json")


def test_the_tree_is_listed_page_by_page(town, db):
    client = town.client("worker")
    first = get(client, "", level="grid", within=town.county.code, limit=2).json()
    assert [item["code"] for item in first["items"]] == [town.grid_a.code, town.grid_b.code]
    assert first["items"][0] | {"lon": 0, "lat": 0} == {
        "code": town.grid_a.code, "name": "一网格", "level": "grid", "parent": town.community.code,
        "path": town.grid_a.path, "kind": "public", "urban_rural_class": "", "boundary_made_up": True,
        "lon": 0, "lat": 0, "valid_from": "2020-01-01", "valid_to": None,
    }  # fmt: skip
    second = get(client, "", level="grid", within=town.county.code, limit=2, cursor=first["next"]).json()
    assert [item["code"] for item in second["items"]] == [town.dedicated.code]
    assert second["next"] is None


def test_a_point_gets_its_grid_with_path_and_worker(town, db):
    answer = get(town.client("worker"), "/locate", lon=119.355, lat=34.745)
    assert answer.status_code == 200
    place = answer.json()
    assert (place["code"], place["name"], place["level"]) == (town.grid_a.code, "一网格", "grid")
    assert [step["name"] for step in place["above"]] == [
        "连云港市",
        "连云区",
        "连云街道",
        "荷花社区居委会",
        "一网格",
    ]
    assert place["workers"] == [{"id": town.accounts["worker"].pk, "name": "一网格员"}]
    assert (place["border_codes"], place["overlaps"], place["boundary_made_up"]) == ([], False, True)


def test_the_worker_of_a_grid_elsewhere_is_named_to_everyone(town, db):
    place = get(town.client("worker"), "/locate", lon=119.165, lat=34.595).json()
    assert [worker["name"] for worker in place["workers"]] == ["陇东网格员"]


def test_who_is_on_leave_is_not_named(town, db):
    from datetime import timedelta

    from wangge.base.clock import now

    day = timedelta(days=2)
    town.add(builders.leave, town.accounts["worker"], (now() - day).date(), (now() + day).date())
    assert get(town.client("worker"), "/locate", lon=119.355, lat=34.745).json()["workers"] == []


def test_a_point_in_the_sea_has_no_area(town, db):
    place = get(town.client("worker"), "/locate", lon=121.5, lat=34.7).json()
    assert (place["code"], place["name"], place["above"], place["workers"]) == ("", "", [], [])


def test_a_border_and_a_place_outside_every_grid_are_told(town, db):
    client = town.client("worker")
    assert get(client, "/locate", lon=119.36, lat=34.745).json()["border_codes"] == [town.grid_b.code]
    assert get(client, "/locate", lon=119.345, lat=34.745).json()["level"] == "community"


@pytest.mark.parametrize(
    "asked",
    [
        {"lon": "NaN", "lat": 34}, {"lon": "Infinity", "lat": 34}, {"lon": 200, "lat": 34}, {"lon": 119, "lat": -91},
        {"lon": 119}, {"lon": "x", "lat": "y"}, {"lon": "", "lat": ""},
    ],
)  # fmt: skip
def test_what_is_no_point_is_refused(town, db, asked):
    answer = get(town.client("worker"), "/locate", **asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_one_area_is_told_with_boundary_and_history(town, db):
    client = town.client("admin")
    answer = post(client, f"/{town.grid_a.code}/change", {"name": "东网格", "reason": "更名"})
    assert answer.status_code == 200, answer.content
    area = get(client, f"/{town.grid_a.code}").json()
    assert area == answer.json()
    assert (area["name"], area["boundary"]) == ("东网格", town.grid_a.boundary)
    assert [(version["name"], version["bounded"]) for version in area["history"]] == [("一网格", True)]


def test_a_boundary_is_set_and_an_area_ended(town, db):
    client = town.client("admin")
    square = builders.square(119.34, 34.74, 119.36, 34.75)
    answer = post(client, f"/{town.grid_a.code}/boundary", {"boundary": square, "made_up": True})
    assert (answer.status_code, answer.json()["boundary"]) == (200, square)
    assert get(client, "/locate", lon=119.345, lat=34.745).json()["code"] == town.grid_a.code
    assert post(client, f"/{town.grid_a.code}/end", {}).json()["valid_to"]
    assert post(client, f"/{town.grid_a.code}/end", {}).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/320703003002/change", {"name": ""}, 422, "invalid"),
        ("/320703003002/change", {"name": "长" * 300}, 422, "invalid"),
        ("/320703003002/change", {"name": "a\x00"}, 422, "invalid"),
        ("/320703003002/change", {"urban_rural_class": "9"}, 422, "invalid"),
        ("/320703003002/change", {"colour": "red"}, 422, "invalid"),
        ("/320703003002/change", {"name": "x", "on": "1900-01-01"}, 422, "day-out-of-order"),
        ("/320703003002/boundary", {"boundary": {"type": "Point"}}, 422, "bad-boundary"),
        ("/320703003002/boundary", {"boundary": {}}, 422, "bad-boundary"),
        ("/320703003002/end", {}, 409, "area-has-parts"),
        ("/329999999999/end", {}, 404, "not-found"),
        ("/x/end", {}, 422, "invalid"),
    ],
)
def test_bad_input_has_a_defined_answer(town, db, path, body, status, code):
    answer = post(town.client("admin"), path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_administrators_change_and_nobody_reads_unsigned(town, db, client):
    for act in ("change", "boundary", "end"):
        body = {"boundary": builders.square(1, 1, 2, 2)} if act == "boundary" else {}
        assert (
            post(town.client("township"), f"/{town.grid_a.code}/{act}", body | {"reason": "x"}).status_code
            == 403
        )
    for path in ("", "/locate?lon=119&lat=34", f"/{town.grid_a.code}"):
        assert client.get(f"/api/v1/areas{path}").status_code == 401


def test_a_refused_change_leaves_nothing(town, db):
    assert post(town.client("township"), f"/{town.grid_a.code}/change", {"name": "x"}).status_code == 403
    with connection.cursor() as cursor:
        cursor.execute("select name from areas_area where code = %s", [town.grid_a.code])
        assert cursor.fetchone() == ("一网格",)
