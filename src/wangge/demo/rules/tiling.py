"""Dividing a polygon into parts of given weights whose shared edges are the same points to the last digit. Pure.

Points are whole numbers on a lattice. A cut puts a vertex on an edge that a neighbour may share, and rounds it: the mesh
remembers it with the edge, so that the neighbour takes the very same vertex when its outline is asked for.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Point = tuple[int, int]
Ring = tuple[Point, ...]

#: A degree of longitude against one of latitude, at the city's latitude: only for judging lengths.
SQUEEZE = 0.823
#: A cut this close to a vertex, against the size of the part, goes through the vertex.
SNAP = 0.04


@dataclass
class Mesh:
    """The edges that were cut, and where."""

    cuts: dict[tuple[Point, Point], Point] = field(default_factory=dict)

    def outline(self, ring: Ring) -> Ring:
        """The ring with every vertex that any part has on it."""
        return tuple(point for a, b in _edges(ring) for point in self._along(a, b))

    def cut_edge(self, a: Point, b: Point, at: Point) -> None:
        """Puts a vertex on the edge; `a`, `b` must be neighbours on an `outline`."""
        if at not in (a, b):
            self.cuts[min(a, b), max(a, b)] = at

    def _along(self, a: Point, b: Point) -> Iterator[Point]:
        """From `a` up to but without `b`."""
        middle = self.cuts.get((min(a, b), max(a, b)))
        if middle is None:
            yield a
        else:
            yield from self._along(a, middle)
            yield from self._along(middle, b)


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands at points of the lattice, so many at each: shared out in place of the area."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    counts: NDArray[np.float64]

    def inside(self, ring: Ring) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = shapely.intersects_xy(shapely.Polygon(ring), self.xs, self.ys)
        return found

    def share_in(self, ring: Ring) -> float:
        return float(self.counts[self.inside(ring)].sum() / self.counts.sum())

    def parted(self, ring: Ring) -> tuple["Stock", "Stock"]:
        """What stands in the ring, and the rest."""
        here = self.inside(ring)
        one, other = (Stock(self.xs[at], self.ys[at], self.counts[at]) for at in (here, ~here))
        return one, other

    def level(self, normal: tuple[float, float], share: float) -> float:
        """The height below which that share stands: in the middle between two points."""
        heights = self.xs * normal[0] + self.ys * normal[1]
        order = np.argsort(heights, kind="stable")
        below = np.cumsum(self.counts[order]) / self.counts.sum()
        last = int(np.argmin(np.abs(below[:-1] - share)))
        return float(heights[order[last : last + 2]].mean())


class _Crossing(NamedTuple):
    """Where a line meets the ring: after vertex `corner`, at `point`; `along` orders the crossings on the line."""

    along: float
    corner: int
    point: Point


class _Chord(NamedTuple):
    """A possible cut and its price: short chords make compact parts, a wrong share counts much more."""

    price: float
    first: Ring
    second: Ring
    start: _Crossing
    end: _Crossing


def divide(
    mesh: Mesh, ring: Ring, weights: Sequence[float], rng: Random, stock: Stock | None = None
) -> list[Ring]:
    """Parts of the ring, one for each weight and about as large, in order; neighbours in order lie near each other.

    With a stock each has about that share of what stands there, whatever its area. At least two points for each part.
    """
    if len(weights) == 1:
        return [ring]
    half = _middle(weights)
    first, second = _halve(mesh, ring, sum(weights[:half]) / sum(weights), rng, stock)
    one, other = stock.parted(first) if stock else (None, None)
    return divide(mesh, first, weights[:half], rng, one) + divide(mesh, second, weights[half:], rng, other)


def area(ring: Ring) -> float:
    """In lattice units squared; positive when the ring turns left."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring)) / 2


def _middle(weights: Sequence[float]) -> int:
    """Where to part the list so that both sides weigh about the same and neither is empty."""
    total, so_far, best, nearest = sum(weights), 0.0, 1, math.inf
    for count, weight in enumerate(weights[:-1], 1):
        so_far += weight
        if abs(so_far - total / 2) < nearest:
            best, nearest = count, abs(so_far - total / 2)
    return best


