"""The best there is, for places so small that everything can be tried: what the other ways of dividing are held against.

Sets of atoms are numbers whose bits are the atoms. Which sets can be a grid is found once; then the best way to divide a set is the
best of taking the grid of its first atom away and dividing the rest.
"""

from typing import Any

import numpy as np

from gridplan._annealing import _compiled
from gridplan.town import NONE, Bounds, Division, Town

Array = np.ndarray[Any, Any]

#: Twice the atoms would take three hundred thousand times as long.
ATOMS = 14


class TooLarge(ValueError):  # noqa: N818 - named by the fact
    """A community has too many atoms for everything to be tried."""


class NoDivision(ValueError):  # noqa: N818 - named by the fact
    """No division keeps the bounds."""


def exact(town: Town, bounds: Bounds = Bounds(), *, count: int | None = None) -> Division:  # noqa: B008 - frozen
    """The most compact division of all that keep every rule, `count` grids in each community if that is said."""
    labels = np.full(len(town), NONE)
    for atoms in _communities(town):
        sets, costs = _allowed(town, atoms, bounds)
        most = len(atoms) if count is None else count
        cost, taken = _most_compact(costs, len(atoms), most)
        ways = cost[1:, -1] if count is None else cost[count : count + 1, -1]
        if not np.isfinite(ways).any():
            raise NoDivision(f"No division of {town.communities[town.community[atoms[0]]]} keeps the bounds.")
        grids = (1 if count is None else count) + int(ways.argmin())
        left, used = len(sets) - 1, int(labels.max()) + 1
        while left:
            grid = int(taken[grids, left])
            labels[atoms[(grid >> np.arange(len(atoms))) & 1 == 1]] = used
            left, grids, used = left ^ grid, grids - 1, used + 1
    return Division(town, labels, bounds, seed=0)


def fewest_moved(town: Town, bounds: Bounds = Bounds()) -> tuple[int, Division]:  # noqa: B008 - frozen
    """How many households must change their grid at the least so that every rule is kept, and a division that moves no more.

    A household stays where its new grid is the one that goes on as its old one; each grid goes on as one, of one community.
    """
    labels, moved = np.full(len(town), NONE), 0
    for atoms in _communities(town):
        more, mine = fewest_moved_in(town, atoms, bounds)
        moved += more
        labels[atoms] = labels.max(initial=NONE) + 1 + mine
    return moved, Division(town, labels, bounds, seed=0)


def fewest_moved_in(town: Town, atoms: Array, bounds: Bounds) -> tuple[int, Array]:
    """The same for the atoms of one community: labels from 0."""
    sets, costs = _allowed(town, atoms, bounds)
    homes = np.unique(town.grid[atoms][town.grid[atoms] >= 0])
    households = town.households[atoms]
    stays = np.zeros((len(homes) + 1, len(sets)), np.int64)
    for at, home in enumerate(homes):
        stays[at] = sets @ np.where(town.grid[atoms] == home, households, 0)
    kept, taken = _most_kept(costs, stays, len(atoms))
    best = int(kept[:, -1].max())
    if best < 0:
        raise NoDivision(f"No division of {town.communities[town.community[atoms[0]]]} keeps the bounds.")
    labels, used = np.full(len(atoms), NONE), 0
    left, goes_on = len(sets) - 1, int(kept[:, -1].argmax())
    while left:
        grid, home = int(taken[goes_on, left]) >> 8, int(taken[goes_on, left]) & 255
        labels[(grid >> np.arange(len(atoms))) & 1 == 1] = used
        left, used = left ^ grid, used + 1
        goes_on = goes_on if home == len(homes) else goes_on ^ (1 << home)
    return int(households[town.grid[atoms] >= 0].sum()) - best, labels


