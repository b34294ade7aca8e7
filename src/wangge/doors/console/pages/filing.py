"""Filing a case for somebody who calls: words first, then the place, then what would become of it. Works without a script.

What a form shows before it files (cases that may be the same, numbers of persons in the words) it says to have shown, in
`seen`. What it has not shown is shown first: so nobody files twice what is known, with a script or without.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotFound, Problem
from wangge.base.text import BadText, clean_line, clean_text
from wangge.cases import actions, queries
from wangge.cases.lifecycle import URGENCIES
from wangge.doors.console import words
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.ahead import (
    ahead,
    id_typed,
    item_typed,
    place_typed,
    places,
    private_in,
    suggested,
)
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_in

#: How a case comes to a desk; who walks a grid files what they saw.
DESK_SOURCES = ("hotline", "desk")
#: A call that was noted on paper is filed within so many days.
NOTED_WITHIN = timedelta(days=30)
#: A form that stood open for longer says nothing of when the caller called.
STANDS_OPEN = timedelta(days=1)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def file_case(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form. Sent with `suggest` or `look` it comes back with what was asked for, else the case is filed, once."""
    if request.method != "POST":
        return _form(request, viewer, request.GET, {})
    typed = request.POST
    if "suggest" in typed or "look" in typed:
        return _form(request, viewer, typed, {"looked": "look" in typed})
    now = clock.now()
    try:
        with transaction.atomic():
            if unseen := _unseen(viewer, typed, now):
                return _form(request, viewer, typed, {"looked": True, **unseen})
            case_id = id_typed(typed) or new_id()
            _file(viewer, request, case_id, now)
    except Problem as problem:
        more = {"problem": told(problem), "wrong": problem.facts.get("field", ""), "looked": True}
        return _form(request, viewer, typed, more, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:filed', case_id)}?done=report")


def _unseen(viewer: Viewer, typed: QueryDict, now: datetime) -> dict[str, Any]:
    """What the form has not shown yet and must: likely duplicates, and numbers of persons; nothing when there is none."""
    seen = set(typed.getlist("seen"))
    private = private_in(typed)
    more: dict[str, Any] = {"private": private, "stop": True} if private and "private" not in seen else {}
    found = ahead(viewer, typed, now).get("similar", [])
    likely = [each for each in found if each["similar"].is_open and each["similar"].same_item]
    if "into" not in typed and any(str(each["case"].id) not in seen for each in likely):
        more |= {"doubles": True, "stop": True}
    return more


def _file(viewer: Viewer, request: HttpRequest, case_id: UUID, now: datetime) -> None:
    """As a new case, dispatched at once where that was ticked, or as one more report of a known case."""
    typed = request.POST
    report = _report(viewer, request, now)
    source = _source(viewer, typed)
    if into := typed.get("into", ""):
        known = id_in(into)
        if known is None:
            raise Invalid(field="into", expected=_TELL["into"])
        again = _("The same was reported again as {number}; that report was merged into this case.")
        actions.report_into(viewer, case_id, report, into=known, again=again, now=now, source=source)
    elif department := clean_line(typed.get("dispatch", ""), limit=30, name="dispatch"):
        actions.report_and_dispatch(viewer, case_id, report, departments=[department], now=now, source=source)
    else:
        actions.report_case(viewer, case_id, report, now=now, source=source)


@require_safe
@screen
def filed(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """The number, large, to tell the caller; who has the case now; and the way to the next call."""
    case = queries.case_by_id(viewer, case_id)
    codes = {case.path.rsplit(".", 1)[-1], case.holder_path.rsplit(".", 1)[-1]}
    codes |= {key.partition("/")[0] for key in case.department_keys}
    names = lookups.names(codes, [], {})
    into = queries.case_by_id(viewer, case.merged_into_id) if case.merged_into_id else None
    facts = {
        "section": "console:file",
        "case": case,
        "into": into,
        "area": names.areas.get(case.path.rsplit(".", 1)[-1], ""),
        "holder": names.areas.get(case.holder_path.rsplit(".", 1)[-1], ""),
        "offices": _(", ").join(names.office(key) for key in case.department_keys),
    }
    return present(request, "console/filed.html", facts)


def _form(
    request: HttpRequest, viewer: Viewer, typed: QueryDict, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    seat = viewer.first_seat
    facts = {
        "section": "console:file",
        "typed": typed,
        "place": place_shown(typed),
        "case_id": id_typed(typed) or new_id(),
        "begun_at": typed.get("begun_at") or now.isoformat(timespec="seconds"),
        "items": lookups.item_choices(viewer),
        "suggested": _suggested(viewer, typed),
        "areas": lookups.areas_to_choose(viewer),
        "urgencies": URGENCIES,
        "sources": {code: words.SOURCES[code] for code in DESK_SOURCES} if _at_desk(viewer) else {},
        "source": _source(viewer, typed),
        "earliest": _local(now - NOTED_WITHIN),
        "latest": _local(now),
        "map": _map(seat.path.rsplit(".", 1)[-1]) if seat else None,
    }
    return present(
        request, "console/file.html", {**facts, **_looked(viewer, typed, more, now), **more}, status=status
    )


def _suggested(viewer: Viewer, typed: QueryDict) -> list[Any]:
    """Nothing for words that cannot be kept: what is wrong with them is told when they are filed, and they stay typed."""
    try:
        return suggested(viewer, typed) if typed else []
    except BadText:
        return []


def _looked(viewer: Viewer, typed: QueryDict, more: dict[str, Any], now: datetime) -> dict[str, Any]:
    """For a form that was sent without a script: the places that were meant, and what would become of the case."""
    if not (more.get("looked") or typed.get("lon") or typed.get("area")):
        return {}
    try:
        found = ahead(viewer, typed, now)
    except Problem as problem:
        found = {"no_place": told(problem)}
    if found or typed.get("found"):
        return {**found, "place": place_shown(typed)}
    try:
        return {"found_places": places(viewer, typed, now), "asked_place": typed.get("address", "")}
    except BadText as problem:
        return {"no_place": told(problem)}


def place_shown(typed: QueryDict) -> dict[str, Any]:
    """What the fields of the place hold: as typed, or what was chosen from the list."""
    as_typed = {name: typed.get(name, "") for name in ("lon", "lat", "area", "address")}
    if not typed.get("found"):
        return as_typed
    try:
        return {name: "" if value is None else value for name, value in place_typed(typed).items()}
    except Problem:
        return as_typed


def _map(code: str) -> LiveMap:
    return LiveMap(lookups.map_of_area(code), pick="lon,lat")


def _at_desk(viewer: Viewer) -> bool:
    return any(seat.level != "grid" for seat in viewer.seats)


def _source(viewer: Viewer, typed: QueryDict) -> str:
    if not _at_desk(viewer):
        return "worker"
    given = typed.get("source", "")
    return given if given in DESK_SOURCES else DESK_SOURCES[0]


def _report(viewer: Viewer, request: HttpRequest, now: datetime) -> actions.Report:
    """What was typed as a report; Invalid with the field's name for what cannot be read."""
    typed = request.POST
    title = clean_line(typed.get("title", ""), limit=200, name="title")
    if not title:
        raise Invalid(field="title", expected=_TELL["title"])
    item = item_typed(typed)
    if not item:
        raise Invalid(field="item", expected=_TELL["item"])
    return actions.Report(
        item=item,
        title=title,
        description=clean_text(typed.get("description", ""), limit=4_000, name="description"),
        reported_at=_reported_at(viewer, typed, now),
        urgency=typed.get("urgency", "") if typed.get("urgency") in URGENCIES else "",
        attachments=tuple(store_files(viewer, request.FILES.getlist("file"), now=now)),
        **place_typed(typed),
    )


def _reported_at(viewer: Viewer, typed: QueryDict, now: datetime) -> datetime:
    """When the caller called: as was said, else when the form was made, which stays the same when it is sent twice.

    Of a form that stood open for too long it is now; sent again, it is what it was the first time.
    """
    if said := typed.get("called_at", "").strip():
        try:
            called = parse_datetime(said)
        except ValueError:
            called = None
        called = called.replace(tzinfo=SHANGHAI) if called and called.tzinfo is None else called
        if called is None or not now - NOTED_WITHIN <= called <= now:
            raise Invalid(field="called_at", expected=_TELL["called_at"])
        return called
    try:
        begun = parse_datetime(typed.get("begun_at", ""))
    except ValueError:
        begun = None
    if begun and begun.tzinfo and now - STANDS_OPEN <= begun <= now:
        return begun
    return _filed_at(viewer, id_typed(typed)) or now


def _filed_at(viewer: Viewer, case_id: UUID | None) -> datetime | None:
    try:
        return queries.case_by_id(viewer, case_id).reported_at if case_id else None
    except NotFound:
        return None


def _local(at: datetime) -> str:
    """As a field for a day and time has it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


_TELL = {
    "title": gettext_noop("say in a few words what happened"),
    "item": gettext_noop("choose the kind of work"),
    "into": gettext_noop("choose one of the known cases"),
    "called_at": gettext_noop("a moment of the last 30 days"),
}
