"""How good a division is, proven in the background: asked for, computed by processes beside the worker, kept as it rises, stopped."""

import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import Invalid, NotAllowed
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import locked_plan, tell
from wangge.plans.models import Plan, PlanProof
from wangge.plans.queries.plans import content_by_plan
from wangge.plans.queries.proofs import digest_of, running_proofs
from wangge.plans.rules.problems import PlanStepNotPossible
from wangge.plans.rules.proving import (
    MINUTES,
    MOST_MINUTES,
    NUMBERS,
    Part,
    better,
    division_of,
    prove_apart,
    share_of_all,
)
from wangge.staff import queries as staff

#: So long the job waits for proofs that are soon done; the others it meets again a minute later.
SOON_SECONDS = 8.0
_LOOK_SECONDS = 0.2


@dataclass(slots=True)
class _Run:
    """A community on its way, in a process that ends with this one."""

    division: str
    process: Any
    told: Any
    began: float

    @property
    def over(self) -> bool:
        return not self.process.is_alive()

    def reached(self) -> Part | None:
        """What it has told so far; None before its first step."""
        found, least, households, steps, ended = self.told[:]
        if not households:
            # One that ended without a word has nobody living there.
            return Part(0.0, 0.0, 0, 0, 0.0, done=True) if ended or self.over else None
        return Part(
            found,
            least,
            int(households),
            int(steps),
            time.monotonic() - self.began,
            done=bool(ended) or self.over,
        )

    def end(self) -> None:
        self.process.terminate()
        self.process.join()


#: By plan and community. They live as long as the worker; one that is begun anew begins them anew, from what was kept.
_RUNS: dict[tuple[UUID, str], _Run] = {}


def ask_proof(viewer: Viewer, plan_id: UUID, *, minutes: int = MINUTES, now: datetime) -> PlanProof:
    """Has it proven how good the plan's division is, for so many minutes a community. What was proven of the same division stays.

    NotFound, NotAllowed, PlanStepNotPossible, Invalid.
    """
    plan = _plan_to_prove(viewer, plan_id)
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(field="minutes", expected=f"1 … {MOST_MINUTES}")
    kept = begin_proof(viewer, plan, minutes=minutes, now=now)
    tell(viewer, plan, "plan.proof-asked", now, minutes=minutes)
    return kept


def begin_proof(viewer: Viewer, plan: Plan, *, minutes: int = MINUTES, now: datetime) -> PlanProof:
    """The same, for who has the plan under lock already."""
    division = digest_of(plan)
    kept = PlanProof.objects.filter(plan_id=plan.id).first() or PlanProof(plan=plan, path=plan.path)
    same = kept.division == division
    kept.parts = {code: {**part, "done": False} for code, part in kept.parts.items()} if same else {}
    kept.proven_at = kept.proven_at if same else None
    kept.division, kept.state, kept.minutes = division, "running", minutes
    kept.asked_at, kept.asked_by_id, kept.heard_at, kept.ended_at = now, viewer.account_id, None, None
    kept.save()
    return kept


def stop_proof(viewer: Viewer, plan_id: UUID, *, now: datetime) -> PlanProof:
    """Ends it where it is; what is proven stays. PlanStepNotPossible when nothing is being proven."""
    plan = locked_plan(plan_id)
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    kept = PlanProof.objects.filter(plan_id=plan.id, state="running").first()
    if kept is None:
        raise PlanStepNotPossible(state=plan.state)
    kept.state, kept.ended_at = "stopped", now
    kept.save(update_fields=["state", "ended_at"])
    tell(viewer, plan, "plan.proof-stopped", now)
    return kept


def _plan_to_prove(viewer: Viewer, plan_id: UUID) -> Plan:
    plan = locked_plan(plan_id)
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    if plan.state in lifecycle.FIXED:
        raise PlanStepNotPossible(state=plan.state)
    return plan


