"""Visits from a table: read row by row, joined and written set-wise, all or nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.base.digests import digest_of_file
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import Fault, rows_of
from wangge.journal.actions import record
from wangge.visits.rules import VisitImportRefused
from wangge.visits.rules.rows import COLUMNS, REQUIRED, VisitRow, visit_reader

Progress = Callable[[str, int], None]

#: Rows that are written by one statement.
_AT_ONCE = 20_000
#: From so many on phones do better to take their place anew.
_MANY = 5_000


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
  line int, id uuid, household varchar, at timestamptz, time_noted boolean, outcome varchar, visitor varchar,
  note bytea) on commit drop
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
                          note, visitor_id, entered_by_id, source, revision, time_noted)
select t.id, ''::bytea, h.id, h.path, (t.at at time zone 'Asia/Shanghai')::date, t.at, t.at, %(now)s, t.outcome, false, '{}',
       '', t.note, a.id, %(by)s, 'import', 1, t.time_noted
  from visits_taken t join households_household h on h.number = t.household
  left join staff_account a on a.username = t.visitor and t.visitor <> ''
 where t.line > %(after)s
on conflict (id) do nothing
"""
_STALE = """
insert into visits_stale (household_id, since)
select distinct h.id, %(now)s::timestamptz from visits_taken t join households_household h on h.number = t.household order by 1
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
        taking = _Taking(cursor, viewer, now)
        count = taking.run(path, faults, told)
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
        cursor.execute(_STALE, {"now": now})
        added = taking.added
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


class _Taking:
    """One list on its way: a part of it is read while the one before goes into the database. What is wrong anywhere undoes
    all of it in the end.
    """

    def __init__(self, cursor: Any, viewer: Viewer, now: datetime) -> None:
        self.cursor, self.viewer, self.now = cursor, viewer, now
        self.added = self.last = 0
        self.seal = settings.PRIVATE_KEYS.sealer("visits_visit", "note")
        cursor.execute("drop table if exists visits_taken")
        cursor.execute(_TAKEN)

    def run(self, path: Path, faults: list[Fault], told: Progress) -> int:
        count = 0
        with ThreadPoolExecutor(1) as other:
            pending: Future[None] | None = None
            for part in _parts(_rows(path, self.now, faults)):
                block = "".join([self._line(row) for row in part]).encode()
                if pending:
                    pending.result()
                pending = other.submit(self._take, block, part[-1].line, len(part))
                count += len(part)
                told("read", count)
            if pending:
                pending.result()
        return count

    def _line(self, row: VisitRow) -> str:
        note = f"\\\\x{self.seal(row.note, str(row.id)).hex()}" if row.note else "\\N"
        household, visitor = row.household, row.visitor
        if not (household + visitor).isalnum():
            household, visitor = _written(household), _written(visitor)
        noted = "t" if row.time_noted else "f"
        return f"{row.line}\t{row.id}\t{household}\t{row.at.isoformat()}\t{noted}\t{row.outcome}\t{visitor}\t{note}\n"

    def _take(self, block: bytes, last: int, count: int) -> None:
        """On the other thread: the driver's connection may pass between threads, of which one asks at a time."""
        with self.cursor.copy("copy visits_taken from stdin") as copy:
            copy.write(block)
        if not self.last:
            self.cursor.execute("analyze visits_taken")
            if count >= _MANY:
                # Phones are told by place that a list came in, and not by visit.
                self.cursor.execute("select set_config('wangge.list', 'on', true)")
        self.cursor.execute(_INSERT, {"now": self.now, "by": self.viewer.account_id, "after": self.last})
        self.added += self.cursor.rowcount
        self.last = last


def _written(text: str) -> str:
    """As COPY's text format has it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _parts(rows: Iterator[VisitRow]) -> Iterator[list[VisitRow]]:
    while part := list(islice(rows, _AT_ONCE)):
        yield part


def _rows(path: Path, now: datetime, faults: list[Fault]) -> Iterator[VisitRow]:
    read = visit_reader(now=now.astimezone(UTC))
    with closing(rows_of(path, COLUMNS, required=REQUIRED, faults=faults)) as lines:
        for line in lines:
            row, wrong = read(line)
            if row:
                yield row
            else:
                faults += wrong


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
