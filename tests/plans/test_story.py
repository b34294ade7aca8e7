"""The mission's story over the interface: a county's grids of 300 to 500 households are divided anew so that each compound is a
unit, from the proposal to the new grids. Three communities of two townships.
"""

from django.db import transaction
from tests.plans.towns import within_bounds
from tests.sync.test_pull import everything

from wangge.areas.queries import locate_many

HOMES = "select path::text, count(*) from households_household group by path order by 1"
CUT = "select compound_id from households_building group by compound_id having count(distinct path) > 1"
#: Of each compound its community, the grids that it lies in, and its households.
COMPOUNDS = """select b.compound_id, split_part(min(b.path::text), '.', 4), array_agg(distinct b.path::text),
 count(*)::int from households_household h join households_dwelling d on d.id = h.dwelling_id
 join households_building b on b.id = d.building_id group by b.compound_id order by 1"""
#: Each household and where it lives, whatever its grid is.
LIVE = "select id, dwelling_id, number from households_household order by id"


def asked(client, method, address, body=None, *, status=200):
    call = getattr(client, method)
    answer = (
        call(f"/api/v1{address}", body, content_type="application/json")
        if body is not None
        else call(f"/api/v1{address}")
    )
    assert answer.status_code == status, answer.content.decode()[:600]
    return answer.json()


def rows(town, statement):
    return town.rows(statement)


def homes_on_the_phone(town):
    """What the worker's phone has after its next sync."""
    with transaction.atomic():
        records, _cursor = everything(town.as_viewer("worker"))
    return {key for kind, key in records if kind == "household"}


def begun_by(centre, town, **how):
    """A draft for the county, 300 to 500 households a grid."""
    asked_for = {"area": town.county.code, "name": "连云区网格调整", "low": 300, "high": 500, **how}
    return asked(centre, "post", "/plans", asked_for, status=201)


def test_a_county_is_divided_so_that_each_compound_is_a_unit(town, open_db):
    within_bounds(town)
    before, living = rows(town, HOMES), rows(town, LIVE)
    assert len(before) == 7
    assert all(path.count(".") == 4 and 300 <= count <= 500 for path, count in before)
    assert len(rows(town, CUT)) == 4
    assert len(rows(town, COMPOUNDS)) == 14
    on_the_phone = homes_on_the_phone(town)
    centre, city, worker = (town.client(name) for name in ("centre", "admin", "worker"))
    # Building by building, today's grids keep the bounds and cut four compounds.
    found = begun_by(centre, town, unit="building", start="today")["figures_today"]
    assert (found["least"], found["most"], found["outside"], found["cut"]) == (350, 490, 0, 4)
    # Proposed: each compound its own unit.
    begun = begun_by(centre, town, unit="compound", start="compounds")
    address = f"/plans/{begun['id']}"
    today, planned = begun["figures_today"], begun["figures"]
    assert (today["grids"], today["households"], today["uncovered"], today["cut"]) == (7, 2980, 0, 4)
    assert planned["gap"] is None
    assert (planned["grids"], planned["uncovered"], planned["cut"], planned["pieces"]) == (8, 0, 0, 0)
    # Only the compound that alone has more is out of bounds, and of it is said why: it is not cut.
    [large] = [grid for grid in begun["grids"] if not 300 <= grid["households"] <= 500]
    assert (large["households"], large["atoms"], large["today"]) == (540, 1, town.grid_b.code)
    assert [(rule, label) for rule, label, _count in begun["broken"]] == [("above", large["label"])]
    page = town.browser("centre").get(f"/console{address}").content.decode()
    assert "其中一个单元本身户数就超过上限" in page
    of = {
        place: sorted(grid["households"] for grid in begun["grids"] if grid["community"] == place)
        for place in {grid["community"] for grid in begun["grids"]}
    }
    # Compounds that are too small share a grid with what is around them.
    small = of.pop("320703004001")
    assert (len(small), sum(small)) == (2, 800)
    assert of == {town.community.code: [320, 540], town.next_community.code: [300, 320, 340, 360]}
    # Checked, which asks why that rule is not kept, and consulted: a resident and a worker say what they think.
    asked(worker, "get", address, status=404)
    asked(centre, "post", f"{address}/steps/check", {}, status=409)
    why = "有一个小区自己就超过五百户，不拆分。"
    assert asked(centre, "post", f"{address}/steps/check", {"reason": why})["why"] == why
    asked(centre, "post", f"{address}/steps/consult", {})
    own = next(grid["code"] for grid in begun["grids"] if grid["today"] == town.grid_a.code)
    for number, side, text in ((1, "residents", "小区要在一起"), (2, "worker", "走访不用绕路")):
        said = {"grid": own, "side": side, "text": text}
        asked(worker, "put", f"{address}/comments/00000000-0000-7000-8000-00000000000{number}", said)
    sides = {each["side"] for each in asked(centre, "get", f"{address}/comments")}
    assert sides == {"residents", "worker"}
    # Approved from above, tried out, applied.
    asked(centre, "post", f"{address}/steps/approve", {}, status=403)
    approved = asked(city, "post", f"{address}/steps/approve", {"reason": "居民都已问过"})
    assert approved["proof"]["state"] == "running"  # asked for with the checking
    told = asked(centre, "post", f"{address}/dry-run", {})
    assert told["stops"] == []
    assert told["counts"]["households_in_area"] == 2980
    assert rows(town, HOMES) == before
    applied = asked(centre, "post", f"{address}/steps/apply", {})
    assert applied["state"] == "applied"
    assert rows(town, LIVE) == living, "every household is kept, in its dwelling"
    sizes = rows(town, HOMES)
    assert sorted(count for _path, count in sizes) == sorted(grid["households"] for grid in applied["grids"])
    assert rows(town, CUT) == []
    alone = []
    for code, community, grids, households in rows(town, COMPOUNDS):
        [grid] = grids
        assert grid.split(".")[3:-1] == [community], code
        if households >= 300:
            assert dict(sizes)[grid] == households, f"{code} has a grid to itself"
            alone.append(code)
    assert len(alone) == 6
    spots = rows(town, "select lon, lat, path::text from households_building")
    found = locate_many([lon for lon, _, _ in spots], [lat for _, lat, _ in spots])
    assert [str(code) for code in found.codes] == [path.rsplit(".", 1)[-1] for _, _, path in spots]
    # The worker's phone has one compound instead of what it had; the tree tells of the new grid beside.
    now = homes_on_the_phone(town)
    assert (len(on_the_phone), len(now)) == (470, 320)
    listed = asked(worker, "get", f"/areas?level=grid&within={town.next_community.code}")["items"]
    assert [area["code"] for area in listed] == [f"{town.next_community.code}100{at}" for at in (1, 2, 3, 4)]
    # And it can be taken back today.
    undone = asked(centre, "post", f"{address}/steps/undo", {"reason": "再议"})
    assert undone["state"] == "undone"
    assert (rows(town, HOMES), rows(town, LIVE)) == (before, living)
    assert len(rows(town, CUT)) == 4
    assert homes_on_the_phone(town) == on_the_phone
