"""A new plan: divided anew, from today's grids or another plan's with one change, or several proposals to choose from."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.doors.console import plan_words
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import id_in, id_of, line_of, whole_in
from wangge.plans import actions
from wangge.plans.queries import ground as grounds
from wangge.plans.queries import plans as queries
from wangge.plans.queries import searches

_SECTION = "console:plans"
#: What an area offers is counted building by building: for a county that takes too long for a form.
_COUNTED = ("township", "community")
_CHANGED = ("compounds", "split", "merge", "absorb")


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def new_plan(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    places = queries.places_to_draft(viewer)
    if not places:
        raise NotAllowed
    if request.method != "POST":
        return present(request, "console/plan_new.html", _form(viewer, places, _usual(request, places)))
    typed = request.POST
    try:
        with transaction.atomic():
            address = _begun(viewer, typed)
    except Problem as problem:
        facts = {
            **_form(viewer, places, typed),
            "problem": told(problem),
            "wrong": problem.facts.get("field", ""),
        }
        return present(request, "console/plan_new.html", facts, status=problem.status)
    return HttpResponseRedirect(address)


def _usual(request: HttpRequest, places: list[tuple[str, str]]) -> QueryDict:
    typed = QueryDict(mutable=True)
    typed["area"], typed["copy_of"] = asked(request, "area", 16) or places[0][0], asked(request, "copy", 40)
    typed["low"], typed["high"], typed["unit"], typed["weigh"] = "300", "500", "compound", "households"
    typed["into"], typed["curve"], typed["seconds"] = "2", "5", "60"
    typed["start"] = "copy" if typed["copy_of"] else "divide"
    return typed


def _form(viewer: Viewer, places: list[tuple[str, str]], typed: QueryDict) -> dict[str, Any]:
    copied = _copied(typed)
    base = queries.plan_by_id(viewer, copied) if copied else None
    known = dict(places)
    asked_for = str(typed.get("area", ""))
    area = base.area if base else areas.area_by_code(asked_for) if asked_for in known else None
    facts: dict[str, Any] = {
        "section": _SECTION,
        "own_areas": places,
        "area": area,
        "base": base,
        "units": plan_words.UNITS.items(),
        "weighed": plan_words.WEIGHED.items(),
        "typed": typed,
        "merged": typed.getlist("merge_grids"),
        "plan_id": id_of(typed, "plan_id"),
        "offers": None,
        "grounds": [],
    }
    if area is not None:
        facts["copies"] = queries.plans(viewer, area=area.code)[:12]
        facts["grounds"] = grounds.grounds_for(area.path)
        if base or area.level in _COUNTED:
            facts["offers"] = searches.offers(viewer, area.code, plan_id=copied)
    return facts


def _copied(typed: QueryDict) -> UUID | None:
    return id_in(typed.get("copy_of", "")) if typed.get("copy_of") else None


def _begun(viewer: Viewer, typed: QueryDict) -> str:
    """Where what was begun is shown."""
    start = typed.get("start", "")
    # A form that names a plan and begins with neither it nor a change of it divides the area anew.
    copied = _copied(typed) if start in ("copy", "search", *_CHANGED) else None
    area = queries.plan_by_id(viewer, copied).area_id if copied else line_of(typed, "area", 16)
    said: dict[str, Any] = {
        "area": area,
        "name": line_of(typed, "name", 80),
        "unit": typed.get("unit", ""),
        "low": _number(typed, "low"),
        "high": _number(typed, "high"),
        "weigh": typed.get("weigh") or "households",
        "now": clock.now(),
    }
    if start == "search":
        search = actions.begin_search(
            viewer,
            search_id=id_of(typed, "plan_id"),
            from_plan=copied,
            curve=_number(typed, "curve"),
            seconds=_number(typed, "seconds"),
            **said,
        )
        return resolve_url("console:plan-search", search.id)
    plan = actions.begin_plan(
        viewer,
        plan_id=id_of(typed, "plan_id"),
        start=_start(start),
        grids=_grids(typed, start),
        into=_number(typed, "into") if start == "split" else 2,
        copy_of=copied,
        **said,
    )
    return f"{resolve_url('console:plan', plan.id)}?done=drafted"


def _start(start: str) -> Any:
    return start if start in ("today", *_CHANGED) else "divide"


def _grids(typed: QueryDict, start: str) -> list[str]:
    if start == "split":
        return [line_of(typed, "split_grid", 16)]
    return [code[:16] for code in typed.getlist("merge_grids")[:100]] if start == "merge" else []


def _number(typed: QueryDict, name: str) -> int:
    found = whole_in(typed.get(name, "").strip())
    if found is None:
        raise Invalid(field=name, expected=_("a whole number"))
    return found
