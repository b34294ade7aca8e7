"""What each step writes beside the new state. The table has already allowed it; `case.state` is the line's target."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from wangge.access import Viewer
from wangge.access.viewer import LEVELS
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotFound
from wangge.cases.actions.rehoming import follow_its_grid
from wangge.cases.actions.report import minutes_for
from wangge.cases.actions.splitting import parts_asked, split_off
from wangge.cases.lifecycle import MAX_SUSPENSION_DAYS, OUTCOMES, WITNESSES, Step
from wangge.cases.models import Attachment, Case, Summons, Task
from wangge.cases.queries.moves import PROOF_STEPS
from wangge.cases.queries.presence import Desk, desks_on, is_read, may_be_given, office_for
from wangge.cases.rules import (
    AlreadyMerged,
    BadAnswer,
    Due,
    MissingFact,
    NobodyThere,
    NoOffice,
    NotTheirCase,
    Standing,
    after_pause,
    due_for,
    first_alarm,
)
from wangge.cases.rules.standing import acting_offices

#: What a reporter closes alone within so many minutes is shown apart in the figures, so that padding pays nothing.
ALONE = timedelta(minutes=30)
#: Nobody can promise a day that lies further off.
MOST_PLANNED_DAYS = 3_650


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Change:
    """One step being taken."""

    case: Case
    line: Step
    standing: Standing
    viewer: Viewer
    facts: Mapping[str, Any]
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def set_due(self, minutes: int, start: datetime | None = None) -> None:
        """A new deadline of so many of the item's minutes, at the case's urgency."""
        version = self.case.item_version
        set_clock(
            self.case, due_for(start or self.now, minutes_for(version, self.case.urgency, minutes)), self.now
        )


def set_clock(case: Case, due: Due | None, now: datetime) -> None:
    """Sets or stops the office's clock, and the next moment to look at the case."""
    case.due_at = due.due_at if due else None
    case.warn_at = due.warn_at if due else None
    case.next_alarm_at = first_alarm(due, now) if due else None
    case.late = "overdue" if due and due.due_at <= now else ""
    case.raised_to = ""


def _start_handling(change: Change) -> None:
    """The handling clock starts once; giving the case to another does not buy time."""
    case = change.case
    if case.handle_due_at is None:
        change.set_due(case.item_version.handle_minutes)
        case.handle_due_at = case.due_at
    elif change.standing.state in ("reported", "returned"):
        set_clock(case, Due(case.handle_due_at, case.handle_due_at), change.now)
    case.accepted_at = case.accepted_at or change.now


def _accept(change: Change) -> None:
    _start_handling(change)


def _dispatch(change: Change) -> None:
    _withdraw(change.case)
    _give(change)
    if change.case.state == "reported":
        change.set_due(change.case.item_version.accept_minutes)
    else:
        _start_handling(change)


def _give(change: Change) -> None:
    """To a person, to one or more departments, or to a lower desk."""
    case, facts = change.case, change.facts
    case.handler_id, case.department = None, ""
    if facts.get("departments"):
        _give_to_departments(change, facts["departments"])
    elif facts.get("account"):
        if not may_be_given(facts["account"], case.path, change.today, confidential=case.confidential):
            raise NotTheirCase
        case.handler_id = facts["account"]
    else:
        _give_to_desk(change, str(facts["area"]))


def _give_to_departments(change: Change, departments: Sequence[str]) -> None:
    case = change.case
    for key in _offices(change, departments):
        office, department = key.split("/")
        Task.objects.create(
            case=case, path=case.path, office_id=office, department_id=department, asked_at=change.now
        )
        case.department = case.department or department
        if key not in case.department_keys:
            case.department_keys = [*case.department_keys, key]


def _offices(change: Change, departments: Sequence[str]) -> list[str]:
    keys = []
    for department in dict.fromkeys(departments):
        key = office_for(department, change.case.path, change.today)
        if not key:
            raise NoOffice(department=department)
        keys.append(key)
    return keys


