"""Figures of a time use the grids of that time: a plan that is applied moves no case in them, and undone it is as before."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests import builders
from tests.builders import NOW
from tests.plans.test_applying import approved
from tests.plans.towns import case_at, laid_out

from wangge.base.problems import NotAllowed
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case
from wangge.cases.queries import case_page
from wangge.figures.queries import beside, figures
from wangge.plans import actions
from wangge.visits import queries as visits

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=6)
BEFORE = NOW - timedelta(days=40)
MONTHS = ("2026-03", "2026-04")


@pytest.fixture
def lived(town):
    """Four cases in each of forty compounds: of this month and the one before, open and closed. By id: grid and month when reported."""
    blocks, work = laid_out(town), builders.item(town.owner)
    placed = {}
    for block in blocks:
        grid = town.grid_a if block.lon < 119.36 else town.grid_b
        for month, at in (("2026-03", BEFORE), ("2026-04", NOW - timedelta(hours=1))):
            closed = {"closed_at": at + timedelta(minutes=50), "outcome": "mended", "resolved_tier": "grid"}
            for facts in ({}, {"state": "closed", **closed}):
                made = case_at(
                    town, work, grid, block.lon, block.lat, reported_at=at, received_at=at, **facts
                )
                placed[made.id] = (grid.code, month)
    town.owner.commit()
    return placed


def counted(town, period, area=None, who="community"):
    return figures(town.as_viewer(who), area=area or town.community.code, period=period, now=LATER)


def lines(found):
    return {named.key: named.line for named in found.by_area}


def check_recounted(found, placed, month):
    """The lines are what somebody counts who knows where each case lay when it was reported."""
    now = dict(Case.objects.values_list("id", "state"))
    for code, line in lines(found).items():
        here = [now[case] for case, place in placed.items() if place == (code, month)]
        assert (line.reported, line.open, line.closed) == (
            len(here),
            sum(state in OPEN for state in here),
            here.count("closed"),
        )
    assert found.total.reported == sum(line.reported for line in lines(found).values())


def same(one, other):
    """All of them, but for what an area's line tells beside its counts, and posts, which are those of today."""
    bare = [replace(each, begun_on=None, came_from=(), went_into=()) for each in other.by_area]
    assert [replace(each, begun_on=None, came_from=(), went_into=()) for each in one.by_area] == bare
    assert replace(one, by_area=[], went_over=[], staffing=None) == replace(
        other, by_area=[], went_over=[], staffing=None
    )


def test_a_plan_moves_no_case_in_the_figures_and_undone_they_are_as_before(town, lived):
    before = {month: counted(town, month) for month in MONTHS}
    plan = approved(town)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    after = {month: counted(town, month) for month in MONTHS}
    moved = Case.objects.filter(reported_in__isnull=False)
    assert moved.count() >= 8
    assert set(moved.values_list("state", flat=True)) <= set(OPEN)
    same(after["2026-03"], before["2026-03"])
    assert set(lines(after["2026-03"])) == {town.grid_a.code, town.grid_b.code, town.dedicated.code}
    old, new = lines(before["2026-04"]), lines(after["2026-04"])
    assert {code: new[code] for code in old} == old
    begun = [named for named in after["2026-04"].by_area if named.key not in old]
    assert begun
    assert all(named.begun_on == NOW.date() and named.line.reported == 0 for named in begun)
    assert all({kin.code for kin in named.came_from} <= set(old) for named in begun)
    for month in MONTHS:
        check_recounted(after[month], lived, month)
        assert sum(each.reported for each in after[month].went_over) == sum(
            lived[case][1] == month for case in moved.values_list("id", flat=True)
        )
        assert all(each.reported == each.open for each in after[month].went_over)

    actions.undo_plan(town.as_viewer("community"), plan.id, reason="试一试", now=NOW + timedelta(hours=2))
    for month in MONTHS:
        undone = counted(town, month)
        assert undone.by_area == before[month].by_area
        assert undone == replace(before[month], staffing=undone.staffing)
    assert not Case.objects.filter(reported_in__isnull=False).exists()


def test_what_is_closed_in_the_heir_counts_where_it_was_reported_and_is_told(town, lived):
    plan = approved(town)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    case = Case.objects.filter(reported_in=town.grid_a.path, reported_at__gt=BEFORE).order_by("id").first()
    before = counted(town, "2026-04", town.grid_a.code)
    town.as_system()
    Case.objects.filter(id=case.id).update(
        state="closed", closed_at=LATER, outcome="mended", resolved_tier="grid"
    )
    after = counted(town, "2026-04", town.grid_a.code)
    assert (after.total.open, after.total.closed) == (before.total.open - 1, before.total.closed + 1)
    went = {each.to_code: each for each in after.went_over}
    assert went[case.grid_id].closed == 1
    assert went[case.grid_id].from_name == "一网格"
    # The list behind the figure has as many, and this case among them.
    viewer = town.as_viewer("community")
    behind = case_page(viewer, after.cases_behind(), limit=200).items
    assert len(behind) == after.total.closed
    assert case.id in {each.id for each in behind}
    heir = counted(town, "2026-04", case.grid_id)
    assert case.id not in {
        each.id for each in case_page(town.as_viewer("community"), heir.cases_behind(), limit=200).items
    }
    assert [each.from_code for each in heir.went_over] == [town.grid_a.code]


