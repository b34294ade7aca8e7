"""Who holds open cases, and which of them are away."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from wangge.access import DUTIES, Verb, Viewer
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case, PostHandover
from wangge.cases.queries.presence import Desk, is_read, may_be_given


def cases_handled_by(account_id: int, *, below: str = "") -> list[Case]:
    """Open cases given to this person, the first due first; with `below`, those in that area."""
    cases = (
        Case.objects.filter(handler_id=account_id, state__in=OPEN)
        .select_related("item_version")
        .order_by("due_at", "id")
    )
    return [case for case in cases if not below or case.path == below or case.path.startswith(below + ".")]


def promises_by(account_id: int, today: date, *, below: str = "") -> list[Case]:
    """Closed cases whose answer promised a day that is still to come."""
    cases = Case.objects.filter(
        handled_by_id=account_id, outcome="planned", planned_on__gte=today, state="closed"
    )
    return [case for case in cases.order_by("planned_on", "id") if not below or case.path.startswith(below)]


def absent_handlers(today: date) -> list[tuple[int, UUID]]:
    """Open cases (handler, id) whose handler is away, has left, or has no seat over the place any more."""
    held = Case.objects.filter(handler_id__isnull=False, state__in=OPEN).values_list(
        "handler_id", "path", "confidential", "id"
    )
    known: dict[tuple[int, str, bool], bool] = {}
    away = []
    for handler, path, confidential, case_id in held:
        if handler is None:
            continue
        key = (handler, path, confidential)
        if key not in known:
            known[key] = may_be_given(handler, path, today, confidential=confidential)
        if not known[key]:
            away.append((handler, case_id))
    return away


def unread_desks(today: date) -> list[Desk]:
    """Desks that hold open cases and that nobody present reads, for some of them."""
    held = (
        Case.objects.filter(state__in=OPEN)
        .values_list("holder_path", "holder_level", "confidential")
        .distinct()
        .order_by("holder_path")
    )
    return list(
        dict.fromkeys(
            Desk(path, level)
            for path, level, secret in held
            if not is_read(Desk(path, level), today, confidential=secret)
        )
    )


def cases_held_by(desk: Desk) -> list[Case]:
    """The open cases of a desk."""
    return list(
        Case.objects.filter(state__in=OPEN, holder_path=desk.path)
        .select_related("item_version")
        .order_by("id")
    )


def handovers(viewer: Viewer, *, limit: int = 50) -> list[PostHandover]:  # noqa: ARG001 - the row policy uses it
    """Hand-over lists that the viewer gave, received, or has in their areas; the newest first."""
    return list(PostHandover.objects.order_by("-id")[:limit])


def movers(case: Case, verbs: Iterable[Verb], today: date) -> set[int]:
    """Accounts present that hold a seat with one of these verbs at the case's desk or above."""
    from wangge.cases.queries.presence import desks_on
    from wangge.staff import queries as staff

    duties = sorted({duty for duty, has in DUTIES.items() if has.intersection(verbs)})
    return {
        account
        for desk in desks_on(case.holder_path)
        for account in staff.present_at(desk.code, duties, today=today, confidential=case.confidential)
    }
