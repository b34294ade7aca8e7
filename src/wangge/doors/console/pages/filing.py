"""Filing a case: words first, the item suggested from them, the place by a point or an area. Works without a script."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.fields import FIRST_MOMENT
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, Problem
from wangge.base.text import clean_line, clean_text
from wangge.cases import actions
from wangge.cases.lifecycle import URGENCIES
from wangge.catalogue import queries as catalogue
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.shell import present, screen, told


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def file_case(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form; sent with `suggest` it comes back with suggestions, else the case is filed, once."""
    if request.method != "POST":
        return _form(request, viewer, {})
    if "suggest" in request.POST:
        return _form(request, viewer, {})
    try:
        with transaction.atomic():
            case_id = _id(request.POST)
            now = clock.now()
            report = _report(viewer, request, now)
            actions.report_case(
                viewer, case_id, report, now=now, source="desk" if _at_desk(viewer) else "worker"
            )
    except Problem as problem:
        return _form(
            request,
            viewer,
            {"problem": told(problem), "wrong": problem.facts.get("field", "")},
            status=problem.status,
        )
    return HttpResponseRedirect(f"{resolve_url('console:case', case_id)}?done=report")


@require_safe
@screen
def suggest_items(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Only the list of suggestions, for the script that asks while somebody types."""
    return present(
        request, "console/suggested.html", {"suggested": _suggested(viewer, request.GET.get("text", ""))}
    )


def _suggested(viewer: Viewer, text: str) -> list[Any]:
    """The current versions of the items that the words point to, best first."""
    words = clean_text(text[:1_000], limit=1_000, name="description")
    if not words:
        return []
    known = {version.item_id: version for version in lookups.item_choices(viewer)}
    return [known[each.code] for each in catalogue.suggestions(words)[:5] if each.code in known]


def _at_desk(viewer: Viewer) -> bool:
    return any(seat.level != "grid" for seat in viewer.seats)


def _form(request: HttpRequest, viewer: Viewer, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    typed = request.POST
    seat = viewer.first_seat
    said = f"{typed.get('title', '')}\n{typed.get('description', '')}"
    facts = {
        "section": "console:file",
        "typed": typed,
        "case_id": _id(typed),
        "begun_at": typed.get("begun_at") or clock.now().isoformat(timespec="seconds"),
        "items": lookups.item_choices(viewer),
        "suggested": _suggested(viewer, said) if typed else [],
        "areas": lookups.areas_to_choose(viewer),
        "urgencies": URGENCIES,
        "map": lookups.map_of_area(seat.path.rsplit(".", 1)[-1]) if seat else None,
    }
    return present(request, "console/file.html", {**facts, **more}, status=status)


def _id(typed: QueryDict) -> UUID:
    try:
        return UUID(typed.get("case_id", ""))
    except ValueError:
        return new_id()


def _report(viewer: Viewer, request: HttpRequest, now: datetime) -> actions.Report:
    """What was typed as a report; Invalid with the field's name for what cannot be read."""
    typed = request.POST
    title = clean_line(typed.get("title", ""), limit=200, name="title")
    if not title:
        raise Invalid(field="title", expected=_TELL["title"])
    item = clean_line(typed.get("item") or typed.get("suggested", ""), limit=20, name="item")
    if not item:
        raise Invalid(field="item", expected=_TELL["item"])
    lon, lat = _degrees(typed, "lon", 180), _degrees(typed, "lat", 90)
    if (lon is None) != (lat is None):
        raise Invalid(field="lat" if lat is None else "lon", expected=_TELL["both"])
    return actions.Report(
        item=item,
        title=title,
        description=clean_text(typed.get("description", ""), limit=4_000, name="description"),
        reported_at=_begun(typed, now),
        lon=lon,
        lat=lat,
        area=clean_line(typed.get("area", ""), limit=16, name="area"),
        address=clean_line(typed.get("address", ""), limit=200, name="address"),
        urgency=typed.get("urgency", "") if typed.get("urgency") in URGENCIES else "",
        attachments=tuple(store_files(viewer, request.FILES.getlist("file"), now=now)),
    )


def _degrees(typed: QueryDict, name: str, most: int) -> float | None:
    given = typed.get(name, "").strip()
    if not given:
        return None
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise Invalid(field=name, expected=_TELL["degrees"])
    return value


def _begun(typed: QueryDict, now: datetime) -> datetime:
    """When the form was made: it stays the same when the form is sent twice, so that the report stays the same too."""
    try:
        at = parse_datetime(typed.get("begun_at", ""))
    except ValueError:
        at = None
    return at if at and at.tzinfo and FIRST_MOMENT <= at <= now else now


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


_TELL = {
    "title": _("say in a few words what happened"),
    "item": _("choose the kind of work"),
    "both": _("longitude and latitude belong together"),
    "degrees": _("degrees, as 119.36"),
}
