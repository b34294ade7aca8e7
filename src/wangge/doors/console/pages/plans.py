"""Plans: the list, a new one, one with its figures and maps before and after, comments, steps, a dry run, and its report."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.lookups import post_names
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import day_of, id_of, line_of, lines_of, today
from wangge.doors.console.plan_maps import maps_of
from wangge.plans import actions, lifecycle
from wangge.plans.actions.stepping import CONSULTED
from wangge.plans.queries import plans as queries
from wangge.plans.queries import posting, proofs, searches
from wangge.plans.queries.said import comments_of, how_many_said, may_answer, phones_of
from wangge.plans.rules.asking import still_asked
from wangge.plans.rules.proving import MINUTES
from wangge.staff import queries as staff

_SECTION = "console:plans"
#: So many units of what must be together or apart are named.
_NAMED = 6
#: So many comments stand on the page.
MOST_SAID = 60


@require_GET
@screen
def plans(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Plans of the viewer's areas, or of one, side by side with their figures."""
    state, area = asked(request, "state", 10), asked(request, "area", 16)
    rows = queries.plans(viewer, area=area, state=state if state in lifecycle.STATES else "")
    facts = {
        "section": _SECTION,
        "rows": rows,
        "state": state,
        "states": lifecycle.STATES,
        "area": area,
        "known_areas": sorted({(plan.area_id, plan.area.name) for plan in rows}),
        "may_draft": bool(queries.places_to_draft(viewer, limit=1)),
        "searches": [
            each for each in searches.searches(viewer, area=area, limit=12) if each.state in searches.OPEN
        ],
    }
    return present(request, "console/plans.html", facts)


@require_GET
@screen
def plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    return shown_plan(request, viewer, plan_id, {})


