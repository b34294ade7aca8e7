"""What the filing page shows while a caller speaks: kinds of work for the words, places for what is said, and what would
become of the case. Each is a part of the form for whoever works without a script, and a fragment for the script.

They are sent, not asked by address: what a caller says stands in no log.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, Problem
from wangge.base.text import clean_line, clean_text
from wangge.cases import queries
from wangge.cases.queries import FoundPlace, places_named
from wangge.cases.rules.private import private_parts
from wangge.catalogue import queries as catalogue
from wangge.doors.console import words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_in
from wangge.doors.console.timeline import Names, reasons

_SUGGESTED = 5


@require_POST
@screen
def suggest_items(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The kinds of work that the words point to, and a warning where a person's number stands in them."""
    facts = {"suggested": suggested(viewer, request.POST), "private": private_in(request.POST)}
    return present(request, "console/suggested.html", {**facts, "typed": request.POST})


@require_POST
@screen
def find_places(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What the words for the place may mean, as a listbox."""
    return present(
        request, "console/places.html", {"found_places": places(viewer, request.POST, clock.now())}
    )


@require_POST
@screen
def look_ahead(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What would become of the case as far as it is typed; a place that cannot be is told in words."""
    try:
        facts = ahead(viewer, request.POST, clock.now())
    except Problem as problem:
        facts = {"no_place": told(problem)}
    return present(request, "console/ahead.html", facts)


def said(typed: QueryDict) -> str:
    text = f"{typed.get('title', '')}\n{typed.get('description', '')}"
    return clean_text(text[:1_000], limit=1_000, name="description")


def suggested(viewer: Viewer, typed: QueryDict) -> list[Any]:
    """The current versions of the items that the words point to, best first."""
    text = said(typed)
    if not text:
        return []
    known = {version.item_id: version for version in lookups.item_choices(viewer)}
    found = catalogue.suggestions(text)[:_SUGGESTED]
    return [known[each.code] for each in found if each.code in known]


def private_in(typed: QueryDict) -> list[str]:
    """What kinds of a person's numbers seem to stand in the words, in words."""
    text = "\n".join(typed.get(name, "") for name in ("title", "description", "address"))
    return [words.label(words.PRIVATE_PARTS, kind) for kind in private_parts(text)]


def places(viewer: Viewer, typed: QueryDict, now: datetime) -> list[dict[str, Any]]:
    """Each with its names and the value by which a form without a script sends it back."""
    found = places_named(viewer, typed.get("address", ""), at=now)
    names = lookups.area_names({code for place in found for code in place.path.split(".")[-2:]})
    return [{"place": place, "aside": _aside(place, names), "value": packed(place)} for place in found]


def _aside(place: FoundPlace, names: dict[str, str]) -> str:
    """Which of several with the same name it is."""
    above = [names.get(code, code) for code in place.path.split(".")[-2:] if code != place.code]
    where = "" if place.kind == "area" else names.get(place.code, place.code)
    told_of = {
        "point": str(words.PLACE_DATUMS.get(place.datum, "")),
        "compound": _(", ").join(place.other_names),
    }
    return " · ".join(filter(None, [where, *above, told_of.get(place.kind, "")]))


def packed(place: FoundPlace) -> str:
    return json.dumps([place.lon, place.lat, place.area, place.address], ensure_ascii=False)


def place_typed(typed: QueryDict) -> dict[str, Any]:
    """The place as the form says it: one that was chosen from a list, else point and area as they stand in their fields."""
    if chosen := typed.get("found", ""):
        lon, lat, area, address = _unpacked(chosen)
    else:
        lon, lat, area = typed.get("lon", ""), typed.get("lat", ""), typed.get("area", "")
        address = typed.get("address", "")
    east, north = _degrees(lon, "lon", 180), _degrees(lat, "lat", 90)
    if (east is None) != (north is None):
        raise Invalid(field="lat" if north is None else "lon", expected=TELL["both"])
    return {
        "lon": east,
        "lat": north,
        "area": clean_line(area, limit=16, name="area"),
        "address": clean_line(address, limit=200, name="address"),
    }


def _unpacked(chosen: str) -> tuple[str, str, str, str]:
    try:
        lon, lat, area, address = json.loads(chosen[:1_000])
    except (ValueError, TypeError, RecursionError):
        raise Invalid(field="address", expected=TELL["place"]) from None
    return ("" if lon is None else str(lon), "" if lat is None else str(lat), str(area), str(address))


def _degrees(given: str, name: str, most: int) -> float | None:
    if not given.strip():
        return None
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise Invalid(field=name, expected=TELL["degrees"])
    return value


def id_typed(typed: QueryDict) -> UUID | None:
    """The id under which the form files; what it has filed already is no duplicate of itself."""
    return id_in(typed.get("case_id", ""))


def item_typed(typed: QueryDict) -> str:
    return clean_line(typed.get("item") or typed.get("suggested", ""), limit=20, name="item")


def ahead(viewer: Viewer, typed: QueryDict, now: datetime) -> dict[str, Any]:
    """The place with its people, where the case would go and why, and what may be the same; nothing without a place."""
    place = place_typed(typed)
    if place["lon"] is None and not place["area"]:
        return {}
    item = item_typed(typed)
    at = {name: place[name] for name in ("lon", "lat", "area")}
    prospect = queries.prospect(viewer, item=item, **at, at=now)
    similar = queries.similar_cases(viewer, **at, item=item, words=said(typed), at=now, but=id_typed(typed))
    codes = {*prospect.path.split("."), *prospect.border_codes}
    codes |= {code for each in similar for code in _codes_of(each.case)}
    if going := prospect.routing:
        codes |= {*going.desk.path.split("."), *(desk.code for desk in going.passed_over)}
        codes |= {going.office.partition("/")[0]}
    names = Names({}, lookups.area_names(codes), lookups.department_names(), lookups.post_names())
    return {
        "prospect": prospect,
        "place_name": " · ".join(
            names.areas.get(code, code) for code in prospect.path.split(".")[1:][::-1][:3]
        ),
        "borders": [names.areas.get(code, code) for code in prospect.border_codes],
        "desk": names.areas.get(going.desk.code, going.desk.code) if going else "",
        "office": names.office(going.office) if going and going.office else "",
        "reasons": reasons(going.why, names) if going else [],
        "obstacle": words.label(words.OBSTACLES, prospect.obstacle) if prospect.obstacle else "",
        "similar": _numbered([_known(viewer, each, names) for each in similar]),
        # Ticked until somebody unticks it; another kind of work is another offer.
        "dispatching": typed.get("offered") != prospect.department or bool(typed.get("dispatch")),
    }


def _numbered(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that may be joined, by the numbers that choose them."""
    joinable = [each for each in known if each["may_join"]]
    for number, each in enumerate(joinable[:9], 1):
        each["key"] = number
    return known


def _codes_of(case: Any) -> set[str]:
    return {case.path.rsplit(".", 1)[-1], case.holder_path.rsplit(".", 1)[-1]} | {
        key.partition("/")[0] for key in case.department_keys
    }


def _known(viewer: Viewer, each: Any, names: Names) -> dict[str, Any]:
    """A case that may be the same, with what was done about it so far."""
    case = each.case
    holder = case.holder_path.rsplit(".", 1)[-1]
    return {
        "similar": each,
        "case": case,
        "with": _(", ").join(names.office(key) for key in case.department_keys)
        or names.areas.get(holder, holder),
        "may_join": each.is_open and viewer.may_anywhere(Verb.CASE_MERGE),
    }


TELL = {
    "both": gettext_noop("longitude and latitude belong together"),
    "degrees": gettext_noop("degrees, as 119.36"),
    "place": gettext_noop("choose one of the places"),
}
