"""Places that are looked at every so often; and a worker's own shifts and tracks, which nobody else reads."""

from uuid import UUID

from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.areas.queries import area_by_code
from wangge.areas.queries.outlines import area_names
from wangge.base import clock
from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.base.tables.writing import stream_csv
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import id_of, line_of, lines_of, today, whole_in
from wangge.visits import actions, queries
from wangge.visits.rules import CHECKED, EVERY_DAYS, PLACE_KINDS


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def places(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The places of an area, those due first; a new one is added by the form beside them."""
    if request.method != "POST":
        return _places(request, viewer)
    try:
        with transaction.atomic():
            _add(request, viewer)
    except Problem as problem:
        return _places(request, viewer, problem=problem)
    return HttpResponseRedirect(
        f"{resolve_url('console:places-to-check')}?area={request.POST.get('area', '')}&done=added"
    )


def _add(request: HttpRequest, viewer: Viewer) -> None:
    typed = request.POST
    name = line_of(typed, "name", 80)
    if not name:
        raise Invalid(field="name", expected=_("1 to 80 characters"))
    every = typed.get("every_days", "").strip()
    if every and not 1 <= (whole_in(every) or 0) <= 1100:
        raise Invalid(field="every_days", expected=_("a number of days from 1 to 1100"))
    new = actions.NewPlace(
        kind=line_of(typed, "kind", 20),
        name=name,
        address=line_of(typed, "address", 200),
        area=line_of(typed, "area", 16),
        every_days=whole_in(every) if every else None,
        basis=line_of(typed, "basis", 300),
    )
    actions.add_place(viewer, id_of(typed, "place_id"), new, now=clock.now())


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


def _places(request: HttpRequest, viewer: Viewer, *, problem: Problem | None = None) -> HttpResponse:
    own = [seat.path for seat in viewer.seats if Verb.PLACE_KEEP in seat.verbs and not seat.department]
    if not own:
        raise NotAllowed
    given = request.POST.get("area", "")[:16] or asked(request, "area", 16)
    path = area_by_code(given).path if given else max(own, key=lambda each: each.count("."))
    code, day = path.rsplit(".", 1)[-1], today()
    found = queries.places(viewer, path)
    facts = {
        "section": "console:places-to-check",
        "here": code,
        "here_name": area_names([code]).get(code, code),
        "areas": [a for a in lookups.areas_to_choose(viewer) if viewer.may(Verb.PLACE_KEEP, a.path)],
        "day": day,
        "found": found,
        "due": sum(place.due_on <= day for place in found),
        "may": viewer.may(Verb.PLACE_KEEP, path),
        "kinds": [(kind, EVERY_DAYS[kind]) for kind in PLACE_KINDS],
        "checked": CHECKED,
        "place_id": new_id(),
        "typed": request.POST,
        "problem": told(problem) if problem else "",
        "field": str(problem.facts.get("field", "")) if problem else "",
        "done": request.GET.get("done", ""),
    }
    return present(request, "console/places_to_check.html", facts, status=problem.status if problem else 200)


@sent_from("console:places-to-check")
@screen
def check_place(request: HttpRequest, viewer: Viewer, place_id: UUID) -> HttpResponse:
    """What somebody found there today, or that it is there no more."""
    now = clock.now()
    place = queries.place_by_id(viewer, place_id)
    if request.POST.get("found") == "gone":
        actions.close_place(viewer, place_id, now=now)
    else:
        found = actions.Found(
            place_id, line_of(request.POST, "found", 12), note=lines_of(request.POST, "note", 500)
        )
        actions.check_place(viewer, Command(id_of(request.POST, "command_id"), now), found, now=now)
    area = place.path.rsplit(".", 1)[-1]
    return HttpResponseRedirect(f"{resolve_url('console:places-to-check')}?area={area}&done=checked")


@require_safe
@screen
def my_tracks(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One's own shifts and patrols, and where they went."""
    facts = {
        "shift": queries.open_shift(viewer),
        "shifts": queries.own_shifts(viewer),
        "tracks": queries.own_tracks(viewer),
        "may_walk": any(Verb.PLACE_KEEP in seat.verbs and not seat.department for seat in viewer.seats),
        "command_id": new_id(),
        "done": request.GET.get("done", ""),
    }
    return present(request, "console/my_tracks.html", facts)


@sent_from("console:my-tracks")
@screen
def shift(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Begins the shift, or ends the one that has begun."""
    now = clock.now()
    command = Command(id_of(request.POST, "command_id"), now)
    running = queries.open_shift(viewer)
    if running and running.id != command.id:
        actions.end_shift(viewer, command, running.id, now=now)
    else:
        actions.start_shift(viewer, command, now=now)
    return HttpResponseRedirect(resolve_url("console:my-tracks"))


@sent_from("console:my-tracks")
@screen
def erase_tracks(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    actions.erase_tracks(viewer)
    return HttpResponseRedirect(f"{resolve_url('console:my-tracks')}?done=erased")


@require_safe
@screen
def tracks_file(_request: HttpRequest, viewer: Viewer, kind: str) -> HttpResponseBase:
    """One's own tracks as GeoJSON or as a table."""
    tracks = queries.own_tracks(viewer)
    answer: HttpResponseBase
    if kind == "geojson":
        answer = JsonResponse(queries.track_features(tracks), content_type="application/geo+json")
    else:
        header = ["patrol", "started_at", "seconds", "lon", "lat"]
        answer = StreamingHttpResponse(
            stream_csv(header, queries.track_rows(tracks)), content_type="text/csv; charset=utf-8"
        )
    answer["Content-Disposition"] = f'attachment; filename="tracks.{kind}"'
    answer["Cache-Control"] = "no-store"
    return answer
