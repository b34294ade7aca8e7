"""What all screens share: who may enter, the navigation, and how a problem is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wangge.access import Seat, Verb, Viewer
from wangge.base.problems import Problem
from wangge.base.text import clean_line
from wangge.catalogue.queries import departments
from wangge.doors.console import words
from wangge.staff.queries import preferences

Page = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the navigation: its address, the letter that follows `g`, and the verbs of which one opens it (none: all)."""

    name: str
    label: str | Promise
    key: str
    verbs: tuple[Verb, ...] = ()
    #: Whether a line stands above it: another kind of work begins.
    apart: bool = False

    @property
    def icon(self) -> str:
        return f"console/icons/{self.name.removeprefix('console:').replace('queues', 'cases')}.svg"

    @property
    def link(self) -> str:
        return address_of(self.name)


PLACES = (
    Place("console:queues", _("Cases"), "c"),
    Place("console:file", _("File a case"), "f", (Verb.CASE_REPORT,)),
    Place("console:map", _("Map"), "m"),
    Place("console:mediations", _("Disputes"), "d", (Verb.MEDIATION_KEEP, Verb.MEDIATION_OVERSEE)),
    Place("console:campaigns", _("Campaigns"), "o", (Verb.CAMPAIGN_ANSWER, Verb.CAMPAIGN_RUN)),
    Place("console:visits", pgettext_lazy("visit", "Visits"), "v", (Verb.VISIT_RECORD,)),
    Place("console:questions", _("Questions at doors"), "q", (Verb.QUESTION_ASK, Verb.VISIT_PLAN)),
    Place("console:places-to-check", _("Places to check"), "w", (Verb.PLACE_KEEP,)),
    Place("console:homes", _("Households"), "h", (Verb.HOUSEHOLD_READ, Verb.FIGURES_READ)),
    Place("console:areas", _("Areas"), "a", apart=True),
    Place("console:plans", _("Division plans"), "b", (Verb.PLAN_DRAFT, Verb.PLAN_COMMENT)),
    Place("console:people", _("People"), "p", (Verb.STAFF_CHANGE,)),
    Place("console:catalogue", _("Catalogue"), "k", apart=True),
    Place("console:routes", _("Routing"), "r"),
    Place("console:texts", _("Ready texts"), "t", (Verb.TEXT_CHANGE,)),
    Place("console:figures", _("Figures"), "n", (Verb.FIGURES_READ,), apart=True),
    Place("console:journal", _("Journal"), "j", (Verb.JOURNAL_READ,)),
    Place("console:start", _("First steps"), "s", (Verb.AREA_CHANGE,)),
)
#: What a department's seat may do anywhere; its area's figures, journal and people are not the department's.
_OF_DEPARTMENTS = (Verb.CASE_REPORT, Verb.QUESTION_ASK)


def screen(page: Page) -> Page:
    """A page for accounts: others are sent to sign in and come back; a problem is shown in words, with its status."""

    def shown(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        viewer: Viewer | None = getattr(request, "viewer", None)
        if viewer is None:
            back = request.get_full_path() if request.method == "GET" else resolve_url("console:queues")
            return HttpResponseRedirect(f"{resolve_url('sign-in')}?{urlencode({'next': back})}")
        try:
            with transaction.atomic():
                return page(request, viewer, **parts)
        except Problem as problem:
            return present(request, "console/problem.html", {"problem": told(problem)}, status=problem.status)

    shown.__name__, shown.__doc__ = page.__name__, page.__doc__
    return shown


def asked(request: HttpRequest, name: str, limit: int) -> str:
    """A part of the address as a clean line of at most `limit` characters; BadText for what no text may hold."""
    return clean_line(request.GET.get(name, "")[: limit * 4], limit=limit * 4, name=name)[:limit]


def liked(request: HttpRequest, viewer: Viewer) -> Mapping[str, Any]:
    """How the viewer likes the pages, asked once a request."""
    known: Mapping[str, Any] | None = getattr(request, "liked", None)
    if known is None:
        known = preferences(viewer)
        request.liked = known  # type: ignore[attr-defined] # kept with the request, as its viewer is
    return known


def told(problem: Problem) -> str:
    """The problem's sentence in the page's language."""
    return problem.say(words.said)


def present(request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template within the shell. What a signed-in person sees is kept nowhere: the next one at the desk has another scope."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    seat = viewer.first_seat if viewer else None
    likes = liked(request, viewer) if viewer else {}
    shell = {
        "viewer": viewer,
        "places": places_of(viewer, hidden=("console:start",) if likes.get("start.done") else ()),
        "seat": seat,
        "office": _office(seat) if seat else "",
        "keys": likes.get("keys", ""),
        "live_address": address_of("console:live"),
    }
    response = render(request, template, {**shell, **facts}, status=status)
    response["Cache-Control"] = "no-store" if viewer or request.method != "GET" else "private, no-cache"
    return response


@cache
def address_of(name: str) -> str:
    """The address of this name; empty where there is none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def places_of(viewer: Viewer | None, *, hidden: tuple[str, ...] = ()) -> list[Place]:
    """The places that the viewer may open, in the order of the navigation."""
    if viewer is None:
        return []
    return [
        place
        for place in PLACES
        if place.link
        and place.name not in hidden
        and (not place.verbs or any(_opens(viewer, verb) for verb in place.verbs))
    ]


def _opens(viewer: Viewer, verb: Verb) -> bool:
    return any(
        verb in seat.verbs and (verb in _OF_DEPARTMENTS or not seat.department) for seat in viewer.seats
    )


def _office(seat: Seat) -> str:
    """What the seat's office is called: the department, or the tier's desk."""
    if seat.department:
        return words.named(departments().get(seat.department), get_language() or "")
    return words.label(words.OFFICES, seat.level)


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The `next` address when it is our own, else `otherwise`."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    if given and url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return given
    return resolve_url(otherwise)
