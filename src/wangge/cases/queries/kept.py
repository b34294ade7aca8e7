"""What of the cases a phone keeps: those of its places that are open or ended not long ago, none that is confidential."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from wangge.access import Viewer
from wangge.cases.models import Case
from wangge.cases.queries.moves import moves_for, standings_of

#: What ended longer ago leaves the phone.
KEPT_AFTER = timedelta(days=60)
_PLAIN = (
    "number", "title", "description", "address", "lon", "lat", "urgency", "business", "state", "outcome", "answer", "source",
    "late", "supervised", "revision", "holder_level",
)  # fmt: skip


def kept(
    viewer: Viewer, kind: str, ids: Collection[UUID | str], *, now: datetime
) -> dict[str, dict[str, Any]]:
    """Of these cases, those that the phone of this viewer keeps, each with what its screens show and which steps are open."""
    if kind != "case":
        return {}
    recent = Q(closed_at__isnull=True) | Q(closed_at__gte=now - KEPT_AFTER)
    found = list(
        Case.objects.select_related("item_version")
        .filter(recent, id__in=list(ids), confidential=False)
        .exclude(state__in=["cancelled", "merged"])
    )
    standings = standings_of(found)
    return {
        str(case.id): _shown(case)
        | {
            "mine": viewer.account_id is not None and case.reported_by_id == viewer.account_id,
            "handler": case.handler_id is not None and case.handler_id == viewer.account_id,
            "moves": [
                {"step": move.step, "needs": list(move.needs)}
                for move in moves_for(viewer, case, now=now, standing=standings[case.id])
            ],
        }
        for case in found
    }


def _shown(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _PLAIN} | {
        "item": case.item_id,
        "area": case.path.rsplit(".", 1)[-1],
        "holder": case.holder_path.rsplit(".", 1)[-1],
        "reported_at": case.reported_at.isoformat(),
        "due_at": case.due_at and case.due_at.isoformat(),
        "closed_at": case.closed_at and case.closed_at.isoformat(),
    }
