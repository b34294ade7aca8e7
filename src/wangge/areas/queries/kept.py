"""What of the tree a phone keeps: its own places with their boundaries, and the areas above them."""

from collections.abc import Collection
from typing import Any

from wangge.areas.models import Area


def kept(codes: Collection[str]) -> dict[str, dict[str, Any]]:
    """Of these areas, those that stand today. Boundaries of grids and communities only: a county's is 100 kB."""
    found = Area.objects.filter(code__in=list(codes), valid_to__isnull=True)
    return {
        area.code: {
            "name": area.name,
            "level": area.level,
            "path": area.path,
            "parent": area.parent_id,
            "kind": area.kind,
            "lon": area.lon,
            "lat": area.lat,
            "boundary": area.boundary if area.level in ("grid", "community") else None,
            "boundary_made_up": area.boundary_made_up,
        }
        for area in found
    }


def paths_within(paths: Collection[str]) -> list[str]:
    """The paths of the areas at or below these, also of those that have ended: records may still lie there."""
    if not paths:
        return []
    holds = " or ".join(["path <@ %s::ltree"] * len(paths))
    found = Area.objects.extra(where=[f"({holds})"], params=list(paths))  # noqa: S610 - conditions of this module, values as parameters
    return sorted(found.values_list("path", flat=True))
