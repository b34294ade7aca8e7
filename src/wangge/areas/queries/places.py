"""Which grid a point is in, answered in memory. Each process loads the boundaries once and again when they have changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from wangge.areas.rules import LEVELS, Atlas, Hits, checked_point, checked_points


@dataclass(frozen=True, slots=True)
class Place:
    """The area that answers for a point. `code` is empty where no boundary holds it.

    In a grid, `border_codes` are the other grids that see the point, because it lies on their border or because boundaries
    overlap there (`overlaps`). Outside every grid it is the smallest area above that holds the point, and so with the others.
    """

    code: str
    path: str
    level: str
    border_codes: tuple[str, ...] = ()
    overlaps: bool = False


NOWHERE = Place("", "", "")


@dataclass(frozen=True, slots=True)
class _Layer:
    """The boundaries of one level, in the order of their codes."""

    level: str
    codes: NDArray[np.str_]
    paths: tuple[str, ...]
    atlas: Atlas


class Places:
    """The answers for an array of points, in its order: `codes` as an array, or one `Place` after another."""

    def __init__(self, codes: NDArray[np.str_], found: list[tuple[_Layer, NDArray[np.int64], Hits]]) -> None:
        self.codes = codes
        self._found = found

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Place]:
        return (self[position] for position in range(len(self)))

    def __getitem__(self, position: int) -> Place:
        position = range(len(self))[position]
        for layer, asked, hits in self._found:
            at = int(np.searchsorted(asked, position))
            if at < len(asked) and asked[at] == position and hits.answering[at] >= 0:
                return _place(layer, hits, at)
        return NOWHERE


def locate(lon: float, lat: float) -> Place:
    """The area that answers for a point (WGS 84 degrees); NotOnEarth for NaN and what is out of range."""
    lon, lat = checked_point(lon, lat)
    x, y = np.array([lon]), np.array([lat])
    for layer in _layers():
        hits = layer.atlas.hits(x, y)
        if hits.answering[0] >= 0:
            return _place(layer, hits, 0)
    return NOWHERE


def locate_many(lons: Any, lats: Any) -> Places:
    """The same for arrays of points, set-wise."""
    x, y = checked_points(lons, lats)
    codes = np.full(len(x), "", "U16")
    found: list[tuple[_Layer, NDArray[np.int64], Hits]] = []
    asked = np.arange(len(x))
    for layer in _layers():
        hits = layer.atlas.hits(x, y) if not found else layer.atlas.hits(x[asked], y[asked])
        held = hits.answering >= 0
        codes[asked[held]] = layer.codes[hits.answering[held]]
        found.append((layer, asked, hits))
        asked = asked[~held]
        if not len(asked):
            break
    return Places(codes, found)


def _place(layer: _Layer, hits: Hits, at: int) -> Place:
    answering = int(hits.answering[at])
    others = tuple(str(layer.codes[other]) for other in hits.others.get(at, ()))
    return Place(
        str(layer.codes[answering]), layer.paths[answering], layer.level, others, bool(hits.overlaps[at])
    )


_loading = Lock()
_loaded: tuple[int, tuple[_Layer, ...]] = (0, ())


def _layers() -> tuple[_Layer, ...]:
    """Grids first, then what lies above them, from the lowest up; loaded again when the stamp has changed.

    A stamp is never given twice, also when the transaction that took it was rolled back (migration 0002).
    """
    global _loaded  # noqa: PLW0603 - one index for the whole process
    with connection.cursor() as cursor:
        cursor.execute("select version from areas_boundarystamp")
        (stamp,) = cursor.fetchone()
    if _loaded[0] != stamp:
        with _loading:
            if _loaded[0] != stamp:
                _loaded = (stamp, _load())
    return _loaded[1]


def _load() -> tuple[_Layer, ...]:
    layers = []
    with connection.cursor() as cursor:
        for level in reversed(LEVELS):
            cursor.execute(
                "select code, path::text, boundary::text from areas_area"
                " where level = %s and boundary is not null and valid_to is null order by code",
                [level],
            )
            if rows := cursor.fetchall():
                codes, paths, outlines = zip(*rows, strict=True)
                layers.append(_Layer(level, np.array(codes), paths, Atlas(shapely.from_geojson(outlines))))
    return tuple(layers)
