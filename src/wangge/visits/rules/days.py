"""A round within a working day: which doors fit into it, about when each is called on, and what is left for another day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wangge.visits.rules.walking import LIMIT_S, STRAIGHT, Point, Stop, Ways, on_foot, shortest

Hours = tuple[tuple[int, int], ...]
"""Spans of a day in minutes after midnight, in order: between two of them is a break."""

PACE = 70.0
"""Metres a minute: an unhurried walk with a bag."""
UNKNOWN_M = 200.0
"""To a door of which nobody knows where it lies."""
EACH_ERRAND = 3.0
"""Minutes for each thing that is brought to the door or asked there, beside the call itself."""
_ABOUT = 5
"""Nobody knows more exactly when they will stand before a door."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Doors in walking order, about when each call begins (minutes after midnight), and those for which the day is too short."""

    stops: tuple[Stop, ...] = ()
    begins: tuple[int, ...] = ()
    left: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is due in a grid, the hours of each who walks there that day, and the ways between the doors."""

    stops: tuple[Stop, ...]
    hours: tuple[Hours, ...]
    ways: Ways = field(default_factory=dict)


def day_walk(
    stops: Sequence[Stop],
    hours: Hours,
    *,
    start: Point | None = None,
    limit_s: float | None = LIMIT_S,
    ways: Ways = STRAIGHT,
) -> Walk:
    """The shortest walk through all of these if the day is long enough for it; else through as many as fit, those that end first
    first. A call lies wholly within the hours.
    """
    # The router is asked three times at most.
    limit_s = None if limit_s is None else limit_s / 3
    walk = shortest(stops, start=start, limit_s=limit_s, ways=ways)
    whole = _begins(walk, hours, start, ways)
    if whole is not None:
        return Walk(tuple(walk), _about(whole))
    order, begins = _fitting(walk, hours, start, limit_s, ways)
    taken = {stop.key for stop in order}
    # Again the shortest through those that fit: doors of a staircase stay together, if the day has room for it.
    again = shortest(order, start=start, limit_s=limit_s, ways=ways)
    kept = _begins(again, hours, start, ways)
    if kept is not None:
        order, begins = again, kept
    return Walk(tuple(order), _about(begins), tuple(stop for stop in walk if stop.key not in taken))


def walks_of_many(many: Sequence[Asked]) -> list[list[Walk]]:
    """Of each grid a walk for each who walks there: what a process of its own does for many at once.

    Several share one way through all doors, cut so that each has doors that lie together.
    """
    return [
        [
            day_walk(part, hours, limit_s=None, ways=asked.ways)
            for part, hours in zip(_shares(asked), asked.hours, strict=True)
        ]
        for asked in many
    ]


def _shares(asked: Asked) -> list[Sequence[Stop]]:
    walkers = len(asked.hours)
    if walkers == 1:
        return [asked.stops]
    order = shortest(asked.stops, limit_s=None, ways=asked.ways)
    cuts = [len(order) * place // walkers for place in range(walkers + 1)]
    return [order[start:end] for start, end in pairwise(cuts)]


def day_between(hours: Hours, begins: int | None, ends: int | None) -> Hours:
    """The day from `begins` to `ends` with the breaks that the hours have; nothing where it ends before it begins."""
    now = hours[0][0] if begins is None else begins
    last = hours[-1][1] if ends is None else ends
    spans = []
    for (_, closes), (opens, _) in pairwise(hours):
        if now < min(closes, last):
            spans.append((now, min(closes, last)))
        now = max(now, opens)
    if now < last:
        spans.append((now, last))
    return tuple(spans)


def part_of_day(hours: Hours, place: int, of: int) -> Hours:
    """One of so many parts of a day that are equally long and follow one another: for who walks in several grids."""
    whole = sum(closes - opens for opens, closes in hours)
    first, last = whole * place // of, whole * (place + 1) // of
    spans, before = [], 0
    for opens, closes in hours:
        begin, end = max(first - before, 0), min(last - before, closes - opens)
        if begin < end:
            spans.append((opens + begin, opens + end))
        before += closes - opens
    return tuple(spans)


def _begins(walk: Sequence[Stop], hours: Hours, start: Point | None, ways: Ways) -> list[float] | None:
    """When each call of this walk begins; None where not all of them fit into the hours."""
    here = Stop("", *start) if start else None
    now, found = float(hours[0][0]) if hours else 0.0, list[float]()
    for stop in walk:
        arrived = now + (_metres(here, stop, ways) / PACE if here else 0.0)
        begin = min(
            (max(arrived, opens) for opens, closes in hours if max(arrived, opens) + stop.minutes <= closes),
            default=None,
        )
        if begin is None:
            return None
        found.append(begin)
        now, here = begin + stop.minutes, stop
    return found


def _fitting(
    stops: Sequence[Stop], hours: Hours, start: Point | None, limit_s: float | None, ways: Ways
) -> tuple[list[Stop], list[float]]:
    """As many of these as fit into the hours, those that end first first, by the router; and when each call begins."""
    if not hours:
        return [], []
    from gridplan.route import Stop as Door
    from gridplan.route import route

    doors = [Door(stop.key, stop.minutes, hours, stop.due) for stop in stops]
    places = [*stops, *([Stop("", *start)] if start else [])]
    found = route(
        doors,
        distances=[[_metres(one, other, ways) for other in places] for one in places],
        start=len(stops) if start else None,
        begins=hours[0][0],
        shift_minutes=hours[-1][1] - hours[0][0],
        metres_a_minute=PACE,
        limit_s=limit_s,
    )
    return [stops[row] for row in found.order], list(found.begins)


def _metres(one: Stop, other: Stop, ways: Ways) -> float:
    """The way from door to door; where one of them lies nobody knows, a usual one."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return UNKNOWN_M if one is not other else 0.0
    return on_foot((one.lon, one.lat), (other.lon, other.lat), ways)


def _about(begins: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(begin / _ABOUT) * _ABOUT for begin in begins)
