"""Today's grids as they are for a plan: named, shown on maps, mended in the draft by a button; nothing is changed before."""

import json

import numpy as np
import orjson
import pytest
import shapely
from tests.builders import NOW
from tests.console.test_plans import Desk
from tests.plans.test_drafting import begun
from tests.plans.towns import laid_out

from wangge.base.problems import NotAllowed
from wangge.journal.models import Entry
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries.today import today_of
from wangge.plans.rules.content import BuildingRow, GridRow, gathered
from wangge.plans.rules.problems import PlanChanged
from wangge.plans.rules.today import as_mended, looked_at

#: Today's border between the two grids, and what lies west of it.
BORDER, WEST, EAST, SOUTH, NORTH = 119.36, 119.35, 119.37, 34.74, 34.75
_ABOVE = "320700000000.320703000000.320703003000.320703003002"


def box(west, east):
    return json.loads(shapely.to_geojson(shapely.box(west, SOUTH, east, NORTH)))


def drawn(town, **outlines):
    for name, outline in outlines.items():
        town.owner.execute(
            "update areas_area set boundary = %s where code = %s",
            [json.dumps(outline), getattr(town, name).code],
        )
    town.owner.commit()


def looked(town, plan, who="community"):
    return today_of(town.as_viewer(who), plan)


def kinds(today):
    return {fault.kind for fault in today.faults}


def a_plan(town, **facts):
    return begun(town.as_viewer("community"), town, **{"unit": "building", "start": "today", **facts})


@pytest.mark.django_db
def test_what_overlaps_is_named_with_its_ground_and_goes_to_whom_its_homes_name(town):
    laid_out(town)
    drawn(town, grid_b=box(119.358, EAST))
    plan = a_plan(town)
    today = looked(town, plan)
    [overlap] = [fault for fault in today.faults if fault.kind == "overlap"]
    assert overlap.grids == (town.grid_a.code, town.grid_b.code)
    assert overlap.to == town.grid_b.code
    assert shapely.from_geojson(json.dumps(overlap.outline)).bounds == pytest.approx(
        (119.358, SOUTH, BORDER, NORTH), abs=1e-5
    )
    [twice] = [fault for fault in today.faults if fault.kind == "two_grids"]
    assert (twice.doors, len(twice.spots)) == (12, 12)
    # The mended outlines tile the community.
    shapes = {code: shapely.from_geojson(json.dumps(each)) for code, each in today.outlines.items()}
    assert shapes[town.grid_a.code].intersection(shapes[town.grid_b.code]).area < 1e-9
    assert (
        shapely.union_all(list(shapes.values())).equals_exact(shapely.box(WEST, SOUTH, EAST, NORTH), 1e-5)
        or shapely.union_all(list(shapes.values()))
        .symmetric_difference(shapely.box(WEST, SOUTH, EAST, NORTH))
        .area
        < 1e-8
    )


@pytest.mark.django_db
def test_a_hole_and_the_buildings_in_it_are_named_and_go_to_the_grid_beside(town):
    laid_out(town)
    drawn(town, grid_a=box(119.352, BORDER))
    today = looked(town, a_plan(town))
    [hole] = [fault for fault in today.faults if fault.kind == "hole"]
    assert (hole.to, hole.doors) == (town.grid_a.code, 8)
    [none] = [fault for fault in today.faults if fault.kind == "no_grid"]
    assert none.doors == 8
    assert len(none.names) == 5


@pytest.mark.django_db
def test_an_outline_that_crosses_itself_is_named_in_clear_words(town):
    laid_out(town)
    bow = shapely.Polygon([(BORDER, SOUTH), (EAST, NORTH), (EAST, SOUTH), (BORDER, NORTH)])
    drawn(town, grid_b=json.loads(shapely.to_geojson(bow)))
    plan = a_plan(town)
    assert "broken" in kinds(looked(town, plan))
    page = Desk(town, "community").get(f"/console/plans/{plan.id}/today").content.decode()
    assert f"{town.grid_b.name}的边界自相交叉" in page


def test_an_outline_that_is_no_surface_is_left_out_and_said_so():
    from tests.plans.test_counted_alike import a_town

    content = a_town(np.random.default_rng(3), buildings=30, unit="building")
    line = {"type": "LineString", "coordinates": [[119.35, 34.74], [119.36, 34.75]]}
    for outline in (line, {"type": "Polygon"}, {}):
        today = looked_at(content, {content.grids[0]: outline}, {})
        assert [fault.grids for fault in today.faults if fault.kind == "unreadable"] == [(content.grids[0],)]


@pytest.mark.django_db
def test_a_dedicated_grid_is_no_hole(town):
    laid_out(town)
    drawn(town, grid_b=box(BORDER, 119.369), dedicated=box(119.369, EAST))
    assert "hole" not in kinds(looked(town, a_plan(town)))
    drawn(town, dedicated=box(119.3695, EAST))
    assert "hole" in kinds(looked(town, a_plan(town)))


@pytest.mark.django_db
def test_grids_in_order_have_no_faults(town):
    laid_out(town)
    # As they are kept: the border runs through the compounds left of the middle, which a straight one cannot.
    plan = a_plan(town)
    today = looked(town, plan)
    assert kinds(today) == {"elsewhere"}
    town.owner.execute(
        "update households_building set path = %s::ltree where lon < 119.36", [town.grid_a.path]
    )
    town.owner.commit()
    again = a_plan(town)
    assert looked(town, again).faults == ()
    assert (
        "现有网格没有问题" in Desk(town, "community").get(f"/console/plans/{again.id}/today").content.decode()
    )


