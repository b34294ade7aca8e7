"""A plan begun, changed by hand, and made better from where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import numpy as np

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, OtherContent
from wangge.base.text import clean_line
from wangge.plans.actions.keeping import figures_today, plan_to_draft, tell, write_grids
from wangge.plans.actions.taking import outlines_today, taken
from wangge.plans.models import UNITS, WEIGHED, Plan, PlanContent, PlanGrid
from wangge.plans.queries.ground import ground_of
from wangge.plans.queries.plans import LEVELS, content_by_plan, drawn_today, may_draft, plan_by_id
from wangge.plans.queries.today import today_as_it_is
from wangge.plans.rules.alike import alike, renumbered
from wangge.plans.rules.bonds import bonds_of, wrong_in
from wangge.plans.rules.content import NONE, Content, Ints
from wangge.plans.rules.dividing import RESHAPED, Divided, as_today, divided, improved, reshaped
from wangge.plans.rules.ground import streets_of
from wangge.plans.rules.problems import BondsContradict
from wangge.plans.rules.today import as_mended


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


NAME_LENGTH = 80
#: So many parts a grid may be split into at once.
MOST_PARTS = 10
#: A request waits no longer for a division; the best so far is taken.
LIMIT_S = 20.0

_WHY_NOT = {
    "split": _("a grid with as many buildings as parts"),
    "merge": _("grids of one community"),
    "compounds": _("compounds in the area"),
    "absorb": _("buildings in no grid"),
}
Start = Literal["today", "divide", "compounds", "split", "merge", "absorb"]


def begin_plan(
    viewer: Viewer,
    *,
    area: str,
    name: str,
    unit: str = "building",
    start: Start = "divide",
    low: int = 300,
    high: int = 500,
    weigh: str = "households",
    seed: int = 0,
    grids: Sequence[str] = (),
    into: int = 2,
    copy_of: UUID | None = None,
    plan_id: UUID | None = None,
    now: datetime,
) -> Plan:
    """A draft for an area: divided anew, from today's grids, or a copy of another plan of the same area.

    From today's grids or from the copy one thing may be changed: `start` "compounds" (each its own unit), "split" (the one of `grids`, `into` so
    many), "merge" (`grids`), "absorb" (buildings in no grid yet). NothingToDivide without buildings, TooManyAtoms, NotAllowed, Invalid.
    """
    place = area_to_divide(viewer, area)
    check_asked(unit, low, high, weigh)
    plan = Plan(
        id=plan_id or new_id(),
        area=place,
        path=place.path,
        name=named(name),
        unit=unit,
        low=low,
        high=high,
        weigh=weigh,
        seed=seed,
        made_at=now,
        made_by_id=viewer.account_id,
        changed_by_id=viewer.account_id,
    )
    if Plan.objects.filter(id=plan.id).exists():
        raise OtherContent
    if copy_of is None:
        content, plan.ground_ids = taken(place.path, unit=unit, now=now)
        base = as_today(content)
        codes, ended_early = _labels_of_today(content, base), False
        plan.fixed = [False] * len(content)
    else:
        source = plan_by_id(viewer, copy_of)
        if source.path != place.path:
            raise Invalid(field="copy_of", expected=_("a plan of the same area"))
        content, base = content_by_plan(source), np.array(source.labels, np.int64)
        ended_early = bool(source.figures.get("ended_early"))
        codes = dict(PlanGrid.objects.filter(plan_id=source.id).values_list("code", "label"))
        plan.unit, plan.fixed, plan.names = source.unit, source.fixed, source.names
        plan.bonds = source.bonds
        plan.weigh, plan.ground_ids, plan.copied_from_id = source.weigh, source.ground_ids, source.id
    if start in RESHAPED:
        made = _changed(plan, content, base, start, _chosen(codes, start, grids), into)
    elif start == "today" or copy_of is not None:
        made = Divided(base, (), ended_early)
    else:
        made = divided(
            content, low=low, high=high, seed=seed, limit_s=LIMIT_S, weigh=weigh,
            streets=streets_of(content, ground_of(plan.ground_ids)),
        )  # fmt: skip
    keep_draft(plan, content, made)
    tell(
        viewer, plan, "plan.drafted", now,
        unit=plan.unit, start="copy" if copy_of is not None and start not in RESHAPED else start,
        low=low, high=high, weigh=plan.weigh, grids=plan.figures["grids"],
    )  # fmt: skip
    return plan


def keep_draft(plan: Plan, content: Content, made: Divided) -> None:
    """Writes a new plan with all that hangs on it."""
    plan.labels = made.labels.tolist()
    outlines = outlines_today(plan.path)
    plan.figures_today = figures_today(plan, content, outlines)
    plan.save(force_insert=True)
    PlanContent.objects.create(plan=plan, path=plan.path, content={**content.as_json(), "outlines": outlines})
    write_grids(plan, content, made.labels, made.causes, ended_early=made.stopped)
    plan.save(update_fields=["figures", "broken"])


def area_to_divide(viewer: Viewer, area: str) -> Area:
    """The area, if the viewer may divide it. NotFound, NotAllowed, Invalid."""
    place = areas.area_by_code(area)
    if not may_draft(viewer, place.path):
        raise NotAllowed
    if place.level not in LEVELS or place.valid_to is not None:
        raise Invalid(field="area", expected=_("a county, township or community of today"))
    return place


def _labels_of_today(content: Content, base: Ints) -> dict[str, int]:
    """Code of each of today's grids that has atoms → its label in the division."""
    return {
        content.grids[grid]: int(base[np.flatnonzero(content.today == grid)[0]])
        for grid in np.unique(content.today[content.today >= 0]).tolist()
    }


