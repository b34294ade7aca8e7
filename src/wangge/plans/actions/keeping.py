"""What the verbs about plans share: the plan under lock, its grids written anew, the journal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.plans import lifecycle
from wangge.plans.models import Plan, PlanGrid
from wangge.plans.queries.registers import outlines_for
from wangge.plans.rules.content import Content
from wangge.plans.rules.figures import Figures, figures_of, moved
from wangge.plans.rules.numbers import Named, named_grids
from wangge.plans.rules.outlines import outlines_of
from wangge.plans.rules.problems import PlanChanged, PlanStepNotPossible


def plan_to_draft(viewer: Viewer, plan_id: UUID, *, revision: int) -> Plan:
    """A draft under lock, as the viewer knows it. NotFound, NotAllowed, PlanStepNotPossible, PlanChanged."""
    plan = locked_plan(plan_id)
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    if plan.state != lifecycle.DRAFT:
        raise PlanStepNotPossible(state=plan.state)
    if plan.revision != revision:
        raise PlanChanged
    return plan


def locked_plan(plan_id: UUID) -> Plan:
    # Seen but not the viewer's to change: the lock finds nothing, which is another answer than not seen.
    if not Plan.objects.filter(id=plan_id).exists():
        raise NotFound
    plan = Plan.objects.select_for_update(of=("self",)).select_related("area").filter(id=plan_id).first()
    if plan is None:
        raise NotAllowed
    return plan


def write_grids(
    plan: Plan,
    content: Content,
    labels: np.ndarray[Any, Any],
    causes: Sequence[tuple[str, int, str]] = (),
) -> Figures:
    """The plan's grids, figures and broken rules after its labels changed. The plan itself is saved by the caller."""
    figures = figures_of(content, labels, low=plan.low, high=plan.high)
    named = named_grids(
        content,
        labels,
        figures,
        used=areas.grid_codes_ever(content.communities),
        names={int(label): name for label, name in plan.names.items()},
    )
    outlines = outlines_of(content, labels, *outlines_for(plan.path, list(content.communities)))
    going_on = {each.label: each.today for each in named if each.today >= 0}
    plan.labels = labels.tolist()
    plan.broken = [[each.rule, each.label, each.count] for each in figures.broken]
    plan.figures = {
        **figures.as_json(),
        "moved": moved(content, labels, going_on),
        "kept": len(going_on),
        "begun": len(named) - len(going_on),
        "ended": len(content.grids) - len(going_on),
        "unplaced": content.unplaced,
        "causes": [list(each) for each in causes],
    }
    PlanGrid.objects.filter(plan=plan).delete()
    PlanGrid.objects.bulk_create(_rows(plan, content, labels, figures, named, outlines))
    return figures


def _rows(
    plan: Plan,
    content: Content,
    labels: np.ndarray[Any, Any],
    figures: Figures,
    named: list[Named],
    outlines: Mapping[int, dict[str, Any]],
) -> list[PlanGrid]:
    overlaps = content.overlaps(labels, int(labels.max(initial=0)) + 1)
    by_label = {grid.label: grid for grid in figures.grids}
    rows = []
    for one in named:
        grid = by_label[one.label]
        rows.append(
            PlanGrid(
                plan=plan,
                path=plan.path,
                label=one.label,
                code=one.code,
                name=one.name,
                community=content.communities[grid.community],
                today=content.grids[one.today] if one.today >= 0 else "",
                households=grid.households,
                atoms=grid.atoms,
                stay=int(overlaps[one.label, one.today]) if one.today >= 0 else 0,
                figures={
                    "rms_m": round(grid.rms_m, 1),
                    "farthest_m": round(grid.farthest_m),
                    "pieces": grid.pieces,
                    "lon": round(grid.lon, 6),
                    "lat": round(grid.lat, 6),
                },
                outline=outlines.get(one.label),
            )
        )
    return rows


def tell(
    viewer: Viewer, plan: Plan, verb: str, now: datetime, *, path: str = "", reason: str = "", **after: Any
) -> None:
    record(
        viewer, verb=verb, subject=plan.subject, path=path or plan.path, at=now, after=after, reason=reason
    )
