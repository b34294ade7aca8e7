"""Grids divided anew: some get another outline, some begin, some end; and all of it taken back.

Whose records go over, and who works there, is moved by those who know of it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wangge.access import Verb, Viewer
from wangge.areas.models import Area, AreaVersion, Succession
from wangge.areas.rules import AreaEnded, Shape, kind_of, path_below, shape_of
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed
from wangge.journal.actions import record

#: What of an area its version does not keep, and what is given back when a division is undone.
_KEPT = ("name", "boundary_made_up", "box", "lon", "lat")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Drawn:
    """A grid as the division has it. Without an outline, one that stands keeps its own."""

    code: str
    name: str
    community: str
    outline: Mapping[str, Any] | None = None
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class Went:
    """So many households go over from one grid to another."""

    from_code: str
    to_code: str
    households: int


def draw_grids(viewer: Viewer, drawn: Sequence[Drawn], *, now: datetime) -> dict[str, Any]:
    """Makes the grids as they are drawn, new and standing ones; gives what `give_back` and the way back need, as JSON values.

    NotAllowed, BadBoundary, Invalid for a code that another area has or had.
    """
    today = now.astimezone(SHANGHAI).date()
    standing = Area.objects.select_for_update().in_bulk([each.code for each in drawn])
    communities = Area.objects.in_bulk({each.community for each in drawn})
    before: dict[str, Any] = {}
    added = []
    for each in drawn:
        shape = shape_of(dict(each.outline)) if each.outline else None
        area = standing.get(each.code)
        if area is None:
            added.append(_begin(viewer, each, communities[each.community], shape, today, now).code)
        elif area.valid_to is not None or area.parent_id != each.community:
            raise Invalid(field="code", expected=_("a code that no area has or had"))
        elif area.name != each.name or (shape and area.boundary != shape.boundary):
            before[each.code] = _set_aside(viewer, area, today, now)
            _redraw(viewer, area, each, shape, today, now)
    return {"before": before, "added": added}


def end_grids(viewer: Viewer, codes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """Ends grids whose records have gone over; gives what `give_back` needs. AreaEnded for one that is no more."""
    today = now.astimezone(SHANGHAI).date()
    standing = Area.objects.select_for_update().in_bulk(list(codes))
    before: dict[str, Any] = {}
    for code in codes:
        area = standing.get(code)
        if area is None or area.valid_to is not None:
            raise AreaEnded(ended=area.valid_to.isoformat() if area and area.valid_to else code)
        before[code] = _set_aside(viewer, area, today, now)
        area.valid_to = max(today, area.valid_from)
        area.save(update_fields=["valid_to"])
        told = {"on": today.isoformat()}
        _record(viewer, area, "area.ended", now, before={"name": area.name}, after=told)
    return before


def keep_successions(viewer: Viewer, went: Sequence[Went], *, now: datetime) -> None:
    """Keeps which grid went over into which, by households."""
    communities = Area.objects.in_bulk({one.from_code[:12] for one in went})
    for community in communities.values():
        if not viewer.may(Verb.AREA_CHANGE, community.path):
            raise NotAllowed
    Succession.objects.bulk_create(
        Succession(
            from_code=one.from_code,
            to_code=one.to_code,
            path=communities[one.from_code[:12]].path,
            households=one.households,
            at=now,
        )
        for one in went
    )
    for community in communities.values():
        pairs = sum(one.from_code[:12] == community.code for one in went)
        _record(viewer, community, "area.divided", now, after={"pairs": pairs})


def undo_successions(viewer: Viewer, codes: Sequence[str], at: datetime, *, now: datetime) -> None:
    """What was kept of these grids at that moment holds no more."""
    for community in Area.objects.in_bulk({code[:12] for code in codes}).values():
        if not viewer.may(Verb.AREA_CHANGE, community.path):
            raise NotAllowed
        _record(viewer, community, "area.division-undone", now)
    Succession.objects.filter(at=at, from_code__in=list(codes)).update(undone_at=now)


def give_back(viewer: Viewer, before: Mapping[str, Any], *, now: datetime) -> None:
    """Gives grids the outline, name and days that they had before `draw_grids` or `end_grids`. Versions tell of both."""
    today = now.astimezone(SHANGHAI).date()
    areas = Area.objects.select_for_update().in_bulk(list(before))
    versions = AreaVersion.objects.in_bulk([was["version"] for was in before.values()])
    for code, was in before.items():
        area, version = areas[code], versions[was["version"]]
        if not viewer.may(Verb.AREA_CHANGE, area.path):
            raise NotAllowed
        _keep_version(area, max(today, area.valid_from), now)
        for name in _KEPT:
            setattr(area, name, was[name])
        area.boundary, area.valid_from, area.valid_to = version.boundary, version.valid_from, None
        area.save()
        _record(viewer, area, "area.restored", now, after={"on": today.isoformat()})


def _set_aside(viewer: Viewer, area: Area, today: date, now: datetime) -> dict[str, Any]:
    """Keeps the version, and names it beside what it does not hold."""
    if not viewer.may(Verb.AREA_CHANGE, area.path):
        raise NotAllowed
    version = _keep_version(area, max(today, area.valid_from), now)
    return {"version": version.id, **{name: getattr(area, name) for name in _KEPT}}


def _keep_version(area: Area, until: date, now: datetime) -> AreaVersion:
    return AreaVersion.objects.create(
        code=area.code,
        path=area.path,
        name=area.name,
        level=area.level,
        parent_code=area.parent_id or "",
        kind=area.kind,
        urban_rural_class=area.urban_rural_class,
        boundary=area.boundary,
        valid_from=area.valid_from,
        valid_to=until,
        recorded_at=now,
    )


def _begin(
    viewer: Viewer, drawn: Drawn, community: Area, shape: Shape | None, today: date, now: datetime
) -> Area:
    path = path_below(community.path, drawn.code)
    if not viewer.may(Verb.AREA_CHANGE, path):
        raise NotAllowed
    if community.valid_to is not None:
        raise AreaEnded(ended=community.valid_to.isoformat())
    area = Area(
        code=drawn.code,
        name=drawn.name,
        level="grid",
        parent=community,
        path=path,
        kind=kind_of(drawn.code),
        boundary_made_up=drawn.made_up,
        valid_from=today,
    )
    if shape:
        area.boundary, area.box, area.lon, area.lat = shape.boundary, shape.box, shape.lon, shape.lat
    area.save(force_insert=True)
    _record(viewer, area, "area.begun", now, after={"name": area.name, "on": today.isoformat()})
    return area


def _redraw(
    viewer: Viewer, area: Area, drawn: Drawn, shape: Shape | None, today: date, now: datetime
) -> None:
    before = {"box": area.box, "name": area.name}
    area.name, area.valid_from = drawn.name, max(today, area.valid_from)
    if shape:
        area.boundary, area.box, area.lon, area.lat = shape.boundary, shape.box, shape.lon, shape.lat
        area.boundary_made_up = drawn.made_up
    area.save()
    after = {"box": area.box, "name": area.name, "on": today.isoformat()}
    _record(viewer, area, "area.redrawn", now, before=before, after=after)


def _record(viewer: Viewer, area: Area, verb: str, now: datetime, **told: Any) -> None:
    record(viewer, verb=verb, subject=f"area:{area.code}", path=area.path, at=now, **told)
