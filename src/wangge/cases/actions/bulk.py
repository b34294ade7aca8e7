"""One step for many cases: each is done or says why not, and none is half done.

What the steps change is kept until all are decided, and then written in one statement, so that the rows of the queues' tally
are locked once and in their order (the trigger of migration 0002); the journal's chains come after, in theirs. A step of
somebody else, or another bulk of the same grids, then waits, and never for somebody who waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from wangge.access import Viewer
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent, Problem
from wangge.cases.actions.steps import PAST, change, changes, record_step
from wangge.cases.lifecycle import Step
from wangge.cases.models import Case
from wangge.cases.rules import BULK_STEPS, MOST_IN_BULK, BadAnswer, CaseMoved
from wangge.journal.queries import entries_of_commands

#: Others that write many cases at once (a hand-over, the clock) may still meet this one; then it begins again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: done, or the problem that stood against it. `case` is None when it is not the viewer's to see."""

    case_id: UUID
    case: Case | None
    problem: Problem | None = None

    @property
    def done(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True)
class _Taken:
    """A step that was decided and waits to be written."""

    case: Case
    before: Mapping[str, Any]
    line: Step
    command_id: UUID


def take_steps(
    viewer: Viewer,
    case_ids: Sequence[UUID],
    step: str,
    *,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    revisions: Mapping[UUID, int] | None = None,
) -> list[Outcome]:
    """Takes `step` on each of the cases with the same `facts`, and tells of each in the order given.

    The same `command_id` again does nothing to the cases that it was done to. With `revisions` a case that somebody has
    changed since is left alone. Invalid for another step than BULK_STEPS, or more than MOST_IN_BULK cases.
    """
    asked = list(dict.fromkeys(case_ids))
    if step not in BULK_STEPS:
        raise Invalid(field="step", expected=", ".join(BULK_STEPS))
    if not 1 <= len(asked) <= MOST_IN_BULK:
        raise Invalid(field="cases", expected=f"1–{MOST_IN_BULK}")
    if facts.get("outcome") == "repeated" or facts.get("into") or facts.get("attachments"):
        # Each of these belongs to one case alone.
        raise BadAnswer(field="outcome", expected="mended, answered, nothing, not_ours, planned, refused")
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _together(viewer, asked, step, command_id, facts, now, revisions or {})
        except OperationalError as problem:
            if attempt == _TRIES or not isinstance(problem.__cause__, DeadlockDetected):
                raise
    raise AssertionError  # the loop returns or raises


def _together(
    viewer: Viewer,
    asked: list[UUID],
    step: str,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    revisions: Mapping[UUID, int],
) -> list[Outcome]:
    rows = Case.objects.select_for_update(of=("self",)).select_related("item_version")
    locked = {case.id: case for case in rows.filter(id__in=asked).order_by("id")}
    seen = {case.id: case for case in Case.objects.filter(id__in=[one for one in asked if one not in locked])}
    commands = {case_id: uuid5(command_id, str(case_id)) for case_id in asked}
    entries = entries_of_commands(viewer, commands.values())
    outcomes: dict[UUID, Outcome] = {}
    taken: list[_Taken] = []
    for case_id in asked:
        case = locked.get(case_id)
        entry = entries.get(commands[case_id])
        if case is None:
            problem = NotAllowed() if case_id in seen else NotFound()
            outcomes[case_id] = Outcome(case_id, seen.get(case_id), problem)
        elif entry is not None:
            same = entry.tells(verb=PAST[step], subject=case.subject)
            outcomes[case_id] = Outcome(case_id, case, None if same else OtherContent())
        elif revisions.get(case_id, case.revision) != case.revision:
            outcomes[case_id] = Outcome(case_id, case, CaseMoved(revision=case.revision))
        else:
            outcomes[case_id] = _decided(viewer, case, step, commands[case_id], facts, now, taken)
    _write(viewer, taken, facts, now)
    return [outcomes[case_id] for case_id in asked]


def _decided(
    viewer: Viewer,
    case: Case,
    step: str,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    taken: list[_Taken],
) -> Outcome:
    before = dict(vars(case))
    try:
        with transaction.atomic():
            line = change(viewer, case, step, facts, now)
    except Problem as problem:
        vars(case).update(before)
        return Outcome(case.id, case, problem)
    taken.append(_Taken(case, before, line, command_id))
    return Outcome(case.id, case)


def _write(viewer: Viewer, taken: list[_Taken], facts: Mapping[str, Any], now: datetime) -> None:
    fields = {name for one in taken for name in changes(one.case, one.before)}
    if fields:
        names = [field.name for field in Case._meta.concrete_fields if field.attname in fields]
        Case.objects.bulk_update([one.case for one in taken], names)
    for one in sorted(taken, key=lambda each: (each.case.path, each.case.id)):
        record_step(viewer, one.case, one.before, one.line, one.command_id, facts, now)
