"""Searches for proposals: those of an area, how far one is, and what it found."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotFound
from wangge.plans.models import Plan, PlanGrid, Search
from wangge.plans.queries.plans import content_by_plan, plan_by_id
from wangge.plans.queries.registers import buildings_in

OPEN = ("waiting", "running")
#: Whoever works on a search and was not heard of for so long has died.
LOST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Choice:
    """A grid that could be split or merged."""

    code: str
    name: str
    community: str
    households: int


@dataclass(frozen=True, slots=True)
class Offers:
    """From what an area, or a plan of it, could begin: its grids, what has no grid yet, compounds that are cut."""

    grids: tuple[Choice, ...]
    new_buildings: int
    new_households: int
    compounds: int
    cut: int


def searches(viewer: Viewer, *, area: str = "", limit: int = 50) -> list[Search]:  # noqa: ARG001 - the row policy uses it
    """The newest first."""
    found = Search.objects.select_related("area").defer("area__boundary")
    if area:
        found = found.filter(area_id=area)
    return list(found.order_by("-asked_at")[:limit])


def search_by_id(viewer: Viewer, search_id: UUID) -> Search:  # noqa: ARG001 - the row policy uses it
    found = Search.objects.select_related("area").filter(id=search_id).first()
    if found is None:
        raise NotFound
    return found


def proposals_of(viewer: Viewer, search: Search) -> list[Plan]:  # noqa: ARG001 - the row policy uses it
    """What a search found, from the fewest changes on."""
    found = Plan.objects.filter(search_id=search.id).defer("labels", "fixed", "names")
    return sorted(found, key=lambda plan: (plan.figures.get("moved", 0), plan.name))


def offers(viewer: Viewer, area: str, *, plan_id: UUID | None = None) -> Offers:
    """What fits an area today, or a plan; by building, so that compounds cut by a border are seen."""
    if plan_id is not None:
        return _of_plan(viewer, plan_id)
    path = areas.area_by_code(area).path
    rows = [each.row for each in buildings_in(path)]
    grids = {grid.code: grid for grid in areas.grids_within(path)}
    sizes: dict[str, int] = {}
    compounds: dict[str, set[str]] = {}
    loose = 0, 0
    for row in rows:
        code = row.path.rsplit(".", 1)[-1]
        if code in grids:
            sizes[code] = sizes.get(code, 0) + row.households
        else:
            loose = loose[0] + 1, loose[1] + row.households
        if row.compound:
            compounds.setdefault(row.compound, set()).add(code)
    choices = tuple(
        Choice(code, grid.name, grid.parent_id or "", sizes.get(code, 0))
        for code, grid in sorted(grids.items())
        if code in sizes
    )
    return Offers(choices, *loose, len(compounds), sum(len(each) > 1 for each in compounds.values()))


def _of_plan(viewer: Viewer, plan_id: UUID) -> Offers:
    plan = plan_by_id(viewer, plan_id)
    content, labels = content_by_plan(plan), np.array(plan.labels, np.int64)
    rows = PlanGrid.objects.filter(plan_id=plan.id).order_by("code")
    loose = labels < 0
    pairs = np.column_stack([content.b_compound, labels[content.b_atom]])
    held = np.unique(pairs[content.b_compound >= 0], axis=0)
    times = np.unique(held[:, 0], return_counts=True)[1]
    return Offers(
        tuple(Choice(grid.code, grid.name, grid.community, grid.households) for grid in rows),
        int(loose.sum()),
        int(content.households[loose].sum()),
        len(times),
        int((times > 1).sum()),
    )
