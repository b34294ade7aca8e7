"""A case's page: its story, its place and people, its clocks, the steps open to the viewer and for whom the others wait."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import NotFound, Problem
from wangge.blobs import queries as blobs
from wangge.cases import actions, queries
from wangge.cases.lifecycle import OPEN, STEPS
from wangge.doors.console import timeline, words
from wangge.doors.console.forms import Offer, StepForm, facts_typed, step_form
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.asking import asked_of
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.ready import ready_texts, values_of
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_of, whole_in

#: Lines of the story on one page; older ones are a click away.
LINES = 40
#: What is said about what others may do, and no more of it.
MOST_SIMILAR = 6
#: Of those on duty at a summoned office, so many by name.
MOST_ON_DUTY = 5


@require_safe
@screen
def case(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    done = request.GET.get("done", "")
    return case_page(request, viewer, case_id, {"done": words.DONE.get(done, "")})


@sent_from("console:case", "case_id")
@screen
def step(request: HttpRequest, viewer: Viewer, case_id: UUID, step: str) -> HttpResponse:
    """Takes the step once, however often the form is sent; what cannot be done is said beside what was typed."""
    if step not in STEPS:
        raise NotFound
    if request.POST.get("fill") or request.POST.get("more"):
        return case_page(request, viewer, case_id, {"failed": step})
    try:
        with transaction.atomic():
            facts = facts_typed(request.POST)
            if files := request.FILES.getlist("file"):
                facts["attachments"] = store_files(viewer, files, now=clock.now())
            actions.take_step(
                viewer,
                case_id,
                step,
                command_id=id_of(request.POST, "command_id"),
                facts=facts,
                now=clock.now(),
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "failed": step, "field": str(problem.facts.get("field", ""))}
        return case_page(request, viewer, case_id, wrong, status=problem.status)
    return back_to_case(request, case_id, step)


@sent_from("console:case", "case_id")
@screen
def arrive(request: HttpRequest, viewer: Viewer, case_id: UUID, summons_id: int) -> HttpResponse:
    """Records that a summoned department has come."""
    actions.arrive_at_summons(viewer, summons_id, now=clock.now())
    return back_to_case(request, case_id, "arrive")


@require_safe
@screen
def blob(_request: HttpRequest, viewer: Viewer, case_id: UUID, digest: str, *, small: bool) -> HttpResponse:
    """A file of the case, without the position that it was taken at. Its name is its content: it never changes."""
    case = queries.case_by_id(viewer, case_id)
    found = next((each for each in queries.attachments_of(viewer, case) if each.blob_id == digest), None)
    if found is None:
        raise NotFound
    with blobs.open_blob(digest, "thumbnail" if small else "clean") as content:
        kind = "image/jpeg" if small else found.blob.media_type
        response = HttpResponse(content.read(), content_type=kind)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Disposition"] = "inline" if found.blob.kind == "photo" else "attachment"
    return response


def back_to_case(request: HttpRequest, case_id: UUID, done: str) -> HttpResponse:
    """To the case, which says what was done; the list that the person came from stays in the address."""
    query = {"done": done}
    if came_from := request.POST.get("from", "")[:600]:
        query["from"] = came_from
    return HttpResponseRedirect(f"{resolve_url('console:case', case_id)}?{urlencode(query)}")


def case_page(
    request: HttpRequest, viewer: Viewer, case_id: UUID, told_: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    detail = queries.case_detail(viewer, case_id, before=_before(request), most=LINES)
    case = detail.case
    today = now.astimezone(SHANGHAI).date()
    there = queries.people_on(case.path, today)
    standing = queries.standing_of(case)
    waiting = queries.awaited(viewer, case, now=now, people=there, standing=standing)
    codes = {
        *timeline.codes_in(detail.entries),
        *case.path.split("."),
        *case.holder_path.split("."),
        *case.border_ids,
        *(each.where.partition("/")[0] for each in waiting),
    }
    names = lookups.names(codes, detail.entries, detail.names)
    item = case.item_version
    place = " · ".join(names.areas.get(code, code) for code in case.path.split(".")[1:])
    values = values_of(viewer, case, item=item, place=place, department=_in_hands(case, names), now=now)
    ready = ready_texts(viewer, case, values)
    moves = queries.moves_for(viewer, case, now=now, standing=standing)
    came_from = _came_from(request)
    facts = {
        "section": "console:queues",
        "case": case,
        "item": item,
        "mediation": queries.mediation_of_case(viewer, case.id, case.path),
        "forms": _forms(request, case, moves, told_, lookups.offer(case, today, moves, there, names), ready),
        "boxes": _boxes(request, viewer, case, ready, told_, standing),
        "timeline": timeline.story(detail.entries, names, files=detail.attachments, notes=detail.notes),
        "earlier": detail.earlier,
        "oldest": detail.entries[0].id if detail.entries else None,
        "paged": "before" in request.GET,
        "reporter": names.people.get(case.reported_by_id or 0, ""),
        "holder": names.areas.get(case.holder_path.rsplit(".", 1)[-1], ""),
        "handler": _in_hands(case, names),
        "awaited": [_waiting(each, names) for each in waiting],
        "people": _people(case, there, names),
        "place_line": place,
        "border": ", ".join(names.areas.get(code, code) for code in case.border_ids),
        "map": lookups.live_map_of_place(case.path, case.lon, case.lat),
        "tasks": lookups.with_departments(detail.tasks),
        "summonses": _summonses(viewer, case, detail.summonses, there, now),
        "attachments": [each for each in detail.attachments if each.step == "report"],
        "relatives": queries.relatives_of(viewer, case),
        "similar": _similar(viewer, case),
        "may_merge": any(move.step == "merge" for move in moves),
        # Who called has no page of their own: whoever took the call is told, and tells them.
        "by_call": case.source in ("desk", "hotline"),
        "came_from": came_from,
        "next_case": _next_case(viewer, came_from, case) if came_from is not None else None,
        **told_,
    }
    return present(request, "console/case.html", facts, status=status)


def _before(request: HttpRequest) -> int | None:
    return whole_in(request.GET.get("before", ""))


def _came_from(request: HttpRequest) -> str | None:
    """The query of the list that the person came from: told by the address or the form, else by the browser."""
    given = request.POST.get("from") or request.GET.get("from")
    if given is not None:
        return given[:600]
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    if came.netloc == request.get_host() and came.path == resolve_url("console:queues"):
        return came.query[:600] or "queue=open"
    return None


def _next_case(viewer: Viewer, came_from: str, case: Any) -> Any:
    """The case after this one in that list; nothing when the list cannot be read any more."""
    query = QueryDict(mutable=True)
    try:
        for name, value in parse_qsl(came_from, max_num_fields=20):
            query[name] = value
        with transaction.atomic():
            return queries.case_after(viewer, asked_of(query, usual="open").filters(clock.now()), case)
    except (Problem, ValueError):
        return None


def _in_hands(case: Any, names: timeline.Names) -> str:
    """Who has the next move when it is not the desk: a person, or departments."""
    if case.state not in ("dispatched", "suspended"):
        return ""
    if case.handler_id:
        return names.people.get(case.handler_id, "")
    return ", ".join(names.office(key) for key in case.department_keys)


def _waiting(each: queries.Awaited, names: timeline.Names) -> dict[str, Any]:
    """For whom steps wait, as the page says it."""
    match each.kind:
        case "office":
            who = names.office(each.where)
        case "desk":
            who = names.areas.get(each.where, each.where)
        case "person":
            who = names.people.get(each.account or 0, "") or (each.people[0].name if each.people else "—")
        case _:
            who = ""
    present_now = list(dict.fromkeys(person.name for person in each.present))
    away = [person for person in each.people if person.is_away]
    return {
        "kind": each.kind,
        "who": who,
        "steps": each.steps,
        "count": len(each.people),
        "present": present_now[:4],
        "more": max(0, len(present_now) - 4),
        "away": away[:3],
    }


def _people(case: Any, there: queries.People, names: timeline.Names) -> list[dict[str, Any]]:
    """Who walks the grid, and who sits at the community's desk: the two lowest tiers of the place, with anybody away."""
    told_ = []
    for code in reversed(case.path.split(".")[-2:]):
        holders = [each for each in there.everybody if each.code == code and not each.department]
        told_.append({"area": names.areas.get(code, code), "holders": [(each, names.posts.get(each.kind, each.kind)) for each in holders]})  # fmt: skip
    return told_


