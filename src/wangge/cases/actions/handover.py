"""When a post changes hands, its holder goes on leave or leaves: what was open, promised and due goes along in one step."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from wangge.access import Viewer
from wangge.base.calendar import SHANGHAI
from wangge.cases.actions.effects import raise_holder
from wangge.cases.actions.steps import locked_case, take_step, write_changes
from wangge.cases.models import Case, PostHandover
from wangge.cases.queries.holders import (
    absent_handlers,
    cases_handled_by,
    cases_held_by,
    promises_by,
    unread_desks,
)
from wangge.cases.queries.presence import READERS, desks_on, is_read, may_be_given
from wangge.cases.rules import LastReader, NobodyThere
from wangge.journal.actions import record
from wangge.staff import actions as staff
from wangge.staff import queries as staff_queries
from wangge.staff.models import Assignment


def hand_over_post(
    viewer: Viewer, assignment_id: int, *, to_account: int, from_on: date, part: str, now: datetime
) -> PostHandover:
    """Ends an assignment the day before `from_on`, assigns the successor, and gives them what was open, promised and due."""
    ended = staff.end_assignment(viewer, assignment_id, to_on=_day_before(from_on), now=now)
    staff.assign(viewer, ended.post_id, to_account, from_on=from_on, part=part, now=now)
    return _pass_on(
        viewer,
        ended.account_id,
        to_account,
        below=ended.path,
        kind="successor",
        post_id=ended.post_id,
        now=now,
    )


def begin_leave(
    viewer: Viewer, account_id: int, *, from_on: date, to_on: date, stand_in: int | None = None, now: datetime
) -> list[PostHandover]:
    """Grants a leave and names a stand-in for every post; when it begins today, the cases go to them at once.

    A leave of a later day is carried out on that day (`jobs.rehome_cases`).
    """
    staff.grant_leave(viewer, account_id, from_on=from_on, to_on=to_on, now=now)
    today = now.astimezone(SHANGHAI).date()
    if stand_in is not None:
        for held in staff_queries.assignments_of(account_id, today=max(today, from_on)):
            staff.name_stand_in(viewer, held.id, stand_in, from_on=from_on, to_on=to_on, now=now)
    _check_read(account_id, max(today, from_on))
    if not from_on <= today <= to_on:
        return []
    return _away(viewer, account_id, now)


def end_account_with_handover(viewer: Viewer, account_id: int, *, now: datetime) -> list[PostHandover]:
    """Ends an account; what it had goes to its stand-ins, or back to the desks."""
    held = staff_queries.assignments_of(account_id, today=now.astimezone(SHANGHAI).date())
    staff.end_account(viewer, account_id, now=now)
    _check_read(account_id, now.astimezone(SHANGHAI).date(), held)
    return _away(viewer, account_id, now)


def rehome_unread_cases(viewer: Viewer, *, now: datetime) -> int:
    """Every case whose handler is away goes to the stand-in or back to its desk; each unread desk's go up. Says how many."""
    today = now.astimezone(SHANGHAI).date()
    away = sorted({handler for handler, _ in absent_handlers(today)})
    moved = sum(len(handover.listed) for handler in away for handover in _away(viewer, handler, now))
    for desk in unread_desks(today):
        for case in cases_held_by(desk):
            moved += _raise(viewer, case, today, now)
    return moved


def _check_read(account_id: int, on: date, held: list[Assignment] | None = None) -> None:
    """Each desk that the account reads is still read on that day, or one above it is; else LastReader undoes it all."""
    for assignment in staff_queries.assignments_of(account_id, today=on) if held is None else held:
        if assignment.post.department_id or not set(READERS).intersection(assignment.post.kind.duties):
            continue
        secret = assignment.post.kind.confidential
        if not any(is_read(desk, on, confidential=secret) for desk in desks_on(assignment.path)):
            raise LastReader(area=assignment.post.area.name)


