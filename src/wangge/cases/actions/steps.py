"""Taking a step: one way for all of them, so that rights, the table, the clocks and the journal can't be forgotten."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.actions.attachments import attach_to
from wangge.cases.actions.effects import EFFECTS, Change
from wangge.cases.actions.splitting import part_id
from wangge.cases.lifecycle import NoSuchStep, Step, next_step, verb_of, who_of
from wangge.cases.models import Case
from wangge.cases.queries.moves import standing_of
from wangge.cases.rules import CaseMoved, MissingFact, Standing, StepNotPossible, facts_of, relation_holds
from wangge.journal.actions import record_once
from wangge.journal.queries import carried_out

#: How the journal names each step: what happened, in the past tense.
PAST = {
    "accept": "case.accepted",
    "cancel": "case.cancelled",
    "close": "case.closed",
    "dispatch": "case.dispatched",
    "escalate": "case.escalated",
    "handle": "case.handled",
    "merge": "case.merged",
    "rate": "case.rated",
    "reopen": "case.reopened",
    "resume": "case.resumed",
    "return": "case.returned",
    "split": "case.split",
    "summon": "case.summoned",
    "supervise": "case.supervised",
    "suspend": "case.suspended",
    "verify": "case.verified",
}
#: What the journal tells before and after; texts beside `answer` stay with the case.
TOLD = (
    "state", "holder_path", "handler_id", "department_keys", "outcome", "answer", "whose", "planned_on", "ground", "witness",
    "rating", "supervised", "due_at", "resume_at", "merged_into_id", "resolved_tier",
)  # fmt: skip


def take_step(
    viewer: Viewer, case_id: UUID, step: str, *, command_id: UUID, facts: Mapping[str, Any], now: datetime
) -> Case:
    """Takes `step` with what it needs in `facts`; the same `command_id` again changes nothing and answers the case.

    NotFound: not the viewer's to see. NotAllowed: theirs to see, not to do. StepNotPossible: not from this state.
    MissingFact, BadAnswer: the step needs more. CaseMoved: `facts["revision"]` is not the case's any more.
    """
    act = {"verb": PAST[step], "subject": f"case:{case_id}"}
    if carried_out(viewer, command_id, **act):
        return Case.objects.get(id=case_id)
    if facts.get("into"):
        lock_in_order(case_id, facts["into"])
    case = locked_case(case_id)
    # The same command sent twice at once: the second waited for the lock, and finds that the first has done it.
    if carried_out(viewer, command_id, **act):
        return case
    if facts.get("revision") not in (None, case.revision):
        raise CaseMoved(revision=case.revision)
    before = dict(vars(case))
    line = change(viewer, case, step, {**facts, "command_id": command_id}, now)
    return _written(viewer, case, before, line, command_id, facts, now)


def change(viewer: Viewer, case: Case, step: str, facts: Mapping[str, Any], now: datetime) -> Step:
    """Changes the locked `case` in memory as the step does, and what hangs on it in the database; its line of the table."""
    standing = standing_of(case)
    if not relation_holds(standing, viewer, verb_of(step), who_of(step)):
        raise NotAllowed
    if photos := facts.get("attachments") or ():
        for digest in photos:
            attach_to(viewer, case, digest, step=step, now=now)
        standing = standing_of(case)
    line = _line(standing, viewer, step, facts, now)
    case.state = line.target
    EFFECTS[step](Change(case, line, standing, viewer, facts, now))
    case.revision += 1
    return line


def locked_case(case_id: UUID) -> Case:
    """The case, held until the transaction ends; NotAllowed for one that may be read but not worked on."""
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("item_version").filter(id=case_id).first()
    )
    if case is None:
        raise NotAllowed if Case.objects.filter(id=case_id).exists() else NotFound
    return case


def lock_in_order(case_id: UUID, into: UUID | str) -> None:
    """Holds two cases in the order of their ids, so that A into B and B into A do not wait for each other for ever."""
    other = Q(number=into) if isinstance(into, str) and "-" in into and len(into) < 30 else Q(id=into)
    list(
        Case.objects.select_for_update(of=("self",))
        .filter(Q(id=case_id) | other)
        .order_by("id")
        .values_list("id")
    )


def _line(standing: Standing, viewer: Viewer, step: str, facts: Mapping[str, Any], now: datetime) -> Step:
    if "mended" not in facts and step in ("verify", "rate"):
        raise MissingFact(field="mended")
    if step == "close" and standing.state == "handled" and not facts.get("witness"):
        raise MissingFact(field="witness")
    try:
        line = next_step(standing.state, step, facts_of(standing, viewer, facts, now))
    except NoSuchStep as problem:
        raise StepNotPossible(state=standing.state, step=step, missing=list(problem.args)) from None
    for need in line.needs:
        names = ("account", "departments", "area") if need == "assignee" else (need,)
        if all(facts.get(name) in (None, "", [], ()) for name in names):
            raise MissingFact(field=need)
    return line


def _written(
    viewer: Viewer,
    case: Case,
    before: Mapping[str, Any],
    line: Step,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Case:
    """Writes only the fields that changed, and the journal's entry."""
    write_changes(case, before)
    record_step(viewer, case, before, line, command_id, facts, now)
    return case


def record_step(
    viewer: Viewer,
    case: Case,
    before: Mapping[str, Any],
    line: Step,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """The journal's entry of a step: what the case was `before` it, and what it is now."""
    changed = changes(case, before)
    record_once(
        viewer,
        verb=PAST[line.name],
        subject=case.subject,
        path=case.path,
        at=now,
        before={name: _plain(before[name]) for name in TOLD if name in changed},
        after={name: _plain(changed[name]) for name in TOLD if name in changed}
        | _extra(line.name, facts)
        | _parted(case, line, command_id, facts),
        reason=str(facts.get("reason") or ""),
        command_id=command_id,
        confidential=case.confidential,
    )


def changes(case: Case, before: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that differ from `before` (a copy of `vars(case)`), with what they hold now."""
    return {
        field.attname: getattr(case, field.attname)
        for field in Case._meta.concrete_fields
        if getattr(case, field.attname) != before[field.attname]
    }


def write_changes(case: Case, before: Mapping[str, Any]) -> dict[str, Any]:
    """Updates the columns that differ from `before`, and tells which."""
    changed = changes(case, before)
    if changed:
        Case.objects.filter(id=case.id).update(**changed)
    return changed


def _extra(step: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "verify": ("mended",),
        "summon": ("departments", "within_minutes"),
        "suspend": ("until",),
        "dispatch": ("departments",),
        "handle": ("outcome", "answer"),  # of a department whose answer is not yet the case's own
    }
    return {
        name: _plain(facts[name]) for name in names.get(step, ()) if facts.get(name) not in (None, [], "")
    }


def _parted(case: Case, line: Step, command_id: UUID, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of the cases that this command split off, in its order."""
    if line.name != "split":
        return {}
    ids = [part_id(command_id, n) for n in range(1, len(facts["parts"]) + 1)]
    numbers = dict(Case.objects.filter(split_from=case, id__in=ids).values_list("id", "number"))
    return {"parts": [numbers[each] for each in ids]}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | bool | float) else str(value)
