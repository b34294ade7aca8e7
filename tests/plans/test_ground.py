"""Streets and barriers kept from a file, and what plans make of them."""

import json
import signal
import subprocess
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import shapely
from tests.builders import NOW
from tests.plans.test_workload import lives_alone
from tests.plans.towns import SOUTH, STEP, WEST, building, laid_out

from gridplan import reading_apart
from gridplan.links import walking_distances
from wangge.base.problems import Invalid, NotAllowed, NotFound, TooMany
from wangge.doors.console.pages import plan_grounds
from wangge.journal.models import Entry
from wangge.plans import actions
from wangge.plans.actions import reading
from wangge.plans.actions.reading import Taken
from wangge.plans.models import Ground, Reading
from wangge.plans.queries import covering
from wangge.plans.queries import ground as grounds
from wangge.plans.queries import plans as queries
from wangge.plans.rules import ground as rules
from wangge.plans.rules.dividing import town_of
from wangge.plans.rules.figures import pieces_of
from wangge.plans.rules.problems import GroundTooLarge, PlanStepNotPossible

#: Between the second and the third row of compounds, from end to end.
RAIL = shapely.LineString([(WEST - 0.01, SOUTH + 0.0033), (WEST + 0.03, SOUTH + 0.0033)])


def street(*spots):
    return "street", shapely.LineString(spots)


#: Along each row, and along the first column across the railway when it may.
ROWS = [street((WEST - 0.001, SOUTH + row * 0.0022), (WEST + 0.02, SOUTH + row * 0.0022)) for row in range(4)]
ACROSS = street((WEST, SOUTH), (WEST, SOUTH + 0.0066))


