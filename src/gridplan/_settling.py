"""Where annealing leaves grids out of bounds: every grouping of what lies around is tried, or it is shown that none fits."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gridplan._exact import ATOMS, grouping, has_no_grid
from gridplan._partition import Care, Clock, SomeTown, divided
from gridplan._reasons import fits, places_of
from gridplan.town import NONE, Bounds, Town

Labels = NDArray[np.int64]

#: Of a grid that cannot be brought within the bounds so many atoms are asked whether they have any grid.
ATOMS_TRIED = 12


def settled(
    town: Town, bounds: Bounds, seed: int, small: SomeTown, labels: Labels, care: Care | None, clock: Clock
) -> tuple[Labels, frozenset[int]]:
    """Labels with fewer households outside where that can be, and grids that cannot be helped. `small` is the town with what is kept contracted."""
    apart = care.apart if care else np.empty((0, 2), np.int64)
    before, hopeless = outside(small, labels), set[int]()
    if not before or clock.late():
        return labels, frozenset()
    few = _as_town(town, small)
    found = labels
    for place in places_of(few, small.high)[1]:
        bad = _bad(small, found)
        if fits(place.households, bounds) and np.isin(found[place.atoms], bad).any():
            found, lost = _tried(small, apart, found, place.atoms, bad)
            hopeless |= lost
    found = np.unique(found, return_inverse=True)[1].astype(np.int64)
    if outside(small, found) < before:
        labels = found
        better = divided(small, seed, clock, care=care, start=labels)
        labels = better if outside(small, better) <= outside(small, labels) else labels
    return labels, frozenset(int(labels[atom]) for atom in hopeless)


def outside(town: SomeTown, labels: Labels) -> float:
    weight = np.bincount(labels, town.households)
    return float((np.maximum(town.low - weight, 0) + np.maximum(weight - town.high, 0)).sum())


def _as_town(town: Town, small: SomeTown) -> Town:
    return replace(
        town,
        names=("",) * len(small),
        households=small.households.astype(np.int64),
        xy=small.xy,
        edges=small.pairs,
        community=np.zeros(len(small), np.int64),
    )


def _bad(town: SomeTown, labels: Labels) -> Labels:
    weight = np.bincount(labels, town.households)
    some = np.bincount(labels) > 0
    return np.flatnonzero(some & ((weight < town.low) | (weight > town.high)))


def _tried(
    town: SomeTown, apart: NDArray[np.int64], labels: Labels, place: Labels, bad: Labels
) -> tuple[Labels, set[int]]:
    """Labels with a grouping that fits, where one was found; and atoms of which it is certain that they cannot be helped."""
    where = np.full(len(town), NONE)
    if len(place) <= ATOMS:
        found, certain = _grouped(town, apart, place, where)
        return (
            (_with(labels, place, found), set())
            if found is not None
            else (labels, set(place.tolist()) if certain else set())
        )
    hopeless: set[int] = set()
    for grid in bad:
        atoms = np.intersect1d(np.flatnonzero(labels == grid), place)
        if not len(atoms) or not len(region := _region(town, labels, grid, place)):
            continue
        found, _ = _grouped(town, apart, region, where)
        if found is not None:
            labels = _with(labels, region, found)
        elif _is_hopeless(town, apart, place, atoms, where):
            hopeless |= set(atoms.tolist())
    return labels, hopeless


def _with(labels: Labels, atoms: Labels, found: Labels) -> Labels:
    changed = labels.copy()
    changed[atoms] = labels.max() + 1 + found
    return changed


def _region(town: SomeTown, labels: Labels, grid: int, place: Labels) -> Labels:
    """The atoms of the grid and of those around it, as many rings of grids as are not too many atoms."""
    here = np.zeros(len(town), bool)
    here[place] = True
    one, other = town.pairs[here[town.pairs].all(axis=1)].T
    chosen = np.array([grid])
    while True:
        border = np.concatenate(
            [labels[other[np.isin(labels[one], chosen)]], labels[one[np.isin(labels[other], chosen)]]]
        )
        wider = np.union1d(chosen, border)
        if len(wider) == len(chosen) or (here & np.isin(labels, wider)).sum() > ATOMS:
            return (
                np.flatnonzero(here & np.isin(labels, chosen)) if len(chosen) > 1 else np.empty(0, np.int64)
            )
        chosen = wider


def _grouped(
    town: SomeTown, apart: NDArray[np.int64], atoms: Labels, where: Labels
) -> tuple[Labels | None, bool]:
    where[:] = NONE
    where[atoms] = np.arange(len(atoms))
    return grouping(
        town.households[atoms], _inside(town.pairs, where), _inside(apart, where), town.low, town.high
    )


def _is_hopeless(
    town: SomeTown, apart: NDArray[np.int64], place: Labels, atoms: Labels, where: Labels
) -> bool:
    where[:] = NONE
    where[place] = np.arange(len(place))
    pairs, foes = _inside(town.pairs, where), _inside(apart, where)
    return any(
        has_no_grid(int(where[atom]), town.households[place], pairs, foes, town.low, town.high)
        for atom in atoms[:ATOMS_TRIED]
    )


def _inside(pairs: NDArray[np.int64], where: Labels) -> NDArray[np.int64]:
    mine = where[pairs.reshape(-1, 2)]
    return mine[(mine >= 0).all(axis=1)]