def _away(viewer: Viewer, account_id: int, now: datetime) -> list[PostHandover]:
    """To each post's stand-in what lies in its area; the rest back to the desks."""
    today = now.astimezone(SHANGHAI).date()
    done = []
    for held in staff_queries.assignments_of(account_id, today=today):
        stand_in = staff_queries.stand_in_for(held.id, today=today)
        if stand_in is not None:
            done.append(
                _pass_on(
                    viewer,
                    account_id,
                    stand_in,
                    below=held.path,
                    kind="stand_in",
                    post_id=held.post_id,
                    now=now,
                )
            )
    if cases_handled_by(account_id):
        done.append(_pass_on(viewer, account_id, None, below="", kind="desk", post_id=None, now=now))
    return done


def _pass_on(
    viewer: Viewer,
    from_account: int,
    to_account: int | None,
    *,
    below: str,
    kind: str,
    post_id: int | None,
    now: datetime,
) -> PostHandover:
    today = now.astimezone(SHANGHAI).date()
    cases = cases_handled_by(from_account, below=below)
    listed = [_line(case, "due" if case.late else "open") for case in cases]
    listed += [_line(case, "promised") for case in promises_by(from_account, today, below=below)]
    for case in cases:
        if to_account is not None and may_be_given(
            to_account, case.path, today, confidential=case.confidential
        ):
            _give(viewer, case, to_account, now)
        else:
            _back_to_desk(viewer, case, now)
    path = below or (cases[0].path if cases else viewer.first_seat.path if viewer.first_seat else "")
    made = PostHandover.objects.create(
        path=path,
        post_id=post_id,
        from_account_id=from_account,
        to_account_id=to_account,
        kind=kind,
        at=now,
        listed=listed,
    )
    record(
        viewer,
        verb="post.handed-over",
        subject=f"post:{post_id or ''}",
        path=path,
        at=now,
        after={"from": from_account, "to": to_account, "kind": kind, "cases": len(listed)},
    )
    return made


def _line(case: Case, why: str) -> dict[str, Any]:
    """One line of the list that both can read; the title stays out where the case is confidential."""
    when = case.planned_on or case.due_at or case.resume_at
    return {
        "case": str(case.id),
        "number": case.number,
        "title": "" if case.confidential else case.title,
        "why": why,
        "when": when.isoformat() if when else "",
    }


def _give(viewer: Viewer, case: Case, account_id: int, now: datetime) -> None:
    held = locked_case(case.id)
    before = dict(vars(held))
    held.handler_id = account_id
    held.revision += 1
    write_changes(held, before)
    record(
        viewer,
        verb="case.handed-over",
        subject=held.subject,
        path=held.path,
        at=now,
        confidential=held.confidential,
        before={"handler_id": before["handler_id"]},
        after={"handler_id": account_id},
    )


def _back_to_desk(viewer: Viewer, case: Case, now: datetime) -> None:
    """By the table where it has a line (a dispatched case is returned); else the case just loses the handler who is away."""
    if case.state == "dispatched":
        take_step(
            viewer, case.id, "return", command_id=uuid4(), facts={"reason": "the handler is away"}, now=now
        )
        return
    held = locked_case(case.id)
    before = dict(vars(held))
    held.handler_id = None
    held.revision += 1
    write_changes(held, before)
    record(
        viewer,
        verb="case.handed-over",
        subject=held.subject,
        path=held.path,
        at=now,
        confidential=held.confidential,
        before={"handler_id": before["handler_id"]},
        after={"handler_id": None},
    )


def _raise(viewer: Viewer, case: Case, today: date, now: datetime) -> bool:
    held = locked_case(case.id)
    before = dict(vars(held))
    try:
        raise_holder(held, today)
    except NobodyThere:
        return False
    held.revision += 1
    write_changes(held, before)
    record(
        viewer,
        verb="case.raised",
        subject=held.subject,
        path=held.path,
        at=now,
        confidential=held.confidential,
        before={"holder_path": before["holder_path"]},
        after={"holder_path": held.holder_path},
        reason="the desk is not read",
    )
    return True


def _day_before(on: date) -> date:
    return date.fromordinal(on.toordinal() - 1)