def prove_on(*, now: datetime, seconds: float = SOON_SECONDS, processes: int | None = None) -> int:
    """Keeps what running proofs have reached, ends those that nobody wants any more, begins others as far as there are processors;
    then waits so long for what is soon done. Gives how many communities are still on their way.
    """
    _one_look(now, processes)
    ends_at = time.monotonic() + seconds
    while _RUNS and time.monotonic() < ends_at:
        if any(run.over for run in _RUNS.values()):
            _one_look(now, processes)
        time.sleep(_LOOK_SECONDS)
    if _RUNS:
        _one_look(now, processes)
    return len(_RUNS)


def end_runs() -> None:
    """Ends every process that proves; what it reached since it was looked at last is lost."""
    for run in _RUNS.values():
        run.end()
    _RUNS.clear()


def _one_look(now: datetime, processes: int | None) -> None:
    wanted: set[tuple[UUID, str]] = set()
    for root in areas.roots():
        with transaction.atomic():
            system = staff.enter_as_system(root.path)
            for proof in running_proofs():
                wanted |= _heard(system, proof.plan_id, now)
    _end_all_but(wanted)
    free = (processes or len(os.sched_getaffinity(0))) - len(_RUNS)
    for root in areas.roots():
        if free <= 0 or wanted <= _RUNS.keys():
            break
        with transaction.atomic():
            staff.enter_as_system(root.path)
            for proof in running_proofs():
                free -= _begun(proof, free)


def _heard(system: Viewer, plan_id: UUID, now: datetime) -> set[tuple[UUID, str]]:
    """Keeps what the plan's processes have reached, and gives the communities that are still to be proven."""
    plan = locked_plan(plan_id)
    proof = PlanProof.objects.select_for_update(of=("self",)).filter(plan_id=plan_id, state="running").first()
    if proof is None:
        return set()
    if proof.division != digest_of(plan) or plan.state in lifecycle.FIXED:
        proof.state, proof.ended_at = "stopped", now
        proof.save()
        return set()
    codes = content_by_plan(plan).communities
    for code in codes:
        run = _RUNS.get((plan_id, code))
        reached = run.reached() if run and run.division == proof.division else None
        if reached is not None:
            before = proof.parts.get(code)
            proof.parts[code] = better(before, reached)
            proof.heard_at = now
            if before is None or proof.parts[code]["least"] > before["least"]:
                proof.proven_at = now
    left = {(plan_id, code) for code in codes if not proof.parts.get(code, {}).get("done")}
    share = share_of_all(proof.parts, codes)
    gap = None if share is None else round(share * 100, 1)
    if not left:
        proof.state, proof.ended_at = "done", now
        tell(system, plan, "plan.proven", now, at_most=gap)
    proof.save()
    if plan.figures.get("gap") != gap:
        plan.figures = {**plan.figures, "gap": gap}
        plan.save(update_fields=["figures"])
    return left


def _end_all_but(wanted: Collection[tuple[UUID, str]]) -> None:
    for key in [key for key in _RUNS if key not in wanted]:
        _RUNS.pop(key).end()


def _begun(proof: PlanProof, free: int) -> int:
    """Begins as many of its communities as there is room for; the largest first, since they take longest."""
    plan = proof.plan
    content, labels = content_by_plan(plan), np.array(plan.labels, np.int64)
    sizes = np.bincount(content.community, minlength=len(content.communities))
    context = get_context("spawn")
    begun = 0
    for number in np.argsort(-sizes, kind="stable").tolist():
        code = content.communities[number]
        if begun >= free:
            break
        if (plan.id, code) in _RUNS or proof.parts.get(code, {}).get("done"):
            continue
        division = division_of(content, labels, number, low=plan.low, high=plan.high)
        told = context.Array("d", NUMBERS)
        process = context.Process(
            target=prove_apart, args=(division, proof.minutes * 60.0, told), daemon=True, name="proves a plan"
        )
        with suppress(OSError):  # no room for another process now: the next minute tries again
            process.start()
            _RUNS[plan.id, code] = _Run(proof.division, process, told, time.monotonic())
            begun += 1
    return begun
