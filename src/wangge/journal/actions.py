"""Writing the journal. Every action of every app calls `record` in its own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from wangge.access import Viewer
from wangge.base.problems import OtherContent
from wangge.journal.models import Entry


def record(
    viewer: Viewer,
    *,
    verb: str,
    subject: str,
    path: str,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    command_id: UUID | None = None,
    source: str = "",
    confidential: bool = False,
) -> Entry:
    """Adds one entry to the chain of the area at the end of `path`; `verb` is past tense, `case.closed`.

    Private fields never go into `before`, `after` or `reason`: the journal cannot be erased.
    """
    entry = _entry(
        viewer, verb=verb, subject=subject, path=path, at=at, before=before, after=after, reason=reason,
        command_id=command_id, source=source, confidential=confidential,
    )  # fmt: skip
    entry.save(force_insert=True)
    return entry


def record_all(viewer: Viewer, entries: Sequence[dict[str, Any]]) -> None:
    """As `record`, for many acts of one moment in one statement, in the order of the areas, as their chains are locked."""
    made = [_entry(viewer, **entry) for entry in sorted(entries, key=lambda entry: str(entry["path"]))]
    Entry.objects.bulk_create(made, batch_size=2_000)


def _entry(
    viewer: Viewer,
    *,
    verb: str,
    subject: str,
    path: str,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    command_id: UUID | None = None,
    source: str = "",
    confidential: bool = False,
) -> Entry:
    seat = next((seat for seat in viewer.seats if seat.path == path), viewer.first_seat)
    return Entry(
        area_id=path.rsplit(".", 1)[-1],
        path=path,
        at=at,
        actor_id=viewer.account_id,
        actor_name=viewer.name,
        post=f"{seat.kind}@{seat.path.rsplit('.', 1)[-1]}" if seat else "",
        verb=verb,
        subject=subject,
        command_id=command_id,
        source=source,
        before=before or {},
        after=after or {},
        reason=reason,
        confidential=confidential,
    )


def record_once(viewer: Viewer, **entry: Any) -> Entry:
    """As `record`; OtherContent for a command whose id stands there for something that this viewer does not see."""
    try:
        with transaction.atomic():
            return record(viewer, **entry)
    except IntegrityError:
        raise OtherContent from None
