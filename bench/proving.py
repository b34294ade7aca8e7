"""What is proven of a division, and of a new one from today's: on the shared measuring stick, and where everything can be tried.

`division_gap` tells the root mean square distance to the centre of one's grid by what is proven to be the least possible;
`division_gerrychain` the same by GerryChain's, which is asked for a recursive tree partition into parts of 300 to 500 households;
`division_gap_5000` and `division_gap_50000` are single communities of so many buildings; `division_gap_walking` is about ways on foot;
`division_revised` the households that change their grid after 5 % of the buildings are new by the fewest that must, in towns so small
that everything can be tried.
"""

import os
import resource
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bench.dividing import SEEDS, STICK, _stick
from bench.ground import tell
from gridplan import (
    Bounds,
    Division,
    Gap,
    NoDivision,
    Proposal,
    Streets,
    Town,
    absorb,
    divide,
    fewest_moved,
    gap,
    partition,
    revise,
)

#: Towns in which everything can be tried, and bounds that fit them.
SMALL_TOWNS, SMALL_ATOMS, SMALL_BOUNDS = 200, 13, Bounds(80, 140)


def measure_gap(atoms: int, *, limit: float) -> None:
    """How far a division lies above what is proven to be the best possible with any number of grids, and with as many."""
    if not STICK.exists():
        return _left_out("division_gap")
    stick, ways, seconds, alike = _stick(), [], [], []
    gap(_divided(stick.town(200, 0), 0), rounds=2)  # compiled once; not measured
    for seed in range(SEEDS):
        division = _divided(stick.town(atoms, seed), seed)
        began = time.perf_counter()
        proven = gap(division)
        seconds.append(time.perf_counter() - began)
        ways.append((proven.found_m, proven.least_m))
        if not seed:
            alike.append(round(gap(division, same_count=True).share, 4))
    return tell(
        "division_gap",
        ways,
        unit="m",
        limit=limit,
        worst=round(max(found / least for found, least in ways), 4),
        same_count=alike[0],
        seconds=[round(each, 1) for each in seconds],
        kept=max(found / least for found, least in ways) <= limit,
    )


