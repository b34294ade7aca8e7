"""Several proposals looked for in the background: how far it is, stopped, what it found side by side, one of them chosen."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.plan_maps import maps_of, outlined
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries import searches


@require_GET
@screen
def plan_search(request: HttpRequest, viewer: Viewer, search_id: UUID) -> HttpResponse:
    return _page(request, viewer, search_id, {})


def _page(
    request: HttpRequest, viewer: Viewer, search_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    search = searches.search_by_id(viewer, search_id)
    found = searches.proposals_of(viewer, search)
    source = queries.plan_by_id(viewer, search.from_plan_id) if search.from_plan_id else None
    grids = [queries.grids_of(viewer, one) for one in found]
    around = [each for one, own in zip(found, grids, strict=True) for each in outlined(one, own)]
    pairs = [maps_of(one, own, title=one.name, around=around) for one, own in zip(found, grids, strict=True)]
    drawn = [after for _before, after in pairs]
    done = request.GET.get("done", "")
    shown = {
        "section": "console:plans",
        "search": search,
        "state": words.label(plan_words.SEARCH_STATES, search.state),
        "is_open": search.state in searches.OPEN,
        "percent": round(search.progress * 100),
        "problem_words": plan_words.said_of(search.problem),
        "source": source,
        "found": list(zip(found, drawn, strict=True)),
        "today": found[0].figures_today if found else {},
        "before": pairs[0][0] if pairs else None,
        "rows": [
            (
                label,
                (found[0].figures_today.get(code) if found else None),
                [one.figures.get(code) for one in found],
            )
            for code, label in plan_words.PROPOSED.items()
            if any(one.figures.get(code) is not None for one in found)
        ],
        "may_draft": queries.may_draft(viewer, search.path),
        "done": words.label(plan_words.DONE, done) if done in plan_words.DONE else "",
    }
    return present(request, "console/plan_search.html", {**shown, **facts}, status=status)


@sent_from("console:plan-search", "search_id")
@screen
def stop_search(request: HttpRequest, viewer: Viewer, search_id: UUID) -> HttpResponse:
    try:
        with transaction.atomic():
            actions.stop_search(viewer, search_id, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _page(request, viewer, search_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan-search', search_id)}?done=search-stopped")


@sent_from("console:plan", "plan_id")
@screen
def choose_proposal(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:  # noqa: ARG001 - as every page
    """Keeps this one; the other drafts of its search are withdrawn."""
    with transaction.atomic():
        actions.choose_proposal(viewer, plan_id, now=clock.now())
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=chosen")
