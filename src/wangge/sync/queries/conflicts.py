"""What both sides changed and nobody has settled yet."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.sync.models import Conflict


def conflict_by_id(viewer: Viewer, conflict_id: UUID) -> Conflict:  # noqa: ARG001 - the row policy uses it
    """The conflict, settled or not; NotFound where it is not the viewer's to see."""
    found = Conflict.objects.filter(id=conflict_id).first()
    if found is None:
        raise NotFound
    return found


def open_conflicts(viewer: Viewer, *, subject: str = "", limit: int = 200) -> list[Conflict]:  # noqa: ARG001 - the row policy uses it
    """Those that wait for somebody, the oldest first; of one record when `subject` names it."""
    found = Conflict.objects.filter(settled_at__isnull=True)
    return list((found.filter(subject=subject) if subject else found).order_by("found_at")[:limit])


@dataclass(frozen=True, slots=True)
class Sides:
    """The revision that is kept, and of each field `was`, `mine` and `theirs`."""

    revision: int
    fields: dict[str, dict[str, Any]]


def sides_in(conflict: Conflict) -> Sides:
    """Opens what both sides say."""
    told = json.loads(conflict.fields)
    return Sides(told["revision"], told["fields"])


def shown(conflict: Conflict) -> dict[str, Any]:
    """Of which record, and each field with what it was, what its writer made of it, and what is kept."""
    return {
        "kind": conflict.kind,
        "subject": conflict.subject,
        "fields": sides_in(conflict).fields,
        "found_at": conflict.found_at.isoformat(),
        "settled_at": conflict.settled_at and conflict.settled_at.isoformat(),
    }


def kept_conflicts(viewer: Viewer, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Of these, those that this viewer's phones show: their own that are open."""
    found = Conflict.objects.filter(
        id__in=list(ids), account_id=viewer.account_id or 0, settled_at__isnull=True
    )
    return {str(one.id): shown(one) for one in found}
