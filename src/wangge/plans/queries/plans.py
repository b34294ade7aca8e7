"""Plans of the viewer's areas, what one divides, and what was said of it. The row policies say which are seen."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.areas.queries.outlines import area_names, outlined
from wangge.base.problems import NotFound
from wangge.plans import lifecycle
from wangge.plans.models import Plan, PlanApplied, PlanContent, PlanGrid
from wangge.plans.rules.colours import HUES, beside, hues_of, touching_in
from wangge.plans.rules.content import NONE, Content, content_of
from wangge.plans.rules.outlines import standing_on

#: Levels of areas that are divided; larger ones are divided part by part.
LEVELS = ("county", "township", "community")


def plans(viewer: Viewer, *, area: str = "", state: str = "", limit: int = 200) -> list[Plan]:  # noqa: ARG001 - the row policy uses it
    """Plans at or below an area (all without one), the newest first."""
    found = Plan.objects.select_related("area").defer("labels", "fixed", "names", "bonds", "area__boundary")
    if area:
        path = areas.area_by_code(area).path
        found = found.filter(RawSQL("plans_plan.path <@ %s::ltree", [path], BooleanField()))
    if state:
        found = found.filter(state=state)
    return list(found.order_by("-made_at")[:limit])


def plan_by_id(viewer: Viewer, plan_id: UUID) -> Plan:  # noqa: ARG001 - the row policy uses it
    found = Plan.objects.select_related("area").filter(id=plan_id).first()
    if found is None:
        raise NotFound
    return found


def content_by_plan(plan: Plan) -> Content:
    return content_of(PlanContent.objects.get(plan_id=plan.id).content)


def drawn_before(plan: Plan) -> list[tuple[str, str, dict[str, Any] | None]]:
    """The grids as they were when the plan was begun: code, name, outline."""
    kept = PlanContent.objects.get(plan_id=plan.id).content
    outlines = kept.get("outlines", {})
    return [
        (code, name, outlines.get(code)) for code, name in zip(kept["grids"], kept["grid_names"], strict=True)
    ]


def hues(plan: Plan) -> tuple[dict[str, int], dict[int, int]]:
    """Colours of today's grids by code and of the plan's by label: one that goes on keeps its own, neighbours differ."""
    content = content_by_plan(plan)
    touching = touching_in(content)
    today = hues_of(touching, content.today, {})
    before = {code: today.get(place, place % HUES) for place, code in enumerate(content.grids)}
    going_on = PlanGrid.objects.filter(plan_id=plan.id).exclude(today="").values_list("label", "today")
    wanted = {label: before[code] for label, code in going_on if code in before}
    return before, hues_of(touching, np.array(plan.labels, np.int64), wanted)


def drawn_today(plan: Plan) -> dict[str, Any]:
    """Outlines of today's grids by code, as they were when the plan was begun."""
    return {code: outline for code, _name, outline in drawn_before(plan) if outline}


def untouched(plan: Plan) -> frozenset[str]:
    """Codes of today's grids in which no building is registered and that no grid of the plan goes on as: they stay as they are."""
    going_on = PlanGrid.objects.filter(plan_id=plan.id).exclude(today="").values_list("today", flat=True)
    return frozenset(content_by_plan(plan).bare).difference(going_on)


def grids_of(viewer: Viewer, plan: Plan) -> list[PlanGrid]:  # noqa: ARG001 - the row policy uses it
    """The plan's grids, by code."""
    return list(PlanGrid.objects.filter(plan_id=plan.id).order_by("code"))


def applied_of(viewer: Viewer, plan: Plan) -> PlanApplied | None:  # noqa: ARG001 - the row policy uses it
    """What applying it moved; None where it was not applied, or not to be seen from here."""
    return PlanApplied.objects.filter(plan_id=plan.id).first()


