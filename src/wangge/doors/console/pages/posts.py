"""Posts: given from a day on with the hand-over list, left, stood in for, opened, closed; and what is vacant."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.base.text import clean_line
from wangge.cases import actions as cases
from wangge.cases import queries as waiting
from wangge.doors.console import words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.areas import frame, staff_page
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import chosen_of, day_of, line_of, number_of, today, trouble
from wangge.staff import actions
from wangge.staff import queries as staff

#: So many people are offered to choose from; more words find fewer.
_MOST_FOUND = 20


@require_safe
@screen
def vacancies(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Which posts are missing where, from an area down, by kind and level."""
    area = areas.area_by_code(clean_line(code, limit=40, name="area"))
    kind, level = asked(request, "kind", 40), asked(request, "level", 12)
    names = lookups.post_names()
    kind, level = kind if kind in names else "", level if level in LEVELS else ""
    page = staff.vacancies(
        viewer, area.code, today=today(), kind=kind, level=level, cursor=request.GET.get("cursor") or None
    )
    facts = {
        **frame(request, viewer, area, "console:area-staff"),
        "page": page,
        "posts": names,
        "kind": kind,
        "level": level,
        "levels": LEVELS,
    }
    return present(request, "console/vacancies.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def assign(request: HttpRequest, viewer: Viewer, post_id: int) -> HttpResponse:
    """A post and who gets it: looked for, then what passes to them is shown, then it is done."""
    post = staff.post_held(viewer, _id(post_id), today=today())
    if not viewer.may(Verb.STAFF_CHANGE, post.path):
        raise NotAllowed
    return _giving(
        request, viewer, post.area, {"post": post, "kind": post.kind, "department": post.department}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def fill(request: HttpRequest, viewer: Viewer, code: str, kind: str) -> HttpResponse:
    """A vacancy and who fills it; the post is opened where none stands open."""
    area = areas.area_by_code(clean_line(code, limit=40, name="area"))
    known = {each.code: each for each in staff.post_kinds()}.get(kind)
    if known is None:
        raise NotFound
    if not viewer.may(Verb.STAFF_CHANGE, area.path):
        raise NotAllowed
    return _giving(request, viewer, area, {"kind": known})


def _giving(request: HttpRequest, viewer: Viewer, area: Any, facts: dict[str, Any]) -> HttpResponse:
    post = facts.get("post")
    typed = request.POST if request.method == "POST" else request.GET
    more: dict[str, Any] = {}
    try:
        who, from_on = number_of(typed, "who"), day_of(typed, "from_on", today())
        part = typed.get("part", "full_time")
        if request.method == "POST":
            chosen = chosen_of(typed, "who")
            with transaction.atomic():
                if post is None:
                    actions.fill_vacancy(
                        viewer, area=area.code, kind=facts["kind"].code, account_id=chosen, from_on=from_on, part=part,
                        now=clock.now(),
                    )  # fmt: skip
                    made = None
                else:
                    made = cases.give_post(
                        viewer, post.id, to_account=chosen, from_on=from_on, part=part, now=clock.now()
                    )
            return _given(area, made)
        if who is not None and "back" not in typed:
            more |= _preview(viewer, post, who, from_on)
    except Problem as problem:
        more |= {**trouble(problem), "status": problem.status}
    facts |= {
        **frame(request, viewer, area, "console:area-staff"),
        **found_people(viewer, typed),
        "from_on": typed.get("from_on") or today().isoformat(),
        "part": typed.get("part", "full_time"),
        "parts_of_time": words.PARTS,
        **more,
    }
    return present(request, "console/assign.html", facts, status=more.get("status", 200))


def _preview(viewer: Viewer, post: Any, who: int, from_on: Any) -> dict[str, Any]:
    if post is None:
        return {"receiver": staff.account_by_id(viewer, who), "vacant": True, "later": from_on > today()}
    handing = waiting.handing_of(viewer, post.id, to_account=who, from_on=from_on, today=today())
    return {
        "receiver": handing.receiver,
        "handing": handing,
        "vacant": handing.holder is None,
        "later": from_on > today(),
    }


def _given(area: Any, made: Any) -> HttpResponse:
    """To the list that was made, else to the area's posts."""
    if made is None:
        return HttpResponseRedirect(f"{resolve_url('console:area-staff', area.code)}?done=assigned")
    return HttpResponseRedirect(f"{resolve_url('console:handovers')}?made={made.id}#list-{made.id}")


def found_people(viewer: Viewer, typed: QueryDict) -> dict[str, Any]:
    """People whose name or user name holds what was typed, each with today's posts; who was chosen stays among them."""
    text = line_of(typed, "q", 60) if typed.get("q") else ""
    asked_for = staff.PeopleFilter(text=text)
    found: list[Any] = []
    if text:
        found = list(staff.people(viewer, asked_for, now=clock.now(), today=today(), limit=_MOST_FOUND).items)
    return {"q": text, "found": found, "who": typed.get("who", ""), "most_found": len(found) == _MOST_FOUND}


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def end_assignment(request: HttpRequest, viewer: Viewer, assignment_id: int) -> HttpResponse:
    """Somebody gives up a post after a day; what lies on it goes back to the desks when it is over."""
    held = _held(viewer, assignment_id)
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                cases.end_assignment_with_handover(
                    viewer, held.id, to_on=day_of(request.POST, "to_on", today()), now=clock.now()
                )
            return HttpResponseRedirect(f"{resolve_url('console:area-staff', held.post.area_id)}?done=left")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        **frame(request, viewer, held.post.area, "console:area-staff"),
        "held": held,
        "waiting": waiting.work_of(viewer, held.account_id, today=today(), below=held.path),
        "to_on": request.POST.get("to_on") or today().isoformat(),
        **more,
    }
    return present(request, "console/end_assignment.html", facts, status=more.get("status", 200))


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def stand_in(request: HttpRequest, viewer: Viewer, assignment_id: int) -> HttpResponse:
    """Somebody holds a post for its holder on some days, beside them."""
    held = _held(viewer, assignment_id)
    typed = request.POST if request.method == "POST" else request.GET
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                actions.name_stand_in(
                    viewer,
                    held.id,
                    chosen_of(typed, "who"),
                    from_on=day_of(typed, "from_on"),
                    to_on=day_of(typed, "to_on"),
                    now=clock.now(),
                )
            return HttpResponseRedirect(
                f"{resolve_url('console:area-staff', held.post.area_id)}?done=stand-in"
            )
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        **frame(request, viewer, held.post.area, "console:area-staff"),
        **found_people(viewer, typed),
        "held": held,
        "from_on": typed.get("from_on") or today().isoformat(),
        "to_on": typed.get("to_on", ""),
        **more,
    }
    return present(request, "console/stand_in.html", facts, status=more.get("status", 200))


