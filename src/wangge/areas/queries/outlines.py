"""What a map draws and a list names: areas with their boundaries, and the names of many areas at once."""

import re
from collections.abc import Iterable

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from wangge.areas.models import Area

#: More outlines than these make no map that a person reads.
MOST = 400


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of these areas, also of those that have ended."""
    return dict(Area.objects.filter(code__in=set(codes)).values_list("code", "name"))


def outlined(code: str) -> Area | None:
    """The area with its boundary; None when it is unknown."""
    return Area.objects.filter(code=code).first()


def outlines_around(area: Area) -> list[Area]:
    """Today's areas of the same level on a map twice as wide as this one, without itself: its neighbours."""
    if not area.box:
        return []
    on_map = RawSQL("box && %s::box", [_widened(area.box)], BooleanField())
    beside = Area.objects.filter(on_map, level=area.level, valid_to__isnull=True)
    return list(beside.exclude(code=area.code).order_by("code")[:MOST])


def outlines_below(code: str) -> list[Area]:
    """Today's areas right below one, with their boundaries."""
    return list(Area.objects.filter(parent_id=code, valid_to__isnull=True).order_by("code")[:MOST])


def _widened(box: str) -> str:
    """`(east,north),(west,south)` with half its width and height added on each side."""
    east, north, west, south = (float(edge) for edge in re.findall(r"[^(),]+", box))
    wide, high = (east - west) / 2, (north - south) / 2
    return f"({east + wide},{north + high}),({west - wide},{south - high})"
