"""What a plan does not change stays: grids in which nobody lives or nothing is built, and outlines of those that keep their buildings."""

import json
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from tests import builders
from tests.builders import NOW
from tests.console.test_plans import Desk
from tests.plans.test_applying import as_app, seen  # noqa: F401 - a fixture
from tests.plans.test_drafting import begun
from tests.plans.towns import building, case_at, laid_out

from wangge.doors.console.plan_maps import maps_of
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries.posting import posting_facts
from wangge.plans.rules.content import BuildingRow, GridRow, gathered
from wangge.plans.rules.figures import figures_of
from wangge.plans.rules.numbers import going_on_as
from wangge.plans.rules.outlines import Standing, outlines_of, standing_on

ABOVE = "320700000000.320703000000.320703003000.320703003002"
WEST, MIDDLE, EAST = (f"3207030030021{number:03d}" for number in (1, 2, 3))


def content(*rows, grids=(WEST, MIDDLE, EAST)):
    """Buildings as (longitude, grid, households)."""
    found = [
        BuildingRow(f"b{at}", "1", "", "", lon, 34.745, f"{ABOVE}.{grid}" if grid else ABOVE, households)
        for at, (lon, grid, households) in enumerate(rows)
    ]
    return gathered(found, [GridRow(code, code, code[:12], None, None) for code in grids], unit="building")


def box(west, east):
    return json.loads(shapely.to_geojson(shapely.box(west, 34.74, east, 34.75)))


def goes_on(given, labels, b_stands=None):
    labels = np.array(labels)
    return going_on_as(given, labels, figures_of(given, labels, low=1, high=2), b_stands)


def test_a_grid_of_offices_goes_on_and_households_weigh_more_than_any_buildings():
    offices = content((119.351, WEST, 0), (119.361, MIDDLE, 0), grids=(WEST, MIDDLE))
    assert goes_on(offices, [0, 1]) == {0: 0, 1: 1}
    many = [(119.361 + at * 1e-5, MIDDLE, 0) for at in range(200)]
    lived_in = content((119.351, WEST, 1), *many, grids=(WEST, MIDDLE))
    one_grid = [0] * len(lived_in)
    assert goes_on(lived_in, one_grid) == {0: 0}


def test_buildings_on_the_ground_of_a_grid_without_any_tell_which_it_is():
    given = content((119.351, "", 5), (119.352, "", 5), (119.361, MIDDLE, 5), grids=(WEST, MIDDLE))
    assert given.bare == (WEST,)
    stands = standing_on(given, {WEST: box(119.35, 119.36)})
    assert stands.tolist() == [0, 0, -1]
    assert goes_on(given, [0, 0, 1]) == {1: 1}
    assert goes_on(given, [0, 0, 1], stands) == {0: 0, 1: 1}


THREE = ((119.351, WEST, 5), (119.3575, MIDDLE, 5), (119.359, MIDDLE, 5), (119.368, EAST, 5))
TODAY = {WEST: box(119.35, 119.3515), MIDDLE: box(119.3515, 119.36), EAST: box(119.36, 119.37)}
FRAME = {ABOVE[-12:]: box(119.35, 119.37)}


def drawn(labels, today, going_on, bare=(), rows=THREE):
    return outlines_of(content(*rows), np.array(labels), FRAME, (), Standing(today, going_on, bare))


def surface(outline):
    return shapely.from_geojson(json.dumps(outline))


def test_who_keeps_the_same_buildings_keeps_the_outline_and_the_others_share_what_is_left():
    split = drawn([0, 1, 3, 2], TODAY, {0: 0, 1: 1, 2: 2})
    assert (split[0], split[2]) == (TODAY[WEST], TODAY[EAST])
    parts = shapely.union_all([surface(split[1]), surface(split[3])])
    assert parts.symmetric_difference(surface(TODAY[MIDDLE])).area < 1e-12
    assert (surface(split[1]) & surface(split[3])).area < 1e-12
    assert drawn([0, 1, 1, 2], TODAY, {0: 0, 1: 1, 2: 2}) == dict(enumerate(TODAY.values()))


