"""The hand-over lists: what was open, due and promised when a post changed hands."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.cases import queries
from wangge.doors.console.pages.lookups import area_names
from wangge.doors.console.pages.shell import present, screen
from wangge.staff.queries import names_of

#: So many lists stand on the page, the newest.
_MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a list; `day` or `moment` is what it was promised or due for, as exactly as the list says it."""

    case: str
    number: str
    title: str
    why: str
    day: date | None
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One list with the names that it itself holds only as codes; nobody received it when it went to the desk."""

    id: int
    giver: str
    receiver: str
    kind: str
    area: str
    at: datetime
    lines: list[Line]


@require_safe
@screen
def handovers(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The lists that the viewer gave, received, or has in their areas, newest first."""
    found = queries.handovers(viewer, limit=_MOST + 1)
    facts = {
        "section": "console:areas",
        "rows": _rows(found[:_MOST]),
        "more": len(found) > _MOST,
        "made": request.GET.get("made", ""),
    }
    return present(request, "console/handovers.html", facts)


def _rows(lists: list[Any]) -> list[Row]:
    people = names_of(account for made in lists for account in (made.from_account_id, made.to_account_id))
    areas = area_names(_area(made) for made in lists)
    return [
        Row(
            made.id,
            people.get(made.from_account_id, "—"),
            people.get(made.to_account_id, "—") if made.to_account_id else "",
            made.kind,
            areas.get(_area(made), _area(made)),
            made.at,
            [_line(line) for line in made.listed],
        )
        for made in lists
    ]


def _area(made: Any) -> str:
    return str(made.path.rsplit(".", 1)[-1])


def _line(line: dict[str, str]) -> Line:
    when = line["when"]
    day = parse_date(when) if len(when) == len("2026-11-24") else None
    moment = parse_datetime(when) if when and not day else None
    return Line(line["case"], line["number"], line["title"], line["why"], day, moment)
