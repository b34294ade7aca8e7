"""What who divides an area needs of the tree: its grids and communities with outlines, codes that were ever used, and which
grid went over into which.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from wangge.areas.models import Area, Succession


@dataclass(frozen=True, slots=True)
class Heir:
    """A grid that took households over from another."""

    from_code: str
    to_code: str
    households: int
    at: datetime


def grids_within(path: str, *, kind: str = "public") -> list[Area]:
    """Today's grids at or below a path, with their outlines."""
    return list(_within(path).filter(level="grid", kind=kind, valid_to__isnull=True).order_by("code"))


def communities_within(path: str) -> list[Area]:
    """Today's communities at or below a path, with their outlines."""
    return list(_within(path).filter(level="community", valid_to__isnull=True).order_by("code"))


def grid_codes_ever(communities: Collection[str]) -> set[str]:
    """Codes of grids that these communities have or ever had: none is given twice."""
    return set(Area.objects.filter(parent_id__in=communities, level="grid").values_list("code", flat=True))


def heirs_of(codes: Collection[str], *, since: datetime | None = None) -> list[Heir]:
    """To which grids these went over, the most households first; what was undone is left out."""
    found = Succession.objects.filter(from_code__in=list(codes), undone_at__isnull=True)
    if since is not None:
        found = found.filter(at__gt=since)
    return [
        Heir(one.from_code, one.to_code, one.households, one.at)
        for one in found.order_by("-households", "id")
    ]


def lineage_of(code: str) -> tuple[list[Heir], list[Heir]]:
    """From which grids this one has its households, and to which it gave some; itself left out."""
    held = Succession.objects.filter(undone_at__isnull=True)

    def told(found: QuerySet[Succession]) -> list[Heir]:
        return [
            Heir(one.from_code, one.to_code, one.households, one.at)
            for one in found.order_by("-at", "-households", "id")[:200]
        ]

    came = told(held.filter(to_code=code).exclude(from_code=code))
    return came, told(held.filter(from_code=code).exclude(to_code=code))


def _within(path: str) -> QuerySet[Area, Any]:
    return Area.objects.filter(RawSQL("path <@ %s::ltree", [path], BooleanField()))
