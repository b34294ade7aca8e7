"""Importing areas from tables and maps: read row by row into a table of its own, checked and merged as a set."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson
from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.areas.actions import merge
from wangge.areas.rules import (
    COLUMNS,
    AreaImportRefused,
    AreaRow,
    BadBoundary,
    DayOutOfOrder,
    Fault,
    Shape,
    columns_of,
    features_of,
    read_row,
    shape_of,
)
from wangge.base.calendar import SHANGHAI
from wangge.base.coordinates import Datum
from wangge.base.digests import digest_of_file
from wangge.base.problems import NotAllowed
from wangge.base.tables import reading
from wangge.journal.actions import record

Kind = Literal["auto", "table", "map"]
Progress = Callable[[str, int], None]
"""Called with the stage, `read`, `check` or `write`, and how many rows it has done so far."""

_MAPS = frozenset({".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson"})
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"})
_EVERY = 5_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many areas came new, were changed, ended, stood already as the file says, or lie above the tree's root;
    and the code of the smallest area that holds all that changed, empty where nothing did.
    """

    added: int
    changed: int
    ended: int
    unchanged: int
    left_out: int
    within: str = ""


class _Read(NamedTuple):
    line: int
    row: AreaRow
    shape: Shape | None


def import_areas(
    viewer: Viewer,
    path: Path,
    *,
    now: datetime,
    valid_from: date | None = None,
    datum: Datum = "wgs84",
    kind: Kind = "auto",
    progress: Progress | None = None,
) -> ImportReport:
    """Takes the areas in a table (CSV, spreadsheet), a map (GeoJSON), or in all such files of a folder; all or nothing.

    Tables: the project's own (code, name, level, parent, kind, urban_rural_class, valid_from, valid_to), statistical
    divisions with codes of 2 to 12 digits, one table or one per level, headers in English or Chinese (`rules.COLUMNS`).
    A cell that is blank changes nothing; `valid_to` ends an area. Maps: Polygons with a code, in `datum`; the name of an
    area that stands already is left to tables. Areas that the files do not name stay as they are.

    What is new or changed holds from `valid_from` (today by default) where the row names no day. An area keeps its
    place: another parent is a fault. The tree begins at the one city, else the one province, else the nation; rows above
    that are left out. AreaImportRefused names every wrong cell; TableProblem and UnreadableMap an unreadable file.

    For the whole tree, also the first, the viewer is the system's over everything: `staff.queries.enter_as_system("")`,
    in the same transaction. Any other imports below one of their posts; NotAllowed when a change lies elsewhere.
    """
    today = now.astimezone(SHANGHAI).date()
    day = valid_from or today
    if day > today:
        raise DayOutOfOrder(field="valid_from", first="1949-10-01", expected=f"… {today}")
    files = _files(path, kind)
    told = progress or _silence
    names = [file.name for file, _is_map in files]
    with transaction.atomic(), connection.cursor() as cursor:
        incoming = merge.Incoming(cursor, names)
        faults: list[Fault] = []
        for number, (file, is_map) in enumerate(files):
            rows = (
                _map_rows(file, datum, day, today, faults)
                if is_map
                else _table_rows(file, day, today, faults)
            )
            with closing(rows):
                _copy(cursor, number, rows, is_map=is_map, told=told)
        told("check", 0)
        faults += incoming.faults()
        if faults:
            raise AreaImportRefused(sorted(faults, key=lambda fault: (names.index(fault.file), fault.line)))
        counts, within = _merge(viewer, incoming, files, now, told)
    return ImportReport(left_out=incoming.left_out, within=within, **counts)


def _merge(
    viewer: Viewer, incoming: merge.Incoming, files: list[tuple[Path, bool]], now: datetime, told: Progress
) -> tuple[dict[str, int], str]:
    counts = incoming.counts()
    if not counts["added"] + counts["changed"] + counts["ended"]:
        return counts, ""
    home = incoming.common_path()
    whole = viewer.account_id is None and "" in viewer.scope
    if not whole and not viewer.may(Verb.AREA_CHANGE, home):
        raise NotAllowed
    incoming.write(now, told)
    record(
        viewer,
        verb="areas.imported",
        subject=f"area:{home.rsplit('.', 1)[-1]}",
        path=home,
        at=now,
        after={
            **counts,
            "files": [{"name": file.name, "sha256": digest_of_file(file)} for file, _is_map in files],
        },
    )
    return counts, home.rsplit(".", 1)[-1]


def _silence(_stage: str, _rows: int) -> None:
    return


def _files(path: Path, kind: Kind) -> list[tuple[Path, bool]]:
    """The files and whether each is a map: tables first, since a map may speak of what they bring."""
    if path.is_dir():
        found = sorted(
            file for file in path.iterdir() if file.is_file() and file.suffix.lower() in _MAPS | _TABLES
        )
    else:
        found = [path]
    if not found:
        raise reading.TableProblem
    maps = [(kind == "map" or (kind == "auto" and file.suffix.lower() in _MAPS)) for file in found]
    return sorted(zip(found, maps, strict=True), key=lambda pair: pair[1])


def _table_rows(file: Path, day: date, today: date, faults: list[Fault]) -> Generator[_Read, None, None]:
    surplus: list[reading.Fault] = []
    for line, values in _cells(file, surplus):
        row, wrong = read_row(values, valid_from=day, today=today)
        if row and row.name is None and not wrong:
            wrong.append(("name", "", _("a name")))
        faults += [Fault(file.name, line, *each) for each in wrong]
        if row:
            yield _Read(line, row, None)
    faults += [Fault(file.name, each.line, each.column, each.value, each.expected) for each in surplus]


def _cells(file: Path, surplus: list[reading.Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    for row in reading.rows_of(file, COLUMNS, required=("code", "name"), faults=surplus):
        yield row.line, row.values


def _map_rows(
    file: Path, datum: Datum, day: date, today: date, faults: list[Fault]
) -> Generator[_Read, None, None]:
    with (
        file.open(encoding="utf-8-sig", errors="surrogateescape") as text,
        closing(features_of(text)) as features,
    ):
        for feature in features:
            row, wrong = read_row(columns_of(feature.properties), valid_from=day, today=today)
            faults += [Fault(file.name, feature.line, *each) for each in wrong]
            if row is None:
                continue
            try:
                shape = shape_of(feature.geometry, datum)
            except BadBoundary as error:
                faults.append(Fault(file.name, feature.line, "geometry", error.found, error.expected))
                shape = None
            yield _Read(feature.line, row, shape)


def _copy(cursor: Any, number: int, rows: Iterator[_Read], *, is_map: bool, told: Progress) -> None:
    """Streams the rows to the database; nothing but the faults is kept here."""
    done = 0
    with cursor.copy(merge.COPY) as copy:
        for line, row, shape in rows:
            outline = (
                (orjson.dumps(shape.boundary).decode(), shape.box, shape.lon, shape.lat)
                if shape
                else (None,) * 4
            )
            copy.write_row((number, line, is_map, *row, *outline))
            done += 1
            if done % _EVERY == 0:
                told("read", done)
    told("read", done)
