"""The order in which doors are walked. A better router takes the place of `nearest_next` by having its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stop:
    """A door by its key, and where it is; `address` orders doors that stand on one point, or on none."""

    key: str
    lon: float | None
    lat: float | None
    address: str = ""


class Router(Protocol):
    def __call__(self, stops: Sequence[Stop], *, start: tuple[float, float] | None) -> list[Stop]:
        """All of these stops, each once, in the order in which they are walked from `start` (lon, lat)."""


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
        here = min(
            points, key=lambda point: (_apart(here, point), point) if here else (point[0] - point[1], point)
        )
        placed += points.pop(here)
    unplaced = [stop for stop in stops if stop.lon is None or stop.lat is None]
    return placed + sorted(unplaced, key=lambda stop: (_natural(stop.address), stop.key))


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