def shown_plan(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = queries.plan_by_id(viewer, plan_id)
    done = request.GET.get("done", "")
    shown = {
        **shown_facts(viewer, found),
        "section": _SECTION,
        **_said(viewer, found),
        "sides": queries.sides_for(viewer, found),
        "comment_id": id_of(request.POST, "comment_id"),
        "steps": [(line, _waits_for_reason(found, line)) for line in queries.steps_for(viewer, found)],
        "may_draft": queries.may_draft(viewer, found.path),
        "may_try": queries.may_draft(viewer, found.path) and found.state not in lifecycle.FIXED,
        "others": [one for one in queries.plans(viewer, area=found.area_id) if one.id != found.id][:12],
        "still_asked": still_asked(found.comment_until, clock.now()),
        "may_prove": proofs.may_prove(viewer, found),
        "proof_minutes": MINUTES,
        "own_proofs": proofs.too_many_own(viewer, found),
        "posts": posting.posts_of(viewer, found, now=clock.now())
        if queries.may_draft(viewer, found.path)
        else None,
        "today": today(),
        "done": words.label(plan_words.DONE, done) if done in plan_words.DONE else "",
    }
    return present(request, "console/plan.html", {**shown, **facts}, status=status)


def _said(viewer: Viewer, plan: Any) -> dict[str, Any]:
    """What was said, with the number that a resident left, masked or not, for who may answer."""
    comments = comments_of(viewer, plan, waiting_first=MOST_SAID)
    phones = phones_of(viewer, plan, comments, now=clock.now())
    return {
        "comments": [(said, phones.get(said.comment.id), new_id()) for said in comments],
        "comments_in_all": how_many_said(viewer, plan),
        "may_answer": may_answer(viewer, plan),
        "reveal_reasons": plan_words.REVEAL,
        "comment_until": plan.comment_until or today() + CONSULTED,
    }


def _waits_for_reason(plan: Any, line: lifecycle.Step) -> bool:
    return line.reason or (line.step == "check" and bool(plan.broken))


def shown_facts(viewer: Viewer, plan: Any) -> dict[str, Any]:
    """What the page and the printed report have in common."""
    grids = queries.grids_of(viewer, plan)
    names = {grid.label: grid.name for grid in grids}
    causes = {(rule, label): cause for rule, label, cause in plan.figures.get("causes", [])}
    before, after = maps_of(plan, grids)
    return {
        "plan": plan,
        "grids": grids,
        "before": before,
        "after": after,
        "figures": [
            (code, plan.figures_today.get(code), plan.figures.get(code)) for code in plan_words.FIGURES
        ],
        "changes": [(code, plan.figures.get(code)) for code in plan_words.CHANGES],
        "broken": [
            (names.get(label, ""), rule, count, causes.get((rule, label), ""))
            for rule, label, count in plan.broken
        ],
        "bonds": _bonds(plan),
        "principles": principles_shown(plan),
        "proof": proofs.proof_of(viewer, plan),
        "applied": queries.applied_of(viewer, plan),
        "made_by": staff_named(plan.made_by_id),
        "approved_by": staff_named(plan.approved_by_id),
    }


def _bonds(plan: Any) -> list[dict[str, Any]]:
    """What must be together or apart, by the names of the first few units."""
    if not plan.bonds:
        return []
    names = queries.content_by_plan(plan).names
    return [
        {
            "kind": bond["kind"],
            "names": [names[atom] for atom in bond["atoms"][:_NAMED]],
            "more": max(0, len(bond["atoms"]) - _NAMED),
        }
        for bond in plan.bonds
    ]


def principles_shown(plan: Any) -> list[tuple[str, list[tuple[Any, Any, Any]], dict[str, Any]]]:
    """By principle its figures today and with the plan; what nothing is known of is left out."""
    before, after = proofs.principles_before_and_after(plan)
    return [
        (
            principle,
            [
                (label, before[principle].get(code), after[principle].get(code))
                for code, label in figures.items()
                if after[principle].get(code) is not None
            ],
            dict(after[principle]),
        )
        for principle, figures in plan_words.PRINCIPLE_FIGURES.items()
    ]


def staff_named(account_id: int | None) -> str:
    return staff.names_of({account_id}).get(account_id, "") if account_id else ""


@sent_from("console:plan", "plan_id")
@screen
def step(request: HttpRequest, viewer: Viewer, plan_id: UUID, name: str) -> HttpResponse:
    """One step of the plan's life; applying may be put off to a day."""
    if name not in lifecycle.STEP_NAMES:
        raise NotFound
    done, now = name, clock.now()
    try:
        with transaction.atomic():
            reason = line_of(request.POST, "reason", 400)
            if name == "apply":
                on = day_of(request.POST, "on", today())
                applied = actions.apply_plan(viewer, plan_id, on=on, now=now)
                done = "apply" if applied.state == lifecycle.APPLIED else "dated"
            elif name == "undo":
                actions.undo_plan(viewer, plan_id, reason=reason, now=now)
            else:
                until = day_of(request.POST, "until", today() + CONSULTED) if name == "consult" else None
                actions.take_step(viewer, plan_id, name, reason=reason, until=until, now=now)
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done={done}")


@sent_from("console:plan", "plan_id")
@screen
def try_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """What applying it now would move, and what would stop it."""
    try:
        found = actions.dry_run(viewer, plan_id, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    holders = staff.names_of(
        {account for account, _grid, _kind in found.holders}
        | {seat[0] for seat in found.seats}
        | {one[0] for one in found.away}
    )
    plan_grids = {
        grid.code: grid.name for grid in queries.grids_of(viewer, queries.plan_by_id(viewer, plan_id))
    }
    kinds = post_names()
    moved = [*found.cases.rows, *found.mediations.rows, *found.places.rows]
    lay = {pair.from_code for pair in found.pairs} | {one.from_code for one in moved}
    goes = {one.to_code for one in moved} | {grid for _kind, grid in found.posts}
    named = {**queries.names_of(lay | goes | set(found.ended)), **plan_grids}

    def placed(moving: Any) -> list[tuple[Any, str, str]]:
        return [
            (one, named.get(one.from_code, one.from_code), named.get(one.to_code, one.to_code))
            for one in moving.rows
        ]

    return shown_plan(
        request,
        viewer,
        plan_id,
        {
            "tried": found,
            "tried_counts": [(code, found.counts.get(code, 0)) for code in plan_words.COUNTS],
            "tried_pairs": _cut(
                (named.get(pair.from_code, pair.from_code), named.get(pair.to_code, pair.to_code), pair)
                for pair in found.pairs
                if pair.from_code != pair.to_code
            ),
            "tried_cases": placed(found.cases),
            "tried_mediations": placed(found.mediations),
            "tried_places": placed(found.places),
            "tried_posts": _cut((kinds.get(kind, kind), named.get(grid, grid)) for kind, grid in found.posts),
            "tried_holders": _cut(
                (holders.get(account, ""), named.get(grid, grid)) for account, grid, _kind in found.holders
            ),
            "tried_seats": _cut(
                (holders.get(account, ""), kinds.get(kind, kind), named.get(was, was), named.get(to, to))
                for account, kind, was, to in found.seats
            ),
            "tried_away": _cut(
                (holders.get(account, ""), kinds.get(kind, kind)) for account, kind in found.away
            ),
            "tried_carried": _cut(
                (one, named.get(one.from_code, one.from_code), named.get(one.to_code, one.to_code))
                for one in found.carried
            ),
            "tried_stops": [(stop.why, named.get(stop.what, stop.what), stop.count) for stop in found.stops],
        },
    )


def _cut(rows: Iterable[Any]) -> dict[str, Any]:
    """The first of them, and how many there are beside."""
    listed = list(rows)
    return {"rows": listed[: actions.MOST_NAMED], "more": max(0, len(listed) - actions.MOST_NAMED)}


@sent_from("console:plan", "plan_id")
@screen
def comment(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    try:
        with transaction.atomic():
            actions.comment_on_plan(
                viewer,
                plan_id,
                id_of(request.POST, "comment_id"),
                grid=line_of(request.POST, "grid", 16),
                side=line_of(request.POST, "side", 12),
                text=lines_of(request.POST, "text", 1000),
                now=clock.now(),
            )
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=comment#comments")


@sent_from("console:plan", "plan_id")
@screen
def answer_comment(request: HttpRequest, viewer: Viewer, plan_id: UUID, comment_id: UUID) -> HttpResponse:
    """The office answers; a resident reads it with their code."""
    try:
        with transaction.atomic():
            said = lines_of(request.POST, "answer", 1000)
            actions.answer_comment(viewer, plan_id, comment_id, text=said, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}?done=answer#comment-{comment_id}")


@sent_from("console:plan", "plan_id")
@screen
def reveal_comment_phone(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, comment_id: UUID
) -> HttpResponse:
    """Shows the number that a resident left, for some minutes and the reason given."""
    try:
        with transaction.atomic():
            actions.reveal_comment_phone(
                viewer,
                plan_id,
                comment_id,
                why=line_of(request.POST, "why", 10),
                command_id=id_of(request.POST, "command_id"),
                now=clock.now(),
            )
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return shown_plan(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan', plan_id)}#comment-{comment_id}")