def _give_to_desk(change: Change, code: str) -> None:
    """Down to a desk between the holder's and the place."""
    case = change.case
    for desk in desks_on(case.path):
        if desk.code == code and len(desk.path) > len(case.holder_path):
            if not is_read(desk, change.today, confidential=case.confidential):
                raise NobodyThere
            case.holder_path, case.holder_level = desk.path, desk.level
            return
    raise BadAnswer(field="area", expected=_("a desk below this one that is in charge of the place"))


def _withdraw(case: Case, keys: frozenset[str] | None = None) -> None:
    """Takes open tasks back: all, or those of the offices named."""
    gone: set[str] = set()
    for task in Task.objects.filter(case=case, answered_at__isnull=True, withdrawn=False):
        key = f"{task.office_id}/{task.department_id}"
        if keys is None or key in keys:
            Task.objects.filter(id=task.id).update(withdrawn=True)
            gone.add(key)
    if keys is None and gone:
        # Whoever did nothing on it sees it no longer; who returns it by themselves still sees that they did.
        kept = {
            f"{o}/{d}"
            for o, d in Task.objects.filter(case=case, withdrawn=False).values_list(
                "office_id", "department_id"
            )
        }
        kept |= {
            f"{o}/{d}" for o, d in Summons.objects.filter(case=case).values_list("office_id", "department_id")
        }
        case.department_keys = [key for key in case.department_keys if key in kept or key not in gone]


def _handle(change: Change) -> None:
    case, facts, viewer = change.case, change.facts, change.viewer
    outcome = facts["outcome"]
    if outcome not in OUTCOMES:
        raise BadAnswer(field="outcome", expected=", ".join(OUTCOMES))
    _check_outcome(change, outcome)
    acting = acting_offices(change.standing, viewer)
    for key in acting:
        office, department = key.split("/")
        Task.objects.filter(
            case=case, office_id=office, department_id=department, answered_at__isnull=True, withdrawn=False
        ).update(
            answered_at=change.now, answered_by_id=viewer.account_id, outcome=outcome, answer=facts["answer"]
        )
    if change.line.target != "handled":
        return
    if not acting:
        # The desk or the handler did it: nobody else is asked when it turns out not to be mended.
        _withdraw(case)
        case.department = ""
        case.handler_id = case.handler_id if case.handler_id == viewer.account_id else None
    case.outcome, case.answer = outcome, _joint_answer(case, facts["answer"])
    case.handled_at, case.handled_by_id = change.now, viewer.account_id
    case.handled_tier = viewer.level_for(case.path, case.department_keys) or case.holder_level
    case.accepted_at = case.accepted_at or change.now
    change.set_due(case.item_version.verify_minutes)


def _check_outcome(change: Change, outcome: str) -> None:
    """Each way of closing says what belongs to it (row B8)."""
    case, facts = change.case, change.facts
    needed = {"not_ours": "whose", "planned": "planned_on", "refused": "ground", "repeated": "into"}.get(
        outcome
    )
    if needed and not facts.get(needed):
        raise MissingFact(field=needed)
    case.whose = str(facts.get("whose") or "") if outcome == "not_ours" else ""
    case.ground = str(facts.get("ground") or "") if outcome == "refused" else ""
    case.planned_on = facts.get("planned_on") if outcome == "planned" else None
    if case.planned_on and not 0 <= (case.planned_on - change.today).days <= MOST_PLANNED_DAYS:
        raise BadAnswer(field="planned_on", expected=_("a day within the next ten years"))
    if outcome == "repeated":
        case.merged_into_id = _other(change).id


def _joint_answer(case: Case, last: str) -> str:
    """What each department said last, in the order in which they answered; alone, just the answer."""
    answered = Task.objects.filter(case=case, withdrawn=False, answered_at__isnull=False).order_by(
        "answered_at", "id"
    )
    said: dict[str, str] = {}
    for office, department, name, answer in answered.values_list(
        "office_id", "department_id", "department__zh", "answer"
    ):
        said.pop(f"{office}/{department}", None)
        said[f"{office}/{department}"] = f"{name}：{answer}"
    return "\n".join(said.values()) if len(said) > 1 else last


