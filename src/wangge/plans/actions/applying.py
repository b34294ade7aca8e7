"""Applying a plan: one transaction that moves everything that lies in the grids, or nothing; how it is given back stands in `undoing`.

A dry run does the same and is then undone by the database, so that what it tells is what would be.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.areas import actions as areas_actions
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.cases import actions as cases_actions
from wangge.cases import queries as cases
from wangge.cases.rules.carrying import Share
from wangge.households import actions as homes_actions
from wangge.households.queries.rehoming import offers_left
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import locked_plan, plan_to_take, tell
from wangge.plans.actions.undoing import lying_elsewhere, moves_as_json, outline_digest
from wangge.plans.models import Plan, PlanApplied, PlanGrid
from wangge.plans.queries.plans import content_by_plan, drawn_today, untouched
from wangge.plans.queries.posting import wanted_posts
from wangge.plans.queries.registers import buildings_in, estates_in, households_in
from wangge.plans.rules.content import Content
from wangge.plans.rules.moves import Going, going
from wangge.plans.rules.problems import PlanStepNotPossible, PlanStopped
from wangge.staff import actions as staff_actions
from wangge.staff import queries as staff
from wangge.visits import actions as visits_actions
from wangge.visits import queries as visits


@dataclass(frozen=True, slots=True)
class Stop:
    """What stops a plan: `why` is a code, `what` the grid or number that it is about, `count` how many."""

    why: str
    what: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Households that go from one grid (or community) to another; also those that stay."""

    from_code: str
    to_code: str
    buildings: int
    households: int


