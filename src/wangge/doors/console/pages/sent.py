"""Addresses that only forms are sent to. An answer that is a page stays at such an address, and whoever follows one of its
relative links, switches the language or loads it again asks for it: they are led to the page that has the form.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

from wangge.doors.console.pages.shell import Page


def sent_from(owner: str, *parts: str) -> Callable[[Page], Page]:
    """What forms of the page `owner` are sent to; `parts` of the address lead back to it, and the query goes along."""

    def led(page: Page) -> Page:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(page)
        def answered(request: HttpRequest, **given: Any) -> HttpResponseBase:
            if request.method == "POST":
                return page(request, **given)
            query = request.META.get("QUERY_STRING", "")
            back = resolve_url(owner, **{part: given[part] for part in parts})
            return HttpResponseRedirect(f"{back}?{query}" if query else back)

        return answered

    return led