def _chosen(codes: Mapping[str, int], start: str, grids: Sequence[str]) -> list[int]:
    """Labels of the grids to split or to merge."""
    if start not in ("split", "merge"):
        return []
    if any(code not in codes for code in grids):
        raise Invalid(field="grids", expected=_("grids of the area that have buildings"))
    wanted = list(dict.fromkeys(grids))
    if start == "split" and len(wanted) != 1:
        raise Invalid(field="grids", expected=_("the one grid to split"))
    if start == "merge" and len(wanted) < 2:
        raise Invalid(field="grids", expected=_("two grids at least to merge"))
    return [codes[code] for code in wanted]


def _changed(plan: Plan, content: Content, base: Ints, start: str, grids: list[int], into: int) -> Divided:
    """One change to a division; the division's numbers stay where nothing changed, and with them what was fixed and named."""
    if not 2 <= into <= MOST_PARTS:
        raise Invalid(field="into", expected=f"2 … {MOST_PARTS}")
    # To absorb, what is in no grid must be in none; everything else has what is in none with the nearest.
    now = content.today if start == "absorb" and plan.copied_from_id is None else base
    if start == "absorb" and (now >= 0).all():
        raise Invalid(field="start", expected=_("buildings that are in no grid yet; there are none"))
    try:
        made = reshaped(
            content,
            now,
            start,
            low=plan.low,
            high=plan.high,
            seed=plan.seed,
            limit_s=LIMIT_S,
            grids=grids,
            into=into,
            weigh=plan.weigh,
            streets=streets_of(content, ground_of(plan.ground_ids)) if start == "absorb" else None,
            bonds=bonds_of(plan.bonds),
        )
    except ValueError as problem:
        raise Invalid(field="grids", expected=_WHY_NOT[start]) from problem
    number = alike(now, made.labels, content.households, fixed=np.full(len(content), NONE))
    held = set(number.values())
    plan.names = {label: said for label, said in plan.names.items() if int(label) in held}
    return replace(
        made,
        labels=renumbered(made.labels, number),
        causes=tuple((rule, number.get(label, label), cause) for rule, label, cause in made.causes),
    )