def _communities(town: Town) -> list[Array]:
    parts = [np.flatnonzero(town.community == community) for community in range(len(town.communities))]
    for atoms in parts:
        if len(atoms) > ATOMS:
            raise TooLarge(f"{len(atoms)} atoms in a community, more than {ATOMS}.")
    return [atoms for atoms in parts if len(atoms)]


def _allowed(town: Town, atoms: Array, bounds: Bounds) -> tuple[Array, Array]:
    """Every set of the atoms as truths, and what it costs as a grid: endless where it may be none."""
    n = len(atoms)
    where = np.full(len(town), NONE)
    where[atoms] = np.arange(n)
    near = np.zeros(n, np.int64)
    for one, other in where[town.edges]:
        if one >= 0 and other >= 0:
            near[one] |= 1 << int(other)
            near[other] |= 1 << int(one)
    sets = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    households, xy = town.households[atoms], town.xy[atoms] - town.xy[atoms].mean(axis=0)
    weight = sets @ households
    first = sets @ (households[:, None] * xy)
    square = sets @ (households * (xy**2).sum(axis=1))
    costs = np.maximum(square - (first**2).sum(axis=1) / np.maximum(weight, 1), 0.0)
    fits = (weight >= bounds.low) & (weight <= bounds.high)
    fits |= (sets.sum(axis=1) == 1) & (weight > bounds.high)  # what is too large alone is a grid by itself
    for one, other in where[town.apart]:
        if one >= 0 and other >= 0:
            fits &= ~((sets[:, one] == 1) & (sets[:, other] == 1))
    fits[fits] = [_is_one_piece(int(number), near) for number in np.flatnonzero(fits)]
    costs[~fits] = np.inf
    return sets, costs


def _is_one_piece(atoms: int, near: Array) -> bool:
    reached, new = 0, atoms & -atoms
    while new:
        reached |= new
        ahead = 0
        while new:
            bit = new & -new
            ahead |= int(near[bit.bit_length() - 1])
            new ^= bit
        new = ahead & atoms & ~reached
    return reached == atoms


@_compiled
def _most_compact(costs: Array, n: int, most: int) -> tuple[Array, Array]:
    """Of each number of grids and each set the least cost, and the grid with its first atom."""
    best = np.full((most + 1, 1 << n), np.inf)
    taken = np.zeros((most + 1, 1 << n), np.int64)
    best[0, 0] = 0.0
    for atoms in range(1, 1 << n):
        first = atoms & -atoms
        rest = atoms ^ first
        others = rest
        while True:
            grid = others | first
            if costs[grid] < np.inf:
                for count in range(1, most + 1):
                    cost = best[count - 1, atoms ^ grid] + costs[grid]
                    if cost < best[count, atoms]:
                        best[count, atoms] = cost
                        taken[count, atoms] = grid
            if others == 0:
                break
            others = (others - 1) & rest
    return best, taken


@_compiled
def _most_kept(costs: Array, stays: Array, n: int) -> tuple[Array, Array]:
    """Of each set of old grids that go on and each set of atoms, how many households can stay; the grid with its first atom, and as which it goes on."""
    homes = len(stays) - 1
    best = np.full((1 << homes, 1 << n), -1)
    taken = np.zeros((1 << homes, 1 << n), np.int64)
    best[0, 0] = 0
    for atoms in range(1, 1 << n):
        first = atoms & -atoms
        rest = atoms ^ first
        others = rest
        while True:
            grid = others | first
            if costs[grid] < np.inf:
                for used in range(1 << homes):
                    for home in range(homes + 1):
                        if home < homes and not (used >> home) & 1:
                            continue
                        before = used if home == homes else used ^ (1 << home)
                        if best[before, atoms ^ grid] < 0:
                            continue
                        kept = best[before, atoms ^ grid] + stays[home, grid]
                        if kept > best[used, atoms]:
                            best[used, atoms] = kept
                            taken[used, atoms] = grid << 8 | home
            if others == 0:
                break
            others = (others - 1) & rest
    return best, taken
