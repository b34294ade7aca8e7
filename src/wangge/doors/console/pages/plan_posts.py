"""Who would work in which grid of a plan: proposed, put by hand when its price was seen, taken away."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotAllowed, NotFound, Problem
from wangge.doors.console import plan_words, words
from wangge.doors.console.pages.lookups import post_names
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import line_of, whole_in
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries import posting


@dataclass(frozen=True, slots=True)
class _Asked:
    """A worker for a grid, whose price is shown before it is kept."""

    kind: str
    grid: str
    grid_name: str
    account: int
    name: str
    price: Any


@require_GET
@screen
def plan_posts(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The proposal by kind of post; `kind`, `grid` and `account` ask for a price."""
    return _posts(request, viewer, plan_id, {})


def _posts(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    plan = queries.plan_by_id(viewer, plan_id)
    now, kinds = clock.now(), post_names()
    posts = posting.posts_of(viewer, plan, now=now)
    people = posting.candidates(viewer, plan, now=now)
    names = {grid.code: grid.name for grid in queries.grids_of(viewer, plan)}
    before = queries.names_of({code for row in (posts.rows if posts else ()) for code in row.before})
    tables = [
        (
            kinds.get(kind, kind),
            kind,
            [
                (
                    row,
                    [before.get(code, code) for code in row.before if code != row.grid],
                    row.grid in row.before,
                )
                for row in posts.rows
                if row.kind == kind
            ],
            people.get(kind, []),
        )
        for kind in dict.fromkeys(row.kind for row in (posts.rows if posts else ()))
        if posts
    ]
    done = request.GET.get("done", "")
    shown = {
        "section": "console:plans",
        "plan": plan,
        "posts": posts,
        "tables": tables,
        "left": [(kinds.get(kind, kind), name) for kind, name in (posts.left if posts else ())],
        "may_post": posting.may_post(viewer, plan),
        "any_workers": bool(people),
        "done": words.label(plan_words.DONE, done) if done in plan_words.DONE else "",
    }
    problem: Problem | None = None
    if posts and request.GET.get("grid") and "problem" not in facts:
        try:
            shown["asked"] = _price(request, viewer, plan, names, people)
        except Problem as refused:
            problem, status = refused, refused.status
    if problem:
        facts = {**facts, "problem": told(problem)}
    return present(request, "console/plan_posts.html", {**shown, **facts}, status=status)


def _price(
    request: HttpRequest,
    viewer: Viewer,
    plan: Any,
    names: dict[str, str],
    people: dict[str, list[tuple[int, str]]],
) -> _Asked:
    kind, grid = asked(request, "kind", 40), asked(request, "grid", 16)
    account = whole_in(asked(request, "account", 19)) or 0
    price = posting.price_of_post(viewer, plan, kind=kind, grid=grid, account=account, now=clock.now())
    name = dict(people.get(kind, [])).get(account, "")
    return _Asked(kind, grid, names.get(grid, grid), account, name, price)


@sent_from("console:plan-posts", "plan_id")
@screen
def propose_posts(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The best there is for the division as it is now, around what was put by hand."""
    return _done(request, viewer, plan_id, lambda: actions.propose_posts(viewer, plan_id, now=clock.now()))


@sent_from("console:plan-posts", "plan_id")
@screen
def hold_post(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Puts a worker into a grid whatever it costs; without a worker lets go what was put there."""

    def held() -> object:
        return actions.hold_post(
            viewer,
            plan_id,
            kind=line_of(request.POST, "kind", 40),
            grid=line_of(request.POST, "grid", 16),
            account=whole_in(request.POST.get("account", "").strip()),
            now=clock.now(),
        )

    return _done(request, viewer, plan_id, held)


@sent_from("console:plan-posts", "plan_id")
@screen
def remove_posts(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    def removed() -> None:
        actions.remove_posts(viewer, plan_id, now=clock.now())

    return _done(request, viewer, plan_id, removed, done="posts-removed")


def _done(
    request: HttpRequest, viewer: Viewer, plan_id: UUID, act: Any, *, done: str = "posts"
) -> HttpResponse:
    try:
        with transaction.atomic():
            act()
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _posts(request, viewer, plan_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:plan-posts', plan_id)}?done={done}")
