"""The catalogue: what may enter the grid, what each item costs and asks, and how it came to be admitted."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.access import Verb, Viewer
from wangge.base.problems import Problem
from wangge.base.text import clean_line
from wangge.catalogue import queries, rules
from wangge.catalogue.lifecycle import STATES
from wangge.doors.console import timeline, words
from wangge.doors.console.pages import admission, lookups, refusals
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.words import BUSINESSES


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def catalogue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All items by group, narrowed in the address; sent, the form refuses work that no item admits."""
    if request.method == "POST":
        return _refuse(request, viewer)
    return _catalogue(request, viewer)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def item(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """One item: its versions, papers and the story of its admission; sent, a form takes a step of admission, adds a paper,
    or refuses work that goes beyond it.
    """
    history = queries.item_history(viewer, clean_line(code, limit=20, name="item"))
    if request.method == "POST":
        if "step" in request.POST:
            return _take(request, viewer, history)
        return _refuse(request, viewer, history)
    return _item(request, viewer, history)


def _take(request: HttpRequest, viewer: Viewer, history: queries.ItemHistory) -> HttpResponse:
    try:
        with transaction.atomic():
            return admission.take(request, viewer, history.item.code)
    except Problem as problem:
        return _item(request, viewer, history, {"not_taken": told(problem)}, status=problem.status)


def _refuse(request: HttpRequest, viewer: Viewer, history: queries.ItemHistory | None = None) -> HttpResponse:
    """Back to the page that the form stands on, also with what could not be done."""
    refusals.check_may_refuse(viewer)
    try:
        refusals.refuse(request, viewer, history.item if history else None)
    except Problem as problem:
        more = {"problem": told(problem), "wrong": problem.facts.get("field", "")}
        if history:
            return _item(request, viewer, history, more, status=problem.status)
        return _catalogue(request, viewer, more, status=problem.status)
    page = resolve_url("console:item", history.item.code) if history else resolve_url("console:catalogue")
    return HttpResponseRedirect(f"{page}?done=refuse#refuse")


def _catalogue(
    request: HttpRequest, viewer: Viewer, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    business, state = asked(request, "business", 20), asked(request, "state", 20)
    text = asked(request, "text", 100)
    items = queries.items(
        viewer,
        business=business if business in BUSINESSES else "",
        state=state if state in STATES else "",
        text=text,
    )
    facts = {
        "section": "console:catalogue",
        "found": items,
        "business": business,
        "state": state,
        "text": text,
        "filtered": bool(business or state or text),
        "businesses": BUSINESSES,
        "states": STATES,
        "burden": queries.burden(),
        "tiers": words.OFFICES,
        "may_propose": viewer.may_anywhere(Verb.ITEM_PROPOSE),
        "may_admit": viewer.may_anywhere(Verb.ITEM_ADMIT),
    }
    facts |= refusals.shown(request, viewer) | (more or {})
    return present(request, "console/catalogue.html", facts, status=status)


def _item(
    request: HttpRequest,
    viewer: Viewer,
    history: queries.ItemHistory,
    more: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    codes = timeline.codes_in(history.entries)
    facts = {
        "section": "console:catalogue",
        "history": history,
        "version": history.versions[0],
        "steps": queries.steps_for(viewer, history.item),
        "cost": queries.cost_of(history.item),
        "week": queries.WEEK_MINUTES,
        "earlier": _earlier(history.versions),
        "may_add_papers": viewer.may_anywhere(Verb.ITEM_PROPOSE) or viewer.may_anywhere(Verb.ITEM_REVIEW),
        "done": words.ADMISSION_DONE.get(request.GET.get("done", ""), ""),
        "timeline": timeline.lines(history.entries, lookups.names(codes, history.entries, {})),
    }
    facts |= refusals.shown(request, viewer) | (more or {})
    return present(request, "console/item.html", facts, status=status)


def _earlier(versions: list[Any]) -> list[tuple[Any, list[rules.Difference]]]:
    """Each version with what it said differently from the one before it, newest first; the first says everything anew."""
    rows = [queries.row_of(version) for version in versions]
    return [
        (version, rules.differences(rows[at + 1], rows[at]) if at + 1 < len(rows) else [])
        for at, version in enumerate(versions)
    ]
