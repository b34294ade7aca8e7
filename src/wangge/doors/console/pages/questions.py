"""Departments' questions at doors: asked by a department's seat, accepted or refused by the office of the area, and how far they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET, require_http_methods

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.catalogue.queries import departments
from wangge.doors.console import visit_words, words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import day_of, id_of, line_of, lines_of, today
from wangge.staff import queries as staff
from wangge.visits import actions, queries
from wangge.visits.rules import LEAST_HOMES, QUESTION_STATES, QUESTION_STEPS

_SECTION = "console:questions"
_FORTNIGHT = timedelta(days=13)
_MOST_TYPED = 200


@require_GET
@screen
def questions(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What the viewer's department asked, and what waits for a word of the viewer's office, first."""
    asks = queries.seats_that_ask(viewer)
    if not asks and not _decides(viewer):
        raise NotAllowed
    state = asked(request, "state", 10)
    rows = queries.questions(viewer, state=state if state in QUESTION_STATES else "")
    facts = {
        "section": _SECTION,
        "rows": rows,
        "state": state,
        "states": QUESTION_STATES,
        "names": lookups.area_names({row.path.rsplit(".", 1)[-1] for row in rows}),
        "offices": _offices({row.department for row in rows}),
        "may_ask": bool(asks),
        "decides": _decides(viewer),
    }
    return present(request, "console/questions.html", facts)


def _decides(viewer: Viewer) -> bool:
    return any(not seat.department and Verb.VISIT_PLAN in seat.verbs for seat in viewer.seats)


def _offices(codes: set[str]) -> dict[str, str]:
    known = departments() if codes else {}
    return {code: words.named(known.get(code), lookups.language()) or code for code in codes}


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def new_question(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Asked with `look`, it says how many households would be asked, and offers the areas below the one chosen."""
    if not queries.seats_that_ask(viewer):
        raise NotAllowed
    if request.method != "POST":
        return _form(request, viewer, _usual(viewer), {})
    typed = request.POST
    try:
        with transaction.atomic():
            if "look" in typed:
                path = areas.area_by_code(line_of(typed, "area", 16)).path
                if not any(lies_in(path, seat.path) for seat in queries.seats_that_ask(viewer)):
                    raise NotAllowed
                return _form(request, viewer, typed, {"looked": True, **_looked(viewer, path, typed)})
            kept = actions.ask_question(
                viewer, id_of(typed, "question_id"), _question(typed), now=clock.now()
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": problem.facts.get("field", "")}
        return _form(request, viewer, typed, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:question', kept.id)}?done=ask")


def _looked(viewer: Viewer, path: str, typed: QueryDict) -> dict[str, Any]:
    """How many would be asked there, and the earlier question to which this one would be too near."""
    plot, office = bool(typed.get("plot")), line_of(typed, "office", 60).rpartition("/")[2]
    homes = queries.homes_to_ask(viewer, path, plot=plot)
    near = queries.near_to(viewer, path, plot=plot, department=office, now=clock.now()) if homes else None
    return {"homes": homes, "near": near}


def _usual(viewer: Viewer) -> QueryDict:
    typed = QueryDict(mutable=True)
    seat = queries.seats_that_ask(viewer)[0]
    typed["office"], typed["area"] = seat.department_key, seat.path.rsplit(".", 1)[-1]
    typed["from_on"], typed["to_on"] = today().isoformat(), (today() + _FORTNIGHT).isoformat()
    typed["answer"] = "yes_no"
    return typed


def _question(typed: QueryDict) -> actions.NewQuestion:
    return actions.NewQuestion(
        office=line_of(typed, "office", 60),
        area=line_of(typed, "area", 16),
        text=line_of(typed, "text", _MOST_TYPED),
        answer=line_of(typed, "answer", 8),
        words=tuple(lines_of(typed, "words", _MOST_TYPED).splitlines()),
        basis=line_of(typed, "basis", 300),
        law=bool(typed.get("law")),
        plot=bool(typed.get("plot")),
        from_on=day_of(typed, "from_on"),
        to_on=day_of(typed, "to_on"),
    )


def _form(
    request: HttpRequest, viewer: Viewer, typed: QueryDict, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    seats = queries.seats_that_ask(viewer)
    names = _offices({seat.department for seat in seats})
    known = {
        "section": _SECTION,
        "typed": typed,
        "question_id": id_of(typed, "question_id"),
        "offices": [(seat.department_key, f"{names[seat.department]} · {seat.area_name}") for seat in seats],
        "areas": lookups.areas_around(viewer, typed.get("area", "")),
        "answers": visit_words.ANSWERS.items(),
        "least": LEAST_HOMES,
    }
    return present(request, "console/question_new.html", {**known, **facts}, status=status)


@require_GET
@screen
def question(request: HttpRequest, viewer: Viewer, question_id: UUID) -> HttpResponse:
    """What is asked and by whom, how far it is, and what was said; never at which door."""
    done = request.GET.get("done", "")
    said = words.label(visit_words.QUESTION_DONE, done) if done in visit_words.QUESTION_DONE else ""
    return _question_page(request, viewer, question_id, {"done": said})


def _question_page(
    request: HttpRequest, viewer: Viewer, question_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = queries.question_by_id(viewer, question_id)
    asked_at_doors = found.decided_at is not None and found.state != "refused"
    progress = queries.progress_of(viewer, found) if asked_at_doors else None
    code = found.path.rsplit(".", 1)[-1]
    known = {
        "section": _SECTION,
        "question": found,
        "here_name": lookups.area_names([code]).get(code, code),
        "office": _offices({found.department})[found.department],
        "names": staff.names_of({each for each in (found.asked_by_id, found.decided_by_id) if each}),
        "progress": progress,
        "answers": queries.answers_to(viewer, found) if progress else None,
        "least": LEAST_HOMES,
        "near": queries.near_of(viewer, found, now=clock.now()),
        "may_decide": found.state == "waiting" and queries.may_take(viewer, found, "accept"),
        "may_end": found.state in ("waiting", "running"),
    }
    return present(request, "console/question.html", {**known, **facts}, status=status)


@sent_from("console:question", "question_id")
@screen
def step(request: HttpRequest, viewer: Viewer, question_id: UUID, name: str) -> HttpResponse:
    """Accepts, refuses or ends it."""
    if name not in QUESTION_STEPS:
        raise NotFound
    now = clock.now()
    try:
        with transaction.atomic():
            if name == "accept":
                actions.accept_question(viewer, question_id, now=now)
            else:
                reason = line_of(request.POST, "reason", 300)
                take = actions.refuse_question if name == "refuse" else actions.end_question
                take(viewer, question_id, reason=reason, now=now)
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": name}
        return _question_page(request, viewer, question_id, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:question', question_id)}?done={name}")
