"""Changes that are asked for by name: this grid split, these merged, each compound its own unit; all others stay."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridplan._from_today import HEATS, SWEEPS
from gridplan._keeping_walk import Keeping, KeepingWalk, filled_in, pairs_inside
from gridplan._partition import PRICE, PRICE_AT_FIRST, Clock, some_town
from gridplan._sharing import Stop, asked
from gridplan._starting import bisected, pieces_of
from gridplan.divide import divide
from gridplan.proposal import Proposal, proposal
from gridplan.town import NONE, BadTown, Bounds, Town

Array = np.ndarray[Any, Any]


def split(
    town: Town,
    grid: int,
    *,
    into: int = 2,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    workers: Sequence[int] | None = None,
    limit_s: float | None = None,
    stop: Stop = None,
) -> Proposal:
    """One grid of today becomes several, each in one piece, alike in households and compact; all others stay.

    After about `limit_s` seconds, or when `stop` says so, it ends with the best so far: whole pieces, less alike.
    """
    atoms = np.flatnonzero(town.grid == grid)
    if not 2 <= into <= len(atoms):
        raise BadTown(f"Grid {_called(town, grid)} has {len(atoms)} atoms; it cannot be split into {into}.")
    households = town.households[atoms]
    inside = pairs_inside(town.edges, atoms, len(town))
    share = households.sum() / into
    tried = some_town(households, town.xy[atoms], inside, max(share * 0.95, 0.5), max(share * 1.05, 0.5))
    start = filled_in(bisected(households, town.xy[atoms], into), tried)
    clock = Clock(limit_s, asked(stop))
    keeping = Keeping.of_none(tried, pairs_inside(town.apart, atoms, len(town)))
    walk = KeepingWalk(tried, start, keeping, seed, clock)
    walk.cool(np.arange(len(atoms)), SWEEPS, HEATS[1], PRICE * PRICE_AT_FIRST, PRICE)
    labels = town.grid.copy()
    labels[atoms] = len(town.grids) + walk.labels
    return proposal(town, labels, bounds, workers, seed=seed, stopped=clock.was_late)


def _called(town: Town, grid: int) -> str:
    return town.grids[grid] if 0 <= grid < len(town.grids) else str(grid)


def merge(
    town: Town,
    grids: Sequence[int],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    workers: Sequence[int] | None = None,
) -> Proposal:
    """Several grids of today become one; all others stay. The division says why that is too large, or not one piece."""
    atoms = np.isin(town.grid, grids)
    communities = np.unique(town.community[atoms])
    if len(set(grids)) < 2 or not len(communities):
        raise BadTown("There must be two grids with atoms at least to be merged.")
    if len(communities) > 1:
        raise BadTown("Grids of more than one community cannot be merged.")
    return proposal(town, np.where(atoms, len(town.grids), town.grid), bounds, workers)


def compounds_as_units(
    town: Town,
    compound: NDArray[np.int64],
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    limit_s: float | None = None,
    workers: Sequence[int] | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Stop = None,
) -> Proposal:
    """Each residential compound its own unit: `compound` `(n,)` names each atom's, `NONE` where there is none.

    A compound within the bounds is a grid. One that is too large is divided by itself; one that is too small is not cut and shares a grid
    with what is around it. What is left over between compounds and too small for a grid joins the compound next to it that has room.
    """
    if np.shape(compound) != (len(town),):
        raise BadTown(f"compound must be a number for each atom: its shape is {np.shape(compound)}.")
    unit, weight = _units(town, np.asarray(compound, np.int64))
    unit = _with_left_over(town, unit, weight, bounds)
    size = np.bincount(unit[unit >= 0], town.households[unit >= 0], max(int(unit.max(initial=NONE)) + 1, 1))
    # What is not cut is one atom meanwhile.
    whole = np.where((unit >= 0) & (size[unit] <= bounds.high), len(town) + unit, np.arange(len(town)))
    loose = (unit < 0) & (compound >= 0) & (town.community >= 0)
    whole = np.where(loose, 2 * len(town) + _units(town, np.asarray(compound, np.int64))[0], whole)
    groups, of = np.unique(whole, return_inverse=True)
    of = of.reshape(-1)
    first = np.zeros(len(groups), np.int64)
    first[of[::-1]] = np.arange(len(town))[::-1]
    households = np.bincount(of, town.households, len(groups)).astype(np.int64)
    share = np.where(
        households[of] > 0, town.households / np.maximum(households[of], 1), 1 / np.bincount(of)[of]
    )
    blocks, block = np.unique(
        np.stack([town.community, np.where(unit >= 0, unit, NONE)], axis=1)[first],
        axis=0,
        return_inverse=True,
    )
    block = block.reshape(-1)
    outside = town.community[first] < 0
    small = replace(
        town,
        names=tuple(town.names[atom] for atom in first),
        households=households,
        xy=np.stack([np.bincount(of, share * town.xy[:, axis]) for axis in (0, 1)], axis=1),
        edges=of[town.edges],
        community=np.where(outside, NONE, block),
        communities=tuple(f"{community} {number}" for community, number in blocks),
        minutes=np.bincount(of, town.minutes, len(groups)).astype(np.float64),
        grid=np.full(len(groups), NONE),
        grids=(),
        apart=_still_apart(of[town.apart]),
        outlines=(),
        areas=(),
        streets=None,
    )
    division = divide(small, bounds=bounds, seed=seed, limit_s=limit_s, progress=progress, stop=stop)
    return proposal(town, division.labels[of], bounds, workers, seed=seed, stopped=division.stopped)


def _units(town: Town, compound: Array) -> tuple[Array, Array]:
    """Of each atom the compound, one for each community it lies in; and the households of each."""
    key = np.where(
        (compound >= 0) & (town.community >= 0), compound * (len(town.communities) + 1) + town.community, NONE
    )
    values, unit = np.unique(key, return_inverse=True)
    unit = unit.reshape(-1) - int(values[0] == NONE)
    return unit, np.bincount(
        unit[unit >= 0], town.households[unit >= 0], max(int(unit.max(initial=NONE)) + 1, 0)
    )


def _with_left_over(town: Town, unit: Array, weight: Array, bounds: Bounds) -> Array:
    """Compounds large enough to be units, with what is left between them and too small for a grid; `NONE` elsewhere."""
    large = weight >= bounds.low
    unit = np.where((unit >= 0) & large[unit] if len(weight) else False, unit, NONE)
    weight = weight.copy()
    one, other = town.edges[:, 0], town.edges[:, 1]
    own = (town.community[one] == town.community[other]) & (town.community[one] >= 0)
    free = np.flatnonzero((unit < 0) & (town.community >= 0))
    count, of = pieces_of(pairs_inside(town.edges[own], free, len(town)), len(free))
    pieces = [free[of == piece] for piece in range(count)]
    for atoms in sorted(pieces, key=lambda each: (int(town.households[each].sum()), int(each[0]))):
        households = town.households[atoms].sum()
        if households >= bounds.low:
            continue
        mine = np.zeros(len(town), bool)
        mine[atoms] = True
        beside = np.unique(np.concatenate([unit[other[own & mine[one]]], unit[one[own & mine[other]]]]))
        beside = beside[beside >= 0]
        beside = beside[weight[beside] + households <= bounds.high]
        if len(beside):
            joined = beside[weight[beside].argmin()]
            unit[atoms] = joined
            weight[joined] += households
    return unit


def _still_apart(pairs: Array) -> Array:
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0).reshape(-1, 2)