def measure_gap_of_one(atoms: int, *, seconds: float, limit: float) -> None:
    """One community of so many buildings, its bound raised for so long by as many threads as there are cores."""
    if not STICK.exists():
        return _left_out(f"division_gap_{atoms}")
    stick = _stick()
    gap(_divided(stick.town(200, 0), 0), rounds=2)  # compiled once; not measured
    division = _divided(stick.town(atoms, 0), 0)
    steps: list[tuple[float, float]] = []
    began = time.perf_counter()

    def heard(so_far: Gap) -> None:
        steps.append((time.perf_counter() - began, so_far.share))
        print(f"{steps[-1][0]:.0f} s: {so_far.share:.1%}", file=sys.stderr, flush=True)

    proven = gap(division, workers=len(os.sched_getaffinity(0)), limit_s=seconds, rounds=10_000, heard=heard)
    return tell(
        f"division_gap_{atoms}",
        [(proven.found_m, proven.least_m)],
        unit="m",
        limit=limit,
        seconds=round(time.perf_counter() - began, 1),
        steps=proven.rounds,
        seconds_to_limit=next((round(at, 1) for at, share in steps if 1 + share <= limit), None),
        after=[
            (part, round(min((share for at, share in steps if at <= seconds * part), default=9.0), 4))
            for part in (0.1, 0.25, 0.5)
        ],
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def measure_gap_walking(atoms: int, *, limit: float) -> None:
    """The same on foot, along streets that lie 60 m apart."""
    if not STICK.exists():
        return _left_out("division_gap_walking")
    stick, ways, seconds = _stick(), [], []
    for seed in range(SEEDS):
        households, xy, edges = stick.town(atoms, seed)
        town = replace(_town(households, xy, edges), streets=_streets(float(xy.max())))
        division = divide(town, seed=seed, distance="walking")
        began = time.perf_counter()
        proven = gap(division, distance="walking", workers=len(os.sched_getaffinity(0)))
        seconds.append(round(time.perf_counter() - began, 1))
        ways.append((proven.found_m, proven.least_m))
    worst = max(found / least for found, least in ways)
    return tell(
        "division_gap_walking",
        ways,
        unit="m",
        limit=limit,
        worst=round(worst, 4),
        seconds=seconds,
        kept=worst <= limit,
    )


def _streets(size: float) -> Streets:
    along = np.arange(0, size + 60, 60.0)
    spots = np.array([(x, y) for x in along for y in along])
    at = np.arange(len(spots)).reshape(len(along), len(along))
    ways = [at[:-1].ravel(), at[1:].ravel()], [at[:, :-1].ravel(), at[:, 1:].ravel()]
    return Streets(spots, np.vstack([np.stack(way, axis=1) for way in ways]))


def measure_gerrychain(atoms: int, *, limit: float) -> None:
    if not STICK.exists():
        return _left_out("division_gerrychain")
    stick, ways, seconds, out = _stick(), [], [], []
    for seed in range(SEEDS):
        town = stick.town(atoms, seed)
        began = time.perf_counter()
        theirs = _gerrychain(*town, seed)
        middle = time.perf_counter()
        ours = partition(*town, seed=seed)
        seconds.append((round(time.perf_counter() - middle, 2), round(middle - began, 2)))
        scored, by_them = stick.score(ours, *town), stick.score(theirs, *town)
        ways.append((scored["rms_m"], by_them["rms_m"]))
        out.append(by_them["out"] + by_them["extra"])
    return tell(
        "division_gerrychain", ways, unit="m", limit=limit, seconds=seconds, gerrychain_out_or_torn=max(out)
    )


def measure_revised(atoms: int, *, limit: float) -> None:
    """Small towns are held against an exact solver; of the large one it is told how many move, and how long it takes. In both all grids
    must be within the bounds.
    """
    if not STICK.exists():
        return _left_out("division_revised")
    stick, moves, out = _stick(), [], 0
    for seed in range(SMALL_TOWNS):
        before = _grown(stick.town(SMALL_ATOMS, seed), seed, SMALL_BOUNDS)
        try:
            fewest, _ = fewest_moved(before, SMALL_BOUNDS)
        except NoDivision:
            continue
        after = absorb(before, bounds=SMALL_BOUNDS, seed=seed)
        out += len(after.division.reasons)
        if fewest:
            moves.append((float(after.moved), float(fewest)))
        elif after.moved:
            out += 1  # nobody had to move
    large = _grown(stick.town(atoms, 0), 0, Bounds())
    began = time.perf_counter()
    proposals = revise(large)
    if not moves:
        raise RuntimeError("In none of the small towns anybody must move: nothing was compared.")
    worst = max(moved / fewest for moved, fewest in moves)
    return tell(
        "division_revised",
        moves,
        unit="households",
        limit=limit,
        worst=round(worst, 4),
        out_or_needless=out,
        kept=worst <= limit and not out and within_bounds(proposals),
        of_2000=[(one.moved, round(one.rms_m, 1), len(one.division.reasons)) for one in proposals],
        households=int(large.households.sum()),
        seconds=round(time.perf_counter() - began, 1),
    )


def within_bounds(proposals: Sequence[Proposal]) -> bool:
    """No grid of any proposal breaks a rule."""
    return not any(one.division.reasons for one in proposals)


def _left_out(name: str) -> None:
    print(f"{name}: left out, the shared measuring stick does not lie beside the project.", file=sys.stderr)


def _town(households: Any, xy: Any, edges: Any, grid: Any = None) -> Town:
    n = len(households)
    grid = np.full(n, -1) if grid is None else grid
    return Town(
        names=tuple(map(str, range(n))),
        households=np.asarray(households, np.int64),
        xy=xy,
        edges=np.asarray(edges, np.int64),
        community=np.zeros(n, np.int64),
        communities=("town",),
        minutes=np.zeros(n),
        grid=grid,
        grids=tuple(map(str, range(grid.max() + 1))),
    )


def _divided(town: Any, seed: int) -> Division:
    return divide(_town(*town), seed=seed)


def _grown(town: Any, seed: int, bounds: Bounds) -> Town:
    """Its grids were made before one building in twenty was there."""
    households, xy, edges = town
    new = np.random.default_rng(seed).permutation(len(households))[: max(1, len(households) // 20)]
    before = households.copy()
    before[new] = 0
    grid = divide(_town(before, xy, edges), bounds=bounds, seed=seed).labels.copy()
    grid[new] = -1
    return _town(households, xy, edges, grid)


def _gerrychain(households: Any, _xy: Any, edges: Any, seed: int) -> Any:
    import networkx as nx
    from gerrychain import Graph
    from gerrychain.partition.initial_partition_generators import recursive_tree_part

    joined = nx.Graph()
    joined.add_nodes_from((atom, {"households": int(many)}) for atom, many in enumerate(households))
    joined.add_edges_from(edges.tolist())
    parts = round(households.sum() / 400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = recursive_tree_part(
            Graph.from_networkx(joined), range(parts), households.sum() / parts, "households", 0.25, rng=seed
        )
    return np.array([found[atom] for atom in range(len(households))])
