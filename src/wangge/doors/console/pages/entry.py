"""Signing in and out by a cookie that holds the secret of an open sign-in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.access import Verb, Viewer
from wangge.areas.queries import level_counts, roots
from wangge.base import clock
from wangge.base.problems import Problem
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, told, way_back
from wangge.staff import actions
from wangge.staff.api import COOKIE, keep_signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, or with it the way back to where one came from. A wrong password says no more than that."""
    facts = {"next": way_back(request, "console:queues"), "username": request.POST.get("username", "")[:60]}
    if request.method != "POST":
        return present(request, "console/sign_in.html", {**facts, "unfounded": not roots()})
    now = clock.now()
    try:
        opened = actions.sign_in(
            request.POST.get("username", ""),
            request.POST.get("password", ""),
            source=request.META.get("REMOTE_ADDR", ""),
            agent=request.headers.get("User-Agent", ""),
            now=now,
        )
    except Problem as problem:
        return present(
            request, "console/sign_in.html", {**facts, "problem": told(problem)}, status=problem.status
        )
    response = HttpResponseRedirect(_first_page(request, opened.account, facts["next"]))
    keep_signed_in(request, response, opened)
    if opened.account.language:
        # The person's own language, whatever was spoken to who sat here before.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            opened.account.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
        )
    return response


def _first_page(request: HttpRequest, viewer: Viewer, otherwise: str) -> str:
    """In an installation that holds nothing but its city, who administers it begins with the first steps."""
    asked_for = request.POST.get("next", "")
    at_home = asked_for in ("", resolve_url("console:queues"))
    empty = sum(level_counts().values()) == 1
    return (
        str(resolve_url("console:start"))
        if at_home and empty and viewer.may_anywhere(Verb.AREA_CHANGE)
        else otherwise
    )


@sent_from("sign-in")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this browser's sign-in; the secret is worth nothing after it."""
    if secret := request.COOKIES.get(COOKIE, ""):
        actions.sign_out(secret, now=clock.now())
    response = HttpResponseRedirect(resolve_url("sign-in"))
    response.delete_cookie(COOKIE, samesite="Lax")
    # Photos may be kept by a browser, but not for the next person. It listens to this over HTTPS only.
    response["Clear-Site-Data"] = '"cache"'
    return response
