"""The order in which doors are walked: `shortest` by the router of `gridplan`, `nearest_next` where there is no time for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians


@dataclass(frozen=True, slots=True)
class Stop:
    """A door by its key, and where it is; `address` orders doors that stand on one point, or on none.

    `minutes` are spent there; `due` is the last day on which it may be called on (none: no hurry).
    """

    key: str
    lon: float | None
    lat: float | None
    address: str = ""
    minutes: float = 0
    due: date | None = None


Point = tuple[float, float]
"""Longitude and latitude."""
Ways = Mapping[tuple[Point, Point], float]
"""Metres on foot between points, as far as anybody knows; the others are reckoned straight."""
STRAIGHT: Ways = {}

DETOUR = 1.3
"""Ways are so much longer than straight ones."""
LIMIT_S = 1.0
"""So long somebody who waits for a round waits for a shorter one."""


def nearest_next(stops: Sequence[Stop], *, start: tuple[float, float] | None = None) -> list[Stop]:
    """From where one is to the nearest door, from there to the nearest that is left; doors on one point by their address.

    Without a start it begins at the door that lies furthest to the north-west. Doors without a point come last, by address.
    """
    points: dict[tuple[float, float], list[Stop]] = {}
    for stop in sorted(stops, key=lambda stop: (_natural(stop.address), stop.key)):
        if stop.lon is not None and stop.lat is not None:
            points.setdefault((stop.lon, stop.lat), []).append(stop)
    placed: list[Stop] = []
    here = start
    while points:
        here = min(points, key=lambda point: (_apart(here, point), point) if here else _north_west(point))
        placed += points.pop(here)
    unplaced = [stop for stop in stops if stop.lon is None or stop.lat is None]
    return placed + sorted(unplaced, key=lambda stop: (_natural(stop.address), stop.key))


def shortest(
    stops: Sequence[Stop],
    *,
    start: Point | None = None,
    limit_s: float | None = LIMIT_S,
    ways: Ways = STRAIGHT,
) -> list[Stop]:
    """The shortest walk that is found; never longer than `nearest_next`, which it is where the time is short.

    Doors on one point are one staircase: they stay together, in the order of their addresses. Without a start it begins at the
    end that lies further to the north-west; doors without a point come last.
    """
    stairs: dict[tuple[float, float], list[Stop]] = {}
    unplaced = []
    for stop in nearest_next(stops, start=start):
        if stop.lon is None or stop.lat is None:
            unplaced.append(stop)
        else:
            stairs.setdefault((stop.lon, stop.lat), []).append(stop)
    points = list(stairs)
    if len(points) > 1:
        points = _routed(points, start, limit_s, ways)
    if start is None and points and _north_west(points[-1]) < _north_west(points[0]):
        points.reverse()
    return [stop for point in points for stop in stairs[point]] + unplaced


def _routed(points: list[Point], start: Point | None, limit_s: float | None, ways: Ways) -> list[Point]:
    """By `gridplan`, which takes a while to load: only who walks does."""
    from gridplan.route import Stop as Door
    from gridplan.route import route

    doors = [Door(str(row), minutes=0) for row in range(len(points))]
    if ways:
        places = [*points, *([start] if start else [])]
        table = [[on_foot(one, other, ways) for other in places] for one in places]
        found = route(doors, distances=table, start=len(points) if start else None, limit_s=limit_s)
        return [points[row] for row in found.order]
    west, north = points[0]
    wide = 111_320 * cos(radians(north))
    on_plane = [
        ((lon - west) * wide, (lat - north) * 111_320) for lon, lat in [*points, *([start] if start else [])]
    ]
    found = route(doors, xy=on_plane[: len(points)], start=on_plane[-1] if start else None, limit_s=limit_s)
    return [points[row] for row in found.order]


def on_foot(one: Point, other: Point, ways: Ways) -> float:
    """Metres from here to there: along the streets where that is known, else straight and a third more."""
    if one == other:
        return 0.0
    known = ways.get((one, other))
    return metres(one, other) * DETOUR if known is None else known


def _north_west(point: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    return point[0] - point[1], point


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far as the crow flies, over the short distances of a walk."""
    east = (other[0] - one[0]) * cos(radians((one[1] + other[1]) / 2))
    return float(((east**2 + (other[1] - one[1]) ** 2) ** 0.5) * 111_320)


def _apart(here: tuple[float, float], there: tuple[float, float]) -> float:
    return metres(here, there)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """A key that puts room 9 before room 10."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for letter in f"{text}\0":
        if letter.isascii() and letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits[:9]), ""))
            digits = ""
        parts.append((1, 0, letter))
    return parts
