"""Towns divided into grids by `gridplan.partition` and by METIS, one after the other, on the shared measuring stick.

Compactness is what `division_…` tells: the root mean square distance to the centre of one's grid, by METIS's on the same town.
METIS is asked for contiguous parts of 400 households, with its own defaults; Wangge chooses how many grids it makes.
"""

import hashlib
import importlib.util
import multiprocessing
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

import numpy as np

from bench.ground import MISSED, say, tell
from gridplan import NONE, Division, Town, divide_many, partition

STICK = Path(__file__).parents[2] / "shared/tools/division_bench.py"
SEEDS = 5
#: Buildings of a community of some 2,700 households, and communities that are divided by one worker and by two.
IN_A_COMMUNITY, COMMUNITIES = 100, 240
#: Memory that dividing may take, the process whole.
MOST_MIB = 1024.0
PROVINCE, NATION = 20_000_000, 500_000_000
#: Communities that hold as many households as a province.
IN_A_PROVINCE = 7_400
#: So long a province may take on one machine.
MOST_MINUTES = 60


def measure(atoms: int, *, limit: float, worst: float, time_limit: float) -> None:
    """`limit` is for the mean of the seeds, `worst` for each; out of bounds and torn there may be none."""
    if not STICK.exists():
        print(
            f"division_{atoms}: left out, the shared measuring stick does not lie beside the project.",
            file=sys.stderr,
        )
        return
    stick = _stick()
    partition(*stick.town(200, 0))  # compiled once; not measured
    spreads, seconds, faults = [], [], []
    for seed in range(SEEDS):
        town = stick.town(atoms, seed)
        began = time.perf_counter()
        theirs = _metis(*town)
        metis_seconds = time.perf_counter() - began
        began = time.perf_counter()
        ours = partition(*town, seed=seed)
        seconds.append((time.perf_counter() - began, metis_seconds))
        scored = stick.score(ours, *town)
        faults.append(scored["out"] + scored["extra"])
        spreads.append((scored["rms_m"], stick.score(theirs, *town)["rms_m"]))
    ratios = [ours / theirs for ours, theirs in spreads]
    tell(
        f"division_{atoms}",
        spreads,
        unit="m",
        limit=limit,
        mean_ratio=round(mean(ratios), 4),
        worst=round(max(ratios), 4),
        worst_limit=worst,
        out_or_torn=max(faults),
        kept=mean(ratios) <= limit and max(ratios) <= worst and not max(faults),
    )
    tell(f"division_{atoms}_time", seconds, unit="s", limit=time_limit)


