"""What lies right below an area, a page at a time; how a boundary would sit; and what changed when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Count, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from wangge.access import Verb, Viewer
from wangge.areas.models import Area, AreaVersion
from wangge.areas.queries.tree import area_by_code
from wangge.areas.rules import LEVELS, Fit, Shape, fit_of, shape_of
from wangge.base.coordinates import Datum
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed, NotFound

#: More neighbours than these are not measured: an outline that meets so many is a slip.
_MOST_NEIGHBOURS = 2_000

#: What a version keeps of an area that can change.
_KEPT = ("name", "urban_rural_class", "boundary")


@dataclass(frozen=True, slots=True)
class PartPage:
    """Today's areas right below one, by code, without their boundaries; each has `has_parts`."""

    items: Sequence[Area]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class BoundaryPreview:
    """An outline that is not set yet: as it would be kept, how it sits, and what it is drawn with."""

    area: Area
    shape: Shape
    fit: Fit
    parent: Area | None
    beside: list[Area]


@dataclass(frozen=True, slots=True)
class AreaChange:
    """One change of an area: from the day `on` it was otherwise. `version` keeps how it was before.

    `changed` names what differs with how it was and how it was then; of a boundary only that it differs.
    """

    on: date
    recorded_at: datetime
    version: AreaVersion
    changed: list[tuple[str, str, str]]


def parts(viewer: Viewer, code: str, *, cursor: str | None = None, limit: int = 100) -> PartPage:  # noqa: ARG001 - the tree is read by everyone signed in
    """The areas right below one; an area may have a thousand."""
    standing = Area.objects.filter(parent_id=code, valid_to__isnull=True)
    deeper = Area.objects.filter(parent_id=OuterRef("code"), valid_to__isnull=True)
    found = standing.defer("boundary").annotate(has_parts=Exists(deeper)).order_by("code")
    if cursor:
        found = found.filter(code__gt=decode_cursor(cursor, str)[0])
    items = list(found[: limit + 1])
    following = encode_cursor((items[limit - 1].code,)) if len(items) > limit else None
    return PartPage(items[:limit], standing.count(), following)


def bounded_counts() -> dict[str, tuple[int, int]]:
    """Of each level, from the root down: how many areas there are today, and how many have a boundary."""
    counted = Area.objects.filter(valid_to__isnull=True).order_by().values_list("level")
    rows = counted.annotate(areas=Count("code"), bounded=Count("code", filter=Q(boundary__isnull=False)))
    counts = {level: (areas, bounded) for level, areas, bounded in rows}
    return {level: counts[level] for level in LEVELS if level in counts}


def boundary_preview(viewer: Viewer, code: str, outline: Any, datum: Datum = "wgs84") -> BoundaryPreview:
    """What setting this outline would do, and nothing is written. NotAllowed to whoever could not set it; BadBoundary."""
    area = area_by_code(code)
    if not viewer.may(Verb.AREA_CHANGE, area.path):
        raise NotAllowed
    shape = shape_of(outline, datum)
    parent = Area.objects.filter(code=area.parent_id).first() if area.parent_id else None
    beside = _beside(area, shape)
    below = Area.objects.filter(parent_id=code, valid_to__isnull=True, boundary__isnull=False)
    fit = fit_of(
        shape.boundary,
        before=area.boundary,
        parent=parent.boundary if parent else None,
        beside={each.code: each.boundary for each in beside if each.boundary},
        sisters=[each.code for each in beside if each.parent_id == area.parent_id],
        below={part: held for part, held in below.values_list("code", "boundary") if held},
    )
    return BoundaryPreview(area, shape, fit, parent, beside)


def _beside(area: Area, shape: Shape) -> list[Area]:
    """Areas of the same level whose boxes meet the outline's, old or new, and all of the same parent."""
    meets = RawSQL("box && %s::box or box && %s::box", [shape.box, area.box or shape.box], BooleanField())
    near = Q(meets) | Q(parent_id=area.parent_id) if area.parent_id else Q(meets)
    found = Area.objects.filter(near, level=area.level, valid_to__isnull=True, boundary__isnull=False)
    return list(found.exclude(code=area.code).order_by("code")[:_MOST_NEIGHBOURS])


def changes_of(viewer: Viewer, area: Area, *, limit: int = 50) -> list[AreaChange]:
    """What changed when, the latest first; NotAllowed to whoever may not read the area's figures."""
    _check_reads(viewer, area)
    found, then = [], _as_it_was(area)
    for version in AreaVersion.objects.filter(code=area.code).order_by("-id")[:limit]:
        was = _as_it_was(version)
        changed = [
            (
                name,
                "" if name == "boundary" else str(was[name]),
                "" if name == "boundary" else str(then[name]),
            )
            for name in _KEPT
            if was[name] != then[name]
        ]
        found.append(AreaChange(version.valid_to, version.recorded_at, version, changed))
        then = was
    return found


def version_of(viewer: Viewer, area: Area, version_id: int) -> AreaVersion:
    """How the area was then; NotAllowed as for `changes_of`, NotFound when it has no such version."""
    _check_reads(viewer, area)
    version = AreaVersion.objects.filter(code=area.code, id=version_id).first()
    if version is None:
        raise NotFound
    return version


def _check_reads(viewer: Viewer, area: Area) -> None:
    """What an area was is read by those who read its figures."""
    if not viewer.may(Verb.FIGURES_READ, area.path):
        raise NotAllowed


def _as_it_was(area: Area | AreaVersion) -> dict[str, Any]:
    return {name: getattr(area, name) for name in _KEPT}
