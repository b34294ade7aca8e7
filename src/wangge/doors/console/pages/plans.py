"""Plans: the list, a new one, one with its figures and maps before and after, comments, steps, a dry run, and its report."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.base.tables.writing import Cell, stream_xlsx
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import day_of, id_in, id_of, line_of, lines_of, today, whole_in
from wangge.doors.console.plan_maps import maps_of
from wangge.plans import actions, lifecycle
from wangge.plans.queries import plans as queries
from wangge.staff import queries as staff

_SECTION = "console:plans"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@screen
def plans(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Plans of the viewer's areas, or of one, side by side with their figures."""
    state, area = asked(request, "state", 10), asked(request, "area", 16)
    rows = queries.plans(viewer, area=area, state=state if state in lifecycle.STATES else "")
    facts = {
        "section": _SECTION,
        "rows": rows,
        "state": state,
        "states": lifecycle.STATES,
        "area": area,
        "known_areas": sorted({(plan.area_id, plan.area.name) for plan in rows}),
        "may_draft": bool(queries.places_to_draft(viewer, limit=1)),
    }
    return present(request, "console/plans.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def new_plan(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A draft from today's grids, divided anew, or as a copy."""
    places = queries.places_to_draft(viewer)
    if not places:
        raise NotAllowed
    typed = request.POST if request.method == "POST" else _usual(request)
    facts: dict[str, Any] = {
        "section": _SECTION,
        "own_areas": places,
        "units": plan_words.UNITS.items(),
        "typed": typed,
        "plan_id": id_of(typed, "plan_id"),
        "copies": queries.plans(viewer),
    }
    if request.method != "POST":
        return present(request, "console/plan_new.html", facts)
    try:
        with transaction.atomic():
            plan = _begun(viewer, typed)
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": problem.facts.get("field", "")}
        return present(request, "console/plan_new.html", {**facts, **wrong}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan.id)}?done=drafted")


def _usual(request: HttpRequest) -> QueryDict:
    typed = QueryDict(mutable=True)
    typed["area"], typed["copy_of"] = asked(request, "area", 16), asked(request, "copy", 40)
    typed["low"], typed["high"], typed["unit"], typed["start"] = "300", "500", "compound", "divide"
    return typed


def _begun(viewer: Viewer, typed: QueryDict) -> Any:
    copied = id_in(typed.get("copy_of", "")) if typed.get("start") == "copy" else None
    area = line_of(typed, "area", 16)
    if copied:
        area = queries.plan_by_id(viewer, copied).area_id
    return actions.begin_plan(
        viewer,
        plan_id=id_of(typed, "plan_id"),
        area=area,
        name=line_of(typed, "name", 80),
        unit=typed.get("unit", ""),
        start="today" if typed.get("start") == "today" else "divide",
        low=_number(typed, "low"),
        high=_number(typed, "high"),
        copy_of=copied,
        now=clock.now(),
    )


def _number(typed: QueryDict, name: str) -> int:
    found = whole_in(typed.get(name, "").strip())
    if found is None:
        raise Invalid(field=name, expected=_("a whole number"))
    return found


@require_GET
@screen
def plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    return _plan(request, viewer, plan_id, {})


