"""Who would work where in a plan: proposed, put by hand at a price, applied with the plan, given back with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW
from tests.plans.test_applying import approved, as_app
from tests.plans.test_drafting import begun
from tests.plans.test_units import call_on
from tests.plans.towns import building, laid_out

from wangge.base.problems import Invalid, NotAllowed
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries import posting
from wangge.plans.rules.posting import Ground, Walker, priced, proposed
from wangge.plans.rules.problems import NoWorkers, PlanStepNotPossible, PostsStale

KIND = "grid_worker"


def ground(code, households, *, today="", minutes=0.0, visited=None, **from_grids):
    return Ground(code, today, households, minutes, from_grids, visited or {})


def walker(account, *grids, full=True):
    return Walker(account, KIND, grids, full)


def of(proposal):
    return {seat.grid: seat.account for seat in proposal.seats}


def test_everybody_stays_where_most_of_their_households_stay():
    grounds = [ground("a", 400, today="a", a=380, b=20), ground("b", 400, today="b", b=400)]
    assert of(proposed([walker(1, "a"), walker(2, "b")], grounds)) == {"a": 1, "b": 2}


def test_who_called_on_them_in_the_last_year_counts_more_than_whose_grid_it_is():
    seen = {2: {"a": 300}, 1: {}}
    grounds = [ground("a", 300, a=300, visited=seen), ground("b", 300, b=300)]
    assert of(proposed([walker(1, "a"), walker(2, "b")], grounds)) == {"a": 2, "b": 1}


def test_whose_grid_ends_gets_the_new_one_with_their_households():
    grounds = [
        ground("a", 400, today="a", a=400),
        ground("new", 300, c=300),
        ground("b", 200, today="b", b=200),
    ]
    walkers = [walker(1, "a"), walker(2, "b"), walker(3, "c")]
    assert of(proposed(walkers, grounds)) == {"a": 1, "b": 2, "new": 3}


def test_who_works_part_time_gets_the_grid_with_less_work():
    grounds = [ground("x", 300, minutes=50_000.0), ground("y", 300, minutes=20_000.0)]
    assert of(proposed([walker(1, "a", full=False), walker(2, "b")], grounds)) == {"x": 2, "y": 1}


def test_kinds_of_post_are_proposed_apart_and_what_nobody_takes_is_said():
    grounds = [ground("a", 10, today="a", a=10), ground("b", 10, b=10)]
    found = proposed([walker(1, "a"), Walker(1, "grid_lead", ("a", "b"), True)], grounds)
    assert [(seat.kind, seat.grid, seat.account) for seat in found.seats] == [
        ("grid_lead", "a", 1),
        ("grid_lead", "b", 1),
        (KIND, "a", 1),
        (KIND, "b", None),
    ]
    more = proposed([walker(1, "a"), walker(2, "b")], grounds[:1])
    assert more.left == ((KIND, 2),)


def test_putting_somebody_by_hand_has_its_price_and_it_is_what_the_whole_loses():
    grounds = [ground("a", 400, today="a", a=400), ground("b", 300, today="b", b=300)]
    walkers = [walker(1, "a"), walker(2, "b")]
    price = priced(walkers, grounds, {}, kind=KIND, grid="b", account=1)
    # All 700 households get a stranger instead of somebody whose grid they are; both hand their grid over.
    assert (price.strangers, price.without) == (700, 0)
    assert price.minutes == 700 * 10 + 2 * 480
    held = proposed(walkers, grounds, {(KIND, "b"): 1})
    assert of(held) == {"a": 2, "b": 1}
    assert [seat.price for seat in held.seats if seat.held] == [price]
    assert priced(walkers, grounds, {}, kind=KIND, grid="a", account=1).minutes == 0
    # Put somewhere else, what they were held in before is let go.
    assert priced(walkers, grounds, {(KIND, "a"): 1}, kind=KIND, grid="b", account=1) == price
    with pytest.raises(Invalid):
        proposed(walkers, grounds, {(KIND, "a"): 1, (KIND, "b"): 1})
    with pytest.raises(Invalid):
        priced(walkers, grounds, {}, kind=KIND, grid="c", account=1)


@given(
    st.lists(st.lists(st.integers(0, 200), min_size=3, max_size=3), min_size=3, max_size=3),
    st.integers(0, 2),
    st.integers(0, 2),
)
def test_no_price_is_negative_and_every_grid_has_somebody_while_there_are_enough(shares, row, column):
    names = "abc"
    grounds = [
        ground(f"n{at}", sum(each), **dict(zip(names, each, strict=True))) for at, each in enumerate(shares)
    ]
    walkers = [walker(at, name) for at, name in enumerate(names)]
    found = proposed(walkers, grounds)
    assert sorted(seat.account for seat in found.seats) == [0, 1, 2]
    price = priced(walkers, grounds, {}, kind=KIND, grid=f"n{column}", account=row)
    assert price.minutes >= 0
    assert price.without == 0


@pytest.mark.django_db
def test_a_draft_proposes_posts_and_another_division_makes_them_stale(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, low=150, high=250)
    assert posting.posts_of(viewer, plan, now=NOW) is None
    actions.propose_posts(viewer, plan.id, now=NOW)
    posts = posting.posts_of(viewer, plan, now=NOW)
    workers = {town.accounts["worker"].pk, town.accounts["worker2"].pk}
    assert {row.account for row in posts.rows} - {None} == workers
    assert posts.without == plan.figures["grids"] - 2
    assert {row.name for row in posts.rows if row.account} == {"一网格员", "二网格员"}
    stays = {row.grid: row.account for row in posts.rows if row.grid in row.before}
    assert stays == {
        town.grid_a.code: town.accounts["worker"].pk,
        town.grid_b.code: town.accounts["worker2"].pk,
    }
    plan = actions.change_plan(viewer, plan.id, revision=plan.revision, low=140, now=NOW)
    assert posting.posts_of(viewer, plan, now=NOW).stale
    with pytest.raises(PostsStale):
        actions.take_step(viewer, plan.id, "check", now=NOW)
    actions.remove_posts(viewer, plan.id, now=NOW)
    plan = actions.take_step(viewer, plan.id, "check", now=NOW)
    with pytest.raises(PlanStepNotPossible):
        actions.propose_posts(viewer, plan.id, now=NOW)


@pytest.mark.django_db
def test_visits_of_the_last_year_count_by_grid_and_nothing_of_a_home_is_told(town):
    blocks = laid_out(town)
    worker2 = town.accounts["worker2"].pk
    seen = [home for block in blocks if block.lon < 119.356 for home in block.buildings[0].homes]
    for day, homes in (("2026-03-01", seen), ("2024-03-01", blocks[-1].buildings[0].homes)):
        town.owner.execute(
            "insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons,"
            " seen, source, revision, visitor_id)"
            " select gen_random_uuid(), '\\x00', id, path, %s, now(), now(), now(), 'met', true, '{}', '', 'app', 1, %s"
            "   from households_household where id = any (%s)",
            [day, worker2, homes],
        )
    town.owner.commit()
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today", unit="building", low=150, high=500)
    _walkers, grounds = posting.posting_facts(plan, now=NOW)
    told = {ground.code: dict(ground.visited) for ground in grounds}
    assert told == {town.grid_a.code: {worker2: {town.grid_a.code: len(seen)}}, town.grid_b.code: {}}


@pytest.mark.django_db
def test_a_grid_of_one_house_tells_what_its_neighbours_tell_too(town):
    """Who drafts may cut a grid out of one house, or subtract two plans that differ by it."""
    house = building(town, town.grid_a, 119.351, 34.741, households=1)
    others = building(town, town.grid_a, 119.352, 34.741, households=9, start=20)
    block = building(town, town.grid_b, 119.361, 34.741, households=10, start=40)
    worker2 = town.accounts["worker2"].pk
    call_on(town, worker2, house.homes)
    town.owner.commit()
    viewer = town.as_viewer("community")
    content = queries.content_by_plan(begun(viewer, town, start="today", unit="building", low=1, high=500))
    alone = np.array([0 if one == str(house.id) else 1 for one in content.ids])
    with_one = np.array([0 if one in (str(house.id), str(block.id)) else 1 for one in content.ids])
    since = NOW.date().replace(year=2025)
    assert posting._visited(town.community.path, since, content, alone) == {
        1: {worker2: {town.grid_a.code: 1}}
    }
    assert posting._visited(town.community.path, since, content, with_one) == {
        1: {worker2: {town.grid_a.code: 1}}
    }
    town.owner.execute("delete from visits_visit")
    call_on(town, worker2, others.homes[:1])
    town.owner.commit()
    town.as_viewer("community")
    assert posting._visited(town.community.path, since, content, alone) == {
        1: {worker2: {town.grid_a.code: 1}}
    }


@pytest.mark.django_db
def test_by_hand_stays_when_it_is_proposed_anew_until_it_is_let_go(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, low=150, high=250)
    worker = town.accounts["worker"].pk
    actions.hold_post(viewer, plan.id, kind=KIND, grid=town.grid_b.code, account=worker, now=NOW)
    actions.propose_posts(viewer, plan.id, now=NOW)
    [held] = [row for row in posting.posts_of(viewer, plan, now=NOW).rows if row.held]
    assert (held.grid, held.account) == (town.grid_b.code, worker)
    assert held.price["minutes"] > 0
    assert held.price["strangers"] > 0
    actions.hold_post(viewer, plan.id, kind=KIND, grid=town.grid_b.code, account=None, now=NOW)
    assert not any(row.held for row in posting.posts_of(viewer, plan, now=NOW).rows)
    stranger = town.accounts["far_worker"].pk
    with pytest.raises(Invalid):
        actions.hold_post(viewer, plan.id, kind=KIND, grid=town.grid_b.code, account=stranger, now=NOW)


@pytest.mark.django_db
def test_only_who_may_draft_sees_who_would_go_where(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, low=150, high=250)
    actions.propose_posts(viewer, plan.id, now=NOW)
    for who in ("dispatcher", "mediator", "worker"):
        seen = town.as_viewer(who)
        with pytest.raises(NotAllowed):
            posting.posts_of(seen, plan, now=NOW)
        with pytest.raises(NotAllowed):
            posting.candidates(seen, plan, now=NOW)
        assert posting.wanted_posts(plan) == []


@pytest.mark.django_db
def test_without_workers_there_is_nothing_to_propose(town):
    laid_out(town)
    town.run("update staff_assignment set to_on = '2026-01-01'::date where from_on < '2026-01-01'")
    town.run(
        "delete from staff_assignment where path <@ %s::ltree and nlevel(path) = 5", [town.community.path]
    )
    viewer = town.as_system()
    plan = begun(viewer, town, low=150, high=250)
    with pytest.raises(NoWorkers):
        actions.propose_posts(viewer, plan.id, now=NOW)


def held_today(town, name):
    """Codes of the grids where somebody has a post on that day."""
    rows = town.rows(
        "select p.area_id from staff_assignment s join staff_post p on p.id = s.post_id"
        " where s.account_id = %s and s.from_on <= %s and (s.to_on is null or s.to_on >= %s)"
        " and (p.closed_on is null or p.closed_on >= %s) order by 1",
        [town.accounts[name].pk, NOW.date(), NOW.date(), NOW.date()],
    )
    return [code for (code,) in rows]


def test_posts_are_given_with_the_plan_and_given_back_with_it(town, open_db):
    laid_out(town)
    # A third worker, in a grid of their own that the plan ends: two grids of 400 become one of 800 and one is free.
    worker, worker2 = (town.accounts[name].pk for name in ("worker", "worker2"))
    plan = as_app(town, "community", lambda viewer: begun(viewer, town, start="divide", low=150, high=250))
    new = min(
        grid.code
        for grid in as_app(town, "community", lambda viewer: queries.grids_of(viewer, plan))
        if not grid.today
    )

    def hold(viewer):
        return actions.hold_post(viewer, plan.id, kind=KIND, grid=new, account=worker, now=NOW)

    as_app(town, "community", hold)
    wanted = {row["grid"]: row["account"] for row in as_app(town, "community", hold).rows if row["account"]}
    assert wanted[new] == worker
    assert worker2 in wanted.values()
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        as_app(
            town,
            who,
            lambda viewer, step=step: actions.take_step(viewer, plan.id, step, reason="汛期前要用", now=NOW),
        )
    before = (held_today(town, "worker"), held_today(town, "worker2"))
    told = as_app(town, "community", lambda viewer: actions.dry_run(viewer, plan.id, now=NOW))
    assert (worker, KIND, town.grid_a.code, new) in told.seats
    assert not told.holders
    assert (held_today(town, "worker"), held_today(town, "worker2")) == before
    applied = as_app(town, "community", lambda viewer: actions.apply_plan(viewer, plan.id, now=NOW))
    assert applied.state == "applied"
    assert held_today(town, "worker") == [new]
    assert held_today(town, "worker2") == [grid for grid, who in wanted.items() if who == worker2]
    as_app(town, "community", lambda viewer: actions.undo_plan(viewer, plan.id, reason="试一试", now=NOW))
    assert (held_today(town, "worker"), held_today(town, "worker2")) == before
    open_posts = town.rows("select count(*) from staff_post where closed_on is null and area_id = %s", [new])
    assert open_posts == [(0,)]


@pytest.mark.django_db
def test_who_lost_the_post_meanwhile_is_named_and_the_others_go_all_the_same(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, low=150, high=250)
    actions.propose_posts(viewer, plan.id, now=NOW)
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        actions.take_step(town.as_viewer(who), plan.id, step, reason="汛期前要用", now=NOW)
    town.run(
        "update staff_assignment set to_on = '2026-04-01' where account_id = %s", [town.accounts["worker"].pk]
    )
    found = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    assert found.away == ((town.accounts["worker"].pk, KIND),)
    assert not found.stops


@pytest.mark.django_db
def test_a_plan_without_a_proposal_moves_nobody(town):
    laid_out(town)
    plan = approved(town)
    found = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    assert found.seats == ()
    assert found.counts["seats"] == 0
