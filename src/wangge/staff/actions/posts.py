"""Posts opened and closed, and who holds them from when to when."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from wangge.access import Viewer
from wangge.areas.queries import area_by_code
from wangge.base.problems import Invalid, NotFound
from wangge.journal.actions import record
from wangge.staff.actions.appointing import (
    assignment_to_change,
    check_appoints,
    check_not_beyond_oneself,
    open_account,
    post_to_change,
    today_of,
)
from wangge.staff.models import Assignment, Department, Leave, Part, Post, PostKind
from wangge.staff.rules import (
    AssignmentOver,
    DepartmentNeeded,
    PostClosed,
    PostHeld,
    StandInNotFree,
    check_days,
)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def open_post(viewer: Viewer, *, kind: str, area: str, department: str = "", now: datetime) -> Post:
    """Opens a post of the kind at the area; one that handles cases is a department's, and names it."""
    known = PostKind.objects.filter(code=kind).first()
    if known is None:
        raise Invalid(field="kind", expected=", ".join(PostKind.objects.values_list("code", flat=True)))
    place = area_by_code(area)
    check_appoints(viewer, known, place.path)
    if place.valid_to is not None:
        raise Invalid(field="area", expected=_("an area that stands"))
    if ("handle" in known.duties) != bool(department):
        raise DepartmentNeeded(field="department")
    if department and not Department.objects.filter(code=department).exists():
        raise NotFound
    post = Post.objects.create(
        kind=known, area_id=place.code, path=place.path, department_id=department or None
    )
    _record(viewer, "post.opened", f"post:{post.id}", place.path, now, kind=kind, department=department)
    return post


def close_post(viewer: Viewer, post_id: int, *, on: date, now: datetime) -> Post:
    """Closes a post after the day `on`, today or later. Who holds it beyond that day must be ended before."""
    post = post_to_change(viewer, post_id)
    today = today_of(now)
    check_days(today, on, today=today)
    if post.closed_on is not None and post.closed_on <= on:
        raise PostClosed(closed_on=post.closed_on)
    if _held(post, on + timedelta(days=1), None).exists():
        raise PostHeld
    post.closed_on = on
    post.save(update_fields=["closed_on"])
    _record(viewer, "post.closed", f"post:{post.id}", post.path, now, on=on)
    return post


def assign(
    viewer: Viewer,
    post_id: int,
    account_id: int,
    *,
    from_on: date,
    to_on: date | None = None,
    part: str = Part.FULL,
    now: datetime,
) -> Assignment:
    """Gives a post to an account, from a day on; it gives rights on its days only.

    PostHeld when somebody has it on one of these days, unless its kind is shared.
    """
    post = post_to_change(viewer, post_id)
    check_days(from_on, to_on, today=today_of(now))
    if part not in Part.values:
        raise Invalid(field="part", expected=", ".join(Part.values))
    _check_open(post, from_on, to_on)
    account = open_account(account_id)
    check_not_beyond_oneself(viewer, account.id, post.kind, post.path)
    regular = _held(post, from_on, to_on).filter(stands_in_for__isnull=True)
    if regular.filter(Q() if not post.kind.shared else Q(account=account)).exists():
        raise PostHeld
    given = Assignment.objects.create(
        post=post, account=account, path=post.path, part=part, from_on=from_on, to_on=to_on
    )
    _record_given(viewer, "post.assigned", given, now)
    return given


def end_assignment(viewer: Viewer, assignment_id: int, *, to_on: date, now: datetime) -> Assignment:
    """Ends an assignment after the day `to_on`, at the earliest yesterday, since what was done before was done by right.

    The day before it begins withdraws it. Whoever stands in for it ends with it.
    """
    held = assignment_to_change(viewer, assignment_id)
    earliest = max(today_of(now), held.from_on) - timedelta(days=1)
    if to_on < earliest:
        raise Invalid(field="to_on", expected=f"{earliest} …")
    if held.to_on is not None and held.to_on <= to_on:
        raise AssignmentOver(to_on=held.to_on)
    check_days(held.from_on, max(to_on, held.from_on), today=today_of(now))
    before, held.to_on = held.to_on, to_on
    held.save(update_fields=["to_on"])
    beyond = held.stand_ins.filter(Q(to_on__isnull=True) | Q(to_on__gt=to_on))
    beyond.filter(from_on__lte=to_on).update(to_on=to_on)
    beyond.filter(from_on__gt=to_on).update(to_on=F("from_on") - timedelta(days=1))
    _record(
        viewer,
        "assignment.ended",
        f"post:{held.post_id}",
        held.path,
        now,
        account=held.account_id,
        to_on=to_on,
        earlier=before,
    )
    return held


def name_stand_in(
    viewer: Viewer, assignment_id: int, account_id: int, *, from_on: date, to_on: date, now: datetime
) -> Assignment:
    """Somebody holds a post for its holder on these days, beside them, with the same rights."""
    held = assignment_to_change(viewer, assignment_id)
    last = min(to_on, held.to_on) if held.to_on else to_on
    check_days(from_on, last, today=today_of(now))
    if from_on < held.from_on:
        raise Invalid(field="from_on", expected=f"{held.from_on} …")
    _check_open(held.post, from_on, last)
    account = open_account(account_id)
    check_not_beyond_oneself(viewer, account.id, held.post.kind, held.path)
    if account.id == held.account_id:
        raise StandInNotFree(why=_("the holder cannot stand in for themselves"))
    if Leave.objects.filter(account=account, from_on__lte=last, to_on__gte=from_on).exists():
        raise StandInNotFree(why=_("they are on leave themselves"))
    if _overlapping(held.stand_ins.all(), from_on, last).exists():
        raise StandInNotFree(why=_("somebody else stands in already"))
    made = Assignment.objects.create(
        post_id=held.post_id,
        account=account,
        path=held.path,
        part=Part.PART,
        from_on=from_on,
        to_on=last,
        stands_in_for=held,
    )
    _record_given(viewer, "post.stand-in-named", made, now)
    return made


def _check_open(post: Post, from_on: date, to_on: date | None) -> None:
    if post.closed_on is not None and (to_on is None or to_on > post.closed_on or from_on > post.closed_on):
        raise PostClosed(closed_on=post.closed_on)


def _held(post: Post, from_on: date, to_on: date | None) -> QuerySet[Assignment]:
    return _overlapping(Assignment.objects.filter(post=post, account__ended_at__isnull=True), from_on, to_on)


def _overlapping(
    assignments: QuerySet[Assignment], from_on: date, to_on: date | None
) -> QuerySet[Assignment]:
    """Those that hold on one of these days; a withdrawn one holds on none."""
    found = assignments.filter(Q(to_on__isnull=True) | Q(to_on__gte=from_on)).exclude(to_on__lt=F("from_on"))
    return found if to_on is None else found.filter(from_on__lte=to_on)


def _record_given(viewer: Viewer, verb: str, given: Assignment, now: datetime) -> None:
    _record(
        viewer,
        verb,
        f"post:{given.post_id}",
        given.path,
        now,
        account=given.account_id,
        part=given.part,
        from_on=given.from_on,
        to_on=given.to_on,
        stands_in_for=given.stands_in_for_id,
    )


def _record(viewer: Viewer, verb: str, subject: str, path: str, now: datetime, **after: Any) -> None:
    told = {key: value.isoformat() if isinstance(value, date) else value for key, value in after.items()}
    record(viewer, verb=verb, subject=subject, path=path, at=now, after=told)
