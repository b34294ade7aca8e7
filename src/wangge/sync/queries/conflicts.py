"""What both sides changed: what nobody has settled yet, and what was picked."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

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


def settled_conflicts(viewer: Viewer, *, limit: int = 30) -> list[Conflict]:  # noqa: ARG001 - the row policy uses it
    """Those that somebody has settled, the last one first."""
    return list(Conflict.objects.filter(settled_at__isnull=False).order_by("-settled_at")[:limit])


def count_open_conflicts(viewer: Viewer) -> int:  # noqa: ARG001 - the row policy uses it
    """How many wait for somebody where the viewer may settle them."""
    return Conflict.objects.filter(settled_at__isnull=True).count()


@dataclass(frozen=True, slots=True)
class Sides:
    """The revision that is kept, and of each field `was`, `mine` and `theirs`."""

    revision: int
    fields: dict[str, dict[str, Any]]


def sides_in(conflict: Conflict) -> Sides:
    """Opens what both sides say."""
    told = json.loads(conflict.fields)
    return Sides(told["revision"], told["fields"])


def choice_in(conflict: Conflict) -> Mapping[str, str]:
    """Opens what was picked, field by field: "mine" is what the phone said. Nothing before it is settled."""
    chosen: dict[str, str] = json.loads(conflict.choice) if conflict.choice else {}
    return chosen


@dataclass(frozen=True, slots=True)
class TwoSided:
    """A conflict opened for a page: which record, whose phone, and of each field all three values and what was picked."""

    id: UUID
    kind: str
    subject: str
    path: str
    account_id: int
    found_at: datetime
    fields: Mapping[str, Mapping[str, Any]]
    settled_at: datetime | None
    settled_by_id: int | None
    choice: Mapping[str, str]


def two_sided(conflict: Conflict) -> TwoSided:
    """What a page shows of it."""
    return TwoSided(
        conflict.id,
        conflict.kind,
        conflict.subject,
        conflict.path,
        conflict.account_id,
        conflict.found_at,
        sides_in(conflict).fields,
        conflict.settled_at,
        conflict.settled_by_id,
        choice_in(conflict),
    )


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


# A row's own transaction, of which the database keeps the last 32 bits: compared by age, and of those settled long ago none.
_CHANGED = """
select id::text from sync_conflict
 where account_id = %(account)s and (settled_at is null or settled_at > %(settled)s)
   and age(xmin) <= age(%(since)s::text::xid8::xid)
 order by id
"""


def changed_conflicts(viewer: Viewer, *, since: int, settled: datetime) -> list[str]:
    """The viewer's own that a transaction from `since` on found, changed or settled, wherever their records lie by now. `settled`: of those
    that somebody settled before, nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"account": viewer.account_id, "since": since, "settled": settled})
        return [key for (key,) in cursor.fetchall()]