def steps_for(viewer: Viewer, plan: Plan) -> tuple[lifecycle.Step, ...]:
    """The steps that this viewer may take now."""
    return tuple(line for line in lifecycle.lines_from(plan.state) if may_take(viewer, plan, line))


def may_take(viewer: Viewer, plan: Plan, line: lifecycle.Step) -> bool:
    """A step with `above` needs a post above the plan's area, so that nobody approves their own division."""
    place = plan.path.rpartition(".")[0] if line.above else plan.path
    return bool(place) and viewer.may(line.verb, place)


def may_draft(viewer: Viewer, path: str) -> bool:
    return viewer.may(Verb.PLAN_DRAFT, path)


def may_comment(viewer: Viewer, plan: Plan) -> bool:
    """While it is consulted: who leads over it, and who works in one of its grids."""
    return plan.state == lifecycle.CONSULTED and any(
        Verb.PLAN_COMMENT in seat.verbs
        and not seat.department
        and (lies_in(plan.path, seat.path) or lies_in(seat.path, plan.path))
        for seat in viewer.seats
    )


def sides_for(viewer: Viewer, plan: Plan) -> tuple[str, ...]:
    """For whom the viewer may speak: whoever walks, as worker; whoever leads, as lead; both bring in what residents said."""
    leads = any(Verb.PLAN_DRAFT in seat.verbs for seat in viewer.seats if not seat.department)
    return ("residents", "lead" if leads else "worker") if may_comment(viewer, plan) else ()


def outlined_area(code: str) -> Any:
    """The area with its outline; None where that is not known."""
    found = outlined(code)
    return found if found is not None and found.boundary else None


def places_to_draft(viewer: Viewer, *, limit: int = 300) -> list[tuple[str, str]]:
    """Areas that the viewer may divide, as (code, name): their own and, of a county or a city, those right below."""
    found: dict[str, str] = {}
    for seat in viewer.seats:
        if seat.department or Verb.PLAN_DRAFT not in seat.verbs:
            continue
        own = areas.area_by_code(seat.path.rsplit(".", 1)[-1])
        if own.level in LEVELS:
            found[own.code] = own.name
        waiting = [own]
        while waiting and len(found) < limit:
            for below in areas.children(waiting.pop(0).code):
                if below.level in LEVELS:
                    found[below.code] = below.name
                    waiting.append(below)
    return list(found.items())[:limit]


def atoms_of(viewer: Viewer, plan: Plan) -> dict[str, Any]:  # noqa: ARG001 - the row policy uses it
    """All that the editor needs, in arrays as small as they get: 5,000 atoms in one answer.

    `x`, `y` are millionths of a degree from `origin`, `edges` for each atom its neighbours with a larger number, less its
    own number; `beside` the same of neighbours in other communities. `mixed` tells of atoms that lie in several grids of
    today: atom, then grid and households in turn.
    """
    content = content_by_plan(plan)
    west, south = _millionths(content.lon).min(), _millionths(content.lat).min()
    return {
        "plan": str(plan.id),
        "revision": plan.revision,
        "low": plan.low,
        "high": plan.high,
        "unit": plan.unit,
        "origin": [int(west), int(south)],
        "x": (_millionths(content.lon) - west).tolist(),
        "y": (_millionths(content.lat) - south).tolist(),
        "names": list(content.names),
        "households": content.households.tolist(),
        "community": content.community.tolist(),
        "communities": _named_communities(content),
        "today": content.today.tolist(),
        "grids_today": [
            {"code": code, "name": name, "community": community}
            for code, name, community in zip(
                content.grids, content.grid_names, content.grid_community.tolist(), strict=True
            )
        ],
        "mixed": _mixed(content),
        "compounds": _compounds(content),
        "edges": _steps(content.edges, len(content)),
        "beside": _steps(beside(content), len(content)),
        "labels": plan.labels,
        "fixed": [place for place, is_fixed in enumerate(plan.fixed) if is_fixed],
        "bonds": plan.bonds,
        "grids": labelled(plan),
        "figures_today": plan.figures_today,
    }


