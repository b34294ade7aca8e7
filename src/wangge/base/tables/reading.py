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
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import compress, islice
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

_BREAK = re.compile("\r\n|\r|\n")

Source = Path | BinaryIO


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: the line it starts on (from 1, the header counts), its cells by canonical name."""

    line: int
    values: dict[str, str]


@dataclass(slots=True)
class Block:
    """Rows that follow each other, column by column: the line that each starts on, its cells by canonical name."""

    lines: list[int]
    columns: dict[str, list[str]]


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
            if _surplus(cells[len(names) :], line, faults):
                continue
            padded = cells + [""] * (len(names) - len(cells))
            yield Row(line, {name: cell for name, cell in zip(names, padded, strict=False) if name})


def blocks_of(
    source: Source,
    columns: Mapping[str, str],
    *,
    size: int,
    required: Collection[str] = (),
    sheet: str | None = None,
    faults: list[Fault] | None = None,
) -> Generator[Block, None, None]:
    """As `rows_of`, but so many rows at once and column by column: of millions of rows a third of the time."""
    with _opened(source) as file, closing(_lines(file, sheet)) as lines:
        names = _header(lines, columns, required)
        while True:
            numbers, rows = lines.many(size)
            if not rows:
                return
            block = _block(numbers, rows, names, faults)
            if block.lines:
                yield block


def _block(
    numbers: list[int], rows: list[list[str]], names: Sequence[str | None], faults: list[Fault] | None
) -> Block:
    width = len(names)
    if set(map(len, rows)) != {width}:
        numbers, rows = _of_one_width(numbers, rows, width, faults)
    cells = [list(map(str.strip, column)) for column in zip(*rows, strict=True)]
    if not any(map(all, cells)) and not all(filled := list(map(any, zip(*cells, strict=True)))):
        numbers = list(compress(numbers, filled))
        cells = [list(compress(column, filled)) for column in cells]
    return Block(numbers, {name: column for name, column in zip(names, cells, strict=False) if name})


def _of_one_width(
    numbers: list[int], rows: list[list[str]], width: int, faults: list[Fault] | None
) -> tuple[list[int], list[list[str]]]:
    """Short rows filled up, those with cells beyond the header told and left out."""
    kept_numbers, kept = [], []
    for line, cells in zip(numbers, rows, strict=True):
        surplus = _surplus([cell.strip() for cell in cells[width:]], line, faults)
        if not surplus:
            kept_numbers.append(line)
            kept.append(cells[:width] + [""] * (width - len(cells)))
    return kept_numbers, kept


def _surplus(cells: list[str], line: int, faults: list[Fault] | None) -> bool:
    """Whether a row has more cells than the header, which is told."""
    if not any(cells):
        return False
    if faults is None:
        raise SurplusCells(line=line)
    faults.append(Fault(line, "", ", ".join(filter(None, cells)), _("no cells beyond the header")))
    return True


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


class _Lines(Iterator[tuple[int, list[str]]]):
    """The rows of a table, each with the line that it starts on; `many` takes several at once, their cells not stripped."""

    def __next__(self) -> tuple[int, list[str]]:
        numbers, rows = self.many(1)
        if not rows:
            raise StopIteration
        return numbers[0], [cell.strip() for cell in rows[0]]

    def many(self, count: int) -> tuple[list[int], list[list[str]]]:
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of what the reader holds; the file is the caller's."""
        raise NotImplementedError


def _lines(file: BinaryIO, sheet: str | None) -> _Lines:
    beginning = file.read(4)
    file.seek(0)
    return _SheetLines(file, sheet) if beginning in _SPREADSHEET else _CsvLines(file)


class _CsvLines(_Lines):
    """A record may span lines inside quotation marks."""

    def __init__(self, file: BinaryIO) -> None:
        self.text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
        first = self.text.readline(_CHUNK)
        self.text.seek(0)
        self.reader = csv.reader(self.text, delimiter=max(",\t;", key=first.count), strict=True)

    def __next__(self) -> tuple[int, list[str]]:
        line = self.reader.line_num + 1
        try:
            cells = next(self.reader)
        except csv.Error as error:
            raise BrokenQuotes(line=line) from error
        return line, [cell.strip() for cell in cells]

    def many(self, count: int) -> tuple[list[int], list[list[str]]]:
        before = self.reader.line_num
        rows: list[list[str]] = []
        try:
            rows.extend(islice(self.reader, count))
        except csv.Error as error:
            raise BrokenQuotes(line=before + sum(map(_spanned_lines, rows)) + 1) from error
        if self.reader.line_num - before == len(rows):
            return list(range(before + 1, before + 1 + len(rows))), rows
        numbers, line = [], before + 1
        for cells in rows:
            numbers.append(line)
            line += _spanned_lines(cells)
        return numbers, rows

    def close(self) -> None:
        self.text.detach()


def _spanned_lines(cells: list[str]) -> int:
    return 1 + sum(len(_BREAK.findall(cell)) for cell in cells)


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


class _SheetLines(_Lines):
    def __init__(self, file: BinaryIO, name: str | None) -> None:
        _refuse_huge(file)
        self.line = 0
        self.rows = self._rows(file, name)

    def many(self, count: int) -> tuple[list[int], list[list[str]]]:
        rows = list(islice(self.rows, count))
        first, self.line = self.line + 1, self.line + len(rows)
        return list(range(first, first + len(rows))), rows

    def close(self) -> None:
        self.rows.close()

    def _rows(self, file: BinaryIO, name: str | None) -> Generator[list[str], None, None]:
        try:
            with CalamineWorkbook.from_object(file) as book:
                for cells in _chosen(book, name).iter_rows():
                    yield [cell if type(cell) is str else _shown(cell) for cell in cells]
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


def _header(lines: _Lines, columns: Mapping[str, str], required: Collection[str]) -> list[str | None]:
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
