"""Giving an applied plan back within a day, from what applying it kept."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.areas import actions as areas_actions
from wangge.areas import queries as areas
from wangge.base.problems import Invalid
from wangge.base.text import clean_line
from wangge.cases import actions as cases_actions
from wangge.cases import queries as cases
from wangge.households import actions as homes_actions
from wangge.households.queries.rehoming import offers_left
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import plan_to_take, tell
from wangge.plans.models import Plan, PlanApplied
from wangge.plans.queries.plans import content_by_plan
from wangge.plans.queries.registers import buildings_in
from wangge.plans.rules.moves import as_it_was
from wangge.plans.rules.problems import PlanStopped, TooLateToUndo
from wangge.staff import actions as staff_actions
from wangge.staff import queries as staff
from wangge.visits import actions as visits_actions
from wangge.visits import queries as visits

#: So long an applied plan can be undone: afterwards too much was done in the new grids.
UNDO_WITHIN = timedelta(hours=24)
LONGEST_REASON = 400
#: What was applied before posts went along was kept without them.
_NOBODY: Mapping[str, Any] = {"given": [], "opened": [], "ended": {}}


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def undo_plan(viewer: Viewer, plan_id: UUID, *, reason: str, now: datetime) -> Plan:
    """Gives everything back as it was before the plan was applied, within a day. What came into the new grids since goes to
    the grid of today's nearest building. TooLateToUndo, PlanStopped when the grids were changed again meanwhile.
    """
    plan = plan_to_take(viewer, plan_id, "undo")
    said = clean_line(reason, limit=LONGEST_REASON, name="reason")
    if not said:
        raise Invalid(field="reason", expected=_("why"))
    assert plan.applied_at is not None  # noqa: S101 - it is applied
    if now - plan.applied_at > UNDO_WITHIN:
        raise TooLateToUndo
    kept = PlanApplied.objects.get(plan_id=plan.id).kept
    standing = areas.grids_within(plan.path)
    # What was applied before outlines were kept knows its grids by their codes alone.
    as_applied = kept["outlines"] if "outlines" in kept else dict.fromkeys(kept["standing"])
    changed = [
        grid.code
        for grid in standing
        if grid.code not in as_applied or as_applied[grid.code] not in (None, outline_digest(grid.boundary))
    ]
    if changed or len(standing) != len(as_applied):
        raise PlanStopped(count=max(1, len(changed)), first="grids-changed")
    with staff.seeing_all(viewer, plan.path, now=now) as system:
        _given_back(system, plan, kept, now)
    plan.state, plan.undone_at = lifecycle.UNDONE, now
    plan.revision += 1
    plan.save()
    tell(viewer, plan, "plan.undone", now, reason=said)
    return plan


def outline_digest(outline: Any) -> str:
    return hashlib.sha256(json.dumps(outline, sort_keys=True).encode()).hexdigest()[:32]


def lying_elsewhere(
    system: Viewer, path: str, now: datetime, *, on_purpose: bool = False
) -> tuple[Mapping[UUID, str], Mapping[UUID, str], Mapping[UUID, str]]:
    """Open files of mediation, open cases and places to check that lie, by their spot, in another grid than they are kept under;
    `on_purpose`: also where somebody filed them so.
    """
    return (
        cases.open_files_elsewhere(system, path, on_purpose=on_purpose, now=now),
        cases.open_cases_elsewhere(system, path, on_purpose=on_purpose, now=now),
        visits.places_elsewhere(system, path, now=now),
    )


def _given_back(system: Viewer, plan: Plan, kept: Mapping[str, Any], now: datetime) -> None:
    reason = plan.name
    areas_actions.give_back(system, {**kept["ended"], **kept["drawn"]["before"]}, now=now)
    staff_actions.reopen_posts(system, kept["posts"], now=now)
    staff_actions.unseat_walkers(system, kept.get("seats", _NOBODY), now=now)
    areas_actions.end_grids(system, kept["drawn"]["added"], now=now)
    # Before anything is looked for that lies nowhere: who gave most to a new grid has that back, too.
    areas_actions.undo_successions(system, kept["went"], datetime.fromisoformat(kept["at"]), now=now)
    back = _moves_from_json(kept["homes"])
    visits_actions.rehome(system, {**back, **_came_since(plan, kept, back)}, now=now, reason=reason)
    # What was applied before files and rules went along was kept without them.
    files_back = {UUID(file): path for file, path in kept.get("files", {}).items()}
    cases_actions.rehome_files(system, files_back, now=now, reason=reason)
    cases_actions.take_back_rules(system, kept.get("rules", {}), now=now, reason=reason)
    cases_back = {UUID(case): path for case, path in kept["cases"].items()}
    cases_actions.rehome_open(system, cases_back, now=now, reason=reason)
    places_back = {UUID(place): path for place, path in kept["places"].items()}
    visits_actions.rehome_places(system, places_back, now=now)
    # What came since goes by its spot; what lay elsewhere before stays there.
    stay = {*kept.get("lay", ()), *kept["cases"], *kept.get("files", {}), *kept["places"]}
    for code in (*kept["drawn"]["added"], *(kept["drawn"]["before"] if "lay" in kept else ())):
        added = code in kept["drawn"]["added"]
        files, stray, places = (
            {one: to for one, to in each.items() if added or str(one) not in stay}
            for each in lying_elsewhere(system, areas.area_by_code(code).path, now)
        )
        cases_actions.rehome_files(system, files, now=now, reason=reason)
        cases_actions.rehome_open(system, stray, now=now, reason=reason)
        visits_actions.rehome_places(system, places, now=now)
    offers_back = {UUID(offer): path for offer, path in kept.get("offers", {}).items()}
    homes_actions.readdress_offers(system, offers_left(system, plan.path, now=now) | offers_back, now=now)


def _came_since(plan: Plan, kept: Mapping[str, Any], back: Mapping[UUID | str, str]) -> dict[UUID | str, str]:
    """Buildings that came since, into a new grid or one that the plan drew anew: to the grid of the nearest building as it was."""
    added, redrawn = set(kept["drawn"]["added"]), set(kept["drawn"]["before"])
    rows = [each.row for each in buildings_in(plan.path) if UUID(each.row.id) not in back]
    was_there = as_it_was(content_by_plan(plan), rows)
    came = set(was_there.came) - set(kept.get("came", was_there.came))
    communities = {each.code: each.path for each in areas.communities_within(plan.path)}
    found: dict[UUID | str, str] = {}
    for row in rows:
        here, was = row.path.rsplit(".", 1)[-1], was_there.to.get(row.id)
        if was and was != here and (here in added or (here in redrawn and row.id in came)):
            found[UUID(row.id)] = f"{communities[was[:12]]}.{was}"
    return found


def moves_as_json(moves: Mapping[UUID | str, str]) -> list[list[str]]:
    return [["estate" if isinstance(one, str) else "home", str(one), path] for one, path in moves.items()]


def _moves_from_json(kept: list[list[str]]) -> dict[UUID | str, str]:
    return {(one if kind == "estate" else UUID(one)): path for kind, one, path in kept}
