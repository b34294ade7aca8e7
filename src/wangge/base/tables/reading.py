"""Tables from outside: CSV in the encodings that Chinese offices use, and spreadsheets.

Read row by row with the line a person sees in the file, so that each fault can be found there. CSV is read in
constant memory; a spreadsheet is held by its reader, so its size is checked before it is opened.
"""

import codecs
import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from wangge.base.problems import Problem
from wangge.base.tables import EXACT_BELOW

HEADER_WITHIN = 10
"""The header is looked for in so many rows: a title above it is usual."""

MOST_CELLS = 20_000_000
"""A sheet's rectangle of cells; the reader takes some 30 bytes for each, empty or not."""

_CHUNK = 1 << 20
_MOST_BYTES = 1 << 30  # of a spreadsheet's parts, unpacked
_TAG = re.compile(
    rb"<(?:\w+:)?(?:row\b(?:[^>]*?\sr=[\"']([0-9]{1,7}))?|c\b(?:[^>]*?\sr=[\"']([A-Z]{1,3})([0-9]{1,7}))?)"
)
_SPREADSHEET = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Source = Path | BinaryIO
Lines = Generator[tuple[int, list[str]], None, None]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: the line it starts on (from 1, the header counts), its cells by canonical name."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell, for the report: where, what stands there, what was expected (an English msgid)."""

    line: int
    column: str
    value: str
    expected: str


class TableProblem(Problem, ValueError):  # noqa: N818 - a fact about the file, like every problem
    """The file as a whole cannot be read; the sentence names the way out."""

    code = "unreadable-table"
    status = 422
    sentence = _("This file is not a table. Give CSV (UTF-8 or GB 18030) or an .xlsx file.")


class UnknownEncoding(TableProblem):
    sentence = _("The text is neither UTF-8 nor GB 18030. Save it again as “CSV UTF-8”.")


class BrokenQuotes(TableProblem):
    sentence = _(
        "Line {line}: a quotation mark is not closed or not doubled. Mend it or save the file as .xlsx."
    )


class MissingColumns(TableProblem):
    """`missing`: for each, the names it may have; `found`: the header as read."""

    sentence = _("These columns are missing: {missing}. Found: {found}. Name them in the first row.")


class RepeatedColumn(TableProblem):
    sentence = _("Line {line}: the columns {columns} mean the same. Keep one of them.")


class SurplusCells(TableProblem):
    sentence = _(
        "Line {line} has more cells than the header. Put a cell that holds a comma in quotation marks."
    )


class NoSuchSheet(TableProblem):
    sentence = _("There is no sheet “{sheet}”. The file has: {sheets}.")


class PasswordProtected(TableProblem):
    sentence = _("The file is protected by a password. Remove it and save the file again.")


class TableTooLarge(TableProblem):
    sentence = _(
        "The sheet covers {cells} cells, more than {limit}. Save it as CSV, or delete what lies far outside."
    )


class FileTooLarge(TableProblem):
    sentence = _("Unpacked, the file takes {size_mib} MiB, more than {limit_mib}. Save it as CSV.")


def rows_of(
    source: Source,
    columns: Mapping[str, str],
    *,
    required: Collection[str] = (),
    sheet: str | None = None,
    faults: list[Fault] | None = None,
) -> Generator[Row, None, None]:
    """The rows of a CSV or a spreadsheet, told apart by content. `source` is a path or a seekable binary file.

    `columns` maps header names, in any language, to canonical names; other columns are left out, blank rows too.
    `sheet` names one of a spreadsheet's, by default the first visible. A row with cells beyond the header is added
    to `faults` and left out, or raises when there is no such list. TableProblem comes while iterating.
    """
    # The reader is closed before its file, also when the caller stops in the middle.
    with _opened(source) as file, closing(_lines(file, sheet)) as lines:
        names = _header(lines, columns, required)
        for line, cells in lines:
            if not any(cells):
                continue
            if any(cells[len(names) :]):
                if faults is None:
                    raise SurplusCells(line=line)
                surplus = ", ".join(cell for cell in cells[len(names) :] if cell)
                faults.append(Fault(line, "", surplus, _("no cells beyond the header")))
                continue
            padded = cells + [""] * (len(names) - len(cells))
            yield Row(line, {name: cell for name, cell in zip(names, padded, strict=False) if name})


def beginning(source: Source, *, sheet: str | None = None, count: int = 20) -> list[tuple[int, list[str]]]:
    """The first lines that hold anything, each with its number: what a person looks at before saying what the columns mean."""
    with _opened(source) as file, closing(_lines(file, sheet)) as lines:
        return list(islice(((line, cells) for line, cells in lines if any(cells)), count))


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


def _lines(file: BinaryIO, sheet: str | None) -> Lines:
    beginning = file.read(4)
    file.seek(0)
    return _sheet_lines(file, sheet) if beginning in _SPREADSHEET else _csv_lines(file)


