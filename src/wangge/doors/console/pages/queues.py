"""The queues of the account's own tier, with filters in the address."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from wangge.access import Verb, Viewer
from wangge.cases import queries
from wangge.doors.console.pages.lookups import area_names, areas_to_choose, item_choices, items_by_version
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.words import QUEUES, STATES

#: Filters as the address names them, and as the query does.
_ASKED = {"area": "area", "state": "state", "item": "item", "late": "late", "text": "q"}
_LATE = ("soon", "overdue")


@dataclass(frozen=True, slots=True)
class Row:
    """A case on the page, with the names that it itself holds only as codes."""

    case: Any
    item: Any
    place: str


@screen
def queues(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One queue's page, newest first; the numbers beside all of them count the same areas."""
    counts = queries.queue_counts(viewer, asked(request, "area", 16))
    filters = _filters(request, counts)
    cursor = request.GET.get("cursor") or None
    page = queries.case_page(viewer, filters, cursor=cursor, limit=50)
    choices = areas_to_choose(viewer)
    facts = {
        "section": "console:queues",
        "filters": filters,
        "filtered": any(getattr(filters, name) for name in _ASKED.values()),
        "queues": [(name, counts.get(name)) for name in QUEUES],
        "cases": _rows(page.items),
        "cursor": cursor,
        "next_page": _next_page(request, page.next),
        "areas": choices,
        "here": next((area for area in choices if area.code == filters.area), None),
        "items": item_choices(viewer),
        "states": STATES,
        "may_report": viewer.may_anywhere(Verb.CASE_REPORT),
    }
    return present(request, "console/queues.html", facts)


def _filters(request: HttpRequest, counts: dict[str, int]) -> queries.CaseFilter:
    """Values that no list offers are dropped: an address typed wrongly shows more, not an error."""
    typed = {to: asked(request, name, 100) for name, to in _ASKED.items()}
    queue = asked(request, "queue", 20)
    if queue not in QUEUES:
        # Without a wish: what waits for oneself, and when nothing does, all that is open.
        queue = "mine" if counts.get("mine") and not any(typed.values()) else "open"
    if typed["state"] not in STATES:
        typed["state"] = ""
    if typed["late"] not in _LATE:
        typed["late"] = ""
    return queries.CaseFilter(
        queue=queue,
        area=typed["area"],
        state=typed["state"],
        item=typed["item"],
        late=typed["late"],
        q=typed["q"],
    )


def _rows(cases: list[Any]) -> list[Row]:
    versions = items_by_version(case.item_version_id for case in cases)
    names = area_names(code for case in cases for code in case.path.split(".")[1:])
    return [
        Row(
            case,
            versions.get(case.item_version_id),
            " · ".join(names.get(code, code) for code in case.path.split(".")[-2:]),
        )
        for case in cases
    ]


def _next_page(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}"