def measure_memory(atoms: int) -> None:
    """The most memory that a process of its own ever takes which loads the library and divides one town; the promise is 1 GiB."""
    if not STICK.exists():
        print(
            f"division_{atoms}_memory: left out, the shared measuring stick does not lie beside the project.",
            file=sys.stderr,
        )
        return
    command = [sys.executable, "-c", f"from bench.dividing import divide_and_tell; divide_and_tell({atoms})"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    tell(f"division_{atoms}_memory", [(float(told.stdout), MOST_MIB)], unit="MiB", limit=1)


def divide_and_tell(atoms: int) -> None:
    """The town is made in another process: what that takes is no part of dividing."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        town = pool.apply(_made, (atoms,))
    partition(*town)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _made(atoms: int) -> Any:
    return _stick().town(atoms, 0)


def measure_scaling(*, limit: float) -> None:
    """The same communities on a Dask cluster of one process and of two: time, whether the grids are the same, and how
    long as many households as a province and the nation have would take on two.
    """
    if not STICK.exists():
        print(
            "division_scaling: left out, the shared measuring stick does not lie beside the project.",
            file=sys.stderr,
        )
        return
    towns = [partial(community, seed) for seed in range(COMMUNITIES)]
    alone, one = _on_cluster(towns, 1)
    together, two = _on_cluster(towns, 2)
    households = sum(int(division.town.households.sum()) for division in two)
    a_household = together / households
    same = all((a.labels == b.labels).all() for a, b in zip(one, two, strict=True))
    out = sum(len(division.reasons) for division in two)
    tell(
        "division_scaling",
        [(together, alone)],
        unit="s",
        limit=limit,
        same=same,
        out_of_bounds=out,
        kept=together <= limit * alone and same and not out,
        communities=COMMUNITIES,
        households=households,
        ms_a_community=round(together / COMMUNITIES * 1000, 1),
        province_minutes=round(PROVINCE * a_household / 60, 1),
        nation_hours=round(NATION * a_household / 3600, 1),
    )


def measure_province(communities: int, first: int = 0, workers: int = 0) -> None:
    """As many households as a province, by communities, on a Dask cluster of as many processes as there are cores; a part of it
    from its `first` community on by `python -m bench.dividing COMMUNITIES FIRST WORKERS`.
    """
    if not STICK.exists():
        print(
            "division_province: left out, the shared measuring stick does not lie beside the project.",
            file=sys.stderr,
        )
        return
    workers = workers or len(os.sched_getaffinity(0))
    told, households, grids, out = hashlib.sha256(), 0, 0, 0
    with _cluster(workers) as client:
        list(divide_many([partial(community, seed) for seed in range(8 * workers)], client))
        began = time.perf_counter()
        towns = (partial(community, seed) for seed in range(first, first + communities))
        for division in divide_many(towns, client, progress=_say):
            told.update(division.labels.tobytes())
            households += int(division.town.households.sum())
            grids += division.count
            out += len(division.reasons)
        seconds = time.perf_counter() - began
    line = {
        "name": "division_province",
        "value": round(seconds, 1),
        "unit": "s",
        "workers": workers,
        "communities": [first, first + communities],
        "households": households,
        "grids": grids,
        "out_of_bounds": out,
        "labels": told.hexdigest()[:12],
        "ms_a_community": round(seconds / communities * 1000, 1),
        "province_minutes": (minutes := round(PROVINCE / households * seconds / 60, 1)),
        "limit": f"<= {MOST_MINUTES} min for a province, none out of bounds",
        "kept": minutes <= MOST_MINUTES and not out,
        "nation_hours": round(NATION / households * seconds / 3600, 1),
    }
    say(line)


def _say(done: int) -> None:
    if done % 500 == 0:
        print(f"{done} communities", file=sys.stderr, flush=True)


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _on_cluster(towns: list[Callable[[], Town]], workers: int) -> tuple[float, list[Division]]:
    with _cluster(workers) as client:
        list(divide_many(towns[: 8 * workers], client))  # compiled once in each; not measured
        began = time.perf_counter()
        divisions = list(divide_many(towns, client))
        return time.perf_counter() - began, divisions


def community(seed: int) -> Town:
    """A town of the measuring stick as one community; made where it is divided."""
    households, xy, edges = _stick().town(IN_A_COMMUNITY, seed)
    return Town(
        names=tuple(map(str, range(IN_A_COMMUNITY))),
        households=households.astype(np.int64),
        xy=xy,
        edges=edges.astype(np.int64),
        community=np.zeros(IN_A_COMMUNITY, np.int64),
        communities=(f"community {seed}",),
        minutes=np.zeros(IN_A_COMMUNITY),
        grid=np.full(IN_A_COMMUNITY, NONE),
        grids=(),
    )


def _stick() -> ModuleType:
    spec = importlib.util.spec_from_file_location("division_bench", STICK)
    assert spec
    assert spec.loader
    stick = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stick)
    return stick


def _metis(households: Any, _xy: Any, edges: Any) -> Any:
    import pymetis

    both = np.vstack([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(len(households) + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        _, labels = pymetis.part_graph(
            round(households.sum() / 400),
            adjacency=pymetis.CSRAdjacency(starts, both[:, 1]),
            vweights=households,
            options=pymetis.Options(contig=1),
        )
    return np.array(labels)


if __name__ == "__main__":
    measure_province(*map(int, sys.argv[1:]))
    sys.exit(1 if MISSED else 0)
