"""The tree of areas with who staffs them, and what is vacant, by name of post and area."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.text import clean_line
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen
from wangge.staff import queries as staff

#: So many vacancies stand on the page; there may be thousands.
_MOST_VACANCIES = 30


@require_safe
@screen
def areas(request: HttpRequest, viewer: Viewer, code: str = "") -> HttpResponse:
    """One area with those right below it; without a code, the area of the viewer's own highest seat."""
    seat = viewer.first_seat
    area = queries.area_by_code(
        clean_line(code, limit=40, name="area")
        or (seat.path.rsplit(".", 1)[-1] if seat else queries.roots()[0].code)
    )
    today = clock.now().astimezone(SHANGHAI).date()
    open_to_viewer = viewer.may(Verb.FIGURES_READ, area.path)
    facts: dict[str, Any] = {
        "section": "console:areas",
        "area": area,
        "above": queries.ancestors(area.path)[:-1],
        "below": queries.children(area.code),
        "map": lookups.map_of_area(area.code),
    }
    return present(
        request, "console/areas.html", facts | (_staffing(viewer, area.code, today) if open_to_viewer else {})
    )


def _staffing(viewer: Viewer, code: str, today: date) -> dict[str, Any]:
    figures = staff.staffing(viewer, code, today=today)
    vacant = staff.vacancies(viewer, code, today=today, limit=_MOST_VACANCIES)
    posts = lookups.post_names()
    kinds = sorted(figures.kinds.items(), key=lambda kind: (LEVELS.index(kind[0][0]), kind[0][1]))
    return {
        "staffing": figures,
        "kinds": [(level, posts.get(kind, kind), standing) for (level, kind), standing in kinds],
        "posts": posts,
        "vacancies": vacant.items,
        "more_vacancies": vacant.next is not None,
        "standing_below": figures.below,
    }
