"""A town divided into grids, community by community: in one piece, within bounds or with a reason, as compact as can be."""

import time

import numpy as np
from numpy.typing import NDArray

from gridplan._community import Answer, Part, parts_of
from gridplan._reasons import reasons
from gridplan._sharing import Progress, Stop, apart, asked, here
from gridplan.town import NONE, BadTown, Bounds, Distance, Division, Town, Weigh

__all__ = ["Distance", "Weigh", "divide"]

Labels = NDArray[np.int64]


def divide(
    town: Town,
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    limit_s: float | None = None,
    weigh: Weigh = "households",
    distance: Distance = "straight",
    fixed: Labels | None = None,
    start: Labels | None = None,
    workers: int = 1,
    progress: Progress = None,
    stop: Stop = None,
) -> Division:
    """Divides a town, each community by itself.

    Args:
        town: atoms in no community keep no grid.
        bounds: households a grid may have.
        seed: the same gives the same division, with any number of workers, unless it ends early.
        limit_s: ends after about so many seconds with the best so far.
        weigh: with `minutes`, the yearly minutes of the grids of a community are alike, too, to a tenth where that can be.
        distance: with `walking`, what is made small is the way on foot along `town.streets`.
        fixed: `(n,)` grids that atoms keep, `NONE` for those that may move. Their numbers stay; other grids take those
            that are free.
        start: `(n,)` a division to begin with, so that what comes of it is near to it.
        workers: so many processes share the communities.
        progress: called with the share that is done, from 0 to 1.
        stop: an event that is set, or a function that answers yes, when it shall end with the best so far.

    Returns:
        Labels, and a reason for each rule that is broken all the same.

    """
    began = time.monotonic()
    kept = _kept(town, fixed, start, weigh)
    parts = list(parts_of(town, bounds, seed, weigh, distance, kept, start))
    told = asked(stop)
    one_by_one = workers <= 1 or len(parts) < 2
    ways = (
        here(parts, limit_s, told, progress) if one_by_one else apart(parts, workers, limit_s, told, progress)
    )
    return _joined(town, parts, dict(ways), bounds, seed, kept, began)


def _kept(town: Town, fixed: Labels | None, start: Labels | None, weigh: str) -> Labels:
    """The numbers that atoms keep, checked."""
    for name, given in (("fixed", fixed), ("start", start)):
        if given is not None and np.shape(given) != (len(town),):
            raise BadTown(f"{name} must be a number for each atom: its shape is {np.shape(given)}.")
    if weigh == "minutes" and len(town) and not town.minutes.sum() > 0:
        raise BadTown("There is no workload to balance: no atom has minutes.")
    kept = np.full(len(town), NONE) if fixed is None else np.asarray(fixed, np.int64)
    for grid in np.unique(kept[kept >= 0]):
        communities = np.unique(town.community[kept == grid])
        if len(communities) > 1 or communities[0] == NONE:
            raise BadTown(f"Grid {grid} is kept with atoms of more than one community, or of none.")
    return kept


def _joined(
    town: Town,
    parts: list[Part],
    answers: dict[int, Answer],
    bounds: Bounds,
    seed: int,
    kept: Labels,
    began: float,
) -> Division:
    """Numbers from 0, community by community; those that were kept stay as they are."""
    labels, used, proven = np.full(len(town), NONE), set(np.unique(kept[kept >= 0]).tolist()), set()
    free = (number for number in range(len(town) + len(used) + 1) if number not in used)
    for at, part in enumerate(parts):
        answer = answers[at]
        grids = int(answer.labels.max()) + 1
        numbers = np.array(
            [answer.kept[grid] if grid in answer.kept else next(free) for grid in range(grids)]
        )
        labels[part.atoms] = numbers[answer.labels]
        proven |= {int(numbers[grid]) for grid in answer.proven}
    told = reasons(town, labels, bounds, proven=proven, searched=True, kept=kept >= 0)
    stopped = any(answer.stopped for answer in answers.values())
    return Division(town, labels, bounds, seed, told, stopped, time.monotonic() - began)
