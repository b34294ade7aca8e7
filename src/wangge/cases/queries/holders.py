"""Who holds open cases, and which of them are away."""

from datetime import date
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case, PostHandover
from wangge.cases.queries.presence import Desk, duties_with, is_read
from wangge.staff import queries as staff
from wangge.staff.models import Account, Assignment, Leave


def cases_handled_by(account_id: int, *, below: str = "") -> list[Case]:
    """Open cases given to this person, the first due first; with `below`, those in that area."""
    cases = (
        Case.objects.filter(handler_id=account_id, state__in=OPEN)
        .select_related("item_version")
        .order_by("due_at", "id")
    )
    return [case for case in cases if not below or lies_in(case.path, below)]


def promises_by(account_id: int, today: date, *, below: str = "") -> list[Case]:
    """Closed cases whose answer promised a day that is still to come."""
    cases = Case.objects.filter(
        handled_by_id=account_id, outcome="planned", planned_on__gte=today, state="closed"
    )
    return [case for case in cases.order_by("planned_on", "id") if not below or lies_in(case.path, below)]


_ABSENT = """
select c.handler_id, c.id from cases_case c
 where c.handler_id is not null and c.state = any (%(open)s) and not exists (
   select from staff_assignment s join staff_post p on p.id = s.post_id join staff_postkind k on k.code = p.kind_id
     join staff_account a on a.id = s.account_id
    where s.account_id = c.handler_id and c.path <@ p.path and k.duties && %(duties)s::varchar[]
      and p.department_id is null and (k.confidential or not c.confidential)
      and (p.closed_on is null or p.closed_on >= %(today)s) and a.ended_at is null
      and s.from_on <= %(today)s and (s.to_on is null or s.to_on >= %(today)s)
      and not exists (select from staff_leave l where l.account_id = a.id and %(today)s between l.from_on and l.to_on))
 order by 1, 2
"""


def absent_handlers(today: date) -> list[tuple[int, UUID]]:
    """Open cases (handler, id) whose handler is away, has left, or has no seat over the place any more; set-wise."""
    with connection.cursor() as cursor:
        cursor.execute(_ABSENT, {"open": list(OPEN), "duties": duties_with(Verb.CASE_HANDLE), "today": today})
        return [(handler, case_id) for handler, case_id in cursor.fetchall()]


def is_away(account_id: int, today: date) -> bool:
    """Whether the account has ended or is on leave today."""
    if Leave.objects.filter(account_id=account_id, from_on__lte=today, to_on__gte=today).exists():
        return True
    return not Account.objects.filter(id=account_id, ended_at__isnull=True).exists()


def successor_for(account_id: int, path: str, today: date) -> int | None:
    """Who holds the post today that this account held over the place, and holds no more; None when nobody does."""
    ended = Assignment.objects.filter(account_id=account_id, to_on__lt=today, stands_in_for__isnull=True)
    posts = [held.post_id for held in ended.order_by("-to_on", "-id") if lies_in(path, held.path)]
    now = (
        staff.holding_on(today)
        .filter(post_id__in=posts[:1], stands_in_for__isnull=True)
        .exclude(account_id=account_id)
    )
    return now.order_by("-from_on").values_list("account_id", flat=True).first()


def cases_of_unread_desks(today: date) -> list[UUID]:
    """Open cases whose desk nobody present reads, confidential ones by those with the right; a query for each desk."""
    held = Case.objects.filter(state__in=OPEN)
    desks = held.values_list("holder_path", "holder_level", "confidential").distinct().order_by("holder_path")
    unread = [
        (path, secret)
        for path, level, secret in desks
        if not is_read(Desk(path, level), today, confidential=secret)
    ]
    return [
        case_id
        for path, secret in unread
        for case_id in held.filter(holder_path=path, confidential=secret)
        .order_by("id")
        .values_list("id", flat=True)
    ]


def handovers(viewer: Viewer, *, limit: int = 50) -> list[PostHandover]:  # noqa: ARG001 - the row policy uses it
    """Hand-over lists that the viewer gave, received, or has in their areas; the newest first."""
    return list(PostHandover.objects.order_by("-id")[:limit])
