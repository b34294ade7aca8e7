"""Several plans of one area side by side: a map for each, and all figures in one table."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base.problems import Invalid
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.shell import present, screen
from wangge.doors.console.pages.typed import id_in
from wangge.doors.console.plan_maps import maps_of, outlined
from wangge.plans.queries import plans as queries
from wangge.plans.queries import proofs

#: More maps than these are too small to compare.
MOST = 4
#: Of these figures less is better; of the others neither is.
_LESS = (
    "outside", "pieces", "cut", "uncovered", "rms_m", "farthest_m", "moved", "gap",
    "service.mean_m", "service.most_hours_a_week", "management.households",
)  # fmt: skip


@require_GET
@screen
def compare_plans(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The plans that were ticked in the list; of another area than the first one's, they are left out."""
    chosen = list(dict.fromkeys(known for one in request.GET.getlist("plan") if (known := id_in(one))))
    if not chosen:
        raise Invalid(field="plan", expected=_("plans to compare"))
    found = [queries.plan_by_id(viewer, one) for one in chosen[:MOST]]
    alike = [one for one in found if one.area_id == found[0].area_id]
    grids = [queries.grids_of(viewer, one) for one in alike]
    around = [each for one, own in zip(alike, grids, strict=True) for each in outlined(one, own)]
    maps = [maps_of(one, own, title=one.name, around=around) for one, own in zip(alike, grids, strict=True)]
    facts = {
        "section": "console:plans",
        "plans": alike,
        "area": found[0].area,
        "left_out": len(chosen) - len(alike),
        "before": maps[0][0],
        "maps": [after for _before, after in maps if after],
        "rows": [*_rows(alike), *_principle_rows(alike)],
        "others": [one for one in queries.plans(viewer, area=found[0].area_id) if one.id not in chosen][:12],
        "most": MOST,
    }
    return present(request, "console/plan_compare.html", facts)


def _rows(plans: Sequence[Any]) -> list[tuple[Any, Any, list[tuple[Any, bool]]]]:
    """What each figure is called, today's, and each plan's with whether it is the best of them."""
    today = plans[0].figures_today
    named = {**plan_words.FIGURES, **plan_words.CHANGES}
    return [
        (label, today.get(code), _marked(code, [plan.figures.get(code) for plan in plans]))
        for code, label in named.items()
    ]


def _principle_rows(plans: Sequence[Any]) -> list[tuple[Any, Any, list[tuple[Any, bool]]]]:
    """The four principles: what is not among the figures yet. Nothing stands where nothing is known."""
    told = [proofs.principles_before_and_after(plan) for plan in plans]
    today = told[0][0]
    rows = []
    for principle, figures in plan_words.PRINCIPLE_FIGURES.items():
        for code, label in figures.items():
            values = [after[principle].get(code) for _before, after in told]
            if code not in plan_words.FIGURES and any(value is not None for value in values):
                name = f"{words.label(plan_words.PRINCIPLES, principle)} · {label}"
                cells = [(_said(value), best) for value, best in _marked(f"{principle}.{code}", values)]
                rows.append((name, _said(today[principle].get(code)), cells))
    return rows


def _said(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value


def _marked(code: str, values: list[Any]) -> list[tuple[Any, bool]]:
    known = [value for value in values if value is not None]
    differ = len(set(known)) > 1 and len(known) == len(values)
    return [(value, code in _LESS and differ and value == min(known)) for value in values]
