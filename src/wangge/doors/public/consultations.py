"""网格调整征求意见: plans that residents are asked about, what changes in each, a form for what one thinks, and the answer by a code. Whoever
comes is nobody, also who has signed in; each page works without a script.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from ninja.utils import check_csrf

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.kept import Kept
from wangge.base.problems import Problem
from wangge.doors.maps import Map, draw
from wangge.plans import actions
from wangge.plans.queries import open_for_comment as queries
from wangge.plans.rules.asking import still_asked
from wangge.plans.rules.problems import AlreadySaid, CommentsEnded
from wangge.plans.rules.receipts import in_groups

#: What may be typed comes with the form again where it was not taken; a longer text is refused, and cut here.
_LONGEST = 4000


_Maps = tuple[Map | None, Map | None]
#: By plan, revision and language, as its texts are drawn in.
_kept: Kept[tuple[UUID, int, str], _Maps] = Kept(most=32, seconds=60)


@dataclass(frozen=True, slots=True)
class _Area:
    """What `maps.draw` asks of an area."""

    name: str
    boundary: dict[str, Any] | None
    boundary_made_up: bool = False


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of a grid of today."""

    name: str
    households: str
    goes_on: bool
    parts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Part:
    """A community's grids of today with what becomes of them, and those of the plan."""

    name: str
    today: list[_Fate]
    planned: list[tuple[str, str, str, bool]]


@require_safe
def open_plans(request: HttpRequest) -> HttpResponse:
    """All plans that residents are asked about, by area."""
    plans = queries.open_plans()
    groups = [(place, list(those)) for place, those in groupby(plans, key=lambda plan: plan.place[0])]
    return _page(request, "public/open_plans.html", {"groups": groups})


@csrf_exempt  # asked here: what somebody typed must not be gone because their browser lost a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def open_plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """A plan in plain words, with its form; sent, the code that reads the answer."""
    if request.method != "POST":
        return _plan(request, plan_id, {"form_id": new_id()})
    typed = {name: request.POST.get(name, "")[:_LONGEST] for name in ("text", "grid", "phone")}
    form = _id_in(request.POST.get("form_id", ""))
    if refused := check_csrf(request):
        if not _from_here(request):
            return refused
        said = gettext(
            "Your browser did not bring along the cookie of this page. Allow cookies here, and send it once more."
        )
        return _plan(request, plan_id, {"typed": typed, "form_id": form, "problem": said}, status=403)
    try:
        receipt = actions.comment_as_resident(
            plan_id, form, **typed, source=request.META.get("REMOTE_ADDR", ""), now=clock.now()
        )
    except CommentsEnded as problem:
        return _ended(request, problem.status, text=typed["text"])
    except Problem as problem:
        again = new_id() if isinstance(problem, AlreadySaid) else form
        facts = {"typed": typed, "form_id": again, "problem": _told(problem)}
        return _plan(
            request, plan_id, {**facts, "wrong": problem.facts.get("field", "")}, status=problem.status
        )
    return _page(request, "public/commented.html", {"code": in_groups(receipt.code)}, status=201)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """What was answered to a comment. The code is sent in a form: no address and no log holds it."""
    if request.method != "POST":
        return _page(request, "public/answer.html", {})
    typed = request.POST.get("code", "")[:80]
    try:
        found = actions.read_answer(typed, source=request.META.get("REMOTE_ADDR", ""), now=clock.now())
    except Problem as problem:
        facts = {"typed": typed, "problem": _told(problem)}
        return _page(request, "public/answer.html", facts, status=problem.status)
    return _page(request, "public/answer.html", {"found": found, "state": _states().get(found.state, "")})


