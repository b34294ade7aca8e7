"""Households and residents from a community's own list: read row by row, sealed, taken in set-wise, all of it or nothing."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.digests import digest_of_file
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.tables.reading import Block, Fault, blocks_of
from wangge.households.actions.arriving import Arriving
from wangge.households.actions.lines import Ground, LineMaker
from wangge.households.models import ColumnMapping
from wangge.households.queries.lists import columns_of_list
from wangge.households.rules import RegisterImportRefused
from wangge.households.rules.headings import Kind, check_mapping
from wangge.households.rules.people import RESIDENCIES
from wangge.households.rules.register_rows import rows_reader
from wangge.journal.actions import record

Progress = Callable[[str, int], None]

#: Rows that are taken in by one pass of the statements: more cost memory, and the database longer waits for the first; fewer
#: cost statements.
AT_ONCE = 10_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """What came new; how many rows the register knew already; how many were wrong and left out, as asked."""

    homes_added: int
    households_added: int
    residents_added: int
    known: int
    left_out: int


def import_register(
    viewer: Viewer,
    path: Path,
    kind: Kind,
    *,
    now: datetime,
    area: str = "",
    mapping: Mapping[str, str] | None = None,
    residency: str = "registered_present",
    leave_out_wrong: bool = False,
    sheet: str | None = None,
    made_up: bool = False,
    progress: Progress | None = None,
) -> RegisterReport:
    """Takes a CSV or spreadsheet of households or of residents into the registers of `area`, by default the viewer's.

    `mapping` (heading → column) says what the columns mean, else what was said for this area before and what the headings
    seem to mean (`rules.headings`); it is remembered. Where a row names no residency, `residency` holds. What stands in the
    register already is left as it is, so that the same list adds nothing twice. RegisterImportRefused names every wrong
    cell, without its private words, and nothing is written; with `leave_out_wrong` only these rows are left out.
    """
    if residency not in RESIDENCIES:
        raise Invalid(field="residency", expected=", ".join(RESIDENCIES))
    home = _home(viewer, area)
    columns = (
        check_mapping(mapping, kind)
        if mapping is not None
        else columns_of_list(viewer, path, kind, home, sheet)
    )
    with transaction.atomic():
        ground = Ground(viewer, home)
        taking = _Taking(kind, ground, residency, now, made_up=made_up)
        with closing(blocks_of(path, columns, size=AT_ONCE, sheet=sheet, faults=taking.faults)) as blocks:
            taking.run(blocks, progress or (lambda _stage, _done: None))
        report = taking.report(leave_out_wrong=leave_out_wrong)
        remember_columns(viewer, home, kind, columns, now=now)
        if report.homes_added + report.households_added + report.residents_added:
            _record(viewer, home, path, kind, report, now)
    return report


def remember_columns(
    viewer: Viewer, home: str, kind: Kind, columns: Mapping[str, str], *, now: datetime
) -> None:
    """Keeps what the headings of an area's lists mean, beside what was said of other headings before."""
    if not viewer.may(Verb.HOUSEHOLD_CHANGE, home):
        raise NotAllowed
    known = ColumnMapping.objects.filter(path=home, kind=kind).first()
    said = {**(known.columns if known else {}), **columns}
    if known is None:
        ColumnMapping.objects.create(path=home, kind=kind, columns=said, changed_at=now)
    elif known.columns != said:
        known.columns, known.changed_at = said, now
        known.save(update_fields=["columns", "changed_at"])


def _home(viewer: Viewer, area: str) -> str:
    """The path of the area that a list is of; NotAllowed where the viewer keeps no register."""
    path = areas.area_by_code(area).path if area else common_path(viewer.homes)
    if not path or not viewer.may(Verb.HOUSEHOLD_CHANGE, path):
        raise NotAllowed
    return path


_IMPORTED: Mapping[Kind, str] = {"households": "households.imported", "residents": "residents.imported"}


def _record(viewer: Viewer, home: str, path: Path, kind: Kind, report: RegisterReport, now: datetime) -> None:
    record(
        viewer,
        verb=_IMPORTED[kind],
        subject=f"area:{home.rsplit('.', 1)[-1]}",
        path=home,
        at=now,
        after={
            "homes": report.homes_added,
            "households": report.households_added,
            "residents": report.residents_added,
            "left_out": report.left_out,
            "sha256": digest_of_file(path),
        },
    )


_AT_ONE_DOOR = ("number", "area", "compound", "building", "unit", "room", "address")


def _chunks(blocks: Iterator[Block]) -> Iterator[Block]:
    """Rows of one door that follow each other stay together: those at the end of a block wait for the next."""
    waiting: Block | None = None
    for block in blocks:
        whole = _joined(waiting, block) if waiting else block
        doors = [whole.columns[name] for name in _AT_ONE_DOOR if name in whole.columns]
        start = len(whole.lines) - 1
        while start and all(column[start - 1] == column[start] for column in doors):
            start -= 1
        if start:
            yield _part(whole, 0, start)
        waiting = _part(whole, start, None)
    if waiting:
        yield waiting


def _part(block: Block, start: int, stop: int | None) -> Block:
    return Block(block.lines[start:stop], {name: cells[start:stop] for name, cells in block.columns.items()})


def _joined(one: Block, other: Block) -> Block:
    return Block(
        one.lines + other.lines, {name: cells + other.columns[name] for name, cells in one.columns.items()}
    )


@dataclass(slots=True)
class _Taking:
    """One list on its way: what is wrong so far, and the rows that go to the database while the next ones are read."""

    kind: Kind
    ground: Ground
    residency: str
    now: datetime
    made_up: bool = field(kw_only=True)
    faults: list[Fault] = field(default_factory=list)
    arriving: Any = None

    def run(self, blocks: Iterator[Block], told: Progress) -> None:
        today = self.now.astimezone(SHANGHAI).date()
        read, done = rows_reader(self.kind, today=today), 0
        connection.ensure_connection()
        # Sealing keeps one core busy and the database another. The driver's own connection may pass between threads;
        # only one of them asks at a time. Lines are sent from here: another thread would wait for this one at each piece.
        raw = connection.connection
        with raw.cursor() as cursor, ThreadPoolExecutor(1) as other:
            older = len(settings.PRIVATE_KEYS.keys) > 1
            self.arriving = Arriving(cursor, today=today, made_up=self.made_up, older_keys=older)
            maker = LineMaker(
                self.ground, self.kind, self.residency, int(self.now.timestamp() * 1000), self.faults
            )
            pending: Future[None] | None = None
            for chunk in _chunks(blocks):
                rows, wrong = read(chunk)
                self.faults += wrong
                lines = maker.lines(rows, pending.result if pending else _at_once)
                if pending:
                    pending.result()
                self.arriving.bring(lines)
                pending = other.submit(self.arriving.take, lines.rows, by_name=lines.by_name)
                done += len(chunk.lines)
                told("taken in", done)
            if pending:
                pending.result()

    def report(self, *, leave_out_wrong: bool) -> RegisterReport:
        for line in self.arriving.elsewhere:
            self.faults.append(
                Fault(
                    line,
                    "identity",
                    "•••",
                    _("somebody who does not live elsewhere in the register: move them on their page"),
                )
            )
        if self.faults and not leave_out_wrong:
            raise RegisterImportRefused(sorted(self.faults, key=lambda fault: fault.line))
        return RegisterReport(
            self.arriving.homes,
            self.arriving.households,
            self.arriving.residents,
            self.arriving.known,
            len({fault.line for fault in self.faults}),
        )


def _at_once() -> None:
    """Nothing is under way."""
