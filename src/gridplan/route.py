"""The order in which the doors of a round are walked: within the shift and the hours of the doors, what ends first first.

Rounds of up to `EXACT` doors are solved exactly by dynamic programming over sets of doors, larger ones by PyVRP. Whole numbers
are counted inside, a hundredth of the time that one metre takes, so that the same round gives the same answer everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridplan._orders import NEVER, UNITS, Round, Whole, exactly, part_of
from gridplan._searching import Clock, searched

EXACT = 12
"""So many doors at most are solved exactly."""
METRES_A_MINUTE = 70.0
"""An unhurried walk with a bag."""


class BadRound(ValueError):  # noqa: N818 - named for what it says
    """What was given is no round that could be walked; the message says why."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A door. `minutes` are spent there; `windows` are its opening hours, in minutes after midnight, within which the whole
    visit lies (none: always open); `due` is the last day on which it may be called on (none: no hurry).
    """

    name: str
    minutes: float = 10.0
    windows: tuple[tuple[float, float], ...] = ()
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A door that is left for another day. `rule`: `way` (none leads there), `hours` (of the door), `shift` (it is too short)."""

    stop: int
    rule: Literal["way", "hours", "shift"]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """`order` are rows of `stops` as they are walked, `begins` when each visit begins, `ends` when the round is over, in minutes
    after midnight. Whatever is not in `order` is in `left`. `exact`: there is none that ends earlier.
    """

    stops: tuple[Stop, ...]
    order: tuple[int, ...]
    begins: tuple[float, ...]
    metres: float
    starts: float
    ends: float
    left: tuple[Left, ...] = ()
    exact: bool = False
    stopped: bool = False
    seconds: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.stops[stop].name for stop in self.order)