def _plan(request: HttpRequest, plan_id: UUID, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    laid = queries.laid_open(plan_id)
    if laid is None:
        return _ended(request, 404, text=facts.get("typed", {}).get("text", ""))
    before, after = _maps(laid) or (None, None)
    parts = _parts(laid)
    shown = {
        "plan": laid.plan,
        "takes": still_asked(laid.plan.until, clock.now()),
        "parts": parts,
        "before": before,
        "after": after,
        "grids": [
            (laid.communities.get(community, ""), list(those))
            for community, those in groupby(_by_community(laid.after), key=lambda grid: grid.community)
        ],
    }
    return _page(request, "public/open_plan.html", {**shown, **facts}, status=status)


def _ended(request: HttpRequest, status: int, *, text: str = "") -> HttpResponse:
    """With the words that somebody sent too late, so that they can take them elsewhere."""
    return _page(request, "public/ended.html", {"text": text}, status=status)


def _page(request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, template, facts, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _maps(laid: queries.LaidOpen) -> _Maps | None:
    """Both, drawn once a minute as what they show is read; drawing them takes longer than the rest of the page."""
    key = (laid.plan.id, laid.plan.revision, get_language() or "")
    return _kept.value(key, lambda: _both(laid))


def _both(laid: queries.LaidOpen) -> _Maps:
    """In one frame: a grid that goes on has its colour in both, and none has its neighbour's."""
    before, after = _drawn(laid.before), _drawn(laid.after)
    frame = [area for area, _kind in (*before, *after) if area.boundary]
    if not frame:
        return None, None
    return (
        draw(before, title=gettext("Grids today"), around=frame),
        draw(after, title=gettext("Grids as planned"), around=frame),
    )


def _drawn(grids: Iterable[queries.LaidGrid]) -> list[tuple[_Area, str]]:
    return [(_Area(grid.name, grid.outline), f"own hue-{grid.hue}") for grid in grids]


def _parts(laid: queries.LaidOpen) -> list[_Part]:
    names = {grid.code: grid.name for grid in laid.after}
    going_on = {grid.today for grid in laid.after}
    today: dict[str, list[_Fate]] = {}
    for grid in laid.before:
        parts = [(names[one.target], _about(one.households)) for one in laid.went if one.source == grid.code]
        today.setdefault(grid.community, []).append(
            _Fate(grid.name, _about(grid.households), grid.code in going_on, parts)
        )
    planned: dict[str, list[tuple[str, str, str, bool]]] = {}
    for grid in laid.after:
        row = (grid.name, grid.code, _about(grid.households), not grid.today)
        planned.setdefault(grid.community, []).append(row)
    return [
        _Part(laid.communities.get(code, ""), today.get(code, []), planned.get(code, []))
        for code in sorted(today.keys() | planned.keys())
    ]


def _about(households: int) -> str:
    """Told by tens."""
    if not households:
        return gettext("fewer than 10 households")
    return ngettext("about %(n)d household", "about %(n)d households", households) % {"n": households}


def _by_community(grids: Iterable[queries.LaidGrid]) -> list[queries.LaidGrid]:
    return sorted(grids, key=lambda grid: (grid.community, grid.code))


def _id_in(text: str) -> UUID:
    """The form's own number, so that sent twice it is one comment."""
    try:
        return UUID(text)
    except ValueError:
        return new_id()


def _from_here(request: HttpRequest) -> bool:
    """Whether the form was on a page of ours; browsers say so, and no other site can make them."""
    return request.headers.get("Origin", "") == f"{request.scheme}://{request.get_host()}"


def _told(problem: Problem) -> str:
    """Its sentence, with the fields called as the page calls them."""
    fields = {
        "text": gettext("What you think"),
        "grid": gettext("Which grid"),
        "phone": gettext("Telephone"),
    }
    return problem.say(lambda said: fields.get(said) or gettext(said))


def _states() -> dict[str, str]:
    """How far the plan is, for who commented on it."""
    return {
        "draft": pgettext("residents", "It is being reworked."),
        "checked": pgettext("residents", "It is being reworked."),
        "consulted": pgettext("residents", "Residents are still being asked."),
        "approved": pgettext("residents", "It was approved."),
        "applied": pgettext("residents", "It is in force."),
        "undone": pgettext("residents", "It was in force and was taken back."),
        "withdrawn": pgettext("residents", "It was withdrawn."),
    }
