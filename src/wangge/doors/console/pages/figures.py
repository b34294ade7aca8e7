"""The figures that dashboards show, as tiles and tables: the same numbers as the interface gives."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas.queries import area_by_code, lineages_of
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.doors.console import words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.figures import queries

#: So many items stand in the table, those with the most cases.
_MOST_ITEMS = 20


@require_safe
@screen
def figures(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One area and one period, by default the viewer's own area and this month; of an area that has ended the last one of its time."""
    if not viewer.may_anywhere(Verb.FIGURES_READ):
        raise NotAllowed
    now = clock.now()
    seat = viewer.first_seat
    area = asked(request, "area", 16) or (seat.path.rsplit(".", 1)[-1] if seat else "")
    periods = periods_to_choose(now.astimezone(SHANGHAI).date())
    here = area_by_code(area)
    last = here.valid_to and max(here.valid_from, here.valid_to - timedelta(days=1))
    period = asked(request, "period", 10) or (f"{last:%Y-%m}" if last else periods[0])
    found = queries.figures(viewer, area=area, period=period, now=now)
    tiers = [level for level in LEVELS if any(level in pair for pair in found.tiers)]
    offered = lookups.areas_to_choose(viewer)
    facts = {
        "section": "console:figures",
        "figures": found,
        "tables": _tables(found),
        "tiers": tiers,
        "matrix": [(level, [found.tiers.get((level, resolved), 0) for resolved in tiers]) for level in tiers],
        "outcomes": sorted(found.outcomes.items(), key=lambda outcome: -outcome[1]),
        "here": here,
        "lineage": lineages_of([area])[area] if here.level == "grid" else None,
        "beside": queries.beside(viewer, area=area, period=period, now=now),
        "period": period,
        "periods": periods if period in periods else [period, *periods],
        "areas": offered if here in offered else [here, *offered],
    }
    return present(request, "console/figures.html", facts)


def _tables(found: queries.Figures) -> list[dict[str, Any]]:
    """The tables of lines, each with its rows: name, whose page it leads to, by which key, line, and what an area's row tells beside."""
    language = lookups.language()
    items = sorted(found.by_item, key=lambda named: -named.line.reported)[:_MOST_ITEMS]
    businesses = [
        (words.label(words.BUSINESSES, named.key), "", "", named.line, None) for named in found.by_business
    ]
    months = [(named.key, "", "", named.line, None) for named in found.by_month]
    areas = [(words.named(named, language), "area", named.key, named.line, named) for named in found.by_area]
    tables: list[dict[str, Any]] = [
        {"name": "business", "rows": businesses},
        {"name": "month", "rows": months if len(months) > 1 else []},
        {"name": "area", "rows": areas},
        {
            "name": "item",
            "rows": [(words.named(named, language), "item", named.key, named.line, None) for named in items],
        },
    ]
    return [
        table | {"title": words.label(words.TABLES, str(table["name"]))} for table in tables if table["rows"]
    ]


def periods_to_choose(today: date) -> list[str]:
    """The last twelve months, four quarters and two years, each beginning with the current one."""
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(12)]
    quarters = [divmod(today.year * 4 + (today.month - 1) // 3 - back, 4) for back in range(4)]
    return [
        *(f"{year}-{month + 1:02}" for year, month in months),
        *(f"{year}-Q{quarter + 1}" for year, quarter in quarters),
        str(today.year),
        str(today.year - 1),
    ]
