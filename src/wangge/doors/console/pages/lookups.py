"""What several screens look up: names for codes, choices for lists, maps of places."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wangge.access import Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries as areas
from wangge.areas.queries.outlines import area_names, outlined, outlines_around, outlines_below
from wangge.cases.queries.assignees import people_at
from wangge.cases.queries.presence import desks_on, is_read
from wangge.catalogue import queries as catalogue
from wangge.doors.console import words
from wangge.doors.console.forms import Choice, Offer
from wangge.doors.console.maps import Map, draw
from wangge.doors.console.timeline import Names
from wangge.staff import queries as staff

__all__ = ["area_names"]

#: How many tiers below the seat a list of areas goes: further down it would be too long to choose from.
_TIERS_SHOWN = 2


def language() -> str:
    return translation.get_language() or ""


def areas_to_choose(viewer: Viewer, *, most: int = 400) -> list[Any]:
    """The viewer's areas and those up to two tiers below, each followed by its own, for a list to choose from."""
    chosen: dict[str, Any] = {}
    for seat in viewer.seats:
        code = seat.path.rsplit(".", 1)[-1]
        first = LEVELS.index(seat.level)
        for level in LEVELS[first : first + 1 + _TIERS_SHOWN]:
            for area in areas.areas(viewer, level=level, within=code, limit=most).items:
                chosen.setdefault(area.code, area)
    return sorted(chosen.values(), key=lambda area: area.path)[:most]


def item_choices(viewer: Viewer) -> list[Any]:
    """The current versions of all admitted items, group by group."""
    return [item.version for item in catalogue.items(viewer, state="admitted")]


def items_by_version(ids: Iterable[int]) -> dict[int, Any]:
    """The item versions of these ids, also of items that have retired."""
    return dict(catalogue.versions_by_id(ids))


def department_names() -> dict[str, str]:
    return {code: words.named(department, language()) for code, department in catalogue.departments().items()}


def post_names() -> dict[str, str]:
    return {kind.code: words.named(kind, language()) for kind in staff.post_kinds()}


def names(codes: Iterable[str], entries: Iterable[Any], people: dict[int, str]) -> Names:
    """All that a timeline names by code, fetched at once."""
    asked = {entry.after.get("handler_id") for entry in entries} - {None, *people}
    known = {**people, **staff.names_of(asked)} if asked else people
    return Names(known, area_names(codes), department_names(), post_names())


def with_departments(rows: list[Any]) -> list[Any]:
    """Tasks or summonses, each with its department, so that the page does not ask for them one by one."""
    known = catalogue.departments()
    for row in rows:
        row.department = known[row.department_id]
    return rows


def offer(case: Any, today: date, moves: list[Any]) -> Offer:
    """To whom the case may be given; nothing is asked when no step open to the viewer gives it to anyone."""
    steps = {move.step for move in moves}
    if not steps & {"dispatch", "summon", "escalate"}:
        return Offer()
    departments = tuple(
        Choice(code, words.named(department, language()))
        for code, department in catalogue.departments().items()
        if staff.offices_of(code, case.path)
    )
    if "dispatch" not in steps:
        return Offer(departments=departments)
    below = [desk for desk in desks_on(case.path) if len(desk.path) > len(case.holder_path)]
    known = area_names(code for code in case.path.split("."))
    desks = [desk for desk in below if is_read(desk, today, confidential=case.confidential)]
    people = people_at(case, today)
    called = staff.names_of(account for account, _area in people)
    return Offer(
        people=tuple(
            Choice(str(account), called.get(account, "—"), known.get(area, area)) for account, area in people
        ),
        departments=departments,
        desks=tuple(
            Choice(desk.code, known.get(desk.code, desk.code), words.label(words.OFFICES, desk.level))
            for desk in desks
        ),
    )


def map_of_place(path: str, lon: float | None, lat: float | None) -> Map | None:
    """The area that answers for a place, its neighbours, and the point."""
    area = outlined(path.rsplit(".", 1)[-1])
    if area is None or area.boundary is None:
        return None
    point = (lon, lat) if lon is not None and lat is not None else None
    shapes = [(beside, "beside") for beside in outlines_around(area)]
    return draw(
        [*shapes, (area, "own")],
        title=_("Map of {area} and its neighbours").format(area=area.name),
        point=point,
        zoom=0.62,
    )


def map_of_area(code: str) -> Map | None:
    """An area and what lies right below it."""
    area = outlined(code)
    if area is None:
        return None
    below = outlines_below(code)
    kind = "around" if any(each.boundary for each in below) else "own"
    title = _("Map of {area}").format(area=area.name)
    return draw(
        [*((each, "beside") for each in below), (area, kind)],
        title=title,
        around=[area] if area.boundary else below,
    )
