"""How a person likes the pages: kept by the name of the preference, sent by forms and scripts alike."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.i18n import set_language as keep_in_browser

from wangge.access import Viewer
from wangge.base.problems import Invalid, NotFound
from wangge.cases.rules import COLUMNS, tidy_columns
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen, way_back
from wangge.staff import actions


def _switch(*allowed: str) -> Callable[[list[str]], Any]:
    """One of these words; none of them forgets it."""

    def read(given: list[str]) -> Any:
        value = given[-1] if given else ""
        if value and value not in allowed:
            raise Invalid(field="value", expected=", ".join(allowed))
        return value or None

    return read


def _columns(given: list[str]) -> Any:
    """Names of columns in the order of the form; none shows the usual ones."""
    names = [name for name in given if name]
    if unknown := [name for name in names if name not in COLUMNS]:
        raise Invalid(field="value", expected=", ".join(name for name in COLUMNS if name not in unknown))
    return tidy_columns(names) if names else None


PREFERENCES: dict[str, Callable[[list[str]], Any]] = {
    "keys": _switch("off"),
    "columns": _columns,
    "layout": _switch("list", "split"),
    "start.done": _switch("yes"),
}


@sent_from("console:queues")
@screen
def preference(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse:
    """Keeps `value` (several for columns) under the name; a form goes on to `next`, a script needs no answer."""
    if name not in PREFERENCES:
        raise NotFound
    actions.set_preference(viewer, name, PREFERENCES[name](request.POST.getlist("value")))
    if request.POST.get("next"):
        return HttpResponseRedirect(way_back(request, "console:queues"))
    return HttpResponse(status=204)


@sent_from("console:queues")
def language(request: HttpRequest) -> HttpResponse:
    """The language of this browser; who is signed in reads it on other machines too."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    wanted = request.POST.get("language", "")
    if viewer is not None and wanted in ("zh-hans", "en"):
        actions.set_language(viewer, wanted)
    return keep_in_browser(request)
