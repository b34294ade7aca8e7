"""How good a plan's division is, proven in the background: asked for and stopped from the page of the plan."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.doors.console.pages.plans import shown_plan
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen, told
from wangge.doors.console.pages.typed import whole_in
from wangge.plans import actions


@sent_from("console:plan", "plan_id")
@screen
def prove_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Asks for a proof of so many minutes a community."""
    try:
        with transaction.atomic():
            minutes = whole_in(request.POST.get("minutes", "").strip())
            if minutes is None:
                raise Invalid(field="minutes", expected=_("a whole number"))
            actions.ask_proof(viewer, plan_id, minutes=minutes, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=proof#proof")


@sent_from("console:plan", "plan_id")
@screen
def stop_proof(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    try:
        with transaction.atomic():
            actions.stop_proof(viewer, plan_id, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=proof-stopped#proof")
