"""The four principles as figures, what is proven of a division, and how it becomes stale."""

from datetime import timedelta

import numpy as np
import pytest
from tests.builders import NOW
from tests.plans import test_ground as grounds
from tests.plans.test_counted_alike import a_town
from tests.plans.test_drafting import begun
from tests.plans.test_ways import some_streets
from tests.plans.towns import laid_out, locked
from tests.plans.unending import slowly, soon

from wangge.base.problems import Invalid, NotAllowed
from wangge.plans import actions, jobs
from wangge.plans.actions import proving
from wangge.plans.models import Plan, PlanProof
from wangge.plans.queries import plans as queries
from wangge.plans.queries import proofs
from wangge.plans.queries.ground import ground_of
from wangge.plans.rules import proving as rules
from wangge.plans.rules.dividing import divided, town_of
from wangge.plans.rules.ground import streets_of
from wangge.plans.rules.problems import PlanStepNotPossible, TooManyProofs
from wangge.plans.rules.proving import NUMBERS, Part, better, division_of, prove, share_of, share_of_all


@pytest.fixture(autouse=True)
def no_run_left():
    yield
    proving.end_runs()


@pytest.mark.django_db
def test_a_plan_tells_the_four_principles_of_today_and_of_itself(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, low=150, high=250)
    before, after = proofs.principles_before_and_after(plan)
    assert after["belonging"] == {"atoms": 40, "in_a_grid": 40, "over_a_border": 0, "pieces": 0, "kept": True}
    assert after["size"]["kept"]
    assert 150 <= after["size"]["smallest"] <= after["size"]["largest"] <= 250
    assert after["service"]["farthest_m"] > after["service"]["mean_m"] > 0
    assert after["service"]["hours_a_week"] > 0
    assert after["management"]["households"] == 0
    assert after["management"]["kept"]
    assert not before["size"]["kept"]  # two grids of 400
    farthest = max(grid.figures["door_m"] for grid in queries.grids_of(town.as_viewer("community"), plan))
    assert farthest == after["service"]["farthest_m"]


@pytest.mark.django_db
def test_buildings_in_no_grid_are_told_by_name(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, low=150, high=250)
    labels = list(plan.labels)
    labels[0] = -1
    plan = actions.change_plan(viewer, plan.id, revision=plan.revision, labels=labels, now=NOW)
    _before, after = proofs.principles_before_and_after(plan)
    assert after["management"]["atoms"] == 1
    assert after["management"]["names"]
    assert not after["management"]["kept"]
    assert not after["belonging"]["kept"]


@pytest.mark.django_db
def test_plans_from_before_there_were_such_figures_have_them_too(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, low=150, high=250)
    kept = proofs.principles_before_and_after(plan)
    for figures in (plan.figures, plan.figures_today):
        del figures["principles"]
    assert proofs.principles_before_and_after(plan)[1]["size"] == kept[1]["size"]


def test_what_is_proven_does_not_fall_behind_what_was_proven_before():
    before = Part(100.0, 60.0, 10, 7, 3.0, done=True).as_json()
    assert better(before, Part(100.0, 40.0, 10, 2, 1.0, done=False))["least"] == 60.0
    assert better(before, Part(100.0, 81.0, 10, 9, 1.0, done=False))["least"] == 81.0
    assert share_of(100.0, 81.0) == pytest.approx(1 / 9)
    assert share_of(100.0, 0.0) is None
    assert share_of(0.0, 0.0) == 0.0


def test_nothing_is_said_of_the_whole_until_each_community_has_a_bound():
    parts = {"a": {"found": 100.0, "least": 64.0}, "b": {"found": 100.0, "least": 0.0}}
    assert share_of_all(parts, ["a", "b"]) is None
    assert share_of_all(parts, ["a", "b", "c"]) is None
    parts["b"]["least"] = 64.0
    assert share_of_all(parts, ["a", "b"]) == pytest.approx(0.25)


@pytest.mark.django_db
def test_a_community_is_proven_by_itself_as_the_library_proves_it(town):
    from gridplan.bound import gap

    laid_out(town)
    plan = begun(town.as_viewer("community"), town, low=150, high=250)
    content = queries.content_by_plan(plan)
    division = division_of(content, np.array(plan.labels), 0, low=150, high=250)
    told = [0.0] * NUMBERS
    prove(division, "straight", 60.0, told)
    assert told[4] == 1
    whole = gap(division, rounds=proving_steps())
    assert (told[0], told[1]) == pytest.approx((whole.found, whole.least))
    assert told[0] >= told[1] > 0


def found_on_foot(content, labels, streets):
    """Households times squared way, as the library tells it of the whole division."""
    from gridplan.proposal import proposal

    rms = proposal(town_of(content, streets=streets), labels, distance="walking").rms_m
    return rms**2 * content.households[labels >= 0].sum()


