"""What of the cases a phone keeps: those of its places that are open or ended not long ago, none that is confidential."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from wangge.access import Viewer
from wangge.cases.models import Case, Note
from wangge.cases.queries.moves import moves_for, standings_of
from wangge.cases.rules import open_answers
from wangge.journal.queries import reasons_given

#: So much of what was said about a case lies on a phone, the newest.
MOST_MESSAGES = 20
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
    said = _said(viewer, found)
    return {
        str(case.id): _shown(case)
        | {
            "mine": viewer.account_id is not None and case.reported_by_id == viewer.account_id,
            "handler": case.handler_id is not None and case.handler_id == viewer.account_id,
            "moves": [
                {
                    "step": move.step,
                    "needs": list(move.needs),
                    **open_answers(standings[case.id], viewer, move.step, now),
                }
                for move in moves_for(viewer, case, now=now, standing=standings[case.id])
            ],
            "shown": standings[case.id].has_photo,
            "messages": said.get(case.id, [])[-MOST_MESSAGES:],
        }
        for case in found
    }


def _said(viewer: Viewer, cases: Collection[Case]) -> dict[UUID, list[dict[str, Any]]]:
    """What people said about each case, oldest first: notes and answers, and the words that came with a step (`what` is its
    verb). The row policies say which notes the viewer may read.
    """
    said: dict[UUID, list[dict[str, Any]]] = {}
    for note in Note.objects.filter(case_id__in=[case.id for case in cases]):
        said.setdefault(note.case_id, []).append(
            {
                "id": str(note.id),
                "what": note.audience,
                "text": note.text,
                "by": note.written_by,
                "mine": note.written_by_id is not None and note.written_by_id == viewer.account_id,
                "at": note.written_at.isoformat(),
            }
        )
    by_subject = {case.subject: case.id for case in cases}
    for entry in reasons_given(viewer, by_subject):
        said.setdefault(by_subject[entry.subject], []).append(
            {
                "id": str(entry.id),
                "what": entry.verb,
                "text": entry.reason,
                "by": entry.actor_name,
                "mine": entry.actor_id == viewer.account_id,
                "at": entry.at.isoformat(),
            }
        )
    for told in said.values():
        told.sort(key=lambda one: (one["at"], one["id"]))
    return said


def _shown(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _PLAIN} | {
        "item": case.item_id,
        "area": case.path.rsplit(".", 1)[-1],
        "holder": case.holder_path.rsplit(".", 1)[-1],
        "reported_at": case.reported_at.isoformat(),
        "due_at": case.due_at and case.due_at.isoformat(),
        "closed_at": case.closed_at and case.closed_at.isoformat(),
    }
