"""Several proposals at once, looked for in the background: asked for, stopped, carried out, and one of them chosen."""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent, Problem
from wangge.journal.actions import record
from wangge.plans import lifecycle
from wangge.plans.actions.drafting import NAME_LENGTH, area_to_divide, check_asked, keep_draft, named
from wangge.plans.actions.keeping import in_turn, locked_plan, tell
from wangge.plans.actions.stepping import take_step
from wangge.plans.actions.taking import taken
from wangge.plans.models import Plan, PlanGrid, Search
from wangge.plans.queries.ground import ground_of
from wangge.plans.queries.plans import content_by_plan, may_take, plan_by_id
from wangge.plans.queries.searches import LOST, OPEN
from wangge.plans.rules.alike import alike, renumbered
from wangge.plans.rules.bonds import bonds_of
from wangge.plans.rules.content import NONE, Content, Ints
from wangge.plans.rules.dividing import Divided, Proposed, proposals
from wangge.plans.rules.ground import streets_of
from wangge.plans.rules.problems import PlanStepNotPossible, SearchEnded, TooManyOwnSearches, TooManySearches
from wangge.plans.rules.turns import Account, Waiting
from wangge.staff import queries as staff

log = logging.getLogger("wangge.worker")

SHORTEST_S, LONGEST_S = 10, 900
FEWEST, MOST = 2, 7
#: So many searches may wait or run in one area.
MOST_OPEN = 3
#: And so many that one account asked for, wherever they are.
MOST_OWN = 3
#: Who works on a search tells so often how far it is, in seconds, and hears whether it shall end.
LOOK_S = 1.0
#: A search that was lost is begun once more.
TRIES = 2


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def begin_search(
    viewer: Viewer,
    *,
    area: str,
    name: str,
    unit: str = "building",
    low: int = 300,
    high: int = 500,
    weigh: str = "households",
    curve: int = 5,
    seconds: int = 60,
    seed: int = 0,
    from_plan: UUID | None = None,
    search_id: UUID | None = None,
    now: datetime,
) -> Search:
    """Asks for several proposals between fewest changes and best form, from today's grids or from those of a plan of the area.

    A worker begins when its turn comes, within a minute where nobody waits. The same id again is the same search. NotAllowed, Invalid,
    TooManySearches, TooManyOwnSearches, OtherContent.
    """
    place = area_to_divide(viewer, area)
    check_asked(unit, low, high, weigh)
    if not FEWEST <= curve <= MOST:
        raise Invalid(field="curve", expected=f"{FEWEST} … {MOST}")
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise Invalid(field="seconds", expected=f"{SHORTEST_S} … {LONGEST_S}")
    if from_plan is not None:
        source = plan_by_id(viewer, from_plan)
        if source.path != place.path:
            raise Invalid(field="from_plan", expected=_("a plan of the same area"))
        unit = source.unit
    in_turn(f"searches:account:{viewer.account_id}")
    in_turn(f"searches:area:{place.path}")
    known = Search.objects.filter(id=search_id).first() if search_id else None
    if known is not None:
        if (known.asked_by_id, known.path, known.curve) != (viewer.account_id, place.path, curve):
            raise OtherContent
        return known
    waiting = Search.objects.filter(state__in=OPEN)
    if (count := waiting.filter(path=place.path).count()) >= MOST_OPEN:
        raise TooManySearches(count=count)
    if (count := waiting.filter(asked_by_id=viewer.account_id).count()) >= MOST_OWN:
        raise TooManyOwnSearches(count=count)
    search = Search(
        id=search_id or new_id(), area=place, path=place.path, name=named(name), unit=unit, low=low, high=high,
        weigh=weigh, curve=curve, seconds=seconds, seed=seed, from_plan_id=from_plan,
        asked_at=now, asked_by_id=viewer.account_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            search.save(force_insert=True)
    except IntegrityError:  # the id of a search that the viewer does not see
        raise OtherContent from None
    facts = {"curve": curve, "seconds": seconds, "low": low, "high": high, "weigh": weigh}
    _record(viewer, search, "search.begun", now, **facts)
    return search


def stop_search(viewer: Viewer, search_id: UUID, *, now: datetime) -> Search:
    """Ends a search with the best so far; one that has not begun finds nothing. NotFound, NotAllowed, SearchEnded."""
    search = _locked(search_id)
    if not viewer.may(Verb.PLAN_DRAFT, search.path):
        raise NotAllowed
    if search.state not in OPEN:
        raise SearchEnded
    search.stop_asked = True
    if search.state == "waiting":
        search.state, search.ended_at, search.ended_early = "done", now, True
    search.save()
    _record(viewer, search, "search.stopped", now)
    return search


def choose_proposal(viewer: Viewer, plan_id: UUID, *, now: datetime) -> Plan:
    """Keeps this one: the other drafts of its search are withdrawn, where the viewer may.

    NotFound, NotAllowed, SearchEnded, PlanStepNotPossible for one that is no draft any more.
    """
    plan = locked_plan(plan_id)
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    if plan.search_id is None:
        raise SearchEnded
    if plan.state != lifecycle.DRAFT:
        raise PlanStepNotPossible(state=plan.state)
    withdrawn = 0
    line = lifecycle.line_of(lifecycle.DRAFT, "withdraw")
    others = Plan.objects.filter(search_id=plan.search_id, state=lifecycle.DRAFT).exclude(id=plan.id)
    for other in others.order_by("id"):
        if line is not None and may_take(viewer, other, line):
            take_step(viewer, other.id, "withdraw", now=now)
            withdrawn += 1
    tell(viewer, plan, "plan.chosen", now, search=str(plan.search_id), withdrawn=withdrawn)
    return plan


@dataclass(frozen=True, slots=True)
class Searches:
    """How many of each account are being carried out, and those that wait for their turn."""

    running: Counter[Account]
    waiting: list[Waiting]


def waiting_searches(system: Viewer, root: str, *, now: datetime) -> Searches:
    """Of a city. One whose worker died waits once more, then it is given up.

    It waits for nobody. Who carries a search out has it under lock while it reads the registers and keeps the proposals, and tells
    nothing meanwhile: under lock is alive.
    """
    running = Search.objects.filter(state="running")
    free = {each.id: each for each in running.select_for_update(skip_locked=True)}
    found = Searches(Counter(), [])
    for each in running:
        unlocked = free.get(each.id)
        if unlocked is None or (unlocked.heard_at is not None and unlocked.heard_at > now - LOST):
            found.running[each.asked_by_id] += 1
        elif unlocked.tries >= TRIES:
            _end(system, unlocked, now, problem={"code": "lost"})
        else:
            found.waiting.append(Waiting(each.asked_by_id, each.asked_at, root, each.id))
    asked = Search.objects.filter(state="waiting").values_list("asked_by_id", "asked_at", "id")
    found.waiting.extend(Waiting(account, since, root, one) for account, since, one in asked)
    return found


def take_search(system: Viewer, search_id: UUID, *, now: datetime) -> Search | None:  # noqa: ARG001 - the row policy uses it
    """Begins it for the worker; None where somebody has it under lock, or it has ended meanwhile."""
    free = Search.objects.select_for_update(skip_locked=True).filter(id=search_id, state__in=OPEN)
    found: Search | None = free.first()
    if found is None:
        return None
    found.state, found.tries = "running", found.tries + 1
    found.began_at = found.heard_at = now
    found.save()
    return found


def carry_out_search(root_path: str, search_id: UUID, tries: int) -> Search | None:
    """Looks for the proposals and keeps them as drafts; what stands in its way is told on its page. Not within a transaction: while it
    looks it tells how far it is. `tries` says which beginning this is: None where it was begun once more meanwhile, or has ended.
    """
    ear = _Ear(root_path, search_id, tries)
    try:
        with transaction.atomic():
            search = _entered(root_path, search_id, tries)
            if search is None:
                return None
            content, base, workers, ground_ids, bonds = _begun(search)
            streets = streets_of(content, ground_of(ground_ids))
        found = proposals(
            content, base, low=search.low, high=search.high, seed=search.seed, curve=search.curve,
            limit_s=float(search.seconds), weigh=search.weigh, workers=workers, streets=streets,
            bonds=bonds_of(bonds), progress=ear.hear, stop=ear.says_stop,
        )  # fmt: skip
        with transaction.atomic():
            search = _entered(root_path, search_id, tries)
            return search and _kept(search, content, base, ground_ids, bonds, found, clock.now())
    except Problem as problem:
        return _failed(root_path, search_id, tries, {"code": problem.code, "facts": dict(problem.facts)})
    except Exception as problem:  # noqa: BLE001 - whatever it is, its page must tell that it ended
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("search failed: %s at %s:%s", type(problem).__name__, place.filename, place.lineno)  # noqa: TRY400 - its words may quote data
        return _failed(root_path, search_id, tries, {"code": "broken"})


class _Ear:
    """Tells how far a search is, and hears whether it shall end, as it shall where another carries it out by now; both at most once a second."""

    def __init__(self, root_path: str, search_id: UUID, tries: int) -> None:
        self.root_path, self.search_id, self.tries = root_path, search_id, tries
        self.looked, self.share, self.stop = time.monotonic(), 0.0, False

    def hear(self, share: float) -> None:
        self.share = min(share, 1.0)
        self._look()

    def says_stop(self) -> bool:
        self._look()
        return self.stop

    def _look(self) -> None:
        if time.monotonic() - self.looked < LOOK_S:
            return
        self.looked = time.monotonic()
        with transaction.atomic():
            staff.enter_as_system(self.root_path)
            mine = Search.objects.filter(id=self.search_id, state="running", tries=self.tries)
            mine.update(progress=round(self.share, 3), heard_at=clock.now())
            self.stop = mine.values_list("stop_asked", flat=True).first() is not False


def _entered(root_path: str, search_id: UUID, tries: int) -> Search | None:
    """Under lock; None where it is not running, or was begun once more."""
    staff.enter_as_system(root_path)
    search = _locked(search_id)
    return search if (search.state, search.tries) == ("running", tries) else None


def _begun(search: Search) -> tuple[Content, Ints, list[int], list[UUID], list[Any]]:
    """What is divided, the division that it starts from, who works in each of its grids, the streets that are known, and what must be
    together or apart.
    """
    if search.from_plan_id is None:
        content, ids = taken(search.path, unit=search.unit, now=clock.now())
        return content, content.today, content.grid_workers.tolist(), ids, []
    plan = Plan.objects.get(id=search.from_plan_id)
    content = content_by_plan(plan)
    base = np.array(plan.labels, np.int64)
    workers = np.full(int(base.max(initial=NONE)) + 1, NONE)
    at = {code: place for place, code in enumerate(content.grids)}
    for label, code in PlanGrid.objects.filter(plan=plan).exclude(today="").values_list("label", "today"):
        workers[label] = content.grid_workers[at[code]]
    return content, base, workers.tolist(), plan.ground_ids, plan.bonds


def _kept(
    search: Search,
    content: Content,
    base: Ints,
    ground_ids: Sequence[UUID],
    bonds: list[Any],
    found: Sequence[Proposed],
    now: datetime,
) -> Search:
    viewer = staff.enter_as_system(search.path.split(".", 1)[0])
    source = Plan.objects.filter(id=search.from_plan_id).first() if search.from_plan_id else None
    for number, one in enumerate(found, 1):
        made = _numbered(base, one.made, content) if source else one.made
        plan = Plan(
            id=new_id(), area=search.area, path=search.path, name=_proposal_name(search.name, number, len(found)),
            unit=search.unit, low=search.low, high=search.high, weigh=search.weigh, seed=search.seed,
            copied_from_id=search.from_plan_id, search=search, ground_ids=list(ground_ids),
            fixed=[False] * len(content), bonds=bonds, made_at=now, made_by_id=search.asked_by_id, changed_by_id=search.asked_by_id,
        )  # fmt: skip
        if source:
            held = {int(label) for label in np.unique(made.labels).tolist()}
            plan.names = {label: said for label, said in source.names.items() if int(label) in held}
        keep_draft(plan, content, made)
        tell(viewer, plan, "plan.drafted", now, unit=plan.unit, start="search", grids=plan.figures["grids"])
    return _end(viewer, search, now, early=search.stop_asked or any(one.stopped for one in found))


def _numbered(base: Ints, made: Divided, content: Content) -> Divided:
    """Grids that are much as in the plan before keep its numbers, and with them their names."""
    number = alike(base, made.labels, content.households, fixed=np.full(len(content), NONE))
    causes = tuple((rule, number.get(label, label), cause) for rule, label, cause in made.causes)
    return replace(made, labels=renumbered(made.labels, number), causes=causes)


def _proposal_name(name: str, number: int, count: int) -> str:
    mark = f" {number}/{count}"
    return f"{name[: NAME_LENGTH - len(mark)]}{mark}"


def _failed(root_path: str, search_id: UUID, tries: int, problem: dict[str, object]) -> Search | None:
    with transaction.atomic():
        search = _entered(root_path, search_id, tries)
        return search and _end(staff.enter_as_system(root_path), search, clock.now(), problem=problem)


def _end(
    viewer: Viewer,
    search: Search,
    now: datetime,
    *,
    early: bool = False,
    problem: dict[str, object] | None = None,
) -> Search:
    search.state = "failed" if problem else "done"
    search.problem, search.ended_early = problem or {}, early
    search.progress, search.ended_at = 1.0, now
    search.save()
    told = {"proposals": Plan.objects.filter(search_id=search.id).count(), "early": early}
    _record(viewer, search, "search.ended", now, **({"problem": problem["code"]} if problem else told))
    return search


def _locked(search_id: UUID) -> Search:
    if not Search.objects.filter(id=search_id).exists():
        raise NotFound
    found = Search.objects.select_for_update(of=("self",)).select_related("area").filter(id=search_id).first()
    if found is None:
        raise NotAllowed
    return found


def _record(viewer: Viewer, search: Search, verb: str, now: datetime, **after: object) -> None:
    record(viewer, verb=verb, subject=search.subject, path=search.path, at=now, after=after)
