"""Several proposals at once, and drafts that begin with one change."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from tests.builders import NOW
from tests.plans.towns import SOUTH, STEP, WEST, building, laid_out, locked

from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.journal.models import Entry
from wangge.plans import actions
from wangge.plans.actions import searching
from wangge.plans.models import Search
from wangge.plans.queries import plans as queries
from wangge.plans.queries import searches
from wangge.plans.rules.problems import PlanStepNotPossible, SearchEnded, TooManyOwnSearches, TooManySearches


def asked(town, who="community", **facts):
    said = {
        "area": town.community.code,
        "name": "比选",
        "unit": "building",
        "low": 150,
        "high": 250,
        "now": NOW,
    }
    return actions.begin_search(town.as_viewer(who), **{"curve": 3, "seconds": 10, **said, **facts})


def carried_out(town, search, *, tries=1):
    Search.objects.filter(id=search.id).update(state="running", tries=tries)
    return actions.carry_out_search(town.city.path, search.id, tries)


def begun(town, **facts):
    said = {
        "area": town.community.code,
        "name": "调整",
        "unit": "building",
        "low": 150,
        "high": 250,
        "now": NOW,
    }
    return actions.begin_plan(town.as_viewer("community"), **{**said, **facts})


@pytest.mark.django_db
def test_proposals_stand_side_by_side_from_the_fewest_changes_to_the_best_form(town):
    laid_out(town)
    search = asked(town)
    done = carried_out(town, search)
    assert (done.state, done.problem, done.progress) == ("done", {}, 1.0)
    viewer = town.as_viewer("community")
    found = searches.proposals_of(viewer, done)
    assert len(found) > 1
    assert all(plan.state == "draft" and plan.figures["outside"] == 0 for plan in found)
    moved = [plan.figures["moved"] for plan in found]
    form = [plan.figures["rms_m"] for plan in found]
    assert moved == sorted(set(moved))
    assert form == sorted(form, reverse=True)
    assert all(plan.figures["handed_over"] <= plan.figures["moved"] for plan in found)
    assert all(plan.figures["kept"] >= 2 for plan in found)
    assert found[0].made_by_id == viewer.account_id
    kept = actions.choose_proposal(viewer, found[0].id, now=NOW)
    assert [plan.state for plan in searches.proposals_of(viewer, done)].count("withdrawn") == len(found) - 1
    assert queries.plan_by_id(viewer, kept.id).state == "draft"


@pytest.mark.django_db
def test_it_may_begin_from_a_plan_and_keeps_its_names(town):
    laid_out(town)
    source = begun(town, start="divide")
    label = source.labels[0]
    source = actions.change_plan(
        town.as_viewer("community"), source.id, revision=1, names={label: "东风网格"}, now=NOW
    )
    search = asked(town, from_plan=source.id, curve=2)
    done = carried_out(town, search)
    found = searches.proposals_of(town.as_viewer("community"), done)
    assert found
    first = min(found, key=lambda plan: sum(a != b for a, b in zip(plan.labels, source.labels, strict=True)))
    assert first.labels == source.labels, "it is within the bounds: the fewest changes are none"
    grids = queries.grids_of(town.as_viewer("community"), first)
    assert "东风网格" in {grid.name for grid in grids}


@pytest.mark.django_db
def test_who_may_ask_and_for_how_much(town):
    laid_out(town)
    for who in ("worker", "far_centre", "dispatcher"):
        with pytest.raises(NotAllowed):
            asked(town, who)
    for facts in ({"curve": 1}, {"seconds": 5}, {"low": 9, "high": 3}, {"weigh": "heads"}, {"name": " "}):
        with pytest.raises(Invalid):
            asked(town, **facts)
    one = new_id()
    assert asked(town, search_id=one).id == asked(town, search_id=one).id
    with pytest.raises(OtherContent):
        asked(town, search_id=one, curve=4)
    asked(town)
    asked(town)
    with pytest.raises(TooManySearches):
        asked(town)
    with pytest.raises(NotFound):
        actions.stop_search(town.as_viewer("far_centre"), one, now=NOW)
    with pytest.raises(NotAllowed):
        actions.stop_search(town.as_viewer("dispatcher"), one, now=NOW)
    stopped = actions.stop_search(town.as_viewer("community"), one, now=NOW)
    assert (stopped.state, stopped.ended_early) == ("done", True)
    with pytest.raises(SearchEnded):
        actions.stop_search(town.as_viewer("community"), one, now=NOW)


@pytest.mark.django_db
def test_a_running_search_ends_with_the_best_so_far_when_it_is_stopped(town, monkeypatch):
    laid_out(town)
    monkeypatch.setattr(searching, "LOOK_S", 0.0)
    search = asked(town, seconds=600)
    system = town.as_viewer("community")
    Search.objects.filter(id=search.id).update(stop_asked=True)
    done = carried_out(town, search)
    assert (done.state, done.ended_early) == ("done", True)
    system = town.as_viewer("community")
    found = searches.proposals_of(system, done)
    assert found
    assert all(plan.figures["uncovered"] == 0 for plan in found)


@pytest.mark.django_db
def test_the_worker_begins_what_there_is_room_for_and_gives_up_what_was_lost_twice(town):
    laid_out(town)
    begun_processes = []

    def turn(minutes, most=1):
        """How many it begins."""
        before = len(begun_processes)
        actions.take_turns(
            now=NOW + timedelta(minutes=minutes),
            begin_search=lambda *search: begun_processes.append(search),
            seconds=0,
            most=most,
        )
        return len(begun_processes) - before

    first, second = asked(town), asked(town, now=NOW + timedelta(seconds=1))
    assert turn(0) == 1
    assert begun_processes == [(town.city.path, first.id, 1)]
    assert turn(1) == 0
    assert turn(3) == 1, "its worker died: it is begun once more"
    assert begun_processes[-1] == (town.city.path, first.id, 2)
    assert turn(6) == 1
    town.as_viewer("community")
    lost = Search.objects.get(id=first.id)
    assert (lost.state, lost.problem) == ("failed", {"code": "lost"})
    assert begun_processes[-1] == (town.city.path, second.id, 1)
    asked(town)
    assert turn(6) == 0
    assert turn(6, most=2) == 0, "the last place is kept for somebody else"
    assert turn(6, most=3) == 1, "there is room for another"


@pytest.mark.django_db
def test_an_account_asks_for_few_at_once_wherever_they_are(town):
    laid_out(town)
    asked(town, "township")
    asked(town, "township")
    asked(town, "township", area=town.township.code)
    with pytest.raises(TooManyOwnSearches):
        asked(town, "township", area=town.township.code)
    assert asked(town).state == "waiting", "somebody else still may"


@pytest.mark.django_db
def test_another_s_search_that_one_does_not_see_is_other_content(town):
    laid_out(town)
    theirs = asked(town)
    with pytest.raises(OtherContent):
        asked(town, "far_community", area=town.far_community.code, search_id=theirs.id)
    assert asked(town, "far_community", area=town.far_community.code).state == "waiting", "nothing is broken"


@pytest.mark.django_db
def test_who_was_given_up_keeps_nothing(town, monkeypatch):
    laid_out(town)
    monkeypatch.setattr(searching, "LOOK_S", 0.0)
    search = asked(town, seconds=600)
    Search.objects.filter(id=search.id).update(state="running", tries=2)
    assert actions.carry_out_search(town.city.path, search.id, 1) is None

    real = searching.proposals

    def meanwhile(*given, **facts):
        Search.objects.filter(id=search.id).update(tries=3)
        return real(*given, **facts)

    monkeypatch.setattr(searching, "proposals", meanwhile)
    assert actions.carry_out_search(town.city.path, search.id, 2) is None, "it hears it, long before its time"

    def broken(*_given, **_facts):
        Search.objects.filter(id=search.id).update(tries=4)
        raise RuntimeError

    monkeypatch.setattr(searching, "proposals", broken)
    assert actions.carry_out_search(town.city.path, search.id, 3) is None
    viewer = town.as_viewer("community")
    left = searches.search_by_id(viewer, search.id)
    assert (left.state, searches.proposals_of(viewer, left)) == ("running", [])


@pytest.mark.django_db
def test_only_a_draft_is_chosen_and_the_journal_tells(town):
    laid_out(town)
    done = carried_out(town, asked(town))
    viewer = town.as_viewer("community")
    first, second, *_others = found = searches.proposals_of(viewer, done)
    actions.take_step(viewer, first.id, "withdraw", now=NOW)
    with pytest.raises(PlanStepNotPossible):
        actions.choose_proposal(viewer, first.id, now=NOW)
    assert queries.plan_by_id(viewer, second.id).state == "draft", "the others stay"
    actions.choose_proposal(viewer, second.id, now=NOW)
    told = Entry.objects.get(verb="plan.chosen")
    assert told.subject == second.subject
    assert told.after == {"search": str(done.id), "withdrawn": len(found) - 2}


def test_the_timers_wait_for_nobody_who_has_a_search_under_lock(town, open_db):
    laid_out(town)
    with transaction.atomic():
        search = asked(town)
        asked(town)
        Search.objects.filter(id=search.id).update(
            state="running", tries=1, heard_at=NOW - timedelta(hours=1)
        )
    path, account = town.city.path, town.accounts["community"].pk
    with locked(town, Search, search.id), transaction.atomic():
        found = searching.waiting_searches(town.as_system(), path, now=NOW)
        assert found.running == {account: 1}, "under lock is alive"
        assert search.id not in {each.id for each in found.waiting}
        assert searching.take_search(town.as_system(), search.id, now=NOW) is None
    with transaction.atomic():
        found = searching.waiting_searches(town.as_system(), path, now=NOW)
        assert not found.running
        assert searching.take_search(town.as_system(), found.waiting[0].id, now=NOW).id == search.id


@pytest.mark.django_db
def test_what_stands_in_its_way_is_told(town):
    search = asked(town)
    done = carried_out(town, search)
    assert (done.state, done.problem["code"]) == ("failed", "nothing-to-divide")


@pytest.mark.django_db
def test_each_compound_becomes_its_own_unit(town):
    laid_out(town, households=5)
    offers = searches.offers(town.as_viewer("community"), town.community.code)
    assert (offers.compounds, offers.cut, offers.new_buildings) == (40, 4, 0)
    plan = begun(town, start="compounds", low=8, high=12)
    assert plan.figures["grids"] == 40
    assert plan.figures["cut"] == 0
    assert plan.figures["outside"] == 0


@pytest.mark.django_db
def test_one_grid_is_split_and_all_others_stay(town):
    laid_out(town)
    plan = begun(town, start="split", grids=[town.grid_a.code], into=3)
    assert plan.figures["grids"] == 4
    grids = {grid.code: grid for grid in queries.grids_of(town.as_viewer("community"), plan)}
    assert grids[town.grid_b.code].stay == grids[town.grid_b.code].households
    assert town.grid_a.code in grids
    from_plan = begun(town, start="merge", copy_of=plan.id, grids=sorted(grids)[-2:])
    assert from_plan.figures["grids"] == 3


@pytest.mark.django_db
def test_grids_are_merged_and_what_cannot_be_is_refused(town):
    laid_out(town)
    plan = begun(town, start="merge", grids=[town.grid_a.code, town.grid_b.code], low=300, high=900)
    assert plan.figures["grids"] == 1
    assert plan.figures["kept"] == 1
    for facts in (
        {"start": "merge", "grids": [town.grid_a.code]},
        {"start": "merge", "grids": [town.grid_a.code, "3207030030029999"]},
        {"start": "split", "grids": []},
        {"start": "split", "grids": [town.grid_a.code], "into": 11},
        {"start": "absorb"},
    ):
        with pytest.raises(Invalid):
            begun(town, **facts)


@pytest.mark.django_db
def test_a_new_estate_is_absorbed_with_the_fewest_changes(town):
    laid_out(town)
    path = town.community.path
    lone = type("Place", (), {"path": path})
    made = [
        building(town, lone, WEST + 0.5 * STEP, SOUTH + at * 0.0022, households=5, start=5000 + at * 9)
        for at in range(3)
    ]
    town.owner.commit()
    offers = searches.offers(town.as_viewer("community"), town.community.code)
    assert (offers.new_buildings, offers.new_households) == (3, 15)
    plan = begun(town, start="absorb", low=300, high=600)
    content = queries.content_by_plan(plan)
    labels = np.array(plan.labels)
    at = [content.ids.index(str(each.id)) for each in made]
    assert (labels[at] >= 0).all()
    old = content.today >= 0
    assert plan.figures["uncovered"] == 0
    assert len(set(zip(content.today[old].tolist(), labels[old].tolist(), strict=True))) == 2, (
        "nobody else moved"
    )
