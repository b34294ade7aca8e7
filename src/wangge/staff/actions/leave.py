"""Leave: who is away keeps their posts, but nothing may wait for them."""

from datetime import date, datetime

from wangge.access import Viewer
from wangge.base.problems import Invalid
from wangge.journal.actions import record
from wangge.staff.actions.appointing import check_would_appoint, open_account, today_of
from wangge.staff.models import Account, Leave
from wangge.staff.rules import LeaveOverlaps, check_days


def grant_leave(viewer: Viewer, account_id: int, *, from_on: date, to_on: date, now: datetime) -> Leave:
    """An account is away on these days, both included. Anyone may take their own; others' needs the right over them."""
    account = open_account(account_id)
    if account.id != viewer.account_id:
        check_would_appoint(viewer, account, today_of(now))
    check_days(from_on, to_on, today=today_of(now))
    if to_on < today_of(now):
        raise Invalid(field="to_on", expected=f"{today_of(now)} …")
    # Locked, so that two leaves entered at once come one after the other.
    Account.objects.select_for_update().only("id").get(id=account.id)
    if account.leaves.filter(from_on__lte=to_on, to_on__gte=from_on).exists():
        raise LeaveOverlaps
    leave = Leave.objects.create(account=account, home_path=account.home_path, from_on=from_on, to_on=to_on)
    record(
        viewer,
        verb="leave.granted",
        subject=f"account:{account.id}",
        path=account.home_path,
        at=now,
        after={"from_on": from_on.isoformat(), "to_on": to_on.isoformat()},
    )
    return leave
