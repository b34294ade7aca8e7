"""Vector tiles of areas as Mapbox Vector Tiles 2.1: the square of a zoom, boundaries snapped to it, and the bytes.

Boundaries are simplified by snapping their corners to a lattice and by that alone, so that neighbours which share corners
still share them afterwards: no gap opens between two areas, or between the levels above one another. Corners on a straight
line are left out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4_096
"""Units along each edge of a tile."""
LAST_ZOOM = 14
"""Tiles end here, with 0.6 m a unit at the equator; maps enlarge them beyond."""
PIXELS = 512
"""How wide a tile stands on a screen at its own zoom."""

_BUFFER = 64  # units drawn beyond each edge, so that no line shows where a tile ends
_STEP = 4  # units of the lattice: half a pixel. In the last zoom every unit counts
_MOST_LATITUDE = 85.051129
_MOVE, _LINE, _CLOSE = 9, 2, 15  # commands; the count of lines stands above the lowest three bits

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of the map; ValueError when there is none of this address."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= LAST_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z):
            raise ValueError("there is no such tile")

    def edges(self, beyond: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees, with so many degrees more on each side as the buffer and `beyond`."""
        spare = _BUFFER / EXTENT
        west, east = (_longitude((self.x + side) / (1 << self.z)) for side in (-spare, 1 + spare))
        north, south = (_latitude((self.y + side) / (1 << self.z)) for side in (-spare, 1 + spare))
        return west - beyond, south - beyond, east + beyond, north + beyond


@dataclass(slots=True)
class Layer:
    """The features of one layer: the bytes of each one's geometry, its number and its properties."""

    name: str
    kind: int
    features: list[tuple[int, bytes, Mapping[str, str | bool]]] = field(default_factory=list)

    def add(self, number: int, geometry: bytes, properties: Mapping[str, str | bool]) -> None:
        if geometry:
            self.features.append((number, geometry, properties))


POINTS, POLYGONS = 1, 3


def first_zoom(side: float, least_pixels: float) -> int:
    """The first zoom at which something `side` degrees wide stands at least so many pixels wide; the last at most."""
    if side <= 0:
        return LAST_ZOOM
    return max(0, min(LAST_ZOOM, math.ceil(math.log2(least_pixels * 360 / PIXELS / side))))


def polygons(tile: Tile, shapes: Shapes) -> list[bytes]:
    """The geometry of each shape (degrees) in the tile; empty where nothing of it can be seen."""
    drawn = shapely.clip_by_rect(
        shapely.transform(shapes, lambda corners: _units(tile, corners)),
        -_BUFFER,
        -_BUFFER,
        EXTENT + _BUFFER,
        EXTENT + _BUFFER,
    )
    # On the screen y grows downwards, so that the outer ring must run clockwise there.
    parts, owners = shapely.get_parts(drawn, return_index=True)
    whole = shapely.get_type_id(parts) == 3
    parts = shapely.orient_polygons(parts[whole], exterior_cw=False)
    owners = owners[whole]
    outers = shapely.get_exterior_ring(parts)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    # An outer ring stands first among the rings of its part.
    is_outer = np.append([True], of_part[1:] != of_part[:-1]) if len(outers) else np.zeros(0, np.bool_)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    step = 1 if tile.z == LAST_ZOOM else _STEP
    return _commands(_snapped(corners, step), of_ring, owners[of_part], is_outer, len(shapes))