def _csv_lines(file: BinaryIO) -> Lines:
    """Each record with the line it starts on; a record may span lines inside quotation marks."""
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        first = text.readline(_CHUNK)
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",\t;", key=first.count), strict=True)
        line = 1
        try:
            for cells in reader:
                yield line, [cell.strip() for cell in cells]
                line = reader.line_num + 1
        except csv.Error as error:
            raise BrokenQuotes(line=line) from error
    finally:
        text.detach()  # the file is the caller's: closing is theirs


def _encoding(file: BinaryIO) -> str:
    """The first encoding that the whole file is valid in, read through in pieces; the file is left at its start."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:
                    raise UnknownEncoding if chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} else TableProblem
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return encoding
    raise UnknownEncoding


def _sheet_lines(file: BinaryIO, name: str | None) -> Lines:
    _refuse_huge(file)
    try:
        with CalamineWorkbook.from_object(file) as book:
            for index, cells in enumerate(_chosen(book, name).iter_rows()):
                yield index + 1, [_shown(cell) for cell in cells]
    except PasswordError as error:
        raise PasswordProtected from error
    except CalamineError as error:
        raise TableProblem from error


def _chosen(book: CalamineWorkbook, name: str | None) -> CalamineSheet:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if name is None:
        sheets = [sheet for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible] or sheets
        if not sheets:
            raise TableProblem
        return book.get_sheet_by_name(sheets[0].name)
    if name not in [sheet.name for sheet in sheets]:
        raise NoSuchSheet(sheet=name, sheets="、".join(sheet.name for sheet in sheets))
    return book.get_sheet_by_name(name)


def _refuse_huge(file: BinaryIO) -> None:
    """Refuses an .xlsx whose cells span more than the reader can hold.

    The reader lays out the whole rectangle: one stray cell in the last row and column would take all memory.
    """
    if not zipfile.is_zipfile(file):
        return
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist() if entry.filename.endswith(".xml"))
            if size > _MOST_BYTES:
                raise FileTooLarge(size_mib=size >> 20, limit_mib=_MOST_BYTES >> 20)
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with archive.open(name) as part:
                        cells = _spanned(part)
                    if cells > MOST_CELLS:
                        raise TableTooLarge(cells=cells, limit=MOST_CELLS)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TableProblem from error
    finally:
        file.seek(0)


def _spanned(part: IO[bytes]) -> int:
    """Rows times columns up to the furthest cell in a sheet's XML, read in pieces that end before a tag."""
    rows = columns = unnamed = 0
    rest = b""
    while True:
        chunk = part.read(_CHUNK)
        rest += chunk
        end = rest.rfind(b"<") if chunk else len(rest)
        for row, letters, digits in _TAG.findall(rest, 0, max(end, 0)):
            if letters:
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            elif row:
                rows, unnamed = max(rows, int(row)), 0
            else:  # a row or a cell that does not say where it is: next to the one before
                unnamed += 1
                columns = max(columns, unnamed)
        if not chunk:
            return rows * columns
        rest = rest[max(end, 0) :][:_CHUNK]


@cache
def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _shown(cell: Any) -> str:
    """A cell as text: whole numbers without a point, days and times as ISO 8601.

    A number of 16 or more digits has lost its last ones in the spreadsheet; it is shown as `3.21323e+17`, which no
    check for an id will accept.
    """
    match cell:
        case bool():
            return str(cell).lower()
        case float() | int():
            return _number(cell)
        case datetime():
            return cell.isoformat(" ", "seconds").removesuffix(" 00:00:00")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell).strip()


def _number(cell: float) -> str:
    if not float(cell).is_integer():
        return repr(cell)
    return str(int(cell)) if abs(cell) < EXACT_BELOW else f"{cell:e}"


def _header(lines: Lines, columns: Mapping[str, str], required: Collection[str]) -> list[str | None]:
    """The canonical name of each column, None for those not asked for; takes the lines down to the header."""
    known = {_folded(title): name for title, name in columns.items()}
    best: list[str] = []
    best_names: list[str | None] = []
    for line, cells in islice(lines, HEADER_WITHIN):
        names = [known.get(_folded(cell)) for cell in cells]
        if not any(best) or sum(map(bool, names)) > sum(map(bool, best_names)):
            best, best_names = cells, names
        if any(names) and not set(required) - set(names):
            twice = [cell for cell, name in zip(cells, names, strict=True) if name and names.count(name) > 1]
            if twice:
                raise RepeatedColumn(line=line, columns=", ".join(twice))
            return names
    missing = [name for name in required if name not in best_names]
    wanted = ["/".join(title for title, name in columns.items() if name == gone) or gone for gone in missing]
    raise MissingColumns(missing=", ".join(wanted or columns), found=", ".join(filter(None, best)) or "—")


def _folded(title: str) -> str:
    """A header as it is compared: forms, case, spaces and the star of a required column do not matter."""
    return re.sub(r"[\s_*]+", "", unicodedata.normalize("NFKC", title)).casefold()