def test_what_is_reported_in_a_new_grid_counts_there_also_when_the_plan_is_undone(town, lived):
    plan = approved(town)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    moved = Case.objects.filter(reported_in__isnull=False).exclude(
        grid_id__in=[town.grid_a.code, town.grid_b.code]
    )
    like = moved.order_by("id").first()
    new = like.grid_id
    town.as_system()
    like.id, like.number = builders.new_id(), "0703-260415-00001"
    like.reported_in, like.reported_at, like.reported_by_id = None, NOW + timedelta(hours=1), None
    like.save(force_insert=True)
    assert lines(counted(town, "2026-04"))[new].reported == 1
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW + timedelta(hours=2))
    case = Case.objects.get(id=like.id)
    assert (case.grid_id in (town.grid_a.code, town.grid_b.code), case.reported_in) == (True, like.path)
    found = {named.key: named for named in counted(town, "2026-04").by_area}
    assert (found[new].line.reported, found[new].ended_on) == (1, NOW.date())
    assert {kin.code for kin in found[new].went_into} <= {town.grid_a.code, town.grid_b.code}
    assert found[new].went_into
    own = counted(town, "2026-04", new)
    assert own.total.reported == 1
    assert [(each.from_code, each.to_code) for each in own.went_over] == [(new, case.grid_id)]


def test_an_ended_grid_keeps_its_own_time_and_is_named_with_its_heir(town):
    laid_out(town, columns=4, households=5)
    work = builders.item(town.owner)
    for state in ({}, {"state": "closed", "closed_at": BEFORE + timedelta(hours=1), "outcome": "mended"}):
        case_at(town, work, town.grid_b, 119.3529, 34.7405, reported_at=BEFORE, received_at=BEFORE, **state)
    town.owner.commit()
    before = counted(town, "2026-03", town.grid_b.code).total
    plan = approved(town, low=100, high=400)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    ended = counted(town, "2026-03", town.grid_b.code)
    assert ended.total == before
    named = {each.key: each for each in counted(town, "2026-04").by_area}
    assert set(named) == {town.grid_a.code, town.grid_b.code, town.dedicated.code}
    line = named[town.grid_b.code]
    assert (line.ended_on, [(kin.code, kin.households) for kin in line.went_into]) == (
        NOW.date(),
        [(town.grid_a.code, 20)],
    )
    assert [kin.code for kin in named[town.grid_a.code].came_from] == [town.grid_b.code]
    assert set(lines(counted(town, "2026-05"))) == {town.grid_a.code, town.dedicated.code}
    # Beside its forebears: each with its own period before, and nothing for a period that had ended before.
    viewer = town.as_viewer("community")
    found = beside(viewer, area=town.grid_a.code, period="2026-05", now=LATER)
    assert [(each.code, each.households, each.period.name) for each in found] == [
        (town.grid_b.code, 20, "2026-03"),
        (town.grid_a.code, None, "2026-03"),
    ]
    assert found[0].line == before
    assert beside(viewer, area=town.grid_a.code, period="2026-03", now=LATER) == []
    assert beside(viewer, area=town.community.code, period="2026-05", now=LATER) == []
    with pytest.raises(NotAllowed):
        beside(town.as_viewer("far_centre"), area=town.grid_a.code, period="2026-05", now=LATER)


def test_visits_stay_in_the_sums_of_the_grid_where_they_were_made(town, lived):
    town.run(
        "insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons,"
        " seen, source, revision) select gen_random_uuid(), '\\x00', id, path, '2026-03-01', now(), now(), now(), 'met', true,"
        " '{}', '', 'app', 1 from households_household where number like '%%5'"
    )
    town.run(
        "insert into visits_duevisit (household_id, path, since, by, reasons, known_on, revision, computed_at)"
        " select id, path, '2026-04-01', '2026-05-01', '[]', '2026-04-01', 1, now() from households_household"
    )

    def made(until):
        return visits.figures(
            town.as_viewer("community"), town.community.code, since=date(2026, 3, 1), until=until
        )

    march, april = date(2026, 3, 31), date(2026, 4, 30)
    before, due = made(march), made(april)
    plan = approved(town)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    assert made(march) == before
    assert before.visits["met"] == 80
    after = made(april)
    assert (after.visits, after.due) == (due.visits, due.due)
    # What is due is of today: it went along with its doors.
    assert set(after.by_area) > set(due.by_area)
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW + timedelta(hours=2))
    undone = made(april)
    assert {code: counts for code, counts in undone.by_area.items() if any(counts.values())} == due.by_area


def test_the_interface_tells_what_became_of_the_grids(town, lived):
    plan = approved(town)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    told = (
        town.client("community")
        .get(f"/api/v1/figures?area={town.community.code}&period=2026-04", headers={"accept": "*/*"})
        .json()
    )
    begun = [each for each in told["by_area"] if each["begun_on"]]
    assert begun
    assert {kin["code"] for kin in begun[0]["came_from"]} <= {town.grid_a.code, town.grid_b.code}
    assert told["went_over"][0].keys() == {
        "from_code", "from_name", "to_code", "to_name", "reported", "open", "closed",
    }  # fmt: skip
