"""Ready texts as a form offers them: filled for this case and for the person who writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from wangge.access import Viewer
from wangge.base.calendar import SHANGHAI
from wangge.cases import queries
from wangge.cases.rules.texts import fill_text
from wangge.doors.console import words
from wangge.doors.console.forms import ReadyText
from wangge.doors.console.pages import lookups
from wangge.doors.console.templatetags.console import span


def values_of(
    viewer: Viewer, case: Any, *, item: Any, place: str, department: str, now: datetime
) -> dict[str, str]:
    """What the fields of a text stand for in this case."""
    seat = viewer.first_seat
    own = lookups.department_names().get(seat.department, "") if seat and seat.department else ""
    return {
        "number": case.number,
        "title": case.title,
        "place": case.address or place,
        "item": words.named(item, lookups.language()),
        "due": f"{timezone.localtime(case.due_at, SHANGHAI):%Y-%m-%d %H:%M}" if case.due_at else "—",
        "waited": span(queries.waited(case, now)),
        "department": department or own or (seat.area_name if seat else ""),
        "name": viewer.name,
        "today": f"{now.astimezone(SHANGHAI):%Y-%m-%d}",
    }


def ready_texts(viewer: Viewer, case: Any, values: Mapping[str, str]) -> dict[str, tuple[ReadyText, ...]]:
    """By use, the nearest area's first."""
    found: dict[str, tuple[ReadyText, ...]] = {}
    for kept in queries.texts_for(viewer, case.path):
        filled = ReadyText(str(kept.id), kept.name, fill_text(kept.text, values))
        found[kept.use] = (*found.get(kept.use, ()), filled)
    return found
