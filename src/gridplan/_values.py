"""What a property or a column says, checked: words, numbers, hours, days, a door."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridplan._found import Door, Names, Wrong

#: More households than any building or compound has: such a number is a slip.
MOST_HOUSEHOLDS = 100_000


def door_of(number: int, name: str, shape: BaseGeometry, properties: Mapping[str, Any], names: Names) -> Door:
    if shape.geom_type not in ("Point", "Polygon", "MultiPolygon"):
        raise Wrong(f"a door must be a point or a polygon, this is a {shape.geom_type}")
    if not shape.is_valid:
        raise Wrong(f"its outline crosses itself: {shapely.is_valid_reason(shape)}")
    households = number_of(properties.get(names.households), names.households)
    if households is None:
        raise Wrong(f"it does not say {names.households!r}")
    if households > MOST_HOUSEHOLDS:
        raise Wrong(f"{names.households!r} is {households:g}, more than {MOST_HOUSEHOLDS:,}")
    if households != int(households):
        raise Wrong(f"{names.households!r} is {households:g}, which is no whole number")
    return Door(
        number,
        name or f"number {number}",
        shape,
        int(households),
        word(properties.get(names.community)),
        word(properties.get(names.grid)),
        word(properties.get(names.compound)),
        number_of(properties.get(names.minutes), names.minutes) or 0.0,
        tuple(words(properties.get(names.apart))),
        tuple(_span(each) for each in words(properties.get(names.hours))),
        _day(properties.get(names.due)),
    )


def _span(text: str) -> tuple[float, float]:
    """`09:00-11:30` in minutes after midnight."""
    begin, _, end = text.partition("-")
    try:
        span = minutes_of(begin), minutes_of(end)
    except ValueError:
        span = (1.0, 0.0)
    if span[0] >= span[1]:
        raise Wrong(f"{text!r} are no hours; write them as 09:00-11:30")
    return span


def minutes_of(text: str) -> float:
    """`09:30` in minutes after midnight; ValueError where it is no time of a day."""
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(text)
    if not (0 <= int(hours) * 60 + int(minutes) <= 24 * 60 and int(minutes) < 60):
        raise ValueError(text)
    return float(int(hours) * 60 + int(minutes))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(word(value)) if word(value) else None
    except ValueError:
        raise Wrong(f"{value!r} is no day; write it as 2026-01-31") from None


def word(value: Any) -> str:
    return str(value).strip() if value is not None else ""


def words(value: Any) -> Iterator[str]:
    """A list, or words with semicolons between them."""
    for each in value if isinstance(value, list) else word(value).split(";"):
        if said := word(each):
            yield said


def number_of(value: Any, name: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise Wrong(f"{name!r} is {value!r}, which is no number from 0")
    return number


def check_degrees(points: NDArray[np.float64]) -> None:
    if not np.isfinite(points).all():
        raise Wrong("its coordinates are no numbers")
    if (np.abs(points) > [180, 90]).any():
        worst = points[(np.abs(points) > [180, 90]).any(axis=1)][0]
        raise Wrong(f"{worst[0]:g}, {worst[1]:g} is no place on the earth; longitude comes first, in degrees")
