"""What the writes of the catalogue share: from a checked row to a version and back, and the journal's entry."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wangge.access import Viewer
from wangge.base.problems import NotAllowed
from wangge.catalogue import rules
from wangge.catalogue.models import ItemVersion
from wangge.catalogue.queries import row_of
from wangge.journal import actions as journal


def version_of(row: Mapping[str, str], *, number: int, now: datetime) -> dict[str, Any]:
    """The columns of a version that says what `row` says; the row is without faults."""
    values = rules.item_values(row)
    values["department_id"] = values.pop("department")
    return {**values, "item_id": row["code"], "number": number, "made_at": now}


def same_text(version: ItemVersion, row: Mapping[str, str]) -> bool:
    """Whether the version already says all of the row."""
    said = row_of(version)
    return all(said[column] == row[column] for column in said)


def note(
    viewer: Viewer,
    verb: str,
    code: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Journals an act on an item where the actor's first seat is, since items have no place of their own."""
    seat = viewer.first_seat
    if seat is None:
        raise NotAllowed
    journal.record(
        viewer,
        verb=verb,
        subject=f"item:{code}",
        path=seat.path,
        at=now,
        before=before,
        after=after,
        reason=reason,
    )
