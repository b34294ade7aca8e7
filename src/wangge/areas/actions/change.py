"""One area renamed, re-classed, given a boundary, or ended. What it was before stays as a version."""

from datetime import date, datetime
from typing import Any

from wangge.access import Verb, Viewer
from wangge.areas.models import Area, AreaVersion
from wangge.areas.queries import area_by_code
from wangge.areas.rules import (
    NAME_LENGTH,
    URBAN_RURAL_CLASSES,
    AreaEnded,
    AreaHasParts,
    DayOutOfOrder,
    shape_of,
)
from wangge.base.calendar import SHANGHAI
from wangge.base.coordinates import Datum
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.text import clean_line
from wangge.journal.actions import record


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def change_area(
    viewer: Viewer,
    code: str,
    *,
    now: datetime,
    name: str | None = None,
    urban_rural_class: str | None = None,
    on: date | None = None,
    reason: str = "",
) -> Area:
    """Renames an area or puts it in another urban-rural class ("" for none), from the day `on` (today by default).

    Its code and its place in the tree stay: another place is another area.
    """
    area = _area_to_change(viewer, code)
    day = _day(area, on, now)
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = clean_line(name, limit=NAME_LENGTH, name="name")
        if not changes["name"]:
            raise Invalid(field="name", expected=_("at least 1 character"))
    if urban_rural_class is not None:
        if urban_rural_class and urban_rural_class not in URBAN_RURAL_CLASSES:
            raise Invalid(field="urban_rural_class", expected="111, 112, 121, 122, 123, 210 or 220")
        changes["urban_rural_class"] = urban_rural_class
    before = {
        field: getattr(area, field) for field, value in changes.items() if getattr(area, field) != value
    }
    if before:
        version_of(area, day, now).save()
        after = {field: changes[field] for field in before}
        _write(area, **after, valid_from=day)
        _record(viewer, area, "area.changed", before, {**after, "on": day.isoformat()}, reason, now)
    return area


def set_boundary(
    viewer: Viewer,
    code: str,
    boundary: dict[str, Any],
    *,
    now: datetime,
    datum: Datum = "wgs84",
    made_up: bool = False,
    on: date | None = None,
    reason: str = "",
) -> Area:
    """Gives an area the outline `boundary`, a GeoJSON Polygon or MultiPolygon with degrees in `datum`.

    The journal keeps how many points it has and where it lies; the outline before stays in the area's version.
    """
    area = _area_to_change(viewer, code)
    day = _day(area, on, now)
    shape = shape_of(boundary, datum)
    if area.boundary == shape.boundary and area.boundary_made_up == made_up:
        return area
    before = {"box": area.box, "made_up": area.boundary_made_up} if area.boundary else {}
    version_of(area, day, now).save()
    _write(
        area,
        boundary=shape.boundary,
        boundary_made_up=made_up,
        box=shape.box,
        lon=shape.lon,
        lat=shape.lat,
        valid_from=day,
    )
    after = {"box": shape.box, "made_up": made_up, "datum": datum, "on": day.isoformat()}
    _record(viewer, area, "area.bounded", before, after, reason, now)
    return area


def end_area(viewer: Viewer, code: str, *, now: datetime, on: date | None = None, reason: str = "") -> Area:
    """Ends an area: from the day `on` it is no more. AreaHasParts while something below it stands.

    Who worked there and what was open there is moved by those who know of it, before.
    """
    area = _area_to_change(viewer, code)
    day = _day(area, on, now)
    parts = list(
        Area.objects.filter(parent_id=code, valid_to__isnull=True)
        .order_by("code")
        .values_list("code", flat=True)
    )
    if parts:
        raise AreaHasParts(first=parts[0], others=len(parts) - 1)
    version_of(area, day, now).save()
    _write(area, valid_to=day)
    _record(viewer, area, "area.ended", {"name": area.name}, {"on": day.isoformat()}, reason, now)
    return area


def _area_to_change(viewer: Viewer, code: str) -> Area:
    """The area under lock, when it stands and the viewer may change it."""
    area = area_by_code(code)
    if not viewer.may(Verb.AREA_CHANGE, area.path):
        raise NotAllowed
    # Asked again under lock: two changes at once must each keep the version that the other left.
    area = Area.objects.select_for_update().get(code=code)
    if area.valid_to is not None:
        raise AreaEnded(ended=area.valid_to.isoformat())
    return area


def _day(area: Area, on: date | None, now: datetime) -> date:
    today = now.astimezone(SHANGHAI).date()
    day = on or today
    if not area.valid_from <= day <= today:
        raise DayOutOfOrder(
            field="on", first=area.valid_from.isoformat(), expected=f"{area.valid_from} … {today}"
        )
    return day


def version_of(area: Area, until: date, now: datetime) -> AreaVersion:
    """What the area is until that day, not written yet."""
    return AreaVersion(
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


def _write(area: Area, **values: Any) -> None:
    for field, value in values.items():
        setattr(area, field, value)
    area.save(update_fields=list(values))


def _record(
    viewer: Viewer,
    area: Area,
    verb: str,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    now: datetime,
) -> None:
    record(
        viewer,
        verb=verb,
        subject=f"area:{area.code}",
        path=area.path,
        at=now,
        before=before,
        after=after,
        reason=reason,
    )
