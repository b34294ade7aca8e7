"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wangge.areas import queries as areas
from wangge.catalogue import queries as catalogue
from wangge.plans.queries import open_for_comment


def _tiers() -> list[dict[str, object]]:
    names = {
        "county": _("counties and districts"),
        "township": _("townships and subdistricts"),
        "community": _("villages and communities"),
        "grid": _("grids"),
    }
    counts = areas.level_counts()
    return [{"name": name, "count": counts[level]} for level, name in names.items() if counts.get(level)]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this installation is. Nothing on it depends on who asks, but the words of the way to one's own desk."""
    facts = {
        "place": areas.root_name(),
        "tiers": _tiers(),
        "items": catalogue.admitted_count(),
        "asked": open_for_comment.open_plans()[:5],
        "signed_in": getattr(request, "viewer", None) is not None,
    }
    return render(request, "public/home.html", facts)
