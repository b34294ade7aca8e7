"""Towns divided into grids by `gridplan.partition` and by METIS, one after the other, on the shared measuring stick.

Compactness is what `division_…` tells: the root mean square distance to the centre of one's grid, by METIS's on the same town.
METIS is asked for contiguous parts of 400 households, with its own defaults; Wangge chooses how many grids it makes.
"""

import importlib.util
import sys
import time
import warnings
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

import numpy as np

from bench.ground import tell
from gridplan import partition

STICK = Path(__file__).parents[2] / "shared/tools/division_bench.py"
SEEDS = 5


def measure(atoms: int, *, limit: float, time_limit: float) -> None:
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
    tell(
        f"division_{atoms}",
        spreads,
        unit="m",
        limit=limit,
        mean_ratio=round(mean(ours / theirs for ours, theirs in spreads), 4),
        out_or_torn=max(faults),
    )
    tell(f"division_{atoms}_time", seconds, unit="s", limit=time_limit)


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
