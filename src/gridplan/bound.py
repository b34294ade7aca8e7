"""How compact a division could be at best, proven: no division within the same bounds lies below the figure given here.

Choosing grids so that every atom is in exactly one is a linear programme with a column for every grid that there could be, once
a grid may be taken in parts. Its dual gives each atom a price, so that no grid costs less than its atoms' prices; the sum of such
prices is a bound for every division. Prices are raised step by step (`_raising`), and which grids are cheaper than their prices is looked
for in full at each step (`_costs`, `_pricing`), so the bound holds whenever one stops.

What is left out is only that a grid be one piece (the bound is the lower for it) and that it cannot be taken in parts.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridplan._costs import OpenGround, StreetGround
from gridplan._proof import ROUNDING, ROUNDS, Gap
from gridplan._raising import Block
from gridplan._spread import spread
from gridplan._starting import pieces_of
from gridplan._walked import on_foot
from gridplan.links import walking_distances
from gridplan.town import NONE, Distance, Division, Town

__all__ = ["ROUNDS", "Gap", "gap", "spread"]

Array = np.ndarray[Any, Any]

#: Of so many atoms in a part all ways between them are kept; in a larger one a straight line stands for the way, which is never longer.
ALL_WAYS = 6_000
#: Ways are found from so many atoms at a time.
AT_A_TIME = 256


def gap(
    division: Division,
    *,
    same_count: bool = False,
    distance: Distance = "straight",
    workers: int = 1,
    rounds: int = ROUNDS,
    limit_s: float | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    heard: Callable[[Gap], None] | None = None,
) -> Gap:
    """How far a division is from the best possible at most.

    `same_count`: only divisions with as many grids are compared. With `walking` as `distance` ways are those on foot along `town.streets`.
    So many threads as `workers` share communities, or the ground of a single one; the bound is the same with any number.
    `limit_s` and `stop` end it early; the bound holds then too, and `heard` is told after each step how far it has come. Parts take turns,
    so that each has a bound soon.
    """
    town, bounds = division.town, division.bounds
    ends_at = None if limit_s is None else time.monotonic() + limit_s

    def over() -> bool:
        return (ends_at is not None and time.monotonic() > ends_at) or (stop is not None and stop())

    labels, households = division.labels, town.households
    weights = np.bincount(labels[labels >= 0], households[labels >= 0], division.count)
    sizes = np.bincount(labels[labels >= 0], households[labels >= 0] > 0, division.count)
    alone = (weights > bounds.high) & (sizes == 1)
    counted = (labels >= 0) & (households > 0)
    counted[counted] &= ~alone[labels[counted]]
    parts = _parts(division, counted)
    threads = max(1, workers) if len(parts) == 1 else 1
    made = [_part(division, part, same_count, distance, threads) for part in parts]
    reached = [0.0] * len(made)

    def told() -> Gap:
        return Gap(
            found=float(sum(part.found for part in made)),
            least=float(sum(reached)) * (1 - ROUNDING),
            households=int(households[labels >= 0].sum()),
            count=division.count if same_count else None,
            low=min((part.low for part in made), default=bounds.low),
            high=max((part.high for part in made), default=bounds.high),
            rounds=max((part.block.steps for part in made), default=0),
            distance=distance,
        )

    running = {at: part.block.raised(rounds, over) for at, part in enumerate(made)}
    for turn, (at, least) in enumerate(_in_turns(running, workers)):
        if least is not None:
            reached[at] = least
            if heard:
                heard(told())
        if progress:
            ended = len(made) - len(running)
            progress(max(ended / len(made), min(turn / (len(made) * (rounds + 1)), 0.99)))
    return told()


def _in_turns(running: dict[int, Iterator[float]], workers: int) -> Iterator[tuple[int, float | None]]:
    """A step of each part after the other, several at a time; nothing where a part has come to its end, which then leaves."""

    def step(at: int) -> tuple[int, float | None]:
        return at, next(running[at], None)

    with ThreadPoolExecutor(max(1, workers)) as pool:
        while running:
            steps = map(step, list(running)) if workers <= 1 else pool.map(step, list(running))
            for at, least in steps:
                if least is None:
                    del running[at]
                yield at, least


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the town that no grid leaves; `low`, `high` as the division itself has them there."""

    block: Block
    found: float
    low: int
    high: int


def _part(
    division: Division, part: tuple[Array, Array], same_count: bool, distance: Distance, threads: int
) -> _Part:
    """Atoms that count, from west to east, and all that may be the middle of a grid."""
    town, bounds = division.town, division.bounds
    atoms = part[0][np.argsort(town.xy[part[0], 0], kind="stable")]
    xy, households = town.xy[atoms], np.ascontiguousarray(town.households[atoms], np.int64)
    labels = np.unique(division.labels[atoms], return_inverse=True)[1].reshape(-1)
    weights = np.bincount(labels, households)
    low, high = min(bounds.low, int(weights.min())), max(bounds.high, int(weights.max()))
    order = np.argsort(labels, kind="stable")
    grids = np.split(order, np.searchsorted(labels[order], np.arange(1, len(weights))))
    found = float(sum(spread(xy[grid], households[grid]) for grid in grids))
    ground: OpenGround | StreetGround
    ground = OpenGround(xy, households, found / households.sum(), low, high, threads)
    if distance == "walking" and len(part[1]) <= ALL_WAYS:
        squares = _squares(town, part[1], atoms)
        own = [
            np.isin(part[1], np.flatnonzero(division.labels == label))
            for label in np.unique(division.labels[atoms])
        ]
        ways = (squares[np.ix_(mine, grid)] @ households[grid] for mine, grid in zip(own, grids, strict=True))
        found = float(sum(each.min() for each in ways))
        ground = StreetGround(squares, households, low, high, threads)
    elif distance == "walking":
        found = on_foot(town, division.labels, np.unique(division.labels[atoms]))
    block = Block(ground, xy, households, labels, low, found, same_count=same_count, threads=threads)
    return _Part(block, found, low, high)


def _squares(town: Town, middles: Array, atoms: Array) -> Array:
    """Squared ways from each middle to each atom, rounded down."""
    every = np.union1d(middles, atoms)
    squares = np.empty((len(middles), len(atoms)), np.float32)
    for begin in range(0, len(middles), AT_A_TIME):
        some = middles[begin : begin + AT_A_TIME]
        ways = walking_distances(town, every, some)[:, np.searchsorted(every, atoms)]
        squares[begin : begin + len(some)] = np.where(np.isfinite(ways), ways**2 * (1 - 1e-6), 1e12)
    return squares


def _parts(division: Division, counted: Array) -> list[tuple[Array, Array]]:
    """The atoms that count by parts of the town that no grid leaves, and with them all that lie there: what hangs together in a
    community, and what the division joined beyond that.
    """
    town, labels = division.town, division.labels
    edges = town.edges
    edges = edges[
        (town.community[edges[:, 0]] == town.community[edges[:, 1]]) & (labels[edges] >= 0).all(axis=1)
    ]
    first = np.full(division.count, NONE)
    inside = np.flatnonzero(labels >= 0)
    first[labels[inside][::-1]] = inside[::-1]
    joined = np.vstack([edges, np.stack([inside, first[labels[inside]]], axis=1)])
    _, of = pieces_of(joined, len(town))
    order = inside[np.argsort(of[inside], kind="stable")]
    cuts = np.flatnonzero(np.diff(of[order])) + 1
    parts = [(part[counted[part]], part) for part in np.split(order, cuts)]
    return [(atoms, every) for atoms, every in parts if len(atoms)]
