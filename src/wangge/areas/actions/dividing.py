"""Grids divided anew: some get another outline, some begin, some end; and all of it taken back.

Whose records go over, and who works there, is moved by those who know of it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wangge.access import Verb, Viewer
from wangge.areas.actions.change import version_of
from wangge.areas.models import Area, AreaVersion, Succession
from wangge.areas.rules import AreaEnded, Shape, kind_of, path_below, shape_of
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed
from wangge.journal.actions import record, record_all

#: What of an area its version does not keep, and what is given back when a division is undone.
_KEPT = ("name", "boundary_made_up", "box", "lon", "lat")
_CHANGED = (*_KEPT, "boundary", "valid_from", "valid_to")
#: So many outlines are written by one statement.
_AT_ONCE = 500


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
    standing = Area.objects.select_for_update().in_bulk([each.code for each in drawn])
    communities = Area.objects.in_bulk({each.community for each in drawn})
    changes = _Changes(viewer, now)
    for each in drawn:
        shape = shape_of(dict(each.outline)) if each.outline else None
        area = standing.get(each.code)
        if area is None:
            changes.begin(each, communities[each.community], shape)
        elif area.valid_to is not None or area.parent_id != each.community:
            raise Invalid(field="code", expected=_("a code that no area has or had"))
        elif area.name != each.name or (shape and area.boundary != shape.boundary):
            changes.redraw(area, each, shape)
    before = _write(changes)
    return {"before": before, "added": [area.code for area in changes.begun]}


def end_grids(viewer: Viewer, codes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """Ends grids whose records have gone over; gives what `give_back` needs. AreaEnded for one that is no more."""
    standing = Area.objects.select_for_update().in_bulk(list(codes))
    changes = _Changes(viewer, now)
    for code in codes:
        area = standing.get(code)
        if area is None or area.valid_to is not None:
            raise AreaEnded(ended=area.valid_to.isoformat() if area and area.valid_to else code)
        changes.end(area)
    return _write(changes)


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
    areas = Area.objects.select_for_update().in_bulk(list(before))
    versions = AreaVersion.objects.in_bulk([was["version"] for was in before.values()])
    changes = _Changes(viewer, now)
    for code, was in before.items():
        changes.restore(areas[code], versions[was["version"]], was)
    _write(changes)


class _Changes:
    """Areas on their way, written together at the end: a district has hundreds of grids."""

    def __init__(self, viewer: Viewer, now: datetime) -> None:
        self.viewer, self.now, self.today = viewer, now, now.astimezone(SHANGHAI).date()
        self.begun: list[Area] = []
        self.changed: list[Area] = []
        self.versions: list[AreaVersion] = []
        self.was: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []

    def begin(self, drawn: Drawn, community: Area, shape: Shape | None) -> None:
        path = path_below(community.path, drawn.code)
        if not self.viewer.may(Verb.AREA_CHANGE, path):
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
            valid_from=self.today,
        )
        if shape:
            area.boundary, area.box, area.lon, area.lat = shape.boundary, shape.box, shape.lon, shape.lat
        self.begun.append(area)
        self._note(area, "area.begun", after={"name": area.name, "on": self.today.isoformat()})

    def redraw(self, area: Area, drawn: Drawn, shape: Shape | None) -> None:
        self._set_aside(area)
        before = {"box": area.box, "name": area.name}
        area.name, area.valid_from = drawn.name, max(self.today, area.valid_from)
        if shape:
            area.boundary, area.box, area.lon, area.lat = shape.boundary, shape.box, shape.lon, shape.lat
            area.boundary_made_up = drawn.made_up
        after = {"box": area.box, "name": area.name, "on": self.today.isoformat()}
        self._note(area, "area.redrawn", before=before, after=after)

    def end(self, area: Area) -> None:
        self._set_aside(area)
        area.valid_to = max(self.today, area.valid_from)
        told = {"on": self.today.isoformat()}
        self._note(area, "area.ended", before={"name": area.name}, after=told)

    def restore(self, area: Area, version: AreaVersion, was: Mapping[str, Any]) -> None:
        self._set_aside(area)
        for name in _KEPT:
            setattr(area, name, was[name])
        area.boundary, area.valid_from, area.valid_to = version.boundary, version.valid_from, None
        self._note(area, "area.restored", after={"on": self.today.isoformat()})

    def _set_aside(self, area: Area) -> None:
        """Keeps the version as it is, and beside it what that does not hold."""
        if not self.viewer.may(Verb.AREA_CHANGE, area.path):
            raise NotAllowed
        self.changed.append(area)
        self.was.append({name: getattr(area, name) for name in _KEPT})
        self.versions.append(version_of(area, max(self.today, area.valid_from), self.now))

    def _note(self, area: Area, verb: str, **told: Any) -> None:
        self.entries.append(
            {"verb": verb, "subject": f"area:{area.code}", "path": area.path, "at": self.now, **told}
        )


def _write(changes: _Changes) -> dict[str, Any]:
    """Writes it all; of each area that stood its version by code, and what that does not hold."""
    AreaVersion.objects.bulk_create(changes.versions, batch_size=_AT_ONCE)
    Area.objects.bulk_update(changes.changed, _CHANGED, batch_size=_AT_ONCE)
    Area.objects.bulk_create(changes.begun, batch_size=_AT_ONCE)
    record_all(changes.viewer, changes.entries)
    return {
        version.code: {"version": version.id, **was}
        for version, was in zip(changes.versions, changes.was, strict=True)
    }


def _record(viewer: Viewer, area: Area, verb: str, now: datetime, **told: Any) -> None:
    record(viewer, verb=verb, subject=f"area:{area.code}", path=area.path, at=now, **told)