def atoms_to_change(viewer: Viewer, plan: Plan) -> dict[str, Any]:
    """What `atoms_of` tells, and for who may change the plan also a year's minutes of each atom, nothing where no work is known. They
    tell of nobody: `plans_workload` gives sums alone. So do `workers`, which say by grid of today which have the same ones; with them comes
    what grids are paired with today's by, beside their households.
    """
    told = atoms_of(viewer, plan)
    if not may_draft(viewer, plan.path):
        return told
    content = content_by_plan(plan)
    if content.minutes.any():
        told["minutes"] = content.minutes.tolist()
    if (content.grid_workers != NONE).any():
        told["workers"] = content.grid_workers.tolist()
        told |= paired_by(content, standing_on(content, drawn_today(plan)))
    return told


def paired_by(content: Content, b_stands: Any) -> dict[str, Any]:
    """`buildings` of each atom; `scattered`, atoms whose buildings are of several grids of today: atom, then grid and buildings in turn; and
    `standing` alike, of how many buildings stand on the ground of a grid in which none is registered (`b_stands`).
    """
    count, ones = len(content), np.ones(len(content.b_ids), np.int64)
    return {
        "buildings": np.bincount(content.b_atom, minlength=count).tolist(),
        "scattered": _counts(content, content.b_today, ones, least=2),
        "standing": _counts(content, b_stands, (b_stands != NONE).astype(np.int64), least=1),
    }


def labelled(plan: Plan) -> list[dict[str, Any]]:
    """The plan's grids as the editor knows them: label, code, name, the grid of today that goes on as it, and colour."""
    _before, colours = hues(plan)
    return [
        {
            "label": each.label,
            "code": each.code,
            "name": each.name,
            "today": each.today,
            "hue": colours.get(each.label, 0),
        }
        for each in PlanGrid.objects.filter(plan_id=plan.id).order_by("label")
    ]


def _named_communities(content: Content) -> list[dict[str, str]]:
    names = {code: areas.area_by_code(code).name for code in content.communities}
    return [{"code": code, "name": names[code]} for code in content.communities]


def _millionths(degrees: Any) -> Any:
    return np.round(degrees * 1_000_000).astype(np.int64)


def _steps(pairs: Any, count: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for one, other in pairs.tolist():
        found[one].append(other - one)
    return found


def _mixed(content: Content) -> list[list[int]]:
    """Atoms whose households are not all of one grid of today."""
    return _counts(content, content.b_today, content.b_households, least=2)


def _counts(content: Content, b_grid: Any, weight: Any, *, least: int) -> list[list[int]]:
    """Of each atom that has a part in so many grids of today at least: atom, then grid and what it weighs there in turn."""
    shares = np.zeros((len(content), len(content.grids) + 1), np.int64)
    np.add.at(shares, (content.b_atom, b_grid), weight)
    several = np.flatnonzero((shares > 0).sum(axis=1) >= least)
    return [
        [
            int(atom),
            *(
                int(each)
                for grid in np.flatnonzero(shares[atom]).tolist()
                for each in (_grid(grid, content), shares[atom, grid])
            ),
        ]
        for atom in several
    ]


def _grid(place: int, content: Content) -> int:
    return -1 if place == len(content.grids) else int(place)


def _compounds(content: Content) -> list[int]:
    """Each atom's compound, -1 without one: what a division should not cut."""
    found = np.full(len(content), -1, np.int64)
    found[content.b_atom] = content.b_compound
    kept: list[int] = found.tolist()
    return kept


def dated(day: Any) -> list[Plan]:
    """Approved plans whose day has come."""
    return list(Plan.objects.filter(state=lifecycle.APPROVED, apply_on__lte=day).order_by("apply_on", "id"))


def names_of(codes: Collection[str]) -> dict[str, str]:
    """The names of areas, also of those that have ended."""
    return area_names(codes)