@dataclass(frozen=True, slots=True)
class Named:
    """A record that would move, as the viewer may see it: a case by number and title, a file of mediation by number and kind, a place
    to check by kind and name.
    """

    id: UUID
    number: str
    name: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class Moving:
    """`rows`: the first of those that the viewer sees; `more` that they see beside these, `unseen` that they do not see."""

    rows: tuple[Named, ...] = ()
    more: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class DryRun:
    """`counts`: how many of what would move. `pairs`: from where to where. `holders`: who would lose a post with its grid.
    `seats`: account, kind of post, grid before and from then on. `away`: account and kind of those whom the proposal of posts names
    and who have no such post there any more. `carried`: which routing rules and ready texts go over to which grid, and which rules hold nowhere from then on.
    `cases`, `mediations` and `places` are named as far as the viewer sees them; `posts`: kind and grid of those that close.
    """

    stops: tuple[Stop, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    begun: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    holders: tuple[tuple[int, str, str], ...] = ()
    seats: tuple[tuple[int, str, str, str], ...] = ()
    away: tuple[tuple[int, str], ...] = ()
    carried: tuple[cases_actions.Carried, ...] = ()
    came: int = 0
    cases: Moving = Moving()
    mediations: Moving = Moving()
    places: Moving = Moving()
    posts: tuple[tuple[str, str], ...] = ()


#: So many of the cases, of the files of mediation, and of the places, that would move are named.
MOST_NAMED = 50


def dry_run(viewer: Viewer, plan_id: UUID, *, now: datetime) -> DryRun:
    """What applying the plan now would move, and what would stop it. It writes nothing that stays."""
    plan = locked_plan(plan_id)
    if not (viewer.may(Verb.PLAN_DRAFT, plan.path) or viewer.may(Verb.PLAN_APPLY, plan.path)):
        raise NotAllowed
    if plan.state in lifecycle.FIXED:
        raise PlanStepNotPossible(state=plan.state)
    with transaction.atomic():
        point = transaction.savepoint()
        with staff.seeing_all(viewer, plan.path, now=now) as system:
            found, kept = _carried_out(system, plan, now)
            went = {
                "cases": cases.paths_of_cases(system, [UUID(case) for case in kept.get("cases", {})]),
                "files": cases.paths_of_files(system, [UUID(file) for file in kept.get("files", {})]),
                "places": visits.paths_of_places(system, [UUID(place) for place in kept.get("places", {})]),
            }
        transaction.savepoint_rollback(point)
    # What was moved is back, and the viewer looks with their own eyes again.
    return replace(
        found,
        cases=_named(kept.get("cases", {}), went["cases"], partial(cases.names_of_cases, viewer)),
        mediations=_named(kept.get("files", {}), went["files"], partial(cases.names_of_files, viewer)),
        places=_named(kept.get("places", {}), went["places"], partial(visits.names_of_places, viewer)),
        posts=tuple(staff.posts_by_id([int(post) for post in kept.get("posts", {}).get("posts", {})])),
    )


def _named(
    lay: Mapping[str, str],
    went: Mapping[UUID, str],
    look: Callable[..., tuple[list[tuple[UUID, str, str]], int]],
) -> Moving:
    moved = {UUID(each): path for each, path in lay.items() if went.get(UUID(each), path) != path}
    rows, seen = look(moved, limit=MOST_NAMED)
    return Moving(
        tuple(
            Named(each, number, name, _code(moved[each]), _code(went[each])) for each, number, name in rows
        ),
        seen - len(rows),
        len(moved) - seen,
    )


def _code(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def apply_plan(
    viewer: Viewer, plan_id: UUID, *, on: date | None = None, revision: int | None = None, now: datetime
) -> Plan:
    """Applies an approved plan: today at once, else on the day `on` by the hourly job. PlanStopped says what stops it."""
    plan = plan_to_take(viewer, plan_id, "apply")
    today = now.astimezone(SHANGHAI).date()
    if revision is not None and plan.revision != revision:
        raise PlanStepNotPossible(state=plan.state)
    if on is not None and not today <= on <= today + timedelta(days=366):
        raise Invalid(field="on", expected=f"{today} …")
    plan.stopped = []
    if on is not None and on > today:
        plan.apply_on = on
        plan.revision += 1
        plan.save()
        tell(viewer, plan, "plan.scheduled", now, on=on.isoformat())
        return plan
    with staff.seeing_all(viewer, plan.path, now=now) as system:
        found, kept = _carried_out(system, plan, now)
        if found.stops:
            raise PlanStopped(count=len(found.stops), first=found.stops[0].why)
        told = {**asdict(found), "stops": []}
        PlanApplied.objects.create(plan=plan, path=plan.path, at=now, told=told, kept=kept)
    plan.state = lifecycle.APPLIED
    plan.applied_at, plan.applied_by_id, plan.apply_on = now, viewer.account_id, None
    plan.revision += 1
    plan.save()
    tell(
        viewer, plan, "plan.applied", now,
        counts=dict(found.counts), begun=list(found.begun), ended=list(found.ended),
    )  # fmt: skip
    return plan


def apply_dated(viewer: Viewer, plan: Plan, *, now: datetime) -> bool:
    """Applies a plan whose day has come, for the hourly job. What stops it is kept with the plan, which then waits for a person."""
    try:
        with transaction.atomic():
            apply_plan(viewer, plan.id, now=now)
    except Problem as problem:
        held = locked_plan(plan.id)
        held.apply_on, held.stopped = None, [problem.code, str(problem.facts.get("first", ""))]
        held.revision += 1
        held.save()
        tell(viewer, held, "plan.stopped", now, why=problem.code)
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Task:
    """Everything that an applying is about, read once."""

    plan: Plan
    content: Content
    grids: list[PlanGrid]
    going: Going
    #: Building → path under which it is kept, and its households.
    at: Mapping[str, tuple[str, int]]
    astray: frozenset[str]
    paths: Mapping[str, str]
    ended: tuple[str, ...]
    #: In which no building was registered when the plan was begun: they go on as they are.
    bare: tuple[str, ...]

    @property
    def moves(self) -> dict[UUID | str, str]:
        """Where every building goes that does not lie there yet, and every estate that was kept under a grid."""
        found: dict[UUID | str, str] = {
            UUID(building): self.paths[code]
            for building, code in self.going.to.items()
            if self.at[building][0] != self.paths[code] or building in self.astray
        }
        return found

    @property
    def pairs(self) -> tuple[Pair, ...]:
        counted: dict[tuple[str, str], list[int]] = {}
        for building, code in self.going.to.items():
            path, households = self.at[building]
            each = counted.setdefault((path.rsplit(".", 1)[-1], code), [0, 0])
            each[0] += 1
            each[1] += households
        return tuple(Pair(*key, *sums) for key, sums in sorted(counted.items()))


def _task(plan: Plan) -> _Task:
    content = content_by_plan(plan)
    grids = list(PlanGrid.objects.filter(plan_id=plan.id).order_by("label"))
    registered = buildings_in(plan.path)
    rows = [each.row for each in registered]
    standing = areas.grids_within(plan.path)
    community_paths = {each.code: each.path for each in areas.communities_within(plan.path)}
    bare = untouched(plan)
    return _Task(
        plan=plan,
        content=content,
        grids=grids,
        going=going(content, plan.labels, rows, {grid.label: grid.code for grid in grids}, bare=bare),
        at={row.id: (row.path, row.households) for row in rows},
        astray=frozenset(each.row.id for each in registered if each.astray),
        paths={
            grid.code: f"{community_paths[grid.community]}.{grid.code}"
            for grid in grids
            if grid.community in community_paths
        }
        | {each.code: each.path for each in standing if each.code in bare},
        ended=tuple(sorted(set(content.grids) - {grid.today for grid in grids} - bare)),
        bare=tuple(sorted(bare)),
    )


def _stops(task: _Task) -> list[Stop]:
    """What would make the plan wrong now: the tree or the registers are no longer what it was drawn on."""
    found = []
    standing = {grid.code: grid.boundary for grid in areas.grids_within(task.plan.path)}
    found += [Stop("grid-ended", code) for code in sorted(set(task.content.grids) - set(standing))]
    found += [Stop("grid-begun", code) for code in sorted(set(standing) - set(task.content.grids))]
    found += [
        Stop("grid-redrawn", code)
        for code, outline in sorted(drawn_today(task.plan).items())
        if code in standing and standing[code] != outline
    ]
    found += [
        Stop("community-ended", code)
        for code in sorted({grid.community for grid in task.grids if grid.code not in task.paths})
    ]
    taken = areas.grid_codes_ever(task.content.communities)
    found += [Stop("code-taken", grid.code) for grid in task.grids if not grid.today and grid.code in taken]
    if task.going.lost:
        found.append(Stop("no-grid", count=len(task.going.lost)))
    return found


def _carried_out(system: Viewer, plan: Plan, now: datetime) -> tuple[DryRun, dict[str, Any]]:
    """Moves everything, and tells it; with stops nothing was moved, or what was is to be taken back by the caller."""
    task = _task(plan)
    tell_it = partial(
        DryRun,
        pairs=task.pairs,
        begun=tuple(grid.code for grid in task.grids if not grid.today),
        ended=task.ended,
        came=len(task.going.came),
    )
    if stops := _stops(task):
        return tell_it(stops=tuple(stops)), {}
    try:
        with transaction.atomic():
            counts, kept = _moved(system, task, now)
    except Problem as problem:
        # The action that refused names what it met first.
        why = str(problem.facts.get("why") or problem.code)
        return tell_it(stops=(Stop(why, str(problem.facts.get("what", ""))),)), {}
    holders = tuple((account, grid, kind) for account, grid, kind in kept["posts"]["holders"])
    carried = tuple(cases_actions.Carried(**one) for one in kept["carried"])
    seats = tuple((account, kind, was, now_in) for account, kind, was, now_in in kept["seats"]["moved"])
    away = tuple((account, kind) for account, kind in kept["seats"]["missing"])
    return tell_it(counts=counts, holders=holders, seats=seats, away=away, carried=carried), kept


def _moved(system: Viewer, task: _Task, now: datetime) -> tuple[dict[str, int], dict[str, Any]]:
    """The grids first, so that no two outlines lie over one another; then homes, then cases and places by their spot."""
    plan, reason = task.plan, task.plan.name
    before = households_in(plan.path)
    # Also what was filed elsewhere on purpose: once the plan's outline has held its spot, an undo could not tell it from what the plan moved.
    lay = lying_elsewhere(system, plan.path, now, on_purpose=True)
    standing = areas.grids_within(plan.path)
    made_up = {grid.code: grid.boundary_made_up for grid in standing}
    drawn_so = {grid.code: grid.boundary for grid in standing}
    drawn = areas_actions.draw_grids(
        system,
        [
            areas_actions.Drawn(
                grid.code, grid.name, grid.community,
                # One that is today's is left as it is, whatever way it was written.
                None if grid.today and grid.outline == drawn_so.get(grid.today) else grid.outline,
                made_up=made_up.get(grid.today, any(made_up.values())),
            )
            for grid in task.grids
        ],
        now=now,
    )  # fmt: skip
    # Who gets another grid leaves the old one first, so that whoever is left in a grid that ends is who loses a post.
    seats = staff_actions.seat_walkers(
        system, wanted_posts(plan), {*task.content.grids, *task.paths} - {*task.bare}, now=now
    )
    posts = staff_actions.close_posts_of(system, task.ended, now=now)
    ended = areas_actions.end_grids(system, task.ended, now=now)
    homes = visits_actions.rehome(system, {**task.moves, **_estates(task)}, now=now, reason=reason)
    # Who has the households has what belongs to an ended grid and lies nowhere: known before it is asked for.
    went = [
        areas_actions.Went(pair.from_code, pair.to_code, pair.households)
        for pair in task.pairs
        if len(pair.from_code) == 16
    ]
    areas_actions.keep_successions(system, went, now=now)
    files = cases_actions.rehome_files(
        system, cases.open_files_elsewhere(system, plan.path, now=now), now=now, reason=reason
    )
    by_spot = cases_actions.rehome_open(
        system, cases.open_cases_elsewhere(system, plan.path, now=now), now=now, reason=reason
    )
    places = visits_actions.rehome_places(
        system, visits.places_elsewhere(system, plan.path, now=now), now=now
    )
    offers = homes_actions.readdress_offers(system, offers_left(system, plan.path, now=now), now=now)
    rules = cases_actions.carry_rules_over(system, _shares(task), ended=task.ended, now=now, reason=reason)
    _check_nothing_lost(task, before)
    counts = {
        **homes.counts,
        "cases": homes.counts.get("cases", 0) + len(by_spot),
        "mediations": homes.counts.get("mediations", 0) + len(files),
        "places": len(places),
        "offers": len(offers),
        "routes": len(rules.made["routes"]),
        "texts": len(rules.made["texts"]),
        "redrawn": len(drawn["before"]),
        "untouched": len(task.bare),
        "begun": len(drawn["added"]),
        "ended": len(ended),
        "posts": len(posts["posts"]),
        "seats": len(seats.moved),
        "households_in_area": before,
    }
    kept = {
        "drawn": drawn,
        "ended": ended,
        "homes": moves_as_json(homes.back),
        "cases": {str(case): path for case, path in {**by_spot, **homes.cases_back}.items()},
        "files": {str(file): path for file, path in {**files, **homes.files_back}.items()},
        "rules": rules.made,
        "carried": [asdict(one) for one in rules.carried],
        "places": {str(place): path for place, path in places.items()},
        "offers": {str(offer): path for offer, path in offers.items()},
        "posts": posts,
        "seats": {**seats.kept, "moved": seats.moved, "missing": seats.missing},
        "lay": sorted({str(one) for each in lay for one in each}),
        "came": list(task.going.came),
        "at": now.isoformat(),
        "went": [one.from_code for one in went],
        "outlines": {grid.code: outline_digest(grid.boundary) for grid in areas.grids_within(plan.path)},
    }
    return counts, kept


def _shares(task: _Task) -> list[Share]:
    """By households; by buildings where nobody is registered yet."""
    return [
        Share(pair.from_code, pair.to_code, pair.households * 10_000 + pair.buildings)
        for pair in task.pairs
        if len(pair.from_code) == 16
    ]


def _estates(task: _Task) -> dict[UUID | str, str]:
    """An estate that is kept under a grid follows most of its households."""
    held: dict[str, dict[str, int]] = {}
    compound_of = {
        each.row.id: each.row.compound for each in buildings_in(task.plan.path) if each.row.compound
    }
    for building, code in task.going.to.items():
        if compound := compound_of.get(building):
            sums = held.setdefault(compound, {})
            sums[code] = sums.get(code, 0) + task.at[building][1] + 1
    # One without buildings follows most of its grid.
    heirs = {
        pair.from_code: pair.to_code
        for pair in sorted(task.pairs, key=lambda pair: (pair.households, pair.buildings))
    }
    found: dict[UUID | str, str] = {}
    for estate, path in estates_in(task.plan.path).items():
        code = path.rsplit(".", 1)[-1]
        if path.count(".") != 4:
            continue
        if estate in held:
            _most, last = max((count, code) for code, count in held[estate].items())
        elif code in task.ended and code in heirs:
            last = heirs[code]
        else:
            continue
        if task.paths[last] != path:
            found[estate] = task.paths[last]
    return found


def _check_nothing_lost(task: _Task, before: int) -> None:
    """As many households as before, and none left where no grid stands any more."""
    path = task.plan.path
    left = sum(households_in(areas.area_by_code(code).path) for code in task.ended)
    if households_in(path) != before or left:
        raise PlanStopped(count=1, first="households-left")