@pytest.mark.django_db
def test_mended_grids_become_the_draft_with_names_and_what_is_fixed_as_far_as_it_stays(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = a_plan(town)
    content = queries.content_by_plan(plan)
    astray = np.flatnonzero((content.lon < BORDER) & (content.today == content.grids.index(town.grid_b.code)))
    assert len(astray) == 12
    label = plan.labels[astray[0]]
    kept_atom = int(np.flatnonzero(content.lon > BORDER)[0])
    actions.change_plan(
        viewer, plan.id, revision=1, fixed=[int(astray[0]), kept_atom], names={label: "东边"}, now=NOW
    )
    mended = actions.mend_plan(viewer, plan.id, revision=2, now=NOW)
    assert (np.array(mended.labels)[content.lon > BORDER] == label).all()
    assert (np.array(mended.labels)[content.lon < BORDER] != label).all()
    assert mended.figures["grids"] == 2
    assert mended.figures["moved"] == 120
    assert [at for at, fixed in enumerate(mended.fixed) if fixed] == [kept_atom]
    assert mended.names == {str(label): "东边"}
    entry = Entry.objects.get(verb="plan.mended")
    assert (entry.after["faults"], entry.after["atoms"]) == (1, 12)
    with pytest.raises(PlanChanged):
        actions.mend_plan(viewer, plan.id, revision=2, now=NOW)


@pytest.mark.django_db
def test_the_page_shows_both_maps_first_and_the_button_keeps_the_mended_grids(town):
    laid_out(town)
    drawn(town, grid_b=box(119.358, EAST))
    lead = Desk(town, "community")
    plan = a_plan(town)
    page = f"/console/plans/{plan.id}/today"
    shown = lead.get(page).content.decode()
    assert shown.count('<figure class="map plan-map">') == 2
    assert 'class="area fault overlap"' in shown
    assert "ground astray" in shown
    assert "重叠" in shown
    assert queries.plan_by_id(town.as_viewer("community"), plan.id).revision == 1, "looking changes nothing"
    assert page in lead.get(f"/console/plans/{plan.id}").content.decode()
    assert page in lead.get("/console/plans/grounds").content.decode()
    assert lead.send(f"/console/plans/{plan.id}/mend", revision="x").status_code == 422
    assert lead.send(f"/console/plans/{plan.id}/mend", revision="7").status_code == 409
    sent = lead.send(f"/console/plans/{plan.id}/mend", revision="1")
    assert sent.status_code == 302
    assert "修补后的现有网格" in lead.get(sent["Location"]).content.decode()
    assert queries.plan_by_id(town.as_viewer("community"), plan.id).revision == 2


@pytest.mark.django_db
def test_only_who_drafts_there_looks_and_mends_also_over_http(town):
    laid_out(town)
    plan = a_plan(town)
    with pytest.raises(NotAllowed):
        looked(town, plan, who="mediator")
    address = f"/api/v1/plans/{plan.id}"
    told = orjson.loads(town.client("community").get(f"{address}/today").content)
    assert {fault["kind"] for fault in told["faults"]} == {"elsewhere"}
    assert told["moved"] == 12
    assert set(told["outlines"]) == {town.grid_a.code, town.grid_b.code}
    answer = town.client("community").post(
        f"{address}/mend", orjson.dumps({"revision": 1}), content_type="application/json"
    )
    assert (answer.status_code, orjson.loads(answer.content)["revision"]) == (200, 2)


@pytest.mark.django_db
def test_with_compounds_as_units_the_button_counts_what_the_draft_will_be_and_each_name_stands_once(town):
    laid_out(town)
    # Only the eastern buildings of the compounds left of the middle are kept elsewhere than they stand.
    plan = a_plan(town, unit="compound")
    today = looked(town, plan)
    content = queries.content_by_plan(plan)
    [elsewhere] = [fault for fault in today.faults if fault.kind == "elsewhere"]
    assert len(set(elsewhere.names)) == len(elsewhere.names) > 1
    mended = as_mended(content, today)
    assert today.moved == int((mended[content.b_atom] != content.b_today).sum())
    page = Desk(town, "community").get(f"/console/plans/{plan.id}/today").content.decode()
    assert f"有 {today.moved} 栋楼" in page
    assert "重新划定" in page


def test_a_compound_cut_by_a_border_moves_whole_in_the_draft_and_in_the_number():
    rows = [
        BuildingRow(name, name, "T1", "小区", lon, 34.745, f"{_ABOVE}.{_ABOVE[-12:]}1{grid:03d}", households)
        for name, lon, grid, households in (("a", 119.351, 1, 9), ("b", 119.352, 1, 9), ("c", 119.361, 2, 5))
    ] + [BuildingRow("d", "d", "", "", 119.365, 34.745, f"{_ABOVE}.{_ABOVE[-12:]}1002", 9)]
    codes = [f"{_ABOVE[-12:]}1{number:03d}" for number in (1, 2)]
    content = gathered(rows, [GridRow(code, code, code[:12], None, None) for code in codes], unit="compound")
    outlines = dict(zip(codes, (box(WEST, BORDER), box(BORDER, EAST)), strict=True))
    today = looked_at(content, outlines, {_ABOVE[-12:]: box(WEST, EAST)})
    # Each building stands where it is kept; the draft takes the compound whole.
    assert today.faults == ()
    assert today.moved == 1
    # All of it stands in the east, but says the west: one name for three doors.
    shifted = dict(zip(codes, (box(WEST, 119.3505), box(119.3505, EAST)), strict=True))
    [elsewhere] = looked_at(content, shifted, {_ABOVE[-12:]: box(WEST, EAST)}).faults
    assert (elsewhere.doors, elsewhere.names, elsewhere.more_names) == (2, ("小区",), False)