def a_map(folder, *features, name="map.geojson"):
    """`features`: kind and shape, and further properties where there are any."""
    path = folder / name
    told = [
        {
            "type": "Feature",
            "properties": {"kind": kind, **(more[0] if more else {})},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for kind, shape, *more in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": told}))
    return path


def sent(town, file, *, who="community", area=None, now=NOW):
    return actions.send_ground(town.as_viewer(who), area=(area or town.community).code, file=file, now=now)


def read(town, reading):
    """As the worker does it."""
    Reading.objects.filter(id=reading.id).update(state="reading", tries=1, began_at=NOW)
    done = actions.carry_out_reading(Taken(town.city.path, reading.id, 1))
    town.as_viewer("community")
    return done


def kept(town, folder, *features, **facts):
    """Sent, and read in the background."""
    done = read(town, sent(town, a_map(folder, *features), **facts))
    assert (done.state, done.problem, bytes(done.file)) == ("done", {}, b"")
    return Ground.objects.get(id=done.id)


def refused(town, file):
    """Code and facts of why it was not taken in."""
    done = read(town, sent(town, file))
    assert done.state == "failed"
    assert not Ground.objects.exists()
    return done.problem["code"], done.problem["facts"]


def begun(town, **facts):
    said = {
        "area": town.community.code,
        "name": "跨线",
        "unit": "compound",
        "low": 150,
        "high": 250,
        "now": NOW,
    }
    return actions.begin_plan(town.as_viewer("community"), **{**said, **facts})


@pytest.mark.django_db
def test_no_grid_lies_on_both_sides_of_a_railway_without_a_crossing(town, tmp_path):
    laid_out(town)
    ground = kept(town, tmp_path, ("barrier", RAIL), *ROWS)
    assert ground.counts == {"barriers": 1, "crossings": 0, "streets": 4, "shops": 0, "left_out": 0}
    plan = begun(town)
    assert plan.ground_ids == [ground.id]
    content = queries.content_by_plan(plan)
    north = content.lat > RAIL.coords[0][1]
    assert not (north[content.edges[:, 0]] != north[content.edges[:, 1]]).any()
    labels = np.array(plan.labels)
    assert not set(labels[north]) & set(labels[~north])
    assert plan.figures["pieces"] == plan.figures["outside"] == 0
    # Today's grids lie on both sides: they are not in one piece.
    assert plan.figures_today["pieces"] > 0


@pytest.mark.django_db
def test_where_a_street_goes_through_one_walks(town, tmp_path):
    laid_out(town)
    ground = kept(town, tmp_path, ("barrier", RAIL), *ROWS, ACROSS)
    assert ground.counts["crossings"] == 1
    content = queries.content_by_plan(begun(town))
    assert len(np.unique(pieces_of(content, np.zeros(len(content), np.int64)))) == 1
    north = content.lat > RAIL.coords[0][1]
    over = content.edges[north[content.edges[:, 0]] != north[content.edges[:, 1]]]
    # Only beside the crossing, at the western end.
    assert len(over)
    assert (content.lon[over] < WEST + 2.5 * STEP).all()


@pytest.mark.django_db
def test_ways_are_along_the_streets_and_streets_and_shops_are_covered(town, tmp_path):
    laid_out(town)
    plain = begun(town)
    assert "walk_mean_m" not in plain.figures
    shops = [("shop", shapely.Point(WEST + 0.001, SOUTH + 0.001)), ("shop", shapely.Point(WEST + 0.5, SOUTH))]
    kept(town, tmp_path, *ROWS, ACROSS, *shops)
    plan = begun(town)
    assert plan.figures["walk_mean_m"] > plan.figures["rms_m"] * 0.5
    assert plan.figures["walk_farthest_m"] >= plan.figures["walk_mean_m"]
    assert plan.figures["shops"] == 1, "what lies far outside is not the area's"
    assert plan.figures["shops_uncovered"] == plan.figures["streets_uncovered_m"] == 0
    assert plan.figures["streets_m"] > 1000
    assert plan.figures["principles"]["service"]["on_foot"]
    grid = queries.grids_of(town.as_viewer("community"), plan)[0]
    assert grid.figures["walk_m"] >= grid.figures["walk_mean_m"] > 0
    left = actions.change_plan(
        town.as_viewer("community"), plan.id, revision=1, labels=[-1] * len(plan.labels), now=NOW
    )
    assert left.figures["shops_uncovered"] == 1
    assert left.figures["streets_uncovered_m"] == left.figures["streets_m"]


@pytest.mark.django_db
@pytest.mark.parametrize("outlined", [True, False])
def test_what_a_change_would_leave_bare_is_told_before_it_is_kept(town, tmp_path, outlined):
    laid_out(town)
    if not outlined:
        town.owner.execute("update areas_area set boundary = null where level = 'community'")
        town.owner.commit()
    at = [("shop", shapely.Point(WEST + 0.0002 + each * STEP, SOUTH + 0.0001)) for each in range(10)]
    kept(town, tmp_path, *ROWS, ACROSS, *at)
    viewer, plan = town.as_viewer("community"), begun(town, start="today")
    count = len(plan.labels)
    rng, told = np.random.default_rng(5), []
    west = queries.content_by_plan(plan).lon < WEST + 3.5 * STEP
    for labels in (
        np.array(plan.labels), rng.integers(0, 3, count), np.where(west, -1, 0), rng.integers(-1, 2, count),
        np.where(west, -1, plan.labels), np.full(count, -1),
    ):  # fmt: skip
        told.append(covering.covered_by(viewer, plan, labels.tolist()))
        plan = actions.change_plan(viewer, plan.id, revision=plan.revision, labels=labels.tolist(), now=NOW)
        assert {name: plan.figures[name] for name in told[-1]} == told[-1]
    assert told[-1]["streets_uncovered_m"] == told[-1]["streets_m"] > 1000
    assert len({each["streets_uncovered_m"] for each in told}) > (1 if outlined else 3)
    # None but the outlines and what is in no grid decide: without them even who is given to whom does.
    assert told[0]["shops_uncovered"] == 0 < told[-1]["shops_uncovered"]


@pytest.mark.django_db
def test_who_asks_what_would_be_bare_waits_for_their_own_answer(town, tmp_path):
    laid_out(town)
    kept(town, tmp_path, *ROWS)
    viewer, plan = town.as_viewer("community"), begun(town)
    asked = plan.labels
    for wrong in (asked[1:], [len(asked), *asked[1:]], [-2, *asked[1:]]):
        with pytest.raises(Invalid):
            covering.covered_by(viewer, plan, wrong)
    with pytest.raises(NotAllowed):
        covering.covered_by(town.as_viewer("worker"), plan, asked)
    viewer = town.as_viewer("community")
    lock = ["plans:covering " + str(viewer.account_id)]
    town.owner.execute("select pg_advisory_lock(hashtextextended(%s, 0))", lock)
    with pytest.raises(TooMany):
        covering.covered_by(viewer, plan, asked)
    town.owner.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", lock)
    assert covering.covered_by(viewer, plan, asked)["streets_m"] > 1000
    plan = actions.take_step(viewer, plan.id, "check", now=NOW)
    with pytest.raises(PlanStepNotPossible):
        covering.covered_by(viewer, plan, asked)


def test_streets_are_cut_piece_by_piece_as_at_once():
    rng = np.random.default_rng(2)
    homes = shapely.MultiPoint(rng.random((300, 2)) * 2000).buffer(60)
    hole = shapely.box(500, 500, 900, 900)
    ends = rng.random((400, 2, 2)) * 2000
    lines = np.append(shapely.linestrings(ends), shapely.LineString([(0, 0), (2000, 2000)]))
    for area in (homes, homes - hole, shapely.box(0, 0, 1000, 1000), shapely.Polygon()):
        cut = rules._cut(lines, area)
        assert shapely.length(cut).sum() == pytest.approx(
            shapely.length(shapely.intersection(lines, area)).sum()
        )
    assert len(rules._pieces(homes)) > 20


@pytest.mark.django_db
def test_a_new_map_takes_the_place_of_the_old_one_and_plans_keep_theirs(town, tmp_path):
    laid_out(town)
    first = kept(town, tmp_path, ("barrier", RAIL), *ROWS)
    plan = begun(town)
    second = kept(town, tmp_path, *ROWS)
    viewer = town.as_viewer("community")
    assert [each.id for each in grounds.grounds(viewer)] == [second.id]
    assert begun(town).ground_ids == [second.id]
    kinds = {each["properties"]["kind"] for each in grounds.ground_features(viewer, plan)["features"]}
    assert kinds == {"barrier", "street"}
    improved = actions.improve_plan(viewer, plan.id, revision=1, now=NOW)
    assert improved.ground_ids == [first.id]
    actions.remove_ground(viewer, second.id, now=NOW)
    assert grounds.grounds(viewer) == []
    assert begun(town).ground_ids == []
    with pytest.raises(NotFound):
        actions.remove_ground(viewer, second.id, now=NOW)
    verbs = list(
        Entry.objects.filter(verb__startswith="ground.").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == ["ground.sent", "ground.kept"] * 2 + ["ground.removed"]


@pytest.mark.django_db
def test_what_is_known_of_a_township_holds_in_its_communities_and_the_nearest_counts(town, tmp_path):
    laid_out(town)
    wide = kept(town, tmp_path, *ROWS, who="township", area=town.township)
    assert grounds.grounds_for(town.community.path) == [wide.id]
    own = kept(town, tmp_path, ("barrier", RAIL))
    assert grounds.grounds_for(town.community.path) == [own.id]
    assert grounds.grounds_for(town.township.path) == [wide.id]
    assert {each.id for each in grounds.grounds(town.as_viewer("worker"))} == {wide.id, own.id}
    assert grounds.grounds(town.as_viewer("far_centre")) == []


@pytest.mark.django_db
def test_what_cannot_be_used_is_refused_in_words(town, tmp_path, monkeypatch):
    laid_out(town)
    for who in ("worker", "far_centre"):
        with pytest.raises(NotAllowed):
            sent(town, a_map(tmp_path, *ROWS), who=who)
    with pytest.raises(Invalid):
        sent(town, a_map(tmp_path, *ROWS), who="centre", area=town.grid_a)
    far = street((100.0, 20.0), (100.1, 20.0))
    assert refused(town, a_map(tmp_path, far, ("tunnel", RAIL))) == ("no-ground", {"left_out": 1})
    for content in (b"\x89PNG", b"<osm><node", b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + b"x" * 99, b""):
        broken = tmp_path / "broken"
        broken.write_bytes(content)
        assert refused(town, broken)[0] == "not-a-map"
    monkeypatch.setattr(rules, "MOST_POINTS", 7)
    assert refused(town, a_map(tmp_path, *ROWS)) == ("ground-too-large", {"megabytes": 24, "points": 7})
    monkeypatch.setattr(reading, "MOST_BYTES", 20)
    with pytest.raises(GroundTooLarge):
        sent(town, a_map(tmp_path, *ROWS))


def test_what_is_packed_comes_back():
    ground = rules.unpacked(
        [
            dict.fromkeys(rules.KINDS, reading_apart.packed([RAIL])),
            dict.fromkeys(rules.KINDS, reading_apart.packed([])),
        ]
    )
    assert [len(each) for each in ground.all] == [1, 1, 1, 1]
    assert rules.unpacked([]) is None
    drawn = rules.drawn(ground, RAIL.bounds)
    assert drawn["barriers"] == [[pytest.approx(at) for at in RAIL.coords]]


def as_ended(code, calls):
    """A process that ended so, without one."""

    def run(command, **how):
        calls.append((command, how))
        return subprocess.CompletedProcess(command, code)

    return run


@pytest.mark.django_db
@pytest.mark.parametrize("code", [reading_apart.TOO_MUCH, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGABRT])
def test_a_map_whose_reading_was_ended_is_too_large(town, tmp_path, monkeypatch, code):
    laid_out(town)
    calls = []
    monkeypatch.setattr(subprocess, "run", as_ended(code, calls))
    assert refused(town, a_map(tmp_path, *ROWS))[0] == "ground-too-large"
    assert calls[0][1]["timeout"] == rules.MOST_SECONDS


@pytest.mark.django_db
def test_a_map_that_is_read_for_ever_is_too_large(town, tmp_path, monkeypatch):
    laid_out(town)
    monkeypatch.setattr(rules, "MOST_SECONDS", 0.01)
    assert refused(town, a_map(tmp_path, *ROWS))[0] == "ground-too-large"


def test_a_picture_and_an_answer_have_so_many_corners_at_most(monkeypatch):
    monkeypatch.setattr(rules, "MOST_DRAWN", 40)
    monkeypatch.setattr(rules, "MOST_TOLD", 40)
    rails = shapely.linestrings([[(0, at / 100), (at / 50 + 0.1, at / 100)] for at in range(50)])
    none = np.empty(0, object)
    ground = rules.Ground(rails, none, rails, none, np.full(50, "", object))
    drawn = rules.drawn(ground, (-1, -1, 9, 9))
    assert [len(drawn[kind]) for kind in ("barriers", "streets")] == [5, 5]
    assert max(line[1][0] for line in drawn["barriers"]) == pytest.approx(1.08), "the longest"
    told = rules.as_features(ground, (-1, -1, 9, 9))
    assert len(told["features"]) == 10
    assert told["left_out"] == 90


@pytest.mark.django_db
def test_what_a_barrier_is_is_kept_and_told_on_maps_and_to_programs(town, tmp_path):
    laid_out(town)
    river = shapely.LineString([(at, lat + 0.0022) for at, lat in RAIL.coords])
    wall = shapely.LineString([(at, lat + 0.0044) for at, lat in RAIL.coords])
    ground = kept(
        town, tmp_path, ("barrier", RAIL, {"barrier": "railway"}), ("barrier", river, {"waterway": "river"}),
        ("barrier", wall), *ROWS,
    )  # fmt: skip
    assert ground.barrier_kinds == ["railway", "water", ""]
    assert ground.counts["barriers"] == 3
    assert ground.counts["railway_barriers"] == ground.counts["water_barriers"] == 1
    plan = begun(town)
    viewer = town.as_viewer("community")
    assert grounds.ground_kinds(viewer, plan) == ["streets", "railway_barriers", "water_barriers", "barriers"]
    told = [each["properties"] for each in grounds.ground_features(viewer, plan)["features"]]
    barriers = [each.get("barrier") for each in told if each["kind"] == "barrier"]
    assert sorted(barriers, key=str) == [None, "railway", "water"]
    browser = town.browser("community")
    page = browser.get(f"/console/plans/grounds?ground={ground.id}").content.decode()
    for said in ("铁路", "河流、水面", "ground railway_barriers", "ground water_barriers", "ground barriers"):
        assert said in page
    assert "ground road_barriers" not in page
    assert "铁路" in browser.get(f"/console/plans/{plan.id}/edit").content.decode()


@pytest.mark.django_db
def test_nobody_steps_onto_a_street_behind_a_barrier(town, tmp_path):
    """The only street near the southern rows lies beyond the railway; the way to it is a way around."""
    laid_out(town)
    # A street just north of the railway, and one far in the south that a street at the western end joins with it.
    beyond = street((WEST - 0.002, SOUTH + 0.0035), (WEST + 0.02, SOUTH + 0.0035))
    south = street((WEST - 0.002, SOUTH - 0.001), (WEST + 0.02, SOUTH - 0.001))
    around = street((WEST - 0.002, SOUTH + 0.0035), (WEST - 0.002, SOUTH - 0.001))
    kept(town, tmp_path, beyond, south, around, ("barrier", RAIL))
    content = queries.content_by_plan(begun(town))
    streets = rules.streets_of(content, grounds.ground_of(grounds.grounds_for(town.community.path)))
    assert len(streets.barriers) == 1
    row = np.flatnonzero(np.isclose(content.lat, SOUTH + 0.0022, atol=1e-4))
    near, far = (
        row[content.lon[row].argmax()],
        np.flatnonzero(np.isclose(content.lat, SOUTH + 0.0044, atol=1e-4)),
    )
    far = far[content.lon[far].argmax()]
    town_ = town_of(content, streets=streets)
    alone = replace(town_, edges=np.empty((0, 2), np.int64))
    [[way]] = walking_distances(alone, np.array([far]), np.array([near]))
    # Straight it is some 250 m; around, more than three kilometres.
    assert way > 3_000


@pytest.mark.django_db
def test_of_the_known_only_the_one_that_is_asked_for_is_drawn(town, tmp_path, monkeypatch):
    laid_out(town)
    ground = kept(town, tmp_path, ("barrier", RAIL), *ROWS)
    asked = []
    monkeypatch.setattr(plan_grounds, "_map", lambda each: asked.append(each.id))
    browser = town.browser("community")
    listed = browser.get("/console/plans/grounds").content.decode()
    assert asked == []
    assert f'href="?ground={ground.id}#ground-{ground.id}"' in listed
    assert browser.get(f"/console/plans/grounds?ground={ground.id}").status_code == 200
    assert asked == [ground.id]


@pytest.mark.django_db
def test_what_is_absorbed_goes_by_streets_and_by_minutes(town, tmp_path, monkeypatch):
    laid = laid_out(town)
    lone = type("Place", (), {"path": town.community.path})
    building(town, lone, WEST + 0.5 * STEP, SOUTH, households=15, start=5000)
    lives_alone(town, laid[0].buildings[0].homes[0], laid[0].buildings[0].path)
    town.owner.commit()
    kept(town, tmp_path, *ROWS)
    asked, library = [], import_module("gridplan.revise")
    absorb = library.absorb

    def heard(place, **how):
        asked.append((place.streets is not None, how["distance"], how["weigh"]))
        return absorb(place, **how)

    monkeypatch.setattr(library, "absorb", heard)
    plan = begun(town, unit="building", start="absorb", weigh="minutes", low=300, high=600)
    assert asked == [(True, "walking", "minutes")]
    assert plan.figures["uncovered"] == 0