def _verify(change: Change) -> None:
    case = change.case
    if change.line.target == "verified":
        case.verified_by_id = change.viewer.account_id
        return
    _again(change)


def _again(change: Change) -> None:
    """Back to work: at least half of the item's time from now, and never less than was left."""
    case = change.case
    follow_its_grid(case)
    case.verified_by_id = None
    case.handled_at, case.handled_by_id, case.handled_tier = None, None, ""
    case.outcome, case.witness, case.resolved_tier, case.done_alone = "", "", "", False
    case.closed_at, case.closed_by_id = None, None
    case.merged_into_id = None
    # A photo that was refuted proves nothing the next time.
    Attachment.objects.filter(case=case, step__in=PROOF_STEPS).update(step="note")
    if not is_read(Desk(case.holder_path, case.holder_level), change.today, confidential=case.confidential):
        with contextlib.suppress(NobodyThere):
            raise_holder(case, change.today)
    had = case.handle_due_at
    change.set_due(max(case.item_version.handle_minutes // 2, 1))
    if had and case.due_at and had > case.due_at:
        set_clock(case, Due(had, case.warn_at or had), change.now)
    case.handle_due_at = case.due_at
    if case.state == "dispatched" and not case.handler_id:
        _ask_again(case, change.now)


def _ask_again(case: Case, now: datetime) -> None:
    """The departments that had answered are asked anew; their first answers stay."""
    asked = (
        Task.objects.filter(case=case, withdrawn=False).values_list("office_id", "department_id").distinct()
    )
    for office, department in list(asked):
        Task.objects.create(
            case=case, path=case.path, office_id=office, department_id=department, asked_at=now
        )


def _close(change: Change) -> None:
    case, viewer = change.case, change.viewer
    if change.standing.state == "verified":
        case.witness = "verifier"
    else:
        case.witness = str(change.facts["witness"])
        if case.witness not in WITNESSES:
            raise BadAnswer(field="witness", expected=", ".join(WITNESSES))
    case.closed_at, case.closed_by_id = change.now, viewer.account_id
    case.rating, case.rated_at = None, None  # an earlier no was about an earlier mending; `noes` keeps it
    case.resolved_tier = case.handled_tier or case.holder_level
    same = case.reported_by_id is not None and case.reported_by_id == case.handled_by_id == viewer.account_id
    case.done_alone = same and change.now - case.received_at <= ALONE
    if answer := change.facts.get("answer"):
        case.answer = answer
    set_clock(case, None, change.now)


def _rate(change: Change) -> None:
    case = change.case
    case.rating, case.rated_at = bool(change.facts["mended"]), change.now
    if not case.rating:
        case.noes += 1
        _again(change)


def _reopen(change: Change) -> None:
    change.case.reopened += 1
    _again(change)
    change.case.handler_id, change.case.department = None, ""


def _escalate(change: Change) -> None:
    case = change.case
    if change.line.target == "dispatched":
        _withdraw(case)
        case.handler_id = None
        _give_to_departments(change, change.facts["departments"])
        _start_handling(change)
        return
    _withdraw(case)
    case.handler_id, case.department = None, ""
    raise_holder(case, change.today)
    change.set_due(case.item_version.accept_minutes)


def raise_holder(case: Case, today: date) -> None:
    """To the next desk above that somebody reads; NobodyThere when there is none."""
    above = [
        desk for desk in desks_on(case.path) if LEVELS.index(desk.level) < LEVELS.index(case.holder_level)
    ]
    for desk in reversed(above):
        if is_read(desk, today, confidential=case.confidential):
            case.holder_path, case.holder_level = desk.path, desk.level
            return
    raise NobodyThere


def _return(change: Change) -> None:
    case = change.case
    if change.standing.state == "dispatched":
        acting = acting_offices(change.standing, change.viewer)
        _withdraw(case, acting or None)
        if change.line.target == "dispatched":
            return
        case.handler_id, case.department = None, ""
    else:
        below = [
            desk for desk in desks_on(case.path) if LEVELS.index(desk.level) > LEVELS.index(case.holder_level)
        ]
        read = next(
            (desk for desk in below if is_read(desk, change.today, confidential=case.confidential)), None
        )
        if read is None:
            raise NobodyThere
        case.holder_path, case.holder_level = read.path, read.level
    change.set_due(case.item_version.accept_minutes)


def _suspend(change: Change) -> None:
    case = change.case
    until = _moment(change.facts["until"])
    if not change.now < until <= change.now + timedelta(days=MAX_SUSPENSION_DAYS):
        raise BadAnswer(field="until", expected=_("a day within the next 60 days"))
    case.suspended_from, case.suspended_at, case.resume_at = change.standing.state, change.now, until
    case.suspensions += 1
    case.due_at, case.next_alarm_at, case.late = None, until, ""


def _moment(given: date | datetime) -> datetime:
    if isinstance(given, datetime):
        return given.astimezone(UTC)
    return datetime.combine(given, time(8, 30), SHANGHAI).astimezone(UTC)


def _resume(change: Change) -> None:
    resume(change.case, change.now)


def resume(case: Case, now: datetime) -> None:
    """The office's clock goes on where it stood still."""
    had = case.handle_due_at or now
    due = after_pause(Due(had, case.warn_at or had), case.suspended_at or now, now)
    case.handle_due_at = due.due_at
    set_clock(case, due, now)
    case.suspended_from, case.suspended_at, case.resume_at = "", None, None


def _merge(change: Change) -> None:
    """The other case gets this one's reporter and followers, who will have its answer."""
    case, into = change.case, _other(change)
    case.merged_into_id = into.id
    who = {*into.followers, *case.followers, *([case.reported_by_id] if case.reported_by_id else [])}
    Case.objects.filter(id=into.id).update(followers=sorted(who), revision=into.revision + 1)
    _withdraw(case)
    case.handler_id = None
    _end(change)


def _other(change: Change) -> Case:
    """The case that `into` names, by id or number."""
    given = change.facts["into"]
    by = {"number": given} if isinstance(given, str) and "-" in given and len(given) < 30 else {"id": given}
    other = Case.objects.select_for_update().filter(**by).first()
    if other is None:
        raise NotFound
    if other.id == change.case.id:
        raise BadAnswer(field="into", expected=_("another case"))
    if other.state in ("merged", "cancelled") or other.merged_into_id is not None:
        raise AlreadyMerged
    return other


def _split(change: Change) -> None:
    split_off(change.viewer, change.case, parts_asked(change.facts), change.facts["command_id"], change.now)


def _cancel(change: Change) -> None:
    _withdraw(change.case)
    _end(change)


def _end(change: Change) -> None:
    """Cancelled and merged cases end without an outcome; their clock stops."""
    change.case.closed_at, change.case.closed_by_id = change.now, change.viewer.account_id
    change.case.resume_at = None
    set_clock(change.case, None, change.now)


def _supervise(change: Change) -> None:
    change.case.supervised = True


def _summon(change: Change) -> None:
    case, within = change.case, change.facts["within_minutes"]
    if not isinstance(within, int) or not 5 <= within <= 2_880:
        raise BadAnswer(field="within_minutes", expected=_("5 to 2880 minutes"))
    for key in _offices(change, change.facts["departments"]):
        office, department = key.split("/")
        Summons.objects.create(
            case=case,
            path=case.path,
            kind=case.item_version.summons,
            office_id=office,
            department_id=department,
            called_at=change.now,
            called_by_id=change.viewer.account_id,
            within_minutes=within,
        )
        if key not in case.department_keys:
            case.department_keys = [*case.department_keys, key]


EFFECTS: Mapping[str, Callable[[Change], None]] = {
    "accept": _accept,
    "cancel": _cancel,
    "close": _close,
    "dispatch": _dispatch,
    "escalate": _escalate,
    "handle": _handle,
    "merge": _merge,
    "rate": _rate,
    "reopen": _reopen,
    "resume": _resume,
    "return": _return,
    "split": _split,
    "summon": _summon,
    "supervise": _supervise,
    "suspend": _suspend,
    "verify": _verify,
}