def route(
    stops: Sequence[Stop],
    *,
    xy: ArrayLike | None = None,
    distances: ArrayLike | None = None,
    start: Sequence[float] | int | None = None,
    end: Sequence[float] | int | None = None,
    begins: float = 510.0,
    shift_minutes: float | None = None,
    metres_a_minute: float = METRES_A_MINUTE,
    seed: int = 0,
    limit_s: float | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Route:
    """The round that ends earliest, beginning at `begins` (minutes after midnight).

    Ways are straight between `xy` `(n, 2)` in metres, `start` and `end` then being points; or they are given as `distances`
    `(m, m)` in metres along streets, whose first rows are the stops, `start` and `end` being rows. Without a start it begins at
    whichever door is best, without an end it ends at one. A way that is infinite is none.

    If not every door fits into the shift and its own hours, those that end first go first: no door is left for the sake of one
    that ends later, as far as up to `EXACT` doors are concerned; among more it is sought, not proven.

    With `limit_s`, or when `stop` says so, it ends with the best so far. `progress` is told which part is done, 0 to 1.
    """
    clock = Clock(limit_s, progress, stop)
    known = tuple(stops)
    metres = _metres(known, xy, distances, start, end)
    given = _counted(known, metres, begins, shift_minutes, metres_a_minute)
    left = _impossible(known, given, begins, shift_minutes, metres_a_minute)
    lost = {each.stop for each in left}
    rows = np.array([row for row in range(len(known)) if row not in lost], np.int64)
    part = part_of(given, rows)
    chosen = exactly(part) if len(rows) <= EXACT else searched(part, seed, clock)
    order = [int(rows[stop]) for stop in chosen]
    visits, over = given.kept(order)
    unit = UNITS * metres_a_minute
    clock.tell(1.0)
    return Route(
        known,
        tuple(order),
        tuple(begins + begin / unit for begin in visits),
        _length(metres, order, len(known)),
        begins,
        begins + over / unit,
        tuple(sorted((*left, *_crowded(known, rows, order, shift_minutes)), key=lambda each: each.stop)),
        exact=len(rows) <= EXACT,
        stopped=clock.stopped,
        seconds=clock.seconds,
    )


def _metres(
    stops: tuple[Stop, ...],
    xy: ArrayLike | None,
    distances: ArrayLike | None,
    start: Sequence[float] | int | None,
    end: Sequence[float] | int | None,
) -> NDArray[np.float64]:
    """Ways between the stops, the start and the end, in this order; BadRound for what is none."""
    n = len(stops)
    if (xy is None) == (distances is None):
        raise BadRound("either positions or distances are given")
    if distances is not None:
        table = np.asarray(distances, np.float64)
        if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < n:
            raise BadRound(f"distances are a square of at least {n} rows, not {table.shape}")
        places = [_row(end_of, len(table)) for end_of in (start, end)]
        ends = [place is None for place in places]
        if np.isnan(table).any() or (table < 0).any():
            raise BadRound("distances are numbers from 0")
        rows = [*range(n), *(place or 0 for place in places)]
        ways = table[np.ix_(rows, rows)]
    else:
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        if len(points) != n or not np.isfinite(points).all():
            raise BadRound(f"{n} stops need as many positions in metres")
        spots = [_point(end_of) for end_of in (start, end)]
        ends = [spot is None for spot in spots]
        whole = np.vstack([points, *(np.zeros(2) if spot is None else spot for spot in spots)])
        ways = np.hypot(*(whole[:, None] - whole[None]).transpose(2, 0, 1))
    if ends[0]:
        ways[n, :] = 0
    if ends[1]:
        ways[:, n + 1] = 0
    np.fill_diagonal(ways, 0)
    return ways


def _row(given: Sequence[float] | int | None, rows: int) -> int | None:
    if given is None:
        return None
    if not isinstance(given, (int, np.integer)) or not 0 <= given < rows:
        raise BadRound(f"with distances, start and end are rows of them, 0 to {rows - 1}")
    return int(given)


def _point(given: Sequence[float] | int | None) -> NDArray[np.float64] | None:
    if given is None:
        return None
    point = np.asarray(given, np.float64)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise BadRound("with positions, start and end are positions in metres")
    return point


def _refuse(
    stops: tuple[Stop, ...], begins: float, shift_minutes: float | None, metres_a_minute: float
) -> None:
    if not (isfinite(metres_a_minute) and metres_a_minute > 0):
        raise BadRound("somebody walks some metres a minute")
    if not isfinite(begins) or (
        shift_minutes is not None and not (isfinite(shift_minutes) and shift_minutes >= 0)
    ):
        raise BadRound("a shift begins and lasts some minutes")
    for each in stops:
        if not (isfinite(each.minutes) and each.minutes >= 0):
            raise BadRound(f"{each.name}: a visit takes some minutes, from 0")
        for opens, closes in each.windows:
            if not (isfinite(opens) and isfinite(closes) and opens <= closes):
                raise BadRound(f"{each.name}: it opens before it closes")


def _counted(
    stops: tuple[Stop, ...],
    metres: NDArray[np.float64],
    begins: float,
    shift_minutes: float | None,
    metres_a_minute: float,
) -> Round:
    _refuse(stops, begins, shift_minutes, metres_a_minute)
    unit = UNITS * metres_a_minute
    n, most = len(stops), max((len(each.windows) for each in stops), default=0) or 1
    stay = np.array([round(each.minutes * unit) for each in stops], np.int64)
    opens_at, last_at = np.full((n, most), NEVER), np.full((n, most), -1)
    for row, each in enumerate(stops):
        if not each.windows:
            opens_at[row, 0], last_at[row, 0] = 0, NEVER
        for place, (opens, closes) in enumerate(sorted(each.windows)):
            first, last = round((opens - begins) * unit), round((closes - begins) * unit) - stay[row]
            if last >= max(first, 0):
                opens_at[row, place], last_at[row, place] = max(first, 0), last
    days = sorted({each.due or date.max for each in stops})
    way = np.where(np.isfinite(metres), np.rint(np.where(np.isfinite(metres), metres, 0) * UNITS), NEVER)
    if (way[np.isfinite(metres)] > NEVER // 10**6).any():
        raise BadRound("distances are in metres; nobody walks so far")
    return Round(
        way.astype(np.int64),
        stay,
        opens_at,
        last_at,
        NEVER if shift_minutes is None else round(shift_minutes * unit),
        np.array([days.index(each.due or date.max) for each in stops], np.int64),
    )


# ---- what cannot be


def _impossible(
    stops: tuple[Stop, ...],
    given: Round,
    begins: float,
    shift_minutes: float | None,
    metres_a_minute: float,
) -> list[Left]:
    """The doors that cannot be called on even if nobody else is."""
    n, found = len(stops), []
    if not n:
        return []
    near = _together(given)
    arrival = given.way[n, :n]
    begin = given.beginning(np.arange(n), np.minimum(arrival, NEVER))
    unit = UNITS * metres_a_minute
    for row, stop in enumerate(stops):
        if not near[row]:
            found.append(Left(row, "way", "no way leads there"))
        elif begin[row] >= NEVER:
            there = _time(begins + arrival[row] / unit)
            found.append(
                Left(
                    row,
                    "hours",
                    f"open {_hours(stop)}, which {stop.minutes:g} minutes do not fit into"
                    f" for somebody who can be there at {there}",
                )
            )
        elif begin[row] + given.stay[row] + given.way[row, n + 1] > given.shift:
            found.append(
                Left(row, "shift", f"alone it takes longer than the shift of {shift_minutes:g} minutes")
            )
    return found


def _together(given: Round) -> NDArray[np.bool_]:
    """Which stops one can walk to from the start and from there to the end; without either, those that most others reach."""
    n = len(given)
    way = given.way < NEVER
    mutual = way[:n, :n] & way[:n, :n].T
    seen = [np.flatnonzero(row) for row in mutual]
    # Ties go to the doors that end first, then to the first row.
    best = max(range(n), key=lambda row: (way[n, row] and way[row, n + 1], len(seen[row]), -given.ranks[row]))
    near: NDArray[np.bool_] = mutual[best] & way[n, :n] & way[:n, n + 1]
    return near


def _crowded(
    stops: tuple[Stop, ...], rows: Whole, order: Sequence[int], shift_minutes: float | None
) -> list[Left]:
    """The doors that would do alone but not with the others."""
    taken, found = set(order), []
    for row in (int(row) for row in rows if int(row) not in taken):
        day = stops[row].due or date.max
        sooner = sum((stops[other].due or date.max) < day for other in order)
        same = sum((stops[other].due or date.max) == day for other in order)
        said = f"{sooner} of the doors that are walked end sooner, {same} on the same day"
        if shift_minutes is None:
            text = f"its hours ({_hours(stops[row])}) do not go together with those of the others; {said}"
            found.append(Left(row, "hours", text))
        else:
            text = f"no room was found in the shift of {shift_minutes:g} minutes; {said}"
            found.append(Left(row, "shift", text))
    return found


def _hours(stop: Stop) -> str:
    return ", ".join(f"{_time(opens)}–{_time(closes)}" for opens, closes in sorted(stop.windows)) or "always"


def _time(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def _length(metres: NDArray[np.float64], order: Sequence[int], n: int) -> float:
    walked = [n, *order, n + 1]
    return float(sum(metres[here, there] for here, there in pairwise(walked)))
