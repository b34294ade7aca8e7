"""The figures that dashboards show, as tiles and tables: the same numbers as the interface gives."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen


@require_safe
@screen
def figures(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One area and one period, by default the viewer's own area and this month."""
    from wangge.figures import queries

    if not viewer.may_anywhere(Verb.FIGURES_READ):
        raise NotAllowed
    seat = viewer.first_seat
    area = request.GET.get("area") or (seat.path.rsplit(".", 1)[-1] if seat else "")
    period = request.GET.get("period") or f"{clock.now().astimezone(SHANGHAI):%Y-%m}"
    facts = {
        "section": "console:figures",
        "figures": queries.figures(viewer, area=area, period=period),
        "area": area,
        "period": period,
        "areas": lookups.areas_to_choose(viewer),
        "levels": LEVELS,
    }
    return present(request, "console/figures.html", facts)
