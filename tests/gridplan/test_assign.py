"""Workers and grids: the best of all ways, what each override costs, and nothing that contradicts itself."""

import sys
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import milp

from gridplan.assign import BadAssignment, Worker, assign, match
from gridplan.town import Bounds, Division, Town


def division(labels, *, households=None, xy=None, today=None, minutes=None, grids=("A", "B", "C")):
    """Atoms in a row, each a hundred metres from the next."""
    n = len(labels)
    town = Town(
        names=tuple(str(atom) for atom in range(n)),
        households=np.array([100] * n if households is None else households, int),
        xy=np.array([[100.0 * atom, 0.0] for atom in range(n)] if xy is None else xy, float).reshape(-1, 2),
        edges=np.array([[atom, atom + 1] for atom in range(n - 1)]),
        community=np.zeros(n, int),
        communities=("320703001001",),
        minutes=np.array([600.0] * n if minutes is None else minutes, float),
        grid=np.array([-1] * n if today is None else today, int),
        grids=grids,
    )
    return Division(town, np.array(labels, int), Bounds(), 0)


def test_who_lives_near_gets_the_grid():
    found = assign(division([0, 0, 1, 1]), [Worker("east", (300, 0)), Worker("west", (0, 0))])
    assert found.of == (1, 0)
    assert found.without == ()
    fit = found.fit(1, 0)
    assert (fit.worker, fit.metres, fit.known, fit.households, fit.minutes) == ("west", 50.0, 0, 200, 1200.0)


def test_who_knows_the_households_keeps_them_although_the_way_is_longer():
    given_division = division([0, 0, 1, 1], today=[0, 0, 0, 1])
    workers = [Worker("a", (300, 0), grids=("A",)), Worker("b", (0, 0), grids=("B",))]
    found = assign(given_division, workers)
    assert found.of == (0, 1)
    assert (found.fit(0, 0).known, found.fit(0, 1).known, found.fit(1, 1).known) == (200, 100, 100)
    nothing_known = assign(given_division, workers, first_minutes=0)
    assert nothing_known.of == (1, 0)


def test_a_dialect_goes_before_minutes_and_what_is_lacking_is_named():
    workers = [Worker("near", (0, 0)), Worker("far", (5000, 0), skills=frozenset({"吴语"}))]
    found = assign(division([0, 1]), workers, needs={0: ["吴语"], 1: ["手语"]})
    assert found.of == (1, 0)
    assert found.lacking == 1
    assert found.fit(0, 1).lacks == ("手语",)


def test_the_price_of_an_override_is_what_the_whole_loses_by_it():
    workers = [Worker("a", (0, 0)), Worker("b", (100, 0)), Worker("c", (200, 0))]
    found = assign(division([0, 1, 2]), workers, first_minutes=0)
    assert found.of == (0, 1, 2)
    assert found.price(0, 0).minutes == 0
    assert found.price(0, 0).moves == ()
    price = found.price(0, 2)
    # Whoever had it gives way: the cheapest way round is found anew.
    best = min(
        sum(found.fit(worker, grid).cost for grid, worker in enumerate(order))
        for order in permutations(range(3))
        if order[2] == 0
    )
    assert price.minutes == pytest.approx(best - found.minutes)
    assert (2, 2, 0) in price.moves
    assert price.without == 0


def test_forced_and_forbidden_pairs_hold():
    workers = [Worker("a", (0, 0)), Worker("b", (100, 0))]
    found = assign(division([0, 1]), workers, forced=[(1, 0)])
    assert found.of == (1, 0)
    found = assign(division([0, 1]), workers, forbidden=[(0, 0), (1, 0)])
    assert found.of[0] == -1
    ((grid, why),) = found.without
    assert grid == 0
    assert "forbidden" in why
    # What is forbidden has its price, too.
    assert found.price(0, 0).without == -1


def test_too_few_workers_leave_the_grid_that_costs_most_and_say_so():
    found = assign(division([0, 1, 2]), [Worker("a", (100, 0), most=2)])
    assert sorted(found.of) == [-1, 0, 0]
    assert "1 workers may take 2 grids, and there are 3" in found.without[0][1]


def test_minutes_of_a_year_bound_what_one_worker_takes():
    given_division = division([0, 1, 2], minutes=[600.0, 500.0, 400.0])
    workers = [Worker("near", (100, 0), most=3, minutes=1000), Worker("far", (900, 0), most=3, minutes=500)]
    found = assign(given_division, workers)
    assert -1 not in found.of
    loads = [sum(m for m, w in zip([600, 500, 400], found.of, strict=True) if w == who) for who in (0, 1)]
    assert loads == [1000, 500]
    found = assign(division([0], minutes=[2000.0]), workers)
    assert found.of == (-1,)
    assert "more than any worker has" in found.without[0][1]


tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 9), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(
    tables,
    st.integers(1, 2),
    st.none() | st.integers(0, 9),
    st.lists(st.integers(1, 5), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_no_other_way_is_better(costs, most, room, load):
    table = np.array(costs, float)
    workers, grids = table.shape
    loads = load[:grids]
    found = match(table, most=most, load=loads, room=np.inf if room is None else room)

    def worth(of):
        for worker in range(workers):
            taken = [grid for grid in range(grids) if of[grid] == worker]
            if len(taken) > most or (room is not None and sum(loads[grid] for grid in taken) > room):
                return None
        return of.count(-1), sum(table[worker, grid] for grid, worker in enumerate(of) if worker >= 0)

    every = [worth(of) for of in product(range(-1, workers), repeat=grids)]
    assert worth(found.of) == pytest.approx(min(each for each in every if each is not None))
    assert found.minutes == pytest.approx(worth(found.of)[1])
    assert {grid for grid, _ in found.without} == {grid for grid in range(grids) if found.of[grid] == -1}


@pytest.mark.parametrize(
    ("workers", "facts", "word"),
    [
        ([Worker("a"), Worker("a")], {}, "two workers"),
        ([Worker("a", grids=("Z",))], {}, "no grid 'Z'"),
        ([Worker("a", (0, float("nan")))], {}, "position"),
        ([Worker("a", most=-1)], {}, "from 0"),
        ([Worker("a")], {"needs": {7: ["x"]}}, "no grid 7"),
        ([Worker("a")], {"forced": [(0, 9)]}, "no grid 9"),
        ([Worker("a")], {"forced": [(0, 0)], "forbidden": [(0, 0)]}, "at once"),
        ([Worker("a")], {"forced": [(0, 0), (0, 1)]}, "1 grids at most"),
        ([Worker("a"), Worker("b")], {"forced": [(0, 0), (1, 0)]}, "forced on 2 workers"),
        ([Worker("a", minutes=100)], {"forced": [(0, 0)]}, "100 minutes"),
    ],
)
def test_what_contradicts_itself_is_refused_in_words(workers, facts, word):
    with pytest.raises(BadAssignment, match=word):
        assign(division([0, 1]), workers, **facts)


def test_a_price_of_what_is_forced_on_another_is_refused():
    found = assign(division([0, 1]), [Worker("a"), Worker("b")], forced=[(0, 0)])
    with pytest.raises(BadAssignment, match="another"):
        found.price(1, 0)


def test_of_nobody_and_nothing_there_is_nothing():
    assert assign(division([]), []).of == ()
    assert assign(division([0]), []).without == ((0, "there are no workers"),)


def test_a_table_that_is_none_is_refused():
    for table in ([1, 2], [[-1.0]], [[float("nan")]]):
        with pytest.raises(BadAssignment, match="table"):
            match(table)


def test_when_time_is_up_it_is_the_best_so_far_and_says_so():
    """Four grids of 600 minutes each, and workers who have 1,300 at most."""
    workers = [Worker(name, (300.0 * at, 0), most=3, minutes=1300.0) for at, name in enumerate("ab")]
    whole = division([0, 1, 2, 3])
    ended = assign(whole, workers, forced=[(1, 0)], limit_s=0)
    assert not ended.exact
    assert ended.of[0] == 1  # what is forced holds
    assert all(ended.of.count(worker) <= 2 for worker in (0, 1))
    assert not ended.price(0, 1).exact
    best = assign(whole, workers, forced=[(1, 0)], limit_s=60)
    assert best.exact
    assert best.of == assign(whole, workers, forced=[(1, 0)]).of
    assert (best.of.count(-1), best.minutes) <= (ended.of.count(-1), ended.minutes)


def test_why_a_grid_has_nobody_is_not_said_to_be_proven_when_time_was_up():
    workers = [Worker("a", (0, 0), most=5, minutes=700.0), Worker("b", (0, 0), most=5, minutes=700.0)]
    whole = division([0, 1, 2])
    ((_, why),) = assign(whole, workers, limit_s=0).without
    assert "in the time that there was" in why
    ((_, why),) = assign(whole, workers).without
    assert why == "the workers who could take it are needed in other grids"


def test_the_solver_is_given_the_time_that_is_left_and_what_it_has_then_is_taken(monkeypatch):
    given_times = []

    def ended(*asked, **how):
        given_times.append(how["options"]["time_limit"])
        found = milp(*asked, **how)
        found.status = 1
        return found

    monkeypatch.setattr(
        sys.modules["gridplan.assign"], "milp", ended
    )  # the package has a function of this name
    workers = [Worker(name, (0, 0), most=2, minutes=1300.0) for name in "ab"]
    found = assign(division([0, 1, 2, 3]), workers, limit_s=30)
    assert (found.exact, found.of.count(-1), len(given_times)) == (False, 0, 1)
    assert 0 < given_times[0] <= 30
