"""Who works in which grid: least walking from home, most households that know their worker, skills where they are needed.

Everything is counted in minutes of a year, so that reasons can be compared and added up. Workers are not compared with one
another: what counts is the distance, the households known, the minutes.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array, vstack

from gridplan.town import NONE, Division

DAYS = 230
"""Working days of a year: so often one walks from home and back."""
METRES_A_MINUTE = 70.0
FIRST_MINUTES = 20.0
"""So long it takes to get to know a household that one has never called on."""

#: How the solver says that it ended for want of time.
_TIME_IS_UP = 1

Pair = tuple[int, int]
Table = NDArray[np.float64]


class BadAssignment(ValueError):  # noqa: N818 - named for what it says
    """What was asked for contradicts itself or does not fit together; the message says where."""


@dataclass(frozen=True, slots=True)
class Worker:
    """`home` in metres on the town's plane; `grids` by their names of today are those that the worker knows; `most` grids may be
    taken, and together no more than `minutes` of visits a year (none: no bound).
    """

    name: str
    home: tuple[float, float] | None = None
    grids: tuple[str, ...] = ()
    most: int = 1
    minutes: float | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fit:
    """Why a worker fits a grid as they do. `metres` from home to its middle, `known` of its `households`, `minutes` that its visits
    take in a year, `lacks` of what is needed there. `cost`: minutes a year on the way and for getting to know the others.
    """

    worker: str
    grid: int
    metres: float | None
    known: int
    households: int
    minutes: float
    lacks: tuple[str, ...]
    cost: float


@dataclass(frozen=True, slots=True)
class Price:
    """What changes if a worker must take a grid: minutes a year for the whole, grids more without a worker, skills more that are
    lacking, and who works elsewhere then: (grid, who had it, who gets it), -1 for nobody. Unless `exact`, one of both was ended early.
    """

    worker: int
    grid: int
    minutes: float
    without: int
    lacking: int
    moves: tuple[tuple[int, int, int], ...]
    exact: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """`costs`, `lacks` `(workers, grids)`; `most`, `room` `(workers,)`; `load` `(grids,)`."""

    costs: Table
    lacks: NDArray[np.int64]
    most: NDArray[np.int64]
    load: Table
    room: Table
    forced: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()
    limit_s: float | None = None

    @property
    def possible(self) -> NDArray[np.bool_]:
        found = np.isfinite(self.costs)
        for worker, grid in self.forbidden:
            found[worker, grid] = False
        for worker, grid in self.forced:
            found[:, grid] = False
            found[worker, grid] = True
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """`of` names the worker of each grid, by number; `NONE` for a grid that gets nobody, and `without` says why.

    `minutes` a year are the least that is possible, once as many grids as possible have a worker and as few skills as possible
    are lacking. Unless `exact`: then time was up, and it is the best that was found.
    """

    of: tuple[int, ...]
    minutes: float
    lacking: int
    without: tuple[tuple[int, str], ...]
    _asked: _Asked = field(repr=False)
    fits: tuple[tuple[Fit, ...], ...] = ()
    exact: bool = True

    def fit(self, worker: int, grid: int) -> Fit:
        return self.fits[grid][worker]

    def price(self, worker: int, grid: int) -> Price:
        """How much worse the whole becomes if this worker must take this grid; BadAssignment if that cannot be."""
        asked = self._asked
        _known_pairs(asked, [(worker, grid)])
        if any(taken == grid and other != worker for other, taken in asked.forced):
            raise BadAssignment(f"grid {grid} is forced on another worker")
        pair = frozenset({(worker, grid)})
        # What was forbidden is overruled: it is the price of that, too, that is asked.
        other = _solved(replace(asked, forced=asked.forced | pair, forbidden=asked.forbidden - pair))
        return Price(
            worker,
            grid,
            other.minutes - self.minutes,
            other.of.count(NONE) - self.of.count(NONE),
            other.lacking - self.lacking,
            tuple(
                (place, had, gets)
                for place, (had, gets) in enumerate(zip(self.of, other.of, strict=True))
                if had != gets
            ),
            self.exact and other.exact,
        )


def assign(
    division: Division,
    workers: Sequence[Worker],
    *,
    needs: Mapping[int, Collection[str]] | None = None,
    forced: Iterable[Pair] = (),
    forbidden: Iterable[Pair] = (),
    days: float = DAYS,
    metres_a_minute: float = METRES_A_MINUTE,
    first_minutes: float = FIRST_MINUTES,
    limit_s: float | None = None,
) -> Assignment:
    """The workers of a division's grids. `needs` says which skills (a dialect, signing) a grid needs, by its label.

    Pairs are (number of the worker, label of the grid). As many grids as possible have a worker, as few skills as possible are
    lacking, then the minutes of a year are the least possible: proven, not sought. Where workers' minutes are bounded that may take
    long: after about `limit_s` seconds it is the best so far, and not `exact`; the same for each price that is asked of it.
    """
    _sane(division, workers, needs or {})
    fits = _fits(division, workers, needs or {}, days, metres_a_minute, first_minutes)
    shape = (len(workers), division.count)
    loads = np.bincount(
        division.labels[division.labels != NONE],
        division.town.minutes[division.labels != NONE],
        minlength=division.count,
    ).astype(np.float64)
    asked = _Asked(
        np.array([[fits[grid][row].cost for grid in range(shape[1])] for row in range(shape[0])]).reshape(
            shape
        ),
        np.array(
            [[len(fits[grid][row].lacks) for grid in range(shape[1])] for row in range(shape[0])], np.int64
        ).reshape(shape),
        np.array([worker.most for worker in workers], np.int64),
        loads,
        np.array([np.inf if worker.minutes is None else worker.minutes for worker in workers], np.float64),
        frozenset(forced),
        frozenset(forbidden),
        limit_s,
    )
    return replace(_solved(asked), fits=fits)


def match(
    costs: ArrayLike,
    *,
    most: ArrayLike | None = None,
    load: ArrayLike | None = None,
    room: ArrayLike | None = None,
    forced: Iterable[Pair] = (),
    forbidden: Iterable[Pair] = (),
) -> Assignment:
    """The bare core: `costs` `(workers, grids)`, infinite where it cannot be; `most` grids a worker takes (1), whose `load`
    together is within the worker's `room`.
    """
    table = np.asarray(costs, np.float64)
    if table.ndim != 2 or np.isnan(table).any() or (table < 0).any():
        raise BadAssignment("costs are a table of workers by grids, numbers from 0")
    workers, grids = table.shape
    taken = np.broadcast_to(np.asarray(1 if most is None else most, np.int64), (workers,))
    rooms = np.broadcast_to(np.asarray(np.inf if room is None else room, np.float64), (workers,))
    loads = np.broadcast_to(np.asarray(0 if load is None else load, np.float64), (grids,))
    if (taken < 0).any() or (loads < 0).any() or np.isnan(rooms).any() or not np.isfinite(loads).all():
        raise BadAssignment("what workers may take and what grids ask are numbers from 0")
    return _solved(
        _Asked(
            table,
            np.zeros(table.shape, np.int64),
            taken,
            loads,
            rooms,
            frozenset(forced),
            frozenset(forbidden),
        )
    )


def _sane(division: Division, workers: Sequence[Worker], needs: Mapping[int, Collection[str]]) -> None:
    names = [worker.name for worker in workers]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadAssignment(f"there are two workers called {twice!r}")
    known = set(division.town.grids)
    for worker in workers:
        if worker.most < 0 or (worker.minutes is not None and not worker.minutes >= 0):
            raise BadAssignment(f"{worker.name}: grids and minutes are numbers from 0")
        if worker.home is not None and not all(map(isfinite, worker.home)):
            raise BadAssignment(f"{worker.name}: home is a position in metres")
        if unknown := set(worker.grids) - known:
            raise BadAssignment(f"{worker.name}: there is no grid {min(unknown)!r} today")
    if wrong := [grid for grid in needs if not 0 <= grid < division.count]:
        raise BadAssignment(f"there is no grid {wrong[0]}; there are 0 to {division.count - 1}")


def _fits(
    division: Division,
    workers: Sequence[Worker],
    needs: Mapping[int, Collection[str]],
    days: float,
    metres_a_minute: float,
    first_minutes: float,
) -> tuple[tuple[Fit, ...], ...]:
    """By grid, then by worker."""
    town, labels, count = division.town, division.labels, division.count
    inside = labels != NONE
    households = np.bincount(labels[inside], town.households[inside], minlength=count)
    minutes = np.bincount(labels[inside], town.minutes[inside], minlength=count)
    middles = centres(division)
    # Households by grid of today and grid to be.
    placed = inside & (town.grid != NONE)
    known = np.zeros((len(town.grids), count))
    np.add.at(known, (town.grid[placed], labels[placed]), town.households[placed])
    number_of = {name: number for number, name in enumerate(town.grids)}
    rows = []
    for grid in range(count):
        needed = sorted(needs.get(grid, ()))
        row = []
        for worker in workers:
            far = None if worker.home is None else float(np.hypot(*(middles[grid] - worker.home)))
            knows = round(sum(known[number_of[name], grid] for name in set(worker.grids)))
            there = round(households[grid])
            cost = (far or 0.0) * 2 / metres_a_minute * days + (there - knows) * first_minutes
            lacks = tuple(skill for skill in needed if skill not in worker.skills)
            row.append(Fit(worker.name, grid, far, knows, there, float(minutes[grid]), lacks, cost))
        rows.append(tuple(row))
    return tuple(rows)


def centres(division: Division) -> Table:
    """The middle of each grid by its households; by its atoms where nobody lives."""
    labels, count = division.labels, division.count
    inside = labels != NONE
    weight = division.town.households[inside].astype(np.float64)
    lived = np.bincount(labels[inside], weight, minlength=count)
    weight[lived[labels[inside]] == 0] = 1.0
    total = np.maximum(np.bincount(labels[inside], weight, minlength=count), 1e-9)
    xy = division.town.xy[inside]
    return np.stack(
        [np.bincount(labels[inside], weight * xy[:, axis], minlength=count) / total for axis in (0, 1)],
        axis=1,
    )


def _known_pairs(asked: _Asked, pairs: Iterable[Pair]) -> None:
    workers, grids = asked.costs.shape
    for worker, grid in pairs:
        if not (0 <= worker < workers and 0 <= grid < grids):
            raise BadAssignment(f"there is no worker {worker} or no grid {grid}")


def _refuse_contradictions(asked: _Asked) -> None:
    _known_pairs(asked, asked.forced | asked.forbidden)
    if both := sorted(asked.forced & asked.forbidden):
        raise BadAssignment(f"worker {both[0][0]} and grid {both[0][1]} are forced and forbidden at once")
    taken = [grid for _, grid in asked.forced]
    if twice := sorted(grid for grid in set(taken) if taken.count(grid) > 1):
        raise BadAssignment(f"grid {twice[0]} is forced on {taken.count(twice[0])} workers")
    for worker in sorted({worker for worker, _ in asked.forced}):
        grids = [grid for other, grid in asked.forced if other == worker]
        if len(grids) > asked.most[worker]:
            raise BadAssignment(
                f"worker {worker} takes {asked.most[worker]} grids at most, and {len(grids)} are forced"
            )
        if asked.load[grids].sum() > asked.room[worker]:
            raise BadAssignment(
                f"worker {worker} has {asked.room[worker]:g} minutes,"
                f" and the grids forced ask {asked.load[grids].sum():g}"
            )
        if not np.isfinite(asked.costs[worker, grids]).all():
            raise BadAssignment(f"worker {worker} cannot take a grid that is forced")


def _solved(asked: _Asked) -> Assignment:
    _refuse_contradictions(asked)
    possible = asked.possible & (asked.load[None, :] <= asked.room[:, None])
    possible[asked.most == 0] = False
    bounded = (possible.sum(axis=1) > 0) & ((possible * asked.load).sum(axis=1) > asked.room)
    of, exact = _knapsacks(asked, possible) if bounded.any() else (_matched(asked, possible), True)
    grids = np.flatnonzero(of != NONE)
    return Assignment(
        tuple(int(worker) for worker in of),
        float(asked.costs[of[grids], grids].sum()),
        int(asked.lacks[of[grids], grids].sum()),
        tuple((int(grid), _why(asked, possible, int(grid), exact)) for grid in np.flatnonzero(of == NONE)),
        asked,
        exact=exact,
    )


def _why(asked: _Asked, possible: NDArray[np.bool_], grid: int, exact: bool) -> str:
    workers = len(asked.costs)
    if not workers:
        return "there are no workers"
    if not possible[:, grid].any():
        if asked.load[grid] > asked.room.max():
            return f"its visits take {asked.load[grid]:g} minutes a year, more than any worker has"
        return "every worker is forbidden here or may take no grid"
    if asked.most.sum() < asked.costs.shape[1]:
        return f"{workers} workers may take {asked.most.sum()} grids, and there are {asked.costs.shape[1]}"
    if not exact:
        return "nobody who could take it too was found in the time that there was"
    return "the workers who could take it are needed in other grids"


def _matched(asked: _Asked, possible: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Every worker stands there as often as they may take a grid, beside as many nobodies as there are grids."""
    grids = asked.costs.shape[1]
    of = np.full(grids, NONE)
    if not grids:
        return of
    # A forced pair must be taken before others fill the worker's places.
    spare = asked.most.copy()
    free = np.ones(grids, bool)
    for worker, grid in asked.forced:
        of[grid], free[grid] = worker, False
        spare[worker] -= 1
    rest = np.flatnonzero(free)
    places = np.repeat(np.arange(len(spare)), np.minimum(spare, len(rest)))
    usable = possible[np.ix_(places, rest)]
    costs = np.where(usable, asked.costs[np.ix_(places, rest)], 0)
    # A skill that is lacking outweighs all minutes, a grid without anybody all skills.
    most = float(costs.max(axis=0, initial=0).sum() + 1)
    lacks = asked.lacks[np.ix_(places, rest)]
    nobody = most * float(lacks.max(axis=0, initial=0).sum() + 1)
    table = np.where(usable, costs + most * lacks, 2 * nobody)
    table = np.vstack([table, np.full((len(rest), len(rest)), nobody)])
    rows, columns = linear_sum_assignment(table)
    for row, column in zip(rows, columns, strict=True):
        if row < len(places):
            of[rest[column]] = places[row]
    return of


