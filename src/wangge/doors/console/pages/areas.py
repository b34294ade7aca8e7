"""The tree of areas with who staffs them, and what is vacant, by name of post and area."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen
from wangge.staff import queries as staff


@require_safe
@screen
def areas(request: HttpRequest, viewer: Viewer, code: str = "") -> HttpResponse:
    """One area with those right below it; without a code, the area of the viewer's own highest seat."""
    seat = viewer.first_seat
    area = queries.area_by_code(code or (seat.path.rsplit(".", 1)[-1] if seat else queries.roots()[0].code))
    within = any(lies_in(area.path, path) for path in viewer.scope)
    facts: dict[str, Any] = {
        "section": "console:areas",
        "area": area,
        "above": queries.ancestors(area.path)[:-1],
        "below": queries.children(area.code),
        "map": lookups.map_of_area(area.code),
        "staffing": staff.staffing(viewer, area.code, today=clock.now().astimezone(SHANGHAI).date()) if within else None,
        "posts": lookups.post_names(),
    }
    return present(request, "console/areas.html", facts)
