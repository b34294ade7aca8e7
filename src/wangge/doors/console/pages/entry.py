"""Signing in and out by a cookie that holds the secret of an open sign-in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_POST

from wangge.base import clock
from wangge.base.problems import Problem
from wangge.doors.console.pages.shell import present, told, way_back
from wangge.staff import actions
from wangge.staff.api import COOKIE, keep_signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, or with it the way back to where one came from. A wrong password says no more than that."""
    facts = {"next": way_back(request, "console:queues"), "username": request.POST.get("username", "")[:60]}
    if request.method != "POST":
        return present(request, "console/sign_in.html", facts)
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
    response = HttpResponseRedirect(facts["next"])
    keep_signed_in(request, response, opened)
    if opened.account.language:
        # The person's own language, whatever was spoken to who sat here before.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            opened.account.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this browser's sign-in; the secret is worth nothing after it."""
    if secret := request.COOKIES.get(COOKIE, ""):
        actions.sign_out(secret, now=clock.now())
    response = HttpResponseRedirect(resolve_url("sign-in"))
    response.delete_cookie(COOKIE, samesite="Lax")
    return response
