"""Which area answers for a point: boundaries in memory, asked for many points at once.

Every boundary is widened by `NEAR`, so that a point on a shared edge is held by both sides although no number on a slanted
edge is exact, and none falls between two. Of the areas that hold a point the one with the lowest code answers, the others
see it. They overlap when the point lies inside one of them by more than `NEAR` while another holds it as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from wangge.areas.rules.faults import NotOnEarth

NEAR = 1e-9
"""Degrees, a tenth of a millimetre: a point no further from an edge is on it."""

_CELLS = 256  # of the lattice along each axis: a cell's number has 16 bits, which sort fastest
_AT_ONCE = 4_096  # points: what belongs to so many stays near the processor, and others get their turn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hits:
    """For each point the index of the area that answers, -1 for none; whether areas overlap there; and, by the point's
    position, the indexes of the other areas that hold it, in the order of their codes.
    """

    answering: Ints
    overlaps: NDArray[np.bool_]
    others: dict[int, tuple[int, ...]]


class Atlas:
    """Boundaries of one level with their index; the order given (that of the codes) decides who answers.

    Threads may share it: the library builds parts of its indexes at the first question, so questions wait for one another.
    """

    def __init__(self, shapes: Sequence[Any] | NDArray[Any]) -> None:
        self._shapes = np.asarray(shapes, object)
        self._edges = shapely.boundary(self._shapes)
        # Mitred, so that each corner stays a single point and the widened boundary asks no more than the plain one.
        self._wide = shapely.buffer(self._shapes, NEAR, join_style="mitre")
        shapely.prepare(self._wide)
        self._tree = shapely.STRtree(self._wide)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._shapes)

    def hits(self, lons: Floats, lats: Floats) -> Hits:
        """Who answers for each point; both arrays have one dimension and hold degrees on the earth."""
        answering = np.full(len(lons), -1, np.int64)
        overlaps = np.zeros(len(lons), np.bool_)
        others: dict[int, tuple[int, ...]] = {}
        order = _neighbours_first(lons, lats)
        for start in range(0, len(lons), _AT_ONCE):
            part = order[start : start + _AT_ONCE]
            points, areas = self._holding(lons[part], lats[part])
            answering[part[points]] = areas
            same = points[1:] == points[:-1]
            if same.any():
                shared = np.flatnonzero(np.append(same, [False]) | np.append([False], same))
                shared = shared[np.lexsort((areas[shared], points[shared]))]
                where = part[points[shared]]
                self._settle(
                    where, areas[shared], lons[where], lats[where], Hits(answering, overlaps, others)
                )
        return Hits(answering, overlaps, others)

    def _holding(self, lons: Floats, lats: Floats) -> tuple[Ints, Ints]:
        """Pairs of point and area that holds it, point by point."""
        with self._lock:
            points, areas = self._tree.query(shapely.points(lons, lats))
            held = shapely.intersects_xy(self._wide[areas], lons[points], lats[points])
        return points[held], areas[held]

    def _settle(self, where: Ints, areas: Ints, lons: Floats, lats: Floats, hits: Hits) -> None:
        """Who answers, who else sees it, and whether they overlap, for the few points that several areas hold."""
        spots = shapely.points(lons, lats)
        inside = shapely.intersects(self._shapes[areas], spots)
        deep = inside & (shapely.distance(self._edges[areas], spots) > NEAR)
        hits.overlaps[where[deep]] = True
        ends = np.append(np.flatnonzero(where[1:] != where[:-1]) + 1, len(where))
        first = 0
        for end in ends.tolist():
            hits.answering[where[first]] = areas[first]
            hits.others[int(where[first])] = tuple(areas[first + 1 : end].tolist())
            first = end


def _neighbours_first(lons: Floats, lats: Floats) -> Ints:
    """The points' order by the cell of a lattice over them all. Asked so, each boundary is read while it is still near the
    processor, which makes many points nearly twice as fast.
    """
    if len(lons) < _CELLS:
        return np.arange(len(lons))
    steps = []
    for axis in (lats, lons):
        low, high = axis.min(), axis.max()
        steps.append(((axis - low) * ((_CELLS - 1) / max(high - low, NEAR))).astype(np.uint16))
    return np.argsort(steps[0] * np.uint16(_CELLS) + steps[1], kind="stable")


def checked_points(lons: Any, lats: Any) -> tuple[Floats, Floats]:
    """Two equally long arrays of degrees; NotOnEarth, with the position of the first that is none (NaN too)."""
    try:
        x, y = np.asarray(lons, np.float64), np.asarray(lats, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotOnEarth(field="lon, lat", position=0) from error
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("as many longitudes as latitudes are needed, each in one row")
    # NaN compares as False, so it falls out with what is too large.
    good = (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)
    if not good.all():
        raise NotOnEarth(field="lon, lat", position=int(np.argmin(good)))
    return x, y


def checked_point(lon: float, lat: float) -> tuple[float, float]:
    """One point of degrees, or NotOnEarth."""
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise NotOnEarth(field="lon, lat", position=0)
    return lon, lat