def _halve(mesh: Mesh, ring: Ring, share: float, rng: Random, stock: Stock | None) -> tuple[Ring, Ring]:
    """Two parts, the first with about `share` of the area or of the stock, by the best chord of a few directions."""
    ring = mesh.outline(ring)
    turn = rng.random()
    for directions in (4, 12, 48):
        angles = [math.pi * (turn + number) / directions for number in range(directions)]
        for chord in sorted(chord for angle in angles for chord in _chords(ring, share, angle, stock)):
            if all(shapely.Polygon(part).is_valid for part in (chord.first, chord.second)):
                _keep(mesh, ring, chord)
                return chord.first, chord.second
    raise ValueError("no line divides this shape")


def _keep(mesh: Mesh, ring: Ring, chord: _Chord) -> None:
    for crossing in (chord.start, chord.end):
        mesh.cut_edge(ring[crossing.corner], ring[(crossing.corner + 1) % len(ring)], crossing.point)


def _chords(ring: Ring, share: float, angle: float, stock: Stock | None) -> Iterator[_Chord]:
    """The chords on the line of this direction that leaves `share` of the area, or of the stock, on one side."""
    # The line's normal; distances are taken on the squeezed plane, where degrees are alike.
    normal = (math.cos(angle) * SQUEEZE, math.sin(angle))
    heights = [x * normal[0] + y * normal[1] for x, y in ring]
    whole = area(ring)
    level = stock.level(normal, share) if stock else _level(ring, heights, share * whole)
    size = math.sqrt(whole * SQUEEZE)
    crossings = sorted(_crossings(ring, heights, level, normal, size * SNAP))
    for start, end in zip(crossings[::2], crossings[1::2], strict=False):
        first, second = _parts(ring, start, end)
        if len(first) < 3 or len(second) < 3:
            continue
        gained = stock.share_in(first) if stock else area(first) / whole
        if abs(gained - share) > abs(1 - gained - share):
            first, second, gained = second, first, 1 - gained
        yield _Chord(
            _length(start.point, end.point) / size + 20 * abs(gained - share), first, second, start, end
        )


def _level(ring: Ring, heights: list[float], wanted: float) -> float:
    """The height below which `wanted` of the area lies."""
    low, high = float(min(heights)), float(max(heights))
    for _ in range(14):
        level = (low + high) / 2
        if _area_below(ring, heights, level) < wanted:
            low = level
        else:
            high = level
    return (low + high) / 2


def _area_below(ring: Ring, heights: list[float], level: float) -> float:
    twice = 0.0
    kept: list[tuple[float, float]] = []
    for number, (x, y) in enumerate(ring):
        before, here = heights[number - 1], heights[number]
        if (before < level) != (here < level):
            part = (level - before) / (here - before)
            from_x, from_y = ring[number - 1]
            kept.append((from_x + part * (x - from_x), from_y + part * (y - from_y)))
        if here < level:
            kept.append((x, y))
    for number, corner in enumerate(kept):
        before_x, before_y = kept[number - 1]
        twice += before_x * corner[1] - corner[0] * before_y
    return twice / 2


def _crossings(
    ring: Ring, heights: list[float], level: float, normal: tuple[float, float], near: float
) -> Iterator[_Crossing]:
    for index, (a, b) in enumerate(_edges(ring)):
        here, after = heights[index], heights[(index + 1) % len(ring)]
        if (here < level) != (after < level):
            part = (level - here) / (after - here)
            point = (round(a[0] + part * (b[0] - a[0])), round(a[1] + part * (b[1] - a[1])))
            end = min((a, b), key=lambda vertex: _length(vertex, point))
            point = end if _length(end, point) < near else point
            yield _Crossing(point[0] * -normal[1] + point[1] * normal[0], index, point)


def _parts(ring: Ring, start: _Crossing, end: _Crossing) -> tuple[Ring, Ring]:
    """Both sides of the chord, without repeated points."""
    one, other = sorted((start, end), key=lambda crossing: crossing.corner)
    inner = (one.point, *ring[one.corner + 1 : other.corner + 1], other.point)
    outer = (other.point, *ring[other.corner + 1 :], *ring[: one.corner + 1], one.point)
    return _without_repeats(inner), _without_repeats(outer)


def _without_repeats(points: Sequence[Point]) -> Ring:
    kept = [b for a, b in pairwise((points[-1], *points)) if a != b]
    return tuple(kept)


def _edges(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise((*ring, ring[0]))


def _length(a: Point, b: Point) -> float:
    return math.hypot((a[0] - b[0]) * SQUEEZE, a[1] - b[1])
