"""One community: its part of a town, and the division of it. What is kept of one grid is one atom meanwhile."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan._nearer import nearer_on_foot
from gridplan._partition import Care, Clock, SomeTown, divided, some_town
from gridplan._settling import outside, settled
from gridplan._walked import on_foot, walked_places
from gridplan.town import NONE, Bounds, Distance, Town, Weigh

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One community, as a process of its own needs it; arrays are of its own atoms."""

    name: str
    atoms: Labels
    town: Town
    bounds: Bounds
    seed: int
    weigh: Weigh
    distance: Distance
    kept: Labels
    start: Labels | None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Labels of a part's atoms from 0; which of them belong to which number that was kept; grids that cannot be helped."""

    labels: Labels
    kept: dict[int, int]
    proven: frozenset[int]
    stopped: bool


def parts_of(
    town: Town,
    bounds: Bounds,
    seed: int,
    weigh: Weigh,
    distance: Distance,
    kept: Labels,
    start: Labels | None,
) -> Iterator[Part]:
    where = np.full(len(town), NONE)
    count = len(town.communities)
    atoms_of = _by(town.community, count)
    edges_of, apart_of = (
        [pairs[rows] for rows in _by(_shared(pairs, town.community), count)]
        for pairs in (town.edges.reshape(-1, 2), town.apart.reshape(-1, 2))
    )
    for number, name in enumerate(town.communities):
        atoms = atoms_of[number]
        if not len(atoms):
            continue
        where[atoms] = np.arange(len(atoms))
        mine = replace(
            town,
            names=tuple(town.names[atom] for atom in atoms),
            households=town.households[atoms],
            xy=town.xy[atoms],
            edges=where[edges_of[number]],
            community=np.zeros(len(atoms), np.int64),
            communities=(name,),
            minutes=town.minutes[atoms],
            grid=np.full(len(atoms), NONE),
            grids=(),
            apart=where[apart_of[number]],
            outlines=(),
            areas=(),
            streets=town.streets if distance == "walking" else None,
        )
        mixed = hashlib.sha256(f"{seed} {name}".encode()).digest()
        begun = None if start is None else np.asarray(start, np.int64)[atoms]
        yield Part(
            name, atoms, mine, bounds, int.from_bytes(mixed[:7], "big"), weigh, distance, kept[atoms], begun
        )


def _by(groups: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The rows of each group, in their order; those of none are left out."""
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.searchsorted(groups[order], np.arange(count + 1)))[1:-1] if count else []


def _shared(pairs: NDArray[np.int64], community: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each pair the community that both lie in."""
    one, other = community[pairs].T
    return np.where(one == other, one, NONE)


def divided_part(part: Part, clock: Clock) -> Answer:
    """One community. What is kept of one grid is one atom meanwhile, and no two of them may meet."""
    town = part.town
    of, kept = _gathered(part)
    n = int(of.max()) + 1
    small = _contracted(
        part, of, n, walked_places(town, np.arange(len(town))) if part.distance == "walking" else town.xy
    )
    apart = _apart_atoms(town.apart, of, kept)
    work = np.bincount(of, town.minutes, n) if part.weigh == "minutes" and town.minutes.sum() > 0 else None
    care = Care(apart, work) if len(apart) or work is not None else None
    start = None
    if part.start is not None:
        start = np.zeros(n, np.int64)
        start[of] = np.unique(part.start, return_inverse=True)[1]
    labels = divided(small, part.seed, clock, care=care, start=start)
    if part.distance == "walking":
        labels = _straight_or_bent(part, of, labels, care, start, clock)
        labels = nearer_on_foot(
            town, small, of, labels, part.seed, clock, care=care, near=part.start is not None
        )
    labels, proven = settled(town, part.bounds, part.seed, small, labels, care, clock)
    return Answer(
        labels[of], {int(labels[atom]): grid for atom, grid in kept.items()}, proven, clock.was_late
    )


def _gathered(part: Part) -> tuple[Labels, dict[int, int]]:
    """Of each atom a number, the same for all that are kept in one grid; and which of these numbers is kept as which grid."""
    key = np.where(part.kept >= 0, -1 - part.kept, np.arange(len(part.kept)))
    values, of = np.unique(key, return_inverse=True)
    return of.reshape(-1), {at: -1 - int(value) for at, value in enumerate(values) if value < 0}


def _contracted(part: Part, of: Labels, n: int, xy: NDArray[np.float64]) -> SomeTown:
    weight = np.bincount(of, part.town.households, n)
    share = np.where(
        weight[of] > 0, part.town.households / np.maximum(weight[of], 1), 1 / np.bincount(of)[of]
    )
    places = np.stack([np.bincount(of, share * xy[:, axis], n) for axis in (0, 1)], axis=1)
    return some_town(weight, places, of[part.town.edges], part.bounds.low, part.bounds.high)


def _apart_atoms(apart: NDArray[np.int64], of: Labels, kept: dict[int, int]) -> NDArray[np.int64]:
    held = sorted(kept)
    both = [(one, other) for at, one in enumerate(held) for other in held[at + 1 :]]
    pairs = np.vstack([of[apart], np.array(both, np.int64).reshape(-1, 2)])
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)


def _straight_or_bent(
    part: Part, of: Labels, labels: Labels, care: Care | None, start: Labels | None, clock: Clock
) -> Labels:
    """Whether the bent plane has served: if the straight one leads to shorter ways on foot, its division is taken."""
    straight = _contracted(part, of, int(of.max()) + 1, part.town.xy)
    other = divided(straight, part.seed, clock, care=care, start=start)
    ways = [(outside(straight, each), on_foot(part.town, each[of])) for each in (labels, other)]
    return labels if ways[0] <= ways[1] else other
