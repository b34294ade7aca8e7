"""How good a division is, proven in the background: asked for, computed by processes beside the worker, kept as it rises, stopped."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import numpy as np

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed
from wangge.plans import lifecycle
from wangge.plans.actions.keeping import in_turn, locked_plan, tell
from wangge.plans.models import Plan, PlanProof
from wangge.plans.queries.ground import ground_of
from wangge.plans.queries.plans import content_by_plan
from wangge.plans.queries.proofs import proof_digest_of, running_proofs, too_many_own
from wangge.plans.rules.content import Content
from wangge.plans.rules.ground import streets_of
from wangge.plans.rules.problems import PlanStepNotPossible, TooManyProofs
from wangge.plans.rules.proving import (
    MINUTES,
    MOST_MINUTES,
    NUMBERS,
    Part,
    better,
    distance_of,
    division_of,
    prove_apart,
    share_of_all,
)
from wangge.plans.rules.turns import Account, Waiting

#: A plan and a community of it.
Key = tuple[UUID, str]


@dataclass(slots=True)
class Run:
    """A community on its way, in a process that ends with this one."""

    account: Account
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


#: They live as long as the worker; one that is begun anew begins them anew, from what was kept.
_RUNS: dict[Key, Run] = {}


@dataclass(frozen=True, slots=True)
class Heard:
    """Communities that go on, and those that wait for their turn."""

    kept: set[Key]
    waiting: list[Waiting]


def ask_proof(viewer: Viewer, plan_id: UUID, *, minutes: int = MINUTES, now: datetime) -> PlanProof:
    """Has it proven how good the plan's division is by the ways that it is divided by, for so many minutes a community. What was
    proven of the same division stays.

    NotFound, NotAllowed, PlanStepNotPossible, Invalid, TooManyProofs.
    """
    plan = _plan_to_prove(viewer, plan_id)
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(field="minutes", expected=f"1 … {MOST_MINUTES}")
    kept = begin_proof(viewer, plan, minutes=minutes, now=now)
    tell(viewer, plan, "plan.proof-asked", now, minutes=minutes)
    return kept


def begin_proof(viewer: Viewer, plan: Plan, *, minutes: int = MINUTES, now: datetime) -> PlanProof:
    """The same, for who has the plan under lock already. TooManyProofs."""
    in_turn(f"proofs:account:{viewer.account_id}")
    if count := too_many_own(viewer, plan):
        raise TooManyProofs(count=count)
    division = proof_digest_of(plan)
    kept = PlanProof.objects.filter(plan_id=plan.id).first() or PlanProof(plan=plan, path=plan.path)
    same = kept.division == division
    kept.parts = {code: {**part, "done": False} for code, part in kept.parts.items()} if same else {}
    kept.proven_at = kept.proven_at if same else None
    kept.division, kept.distance = division, distance_of(plan.figures)
    kept.state, kept.minutes = "running", minutes
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


def runs() -> Mapping[Key, Run]:
    """What this process has begun and not ended."""
    return _RUNS


def end_runs() -> None:
    """Ends every process that proves; what it reached since it was looked at last is lost."""
    end_all_but(())


def end_all_but(kept: Collection[Key]) -> None:
    for key in [key for key in _RUNS if key not in kept]:
        _RUNS.pop(key).end()


def hear_proofs(system: Viewer, root: str, *, now: datetime) -> Heard:
    """Keeps what the proofs of a city have reached."""
    heard = Heard(set(), [])
    for proof in running_proofs():
        left = _heard(system, proof.plan_id, now)
        heard.kept.update((proof.plan_id, code) for code in left)
        heard.waiting.extend(
            Waiting(proof.asked_by_id, proof.asked_at, root, proof.plan_id, code)
            for code in left
            if (proof.plan_id, code) not in _RUNS
        )
    return heard


def _heard(system: Viewer, plan_id: UUID, now: datetime) -> list[str]:
    """Keeps what the plan's processes have reached, and gives the communities that are still to be proven, the largest first.

    It waits for nobody: while somebody changes the plan, its processes run on, and are heard a minute later.
    """
    free = Plan.objects.select_for_update(of=("self",), skip_locked=True).select_related("area")
    plan = free.filter(id=plan_id).first()
    if plan is None:
        return [code for of, code in _RUNS if of == plan_id]
    proof = PlanProof.objects.select_for_update(of=("self",)).filter(plan_id=plan_id, state="running").first()
    if proof is None:
        return []
    if proof.division != proof_digest_of(plan) or plan.state in lifecycle.FIXED:
        proof.state, proof.ended_at = "stopped", now
        proof.save()
        return []
    codes = _largest_first(content_by_plan(plan))
    for code in codes:
        run = _RUNS.get((plan_id, code))
        if run and run.division != proof.division:
            # Another division was asked for since it was begun.
            _RUNS.pop((plan_id, code)).end()
            run = None
        reached = run.reached() if run else None
        if reached is not None:
            before = proof.parts.get(code)
            proof.parts[code] = better(before, reached)
            proof.heard_at = now
            if before is None or proof.parts[code]["least"] > before["least"]:
                proof.proven_at = now
    left = [code for code in codes if not proof.parts.get(code, {}).get("done")]
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


def _largest_first(content: Content) -> list[str]:
    """They take longest."""
    sizes = np.bincount(content.community, minlength=len(content.communities))
    return [content.communities[at] for at in np.argsort(-sizes, kind="stable").tolist()]


def begin_community(plan_id: UUID, code: str) -> bool:
    """Whether its process was begun: the proof may have ended meanwhile, or there is no room for another process now."""
    proof = PlanProof.objects.select_related("plan").filter(plan_id=plan_id, state="running").first()
    if proof is None or proof.division != proof_digest_of(proof.plan):
        return False
    plan, content = proof.plan, content_by_plan(proof.plan)
    number, on_foot = content.communities.index(code), proof.distance == "walking"
    division = division_of(
        content, np.array(plan.labels, np.int64), number, low=plan.low, high=plan.high,
        streets=streets_of(content, ground_of(plan.ground_ids)) if on_foot else None,
    )  # fmt: skip
    context = get_context("spawn")
    told = context.Array("d", NUMBERS)
    process = context.Process(
        target=prove_apart,
        args=(division, proof.distance, proof.minutes * 60.0, told),
        daemon=True,
        name="proves a plan",
    )
    with suppress(OSError):
        process.start()
        _RUNS[plan.id, code] = Run(proof.asked_by_id, proof.division, process, told, time.monotonic())
        return True
    return False
