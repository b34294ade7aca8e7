"""Who would work in which grid of a plan: what the proposal is made of, and the one that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wangge.access import Verb, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.plans import lifecycle
from wangge.plans.models import Plan, PlanGrid, PlanPosts
from wangge.plans.queries.plans import content_by_plan, untouched
from wangge.plans.queries.proofs import digest_of
from wangge.plans.queries.registers import called_on_in
from wangge.plans.rules.content import Content
from wangge.plans.rules.dividing import town_of
from wangge.plans.rules.posting import Ground, Price, Walker, priced
from wangge.staff import queries as staff

Labels = NDArray[np.int64]

#: Whom somebody called on in this time they know.
KNOWN_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A grid of the plan with who would work there, by post. `before` names the grids where they work today."""

    kind: str
    grid: str
    grid_name: str
    account: int | None
    name: str
    before: tuple[str, ...]
    households: int
    visited: int
    own: int
    hours: int
    held: bool
    price: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Posts:
    """The proposal that is kept with a plan. `stale`: the division changed since. `left`: kind and name of those without a grid."""

    rows: tuple[PostRow, ...]
    left: tuple[tuple[str, str], ...]
    at: datetime
    stale: bool

    @property
    def without(self) -> int:
        return sum(row.account is None for row in self.rows)


def posts_of(viewer: Viewer, plan: Plan, *, now: datetime) -> Posts | None:
    """The proposal; None when there is none. NotAllowed to who may not draft the plan: they may not see who would go where."""
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    kept = PlanPosts.objects.filter(plan_id=plan.id).first()
    if kept is None:
        return None
    grids = {grid.code: grid.name for grid in PlanGrid.objects.filter(plan_id=plan.id)}
    today: dict[tuple[int, str], list[str]] = {}
    for walks in staff.walkers_within(plan.path, today=_day(now)):
        today.setdefault((walks.account, walks.kind), []).append(walks.grid)
    accounts = {row["account"] for row in kept.rows} | {account for _kind, account in kept.left}
    names = staff.names_of(accounts)
    rows = tuple(
        PostRow(
            grid_name=grids.get(row["grid"], row["grid"]),
            name=names.get(row["account"], ""),
            before=tuple(today.get((row["account"], row["kind"]), ())),
            **row,
        )
        for row in kept.rows
    )
    left = tuple((kind, names.get(account, "")) for kind, account in kept.left)
    return Posts(rows, left, kept.at, stale=kept.division != digest_of(plan))


def wanted_posts(plan: Plan) -> list[tuple[int, str, str]]:
    """Account, kind and grid of the proposal, for who applies the plan; none without one."""
    kept = PlanPosts.objects.filter(plan_id=plan.id).first()
    return [(row["account"], row["kind"], row["grid"]) for row in kept.rows if row["account"]] if kept else []


def held_posts(plan: Plan) -> dict[tuple[str, str], int]:
    """What somebody put by hand, by kind and grid."""
    kept = PlanPosts.objects.filter(plan_id=plan.id).first()
    rows = kept.rows if kept else []
    return {(row["kind"], row["grid"]): row["account"] for row in rows if row["held"]}


def may_post(viewer: Viewer, plan: Plan) -> bool:
    return plan.state == lifecycle.DRAFT and viewer.may(Verb.PLAN_DRAFT, plan.path)


def candidates(viewer: Viewer, plan: Plan, *, now: datetime) -> dict[str, list[tuple[int, str]]]:
    """By kind of post the workers of the area, as account and name, by name; told to who may draft the plan."""
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    walkers = staff.walkers_within(plan.path, today=_day(now))
    names = staff.names_of({each.account for each in walkers})
    found: dict[str, dict[int, str]] = {}
    for each in walkers:
        found.setdefault(each.kind, {})[each.account] = names.get(each.account, "")
    return {
        kind: sorted(people.items(), key=lambda pair: (pair[1], pair[0])) for kind, people in found.items()
    }


def price_of_post(viewer: Viewer, plan: Plan, *, kind: str, grid: str, account: int, now: datetime) -> Price:
    """What it costs to put this worker there by hand, with all that was put before. NotAllowed, Invalid."""
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    walkers, grounds = posting_facts(plan, now=now)
    return priced(walkers, grounds, held_posts(plan), kind=kind, grid=grid, account=account)


def posting_facts(plan: Plan, *, now: datetime) -> tuple[list[Walker], list[Ground]]:
    """Workers of the area by kind of post, and the plan's grids with what is known of each: sums of households, no household."""
    day = _day(now)
    held: dict[tuple[int, str], list[str]] = {}
    full: dict[tuple[int, str], bool] = {}
    content, labels = content_by_plan(plan), np.array(plan.labels, np.int64)
    # A grid without buildings is not divided: whoever works there stays.
    bare = untouched(plan)
    for walks in staff.walkers_within(plan.path, today=day):
        if walks.grid in bare:
            continue
        key = (walks.account, walks.kind)
        held.setdefault(key, []).append(walks.grid)
        full[key] = full.get(key, False) or walks.part == "full_time"
    walkers = [
        Walker(account, kind, tuple(grids), full[account, kind])
        for (account, kind), grids in sorted(held.items())
    ]
    count = int(labels.max(initial=-1)) + 1
    overlaps = content.overlaps(labels, count)
    inside = labels >= 0
    minutes = np.bincount(labels[inside], town_of(content).minutes[inside], count)
    visited = _visited(plan.path, day - KNOWN_FOR, content, labels)
    grounds = [
        Ground(
            code=grid.code,
            today=grid.today,
            households=grid.households,
            minutes=float(minutes[grid.label]),
            from_grids={
                content.grids[at]: int(overlaps[grid.label, at])
                for at in np.flatnonzero(overlaps[grid.label]).tolist()
            },
            visited=visited.get(grid.label, {}),
        )
        for grid in PlanGrid.objects.filter(plan_id=plan.id).order_by("code")
    ]
    return walkers, grounds


def _visited(
    path: str, since: date, content: Content, labels: Labels
) -> dict[int, dict[int, dict[str, int]]]:
    """Label → account → grid of today → households, as whole numbers."""
    at = {building: place for place, building in enumerate(content.b_ids)}
    sums: dict[tuple[int, int, str], float] = {}
    for account, building, households in called_on_in(path, since=since):
        place = at.get(building)
        if place is None or labels[content.b_atom[place]] < 0 or content.b_today[place] < 0:
            continue
        key = int(labels[content.b_atom[place]]), account, content.grids[content.b_today[place]]
        sums[key] = sums.get(key, 0.0) + households
    found: dict[int, dict[int, dict[str, int]]] = {}
    for (label, account, grid), households in sorted(sums.items()):
        if whole := round(households):
            found.setdefault(label, {}).setdefault(account, {})[grid] = whole
    return found


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
