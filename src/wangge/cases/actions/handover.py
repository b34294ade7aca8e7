"""When a post changes hands, its holder goes on leave or leaves: what was open, promised and due goes along in one step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid
from wangge.cases.actions.effects import raise_holder
from wangge.cases.actions.steps import locked_case, take_step, write_changes
from wangge.cases.models import Case, PostHandover
from wangge.cases.queries.handing import holder_on
from wangge.cases.queries.holders import (
    absent_handlers,
    cases_handled_by,
    cases_of_unread_desks,
    is_away,
    promises_by,
    successor_for,
)
from wangge.cases.queries.presence import READERS, desks_on, is_read, may_be_given
from wangge.cases.rules import LastReader, NobodyThere
from wangge.journal.actions import record
from wangge.staff import actions as staff
from wangge.staff import queries as staff_queries
from wangge.staff.models import Account, Assignment


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def day_of(now: datetime) -> date:
    """The day in China on which posts and leaves begin and end."""
    return now.astimezone(SHANGHAI).date()


def hand_over_post(
    viewer: Viewer, assignment_id: int, *, to_account: int, from_on: date, part: str, now: datetime
) -> PostHandover:
    """Ends an assignment the day before `from_on`, assigns the successor, and gives them what was open, promised and due.

    From a later day on the list is made now, and the cases go over on that day (`jobs.rehome_cases`).
    """
    ended = staff.end_assignment(viewer, assignment_id, to_on=from_on - timedelta(days=1), now=now)
    staff.assign(viewer, ended.post_id, to_account, from_on=from_on, part=part, now=now)
    return _pass_on(
        viewer,
        ended.account_id,
        to_account,
        path=ended.path,
        kind="successor",
        post_id=ended.post_id,
        later=from_on > day_of(now),
        now=now,
    )


def give_post(
    viewer: Viewer, post_id: int, *, to_account: int, from_on: date, part: str, now: datetime
) -> PostHandover | None:
    """Gives a post from a day on: whoever holds it that day hands over what is open, promised and due; None: nobody does."""
    post = staff_queries.post_held(viewer, post_id, today=day_of(now))
    holder = holder_on(post, from_on)
    if holder is None:
        staff.assign(viewer, post_id, to_account, from_on=from_on, part=part, now=now)
        return None
    if holder.account_id == to_account:
        raise Invalid(field="to_account", expected=_("somebody else than who holds it on that day"))
    return hand_over_post(viewer, holder.id, to_account=to_account, from_on=from_on, part=part, now=now)


def end_assignment_with_handover(
    viewer: Viewer, assignment_id: int, *, to_on: date, now: datetime
) -> Assignment:
    """Ends an assignment without a successor; when it is over today, what lay on it goes back to the desks."""
    ended = staff.end_assignment(viewer, assignment_id, to_on=to_on, now=now)
    after = max(to_on + timedelta(days=1), day_of(now))
    _check_read(ended.account_id, after, [ended])
    if to_on < day_of(now):
        with _moving(viewer, ended.path, now) as mover:
            rehome_cases_of(mover, ended.account_id, now=now)
    return ended


def begin_leave(
    viewer: Viewer, account_id: int, *, from_on: date, to_on: date, stand_in: int | None = None, now: datetime
) -> list[PostHandover]:
    """Grants a leave and names a stand-in for every post; when it begins today, the cases go to them at once.

    A leave of a later day is carried out on that day (`jobs.rehome_cases`).
    """
    staff.grant_leave(viewer, account_id, from_on=from_on, to_on=to_on, now=now)
    today = day_of(now)
    if stand_in is not None:
        for held in staff_queries.assignments_of(account_id, today=max(today, from_on)):
            staff.name_stand_in(viewer, held.id, stand_in, from_on=from_on, to_on=to_on, now=now)
    _check_read(account_id, max(today, from_on), last=to_on)
    if not from_on <= today <= to_on:
        return []
    return _away(viewer, account_id, now)


def end_account_with_handover(viewer: Viewer, account_id: int, *, now: datetime) -> list[PostHandover]:
    """Ends an account; what it had goes to its stand-ins, or back to the desks."""
    held = staff_queries.assignments_of(account_id, today=day_of(now))
    staff.end_account(viewer, account_id, now=now)
    _check_read(account_id, day_of(now), held)
    return _away(viewer, account_id, now)


def rehome_unread_cases(viewer: Viewer, *, now: datetime) -> int:
    """Every case whose handler is away goes to the stand-in, the successor or the desk; each unread desk's go up."""
    today = day_of(now)
    away = sorted({handler for handler, _ in absent_handlers(today)})
    moved = sum(rehome_cases_of(viewer, handler, now=now) for handler in away)
    return moved + sum(
        raise_unread_case(viewer, case_id, now=now) for case_id in cases_of_unread_desks(today)
    )


def rehome_cases_of(viewer: Viewer, account_id: int, *, now: datetime) -> int:
    """What this account holds and can't handle today: all when they are away, else what lies outside their posts now."""
    today = day_of(now)
    if is_away(account_id, today):
        return sum(len(made.listed) for made in _away(viewer, account_id, now))
    stray = {case_id for handler, case_id in absent_handlers(today) if handler == account_id}
    cases = [case for case in cases_handled_by(account_id) if case.id in stray]
    for case in cases:
        successor = successor_for(account_id, case.path, today)
        _give_or_return(viewer, case, successor, now)
    return len(cases)


