"""Today's grids as they were taken for a plan: what is wrong with them on a map, the mended ones beside, and the button that takes these."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import whole_in
from wangge.doors.console.plan_faults import said_of_fault
from wangge.doors.console.plan_maps import maps_of_today
from wangge.plans import actions, lifecycle
from wangge.plans.queries import plans as queries
from wangge.plans.queries.today import today_of

#: So many faults are told in words; the map shows all.
_TOLD = 100


@require_GET
@screen
def plan_today(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    return _page(request, viewer, plan_id, {})


@sent_from("console:plan-today", "plan_id")
@screen
def mend_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The mended grids become the draft's; it can still be changed by hand."""
    try:
        with transaction.atomic():
            revision = whole_in(request.POST.get("revision", ""))
            if revision is None:
                raise Invalid(field="revision", expected=_("a whole number"))
            actions.mend_plan(viewer, plan_id, revision=revision, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _page(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=mended")


def _page(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = queries.plan_by_id(viewer, plan_id)
    today = today_of(viewer, found)
    names = {code: name for code, name, _outline in queries.drawn_before(found)}
    before, after = maps_of_today(found, today)
    shown = {
        "section": "console:plans",
        "plan": found,
        "faults": [(*said_of_fault(fault, names), fault) for fault in today.faults[:_TOLD]],
        "more": max(0, len(today.faults) - _TOLD),
        "grounds": sorted({fault.kind for fault in today.faults if fault.outline}),
        "moved": today.moved,
        "before": before,
        "after": after,
        "may_mend": found.state == lifecycle.DRAFT,
    }
    return present(request, "console/plan_today.html", {**shown, **facts}, status=status)
