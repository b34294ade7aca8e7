"""Streets and barriers of areas: what is known, a file sent and how its reading goes, what is known no more."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import line_of, uploaded
from wangge.doors.maps import draw, with_lines
from wangge.plans import actions, lifecycle
from wangge.plans.queries import ground as queries
from wangge.plans.queries import plans
from wangge.plans.rules.ground import MOST_BYTES, MOST_SECONDS


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def plan_grounds(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is known of the viewer's areas, and what is being read; who divides sends a file."""
    if request.method != "POST":
        return _page(request, viewer, {})
    try:
        with transaction.atomic(), uploaded(request) as file:
            actions.send_ground(viewer, area=line_of(request.POST, "area", 16), file=file, now=clock.now())
    except NotAllowed:
        raise
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": problem.facts.get("field", "")}
        return _page(request, viewer, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan-grounds')}?done=ground-sent#readings")


@sent_from("console:plan-grounds")
@screen
def remove_ground(request: HttpRequest, viewer: Viewer, ground_id: UUID) -> HttpResponse:
    try:
        with transaction.atomic():
            actions.remove_ground(viewer, ground_id, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _page(request, viewer, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan-grounds')}?done=ground-removed")


def _page(request: HttpRequest, viewer: Viewer, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    done = request.GET.get("done", "")
    # A county's streets take long to draw: of all that is known one is drawn, when asked for.
    drawn = asked(request, "ground", 36)
    readings = queries.readings(viewer, now=clock.now())
    shown = {
        "section": "console:plans",
        "own_areas": plans.places_to_draft(viewer),
        "rows": [
            (
                each,
                _counts(each),
                plans.may_draft(viewer, each.path),
                _map(each) if str(each.id) == drawn else None,
            )
            for each in queries.grounds(viewer)
        ],
        "drafts": [
            one
            for one in plans.plans(viewer, state=lifecycle.DRAFT, limit=24)
            if plans.may_draft(viewer, one.path)
        ],
        "readings": [
            (
                each,
                words.label(plan_words.READING_STATES, each.state),
                plan_words.said_of_reading(each.problem, words.said),
            )
            for each in readings
        ],
        "reads": any(each.state in queries.OPEN for each in readings),
        "most_seconds": MOST_SECONDS,
        "area": request.POST.get("area") or asked(request, "area", 16),
        "drawn": drawn,
        "most": MOST_BYTES // 1024 // 1024,
        "done": words.label(plan_words.DONE, done) if done in plan_words.DONE else "",
    }
    return present(request, "console/plan_grounds.html", {**shown, **facts}, status=status)


def _counts(ground: Any) -> list[tuple[Any, int]]:
    # Of barriers is told what they are, as far as the map says so.
    return [
        (label, ground.counts.get(code, 0))
        for code, label in plan_words.GROUND.items()
        if code in ground.counts or not code.endswith("_barriers")
    ]


def _map(ground: Any) -> Any:
    """The area's outline with what is known in it; None where the outline is not known."""
    area = plans.outlined_area(ground.area_id)
    drawn = draw([(area, "own")], title=str(area.name)) if area else None
    return with_lines(drawn, queries.drawn_ground([ground.id], drawn.box)) if drawn else None