def _plan(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = queries.plan_by_id(viewer, plan_id)
    done = request.GET.get("done", "")
    shown = {
        **_shown(viewer, found),
        "section": _SECTION,
        "comments": queries.comments_of(viewer, found),
        "sides": queries.sides_for(viewer, found),
        "comment_id": id_of(request.POST, "comment_id"),
        "steps": [(line, _waits_for_reason(found, line)) for line in queries.steps_for(viewer, found)],
        "may_draft": queries.may_draft(viewer, found.path),
        "may_try": queries.may_draft(viewer, found.path) and found.state not in lifecycle.FIXED,
        "others": [one for one in queries.plans(viewer, area=found.area_id) if one.id != found.id][:12],
        "today": today(),
        "done": words.label(plan_words.DONE, done) if done in plan_words.DONE else "",
    }
    return present(request, "console/plan.html", {**shown, **facts}, status=status)


def _waits_for_reason(plan: Any, line: lifecycle.Step) -> bool:
    return line.reason or (line.step == "check" and bool(plan.broken))


def _shown(viewer: Viewer, plan: Any) -> dict[str, Any]:
    """What the page and the printed report have in common."""
    grids = queries.grids_of(viewer, plan)
    names = {grid.label: grid.name for grid in grids}
    causes = {(rule, label): cause for rule, label, cause in plan.figures.get("causes", [])}
    before, after = maps_of(plan, grids)
    return {
        "plan": plan,
        "grids": grids,
        "before": before,
        "after": after,
        "figures": [
            (code, plan.figures_today.get(code), plan.figures.get(code)) for code in plan_words.FIGURES
        ],
        "changes": [(code, plan.figures.get(code)) for code in plan_words.CHANGES],
        "broken": [
            (names.get(label, ""), rule, count, causes.get((rule, label), ""))
            for rule, label, count in plan.broken
        ],
        "applied": queries.applied_of(viewer, plan),
        "made_by": _named(plan.made_by_id),
        "approved_by": _named(plan.approved_by_id),
    }


def _named(account_id: int | None) -> str:
    return staff.names_of({account_id}).get(account_id, "") if account_id else ""


@sent_from("console:plan", "plan_id")
@screen
def step(request: HttpRequest, viewer: Viewer, plan_id: UUID, name: str) -> HttpResponse:
    """One step of the plan's life; applying may be put off to a day."""
    if name not in lifecycle.STEP_NAMES:
        raise NotFound
    done, now = name, clock.now()
    try:
        with transaction.atomic():
            reason = line_of(request.POST, "reason", 400)
            if name == "apply":
                on = day_of(request.POST, "on", today())
                applied = actions.apply_plan(viewer, plan_id, on=on, now=now)
                done = "apply" if applied.state == lifecycle.APPLIED else "dated"
            elif name == "undo":
                actions.undo_plan(viewer, plan_id, reason=reason, now=now)
            else:
                actions.take_step(viewer, plan_id, name, reason=reason, now=now)
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done={done}")


@sent_from("console:plan", "plan_id")
@screen
def try_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """What applying it now would move, and what would stop it."""
    try:
        found = actions.dry_run(viewer, plan_id, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    holders = staff.names_of({account for account, _grid, _kind in found.holders})
    plan_grids = {
        grid.code: grid.name for grid in queries.grids_of(viewer, queries.plan_by_id(viewer, plan_id))
    }
    named = {**queries.names_of({pair.from_code for pair in found.pairs} | set(found.ended)), **plan_grids}
    return _plan(
        request,
        viewer,
        plan_id,
        {
            "tried": found,
            "tried_counts": [(code, found.counts.get(code, 0)) for code in plan_words.COUNTS],
            "tried_pairs": [
                (named.get(pair.from_code, pair.from_code), named.get(pair.to_code, pair.to_code), pair)
                for pair in found.pairs
                if pair.from_code != pair.to_code
            ],
            "tried_holders": [
                (holders.get(account, ""), named.get(grid, grid)) for account, grid, _kind in found.holders
            ],
            "tried_carried": [
                (one, named.get(one.from_code, one.from_code), named.get(one.to_code, one.to_code))
                for one in found.carried
            ],
            "tried_stops": [(stop.why, named.get(stop.what, stop.what), stop.count) for stop in found.stops],
        },
    )


@sent_from("console:plan", "plan_id")
@screen
def comment(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    try:
        with transaction.atomic():
            actions.comment_on_plan(
                viewer,
                plan_id,
                id_of(request.POST, "comment_id"),
                grid=line_of(request.POST, "grid", 16),
                side=line_of(request.POST, "side", 12),
                text=lines_of(request.POST, "text", 1000),
                now=clock.now(),
            )
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=comment#comments")


@require_GET
@screen
def print_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The report on which the decision is made, as a page to print."""
    found = queries.plan_by_id(viewer, plan_id)
    facts = {
        **_shown(viewer, found),
        "section": _SECTION,
        "comments": queries.comments_of(viewer, found),
        "printed_at": clock.now(),
    }
    return present(request, "console/plan_print.html", facts)


@require_GET
@screen
def report(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponseBase:
    """The plan's grids as a spreadsheet: what each is, and how it differs from today's."""
    found = queries.plan_by_id(viewer, plan_id)
    header = [
        _("Code"), _("Grid"), _("Community"), _("Goes on as"), _("Households"), _("of these from the same grid"),
        _("Units"), _("Pieces"), _("Mean way (m)"), _("Farthest (m)"), _("Broken rules"),
    ]  # fmt: skip
    response = StreamingHttpResponse(stream_xlsx(header, _rows(viewer, found)), content_type=_XLSX)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{found.name}.xlsx"
    )
    response["Cache-Control"] = "no-store"
    return response


def _rows(viewer: Viewer, plan: Any) -> Iterator[list[Cell]]:
    grids = queries.grids_of(viewer, plan)
    names = queries.names_of({grid.community for grid in grids})
    broken: dict[int, list[str]] = {}
    for rule, label, count in plan.broken:
        broken.setdefault(label, []).append(f"{words.label(plan_words.RULES, rule)} ({count})")
    rows: list[list[Cell]] = [
        [
            grid.code, grid.name, names.get(grid.community, grid.community), grid.today, grid.households, grid.stay,
            grid.atoms, grid.figures["pieces"], grid.figures["rms_m"], grid.figures["farthest_m"],
            "; ".join(broken.get(grid.label, [])),
        ]
        for grid in grids
    ]  # fmt: skip
    yield from rows
    yield []
    for code, before, after in (
        (code, plan.figures_today.get(code), plan.figures.get(code)) for code in plan_words.FIGURES
    ):
        yield [words.label(plan_words.FIGURES, code), _("today"), before, _("with the plan"), after]
    for code in plan_words.CHANGES:
        yield [words.label(plan_words.CHANGES, code), "", None, _("with the plan"), plan.figures.get(code)]