def points(tile: Tile, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> list[bytes]:
    """The geometry of each point; empty for those of other tiles, so that each stands in one alone."""
    at = _units(tile, np.column_stack([lons, lats]))
    inside: NDArray[np.bool_] = np.all((at >= 0) & (at < EXTENT), axis=1)
    snapped = np.floor(at).astype(np.int64)
    return [
        b"\x09" + _number(x << 1) + _number(y << 1) if held else b""
        for (x, y), held in zip(snapped.tolist(), inside.tolist(), strict=True)
    ]


def encoded(layers: Sequence[Layer]) -> bytes:
    """The tile's bytes; empty layers are left out."""
    return b"".join(_field(3, _layer(layer)) for layer in layers if layer.features)


def _units(tile: Tile, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees to units of the tile (web Mercator), y downwards."""
    scale = float(EXTENT << tile.z)
    phi = np.radians(np.clip(corners[:, 1], -_MOST_LATITUDE, _MOST_LATITUDE))
    x = (corners[:, 0] + 180.0) / 360.0 * scale - tile.x * EXTENT
    y = (0.5 - np.arcsinh(np.tan(phi)) / (2 * np.pi)) * scale - tile.y * EXTENT
    return np.column_stack([x, y])


def _longitude(part: float) -> float:
    return part * 360.0 - 180.0


def _latitude(part: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * part))))


def _snapped(corners: NDArray[np.float64], step: int) -> Ints:
    return np.floor(corners / step + 0.5).astype(np.int64) * step


def _commands(
    corners: Ints, of_ring: Ints, owners: Ints, is_outer: NDArray[np.bool_], count: int
) -> list[bytes]:
    """The commands of all rings at once; `owners` and `is_outer` by ring."""
    corners, of_ring = _thinned(corners, of_ring)
    corners, of_ring = _with_surface(corners, of_ring, is_outer)
    answers = [b""] * count
    if not len(corners):
        return answers
    starts = np.flatnonzero(np.append([True], of_ring[1:] != of_ring[:-1]))
    sizes = np.diff(np.append(starts, len(of_ring)))
    owner = owners[of_ring[starts]]
    first_of_owner = np.append([True], owner[1:] != owner[:-1])
    # Each corner is told as the way from the one before; closing a ring does not move the pen.
    before = np.vstack([[0, 0], corners[:-1]])
    before[starts[first_of_owner]] = 0
    moves = _zigzag(corners - before)
    lengths = 2 * sizes + 3
    bases = np.append([0], np.cumsum(lengths))
    told = np.zeros(bases[-1], np.uint64)
    told[bases[:-1]] = _MOVE
    told[bases[:-1] + 3] = ((sizes - 1) << 3 | _LINE).astype(np.uint64)
    told[bases[1:] - 1] = _CLOSE
    nth = np.arange(len(corners)) - np.repeat(starts, sizes)
    at = np.repeat(bases[:-1], sizes) + np.where(nth == 0, 1, 2 + 2 * nth)
    told[at], told[at + 1] = moves[:, 0], moves[:, 1]
    raw, ends = _varints(told)
    first = bases[:-1][first_of_owner]
    last = np.append(first[1:], bases[-1])
    offsets = np.append([0], ends)
    for number, begin, end in zip(owner[first_of_owner].tolist(), offsets[first], offsets[last], strict=True):
        answers[number] = raw[begin:end]
    return answers


def _thinned(corners: Ints, of_ring: Ints) -> tuple[Ints, Ints]:
    """Without a ring's closing corner, without repeated ones, and without those on a line between their neighbours."""
    for straight in (False, True):
        if not len(corners):
            break
        before, after = _neighbours(of_ring)
        come = corners - corners[before]
        kept = come.any(axis=1)
        if straight:
            go = corners[after] - corners
            kept &= come[:, 0] * go[:, 1] != come[:, 1] * go[:, 0]
        corners, of_ring = corners[kept], of_ring[kept]
    return corners, of_ring


def _neighbours(of_ring: Ints) -> tuple[Ints, Ints]:
    """The corner before and after each, around its ring."""
    starts = np.flatnonzero(np.append([True], of_ring[1:] != of_ring[:-1]))
    ends = np.append(starts[1:], len(of_ring)) - 1
    before, after = np.arange(-1, len(of_ring) - 1), np.arange(1, len(of_ring) + 1)
    before[starts], after[ends] = ends, starts
    return before, after


def _with_surface(corners: Ints, of_ring: Ints, is_outer: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Only rings that still have a surface, on the side on which they had it before they were snapped."""
    if not len(corners):
        return corners, of_ring
    _, after = _neighbours(of_ring)
    cross = corners[:, 0] * corners[after, 1] - corners[after, 0] * corners[:, 1]
    surface = np.bincount(of_ring, cross, len(is_outer))
    kept = np.where(is_outer, surface > 0, surface < 0)[of_ring]
    return corners[kept], of_ring[kept]


def _zigzag(values: Ints) -> NDArray[np.uint64]:
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def _varints(values: NDArray[np.uint64]) -> tuple[bytes, Ints]:
    """All values as protobuf's variable-length numbers, and where each ends. Below 2**35, as all numbers of a tile are."""
    places = np.arange(5, dtype=np.uint64) * np.uint64(7)
    pieces = (values[:, None] >> places) & np.uint64(0x7F)
    lengths = np.maximum(1, 5 - np.argmax((values[:, None] >> places[::-1]) > 0, axis=1))
    lengths[values == 0] = 1
    nth = np.arange(5)
    pieces |= np.where(nth < lengths[:, None] - 1, np.uint64(0x80), np.uint64(0))
    return pieces.astype(np.uint8)[nth < lengths[:, None]].tobytes(), np.cumsum(lengths)


_SMALL = [bytes([value]) for value in range(0x80)]


def _number(value: int) -> bytes:
    if value < 0x80:
        return _SMALL[value]
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    told.append(value)
    return bytes(told)


def _field(number: int, content: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(content)) + content


def _layer(layer: Layer) -> bytes:
    keys: dict[str, int] = {}
    values: dict[str | bool, int] = {}
    told = [_field(1, layer.name.encode())]
    for number, geometry, properties in layer.features:
        tags = b"".join(
            _number(keys.setdefault(key, len(keys))) + _number(values.setdefault(value, len(values)))
            for key, value in properties.items()
        )
        told.append(
            _field(
                2,
                b"\x08"
                + _number(number)
                + _field(2, tags)
                + b"\x18"
                + _number(layer.kind)
                + _field(4, geometry),
            )
        )
    told += [_field(3, key.encode()) for key in keys]
    told += [_field(4, _value(value)) for value in values]
    return b"".join([*told, b"\x28", _number(EXTENT), b"\x78\x02"])


def _value(value: str | bool) -> bytes:
    return b"\x38" + _number(value) if isinstance(value, bool) else _field(1, value.encode())
