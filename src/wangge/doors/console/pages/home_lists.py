"""A community's own list of households or residents, taken in: its columns are looked at first, then it comes in whole."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.doors.console import home_words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen
from wangge.doors.console.pages.typed import line_of, trouble, uploaded
from wangge.households import actions, queries
from wangge.households.rules.headings import COLUMNS, KINDS, Kind

_MOST_COLUMNS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def take_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Look at the columns, say what they mean, take it in. The file stays with the browser until it is taken in."""
    queries.check_reads_homes(viewer)
    if not viewer.may_anywhere(Verb.HOUSEHOLD_CHANGE):
        raise NotAllowed
    more = _taken(request, viewer) if request.method == "POST" else {}
    typed = request.POST
    kind = typed.get("kind", "residents")
    facts = {
        "section": "console:homes",
        "kind": kind if kind in KINDS else "residents",
        "areas": lookups.areas_to_choose(viewer),
        "area": typed.get("area") or queries.register_area(viewer),
        "residency": typed.get("residency", "registered_present"),
        "residencies": home_words.RESIDENCIES,
        "leave_out": "leave_out" in typed,
        "meanings": [(column, home_words.COLUMNS[column]) for column in COLUMNS[_kind(kind)]],
        **more,
    }
    part = request.headers.get("HX-Request") == "true" and "columns" in facts
    template = "console/home_columns.html" if part else "console/home_list.html"
    return present(request, template, facts, status=more.get("status", 200))


def _kind(text: str) -> Kind:
    return text if text in KINDS else "residents"


def _taken(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    typed = request.POST
    try:
        with uploaded(request) as path, transaction.atomic():
            kind, area = _kind(typed.get("kind", "")), line_of(typed, "area", 16)
            if not area:
                raise Invalid(field="area", expected="3207…")
            if "look" in typed or "heading-0" not in typed:
                home = areas.area_by_code(area).path
                return {"columns": queries.columns_to_map(viewer, path, kind, home)}
            report = actions.import_register(
                viewer,
                path,
                kind,
                now=clock.now(),
                area=area,
                mapping=_mapping(typed),
                residency=line_of(typed, "residency", 20),
                leave_out_wrong="leave_out" in typed,
            )
            return {"report": report}
    except Problem as problem:
        return {**trouble(problem), "columns": _columns_again(typed), "status": problem.status}


def _mapping(typed: QueryDict) -> dict[str, str]:
    """Heading → column as it was chosen, an empty column for what is left out."""
    found: dict[str, str] = {}
    for number in range(_MOST_COLUMNS):
        if f"heading-{number}" not in typed:
            break
        found[typed.get(f"heading-{number}", "")[:200]] = line_of(typed, f"column-{number}", 20)
    return found


def _columns_again(typed: QueryDict) -> list[dict[str, Any]]:
    """What was chosen, beside what is wrong; nothing where no column was looked at yet."""
    return [
        {"heading": {"title": title, "column": column}, "first": ()}
        for title, column in _mapping(typed).items()
    ]
