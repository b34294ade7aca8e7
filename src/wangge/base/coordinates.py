"""Positions on the earth: WGS 84, and the two shifted datums of Chinese maps, GCJ-02 and BD-09.

GCJ-02 is WGS 84 moved by some hundred metres by a smooth published-by-use function of the place: a sum of sines in
metres, turned to degrees on the ellipsoid of Krasovsky 1940 (which the shift uses although WGS 84 has its own). BD-09
is GCJ-02 in polar form with a small ripple and a constant. The constants are those in general public use since 2013;
no authority has published them. Errors against real devices are a metre or two.
"""

from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

Datum = Literal["wgs84", "gcj02", "bd09"]
Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

_KRASOVSKY_A = 6_378_245.0  # semi-major axis, metres
_KRASOVSKY_EE = 0.00669342162296594323  # eccentricity, squared
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271  # the box in which the shift is applied
_BAIDU_WAVE = np.pi * 3000.0 / 180.0
_BAIDU_LON, _BAIDU_LAT = 0.0065, 0.006
# The shift changes by less than 1 % of the way one moves, so each step gains two digits: 700 m to well below 1 mm.
_STEPS = 8


@overload
def from_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]: ...
def from_wgs84(
    lon: float | Floats, lat: float | Floats, datum: Datum
) -> tuple[float | Floats, float | Floats]:
    """WGS 84 degrees to `datum`; numbers give numbers, arrays of one shape give arrays of that shape.

    Outside a box around China GCJ-02 equals WGS 84. ValueError for what is no place on the earth (NaN too) or an unknown datum.
    """
    x, y = _checked(lon, lat, datum)
    return _given_back(lon, lat, *_shifted(x, y, datum))


@overload
def to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]: ...
def to_wgs84(lon: float | Floats, lat: float | Floats, datum: Datum) -> tuple[float | Floats, float | Floats]:
    """Degrees in `datum` to WGS 84, the inverse of `from_wgs84` within a millimetre inside China.

    Within 1 km of the box's edge, which is nowhere in China, the inverse may be off by the shift itself.
    """
    x, y = _checked(lon, lat, datum)
    guess_x, guess_y = x, y
    for _ in range(0 if datum == "wgs84" else _STEPS):
        there_x, there_y = _shifted(guess_x, guess_y, datum)
        guess_x, guess_y = guess_x + (x - there_x), guess_y + (y - there_y)
    return _given_back(lon, lat, guess_x, guess_y)


@overload
def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float: ...
@overload
def distance_m(
    lon1: float | Floats, lat1: float | Floats, lon2: float | Floats, lat2: float | Floats
) -> float | Floats: ...
def distance_m(
    lon1: float | Floats, lat1: float | Floats, lon2: float | Floats, lat2: float | Floats
) -> float | Floats:
    """Metres between points in degrees along the great circle (haversine, sphere of the mean radius; within 0.6 %
    of the ellipsoid). Numbers and arrays broadcast.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half = np.sin((phi2 - phi1) / 2) ** 2
    half = half + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return float(metres) if np.ndim(metres) == 0 else metres


def _checked(lon: float | Floats, lat: float | Floats, datum: str) -> tuple[Floats, Floats]:
    if datum not in {"wgs84", "gcj02", "bd09"}:
        raise ValueError("the datum must be wgs84, gcj02 or bd09")
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if x.shape != y.shape:
        raise ValueError("as many longitudes as latitudes are needed")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a coordinate is not a number")
    # One degree to spare, since a shifted point may lie just beyond the pole or the date line.
    if (np.abs(x) > 181.0).any() or (np.abs(y) > 91.0).any():
        raise ValueError("a coordinate is not on the earth: give degrees, the longitude first")
    return x, y


def _given_back(
    lon: float | Floats, lat: float | Floats, x: Floats, y: Floats
) -> tuple[float | Floats, float | Floats]:
    if isinstance(lon, np.ndarray) or isinstance(lat, np.ndarray):
        return x, y
    return float(x), float(y)


def _shifted(x: Floats, y: Floats, datum: str) -> tuple[Floats, Floats]:
    if datum == "wgs84":
        return x, y
    inside = (x >= _WEST) & (x <= _EAST) & (y >= _SOUTH) & (y <= _NORTH)
    # At the poles a parallel has no length to divide by; the shift is not used there, so any other point will do.
    east, north = _gcj02_metres(
        np.where(inside, x - _ORIGIN_LON, 0.0), np.where(inside, y - _ORIGIN_LAT, 0.0)
    )
    phi = np.radians(np.where(inside, y, 0.0))
    squash = 1.0 - _KRASOVSKY_EE * np.sin(phi) ** 2
    meridian = _KRASOVSKY_A * (1.0 - _KRASOVSKY_EE) / squash**1.5
    parallel = _KRASOVSKY_A / np.sqrt(squash) * np.cos(phi)
    gcj_x = x + np.where(inside, np.degrees(east / parallel), 0.0)
    gcj_y = y + np.where(inside, np.degrees(north / meridian), 0.0)
    return (gcj_x, gcj_y) if datum == "gcj02" else _baidu(gcj_x, gcj_y)


def _gcj02_metres(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """How far east and north GCJ-02 moves a point at `x`, `y` degrees from 105° E 35° N."""
    root, product = np.sqrt(np.abs(x)), x * y
    ripple = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east = east + 2.0 / 3.0 * (ripple + _waves(x, ((20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north = north + 2.0 / 3.0 * (ripple + _waves(y, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))))
    return east, north


def _waves(at: Floats, waves: tuple[tuple[float, float], ...]) -> Floats:
    total = np.zeros_like(at)
    for metres, length in waves:
        total = total + metres * np.sin(np.pi * at / length)
    return total


def _baidu(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_WAVE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_WAVE)
    return radius * np.cos(angle) + _BAIDU_LON, radius * np.sin(angle) + _BAIDU_LAT