def change_plan(
    viewer: Viewer,
    plan_id: UUID,
    *,
    revision: int,
    labels: Sequence[int] | None = None,
    fixed: Sequence[int] | None = None,
    names: Mapping[int, str] | None = None,
    bonds: Sequence[Mapping[str, Any]] | None = None,
    name: str | None = None,
    low: int | None = None,
    high: int | None = None,
    now: datetime,
) -> Plan:
    """Another division of a draft, other names or bounds. `fixed` names the atoms that stay where they are put; `names` are of
    some grids, an empty one is the usual one again; `bonds` are all groups that must be together or apart from then on.

    PlanChanged when somebody else was faster, PlanStepNotPossible when it is no draft any more, Invalid, BondsContradict.
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
    if bonds is not None:
        plan.bonds = _checked(bonds, content)
    if name is not None:
        plan.name = named(name)
    plan.low, plan.high = low or plan.low, high or plan.high
    check_asked(plan.unit, plan.low, plan.high)
    if names is not None:
        given = {str(label): _grid_name(said) for label, said in names.items()}
        plan.names = {label: said for label, said in {**plan.names, **given}.items() if said}
    if low or high:
        plan.figures_today = figures_today(plan, content, drawn_today(plan))
    _save(viewer, plan, content, Divided(wanted, (), not moved and bool(plan.figures.get("ended_early"))))
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


_WRONG_BONDS = {
    "many": _("at most 500 groups, of 1,000 units together or 60 apart"),
    "atoms": _("two units of the plan or more"),
    "communities": _("units of one community, to stay together"),
}


def _checked(given: Sequence[Mapping[str, Any]], content: Content) -> list[dict[str, Any]]:
    bonds = bonds_of(given)
    wrong = wrong_in(bonds, content)
    if wrong == "contradiction":
        raise BondsContradict
    if wrong:
        raise Invalid(field="bonds", expected=_WRONG_BONDS[wrong])
    return [bond.as_json() for bond in dict.fromkeys(bonds)]


def improve_plan(
    viewer: Viewer, plan_id: UUID, *, revision: int, seed: int = 0, limit_s: float = LIMIT_S, now: datetime
) -> Plan:
    """Makes a draft better from where it stands, or leaves it where nothing better is found: what is fixed keeps its grid, what must be
    together or apart comes to be so.

    As `change_plan`.
    """
    plan = plan_to_draft(viewer, plan_id, revision=revision)
    content = content_by_plan(plan)
    present = np.array(plan.labels, np.int64)
    fixed = np.where(np.array(plan.fixed, bool), present, -1)
    plan.seed = seed
    made = improved(
        content, present, low=plan.low, high=plan.high, seed=seed, limit_s=min(limit_s, LIMIT_S), fixed=fixed,
        weigh=plan.weigh, streets=streets_of(content, ground_of(plan.ground_ids)), bonds=bonds_of(plan.bonds),
    )  # fmt: skip
    _save(viewer, plan, content, _with_its_numbers(plan, content, present, made, fixed))
    tell(
        viewer, plan, "plan.improved", now,
        seed=seed, fixed=int((fixed >= 0).sum()), grids=plan.figures["grids"], moved=plan.figures["moved"],
    )  # fmt: skip
    return plan


def mend_plan(viewer: Viewer, plan_id: UUID, *, revision: int, now: datetime) -> Plan:
    """Today's grids, mended, become the division of a draft: overlaps, holes and doors in no grid or in two go where `queries.today`
    shows. What was fixed and goes to another grid is not fixed any more. As `change_plan`.
    """
    plan = plan_to_draft(viewer, plan_id, revision=revision)
    content = content_by_plan(plan)
    found = today_as_it_is(plan)
    present = np.array(plan.labels, np.int64)
    made = _with_its_numbers(
        plan, content, present, Divided(as_mended(content, found), ()), np.full(len(content), NONE)
    )
    moved = made.labels != present
    plan.fixed = (np.array(plan.fixed, bool) & ~moved).tolist()
    _save(viewer, plan, content, made)
    tell(
        viewer,
        plan,
        "plan.mended",
        now,
        faults=len(found.faults),
        atoms=int(moved.sum()),
        grids=plan.figures["grids"],
    )
    return plan


def _with_its_numbers(plan: Plan, content: Content, before: Ints, made: Divided, fixed: Ints) -> Divided:
    """A grid that is much as before keeps its number, and with it the name that somebody gave it."""
    number = alike(before, made.labels, content.households, fixed=fixed)
    kept = set(number.values())
    plan.names = {label: name for label, name in plan.names.items() if int(label) in kept}
    return replace(
        made,
        labels=renumbered(made.labels, number),
        causes=tuple((rule, number.get(label, label), cause) for rule, label, cause in made.causes),
    )


def _save(viewer: Viewer, plan: Plan, content: Content, made: Divided) -> None:
    write_grids(plan, content, made.labels, made.causes, ended_early=made.stopped)
    plan.revision += 1
    plan.changed_by_id = viewer.account_id
    plan.save()


def check_asked(unit: str, low: int, high: int, weigh: str = "households") -> None:
    if unit not in UNITS:
        raise Invalid(field="unit", expected=", ".join(UNITS))
    if weigh not in WEIGHED:
        raise Invalid(field="weigh", expected=", ".join(WEIGHED))
    if not 1 <= low < high <= 100_000:
        raise Invalid(field="high", expected=_("bounds with the lower one first"))


def named(name: str) -> str:
    kept = clean_line(name, limit=NAME_LENGTH, name="name")
    if not kept:
        raise Invalid(field="name", expected=_("what the plan is called"))
    return kept


def _grid_name(said: str) -> str:
    return clean_line(said, limit=NAME_LENGTH, name="names")