def _knapsacks(asked: _Asked, possible: NDArray[np.bool_]) -> tuple[NDArray[np.int64], bool]:
    """Where minutes are bounded: as an integer programme (HiGHS), in three turns, what matters most first. And whether it is exact:
    when time is up, it is the best so far, no worse than who fits best first.
    """
    ends_at = None if asked.limit_s is None else time.monotonic() + asked.limit_s
    workers, grids = np.nonzero(possible)
    count = len(workers)
    one = np.ones(count)
    at = np.arange(count)
    shape = (asked.costs.shape[1], count)
    by_grid = coo_array((one, (grids, at)), shape=shape)
    by_worker = coo_array((one, (workers, at)), shape=(len(asked.costs), count))
    loads = coo_array((asked.load[grids], (workers, at)), shape=(len(asked.costs), count))
    held = {grid for _, grid in asked.forced}
    least = np.array([1.0 if grid in held else 0.0 for grid in range(shape[0])])
    rules = [
        LinearConstraint(by_grid.tocsc(), least, np.ones(shape[0])),
        LinearConstraint(
            vstack([by_worker, loads]).tocsc(), -np.inf, np.concatenate([asked.most, asked.room])
        ),
    ]
    aims = [-one, asked.lacks[workers, grids].astype(np.float64), asked.costs[workers, grids]]
    best, exact = _best_fits_first(asked, workers, grids), True
    for aim in aims:
        if not aim.any():
            continue
        left = None if ends_at is None else ends_at - time.monotonic()
        exact = left is None or left > 0
        if not exact:
            break
        options = {"mip_rel_gap": 0} | ({} if left is None else {"time_limit": left})
        found = milp(aim, integrality=one, bounds=(0, 1), constraints=rules, options=options)
        exact = found.status != _TIME_IS_UP
        if found.x is None and exact:
            raise BadAssignment("what is forced leaves no way to assign the others")
        if found.x is not None:
            taken = np.rint(found.x)
            best = taken if exact else min(best, taken, key=lambda each: [float(aim @ each) for aim in aims])
        if not exact:
            break
        reached = float(aim @ best)
        rules.append(LinearConstraint(aim[None, :], -np.inf, reached + 1e-6 * max(1.0, abs(reached))))
    of = np.full(shape[0], NONE)
    chosen = best > 0
    of[grids[chosen]] = workers[chosen]
    return of, exact


def _best_fits_first(asked: _Asked, workers: NDArray[np.int64], grids: NDArray[np.int64]) -> Table:
    """Which pairs are taken if what is forced comes first, then whoever lacks and costs least and still has places and minutes."""
    taken = np.zeros(len(workers))
    later = np.array(
        [pair not in asked.forced for pair in zip(workers.tolist(), grids.tolist(), strict=True)], bool
    )
    most, room, free = asked.most.copy(), asked.room.copy(), np.ones(asked.costs.shape[1], bool)
    for at in np.lexsort((asked.costs[workers, grids], asked.lacks[workers, grids], later)).tolist():
        worker, grid = workers[at], grids[at]
        if free[grid] and most[worker] > 0 and asked.load[grid] <= room[worker]:
            taken[at], free[grid] = 1.0, False
            most[worker] -= 1
            room[worker] -= asked.load[grid]
    return taken