def _summonses(viewer: Viewer, case: Any, rows: list[Any], there: queries.People, now: Any) -> list[Any]:
    """Each with its department, the minutes since the call, whether its time is over, who is on duty there, and whether the
    viewer may say that it has come. When the case has ended, nobody is waited for any more.
    """
    ended = case.state not in OPEN
    for row in lookups.with_departments(rows):
        row.minutes = int(((row.arrived_at or now) - row.called_at).total_seconds() // 60)
        row.overdue = row.minutes > row.within_minutes
        key = f"{row.office_id}/{row.department_id}"
        row.awaited = not ended and row.arrived_at is None
        row.may_tell = row.awaited and queries.may_tell_of_arrival(viewer, case.holder_path, key)
        office = there.at_office(key)
        on_duty = list(dict.fromkeys(each.name for each in office if not each.is_away))
        row.on_duty, row.more_on_duty = on_duty[:MOST_ON_DUTY], len(on_duty[MOST_ON_DUTY:])
    return rows


def _similar(viewer: Viewer, case: Any) -> list[queries.Similar]:
    return queries.similar_cases(
        viewer,
        lon=case.lon,
        lat=case.lat,
        area=case.path.rsplit(".", 1)[-1],
        item=case.item_id,
        words=f"{case.title} {case.description[:400]}",
        at=case.reported_at,
        but=case.id,
        limit=MOST_SIMILAR,
    )


def _boxes(
    request: HttpRequest,
    viewer: Viewer,
    case: Any,
    ready: Mapping[str, Any],
    told_: Mapping[str, Any],
    standing: Any,
) -> list[dict[str, Any]]:
    """The two boxes to write in, for staff and for the reporter: those that the viewer may use."""
    failed = told_.get("failed")
    return [
        {
            "audience": audience,
            "note_id": request.POST.get("note_id") if failed == audience else str(new_id()),
            "text": _note_typed(request, ready.get(use, ())) if failed == audience else "",
            "open": failed == audience,
            "texts": ready.get(use, ()),
        }
        for audience, use in (("staff", "note"), ("reporter", "reporter"))
        if queries.may_write_note(viewer, case, audience, standing)
    ]


def _note_typed(request: HttpRequest, texts: Any) -> str:
    """What was typed, or the ready text that was chosen in its place."""
    chosen = request.POST.get("ready-text", "") if request.POST.get("fill") else ""
    return next((each.text for each in texts if each.id == chosen), request.POST.get("text", ""))


def _forms(
    request: HttpRequest, case: Any, moves: list[Any], told_: Mapping[str, Any], given: Offer, ready: Mapping[str, Any],
) -> list[StepForm]:  # fmt: skip
    failed = told_.get("failed")
    today = clock.now().astimezone(SHANGHAI).date()
    items = lookups.items_to_type() if any(move.step == "split" for move in moves) else ()
    offer = Offer(given.people, given.departments, given.desks, items, ready)
    return [
        step_form(
            move.step,
            move.needs,
            offer=offer,
            today=today,
            command_id=_command_of(request, move.step == failed),
            revision=case.revision,
            typed=_typed(request, ready) if move.step == failed else None,
            wrong=told_.get("field", "") if move.step == failed else "",
        )
        for move in moves
    ]


def _command_of(request: HttpRequest, again: bool) -> str:
    """A form that comes back keeps its command: had it been taken after all, it is not taken twice."""
    return str(id_of(request.POST, "command_id") if again else new_id())


def _typed(request: HttpRequest, ready: Mapping[str, Any]) -> QueryDict:
    """What was typed; with the ready text that was chosen in its field."""
    name = request.POST.get("fill", "")
    chosen = request.POST.get(f"ready-{name}", "")
    text = next((each.text for each in ready.get(name, ()) if each.id == chosen), "")
    if not text:
        return request.POST
    typed = request.POST.copy()
    typed[name] = text
    return typed
