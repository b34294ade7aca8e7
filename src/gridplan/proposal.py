"""What a division of any origin changes against today's grids: who moves, which grid goes on as which, how compact it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridplan._reasons import reasons
from gridplan._spread import spread
from gridplan._walked import on_foot
from gridplan.number import heirs
from gridplan.town import NONE, Bounds, Distance, Division, Town

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A division and what it changes.

    `goes_on` names for each grid of the division the grid of today whose number (and worker) it keeps, or `NONE`. `moved` households
    change their grid, `handed_over` of them lose their worker; households of atoms that had no grid are in neither. `lineage` says
    how many households go from which grid of today (`NONE`: from none) to which new one.
    """

    division: Division
    goes_on: tuple[int, ...]
    moved: int
    handed_over: int
    closed: tuple[int, ...]
    rms_m: float
    lineage: tuple[tuple[int, int, int], ...]

    @property
    def kept(self) -> int:
        """How many grids keep their number."""
        return sum(old != NONE for old in self.goes_on)


def proposal(
    town: Town,
    labels: NDArray[np.int64],
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    workers: Sequence[int] | None = None,
    *,
    seed: int = 0,
    stopped: bool = False,
    distance: Distance = "straight",
) -> Proposal:
    """What a division of any origin changes against today's grids; of `workers` a grid with `NONE` has nobody. Grids that go on come first, in today's order. With `walking` as
    `distance` `rms_m` is the way on foot to that of the grid's doors to which the ways are shortest.
    """
    labels = np.asarray(labels, np.int64)
    given, mine = np.unique(labels[labels >= 0], return_inverse=True)
    count, olds = len(given), len(town.grids)
    within = np.flatnonzero(labels >= 0)
    had = town.grid[within] >= 0
    shared = np.zeros((olds, count))
    # Atoms without households decide where households do not.
    np.add.at(shared, (town.grid[within][had], mine[had]), town.households[within][had] + 1e-6)
    heir = heirs(shared)
    order = sorted(range(count), key=lambda grid: (heir.get(grid, olds), grid))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    fresh = np.full(len(town), NONE)
    fresh[within] = place[mine]
    goes_on = tuple(heir.get(grid, NONE) for grid in order)
    who = np.arange(olds + 1) if workers is None else np.append(np.asarray(workers, np.int64), NONE)
    who[-1] = NONE
    now = np.array([*goes_on, NONE], np.int64)[
        fresh
    ]  # of each atom the grid of today that its new one goes on as
    old = town.grid >= 0
    moved = old & (now != town.grid)
    lost = moved & (who[town.grid] != NONE) & ((who[now] != who[town.grid]) | (who[now] == NONE))
    return Proposal(
        Division(
            town,
            fresh,
            bounds,
            seed,
            reasons(town, fresh, bounds, searched=True),
            stopped,
        ),
        goes_on,
        int(town.households[moved].sum()),
        int(town.households[lost].sum()),
        tuple(sorted(set(np.unique(town.grid[old]).tolist()) - set(goes_on))),
        _rms(town, fresh, distance),
        _lineage(town, fresh),
    )


def _lineage(town: Town, labels: Array) -> tuple[tuple[int, int, int], ...]:
    pairs, which = np.unique(np.stack([town.grid, labels], axis=1), axis=0, return_inverse=True)
    households = np.bincount(which.reshape(-1), town.households, len(pairs)).astype(int)
    return tuple(
        (int(old), int(new), int(many))
        for (old, new), many in zip(pairs, households, strict=True)
        if new != NONE or old != NONE
    )


def _rms(town: Town, labels: Array, distance: Distance) -> float:
    total = town.households[labels >= 0].sum()
    if distance == "walking":
        return float(np.sqrt(on_foot(town, labels) / max(total, 1)))
    far = sum(
        spread(town.xy[labels == grid], town.households[labels == grid])
        for grid in range(int(labels.max(initial=NONE)) + 1)
    )
    return float(np.sqrt(far / max(total, 1)))
