"""Coming when summoned (到场)."""

from datetime import datetime

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.models import Summons
from wangge.cases.queries.moves import may_tell_of_arrival
from wangge.journal.actions import record


def arrive_at_summons(viewer: Viewer, summons_id: int, *, now: datetime) -> Summons:
    """Records that the summoned office has come to the place; a second time changes nothing.

    By the office itself, or by the desk that sees them there.
    """
    summons = (
        Summons.objects.select_for_update(of=("self",)).select_related("case").filter(id=summons_id).first()
    )
    if summons is None:
        raise NotFound
    office = f"{summons.office_id}/{summons.department_id}"
    if not may_tell_of_arrival(viewer, summons.case.holder_path, office):
        raise NotAllowed
    if summons.arrived_at is None:
        summons.arrived_at, summons.arrived_by_id = now, viewer.account_id
        summons.save(update_fields=["arrived_at", "arrived_by_id"])
        minutes = int((now - summons.called_at).total_seconds() // 60)
        record(
            viewer,
            verb="case.summons-answered",
            subject=summons.case.subject,
            path=summons.path,
            at=now,
            confidential=summons.case.confidential,
            after={"office": office, "minutes": minutes, "in_time": minutes <= summons.within_minutes},
        )
    return summons
