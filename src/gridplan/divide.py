"""A town divided into grids, community by community: in one piece, within bounds or with a reason, as compact as can be."""

import hashlib
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gridplan._exact import ATOMS, grouping, has_no_grid
from gridplan._partition import BadTown, Care, Clock, SomeTown, divided, some_town
from gridplan._reasons import fits, places_of, reasons
from gridplan._walked import LANDMARKS, bent, spread_over
from gridplan.links import walking_distances
from gridplan.town import NONE, Bounds, Division, Town

Labels = NDArray[np.int64]
Stop = threading.Event | Callable[[], bool] | None
#: Told how much of the work is done, from 0 to 1.
Progress = Callable[[float], None] | None
Weigh = Literal["households", "minutes"]
Distance = Literal["straight", "walking"]

#: Looks at `stop` and tells how far it is, so often in a second, while other processes work.
LOOKS = 10
#: Of a grid that cannot be brought within the bounds so many atoms are asked whether they have any grid.
ATOMS_TRIED = 12
#: Towns in hand for each worker, when many are divided.
IN_HAND = 4


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
    parts = list(_parts(town, bounds, seed, weigh, distance, kept, start))
    asked = _asked(stop)
    one_by_one = workers <= 1 or len(parts) < 2
    ways = (
        _here(parts, limit_s, asked, progress)
        if one_by_one
        else _apart(parts, workers, limit_s, asked, progress)
    )
    return _joined(town, parts, dict(ways), bounds, seed, kept, began)


def divide_many(
    towns: Iterable[Town | Callable[[], Town]],
    client: Any = None,
    *,
    workers: int = 1,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    weigh: Weigh = "households",
    distance: Distance = "straight",
) -> Iterator[Division]:
    """Divisions of many towns, in their order, while the next are worked on: in processes, or on a Dask cluster.

    A town may be a function that gives it: it is then called where the town is divided, so that no machine holds them
    all. `client` is a `distributed.Client`. The answers are those that `divide` gives with the same seed.
    """
    how = _How(bounds, seed, weigh, distance)
    if client is not None:
        capacity = max(1, len(client.scheduler_info()["workers"])) * IN_HAND
        yield from _streamed(lambda town: client.submit(_whole, town, how, pure=False), towns, capacity)
    elif workers > 1:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield from _streamed(lambda town: pool.submit(_whole, town, how), towns, workers * IN_HAND)
    else:
        yield from (_whole(town, how) for town in towns)


@dataclass(frozen=True, slots=True)
class _How:
    bounds: Bounds
    seed: int
    weigh: Weigh
    distance: Distance


def _whole(town: Town | Callable[[], Town], how: _How) -> Division:
    given = town if isinstance(town, Town) else town()
    return divide(given, bounds=how.bounds, seed=how.seed, weigh=how.weigh, distance=how.distance)


