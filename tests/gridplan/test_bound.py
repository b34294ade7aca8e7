"""What is said to be proven: no division lies below the bound, whatever the town; and on towns it lies close."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.gridplan.towns import neighbours, street, town

from gridplan import (
    NONE,
    Bounds,
    Division,
    Streets,
    Town,
    _raising,
    divide,
    partition,
    walking_distances,
)
from gridplan._costs import OpenGround
from gridplan.bound import gap, spread
from gridplan.exact import NoDivision, TooLarge, exact


def as_town(households, xy, edges, community=None, grid=None, apart=()):
    n = len(households)
    community = np.zeros(n, np.int64) if community is None else np.asarray(community)
    grid = np.full(n, NONE) if grid is None else np.asarray(grid)
    return Town(
        names=tuple(f"atom {at}" for at in range(n)),
        households=np.asarray(households, np.int64),
        xy=np.asarray(xy, float),
        edges=np.asarray(edges, np.int64).reshape(-1, 2),
        community=community,
        communities=tuple(f"community {at}" for at in range(community.max(initial=NONE) + 1)),
        minutes=np.zeros(n),
        grid=grid,
        grids=tuple(f"grid {at}" for at in range(grid.max(initial=NONE) + 1)),
        apart=np.array(apart, np.int64).reshape(-1, 2),
    )


def cost(division):
    return sum(
        spread(division.town.xy[division.labels == grid], division.town.households[division.labels == grid])
        for grid in range(division.count)
    )


@st.composite
def small_places(draw, most=10):
    n = draw(st.integers(4, most))
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    xy = chance.uniform(0, draw(st.sampled_from([1.0, 100.0, 5_000.0])), (n, 2))
    if draw(st.booleans()):
        xy = np.round(xy, -1)  # atoms on one spot
    households = chance.integers(draw(st.sampled_from([0, 1, 40])), 121, n)
    edges = neighbours(xy + chance.normal(0, 0.01, xy.shape))
    low = draw(st.integers(40, 200))
    return as_town(households, xy, edges), Bounds(low, draw(st.integers(low, 2 * low + 60)))


@contextmanager
def in_regions_of(atoms, kept=_raising.KEPT):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_raising, "REGION", atoms)
        patched.setattr(_raising, "KEPT", kept)
        yield


@settings(max_examples=40, deadline=None)
@given(small_places(), st.booleans(), st.sampled_from([600, 3]), st.sampled_from([_raising.KEPT, 6]))
def test_no_division_of_a_small_place_lies_below_the_bound_wherever_it_is_cut(
    place, same_count, region, kept
):
    small, bounds = place
    try:
        best = exact(small, bounds)
    except NoDivision:
        assume(False)
    with in_regions_of(region, kept):
        proven = gap(best, same_count=same_count, rounds=20)
    assert proven.least <= cost(best) * (1 + 1e-9) + 1e-9
    assert proven.found == pytest.approx(cost(best))


@settings(max_examples=15, deadline=None)
@given(small_places(), st.integers(0, 4))
def test_it_holds_for_another_division_than_the_one_it_was_found_for_and_after_any_step(place, rounds):
    small, bounds = place
    try:
        best = exact(small, bounds)
    except NoDivision:
        assume(False)
    other = Division(
        small, partition(small.households, small.xy, small.edges, low=bounds.low, high=bounds.high), bounds, 0
    )
    assert gap(other, rounds=rounds).least <= cost(best) * (1 + 1e-9) + 1e-9


def on_streets(small):
    """The same with streets that lead around."""
    size = float(np.ptp(small.xy, axis=0).max()) + 1.0
    corners = small.xy.min(axis=0) + size * np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0.3, 0.6)])
    return replace(small, streets=Streets(corners, np.array([(0, 1), (1, 2), (2, 3), (3, 0), (3, 4)])))


@settings(max_examples=30, deadline=None)
@given(small_places(most=8))
def test_no_grouping_of_a_small_place_lies_below_the_bound_on_foot(place):
    small, bounds = place
    small = on_streets(small)
    n = len(small)
    sets = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    weight = sets @ small.households
    ways = (sets * small.households) @ walking_distances(small).T ** 2  # from each atom to all of a set
    ways = np.where(sets == 1, ways, np.inf)  # its middle is one of its own
    costs = np.where((weight >= bounds.low) & (weight <= bounds.high), ways.min(axis=1), np.inf)
    costs[1 << np.flatnonzero(small.households > bounds.high)] = 0.0  # too large alone
    best, taken = np.full(1 << n, np.inf), np.zeros(1 << n, int)
    best[0] = 0.0
    for atoms in range(1, 1 << n):
        for grid in range(1, atoms + 1):
            if grid & atoms == grid and best[atoms ^ grid] + costs[grid] < best[atoms]:
                best[atoms], taken[atoms] = best[atoms ^ grid] + costs[grid], grid
    assume(np.isfinite(best[-1]))
    labels, atoms, grids = np.zeros(n, np.int64), (1 << n) - 1, 0
    while atoms:
        labels[sets[taken[atoms]] == 1] = grids
        atoms, grids = atoms ^ taken[atoms], grids + 1
    proven = gap(Division(small, labels, bounds, 0), distance="walking", rounds=20)
    assert proven.least <= best[-1] * (1 + 1e-6) + 1e-6
    assert proven.found >= best[-1] * (1 - 1e-5)


def test_a_division_on_foot_is_proven_to_lie_near_the_best():
    households, xy, edges = town(200, 5)
    walked = divide(on_streets(as_town(households, xy, edges)), distance="walking")
    proven = gap(walked, distance="walking")
    assert proven.share < 0.4
    straight = gap(walked)
    assert proven.found > straight.found
    assert proven.least > straight.least


def test_regions_prove_nearly_as_much_as_the_whole_and_threads_the_same():
    households, xy, edges = town(400, 5)
    division = divide(as_town(households, xy, edges))
    whole = gap(division, rounds=25)
    with in_regions_of(150):
        cut = gap(division, rounds=25)
        assert gap(division, rounds=25, workers=2) == cut
    assert cut.share < whole.share + 0.06  # it gets there later


def test_what_is_forgotten_for_want_of_room_costs_little():
    households, xy, edges = town(400, 5)
    division = divide(as_town(households, xy, edges))
    whole = gap(division, rounds=25)
    with in_regions_of(600, 1_000):
        assert gap(division, rounds=25).share < whole.share + 0.05


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_many_grids_cost_what_each_costs_alone(seed, count):
    chance = np.random.default_rng(seed)
    xy, households = chance.uniform(0, 900, (40, 2)), chance.integers(1, 90, 40)
    ground = OpenGround(xy, households, 400.0, 300, 500)
    grids = [chance.permutation(40)[: chance.integers(1, 9)] for _ in range(count)]
    starts = np.cumsum([0, *map(len, grids)])
    alone = [spread(xy[grid], households[grid]) for grid in grids]
    assert ground.costs(np.concatenate(grids), starts) == pytest.approx(np.array(alone), abs=1e-6)


def test_communities_shared_by_threads_have_the_same_bound():
    households, xy, edges = town(300, 3)
    division = divide(as_town(households, xy, edges, np.argsort(np.argsort(xy[:, 0])) // 100))
    assert gap(division, rounds=10, workers=3) == gap(division, rounds=10)


def test_it_tells_how_far_it_has_come():
    households, xy, edges = town(200, 2)
    division = divide(as_town(households, xy, edges))
    heard = []
    proven = gap(division, rounds=8, heard=heard.append)
    least = [one.least for one in heard]
    assert least == sorted(least)
    assert least[-1] == proven.least


def test_a_place_where_every_grid_is_clear_is_proven_to_the_last_metre():
    chance = np.random.default_rng(3)
    centres = np.array([(0, 0), (2_000, 0), (0, 2_000), (2_000, 2_000)])
    xy = np.repeat(centres, 8, axis=0) + chance.normal(0, 40, (32, 2))
    division = divide(as_town(np.full(32, 50), xy, neighbours(xy)), bounds=Bounds(380, 420))
    assert division.count == 4
    assert gap(division).share < 0.01


def test_a_division_of_a_town_is_proven_to_lie_within_fifteen_per_cent_of_the_best():
    households, xy, edges = town(300, 5)
    division = divide(as_town(households, xy, edges))
    proven = gap(division)
    assert proven.share <= 0.15
    assert proven.count is None
    assert gap(division, same_count=True).least_m > proven.least_m * 0.99
    assert (proven.low, proven.high) == (300, 500)


def test_a_worse_division_has_a_larger_gap():
    households, xy, edges = town(300, 2)
    good = divide(as_town(households, xy, edges))
    stripes = np.cumsum(households[np.argsort(xy[:, 0])]) * good.count // (households.sum() + 1)
    labels = np.empty(300, np.int64)
    labels[np.argsort(xy[:, 0])] = stripes
    bad = Division(good.town, labels, good.bounds, 0)
    assert gap(bad, rounds=15).share > 2 * gap(good, rounds=15).share


def test_communities_are_bounded_each_by_itself():
    one, two = town(150, 1), town(150, 2)
    both = as_town(
        np.concatenate([one[0], two[0]]),
        np.vstack([one[1], two[1]]),  # in one spot, and still no grid may take from both
        np.vstack([one[2], two[2] + 150]),
        np.repeat([0, 1], 150),
    )
    alone = [gap(divide(as_town(*each))).least for each in (one, two)]
    assert gap(divide(both)).least == pytest.approx(sum(alone), rel=0.02)


def test_what_is_too_large_alone_counts_nothing_and_what_is_too_small_widens_the_bounds():
    division = divide(as_town(*street([700, 100, 100, 100, 100])))
    proven = gap(division)
    assert (proven.low, proven.high) == (300, 500)
    assert proven.share == 0
    island = divide(as_town([350, 40, 40], [(0, 0), (900, 0), (950, 0)], [(1, 2)]))
    assert gap(island).low == 80
    assert gap(island).share == 0


def test_it_ends_when_it_is_told_to_and_the_bound_still_holds():
    households, xy, edges = town(300, 2)
    division = divide(as_town(households, xy, edges))
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 5

    early = gap(division, stop=stop)
    assert early.rounds < 8
    assert early.least <= gap(division).least
    told = []
    gap(division, limit_s=0.0, progress=told.append)
    assert told[-1] == 1.0


def test_bounds_of_many_households_are_proven_too():
    households, xy, edges = town(300, 4)
    division = divide(as_town(households * 40, xy, edges), bounds=Bounds(12_000, 20_000))
    proven = gap(division)
    assert 0 < proven.share < 0.35  # atoms are taken in parts there


def test_the_same_division_gives_the_same_bound():
    households, xy, edges = town(200, 6)
    division = divide(as_town(households, xy, edges))
    assert gap(division, rounds=15) == gap(division, rounds=15)


@example([60, 60, 60, 60], 100, 130)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=3, max_size=9), st.integers(50, 120), st.integers(121, 260))
def test_the_exact_division_of_a_street_is_the_best_of_all_cuts(households, low, high):
    small = as_town(*street(households))
    n = len(households)
    ways = []
    for cuts in range(1 << (n - 1)):
        labels = np.concatenate([[0], np.cumsum((cuts >> np.arange(n - 1)) & 1)])
        sizes = np.bincount(labels, households)
        if sizes.min() >= low and sizes.max() <= high:
            ways.append(cost(Division(small, labels, Bounds(low, high), 0)))
    if ways:
        assert cost(exact(small, Bounds(low, high))) == pytest.approx(min(ways))
    else:
        with pytest.raises(NoDivision):
            exact(small, Bounds(low, high))


def test_more_atoms_than_can_be_tried_are_refused():
    with pytest.raises(TooLarge):
        exact(as_town(*street([100] * 15)))


def test_the_exact_division_keeps_apart_what_may_not_share_a_grid():
    small = as_town(*street([100] * 6), apart=[(2, 3)])
    labels = exact(small, Bounds(200, 400)).labels
    assert labels[2] != labels[3]
    assert exact(small, Bounds(100, 400), count=3).count == 3