def test_communities_proven_by_themselves_on_foot_are_what_the_library_tells_of_the_whole(monkeypatch):
    monkeypatch.setattr(rules, "MOST_STEPS", 2)
    rng = np.random.default_rng(5)
    content = a_town(rng, unit="building")
    streets = some_streets(rng, content)
    made = divided(content, low=200, high=400, seed=0, limit_s=60.0, streets=streets)
    found = straight = 0.0
    for community in range(len(content.communities)):
        division = division_of(content, made.labels, community, low=200, high=400, streets=streets)
        told = [0.0] * NUMBERS
        prove(division, "walking", 600.0, told)
        assert told[0] > told[1] > 0
        found += told[0]
        prove(division, "straight", 600.0, told)
        straight += told[0]
    assert len(content.communities) == 2
    assert found == pytest.approx(found_on_foot(content, made.labels, streets), rel=1e-5)
    assert found > straight * 1.1


def proving_steps():
    from wangge.plans.rules.proving import MOST_STEPS

    return MOST_STEPS


def nothing(*_search):
    """No search is begun here."""


def look(seconds, **facts):
    """How many processes are on their way after so long."""
    return actions.take_turns(now=NOW, begin_search=nothing, seconds=seconds, **facts)


def run_until_done(town, who="community", *, turns=30):
    """As the worker does it each minute; here one turn waits until the processes are through."""
    for _turn in range(turns):
        if jobs.compute_plans(NOW + timedelta(minutes=2), begin_search=nothing) == 0:
            break
    return town.as_viewer(who)


def test_checking_has_it_proven_in_the_background_and_another_division_makes_that_stale(town, open_db):
    from django.db import transaction

    laid_out(town)
    with transaction.atomic():
        viewer = town.as_viewer("community")
        plan = begun(viewer, town, low=150, high=250)
        plan = actions.take_step(viewer, plan.id, "check", now=NOW)
        waiting = proofs.proof_of(viewer, plan)
        assert (waiting.state, waiting.share, waiting.stale) == ("running", None, False)
    with transaction.atomic():
        viewer = run_until_done(town)
        plan = queries.plan_by_id(viewer, plan.id)
        done = proofs.proof_of(viewer, plan)
        assert done.state == "done"
        assert 0 <= done.share < 0.5
        assert done.proven_at is not None
        assert plan.figures["gap"] == round(done.share * 100, 1)
        plan = actions.take_step(viewer, plan.id, "reopen", reason="试一试", now=NOW)
        plan = actions.change_plan(viewer, plan.id, revision=plan.revision, low=140, now=NOW)
        assert "gap" not in plan.figures
        assert proofs.proof_of(viewer, plan).stale
        actions.ask_proof(viewer, plan.id, minutes=1, now=NOW)
        assert proofs.proof_of(viewer, plan).share is None


def test_a_plan_divided_on_foot_is_proven_on_foot(town, open_db, tmp_path):
    from django.db import transaction

    laid_out(town)
    with transaction.atomic():
        grounds.kept(town, tmp_path, ("barrier", grounds.RAIL), *grounds.ROWS, grounds.ACROSS)
        plan = grounds.begun(town)
        actions.ask_proof(town.as_viewer("community"), plan.id, now=NOW)
    with transaction.atomic():
        viewer = run_until_done(town)
        plan = queries.plan_by_id(viewer, plan.id)
        proof = proofs.proof_of(viewer, plan)
        assert (proof.state, proof.distance, proof.stale) == ("done", "walking", False)
        content, labels = queries.content_by_plan(plan), np.array(plan.labels)
        [part] = PlanProof.objects.get(plan_id=plan.id).parts.values()
        whole = found_on_foot(content, labels, streets_of(content, ground_of(plan.ground_ids)))
        assert part["found"] == pytest.approx(whole, rel=1e-5)
        assert 0 < part["least"] <= part["found"]
        assert plan.figures["gap"] == round(proof.share * 100, 1)


@pytest.mark.django_db
def test_a_proof_is_stale_when_the_plan_goes_by_other_ways_than_it_is_about(town, tmp_path):
    laid_out(town)
    viewer = town.as_viewer("community")
    plain = begun(viewer, town, low=150, high=250)
    actions.ask_proof(viewer, plain.id, now=NOW)
    grounds.kept(town, tmp_path, *grounds.ROWS, grounds.ACROSS)
    viewer = town.as_viewer("community")
    proof = proofs.proof_of(viewer, plain)
    assert (proof.distance, proof.stale, proof.other_ways) == ("straight", False, False), (
        "it knows no streets"
    )
    plan = grounds.begun(town)
    actions.ask_proof(viewer, plan.id, now=NOW)
    proof = proofs.proof_of(viewer, plan)
    assert (proof.distance, proof.stale, proof.other_ways) == ("walking", False, False)
    # Proofs of before there were any on foot.
    before = {"distance": "straight", "division": proofs.digest_of(plan)}
    PlanProof.objects.filter(plan_id=plan.id).update(**before)
    proof = proofs.proof_of(viewer, plan)
    assert (proof.distance, proof.stale, proof.other_ways) == ("straight", True, True)
    told = town.browser("community").get(f"/api/v1/plans/{plan.id}/proof").json()
    assert (told["distance"], told["stale"]) == ("straight", True)
    page = town.browser("community").get(f"/console/plans/{plan.id}").content.decode()
    assert "已证明的结果所比的距离不是本方案划分时所用的距离" in page
    viewer = town.as_viewer("community")
    actions.ask_proof(viewer, plan.id, now=NOW)
    assert not proofs.proof_of(viewer, plan).stale
    # Along other streets, ways are others, too.
    plan.ground_ids = []
    assert proofs.proof_of(viewer, plan).stale