def test_what_overlaps_or_borders_on_open_ground_is_drawn_anew_where_that_is():
    twice = drawn([0, 1, 1, 2], TODAY | {MIDDLE: box(119.3515, 119.361)}, {0: 0, 1: 1, 2: 2})
    assert twice[0] == TODAY[WEST]
    assert (surface(twice[1]) & surface(twice[2])).area < 1e-12
    gap = drawn([0, 1, 1, 2], TODAY | {EAST: box(119.362, 119.37)}, {0: 0, 1: 1, 2: 2})
    assert gap[0] == TODAY[WEST]
    whole = shapely.union_all([surface(each) for each in gap.values()])
    assert whole.symmetric_difference(surface(FRAME[ABOVE[-12:]])).area < 1e-12


@pytest.mark.parametrize(
    "unread",
    [{}, {"type": "Polygon"}, {"type": "LineString", "coordinates": [[119.35, 34.74], [119.36, 34.75]]}],
)
def test_an_outline_that_is_no_surface_stays_with_nobody(unread):
    found = drawn([0, 1, 1, 2], TODAY | {EAST: unread}, {0: 0, 1: 1, 2: 2})
    assert found[0] == TODAY[WEST]
    whole = shapely.union_all([surface(each) for each in found.values()])
    assert whole.symmetric_difference(surface(FRAME[ABOVE[-12:]])).area < 1e-12
    bow = {
        "type": "Polygon",
        "coordinates": [
            [[119.36, 34.74], [119.37, 34.75], [119.37, 34.74], [119.36, 34.75], [119.36, 34.74]]
        ],
    }
    assert drawn([0, 1, 1, 2], TODAY | {EAST: bow}, {0: 0, 1: 1, 2: 2})[2] != bow


def test_where_a_building_has_no_ground_beside_those_who_stay_all_is_drawn_anew():
    rows = ((119.351, WEST, 5), (119.3575, MIDDLE, 5), (119.3511, MIDDLE, 5), (119.368, EAST, 5))
    anew = drawn([0, 1, 3, 2], TODAY, {0: 0, 1: 1, 2: 2}, rows=rows)
    assert set(anew) == {0, 1, 2, 3}
    assert anew[0] != TODAY[WEST]
    whole = shapely.union_all([surface(each) for each in anew.values()])
    assert whole.symmetric_difference(surface(FRAME[ABOVE[-12:]])).area < 1e-12


def test_nobody_gets_the_ground_of_a_grid_that_stays_without_buildings():
    rows = [(119.3575, MIDDLE, 5), (119.359, MIDDLE, 5), (119.368, EAST, 5)]
    found = drawn([0, 1, 1], TODAY, {0: 1, 1: 2}, (WEST,), rows=rows)
    assert all((surface(each) & surface(TODAY[WEST])).area < 1e-12 for each in found.values())


@pytest.fixture
def quiet(town):
    """A township: homes in one community, in another offices alone, in a third nothing; each grid has its worker."""
    laid_out(town)
    owner, made = town.owner, []
    offices = town.next_community
    bare = builders.area(
        owner, "320703003003", "community", name="后山社区居委会", parent=town.township,
        edges=(119.37, 34.74, 119.38, 34.75), urban_rural_class="111",
    )  # fmt: skip
    for place, west, middle, east in ((offices, 119.34, 119.345, 119.35), (bare, 119.37, 119.374, 119.38)):
        for number, edges in ((1, (west, 34.74, middle, 34.75)), (2, (middle, 34.74, east, 34.75))):
            grid = builders.area(
                owner, f"{place.code}1{number:03d}", "grid", name=f"{place.name[:2]}{number}网格", parent=place,
                edges=edges,
            )  # fmt: skip
            post = builders.post(owner, "grid_worker", grid)
            builders.assignment(owner, post, town.accounts["mediator"])
            made.append(
                SimpleNamespace(code=grid.code, name=grid.name, boundary=grid.boundary, path=grid.path)
            )
    for lon, grid in ((119.342, made[0]), (119.343, made[0]), (119.3465, made[1])):
        building(town, grid, lon, 34.745, households=0)
    owner.commit()
    return made


