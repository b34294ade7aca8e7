"""The mission's story over the interface: a county's grids are divided anew so that each compound is a unit, from the proposal to
the new grids. Two communities; one of them has had no grids so far.
"""

from django.db import transaction
from tests.plans.towns import building, compound, laid_out
from tests.sync.test_pull import everything

from wangge.areas.queries import locate_many

HOMES = "select path::text, count(*) from households_household group by path order by 1"
CUT = "select compound_id from households_building group by compound_id having count(distinct path) > 1"


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


def district(town):
    """Six large compounds of two buildings, two of them cut by today's border; and six small ones whose households lie in no grid."""
    laid_out(town, columns=3, rows=2, households=180)
    without_grids(town)


def rows(town, statement):
    return town.rows(statement)


def homes_on_the_phone(town):
    """What the worker's phone has after its next sync."""
    with transaction.atomic():
        records, _cursor = everything(town.as_viewer("worker"))
    return {key for kind, key in records if kind == "household"}


def test_a_county_is_divided_so_that_each_compound_is_a_unit(town, open_db):
    district(town)
    before = rows(town, HOMES)
    on_the_phone = homes_on_the_phone(town)
    centre, city, worker = (town.client(name) for name in ("centre", "admin", "worker"))
    # Proposed: each compound its own unit, 300 to 500 households a grid.
    asked_for = {
        "area": town.county.code,
        "name": "连云区网格调整",
        "unit": "compound",
        "low": 300,
        "high": 500,
    }
    begun = asked(centre, "post", "/plans", {**asked_for, "start": "compounds"}, status=201)
    address = f"/plans/{begun['id']}"
    today, planned = begun["figures_today"], begun["figures"]
    assert (today["outside"], today["uncovered"], today["cut"]) == (1, 6, 2)
    assert planned["gap"] is None
    assert (planned["outside"], planned["uncovered"], planned["cut"], planned["pieces"]) == (0, 0, 0, 0)
    assert all(300 <= grid["households"] <= 500 for grid in begun["grids"])
    of = [grid["households"] for grid in begun["grids"] if grid["community"] == town.community.code]
    assert of == [360] * 6, "a grid for each compound that is large enough"
    assert [
        grid["households"] for grid in begun["grids"] if grid["community"] == town.next_community.code
    ] == [420]
    # Checked, and consulted: a resident and a worker say what they think.
    asked(worker, "get", address, status=404)
    for step in ("check", "consult"):
        asked(centre, "post", f"{address}/steps/{step}", {})
    own = next(grid["code"] for grid in begun["grids"] if grid["today"] == town.grid_a.code)
    for number, side, text in ((1, "residents", "小区要在一起"), (2, "worker", "走访不用绕路")):
        said = {"grid": own, "side": side, "text": text}
        asked(worker, "put", f"{address}/comments/00000000-0000-7000-8000-00000000000{number}", said)
    sides = {each["side"] for each in asked(centre, "get", f"{address}/comments")}
    assert sides == {"residents", "worker"}
    # Approved from above, tried out, applied.
    asked(centre, "post", f"{address}/steps/approve", {}, status=403)
    approved = asked(city, "post", f"{address}/steps/approve", {})
    assert approved["proof"]["state"] == "running"  # asked for with the checking
    told = asked(centre, "post", f"{address}/dry-run", {})
    assert told["stops"] == []
    assert told["counts"]["households_in_area"] == 2160 + 420
    assert rows(town, HOMES) == before
    applied = asked(centre, "post", f"{address}/steps/apply", {})
    assert applied["state"] == "applied"
    sizes = rows(town, HOMES)
    assert sum(count for _path, count in sizes) == sum(count for _path, count in before)
    assert sorted(count for _path, count in sizes) == sorted(grid["households"] for grid in applied["grids"])
    assert all(path.count(".") == 4 and 300 <= count <= 500 for path, count in sizes)
    assert rows(town, CUT) == []
    spots = rows(town, "select lon, lat, path::text from households_building")
    found = locate_many([lon for lon, _, _ in spots], [lat for _, lat, _ in spots])
    assert [str(code) for code in found.codes] == [path.rsplit(".", 1)[-1] for _, _, path in spots]
    # The worker's phone has one compound instead of what it had; the tree tells of the new grid beside.
    now = homes_on_the_phone(town)
    assert (len(on_the_phone), len(now)) == (1800, 360)
    listed = asked(worker, "get", f"/areas?level=grid&within={town.next_community.code}")["items"]
    assert [area["code"] for area in listed] == [f"{town.next_community.code}1001"]
    # And it can be taken back today.
    undone = asked(centre, "post", f"{address}/steps/undo", {"reason": "再议"})
    assert undone["state"] == "undone"
    assert rows(town, HOMES) == before
    assert homes_on_the_phone(town) == on_the_phone