def asked_for(town):
    """A plan whose proof is asked for, and committed: the timer is to find it."""
    from django.db import transaction

    with transaction.atomic():
        viewer = town.as_viewer("community")
        plan = begun(viewer, town, low=150, high=250)
        actions.ask_proof(viewer, plan.id, now=NOW)
    return plan


def test_a_proof_is_stopped_and_what_was_proven_stays(town, open_db, monkeypatch):
    from django.db import transaction

    laid_out(town)
    monkeypatch.setattr(proving, "prove_apart", slowly)
    plan = asked_for(town)
    assert look(4) == 1
    while look(0.5):
        with transaction.atomic():
            viewer = town.as_viewer("community")
            share = proofs.proof_of(viewer, queries.plan_by_id(viewer, plan.id)).share
            if share is not None:
                actions.stop_proof(viewer, plan.id, now=NOW)
    assert share == pytest.approx(1.0)
    with transaction.atomic():
        viewer = town.as_viewer("community")
        kept = proofs.proof_of(viewer, queries.plan_by_id(viewer, plan.id))
        assert (kept.state, kept.share) == ("stopped", pytest.approx(1.0))
        with pytest.raises(PlanStepNotPossible):
            actions.stop_proof(viewer, plan.id, now=NOW)


def test_who_changes_a_plan_holds_up_no_timer_and_what_is_proven_goes_on(town, open_db, monkeypatch):
    from django.db import transaction

    laid_out(town)
    monkeypatch.setattr(proving, "prove_apart", slowly)
    plan = asked_for(town)
    assert look(0) == 1
    with locked(town, Plan, plan.id):
        assert look(0) == 1
    key, run = next(iter(proving.runs().items()))
    assert key == (plan.id, town.community.code)
    with transaction.atomic():
        viewer = town.as_viewer("community")
        changed = actions.change_plan(viewer, plan.id, revision=plan.revision, low=140, now=NOW)
        actions.ask_proof(viewer, changed.id, now=NOW)
    assert look(0) == 1
    assert run.over, "what proved the division of before was ended"
    assert proving.runs()[key].process.pid != run.process.pid


def test_what_waits_for_a_process_hears_its_end_at_once(town, open_db, monkeypatch):
    """It waits for the process, not for a clock: with the patience of an hour it is there when the proof is."""
    from django.db import transaction

    laid_out(town)
    monkeypatch.setattr(proving, "prove_apart", soon)
    plan = asked_for(town)
    assert look(3600) == 0
    with transaction.atomic():
        viewer = town.as_viewer("community")
        assert proofs.proof_of(viewer, queries.plan_by_id(viewer, plan.id)).state == "done"


@pytest.mark.django_db
def test_an_account_has_few_proofs_at_once_and_checking_needs_none(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plans = [begun(viewer, town, low=150, high=250) for _number in range(proofs.MOST_OWN + 1)]
    for plan in plans[:-1]:
        actions.ask_proof(viewer, plan.id, now=NOW)
    with pytest.raises(TooManyProofs):
        actions.ask_proof(viewer, plans[-1].id, now=NOW)
    actions.ask_proof(viewer, plans[0].id, minutes=9, now=NOW)
    checked = actions.take_step(viewer, plans[-1].id, "check", now=NOW)
    assert checked.state == "checked"
    assert proofs.proof_of(viewer, checked) is None
    page = town.browser("community").get(f"/console/plans/{checked.id}").content.decode()
    assert "3 项证明正在进行" in page
    assert "/prove" not in page
    actions.ask_proof(town.as_viewer("township"), plans[-1].id, now=NOW)
    viewer = town.as_viewer("community")
    actions.stop_proof(viewer, plans[0].id, now=NOW)
    actions.ask_proof(viewer, plans[0].id, now=NOW)


@pytest.mark.django_db
def test_who_may_not_draft_asks_for_no_proof(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, low=150, high=250)
    for who in ("dispatcher", "mediator"):
        with pytest.raises(NotAllowed):
            actions.ask_proof(town.as_viewer(who), plan.id, now=NOW)
    with pytest.raises(Invalid):
        actions.ask_proof(town.as_viewer("community"), plan.id, minutes=0, now=NOW)
