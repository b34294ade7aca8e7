"""Vector tiles of the areas' boundaries, made from the index of boxes as they are asked for. No boundary is kept in memory:
the tiles made last are, by the stamp of the boundaries, so that it is all the same whether the tree has a thousand areas or
six hundred thousand.
"""

import gzip
from collections import OrderedDict
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from wangge.areas.rules import LEVELS
from wangge.areas.rules.tiles import POINTS, POLYGONS, Layer, Tile, encoded, first_zoom, points, polygons
from wangge.base.coordinates import Datum, from_wgs84
from wangge.base.problems import NotFound

#: A level is drawn from the zoom on at which half of its areas are as wide as this.
_LEAST_PIXELS = 12
_KEPT_BYTES = 48 * 1024 * 1024
#: A shifted datum lies less than this many degrees from WGS 84.
_SHIFT = 0.02


def boundary_stamp() -> int:
    """Another number whenever a boundary has changed: part of the tiles' address, so that browsers may keep them."""
    with connection.cursor() as cursor:
        cursor.execute("select version from areas_boundarystamp")
        return int(cursor.fetchone()[0])


def area_tile(z: int, x: int, y: int, *, datum: Datum = "wgs84") -> bytes:
    """Today's areas in a tile, gzipped: the layer `areas` has their surfaces, `names` the places of their labels.

    Read by everybody signed in, as the tree is. NotFound for a tile that there is not.
    """
    try:
        tile = Tile(z, x, y)
    except ValueError as error:
        raise NotFound from error
    key = (boundary_stamp(), datum, z, x, y)
    if (kept := _kept.get(key)) is not None:
        return kept
    made = gzip.compress(_made(tile, key[0], datum), 6, mtime=0)
    _kept.put(key, made)
    return made


def _made(tile: Tile, stamp: int, datum: Datum) -> bytes:
    levels = [level for level, zoom in _zooms_at(stamp).items() if tile.z >= zoom]
    west, south, east, north = tile.edges(beyond=0 if datum == "wgs84" else _SHIFT)
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, name, level, kind, boundary_made_up, boundary::text from areas_area"
            " where box && box(point(%s, %s), point(%s, %s)) and level = any (%s) and valid_to is null"
            " and boundary is not null order by code",
            [east, north, west, south, levels],
        )
        rows = cursor.fetchall()
    if not rows:
        return b""
    shapes = shapely.from_geojson([row[5] for row in rows])
    if datum != "wgs84":
        shapes = shapely.transform(
            shapes, lambda corners: np.column_stack(from_wgs84(corners[:, 0], corners[:, 1], datum))
        )
    lons, lats = _label_places(shapes)
    surfaces, names = Layer("areas", POLYGONS), Layer("names", POINTS)
    for row, surface, place in zip(rows, polygons(tile, shapes), points(tile, lons, lats), strict=True):
        code, name, level, kind, made_up = row[:5]
        facts = {"code": code, "name": name, "level": level, "kind": kind, "made_up": made_up}
        surfaces.add(int(code), surface, facts)
        names.add(int(code), place, facts)
    return encoded([surfaces, names])


def _label_places(shapes: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle of each shape, or a place inside of those whose middle lies outside."""
    middles = shapely.centroid(shapes)
    outside = ~shapely.intersects(shapes, middles)
    middles[outside] = shapely.point_on_surface(shapes[outside])
    return shapely.get_x(middles), shapely.get_y(middles)


_zooms: tuple[int, dict[str, int]] = (0, {})


def first_zooms() -> dict[str, int]:
    """From which zoom on each level is drawn: by how large its areas are, so that it fits a city as well as a steppe."""
    return _zooms_at(boundary_stamp())


def _zooms_at(stamp: int) -> dict[str, int]:
    global _zooms  # noqa: PLW0603 - one for the whole process, as the tiles are
    if _zooms[0] != stamp:
        with connection.cursor() as cursor:
            cursor.execute(
                "select level, percentile_cont(0.5) within group (order by sqrt(area(box))) from areas_area"
                " where box is not null and valid_to is null group by level"
            )
            sides = dict(cursor.fetchall())
        _zooms = (
            stamp,
            {level: first_zoom(sides[level], _LEAST_PIXELS) for level in LEVELS if level in sides},
        )
    return _zooms[1]


class _Kept:
    """The tiles made last, up to so many bytes; threads share it."""

    def __init__(self, most: int) -> None:
        self._most, self._size, self._lock = most, 0, Lock()
        self._tiles: OrderedDict[tuple[int, str, int, int, int], bytes] = OrderedDict()

    def get(self, key: tuple[int, str, int, int, int]) -> bytes | None:
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
            return self._tiles.get(key)

    def put(self, key: tuple[int, str, int, int, int], tile: bytes) -> None:
        with self._lock:
            self._size += len(tile) - len(self._tiles.pop(key, b""))
            self._tiles[key] = tile
            while self._size > self._most:
                self._size -= len(self._tiles.popitem(last=False)[1])


_kept = _Kept(_KEPT_BYTES)
