"""Files of what a list shows. Who asks for one looks at many cases at once, so the journal tells of it before the first byte
leaves, and again how many rows left.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotAllowed
from wangge.cases.models import Case
from wangge.cases.queries.filters import CaseFilter
from wangge.cases.queries.pages import LISTED, iterate_cases
from wangge.cases.rules import ExportUnderWay
from wangge.journal.actions import record
from wangge.staff.queries import enter_as

#: More rows than these are not written; who needs all asks for a shorter time.
MOST_EXPORTED = 1_000_000
#: Cases read at once; a page of them takes some megabytes.
_CHUNK = 2_000
#: First key of the advisory locks by which one person's files wait for one another; the second is the account.
_LOCK = 0x57616E67


def begin_export(
    viewer: Viewer, export_id: UUID, *, filters: CaseFilter, kind: str, columns: list[str], now: datetime
) -> None:
    """Says in the journal who asks for which cases; ExportUnderWay while another file of theirs is written.

    Words that were searched for may name a person: that there were some is told, not which.
    """
    if viewer.account_id is None or not viewer.seats:
        raise NotAllowed
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [_LOCK, viewer.account_id % 2**31])
        if not cursor.fetchone()[0]:
            raise ExportUnderWay
    told = {name: _plain(getattr(filters, name)) for name in CaseFilter.__dataclass_fields__ if name != "q"}
    asked: dict[str, Any] = {name: value for name, value in told.items() if value}
    _tell(viewer, export_id, now, {**asked, "words": bool(filters.q), "kind": kind, "columns": columns})


def exported_cases(
    account_id: int, export_id: UUID, *, filters: CaseFilter
) -> Iterator[tuple[list[Case], bool]]:
    """The cases in chunks, newest first, each with whether more there are than are written; for the body of an answer.

    A body runs when the request's transaction has ended, so it opens its own, with the scope that the account has now.
    The second file of one person waits here for the first, should both have begun at once.
    """
    with transaction.atomic():
        viewer = enter_as(account_id, now=clock.now())
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK, account_id % 2**31])
        count, chunk = 0, list[Case]()
        try:
            for case in iterate_cases(viewer, filters, chunk=_CHUNK, fields=LISTED):
                if count == MOST_EXPORTED:
                    yield chunk, True
                    chunk = []
                    break
                chunk.append(case)
                count += 1
                if len(chunk) == _CHUNK:
                    yield chunk, False
                    chunk = []
            if chunk:
                yield chunk, False
        except GeneratorExit:
            pass  # whoever asked has gone; what was sent has been seen, and is told below
        _tell(viewer, export_id, clock.now(), {"rows": count})


def _tell(viewer: Viewer, export_id: UUID, now: datetime, after: dict[str, Any]) -> None:
    seat = viewer.first_seat
    record(
        viewer,
        verb="cases.exported",
        subject=f"export:{export_id}",
        path=seat.path if seat else "",
        at=now,
        after=after,
        source="desk",
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
