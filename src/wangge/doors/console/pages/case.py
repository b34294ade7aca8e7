"""A case's page: its story, its place, its clocks, and the steps open to the viewer with their forms."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST, require_safe

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import NotFound, Problem
from wangge.blobs import queries as blobs
from wangge.cases import actions, queries
from wangge.cases.lifecycle import STEPS
from wangge.doors.console import timeline, words
from wangge.doors.console.forms import StepForm, facts_typed, step_form
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.shell import present, screen, told


@require_safe
@screen
def case(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    done = request.GET.get("done", "")
    return _page(request, viewer, case_id, {"done": words.DONE.get(done, "")})


@require_POST
@screen
def step(request: HttpRequest, viewer: Viewer, case_id: UUID, step: str) -> HttpResponse:
    """Takes the step once, however often the form is sent; what cannot be done is said beside what was typed."""
    if step not in STEPS:
        raise NotFound
    try:
        with transaction.atomic():
            facts = facts_typed(request.POST)
            if files := request.FILES.getlist("file"):
                facts["attachments"] = store_files(viewer, files, now=clock.now())
            actions.take_step(
                viewer, case_id, step, command_id=_command(request), facts=facts, now=clock.now()
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "failed": step, "field": str(problem.facts.get("field", ""))}
        return _page(request, viewer, case_id, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:case', case_id)}?done={step}")


@require_POST
@screen
def arrive(_request: HttpRequest, viewer: Viewer, case_id: UUID, summons_id: int) -> HttpResponse:
    """Records that a summoned department has come."""
    actions.arrive_at_summons(viewer, summons_id, now=clock.now())
    return HttpResponseRedirect(f"{resolve_url('console:case', case_id)}?done=arrive")


@require_safe
@screen
def blob(_request: HttpRequest, viewer: Viewer, case_id: UUID, digest: str, *, small: bool) -> HttpResponse:
    """A file of the case, without the position that it was taken at. Its name is its content: it never changes."""
    found = next(
        (each for each in queries.case_detail(viewer, case_id).attachments if each.blob_id == digest), None
    )
    if found is None:
        raise NotFound
    with blobs.open_blob(digest, "thumbnail" if small else "clean") as content:
        kind = "image/jpeg" if small else found.blob.media_type
        response = HttpResponse(content.read(), content_type=kind)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Disposition"] = "inline" if found.blob.kind == "photo" else "attachment"
    return response


def _command(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("command_id", ""))
    except ValueError:
        return new_id()


def _page(
    request: HttpRequest, viewer: Viewer, case_id: UUID, told_: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    detail = queries.case_detail(viewer, case_id)
    case = detail.case
    codes = {
        *timeline.codes_in(detail.entries),
        *case.path.split("."),
        *case.holder_path.split("."),
        *case.border_ids,
    }
    names = lookups.names(codes, detail.entries, detail.names)
    facts = {
        "section": "console:queues",
        "case": case,
        "item": lookups.items_by_version([case.item_version_id]).get(case.item_version_id),
        "forms": _forms(request, viewer, case, told_),
        "timeline": timeline.lines(detail.entries, names),
        "reporter": names.people.get(case.reported_by_id or 0, ""),
        "holder": names.areas.get(case.holder_path.rsplit(".", 1)[-1], ""),
        "handler": _in_hands(case, names),
        "place_line": " · ".join(names.areas.get(code, code) for code in case.path.split(".")[1:]),
        "border": ", ".join(names.areas.get(code, code) for code in case.border_ids),
        "map": lookups.map_of_place(case.path, case.lon, case.lat),
        "tasks": lookups.with_departments(detail.tasks),
        "summonses": lookups.with_departments(detail.summonses),
        "attachments": detail.attachments,
        "may_handle": viewer.may_anywhere(Verb.CASE_HANDLE),
    }
    return present(request, "console/case.html", {**facts, **told_}, status=status)


def _in_hands(case: Any, names: timeline.Names) -> str:
    """Who has the next move when it is not the desk: a person, or departments."""
    if case.state not in ("dispatched", "suspended"):
        return ""
    if case.handler_id:
        return names.people.get(case.handler_id, "")
    return ", ".join(names.office(key) for key in case.department_keys)


def _forms(request: HttpRequest, viewer: Viewer, case: Any, told_: dict[str, Any]) -> list[StepForm]:
    now = clock.now()
    moves = queries.moves_for(viewer, case, now=now)
    failed = told_.get("failed")
    today = now.astimezone(SHANGHAI).date()
    offer = lookups.offer(case, today, moves)
    return [
        step_form(
            move.step,
            move.needs,
            offer=offer,
            today=today,
            command_id=str(new_id()),
            revision=case.revision,
            typed=request.POST if move.step == failed else None,
            wrong=told_.get("field", "") if move.step == failed else "",
        )
        for move in moves
    ]
