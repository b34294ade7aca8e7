"""What all screens share: who may enter, the navigation, and how a problem is shown."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.access import Seat, Verb, Viewer
from wangge.base.problems import Problem
from wangge.base.text import clean_line
from wangge.catalogue.queries import departments
from wangge.doors.console import words

Page = Callable[..., HttpResponse]

#: Address, label, and the verb that opens it (none: everyone who is signed in).
PLACES = (
    ("console:queues", _("Cases"), None),
    ("console:file", _("File a case"), Verb.CASE_REPORT),
    ("console:areas", _("Areas and staff"), None),
    ("console:catalogue", _("Catalogue"), None),
    ("console:figures", _("Figures"), Verb.FIGURES_READ),
    ("console:journal", _("Journal"), Verb.JOURNAL_READ),
)


def screen(page: Page) -> Page:
    """A page for accounts: others are sent to sign in and come back; a problem is shown in words, with its status."""

    def shown(request: HttpRequest, **parts: Any) -> HttpResponse:
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


def told(problem: Problem) -> str:
    """The problem's sentence in the page's language."""
    return problem.say(words.said)


def present(request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template within the shell, never kept by a cache: the next person at the desk has another scope."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    seat = viewer.first_seat if viewer else None
    shell = {
        "viewer": viewer,
        "places": _places(viewer),
        "seat": seat,
        "office": _office(seat) if seat else "",
    }
    response = render(request, template, {**shell, **facts}, status=status)
    response["Cache-Control"] = "no-store" if request.method != "GET" else "private, no-cache"
    return response


def _places(viewer: Viewer | None) -> list[tuple[str, Any]]:
    return [(url, label) for url, label, verb in PLACES if viewer and (verb is None or _opens(viewer, verb))]


def _opens(viewer: Viewer, verb: Verb) -> bool:
    """A department's seat reports cases, but its area's figures and journal are not the department's."""
    return any(
        verb in seat.verbs and (verb is Verb.CASE_REPORT or not seat.department) for seat in viewer.seats
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
