"""The tree as it is today, and how an area was before."""

from dataclasses import dataclass

from django.db.models import BooleanField, Count, QuerySet
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.models import Area, AreaVersion
from wangge.areas.rules import LEVELS
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotFound


@dataclass(frozen=True, slots=True)
class AreaPage:
    """Areas in the order of their codes, without their boundaries; `next` is the cursor of the page after, or None."""

    items: list[Area]
    next: str | None


def area_by_code(code: str) -> Area:
    """The area, also one that has ended; NotFound without it. The tree is read by everyone."""
    area = Area.objects.filter(code=code).first()
    if area is None:
        raise NotFound
    return area


def areas(
    viewer: Viewer,  # noqa: ARG001 - the tree is read by everyone signed in
    *,
    level: str = "",
    within: str = "",
    cursor: str | None = None,
    limit: int = 200,
) -> AreaPage:
    """Today's areas, of one level and at or below `within` where these are given. NotFound for an unknown `within`."""
    found = _standing()
    if level:
        found = found.filter(level=level)
    if within:
        found = found.filter(RawSQL("path <@ %s::ltree", [area_by_code(within).path], BooleanField()))
    if cursor:
        found = found.filter(code__gt=decode_cursor(cursor, str)[0])
    items = list(found.defer("boundary").order_by("code")[: limit + 1])
    following = encode_cursor((items[limit - 1].code,)) if len(items) > limit else None
    return AreaPage(items[:limit], following)


def ancestors(path: str) -> list[Area]:
    """The areas on a path from the root down, the last one too, without their boundaries."""
    found = Area.objects.defer("boundary").in_bulk(path.split("."))
    return [found[code] for code in path.split(".") if code in found]


def children(code: str) -> list[Area]:
    """Today's areas right below one, in the order of their codes, without their boundaries."""
    return list(_standing().filter(parent_id=code).defer("boundary").order_by("code"))


def roots() -> list[Area]:
    """Where the tree begins: one area, or none before the first import."""
    return list(_standing().filter(parent__isnull=True).defer("boundary").order_by("code"))


def root_name() -> str:
    """The name of the place that this installation serves; empty before the first import."""
    return next((root.name for root in roots()), "")


def level_counts() -> dict[str, int]:
    """How many areas each level has today, from the root down."""
    counts = dict(_standing().order_by().values_list("level").annotate(Count("code")))
    return {level: counts[level] for level in LEVELS if level in counts}


def history(viewer: Viewer, code: str) -> list[AreaVersion]:  # noqa: ARG001 - the row policy uses it
    """How the area was before each change, the latest first; only what lies in the viewer's scope."""
    return list(AreaVersion.objects.filter(code=code).order_by("-id")[:200])


def _standing() -> QuerySet[Area]:
    return Area.objects.filter(valid_to__isnull=True)