def _streamed(submit: Callable[[Any], Any], towns: Iterable[Any], capacity: int) -> Iterator[Division]:
    source = iter(towns)
    waiting = [submit(town) for town in islice(source, capacity)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [submit(town) for town in islice(source, 1)]


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


def _parts(
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


def _inside(pairs: NDArray[np.int64], where: Labels) -> NDArray[np.int64]:
    mine = where[pairs.reshape(-1, 2)]
    return mine[(mine >= 0).all(axis=1)]


def divided_part(part: Part, clock: Clock) -> Answer:
    """One community. What is kept of one grid is one atom meanwhile, and no two of them may meet."""
    town = part.town
    of, kept = _gathered(part)
    n = int(of.max()) + 1
    small = _contracted(part, of, n, _walked_places(town) if part.distance == "walking" else town.xy)
    apart = _apart_atoms(town.apart, of, kept)
    work = np.bincount(of, town.minutes, n) if part.weigh == "minutes" and town.minutes.sum() > 0 else None
    care = Care(apart, work) if len(apart) or work is not None else None
    start = None
    if part.start is not None:
        start = np.zeros(n, np.int64)
        start[of] = np.unique(part.start, return_inverse=True)[1]
    labels = divided(small, part.seed, clock, care=care, start=start)
    if part.distance == "walking":
        labels = _nearer_on_foot(part, of, labels, care, start, clock)
    labels, proven = _settled(part, small, labels, care, clock)
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


def _walked_places(town: Town) -> NDArray[np.float64]:
    marks = spread_over(LANDMARKS, town.xy)
    return bent(walking_distances(town, None, marks), marks, town.xy)


def _nearer_on_foot(
    part: Part, of: Labels, labels: Labels, care: Care | None, start: Labels | None, clock: Clock
) -> Labels:
    """Whether the bent plane has served: if the straight one leads to shorter ways on foot, its division is taken."""
    straight = _contracted(part, of, int(of.max()) + 1, part.town.xy)
    other = divided(straight, part.seed, clock, care=care, start=start)
    ways = [(_outside(straight, each), _on_foot(part.town, each[of])) for each in (labels, other)]
    return labels if ways[0] <= ways[1] else other


def _on_foot(town: Town, labels: Labels) -> float:
    """Households times squared way to the atom of their grid to which the ways are shortest."""
    total = 0.0
    for grid in range(int(labels.max()) + 1):
        atoms = np.flatnonzero(labels == grid)
        far = np.nan_to_num(walking_distances(town, atoms), posinf=1e5)
        total += float((far**2 @ town.households[atoms]).min())
    return total


def _outside(town: SomeTown, labels: Labels) -> float:
    weight = np.bincount(labels, town.households)
    return float((np.maximum(town.low - weight, 0) + np.maximum(weight - town.high, 0)).sum())


def _settled(
    part: Part, small: SomeTown, labels: Labels, care: Care | None, clock: Clock
) -> tuple[Labels, frozenset[int]]:
    """Where grids are still outside the bounds every grouping of what lies around is tried, or it is shown that none fits."""
    apart = care.apart if care else np.empty((0, 2), np.int64)
    before, hopeless = _outside(small, labels), set[int]()
    if not before or clock.late():
        return labels, frozenset()
    few = _as_town(part.town, small)
    found = labels
    for place in places_of(few, small.high)[1]:
        bad = _bad(small, found)
        if fits(place.households, part.bounds) and np.isin(found[place.atoms], bad).any():
            found, lost = _tried(small, apart, found, place.atoms, bad)
            hopeless |= lost
    found = np.unique(found, return_inverse=True)[1].astype(np.int64)
    if _outside(small, found) < before:
        labels = found
        better = divided(small, part.seed, clock, care=care, start=labels)
        labels = better if _outside(small, better) <= _outside(small, labels) else labels
    return labels, frozenset(int(labels[atom]) for atom in hopeless)


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


def _asked(stop: Stop) -> Callable[[], bool] | None:
    return stop.is_set if isinstance(stop, threading.Event) else stop


def _here(
    parts: list[Part], limit_s: float | None, stop: Callable[[], bool] | None, progress: Progress
) -> Iterator[tuple[int, Answer]]:
    """One community after the other; each gets its share of the time that is left."""
    sizes = [len(part.atoms) for part in parts]
    total, ends_at = sum(sizes), None if limit_s is None else time.monotonic() + limit_s
    for at, part in enumerate(parts):
        left = None
        if ends_at is not None:
            left = max(ends_at - time.monotonic(), 0) * sizes[at] / sum(sizes[at:])
        tell = _within(progress, sum(sizes[:at]) / total, sizes[at] / total)
        yield at, divided_part(part, Clock(left, stop, tell))
    if progress:
        progress(1.0)


def _within(progress: Progress, begin: float, size: float) -> Callable[[float], None] | None:
    """Tells a part's share of its own work as one of the whole; never less than before."""
    if progress is None:
        return None
    furthest = 0.0

    def tell(share: float) -> None:
        nonlocal furthest
        furthest = max(furthest, share)
        progress(begin + furthest * size)

    return tell


_ends: Any = None


def _listen(event: Any) -> None:
    global _ends  # noqa: PLW0603 - a process is told once when it begins, before any work
    _ends = event


def _in_process(part: Part) -> Answer:
    return divided_part(part, Clock(None, _ends.is_set))


def _apart(
    parts: list[Part],
    workers: int,
    limit_s: float | None,
    stop: Callable[[], bool] | None,
    progress: Progress,
) -> Iterator[tuple[int, Answer]]:
    """The largest first. When time is up all are told at once, and those not yet begun give their first division."""
    context = multiprocessing.get_context("spawn")
    ends, ends_at = context.Event(), None if limit_s is None else time.monotonic() + limit_s
    total, done = sum(len(part.atoms) for part in parts), 0
    with ProcessPoolExecutor(
        min(workers, len(parts)), mp_context=context, initializer=_listen, initargs=(ends,)
    ) as pool:
        order = sorted(range(len(parts)), key=lambda at: -len(parts[at].atoms))
        todo: dict[Future[Answer], int] = {pool.submit(_in_process, parts[at]): at for at in order}
        while todo:
            finished, _ = wait(todo, timeout=1 / LOOKS, return_when=FIRST_COMPLETED)
            if (stop and stop()) or (ends_at is not None and time.monotonic() > ends_at):
                ends.set()
            for each in finished:
                at = todo.pop(each)
                done += len(parts[at].atoms)
                if progress:
                    progress(done / total)
                yield at, each.result()


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
