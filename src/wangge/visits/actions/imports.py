"""Visits from a table: read row by row, joined and written set-wise, all or nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.base.digests import digest_of_file
from wangge.base.private import Place as Sealing
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import Fault, rows_of
from wangge.journal.actions import record
from wangge.visits.rules import VisitImportRefused
from wangge.visits.rules.rows import COLUMNS, REQUIRED, VisitRow, read_visit

Progress = Callable[[str, int], None]

_EVERY = 20_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class VisitReport:
    """How many visits came new, and how many stood there already."""

    added: int
    unchanged: int


_TAKEN = """
create temp table visits_taken (
  line int, id uuid, household varchar, at timestamptz, outcome varchar, visitor varchar, note bytea) on commit drop
"""
_UNKNOWN = """
select t.line, 'household', t.household from visits_taken t
 where not exists (select from households_household h where h.number = t.household)
union all
select t.line, 'visitor', t.visitor from visits_taken t
 where t.visitor <> '' and not exists (select from staff_account a where a.username = t.visitor)
 order by 1 limit 200
"""
_TWICE = "select max(line), 'at', min(household) from visits_taken group by id having count(*) > 1 order by 1 limit 200"
_PATHS = """
select distinct h.path::text from households_household h
 where h.number in (select household from visits_taken)
"""
_INSERT = """
insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons, seen,
                          note, visitor_id, entered_by_id, source, revision)
select t.id, ''::bytea, h.id, h.path, (t.at at time zone 'Asia/Shanghai')::date, t.at, t.at, %(now)s, t.outcome, false, '{}',
       '', t.note, a.id, %(by)s, 'import', 1
  from visits_taken t join households_household h on h.number = t.household
  left join staff_account a on a.username = t.visitor and t.visitor <> ''
on conflict (id) do nothing
"""
_STALE = """
insert into visits_stale (household_id, since)
select distinct h.id, %(now)s from visits_taken t join households_household h on h.number = t.household
on conflict (household_id) do nothing
"""


def import_visits(
    viewer: Viewer, path: Path, *, now: datetime, progress: Progress | None = None
) -> VisitReport:
    """Takes a CSV or spreadsheet of visits; headers in Chinese or English (`rules.rows.COLUMNS`).

    A household is named by its number, who went there by the name of their account. The same row again is the same visit.
    VisitImportRefused names every wrong cell. What is due at these households is computed by the next run of the timer.
    """
    told = progress or (lambda _stage, _done: None)
    faults: list[Fault] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists visits_taken")
        cursor.execute(_TAKEN)
        count = _copy(cursor, path, now, faults, told)
        cursor.execute("analyze visits_taken")
        faults += _faults(cursor)
        if faults:
            first = min(faults, key=lambda fault: fault.line)
            raise VisitImportRefused(
                count=len(faults),
                line=first.line,
                column=first.column,
                expected=first.expected,
                faults=faults,
            )
        home = _home(cursor, viewer)
        told("write", count)
        cursor.execute(_INSERT, {"now": now, "by": viewer.account_id})
        added = cursor.rowcount
        cursor.execute(_STALE, {"now": now})
        if added:
            record(
                viewer,
                verb="visits.imported",
                subject=f"area:{home.rsplit('.', 1)[-1]}",
                path=home,
                at=now,
                after={"added": added, "files": [{"name": path.name, "sha256": digest_of_file(path)}]},
            )
    return VisitReport(added, count - added)


def _copy(cursor: Any, path: Path, now: datetime, faults: list[Fault], told: Progress) -> int:
    count = 0
    with cursor.copy("copy visits_taken from stdin") as out:
        for row in _rows(path, now, faults):
            note = settings.PRIVATE_KEYS.seal(row.note, _place(row.id)) if row.note else None
            out.write_row((row.line, row.id, row.household, row.at, row.outcome, row.visitor, note))
            count += 1
            if count % _EVERY == 0:
                told("read", count)
    return count


def _rows(path: Path, now: datetime, faults: list[Fault]) -> Iterator[VisitRow]:
    with closing(rows_of(path, COLUMNS, required=REQUIRED, faults=faults)) as lines:
        for line in lines:
            row, wrong = read_visit(line, now=now.astimezone(UTC))
            faults += wrong
            if row:
                yield row


def _place(visit: UUID) -> Sealing:
    return Sealing("visits_visit", "note", str(visit))


def _faults(cursor: Any) -> list[Fault]:
    cursor.execute(_UNKNOWN)
    expected = {"household": _("the number of a household"), "visitor": _("the name of an account")}
    found = [Fault(line, column, value, expected[column]) for line, column, value in cursor.fetchall()]
    cursor.execute(_TWICE)
    twice = [Fault(line, column, value, _("each visit once")) for line, column, value in cursor.fetchall()]
    return found + twice


def _home(cursor: Any, viewer: Viewer) -> str:
    cursor.execute(_PATHS)
    paths = [path for (path,) in cursor.fetchall()]
    if not all(viewer.may(Verb.VISIT_RECORD, path) for path in paths):
        raise NotAllowed
    return common_path(paths)
