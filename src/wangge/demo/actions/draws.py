"""Drawing the year's reports set-wise: when, of which item, where, found by whom. The stated distributions decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray

from wangge.base.calendar import SHANGHAI
from wangge.demo.queries import Habit
from wangge.demo.rules import distributions as stated
from wangge.demo.rules.places import DEMO_COMMUNITY, Place

_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Draws:
    """One element a case, in the order in which they are received; seconds are those since 1970, UTC."""

    reported_s: NDArray[np.int64]
    received_s: NDArray[np.int64]
    item: NDArray[np.int64]
    place: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


def draw_reports(
    count: int, habits: Sequence[Habit], places: Sequence[Place], now: datetime, days: int, seed: int
) -> Draws:
    """`count` reports of the `days` before `now`."""
    rng = np.random.default_rng(seed)
    midnights, months = _days(count, now, days, rng)
    items = _items(months, habits, rng)
    reported = midnights + _seconds_of_day(np.array([habit.night for habit in habits])[items], rng)
    end = int(now.timestamp())
    reported = np.where(reported > end - 120, reported - 24 * _HOUR, reported)
    waits = rng.integers(1, 20, count)
    offline = rng.random(count) < stated.OFFLINE_SHARE
    waits = np.where(offline, rng.integers(_HOUR // 4, stated.OFFLINE_HOURS * _HOUR, count), waits)
    received = np.where(reported + waits < end, reported + waits, reported + 5)
    where = rng.choice(len(places), count, p=_shares(_place_weights(places)))
    lon, lat = _points(where, places, rng)
    order = np.lexsort((reported, received))
    return Draws(reported[order], received[order], items[order], where[order], lon[order], lat[order])


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _days(
    count: int, now: datetime, days: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each case the local midnight before it, in seconds, and its month."""
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [today - timedelta(days=number) for number in range(days)]
    months = np.array([day.month for day in dates])
    weights = stated.day_weights(months, np.array([day.weekday() for day in dates]))
    chosen = rng.choice(days, count, p=_shares(weights))
    return np.array([int(day.timestamp()) for day in dates])[chosen], months[chosen]


def _items(months: NDArray[np.int64], habits: Sequence[Habit], rng: np.random.Generator) -> NDArray[np.int64]:
    items = np.zeros(len(months), np.int64)
    common, rainy, winter = (
        [getattr(habit, name) for habit in habits] for name in ("weight", "rainy", "winter")
    )
    for month in range(1, 13):
        those = np.flatnonzero(months == month)
        weights = stated.item_weights(month, common, rainy, winter)
        items[those] = rng.choice(len(habits), len(those), p=_shares(weights))
    return items


def _seconds_of_day(night: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    count = len(night)
    by_day, by_night = (
        rng.choice(24, count, p=_shares(np.array(hours, float)))
        for hours in (stated.HOURS, stated.NIGHT_HOURS)
    )
    return np.where(night, by_night, by_day) * _HOUR + rng.integers(0, _HOUR, count)


def _place_weights(places: Sequence[Place]) -> NDArray[np.float64]:
    return np.array(
        [
            stated.CASES_BY_CLASS[place.urban_rural_class]
            * (stated.DEMO_FACTOR if place.parent == DEMO_COMMUNITY else 1)
            for place in places
        ]
    )


def _points(
    where: NDArray[np.int64], places: Sequence[Place], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point well inside each place: part of the way from its middle to one of its corners, where that stays inside."""
    middles = np.array([(place.lon, place.lat) for place in places])
    corners = [np.array(place.rings[0] if place.rings else [(place.lon, place.lat)]) for place in places]
    sizes = np.array([len(each) for each in corners])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    at = np.concatenate(corners)[starts[where] + (rng.random(len(where)) * sizes[where]).astype(np.int64)]
    middle = middles[where]
    points = np.round(middle + (at - middle) * np.sqrt(rng.random(len(where)))[:, None] * 0.8, 6)
    shapes = np.array(
        [shapely.Polygon(place.rings[0]) if place.rings else shapely.Point() for place in places]
    )
    shapely.prepare(shapes)
    inside = shapely.contains_xy(shapes[where], points[:, 0], points[:, 1])
    points = np.where(inside[:, None], points, middle)
    return points[:, 0], points[:, 1]
