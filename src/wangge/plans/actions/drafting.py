"""A plan begun, changed by hand, and made better from where it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import numpy as np

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, OtherContent
from wangge.base.text import clean_line
from wangge.plans.actions.keeping import plan_to_draft, tell, write_grids
from wangge.plans.models import UNITS, Plan, PlanContent
from wangge.plans.queries.plans import LEVELS, content_by_plan, may_draft, plan_by_id
from wangge.plans.queries.registers import buildings_in, grid_rows
from wangge.plans.rules.content import Content, gathered
from wangge.plans.rules.dividing import Divided, as_today, divided
from wangge.plans.rules.figures import today_figures
from wangge.plans.rules.problems import NothingToDivide, TooManyAtoms

MOST_ATOMS = 20_000
NAME_LENGTH = 80
#: A request waits no longer for a division; the best so far is taken.
LIMIT_S = 20.0

Start = Literal["today", "divide"]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def begin_plan(
    viewer: Viewer,
    *,
    area: str,
    name: str,
    unit: str = "building",
    start: Start = "divide",
    low: int = 300,
    high: int = 500,
    seed: int = 0,
    copy_of: UUID | None = None,
    plan_id: UUID | None = None,
    now: datetime,
) -> Plan:
    """A draft for an area: from today's grids, divided anew, or a copy of another plan of the same area.

    NothingToDivide without buildings, TooManyAtoms, NotAllowed, Invalid.
    """
    place = areas.area_by_code(area)
    if not may_draft(viewer, place.path):
        raise NotAllowed
    if place.level not in LEVELS or place.valid_to is not None:
        raise Invalid(field="area", expected=_("a county, township or community of today"))
    _check(unit, low, high)
    plan = Plan(
        id=plan_id or new_id(),
        area=place,
        path=place.path,
        name=_named(name),
        unit=unit,
        low=low,
        high=high,
        seed=seed,
        made_at=now,
        made_by_id=viewer.account_id,
        changed_by_id=viewer.account_id,
    )
    if Plan.objects.filter(id=plan.id).exists():
        raise OtherContent
    if copy_of is None:
        rows = [each.row for each in buildings_in(place.path)]
        if not rows or not sum(row.households for row in rows):
            raise NothingToDivide
        content = gathered(rows, grid_rows(areas.grids_within(place.path)), unit=unit)
        if len(content) > MOST_ATOMS:
            raise TooManyAtoms(count=len(content), most=MOST_ATOMS)
        made = (
            Divided(as_today(content), ())
            if start == "today"
            else divided(content, low=low, high=high, seed=seed, limit_s=LIMIT_S)
        )
        plan.fixed = [False] * len(content)
    else:
        source = plan_by_id(viewer, copy_of)
        if source.path != place.path:
            raise Invalid(field="copy_of", expected=_("a plan of the same area"))
        content = content_by_plan(source)
        made = Divided(np.array(source.labels, np.int64), ())
        plan.unit, plan.fixed, plan.names = source.unit, source.fixed, source.names
        plan.copied_from_id = source.id
    plan.labels = made.labels.tolist()
    today = today_figures(content, low=low, high=high)
    plan.figures_today = today.as_json()
    plan.save(force_insert=True)
    PlanContent.objects.create(
        plan=plan, path=plan.path, content={**content.as_json(), "outlines": _outlines(place.path)}
    )
    write_grids(plan, content, made.labels, made.causes)
    plan.save(update_fields=["figures", "broken"])
    tell(viewer, plan, "plan.drafted", now, unit=plan.unit, low=low, high=high, grids=plan.figures["grids"])
    return plan


def change_plan(
    viewer: Viewer,
    plan_id: UUID,
    *,
    revision: int,
    labels: Sequence[int] | None = None,
    fixed: Sequence[int] | None = None,
    names: Mapping[int, str] | None = None,
    name: str | None = None,
    low: int | None = None,
    high: int | None = None,
    now: datetime,
) -> Plan:
    """Another division of a draft, other names or bounds. `fixed` names the atoms that stay where they are put.

    PlanChanged when somebody else was faster, PlanStepNotPossible when it is no draft any more, Invalid.
    """
    plan = plan_to_draft(viewer, plan_id, revision=revision)
    content = content_by_plan(plan)
    wanted = np.array(plan.labels if labels is None else labels, np.int64)
    if len(wanted) != len(content) or wanted.min(initial=0) < -1 or wanted.max(initial=0) >= len(content):
        raise Invalid(field="labels", expected=f"{len(content)} × -1 … {len(content) - 1}")
    moved = int((wanted != np.array(plan.labels)).sum())
    if fixed is not None:
        if any(not 0 <= atom < len(content) for atom in fixed):
            raise Invalid(field="fixed", expected=f"0 … {len(content) - 1}")
        held = set(fixed)
        plan.fixed = [atom in held for atom in range(len(content))]
    if name is not None:
        plan.name = _named(name)
    plan.low, plan.high = low or plan.low, high or plan.high
    _check(plan.unit, plan.low, plan.high)
    if names is not None:
        plan.names = {str(label): given for label, said in names.items() if (given := _grid_name(said))}
    if low or high:
        plan.figures_today = today_figures(content, low=plan.low, high=plan.high).as_json()
    _save(viewer, plan, content, Divided(wanted, ()))
    tell(
        viewer,
        plan,
        "plan.changed",
        now,
        atoms=moved,
        grids=plan.figures["grids"],
        moved=plan.figures["moved"],
    )
    return plan


def improve_plan(
    viewer: Viewer, plan_id: UUID, *, revision: int, seed: int = 0, limit_s: float = LIMIT_S, now: datetime
) -> Plan:
    """Divides a draft anew from where it stands: what is fixed keeps its grid. As `change_plan`."""
    plan = plan_to_draft(viewer, plan_id, revision=revision)
    content = content_by_plan(plan)
    fixed = np.where(np.array(plan.fixed, bool), np.array(plan.labels, np.int64), -1)
    plan.seed = seed
    made = divided(
        content, low=plan.low, high=plan.high, seed=seed, limit_s=min(limit_s, LIMIT_S), fixed=fixed
    )
    _save(viewer, plan, content, made)
    tell(
        viewer, plan, "plan.improved", now,
        seed=seed, fixed=int((fixed >= 0).sum()), grids=plan.figures["grids"], moved=plan.figures["moved"],
    )  # fmt: skip
    return plan


def _save(viewer: Viewer, plan: Plan, content: Content, made: Divided) -> None:
    write_grids(plan, content, made.labels, made.causes)
    plan.revision += 1
    plan.changed_by_id = viewer.account_id
    plan.save()


def _outlines(path: str) -> dict[str, object]:
    """Today's outlines, so that a map of before can be drawn when they are no more."""
    return {grid.code: grid.boundary for grid in areas.grids_within(path) if grid.boundary}


def _check(unit: str, low: int, high: int) -> None:
    if unit not in UNITS:
        raise Invalid(field="unit", expected=", ".join(UNITS))
    if not 1 <= low < high <= 100_000:
        raise Invalid(field="high", expected=_("bounds with the lower one first"))


def _named(name: str) -> str:
    kept = clean_line(name, limit=NAME_LENGTH, name="name")
    if not kept:
        raise Invalid(field="name", expected=_("what the plan is called"))
    return kept


def _grid_name(said: str) -> str:
    return clean_line(said, limit=NAME_LENGTH, name="names")
