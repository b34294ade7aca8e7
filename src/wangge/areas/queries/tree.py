"""The tree as it is today, and how an area was before."""

import re
from dataclasses import dataclass

from django.db.models import BooleanField, Count, QuerySet
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.models import Area, AreaVersion
from wangge.areas.rules import LEVELS
from wangge.base.paging import BadCursor, decode_cursor, encode_cursor
from wangge.base.problems import NotFound

_CODES = re.compile(r"[0-9]{12,16}(\.[0-9]{12,16}){0,6}")


@dataclass(frozen=True, slots=True)
class AreaPage:
    """Areas in the order of the tree, without their boundaries; `next` is the cursor of the page after, or None."""

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
    key, after = ("code", "code > %s") if _few_or_anywhere(level, within) else ("path", "path > %s::ltree")
    if level:
        found = found.filter(level=level)
    if within:
        # As a range too: the index of paths then gives them in their order, wherever the page begins.
        path = area_by_code(within).path
        found = found.filter(
            _holds("path <@ %s::ltree and path >= %s::ltree and path <= %s::ltree", path, path, f"{path}.z")
        )
    if cursor:
        found = found.filter(_holds(after, _key_in(cursor)))
    items = list(found.defer("boundary").order_by(key)[: limit + 1])
    following = encode_cursor((getattr(items[limit - 1], key),)) if len(items) > limit else None
    return AreaPage(items[:limit], following)


def _few_or_anywhere(level: str, within: str) -> bool:
    """Whether the index of levels serves best: a nation has 3,000 counties, but 600,000 communities to look through."""
    return bool(level) and (not within or LEVELS.index(level) <= LEVELS.index("county"))


def _holds(condition: str, *values: str) -> RawSQL:
    return RawSQL(condition, values, BooleanField())  # noqa: S611 - conditions of this module, values as parameters


def _key_in(cursor: str) -> str:
    key = str(decode_cursor(cursor, str)[0])
    if not _CODES.fullmatch(key):
        raise BadCursor
    return key


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
