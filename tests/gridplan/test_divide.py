"""What `divide` promises of every town: grids inside communities, in one piece, within bounds or with a reason by name."""

import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gridplan.places import a_street, a_town, estates, is_sound, scattered
from tests.gridplan.towns import neighbours

from gridplan import NONE, BadTown, Bounds, Streets, divide, divide_many, reasons, walking_distances
from gridplan._exact import grouping, has_no_grid


def sizes(division):
    return sorted(np.bincount(division.labels, division.town.households).astype(int).tolist())


def only(division):
    (reason,) = division.reasons
    return reason


def test_grids_lie_inside_communities_in_one_piece_and_within_the_bounds():
    division = divide(estates(900, 1, communities=4), seed=2)
    assert is_sound(division)
    assert division.reasons == ()
    assert not division.stopped


@given(st.integers(0, 2**32), st.integers(1, 50), st.integers(1, 3), st.integers(40, 400))
@settings(max_examples=25, deadline=None)
def test_every_town_is_divided_soundly_and_the_same_again(shape, n, communities, most):
    chance = np.random.default_rng(shape)
    made = scattered(chance, n, most, communities=communities)
    lost = chance.random(n) < 0.1
    made = replace(
        made,
        community=np.where(lost, NONE, made.community),
        edges=made.edges[chance.random(len(made.edges)) < 0.8],
        apart=chance.integers(0, n, (2, 2)),
    )
    division = divide(made, bounds=Bounds(100, 180), seed=shape)
    assert is_sound(division)
    for one, other in made.apart:
        assert one == other or division.labels[one] == NONE or division.labels[one] != division.labels[other]
    assert (divide(made, bounds=Bounds(100, 180), seed=shape).labels == division.labels).all()


@pytest.mark.parametrize(
    ("households", "cause", "words"),
    [
        ([200, 612, 200], "alone", "house 1 alone has 612 households, more than 500."),
        ([100, 150], "community", "community 0 has 250 households in all, fewer than 300."),
        ([280, 290], "between", "too many for 1 grid of 500 and too few for 2 of 300"),
        ([260, 260, 260, 260, 260], "proven", "all were tried"),
    ],
)
def test_what_cannot_be_helped_is_named(households, cause, words):
    division = divide(a_street(households))
    assert is_sound(division)
    reason = next(each for each in division.reasons if each.cause == cause)
    assert words in reason.text


def test_an_island_is_named_by_its_largest_house():
    made = a_street([100] * 8)
    reason = only(divide(replace(made, edges=made.edges[made.edges[:, 0] != 1])))
    assert (reason.rule, reason.cause, reason.households) == ("below", "island", 200)
    assert reason.text == "What lies around house 0 (2 atoms) has only 200 households, fewer than 300."


def test_what_only_something_too_large_leads_to_is_named_with_it():
    division = divide(a_street([100, 90, 612, 400]))
    small = next(each for each in division.reasons if each.cause == "island")
    assert "reached only through house 2" in small.text


def test_a_grouping_that_annealing_misses_is_found_by_trying():
    """Of these thirty, one seed in many leaves a household out; every grouping is tried then."""
    for seed in range(20):
        chance = np.random.default_rng(seed)
        xy = chance.uniform(0, 500, (30, 2))
        made = a_town(chance.integers(20, 260, 30), xy, neighbours(xy))
        assert divide(made).reasons == ()


