"""What the verbs about plans share: the plan under lock, its grids written anew, the journal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.plans import lifecycle
from wangge.plans.models import Plan, PlanGrid
from wangge.plans.queries.covering import drawn_as
from wangge.plans.queries.ground import ground_of
from wangge.plans.queries.plans import drawn_today, may_take
from wangge.plans.queries.registers import outlines_for
from wangge.plans.rules.bonds import bonds_of
from wangge.plans.rules.content import Content
from wangge.plans.rules.figures import Figures, figures_of, moved, today_figures
from wangge.plans.rules.ground import covered, streets_of
from wangge.plans.rules.measures import handed_over, hours_by_grid, on_foot, rounds_by_grid, walked_sums
from wangge.plans.rules.numbers import Named, named_grids
from wangge.plans.rules.outlines import standing_on
from wangge.plans.rules.principles import principles_of
from wangge.plans.rules.problems import PlanChanged, PlanStepNotPossible
from wangge.plans.rules.ways import net_of

Labels = np.ndarray[Any, Any]


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


def plan_to_take(viewer: Viewer, plan_id: UUID, step: str) -> Plan:
    """Under lock, for a step that moves records. NotFound, PlanStepNotPossible, NotAllowed."""
    plan = locked_plan(plan_id)
    line = lifecycle.line_of(plan.state, step)
    if line is None:
        raise PlanStepNotPossible(state=plan.state)
    if not may_take(viewer, plan, line):
        raise NotAllowed
    return plan


def in_turn(what: str) -> None:
    """Until the end of the transaction nobody else counts the same: who checks a bound and then adds one waits here."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"plans:{what}"])


def write_grids(
    plan: Plan,
    content: Content,
    labels: Labels,
    causes: Sequence[tuple[str, int, str]] = (),
    *,
    ended_early: bool = False,
) -> Figures:
    """The plan's grids, figures and broken rules after its labels changed. The plan itself is saved by the caller.

    `ended_early`: the search for the division ended before it was through.
    """
    figures = figures_of(content, labels, low=plan.low, high=plan.high, bonds=bonds_of(plan.bonds))
    today = drawn_today(plan)
    grids = named_grids(
        content,
        labels,
        figures,
        used=areas.grid_codes_ever(content.communities),
        names={int(label): name for label, name in plan.names.items()},
        b_stands=standing_on(content, today),
    )
    going_on = {each.label: each.today for each in grids if each.today >= 0}
    drawing = drawn_as(plan, content, labels, going_on, today)
    outlines, bare = drawing.outlines, drawing.bare
    measured = _Measured(plan, content, labels, drawing.all, [*drawing.frame.values()])
    plan.labels = labels.tolist()
    plan.broken = [[each.rule, each.label, each.count] for each in figures.broken]
    plan.figures = {
        **figures.as_json(),
        **measured.sums(),
        "moved": moved(content, labels, going_on),
        "handed_over": handed_over(content, labels, going_on),
        "kept": len(going_on) + len(bare),
        "untouched": len(bare),
        "redrawn": sum(
            label in outlines and outlines[label] != today.get(content.grids[place])
            for label, place in going_on.items()
        ),
        "begun": len(grids) - len(going_on),
        "ended": len(content.grids) - len(going_on) - len(bare),
        "unplaced": content.unplaced,
        "causes": [list(each) for each in causes],
        "ended_early": ended_early,
    }
    PlanGrid.objects.filter(plan=plan).delete()
    PlanGrid.objects.bulk_create(_rows(plan, content, labels, figures, grids, outlines, measured))
    return figures


def figures_today(plan: Plan, content: Content, outlines: Mapping[str, Any]) -> dict[str, Any]:
    """Today's grids measured as the plan's are; `outlines` are theirs."""
    found = today_figures(content, low=plan.low, high=plan.high)
    frame, _dedicated = outlines_for(plan.path, list(content.communities))
    measured = _Measured(plan, content, content.today, outlines.values(), [*frame.values()])
    return {**found.as_json(), **measured.sums()}


class _Measured:
    """What else is known of a division: the four principles, hours of work with its ways, ways on foot, streets and shops that no grid has."""

    def __init__(
        self, plan: Plan, content: Content, labels: Labels, outlines: Iterable[Any], frame: list[Any]
    ) -> None:
        self.content, self.labels = content, labels
        ground = ground_of(plan.ground_ids)
        net = net_of(content, streets_of(content, ground))
        rounds = rounds_by_grid(content, labels)
        self.hours = hours_by_grid(content, labels, rounds)
        self.ways = on_foot(content, labels, net) if net else {}
        self.covered: dict[str, int] = {}
        if ground is not None:
            known = [each for each in frame if each]
            self.covered = covered(content, ground, [each for each in outlines if each], frame=known)
        self.principles = principles_of(content, labels, low=plan.low, high=plan.high, rounds=rounds)

    def sums(self) -> dict[str, Any]:
        hours = self.hours.values()
        told: dict[str, Any] = {"hours_least": min(hours), "hours_most": max(hours)} if hours else {}
        walked = walked_sums(self.ways)
        whole = self.principles.whole
        if walked:
            ways = {"on_foot": True, "mean_m": walked["walk_mean_m"], "farthest_m": walked["walk_farthest_m"]}
            whole = {**whole, "service": {**whole["service"], **ways}}
        if self.covered:
            bare = self.covered["streets_uncovered_m"] or self.covered["shops_uncovered"]
            kept = {"kept": whole["management"]["kept"] and not bare}
            whole = {**whole, "management": {**whole["management"], **self.covered, **kept}}
        return {**told, **walked, **self.covered, "principles": whole}

    def of(self, label: int) -> dict[str, float]:
        told = dict(self.principles.grids.get(label, {}))
        if label in self.ways:
            way = self.ways[label]
            told |= {"walk_m": round(way.farthest_m), "walk_mean_m": round(way.mean_m, 1)}
        return told


def _rows(
    plan: Plan,
    content: Content,
    labels: Labels,
    figures: Figures,
    named: list[Named],
    outlines: Mapping[int, dict[str, Any]],
    measured: _Measured,
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
                    **measured.of(one.label),
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
