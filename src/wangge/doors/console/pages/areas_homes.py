"""After outlines changed: what lies in another grid than it is kept under, told in counts, and carried out when confirmed."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.access import Viewer
from wangge.areas import queries
from wangge.base import clock
from wangge.base.problems import Problem
from wangge.base.text import clean_line
from wangge.doors.console.pages import areas as pages
from wangge.doors.console.pages.shell import present, screen
from wangge.doors.console.pages.typed import lines_of, trouble
from wangge.visits import actions
from wangge.visits.queries import lying_elsewhere


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def area_homes(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Which homes, open cases and places to check follow the outlines of today, from where to where."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    now = clock.now()
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                actions.rehome_by_borders(
                    viewer, area.code, now=now, reason=lines_of(request.POST, "reason", 400)
                )
            return HttpResponseRedirect(f"{resolve_url('console:area', area.code)}?done=rehomed")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    found = lying_elsewhere(viewer, area.code, now=now)
    facts = {
        **pages.frame(request, viewer, area, "console:area-change"),
        "found": found,
        "pairs": [(found.names[pair.was], found.names[pair.path], pair) for pair in found.homes.pairs],
        "households": found.counts["households"],
        "typed": request.POST,
        **more,
    }
    return present(request, "console/area_homes.html", facts, status=more.get("status", 200))