@sent_from("console:area-staff", "code")
@screen
def open_post(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """A post more at an area, which nobody holds yet."""
    area = areas.area_by_code(clean_line(code, limit=40, name="area"))
    typed = request.POST
    try:
        with transaction.atomic():
            actions.open_post(
                viewer,
                kind=line_of(typed, "kind", 40),
                area=area.code,
                department=line_of(typed, "department", 30),
                now=clock.now(),
            )
    except Problem as problem:
        return staff_page(request, viewer, area, {**trouble(problem), "typed": typed}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:area-staff', area.code)}?done=opened")


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def close_post(request: HttpRequest, viewer: Viewer, post_id: int) -> HttpResponse:
    """A post is no more after a day; who holds it beyond must give it up first."""
    post = staff.post_held(viewer, _id(post_id), today=today())
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                actions.close_post(viewer, post.id, on=day_of(request.POST, "on", today()), now=clock.now())
            return HttpResponseRedirect(f"{resolve_url('console:area-staff', post.area_id)}?done=closed")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        **frame(request, viewer, post.area, "console:area-staff"),
        "post": post,
        "on": request.POST.get("on") or today().isoformat(),
        **more,
    }
    return present(request, "console/close_post.html", facts, status=more.get("status", 200))


def _held(viewer: Viewer, assignment_id: int) -> Any:
    held = staff.assignment_by_id(viewer, _id(assignment_id))
    if not viewer.may(Verb.STAFF_CHANGE, held.path):
        raise NotAllowed
    return held


def _id(given: int) -> int:
    """What no id can be is not there."""
    if not 0 < given < 2**63:
        raise NotFound
    return given
