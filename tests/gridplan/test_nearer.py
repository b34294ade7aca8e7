"""A division made better by the very ways on foot: shorter ways, and nothing that was kept is given up."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gridplan.places import estates, is_sound, scattered

from gridplan import Bounds, Streets, divide, gap, revise
from gridplan import _community as community


def with_streets(town, metres=60.0):
    """Streets as a raster."""
    along = np.arange(0, float(town.xy.max()) + metres, metres)
    spots = np.array([(x, y) for x in along for y in along])
    at = np.arange(len(spots)).reshape(len(along), len(along))
    ways = [at[:-1].ravel(), at[1:].ravel()], [at[:, :-1].ravel(), at[:, 1:].ravel()]
    return replace(town, streets=Streets(spots, np.vstack([np.stack(way, axis=1) for way in ways])))


def walked(division):
    return gap(division, distance="walking", rounds=0).found_m


@pytest.fixture
def plane_alone(monkeypatch):
    """Divides as if only the plane were known."""

    def divided(town, **more):
        with monkeypatch.context() as patch:
            patch.setattr(
                community, "nearer_on_foot", lambda _town, _small, _of, labels, *_args, **_more: labels
            )
            return divide(town, distance="walking", **more)

    return divided


def test_ways_get_shorter_than_on_the_plane_that_stands_for_them(plane_alone):
    towns = [with_streets(estates(400, seed)) for seed in range(3)]
    before = [plane_alone(town) for town in towns]
    after = [divide(town, distance="walking") for town in towns]
    assert all(is_sound(division) and division.reasons == () for division in after)
    shorter = [walked(one) / walked(other) for one, other in zip(after, before, strict=True)]
    assert max(shorter) <= 1
    assert np.mean(shorter) < 0.97
    again = divide(towns[0], distance="walking")
    assert again.labels.tolist() == after[0].labels.tolist()


def test_what_is_fixed_apart_or_alike_stays_so(plane_alone):
    town = with_streets(estates(300, 5))
    chance = np.random.default_rng(1)
    town = replace(
        town,
        apart=town.edges[chance.choice(len(town.edges), 15, replace=False)],
        minutes=town.households * chance.uniform(20, 60, len(town)),
    )
    fixed = np.full(len(town), -1)
    first = plane_alone(town)
    fixed[np.flatnonzero(first.labels == 0)[:4]] = 7
    found = divide(town, distance="walking", weigh="minutes", fixed=fixed)
    assert (found.labels[fixed == 7] == 7).all()
    assert (found.labels[town.apart[:, 0]] != found.labels[town.apart[:, 1]]).all()
    assert found.reasons == ()

    def away(division):
        work = np.bincount(division.labels, division.town.minutes)
        work = work[work > 0]
        return np.maximum(np.abs(work - work.mean()) - 0.1 * work.mean(), 0).sum() / work.sum()

    assert away(found) <= away(plane_alone(town, weigh="minutes", fixed=fixed)) + 1e-9


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_no_town_comes_out_worse(seed, n):
    town = with_streets(scattered(np.random.default_rng(seed), n))
    found = divide(town, distance="walking")
    assert is_sound(found)
    straight = divide(town)

    def outside(division):
        weight = np.bincount(division.labels, town.households)
        return (np.maximum(300 - weight, 0) + np.maximum(weight - 500, 0)).sum()

    assert (outside(found), walked(found)) <= (outside(straight), walked(straight) + 1e-6)


def test_a_new_division_from_todays_goes_by_the_very_ways_too(monkeypatch):
    town = with_streets(estates(300, 2))
    new = np.random.default_rng(0).permutation(len(town))[:15]
    grown = replace(town, households=np.where(np.isin(np.arange(len(town)), new), 0, town.households))
    grid = divide(grown, distance="walking", seed=9).labels.copy()
    grid[new] = -1
    today = replace(town, grid=grid, grids=tuple(map(str, range(grid.max() + 1))))
    told = []
    found = revise(today, curve=3, distance="walking", bounds=Bounds(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    again = revise(today, curve=3, distance="walking", bounds=Bounds())
    assert [one.division.labels.tolist() for one in again] == [one.division.labels.tolist() for one in found]
    for one in revise(today, curve=2, distance="walking", bounds=Bounds(), limit_s=0.05):
        assert one.division.stopped
        assert (one.division.labels >= 0).all()
    monkeypatch.setattr(sys.modules["gridplan.revise"], "_costs_on_foot", lambda *_asked: None)
    on_the_plane = revise(today, curve=3, distance="walking", bounds=Bounds())
    assert all(one.division.reasons == () for one in found)
    assert found[0].moved <= on_the_plane[0].moved
    assert found[-1].rms_m < on_the_plane[-1].rms_m
