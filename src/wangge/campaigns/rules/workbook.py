"""The sheets of a form's workbook as they were written, each cell found by its row and the meaning of its column. Pure."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from wangge.campaigns.rules.problems import Cell, NoForm

MOST_BYTES = 5 << 20
_MOST_UNPACKED = 60 << 20
MOST_ROWS = 3000
_MOST_COLUMNS = 200
SHEETS = ("survey", "choices", "settings")
LEFT_OUT = ("external_choices", "entities", "osm")
_HEADERS = {
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind:relevant": "relevant",
    "bind::constraint": "constraint",
    "bind:constraint": "constraint",
    "calculate": "calculation",
    "bind::calculate": "calculation",
    "bind::required": "required",
    "bind:required": "required",
    "read_only": "readonly",
    "repeat count": "repeat_count",
    "jr:count": "repeat_count",
    "list name": "list_name",
    "list": "list_name",
    "choice filter": "choice_filter",
    "value": "name",
    "caption": "label",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was written: its titles by column, and its rows from line 2 on, each cell by its title."""

    header: list[str]
    rows: list[dict[str, str]]

    def column(self, name: str) -> tuple[str, str]:
        """The letter and the title of a column by its usual name; empty when the sheet has none."""
        for at, title in enumerate(self.header):
            if usual(title) == name:
                return letters(at), title
        for at, title in enumerate(self.header):
            if usual(title).startswith(f"{name}::"):
                return letters(at), title
        return "", name

    def value(self, row: Mapping[str, str], name: str) -> str:
        return next((text for title, text in row.items() if usual(title) == name), "")

    def in_any_language(self, row: Mapping[str, str], name: str) -> str:
        """What stands in the column, in the first language in which something does."""
        return next((text for title, text in row.items() if meaning(title)[0] == name), "")


def read_workbook(content: bytes) -> dict[str, Sheet]:
    """The sheets that make a form, as texts. NoForm for what is none, is too large, or would unpack too large."""
    if not 0 < len(content) <= MOST_BYTES:
        raise NoForm
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED:
                    raise NoForm
        except zipfile.BadZipFile as error:
            raise NoForm from error
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        named = {name.strip().lower(): name for name in book.sheet_names}
        found = {
            sheet: _sheet(book.get_sheet_by_name(named[sheet]).to_python(skip_empty_area=False))
            for sheet in (*SHEETS, *LEFT_OUT)
            if sheet in named
        }
    except (CalamineError, ValueError, OSError) as error:
        raise NoForm from error
    if "survey" not in found or not found["survey"].rows:
        raise NoForm
    return found


def _sheet(lines: list[list[Any]]) -> Sheet:
    if len(lines) > MOST_ROWS or (lines and len(lines[0]) > _MOST_COLUMNS):
        raise NoForm
    header = [_shown(cell) for cell in lines[0]] if lines else []
    rows = [
        {title: text for title, cell in zip(header, line, strict=False) if title and (text := _shown(cell))}
        for line in lines[1:]
    ]
    return Sheet(header, rows)


def _shown(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", str(cell)).strip()


def usual(title: str) -> str:
    said = title.strip().lower()
    return _HEADERS.get(said, said)


def meaning(title: str) -> tuple[str, str]:
    """What a column is for, and in which language."""
    known = usual(title)
    if known != title.strip().lower():
        return known, ""
    said, _colons, language = known.partition("::" if "::" in known else ":")
    said = re.sub(r"\s+", "_", said.strip())
    return _HEADERS.get(said, said), language.strip()


def letters(at: int) -> str:
    """The letter of a column, as spreadsheets name it."""
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


class Look:
    """The faults of one sheet."""

    def __init__(self, book: Mapping[str, Sheet], sheet: str) -> None:
        self.name, self.sheet = sheet, book[sheet]

    def fault(self, row: int, column: str, expected: str, /, **facts: str) -> Cell:
        letter, title = self.sheet.column(column)
        at = row - 2
        lines = self.sheet.rows
        value = self.sheet.value(lines[at], column) if 0 <= at < len(lines) else ""
        return Cell(self.name, row, letter, title, value[:200], expected, tuple(facts.items()))
