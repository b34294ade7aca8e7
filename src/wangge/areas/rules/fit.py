"""How an outline sits among others: what it overlaps, what it leaves open, what sticks out of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely

LEAST_M2 = 1.0
"""Less than this is the rounding of degrees, no ground."""

_METRES_PER_DEGREE = 111_320.0

Outline = Mapping[str, Any]
Shared = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Square metres of ground, and whose. `overlaps` and `parts_outside` name areas by code, the largest first.

    `left_open` lay in the outline before and lies in no area of this level now; `parent_open` is what of the area above
    lies in none of its parts once this outline stands.
    """

    ground: float
    overlaps: Shared
    outside: float
    left_open: float
    parent_open: float
    parts_outside: Shared

    @property
    def faultless(self) -> bool:
        """Whether it neither overlaps, nor leaves anything open, nor cuts through what it lies in or holds."""
        return not (self.overlaps or self.outside or self.left_open or self.parts_outside)


def fit_of(
    outline: Outline,
    *,
    before: Outline | None = None,
    parent: Outline | None = None,
    beside: Mapping[str, Outline] | None = None,
    sisters: Iterable[str] = (),
    below: Mapping[str, Outline] | None = None,
) -> Fit:
    """Measures an outline (GeoJSON, WGS 84) against those around it.

    `beside` holds the areas of its level near it, by code; `sisters` names those of them that lie in the same parent.
    """
    new = _shape(outline)
    metres = _square_metres(new)
    others = {code: _shape(each) for code, each in (beside or {}).items()}
    return Fit(
        ground=metres(new),
        overlaps=_largest_first({code: metres(new & other) for code, other in others.items()}),
        outside=_counted(metres(new - _shape(parent))) if parent else 0.0,
        left_open=_counted(metres(_without(_shape(before), [new, *others.values()]))) if before else 0.0,
        parent_open=_parent_open(
            parent, [new, *(others[code] for code in sisters if code in others)], metres
        ),
        parts_outside=_largest_first(
            {code: metres(_shape(part) - new) for code, part in (below or {}).items()}
        ),
    )


def _parent_open(parent: Outline | None, parts: list[Any], metres: Any) -> float:
    return _counted(metres(_without(_shape(parent), parts))) if parent else 0.0


def _without(shape: Any, others: list[Any]) -> Any:
    return shape - shapely.union_all(others)


def _counted(ground: float) -> float:
    return ground if ground >= LEAST_M2 else 0.0


def _largest_first(ground: Mapping[str, float]) -> Shared:
    found = [(code, each) for code, each in ground.items() if each >= LEAST_M2]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _shape(outline: Outline) -> Any:
    """Outlines that are kept have been checked; a national file's may still touch themselves."""
    shape = shapely.from_geojson(orjson.dumps(outline))
    return shape if shape.is_valid else shapely.make_valid(shape)


def _square_metres(near: Any) -> Any:
    """Ground from square degrees, on the latitude of the outline: right to some per mille over a county."""
    _west, south, _east, north = near.bounds
    scale = _METRES_PER_DEGREE**2 * math.cos(math.radians((south + north) / 2))
    return lambda shape: float(shape.area) * scale
