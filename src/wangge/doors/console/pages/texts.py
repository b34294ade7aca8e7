"""Ready texts: the list by use and area, and the form of one, which shows how it reads in an example."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, Problem
from wangge.base.text import clean_line, clean_text
from wangge.cases import actions, queries
from wangge.cases.rules.texts import FIELDS, USES, UnknownTextField, check_text, fill_text
from wangge.doors.console import words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_of

_COLUMNS = ("name", "use", "text", "area")


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def texts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All that hold in the viewer's areas; a new one is added by the form beside them."""
    if request.method == "POST":
        return _save(request, viewer, id_of(request.POST, "text_id"))
    return _page(request, viewer, {"text_id": str(new_id())})


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def text(request: HttpRequest, viewer: Viewer, text_id: UUID) -> HttpResponse:
    """One of them, to change it."""
    if request.method == "POST":
        return _save(request, viewer, text_id)
    kept = queries.text_by_id(viewer, text_id)
    typed = {"name": kept.name, "use": kept.use, "text": kept.text, "area": kept.path.rsplit(".", 1)[-1]}
    return _page(request, viewer, {"text_id": str(text_id), "typed": typed, "kept": kept})


@sent_from("console:texts")
@screen
def remove(_request: HttpRequest, viewer: Viewer, text_id: UUID) -> HttpResponse:
    actions.remove_text(viewer, text_id, now=clock.now())
    return HttpResponseRedirect(f"{resolve_url('console:texts')}?done=removed")


def _save(request: HttpRequest, viewer: Viewer, text_id: UUID) -> HttpResponse:
    """Keeps it, or with `preview` only shows how it would read."""
    typed = {name: request.POST.get(name, "") for name in _COLUMNS}
    facts: dict[str, Any] = {"text_id": str(text_id), "typed": typed}
    try:
        with transaction.atomic():
            given = {
                "name": clean_line(typed["name"], limit=60, name="name"),
                "use": clean_line(typed["use"], limit=12, name="use"),
                "text": clean_text(typed["text"], limit=2_000, name="text"),
                "area": clean_line(typed["area"], limit=16, name="area"),
            }
            if "preview" in request.POST:
                check_text(given["text"])
                return _page(
                    request, viewer, {**facts, "preview": fill_text(given["text"], _example(viewer))}
                )
            actions.set_text(viewer, text_id, **given, now=clock.now())
    except Problem as problem:
        field = "text" if isinstance(problem, UnknownTextField) else str(problem.facts.get("field", ""))
        wrong = {**facts, "problem": told(problem), "field": field}
        return _page(request, viewer, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:texts')}?done=kept")


def _page(request: HttpRequest, viewer: Viewer, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    if not viewer.may_anywhere(Verb.CASE_NOTE) and not viewer.may_anywhere(Verb.TEXT_CHANGE):
        raise NotAllowed
    found = queries.texts_of(viewer)
    names = lookups.area_names({each.path.rsplit(".", 1)[-1] for each in found})
    may_change = viewer.may_anywhere(Verb.TEXT_CHANGE)
    shown = {
        "section": "console:texts",
        "groups": [
            {
                "use": use,
                "texts": [
                    (each, names.get(each.path.rsplit(".", 1)[-1], ""), viewer.may(Verb.TEXT_CHANGE, each.path))
                    for each in found
                    if each.use == use
                ],
            }
            for use in USES
        ],
        "any": bool(found),
        "may_change": may_change,
        "areas": [area for area in lookups.areas_to_choose(viewer) if viewer.may(Verb.TEXT_CHANGE, area.path)] if may_change else [],
        "uses": USES,
        "fields": [(name, words.label(words.TEXT_FIELDS, name)) for name in FIELDS],
        "typed": {"use": "answer"},
        "done": {"kept": _("The text is kept. It is offered beside the fields it is for."), "removed": _("The text is removed.")}.get(request.GET.get("done", ""), ""),
    }  # fmt: skip
    return present(request, "console/texts.html", {**shown, **facts}, status=status)


def _example(viewer: Viewer) -> dict[str, str]:
    """What the fields would hold in a made-up case."""
    seat = viewer.first_seat
    return {
        "number": "0703-260415-0001",
        "title": _("street light out"),
        "place": seat.area_name if seat else "",
        "item": _("Street lighting"),
        "due": f"{clock.now():%Y-%m-%d} 17:00",
        "waited": _("3 hours"),
        "department": seat.area_name if seat else "",
        "name": viewer.name,
        "today": f"{clock.now():%Y-%m-%d}",
    }