@pytest.mark.parametrize("start", ["today", "split"])
def test_grids_that_nobody_lives_in_keep_code_outline_and_posts_through_applying_and_undo(
    town,
    quiet,
    seen,  # noqa: F811 - the fixture
    start,
):
    work = builders.item(town.owner)
    # Nearer to the other grid's building than to any of its own.
    case_at(town, work, town.grid_a, 119.3599, 34.7455)
    town.owner.commit()
    facts = {"area": town.township.code, "unit": "building", "start": start, "low": 1, "high": 900}
    if start == "split":
        facts["grids"] = [town.grid_b.code]
    plan = as_app(town, "township", lambda viewer: begun(viewer, town, **facts))
    assert (plan.figures["untouched"], plan.figures["ended"]) == (2, 0)
    for who, step in (("township", "check"), ("township", "consult"), ("centre", "approve")):
        as_app(
            town,
            who,
            lambda viewer, step=step: actions.take_step(viewer, plan.id, step, reason="照旧", now=NOW),
        )
    before = seen()

    def stood():
        codes = [each.code for each in quiet]
        return town.rows(
            "select code, name, boundary::text, valid_from, valid_to from areas_area where code = any(%s) order by code",
            [codes],
        ) + town.rows(
            "select p.area_id, p.closed_on, a.account_id, a.to_on from staff_post p join staff_assignment a on a.post_id = p.id"
            " where p.area_id = any(%s) order by 1",
            [codes],
        )

    was = stood()
    told = as_app(town, "township", lambda viewer: actions.dry_run(viewer, plan.id, now=NOW))
    assert (told.stops, told.ended, told.posts, told.holders) == ((), (), (), ())
    assert told.counts["untouched"] == 2
    assert told.cases.rows == ()
    as_app(town, "township", lambda viewer: actions.apply_plan(viewer, plan.id, now=NOW))
    assert stood() == was
    assert town.rows("select grid_id from cases_case") == [(town.grid_a.code,)]
    as_app(
        town,
        "township",
        lambda viewer: actions.undo_plan(viewer, plan.id, reason="试", now=NOW + timedelta(hours=1)),
    )
    assert stood() == was
    added = {code for (code,) in town.rows("select code from areas_area where valid_from = '2026-04-15'")}
    assert seen(without=added)["staff_post"] == before["staff_post"]


@pytest.mark.django_db
def test_the_form_and_the_dry_run_say_what_stays_and_a_building_that_came_into_such_a_grid_stays_there(
    town, quiet
):
    plan = begun(town.as_viewer("township"), town, area=town.township.code, unit="building", start="today")
    bare = quiet[2]
    assert queries.untouched(plan) == {each.code for each in quiet[2:]}
    came = building(town, bare, 119.371, 34.745, households=3, start=90_000)
    town.owner.commit()
    told = actions.dry_run(town.as_viewer("township"), plan.id, now=NOW)
    assert (told.stops, told.came) == ((), 1)
    assert (bare.code, bare.code) in {(pair.from_code, pair.to_code) for pair in told.pairs}
    assert came.path == bare.path
    walkers, grounds = posting_facts(plan, now=NOW)
    assert {each.code for each in grounds}.isdisjoint(queries.untouched(plan))
    assert not {grid for walker in walkers for grid in walker.grids} & queries.untouched(plan)
    desk = Desk(town, "township")
    page = desk.send(f"/console/plans/{plan.id}/try").content.decode()
    assert "没有登记楼栋、原样保留的网格" in page
    _before, after = maps_of(plan, queries.grids_of(town.as_viewer("township"), plan))
    assert bare.name in {shape.name for shape in after.shapes}
    assert "楼栋不变的网格沿用原边界" in desk.get("/console/plans/new").content.decode()
