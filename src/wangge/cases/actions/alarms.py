"""What the clock does by itself: warns before a deadline, raises after it, resumes what was suspended."""

from datetime import datetime
from uuid import UUID, uuid5

from wangge.access import Viewer
from wangge.access.viewer import LEVELS
from wangge.base.calendar import SHANGHAI
from wangge.cases.actions.effects import raise_holder
from wangge.cases.actions.steps import take_step, write_changes
from wangge.cases.models import Case
from wangge.cases.rules import NobodyThere, next_alarm
from wangge.journal.actions import record

#: The name space of commands that the clock gives: the same alarm twice is one command.
_CLOCK = UUID("0192f4c0-0000-7000-8000-77616e676765")


def sound_alarm(viewer: Viewer, case_id: UUID, *, now: datetime) -> str:
    """Does what is due for one case now, and tells what: `resumed`, `warned`, `overdue`, or nothing.

    A case that another process holds, or that needs nothing any more, is left alone.
    """
    case = (
        Case.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("item_version")
        .filter(id=case_id, next_alarm_at__lte=now)
        .first()
    )
    if case is None:
        return ""
    if case.state == "suspended":
        command = uuid5(_CLOCK, f"{case.id} {case.resume_at}")
        take_step(viewer, case.id, "resume", command_id=command, facts={"reason": "time is up"}, now=now)
        return "resumed"
    before = dict(vars(case))
    verb = _warn(case) if case.due_at and case.due_at > now else _overdue(case, now)
    changed = write_changes(case, before)
    record(
        viewer,
        verb=f"case.{verb}",
        subject=case.subject,
        path=case.path,
        at=now,
        source="clock",
        confidential=case.confidential,
        after={name: str(changed[name]) for name in ("late", "raised_to", "holder_path") if name in changed},
    )
    return verb


def _warn(case: Case) -> str:
    case.late, case.next_alarm_at = "soon", case.due_at
    return "warned"


def _overdue(case: Case, now: datetime) -> str:
    """One tier further each working day, as long as there is one; a case that nobody accepted goes there with its desk."""
    case.late, case.was_late = "overdue", True
    seen_by = case.raised_to or case.holder_level
    above = LEVELS[max(LEVELS.index(seen_by) - 1, 0)]
    case.raised_to = above
    if case.state in ("reported", "returned"):
        try:
            raise_holder(case, now.astimezone(SHANGHAI).date())
        except NobodyThere:
            pass  # the highest desk that is read has it already
        else:
            case.raised_to = case.holder_level
    case.next_alarm_at = next_alarm(now) if case.raised_to != "city" else None
    return "overdue"