@given(st.integers(0, 2**32), st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_a_grouping_is_found_if_and_only_if_there_is_one(shape, n):
    chance = np.random.default_rng(shape)
    households = chance.integers(1, 9, n).astype(float)
    pairs = np.unique(np.sort(chance.integers(0, n, (2 * n, 2)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    apart = chance.integers(0, n, (1, 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    found, certain = grouping(households, pairs, apart, 6, 9)
    assert certain
    assert (found is not None) == _by_hand(households, pairs, apart)
    assert found is None or not any(has_no_grid(atom, households, pairs, apart, 6, 9) for atom in range(n))


def _by_hand(households, pairs, apart):
    """Every way to put the first atom with others, the rest alike: no cleverness."""
    n = len(households)
    near = {atom: set() for atom in range(n)}
    for one, other in pairs.tolist():
        near[one].add(other)
        near[other].add(one)

    def holds(group):
        if not 6 <= sum(households[atom] for atom in group) <= 9:
            return False
        if any(one in group and other in group for one, other in apart.tolist()):
            return False
        reached, edge = {min(group)}, [min(group)]
        while edge:
            more = (near[edge.pop()] & group) - reached
            reached |= more
            edge += more
        return reached == group

    def divides(left):
        if not left:
            return True
        first, *others = sorted(left)
        return any(
            holds(group) and divides(left - group)
            for bits in range(1 << len(others))
            if (group := {first, *(each for at, each in enumerate(others) if bits >> at & 1)})
        )

    return divides(set(range(n)))


def test_workers_change_nothing_but_the_time():
    made = estates(500, 3, communities=3)
    alone = divide(made, seed=4)
    seen = []
    shared = divide(made, seed=4, workers=2, progress=seen.append)
    assert (alone.labels == shared.labels).all()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_many_towns_come_in_their_order_and_as_by_themselves():
    made = [estates(200, seed) for seed in range(3)]
    divisions = list(divide_many([made[0], lambda: made[1], made[2]], seed=5))
    assert [len(each.town) for each in divisions] == [200, 200, 200]
    for one, division in zip(made, divisions, strict=True):
        assert (division.labels == divide(one, seed=5).labels).all()


def test_a_community_is_divided_alike_whether_alone_or_among_others():
    made = estates(400, 6, communities=2)
    both = divide(made, seed=1)
    mine = made.community == 0
    alone = divide(replace(made, community=np.where(mine, 0, NONE)), seed=1)
    assert (both.labels[mine] == alone.labels[mine]).all()


def test_progress_rises_to_one():
    seen = []
    divide(estates(300, 1, communities=2), progress=seen.append)
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] == 1.0


@pytest.mark.parametrize("workers", [1, 2])
def test_it_can_be_stopped_and_gives_whole_grids_all_the_same(workers):
    stop = threading.Event()
    stop.set()
    division = divide(estates(2_000, 2, communities=2), stop=stop, workers=workers)
    assert division.stopped
    assert is_sound(division)


def test_a_function_may_stop_it_on_the_way():
    asked = []
    division = divide(estates(800, 2), stop=lambda: len(asked) > 20 or asked.append(1) is not None)
    assert division.stopped
    assert is_sound(division)


def test_a_time_limit_is_shared_among_the_communities():
    made = estates(20_000, 1, communities=4)
    divide(estates(50, 0))  # compiled once; not measured
    division = divide(made, limit_s=1.0)
    assert division.stopped
    assert is_sound(division)


def test_what_is_kept_keeps_its_grid_and_the_rest_is_divided_around_it():
    made = estates(600, 7, communities=2)
    before = divide(made)
    kept = np.where(np.isin(before.labels, [2, 5, before.count - 1]), before.labels, NONE)
    after = divide(made, fixed=kept, start=before.labels, seed=9)
    held = kept >= 0
    assert (after.labels[held] == kept[held]).all()
    assert is_sound(after)
    assert after.reasons == ()


def test_a_part_of_a_grid_that_is_kept_grows_to_a_whole_one():
    made = a_street([100] * 12)
    kept = np.full(12, NONE)
    kept[[5, 6]] = 3
    division = divide(made, fixed=kept)
    assert (division.labels[[5, 6]] == 3).all()
    assert min(sizes(division)) == 0 or min(sizes(division)) >= 300
    assert division.reasons == ()


def test_what_is_kept_in_two_places_is_told_as_two_pieces():
    made = a_street([100] * 12)
    kept = np.full(12, NONE)
    kept[[0, 11]] = 0
    division = divide(made, fixed=kept)
    assert division.labels[0] == division.labels[11] == 0
    assert any(each.rule == "pieces" for each in division.reasons)


def test_from_a_start_it_goes_less_far_than_from_nowhere():
    made = estates(800, 8)
    before = divide(made, seed=1)
    near = divide(made, seed=2, start=before.labels)
    far = divide(made, seed=2)

    def together(labels):
        one, other = made.edges.T
        return (labels[one] == labels[other]) == (before.labels[one] == before.labels[other])

    assert together(near.labels).mean() > together(far.labels).mean()


def test_who_may_not_share_a_grid_does_not():
    made = estates(400, 9)
    chance = np.random.default_rng(1)
    made = replace(made, apart=made.edges[chance.choice(len(made.edges), 20, replace=False)])
    division = divide(made)
    assert is_sound(division)
    assert (division.labels[made.apart[:, 0]] != division.labels[made.apart[:, 1]]).all()
    assert [each.rule for each in division.reasons] == []


def test_workloads_are_alike_if_asked():
    made = estates(600, 4)
    chance = np.random.default_rng(2)
    # Old people live together: in the west a household takes four times as long.
    west = made.xy[:, 0] < np.median(made.xy[:, 0])
    made = replace(
        made, minutes=made.households * np.where(west, 120.0, 30.0) * chance.uniform(0.8, 1.2, 600)
    )

    def uneven(division):
        work = np.bincount(division.labels, made.minutes)
        return work.std() / work.mean()

    plain, fair = divide(made), divide(made, weigh="minutes")
    assert is_sound(fair)
    assert fair.reasons == ()
    assert uneven(fair) < 0.7 * uneven(plain)


def test_on_foot_a_grid_does_not_reach_around_a_hill():
    """Two rows of houses back to back, with a street on each outer side only: across it is near, on foot far."""
    n = 40
    xy = np.array([(25.0 * (at % n), 40.0 * (at // n)) for at in range(2 * n)])
    ends = np.array(
        [(25.0 * at, y) for y in (-10.0, 50.0) for at in range(n)] + [(-400.0, -10.0), (-400.0, 50.0)]
    )
    rows = [(a, b) for row in (0, n) for a, b in pairwise(range(row, row + n))]
    streets = Streets(ends, np.array([*rows, (0, 2 * n), (2 * n, 2 * n + 1), (2 * n + 1, n)], np.int64))
    across = [(at, at + n) for at in range(n)]
    made = a_town([50] * (2 * n), xy, [*rows, *across], streets=streets)
    far = walking_distances(made, np.array([n - 1, 2 * n - 1]))
    assert far[0, 1] == pytest.approx(40.0, abs=0.1)  # a yard
    wide = replace(made, xy=xy * [1, 2], streets=Streets(ends * [1, 2], streets.ways))
    assert walking_distances(wide, np.array([n - 1, 2 * n - 1]))[0, 1] > 1_500

    def walked(division):
        return sum(
            (walking_distances(wide, atoms) ** 2).sum(axis=1).min()
            for grid in range(division.count)
            for atoms in [np.flatnonzero(division.labels == grid)]
        )

    assert walked(divide(wide, distance="walking")) < 0.5 * walked(divide(wide))


def test_what_does_not_fit_the_town_is_told():
    made = a_street([100, 100, 100])
    with pytest.raises(BadTown, match="fixed"):
        divide(made, fixed=np.zeros(2, np.int64))
    with pytest.raises(BadTown, match="workload"):
        divide(made, weigh="minutes")
    two = a_street([200] * 4, communities=2)
    with pytest.raises(BadTown, match="more than one community"):
        divide(two, fixed=np.zeros(4, np.int64))


def test_of_nothing_there_is_nothing():
    assert divide(a_town(np.zeros(0), np.zeros((0, 2)), [])).count == 0


def test_a_painted_division_is_told_what_it_breaks():
    made = a_street([200, 200, 200, 200], apart=np.array([[0, 1]]))
    told = reasons(made, np.array([0, 0, 1, 0]), Bounds())
    assert [(each.grid, each.rule) for each in told] == [
        (0, "above"),
        (0, "apart"),
        (0, "pieces"),
        (1, "below"),
    ]
    assert told[-1].text == "house 2 has 200 households, 100 fewer than 300."
    assert told[-1].cause == ""
