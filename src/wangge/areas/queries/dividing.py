"""What who divides an area needs of the tree: its grids and communities with outlines, codes that were ever used, and which
grid went over into which.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from wangge.areas.models import Area, Succession
from wangge.areas.queries.places import locate

#: So often a grid is divided anew at most while a phone is without a signal.
_MOST_DIVISIONS = 5


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


def grid_now(code: str, since: datetime, lon: float | None = None, lat: float | None = None) -> str:
    """The grid that has today what was written down for the grid `code` at that moment: where it was divided anew since, or a
    division was undone, the one in which the spot lies, else the one that took most of its households. Itself where nothing changed.
    """
    for _step in range(_MOST_DIVISIONS):
        heirs = _went(code, since)
        if not heirs:
            break
        first = min(heir.at for heir in heirs)
        # Divided more than once since: the first time leads to the next.
        own = [heir.to_code for heir in heirs if heir.at == first]
        spot = locate(lon, lat).code if lon is not None and lat is not None else ""
        code, since = (spot if spot in own else own[0]), first
    return code


def grids_that_took_over(codes: Collection[str], since: datetime) -> dict[str, datetime]:
    """Grids that have today what these had at that moment, and since when; without these grids themselves."""
    found: dict[str, datetime] = {}
    waiting = [(code, since) for code in codes]
    for _step in range(_MOST_DIVISIONS):
        fresh: list[tuple[str, datetime]] = []
        for code, moment in waiting:
            for heir in _went(code, moment):
                if heir.to_code not in found:
                    found[heir.to_code] = heir.at
                    fresh.append((heir.to_code, heir.at))
        waiting = fresh
    return {code: at for code, at in found.items() if code not in set(codes)}


def _went(code: str, since: datetime) -> list[Heir]:
    """Where what this grid had at that moment went since, the most households first: by a division that holds, or back, by one that
    held then and was undone.
    """
    went = Q(from_code=code, at__gt=since, undone_at__isnull=True)
    back = Q(to_code=code, at__lte=since, undone_at__gt=since)
    return [
        Heir(code, one.to_code, one.households, one.at)
        if one.undone_at is None
        else Heir(code, one.from_code, one.households, one.undone_at)
        for one in Succession.objects.filter(went | back).order_by("-households", "id")
    ]


def taken_over(paths: Collection[str]) -> dict[str, str]:
    """Of these paths those of areas that have ended, each with who has now what belongs to it and lies nowhere: of a grid the one that
    took most of its households, or gave most of them and has them back; else the lowest area above that stands.
    """
    codes = {code for path in paths for code in path.split(".")}
    gone = set(Area.objects.filter(code__in=codes, valid_to__isnull=False).values_list("code", flat=True))
    found = {}
    for path in paths:
        above = path
        while "." in above and above.rsplit(".", 1)[-1] in gone:
            above = above.rpartition(".")[0]
        if above != path:
            found[path] = _heir(path.rsplit(".", 1)[-1]) or above
    return found


def _heir(code: str) -> str:
    """The path of the standing grid that has most of what an ended one had; empty where there is none."""
    gave = Succession.objects.filter(to_code=code, undone_at__isnull=False).order_by(
        "-undone_at", "-households", "id"
    )
    codes = [*(heir.to_code for heir in heirs_of([code])), *gave.values_list("from_code", flat=True)]
    standing = Area.objects.filter(code__in=codes, valid_to__isnull=True)
    paths = dict(standing.values_list("code", "path"))
    return next((str(paths[each]) for each in codes if each in paths), "")


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
