"""What several screens look up: names for codes, choices for lists, maps of places."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS, lies_in
from wangge.areas import queries as areas
from wangge.areas.queries.outlines import area_names, outlined, outlines_around, outlines_below
from wangge.cases.queries.people import People, Person, people_on
from wangge.cases.queries.presence import desks_on
from wangge.catalogue import queries as catalogue
from wangge.doors.console import words
from wangge.doors.console.forms import Choice, Offer
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.timeline import Names
from wangge.doors.maps import Map, draw
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


def items_to_type() -> tuple[Choice, ...]:
    """Codes and names of all admitted items, for a field that completes what is typed."""
    english = language() == "en"
    return tuple(Choice(code, en if english else zh) for code, zh, en in catalogue.current_names())


def items_by_version(ids: Iterable[int]) -> dict[int, Any]:
    """The item versions of these ids, also of items that have retired."""
    return dict(catalogue.versions_by_id(ids))


def item_names(ids: Iterable[int]) -> dict[int, str]:
    """What the item versions of these ids are called, in the language of the page."""
    english = language() == "en"
    return {version: en if english else zh for version, (zh, en) in catalogue.version_names(ids).items()}


def name_of_item(viewer: Viewer, code: str) -> str:
    """What the item is called now; its code when there is none."""
    found = catalogue.items(viewer, codes=(code,))
    return words.named(found[0].version, language()) if found else code


def areas_around(viewer: Viewer, code: str) -> list[Any]:
    """The viewer's areas, those on the way from them down to `code`, and what lies right below it: one tier is chosen
    after the other, so that the list stays short in a city of four thousand grids.
    """
    seats = {seat.path for seat in viewer.seats}
    path = next((path for path in [_path_of(code)] if any(lies_in(path, seat) for seat in seats)), "")
    shown: dict[str, Any] = {}
    for seat in seats:
        down_to = path if path and lies_in(path, seat) else seat
        for area in areas.ancestors(down_to):
            if lies_in(area.path, seat):
                shown[area.code] = area
        shown.update((area.code, area) for area in areas.children(down_to.rsplit(".", 1)[-1]))
    return sorted(shown.values(), key=lambda area: area.path)


def _path_of(code: str) -> str:
    """An area's path; empty when there is none."""
    found = outlined(code) if code else None
    return found.path if found else ""


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
    known = catalogue.departments() if rows else {}
    for row in rows:
        row.department = known[row.department_id]
    return rows


def offer(
    case: Any, today: date, moves: list[Any], there: People | None = None, known: Names | None = None
) -> Offer:
    """To whom the case may be given today, and who is on duty there; nothing is asked when no step gives it to anyone.

    `there` and `known` are the people on the case's path and the names of its areas, for who has them already.
    """
    steps = {move.step for move in moves}
    if not steps & {"dispatch", "summon", "escalate"}:
        return Offer()
    people = there or people_on(case.path, today)
    called = known.departments if known else department_names()
    departments = tuple(
        Choice(code, called.get(code, code), _on_duty(people.office_of(code))) for code in people.departments
    )
    if "dispatch" not in steps:
        return Offer(departments=departments)
    areas_called = known.areas if known else area_names(case.path.split("."))
    below = [desk for desk in reversed(desks_on(case.path)) if len(desk.path) > len(case.holder_path)]
    read = [
        (desk, people.at_desk(desk.code, Verb.CASE_ACCEPT, confidential=case.confidential)) for desk in below
    ]
    able = {
        each.account: each
        for desk in desks_on(case.path)
        for each in people.at_desk(desk.code, Verb.CASE_HANDLE, confidential=case.confidential)
        if not each.is_away
    }
    return Offer(
        people=tuple(
            Choice(str(account), each.name, areas_called.get(each.code, each.code))
            for account, each in sorted(able.items(), key=lambda one: -one[1].path.count("."))
        ),
        departments=departments,
        desks=tuple(
            Choice(
                desk.code,
                areas_called.get(desk.code, desk.code),
                " · ".join(filter(None, (words.label(words.OFFICES, desk.level), _on_duty(there_now)))),
            )
            for desk, there_now in read
            if any(not each.is_away for each in there_now)
        ),
    )


#: So many names of those on duty are told beside a choice; the rest as a number.
_NAMED = 3


def _on_duty(people: list[Person]) -> str:
    """Who of them is present, in words."""
    present = list(dict.fromkeys(each.name for each in people if not each.is_away))
    named = _(", ").join(present[:_NAMED])
    if len(present) > _NAMED:
        named = _("{names} and {count} more").format(names=named, count=len(present) - _NAMED)
    return _("on duty: {names}").format(names=named) if named else ""


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


def live_map_of_place(path: str, lon: float | None, lat: float | None) -> LiveMap | None:
    """The same, to be taken over by the script that shows maps."""
    drawn = map_of_place(path, lon, lat)
    point = (lon, lat) if lon is not None and lat is not None else None
    if drawn is None and point is None:
        return None
    return LiveMap(drawn, point=point, area=path.rsplit(".", 1)[-1])


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
