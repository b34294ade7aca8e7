"""The mission's story over the interface: a county's grids are divided anew so that each compound is a unit, from the proposal to
the new grids. Two communities; one of them has had no grids so far.
"""

from tests.plans.towns import building, compound, laid_out

from wangge.areas.queries import locate_many


def asked(client, method, address, body=None, *, status=200):
    call = getattr(client, method)
    answer = (
        call(f"/api/v1{address}", body, content_type="application/json")
        if body is not None
        else call(f"/api/v1{address}")
    )
    assert answer.status_code == status, answer.content.decode()[:600]
    return answer.json()


def without_grids(town):
    """Six compounds of two buildings in the community beside, whose households lie in no grid."""
    for at in range(6):
        lon, lat = 119.3412 + at % 3 * 0.003, 34.7415 + at // 3 * 0.005
        code = compound(town, 100 + at, lon, lat, town.grid_a)
        for side in (0, 1):
            building(
                town, town.next_community, lon + side * 0.0005, lat, households=35, compound=code,
                name=f"{side + 1}号楼", start=20_000 + (at * 2 + side) * 35,
            )  # fmt: skip
    town.owner.commit()


def rows(town, statement):
    return town.rows(statement)


def test_a_county_is_divided_so_that_each_compound_is_a_unit(town, open_db):
    laid_out(town, households=20)
    without_grids(town)
    before = rows(town, "select count(*) from households_household")
    centre, city, worker = (town.client(name) for name in ("centre", "admin", "worker"))
    begun = asked(
        centre, "post", "/plans",
        {"area": town.county.code, "name": "连云区网格调整", "unit": "compound", "low": 300, "high": 500}, status=201,
    )  # fmt: skip
    address = f"/plans/{begun['id']}"
    today, planned = begun["figures_today"], begun["figures"]
    assert today["outside"] == 2
    assert today["uncovered"] == 6
    assert today["cut"] == 4
    assert planned["gap"] is None
    assert (planned["outside"], planned["uncovered"], planned["cut"], planned["pieces"]) == (0, 0, 0, 0)
    assert all(300 <= grid["households"] <= 500 for grid in begun["grids"])
    assert {grid["community"] for grid in begun["grids"]} == {town.community.code, town.next_community.code}
    asked(worker, "get", address, status=404)
    for step in ("check", "consult"):
        asked(centre, "post", f"{address}/steps/{step}", {})
    own = next(grid["code"] for grid in begun["grids"] if grid["today"] == town.grid_a.code)
    said = {"grid": own, "side": "residents", "text": "小区要在一起"}
    asked(worker, "put", f"{address}/comments/00000000-0000-7000-8000-00000000000a", said)
    asked(centre, "post", f"{address}/steps/approve", {}, status=403)
    approved = asked(city, "post", f"{address}/steps/approve", {})
    assert approved["proof"]["state"] == "running"  # asked for with the checking
    told = asked(centre, "post", f"{address}/dry-run", {})
    assert told["stops"] == []
    assert told["counts"]["households_in_area"] == 1600 + 420
    applied = asked(centre, "post", f"{address}/steps/apply", {})
    assert applied["state"] == "applied"
    assert rows(town, "select count(*) from households_household") == before
    sizes = rows(town, "select path::text, count(*) from households_household group by path")
    assert {count for _path, count in sizes} == {grid["households"] for grid in applied["grids"]}
    assert all(path.count(".") == 4 and 300 <= count <= 500 for path, count in sizes)
    assert (
        rows(town, "select 1 from households_building group by compound_id having count(distinct path) > 1")
        == []
    )
    spots = rows(town, "select lon, lat, path::text from households_building")
    found = locate_many([lon for lon, _, _ in spots], [lat for _, lat, _ in spots])
    assert [str(code) for code in found.codes] == [path.rsplit(".", 1)[-1] for _, _, path in spots]
    # The next one sees it in the tree, and it can be taken back today.
    listed = asked(worker, "get", f"/areas?level=grid&within={town.next_community.code}")["items"]
    assert [area["code"] for area in listed] == [f"{town.next_community.code}1001"]
    undone = asked(centre, "post", f"{address}/steps/undo", {"reason": "再议"})
    assert undone["state"] == "undone"
    assert rows(town, "select count(*) from households_household where path::text like '%%003001'") == [
        (420,)
    ]