def raise_unread_case(viewer: Viewer, case_id: UUID, *, now: datetime) -> bool:
    """A case of a desk that nobody reads goes to the next one above that somebody does."""
    return _raise(viewer, case_id, day_of(now), now)


def _check_read(
    account_id: int, first: date, held: list[Assignment] | None = None, last: date = date.max
) -> None:
    """Each desk that the account reads stays read from `first` to `last`, or one above it does; else LastReader undoes it."""
    for assignment in staff_queries.assignments_of(account_id, today=first) if held is None else held:
        if assignment.post.department_id or not set(READERS).intersection(assignment.post.kind.duties):
            continue
        secret = assignment.post.kind.confidential
        desks = desks_on(assignment.path)
        for day in staff_queries.days_of_change([desk.code for desk in desks], first, last):
            if not any(is_read(desk, day, confidential=secret) for desk in desks):
                raise LastReader(area=assignment.post.area.name)


@contextmanager
def _moving(viewer: Viewer, path: str, now: datetime) -> Iterator[Viewer]:
    """Who moves the cases: the viewer where they work on cases themselves, else the system, for these statements alone.

    Whoever may appoint lets a post's cases go with it, also one who administers and works on no case, and also the
    confidential ones, which they do not see: none may stay behind. When something fails, the savepoint gives the scope back.
    """
    if viewer.account_id is None or viewer.may(Verb.CASE_RETURN, path):
        yield viewer
        return
    with transaction.atomic():
        yield staff_queries.enter_as_system(path.split(".", 1)[0])
        staff_queries.enter_as(viewer.account_id, now=now)


def _away(viewer: Viewer, account_id: int, now: datetime) -> list[PostHandover]:
    """To each post's stand-in what lies in its area; the rest back to the desks."""
    today = day_of(now)
    done = []
    for held in staff_queries.assignments_of(account_id, today=today):
        stand_in = staff_queries.stand_in_for(held.id, today=today)
        if stand_in is not None:
            done.append(
                _pass_on(
                    viewer,
                    account_id,
                    stand_in,
                    path=held.path,
                    kind="stand_in",
                    post_id=held.post_id,
                    now=now,
                )
            )
    home = _home_of(account_id)
    with _moving(viewer, home, now):
        rest = [case.path for case in cases_handled_by(account_id)]
    if rest:
        seen = [path for path in rest if any(lies_in(path, area) for area in viewer.scope)]
        done.append(
            _pass_on(viewer, account_id, None, path=(seen or [home])[0], kind="desk", post_id=None, now=now)
        )
    return done


def _home_of(account_id: int) -> str:
    return str(Account.objects.values_list("home_path", flat=True).get(id=account_id))


def _pass_on(
    viewer: Viewer,
    from_account: int,
    to_account: int | None,
    *,
    path: str,
    kind: str,
    post_id: int | None,
    later: bool = False,
    now: datetime,
) -> PostHandover:
    """Gives the cases on, unless that comes later, and keeps the list of what was open, promised and due.

    With a receiver it is what lies at or below `path`, else all that there is.
    """
    below = path if to_account is not None else ""
    with _moving(viewer, path, now) as mover:
        cases = cases_handled_by(from_account, below=below)
        listed = [_line(case, "due" if case.late else "open") for case in cases]
        listed += [_line(case, "promised") for case in promises_by(from_account, day_of(now), below=below)]
        for case in () if later else cases:
            _give_or_return(mover, case, to_account, now)
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


def _give_or_return(viewer: Viewer, case: Case, to_account: int | None, now: datetime) -> None:
    """To that person where they can handle it; else back to the desk."""
    if to_account is not None and may_be_given(
        to_account, case.path, day_of(now), confidential=case.confidential
    ):
        _give(viewer, case, to_account, now)
    else:
        _back_to_desk(viewer, case, now)


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


def _back_to_desk(viewer: Viewer, case: Case, now: datetime) -> None:
    """By the table where it has a line (a dispatched case is returned); else the case just loses the handler who is away."""
    if case.state == "dispatched":
        facts = {"reason": "the handler is away"}
        take_step(viewer, case.id, "return", command_id=uuid4(), facts=facts, now=now)
    else:
        _give(viewer, case, None, now)


def _give(viewer: Viewer, case: Case, account_id: int | None, now: datetime) -> None:
    held = locked_case(case.id)
    before = dict(vars(held))
    held.handler_id = account_id
    _write(viewer, held, before, "case.handed-over", "handler_id", now)


def _raise(viewer: Viewer, case_id: UUID, today: date, now: datetime) -> bool:
    held = locked_case(case_id)
    before = dict(vars(held))
    try:
        raise_holder(held, today)
    except NobodyThere:
        return False
    _write(viewer, held, before, "case.raised", "holder_path", now)
    return True


def _write(viewer: Viewer, case: Case, before: dict[str, Any], verb: str, column: str, now: datetime) -> None:
    """One column that went to somebody else, with its journal entry."""
    case.revision += 1
    write_changes(case, before)
    record(
        viewer,
        verb=verb,
        subject=case.subject,
        path=case.path,
        at=now,
        before={column: before[column]},
        after={column: getattr(case, column)},
        confidential=case.confidential,
    )
