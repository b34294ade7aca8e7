"""Routing by page: the rules of an area, who would get what and why, and what would reach nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.base.text import clean_line
from wangge.cases import actions, queries
from wangge.cases.queries.presence import people_reading
from wangge.catalogue import queries as catalogue
from wangge.doors.console import words
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.reach import reach
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.staff import queries as staff


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def routes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The rules that hold in an area; asked, the rehearsal of a case or the check of all; sent, a rule is set or removed."""
    if request.method != "POST":
        return _page(request, viewer, {})
    area = _code(viewer, request.POST.get("area", ""))
    try:
        with transaction.atomic():
            done = _remove(request, viewer) if "remove" in request.POST else _set(request, viewer, area)
    except Problem as problem:
        more = {
            "problem": told(problem),
            "wrong": problem.facts.get("field", ""),
            "typed": request.POST,
        }
        return _page(request, viewer, more, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:routes')}?area={area}&done={done}")


def _set(request: HttpRequest, viewer: Viewer, area: str) -> str:
    typed = {name: request.POST.get(name, "") for name in ("item", "business", "hours", "tier", "department")}
    given = {name: clean_line(value, limit=30, name=name) for name, value in typed.items()}
    if given["item"]:
        given["business"] = ""
    note = clean_line(request.POST.get("note", ""), limit=120, name="note")
    actions.set_route(
        viewer, area=area, **{**given, "hours": given["hours"] or "any"}, note=note, now=clock.now()
    )
    return "set"


def _remove(request: HttpRequest, viewer: Viewer) -> str:
    try:
        route_id = int(request.POST["remove"])
    except ValueError:
        raise NotFound from None
    if not 0 < route_id < 2**31:
        raise NotFound
    actions.remove_route(viewer, route_id, now=clock.now())
    return "remove"


def _code(viewer: Viewer, given: str) -> str:
    """The area that was asked for, else that of the viewer's highest seat."""
    if code := clean_line(given, limit=16, name="area"):
        return areas.area_by_code(code).code
    seat = viewer.first_seat
    return seat.path.rsplit(".", 1)[-1] if seat else areas.roots()[0].code


def _page(request: HttpRequest, viewer: Viewer, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    area = areas.area_by_code(_code(viewer, request.POST.get("area") or asked(request, "area", 16)))
    rules = queries.rules_at(viewer, area.path)
    items = lookups.item_choices(viewer)
    now = clock.now()
    codes = area.path.split(".")  # a rule that holds here stands at one of these
    offices = catalogue.departments()
    names = Names(
        lookups.area_names(codes),
        _item_names(items),
        {code: words.named(office, lookups.language()) for code, office in offices.items()},
    )
    facts = {
        "section": "console:routes",
        "area": area,
        "above": areas.ancestors(area.path)[:-1],
        "areas": _to_choose(viewer, area),
        "rules": [_told_rule(rule, names, viewer) for rule in rules],
        "items": items,
        "businesses": words.BUSINESSES,
        "tiers": {tier: words.OFFICES[tier] for tier in ("grid", "community", "township", "county", "city")},
        "hours": words.HOURS,
        "departments": offices,
        "may_change": viewer.may(Verb.ROUTE_CHANGE, area.path),
        "may_check": _may_check(viewer, area.path),
        "done": words.ROUTE_DONE.get(asked(request, "done", 10), ""),
        "typed": {},
        "map": LiveMap(lookups.map_of_area(area.code), area=area.code, pick="lon,lat"),
    }
    facts |= _rehearsed(request, viewer, area, names, now)
    if request.GET.get("check"):
        if not _may_check(viewer, area.path):
            raise NotAllowed
        facts |= {"checked": True, "gaps": reach(viewer, items, now=now, within=area.path).gaps}
    return present(request, "console/routes.html", facts | more, status=status)


def _may_check(viewer: Viewer, path: str) -> bool:
    """The check walks all that lies below: for those who answer for it."""
    return viewer.may(Verb.ROUTE_CHANGE, path) or viewer.may(Verb.JOURNAL_READ, path)


def _to_choose(viewer: Viewer, here: Any) -> list[Any]:
    """The viewer's areas, and the one that the page is about, which may lie deeper than the list goes."""
    choices = lookups.areas_to_choose(viewer)
    return choices if any(area.code == here.code for area in choices) else [here, *choices]


def _item_names(items: list[Any]) -> dict[str, str]:
    return {version.item_id: words.named(version, lookups.language()) for version in items}


@dataclass(frozen=True, slots=True)
class Names:
    """What the codes of rules are called, asked once a page."""

    areas: Mapping[str, str]
    items: Mapping[str, str]
    departments: Mapping[str, str]

    def area(self, code: str) -> str:
        return self.areas.get(code, code)


def _told_rule(rule: Any, names: Names, viewer: Viewer) -> dict[str, Any]:
    """A rule with what its codes are called."""
    code = rule.path.rsplit(".", 1)[-1]
    business = words.label(words.BUSINESSES, rule.business) if rule.business else ""
    return {
        "id": rule.id,
        "area": names.area(code),
        "code": code,
        "what": names.items.get(rule.item, rule.item) or business,
        "hours": rule.hours,
        "tier": rule.tier,
        "department": names.departments.get(rule.department, rule.department),
        "note": rule.note,
        "may_remove": viewer.may(Verb.ROUTE_CHANGE, rule.path),
    }


def _rehearsed(
    request: HttpRequest, viewer: Viewer, area: Any, names: Names, now: datetime
) -> dict[str, Any]:
    """What would happen to such a case, when an item was asked for; a place that cannot be read is told."""
    item, lon, lat = (asked(request, name, 20) for name in ("item", "lon", "lat"))
    asked_for: dict[str, Any] = {"item": item, "lon": lon, "lat": lat}
    if not item:
        return {"asked": asked_for}
    try:
        point = _point(lon, lat)
        found = queries.rehearse_route_at(
            viewer,
            item,
            lon=point[0] if point else None,
            lat=point[1] if point else None,
            area="" if point else area.code,
            at=now,
        )
    except Problem as problem:
        return {"asked": asked_for, "not_rehearsed": told(problem)}
    office, _slash, department = found.office.partition("/")
    codes = {*found.path.split("."), found.desk.code, office} - {""}
    here = replace(names, areas={**names.areas, **lookups.area_names(codes)})
    today = now.astimezone(SHANGHAI).date()
    readers = people_reading(found.desk, today, confidential=found.confidential)
    rule = found.choice.rule
    return {
        "asked": asked_for,
        "rehearsal": {
            "place": " · ".join(here.area(code) for code in found.path.split(".")[1:]),
            "desk": here.area(found.desk.code),
            "level": found.desk.level,
            "people": sorted(staff.names_of(readers).values()),
            "office": here.area(office),
            "department": here.departments.get(department or found.choice.department, ""),
            "reached": bool(found.office),
            "rule": _told_rule(rule, here, viewer) if rule else None,
            "gave_way": [_told_rule(each, here, viewer) for each in found.choice.gave_way],
            "passed_over": [(here.area(desk.code), desk.level) for desk in found.passed_over],
        },
    }


def _point(lon: str, lat: str) -> tuple[float, float] | None:
    if not (lon or lat):
        return None
    try:
        return float(lon), float(lat)
    except ValueError:
        raise Invalid(field="lon", expected=_("degrees, as 119.36")) from None


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text
