"""A plan begun, changed by hand, made better, and led through its states."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import numpy as np
import orjson
import pytest
from tests.builders import NOW
from tests.plans.towns import laid_out

from gridplan.town import Division
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.models import Entry
from wangge.plans import actions
from wangge.plans.actions import drafting
from wangge.plans.queries import plans as queries
from wangge.plans.queries.said import comments_of
from wangge.plans.rules.figures import figures_of
from wangge.plans.rules.problems import (
    NothingToDivide,
    OwnApproval,
    PlanChanged,
    PlanStepNotPossible,
    ResidentsStillAsked,
    RulesBroken,
    Uncovered,
)


def begun(viewer, town, **facts):
    facts = {"area": town.community.code, "name": "荷花社区调整", "unit": "compound", "now": NOW, **facts}
    return actions.begin_plan(viewer, **facts)


@pytest.mark.django_db
def test_it_divides_a_community_so_that_each_compound_is_whole_and_each_grid_within_bounds(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, start="divide", low=150, high=250)
    assert plan.figures["households"] == 800
    assert plan.figures["outside"] == plan.figures["pieces"] == plan.figures["uncovered"] == 0
    assert plan.figures["cut"] == 0
    assert plan.figures_today["cut"] == 4
    grids = queries.grids_of(town.as_viewer("community"), plan)
    assert {grid.today for grid in grids} >= {town.grid_a.code, town.grid_b.code}
    assert sum(grid.households for grid in grids) == 800
    assert len({grid.code for grid in grids}) == len(grids)
    assert all(grid.outline for grid in grids)


@pytest.mark.django_db
def test_figures_count_what_moves_by_building_where_a_compound_lies_in_two_grids(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today")
    # Eight buildings of 10 lie across the border; as whole compounds, half of them goes over.
    assert plan.figures["moved"] == 40
    assert plan.figures["kept"] == 2
    assert plan.figures["begun"] == plan.figures["ended"] == 0


@pytest.mark.django_db
def test_somebody_else_was_faster(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today")
    labels = list(plan.labels)
    labels[0] = 1
    changed = actions.change_plan(viewer, plan.id, revision=1, labels=labels, fixed=[0], now=NOW)
    assert changed.revision == 2
    assert changed.fixed[0]
    with pytest.raises(PlanChanged):
        actions.change_plan(viewer, plan.id, revision=1, labels=labels, now=NOW)
    with pytest.raises(Invalid):
        actions.change_plan(viewer, plan.id, revision=2, labels=labels[1:], now=NOW)
    with pytest.raises(Invalid):
        actions.change_plan(viewer, plan.id, revision=2, labels=[10_000] * len(labels), now=NOW)


@pytest.mark.django_db
def test_what_is_fixed_by_hand_stays_when_the_rest_is_made_better(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="divide", low=150, high=250)
    corner, other = 0, max(plan.labels)
    labels = list(plan.labels)
    labels[corner] = other
    held = [at for at, label in enumerate(labels) if label == other][:6]
    changed = actions.change_plan(viewer, plan.id, revision=1, labels=labels, fixed=held, now=NOW)
    better = actions.improve_plan(viewer, plan.id, revision=changed.revision, now=NOW)
    assert all(better.labels[at] == other for at in held)
    assert better.figures["uncovered"] == 0


@pytest.fixture
def divided_by(monkeypatch):
    """The library finds these labels, whatever it is asked; what it was asked stands in the list."""

    def found(labels):
        asked = []

        def divide(town, *, bounds, seed, **how):
            asked.append(how)
            return Division(town, np.array(labels), bounds, seed)

        monkeypatch.setattr(import_module("gridplan.divide"), "divide", divide)
        return asked

    return found


def in_strips(content, count):
    """Strips from west to east with as many buildings each."""
    order = np.argsort(content.xy[:, 0], kind="stable")
    labels = np.empty(len(content), np.int64)
    labels[order] = np.arange(len(content)) * count // len(content)
    return labels


@pytest.mark.django_db
def test_it_is_made_better_from_the_division_that_the_plan_has_and_what_lies_in_none_with_the_nearest(
    town, divided_by
):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, unit="building", start="divide", low=150, high=250)
    whole = np.array(plan.labels)
    labels = [-1, *plan.labels[1:]]
    actions.change_plan(viewer, plan.id, revision=1, labels=labels, fixed=[5], now=NOW)
    asked = divided_by(whole)
    better = actions.improve_plan(viewer, plan.id, revision=2, now=NOW)
    [how] = asked
    assert how["start"].tolist()[1:] == labels[1:]
    assert how["start"][0] in set(labels[1:])
    assert np.flatnonzero(how["fixed"] >= 0).tolist() == [5]
    assert better.figures["uncovered"] == 0, "what is better is taken"


@pytest.mark.django_db
def test_it_never_comes_out_worse_than_it_was(town, divided_by):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, unit="building", start="divide", low=150, high=250)
    content = queries.content_by_plan(plan)
    strips = in_strips(content, 4)
    assert figures_of(content, strips, low=150, high=250).rms_m > plan.figures["rms_m"]
    divided_by(strips)
    kept = actions.improve_plan(viewer, plan.id, revision=1, now=NOW)
    assert kept.labels == plan.labels
    assert kept.figures["rms_m"] == plan.figures["rms_m"]
    # Out of bounds it is worse than a division within, however near its doors are.
    actions.change_plan(viewer, plan.id, revision=2, labels=[0] * len(content), now=NOW)
    assert actions.improve_plan(viewer, plan.id, revision=3, now=NOW).figures["outside"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_any_seed_doors_are_not_farther_after_it_was_made_better(town, seed):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, unit="building", start="divide", low=150, high=250)
    strips = in_strips(queries.content_by_plan(plan), 4).tolist()
    before = actions.change_plan(viewer, plan.id, revision=1, labels=strips, now=NOW).figures["rms_m"]
    better = actions.improve_plan(viewer, plan.id, revision=2, seed=seed, now=NOW)
    assert better.figures["rms_m"] <= before
    assert better.figures["outside"] == better.figures["pieces"] == better.figures["uncovered"] == 0


@pytest.mark.django_db
def test_a_plan_tells_that_the_search_was_ended_until_it_is_changed_by_hand(town, monkeypatch):
    laid_out(town)
    viewer = town.as_viewer("community")
    assert not begun(viewer, town, unit="building").figures["ended_early"]
    monkeypatch.setattr(drafting, "LIMIT_S", 0.0)
    plan = begun(viewer, town, unit="building")
    assert plan.figures["ended_early"]
    assert begun(viewer, town, copy_of=plan.id).figures["ended_early"]
    named = actions.change_plan(viewer, plan.id, revision=1, name="荷花", now=NOW)
    assert named.figures["ended_early"], "its division is the same"
    improved = actions.improve_plan(viewer, plan.id, revision=2, now=NOW)
    assert improved.figures["ended_early"]
    labels = [improved.labels[-1], *improved.labels[1:]]
    assert not actions.change_plan(viewer, plan.id, revision=3, labels=labels, now=NOW).figures["ended_early"]


@pytest.mark.django_db
def test_a_plan_goes_from_draft_to_approved_by_who_may(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, start="divide", low=150, high=250)
    with pytest.raises(NotFound):
        actions.take_step(town.as_viewer("worker"), plan.id, "check", now=NOW)
    with pytest.raises(NotFound):
        actions.take_step(town.as_viewer("far_centre"), plan.id, "check", now=NOW)
    actions.take_step(town.as_viewer("community"), plan.id, "check", now=NOW)
    with pytest.raises(PlanStepNotPossible):
        actions.change_plan(town.as_viewer("community"), plan.id, revision=2, name="x", now=NOW)
    with pytest.raises(PlanStepNotPossible):
        actions.comment_on_plan(
            town.as_viewer("community"), plan.id, new_id(), side="lead", text="好", now=NOW
        )
    actions.take_step(town.as_viewer("community"), plan.id, "consult", now=NOW)
    code = queries.grids_of(town.as_viewer("community"), plan)[0].code
    said = {"grid": code, "text": "3号小区应归一网格", "now": NOW}
    actions.comment_on_plan(town.as_viewer("worker"), plan.id, new_id(), side="worker", **said)
    actions.comment_on_plan(town.as_viewer("worker2"), plan.id, new_id(), side="residents", **said)
    with pytest.raises(Invalid):
        actions.comment_on_plan(town.as_viewer("worker"), plan.id, new_id(), side="lead", **said)
    with pytest.raises(NotFound):
        actions.comment_on_plan(town.as_viewer("far_worker"), plan.id, new_id(), side="worker", **said)
    assert len(comments_of(town.as_viewer("worker"), plan)) == 2
    with pytest.raises(NotAllowed):
        actions.take_step(town.as_viewer("community"), plan.id, "approve", now=NOW)
    approved = actions.take_step(town.as_viewer("township"), plan.id, "approve", reason="赶在汛期前", now=NOW)
    assert approved.state == "approved"
    with pytest.raises(Invalid):
        actions.take_step(town.as_viewer("township"), plan.id, "reopen", now=NOW)
    reopened = actions.take_step(town.as_viewer("township"), plan.id, "reopen", reason="错了", now=NOW)
    assert (reopened.state, reopened.approved_by_id) == ("draft", None)


@pytest.mark.django_db
def test_before_the_day_that_residents_were_told_is_over_it_is_approved_only_with_a_reason(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, start="divide", low=150, high=250)
    for step in ("check", "consult"):
        plan = actions.take_step(town.as_viewer("community"), plan.id, step, now=NOW)
    above, last = town.as_viewer("township"), datetime(2026, 4, 29, 15, 59, 59, tzinfo=UTC)
    for now, reason in ((NOW, ""), (last, " ")):
        with pytest.raises(ResidentsStillAsked, match="2026-04-29"):
            actions.take_step(above, plan.id, "approve", reason=reason, now=now)
    early = actions.take_step(above, plan.id, "approve", reason="汛期将至", now=last)
    assert (early.approved_early, early.approved_why) == (True, "汛期将至")
    entry = Entry.objects.get(verb="plan.approved")
    assert (entry.reason, entry.after) == ("汛期将至", {"comment_until": "2026-04-29"})
    actions.take_step(above, plan.id, "reopen", reason="再议", now=last)
    for step in ("check", "consult"):
        actions.take_step(town.as_viewer("community"), plan.id, step, now=NOW)
    waited = actions.take_step(
        town.as_viewer("township"), plan.id, "approve", now=last + timedelta(seconds=1)
    )
    assert (waited.state, waited.approved_early, waited.approved_why) == ("approved", False, "")


@pytest.mark.django_db
def test_who_drafted_it_does_not_approve_it_also_from_above(town):
    laid_out(town)
    viewer = town.as_viewer("township")
    plan = begun(viewer, town, start="divide", low=150, high=250)
    for step in ("check", "consult"):
        actions.take_step(viewer, plan.id, step, now=NOW)
    with pytest.raises(OwnApproval):
        actions.take_step(viewer, plan.id, "approve", now=NOW)


@pytest.mark.django_db
def test_broken_rules_need_a_reason_and_uncovered_buildings_have_none(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today", low=500, high=900)
    with pytest.raises(RulesBroken):
        actions.take_step(viewer, plan.id, "check", now=NOW)
    labels = list(plan.labels)
    labels[3] = -1
    actions.change_plan(viewer, plan.id, revision=1, labels=labels, low=300, high=500, now=NOW)
    with pytest.raises(Uncovered):
        actions.take_step(viewer, plan.id, "check", reason="没办法", now=NOW)
    labels[3] = 0
    wide = actions.change_plan(viewer, plan.id, revision=2, labels=labels, low=500, high=900, now=NOW)
    assert [rule for rule, _label, _count in wide.broken] == ["below", "below"]
    checked = actions.take_step(viewer, plan.id, "check", reason="只有两个网格员", now=NOW)
    assert (checked.state, checked.why) == ("checked", "只有两个网格员")


@pytest.mark.django_db
def test_an_area_without_households_is_not_divided(town):
    with pytest.raises(NothingToDivide):
        begun(town.as_viewer("community"), town)
    with pytest.raises(NotAllowed):
        begun(town.as_viewer("worker"), town)
    with pytest.raises(Invalid):
        begun(town.as_viewer("centre"), town, area=town.grid_a.code)


@pytest.mark.django_db
def test_several_drafts_stand_side_by_side_and_one_may_begin_as_a_copy(town):
    laid_out(town)
    viewer = town.as_viewer("township")
    first = begun(viewer, town, start="today")
    second = begun(viewer, town, copy_of=first.id, name="第二稿")
    assert second.labels == first.labels
    assert {one.name for one in queries.plans(viewer, area=town.township.code)} == {"荷花社区调整", "第二稿"}
    assert queries.plans(town.as_viewer("far_centre")) == []
    assert queries.plans(town.as_viewer("worker")) == []


@pytest.mark.django_db
def test_the_editor_loads_five_thousand_atoms_in_less_than_300_kb_and_counts_the_same(town):
    grid, rng = town.grid_a, np.random.default_rng(7)
    spots = zip(rng.uniform(119.35, 119.37, 5000), rng.uniform(34.74, 34.75, 5000), strict=True)
    with town.owner.cursor() as cursor:
        cursor.executemany(
            "insert into households_building (id, name, lon, lat, made_up, path, valid_from)"
            " values (%s, %s, %s, %s, true, %s::ltree, '2020-01-01')",
            [(new_id(), f"{at}号", *spot, grid.path) for at, spot in enumerate(spots)],
        )
        cursor.execute(
            "insert into households_dwelling (id, building_id, door, plate, revision, path, valid_from)"
            " select gen_random_uuid(), id, '1', '', 1, path, valid_from from households_building"
        )
        cursor.execute(
            "insert into households_household (id, dwelling_id, number, has_plot, only_by_law, made_up, revision, path, valid_from)"
            " select gen_random_uuid(), id, 'n-' || row_number() over (), false, false, true, 1, path, valid_from"
            " from households_dwelling"
        )
    town.owner.commit()
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, unit="building", start="today")
    told = queries.atoms_of(viewer, plan)
    assert len(orjson.dumps(told)) < 300_000
    content = queries.content_by_plan(plan)
    figures = figures_of(content, np.array(told["labels"]), low=300, high=500)
    assert figures.households == sum(told["households"]) == 5000
    pairs = [(one, one + step) for one, steps in enumerate(told["edges"]) for step in steps]
    assert pairs == [tuple(pair) for pair in content.edges.tolist()]


def test_splitting_ends_when_its_time_is_over(monkeypatch):
    """Whoever begins a plan by splitting a grid waits no longer than others."""
    from tests.plans.test_counted_alike import a_town

    from gridplan import changing
    from wangge.plans.rules.dividing import as_today, reshaped

    content, asked = a_town(np.random.default_rng(5), unit="building"), []
    split = changing.split
    monkeypatch.setattr(
        changing, "split", lambda *given, **facts: asked.append(facts["limit_s"]) or split(*given, **facts)
    )
    base = as_today(content)
    reshaped(content, base, "split", low=1, high=9_000, seed=0, limit_s=7.5, grids=[int(base[0])])
    assert asked == [7.5]
