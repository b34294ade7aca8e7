"""Views that people keep, and the columns that they like."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, Problem
from wangge.base.text import clean_line
from wangge.cases import actions
from wangge.cases.rules import USUAL_COLUMNS, tidy_columns, tidy_query
from wangge.doors.console.pages.queues import queue_page
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen, told
from wangge.doors.console.pages.typed import id_in
from wangge.staff import actions as staff


@sent_from("console:queues")
@screen
def save_view(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keeps the list as it is shown: under a new name, or, with `id`, as what the view is from now on."""
    query = tidy_query(request.POST.get("query", ""))
    kept = id_in(request.POST.get("id", "")) if request.POST.get("do") == "change" else None
    view_id = kept or new_id()
    try:
        with transaction.atomic():
            name = clean_line(request.POST.get("name", ""), limit=40, name="name")
            if not name:
                raise Invalid(field="name", expected="1–40")
            actions.save_view(
                viewer,
                view_id,
                name=name,
                query=query,
                columns=request.POST.getlist("column"),
                shared=request.POST.get("shared") == "yes",
                now=clock.now(),
            )
    except Problem as problem:
        wrong = {
            "panel": "view",
            "view_problem": told(problem),
            "typed_name": request.POST.get("name", "")[:80],
        }
        back = _with_view(query, request.POST.get("id", ""))
        return queue_page(request, viewer, back, said=wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:queues')}?{query}&view={view_id}")


@sent_from("console:queues")
@screen
def remove_view(request: HttpRequest, viewer: Viewer, view_id: UUID) -> HttpResponse:
    """The list stays as it is; only its name is gone."""
    actions.remove_view(viewer, view_id, now=clock.now())
    return HttpResponseRedirect(
        f"{resolve_url('console:queues')}?{tidy_query(request.POST.get('query', ''))}"
    )


@sent_from("console:queues")
@screen
def choose_columns(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keeps the ticked columns in their order; `earlier` and `later` move one and stay on the form, `usual` forgets all."""
    query = tidy_query(request.POST.get("query", ""))
    names = tidy_columns(request.POST.getlist("column"))
    stay = ""
    for way, step in (("earlier", -1), ("later", 1)):
        if (moved := request.POST.get(way)) in names:
            _move(names, moved, step)
            stay = "&panel=columns"
    usual = request.POST.get("do") == "usual" or tuple(names) == USUAL_COLUMNS
    staff.set_preference(viewer, "columns", None if usual else names)
    return HttpResponseRedirect(f"{resolve_url('console:queues')}?{query}{stay}")


def query_posted(request: HttpRequest) -> QueryDict:
    """The filters of the list on which a form stands."""
    return QueryDict(tidy_query(request.POST.get("query", "")))


def _move(names: list[str], moved: Any, step: int) -> None:
    at = names.index(moved)
    to = max(0, min(len(names) - 1, at + step))
    names.insert(to, names.pop(at))


def _with_view(query: str, view: str) -> QueryDict:
    back = QueryDict(query, mutable=True)
    if id_in(view):
        back["view"] = view
    return back
