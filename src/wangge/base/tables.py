"""Tables from outside and to outside: CSV in the encodings that Chinese offices use, and spreadsheets.

Reads row by row with the line a person sees in the file, so that each fault can be found there. CSV is read in
constant memory; a spreadsheet is held by its reader, so its size is checked before it is opened.
"""

import codecs
import csv
import io
import math
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import xlsxwriter
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from wangge.base.problems import Problem
from wangge.base.text import FORMULA_SIGNS

HEADER_WITHIN = 10
"""The header is looked for in so many rows: a title above it is usual."""

MOST_CELLS = 20_000_000
"""A sheet's rectangle of cells; the reader takes some 30 bytes for each, empty or not."""

_CHUNK = 1 << 20
_MOST_ROWS = 1_048_576  # of an .xlsx sheet, the header's included
_LONGEST_CELL = 32_767  # characters of an .xlsx cell
_EXACT = 10**15  # spreadsheets keep 15 digits of a number
_MOST_BYTES = 1 << 30  # of a spreadsheet's parts, unpacked
_TAG = re.compile(
    rb"<(?:\w+:)?(?:row\b(?:[^>]*?\sr=[\"']([0-9]{1,7}))?|c\b(?:[^>]*?\sr=[\"']([A-Z]{1,3})([0-9]{1,7}))?)"
)
_SPREADSHEET = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Cell = str | int | float | bool | date | datetime | None
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


def write_xlsx(target: Path | BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Writes one sheet with a bold, fixed header, row by row in constant memory.

    Texts are always texts, never formulas or links. Integers of 16 and more digits are written as text, since
    spreadsheets would round them. ValueError for an aware datetime (give local ones), a number that is none, a text
    over 32,767 characters or more rows than a sheet holds.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for index, row in enumerate(rows, start=1):
            if index >= _MOST_ROWS:
                raise ValueError(f"a sheet holds {_MOST_ROWS} rows: write CSV")
            for column, cell in enumerate(row):
                _write_cell(sheet, index, column, cell, formats)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, formats: Mapping[type, Any]) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int() if abs(cell) >= _EXACT:
            sheet.write_string(row, column, str(cell))
        case float() if not math.isfinite(cell):
            raise ValueError("a spreadsheet has no cell for NaN and infinity")
        case int() | float():
            sheet.write_number(row, column, cell)
        case datetime() if cell.tzinfo is not None:
            raise ValueError("a spreadsheet knows no time zones: give local, naive times")
        case date():
            sheet.write_datetime(row, column, cell, formats[type(cell)])
        case _:
            if len(cell) > _LONGEST_CELL:
                raise ValueError(f"a cell holds {_LONGEST_CELL} characters")
            sheet.write_string(row, column, cell)


_PIECE = 1 << 16  # bytes that are sent together
_MOST_SHEET_BYTES = (
    2_000_000_000  # an .xlsx part over 2 GiB needs ZIP64, which some spreadsheet programs refuse
)


@dataclass(slots=True)
class Stopped:
    """Whether a stream ended before its rows did, for who tells of it."""

    early: bool = False


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV in pieces as the rows come, the header at once: UTF-8 with its mark, so that spreadsheet programs show Chinese.

    A text that would be a formula gets a quotation mark before it. Times are written to the second.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_plain(title) for title in header])
    yield codecs.BOM_UTF8 + out.getvalue().encode()
    out.seek(0)
    out.truncate()
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        if out.tell() >= _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _plain(cell: Cell) -> Cell:
    match cell:
        case str():
            kept = _NOT_IN_XML.sub("", cell)
            return f"'{kept}" if kept.startswith(FORMULA_SIGNS) else kept
        case datetime():
            return cell.isoformat(" ", "seconds")
        case int() if not isinstance(cell, bool) and abs(cell) >= _EXACT:
            return f"{cell}"
    return cell


def stream_xlsx(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    sheet: str = "",
    last_line: str = "",
    stopped: Stopped | None = None,
) -> Iterator[bytes]:
    """One sheet in pieces as the rows come, in constant memory: `write_xlsx` must have seen the last row before the first byte.

    Rules and cells as there, but for errors: a text too long is cut, a number that is none is left out. What no sheet holds
    (rows, or two gigabytes) ends it with `last_line`, and `stopped` says so.
    """
    out = _Pipe()
    with zipfile.ZipFile(cast("IO[bytes]", out), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for name, content in _XLSX_PARTS.items():
            book.writestr(name, content.replace("{sheet}", _escaped(sheet or "1")))
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(_SHEET_HEAD.encode())
            part.write(_xml_row([*header], style=' s="3"').encode())
            yield out.taken()
            size, lines, count = 0, [], 1
            for row in rows:
                if count >= _MOST_ROWS - 1 or size >= _MOST_SHEET_BYTES:
                    lines.append(_xml_row([last_line]))
                    if stopped:
                        stopped.early = True
                    break
                lines.append(_xml_row(row))
                count += 1
                if len(lines) >= 200:
                    piece = "".join(lines).encode()
                    lines.clear()
                    size += len(piece)
                    part.write(piece)
                    if out.held >= _PIECE:
                        yield out.taken()
            part.write("".join(lines).encode())
            part.write(b"</sheetData></worksheet>")
    yield out.taken()


class _Pipe:
    """What a ZIP archive is written to when nothing of it is kept: it cannot go back, so the archive does not ask to."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.held = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.held += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits: what was written can be taken."""

    def taken(self) -> bytes:
        everything = b"".join(self._pieces)
        self._pieces.clear()
        self.held = 0
        return everything


def _xml_row(row: Sequence[Cell], style: str = "") -> str:
    return f"<row>{''.join([_xml_cell(cell, style) for cell in row])}</row>"


def _xml_cell(cell: Cell, style: str) -> str:
    match cell:
        case str():
            kept = _NOT_IN_XML.sub("", cell[:_LONGEST_CELL])
            return _xml_text(kept, style) if kept else "<c/>"
        case bool() | int() | float():
            return _xml_number(cell)
        case datetime():
            since = cell.replace(tzinfo=None) - _SHEETS_BEGIN
            return f'<c s="2"><v>{since.days + since.seconds / 86_400:.15g}</v></c>'
        case date():
            return f'<c s="1"><v>{(cell - _SHEETS_BEGIN.date()).days}</v></c>'
    return "<c/>"


def _xml_text(text: str, style: str = "") -> str:
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'


def _xml_number(number: float) -> str:
    if isinstance(number, bool):
        return f'<c t="b"><v>{number:d}</v></c>'
    if isinstance(number, int) and abs(number) >= _EXACT:
        return _xml_text(str(number))
    return f"<c><v>{number!r}</v></c>" if math.isfinite(number) else "<c/>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


_SHEETS_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no time zones
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_HEAD = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15" defaultColWidth="18"/><sheetData>'
)
#: All of a workbook beside its sheet. Styles by number: 0 plain, 1 a day, 2 a moment, 3 bold.
_XLSX_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


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
    return str(int(cell)) if abs(cell) < _EXACT else f"{cell:e}"


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
