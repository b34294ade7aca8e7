"""Tables to outside: CSV and spreadsheets, row by row in constant memory; texts stay texts, never formulas or links."""

import codecs
import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import xlsxwriter

from wangge.base.tables import EXACT_BELOW
from wangge.base.text import FORMULA_SIGNS

_MOST_ROWS = 1_048_576  # of an .xlsx sheet, the header's included
_LONGEST_CELL = 32_767  # characters of an .xlsx cell
_PIECE = 1 << 16  # bytes that are sent together
#: An .xlsx part over 2 GiB needs ZIP64, which some spreadsheet programs refuse.
_MOST_SHEET_BYTES = 2_000_000_000

Cell = str | int | float | bool | date | datetime | None


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
        case int() if abs(cell) >= EXACT_BELOW:
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
        case int() if not isinstance(cell, bool) and abs(cell) >= EXACT_BELOW:
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
    if isinstance(number, int) and abs(number) >= EXACT_BELOW:
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
