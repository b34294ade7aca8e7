"""A form from its workbook (XLSForm): every wrong cell is named, then pyxform makes the XForm that phones run.

pyxform stops at the first fault that it meets and says so for people who know XLSForm; so the sheets are looked through
here first, in plain words. What it alone finds is put to its cell as far as it tells the row.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook
from pyxform import aliases
from pyxform.errors import PyXFormError
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.xls2xform import convert

from wangge.campaigns.rules.expressions import Broken, parsed, questions_in
from wangge.campaigns.rules.outline import outline_of
from wangge.campaigns.rules.problems import BadForm, Cell, NoForm

MOST_BYTES = 5 << 20
_MOST_UNPACKED = 60 << 20
MOST_ROWS = 3000
_MOST_COLUMNS = 200
_MOST_FAULTS = 100
_SHEETS = ("survey", "choices", "settings")
_LEFT_OUT = ("external_choices", "entities", "osm")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_BEGIN = re.compile(r"(begin|end)[ _]+(\w+)(?:\s.*)?$")
_EXPRESSIONS = (
    "relevant",
    "constraint",
    "calculation",
    "choice_filter",
    "required",
    "repeat_count",
    "readonly",
)
_SEVERAL = ("select_multiple", "select", "rank", "odk:rank")
#: Kinds that neither a phone nor the desk takes; and those that would take a position or a sound without being asked.
_NOT_TAKEN = ("video", "file", "geotrace", "geoshape")
_UNASKED = ("background-audio", "background-geopoint", "start-geopoint")
#: A column that names a picture (or what else can be played) beside a label, in one language or in all.
_MEDIA = re.compile(r"(?:media::?)?(image|audio|video|big-image)(?:::?(.+))?", re.IGNORECASE)
_LABEL = re.compile(r"label::?(.+)", re.IGNORECASE)
#: Words that spreadsheets write for a condition without an expression.
_WORDS = ("yes", "no", "true", "false")
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
}


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was written: its titles by column, and its rows from line 2 on, each cell by its title."""

    header: list[str]
    rows: list[dict[str, str]]

    def column(self, name: str) -> tuple[str, str]:
        """The letter and the title of a column by its usual name; empty when the sheet has none."""
        for at, title in enumerate(self.header):
            if _usual(title) == name:
                return _letters(at), title
        for at, title in enumerate(self.header):
            if _usual(title).startswith(f"{name}::"):
                return _letters(at), title
        return "", name

    def value(self, row: Mapping[str, str], name: str) -> str:
        return next((text for title, text in row.items() if _usual(title) == name), "")


@dataclass(frozen=True, slots=True)
class ReadForm:
    """What a workbook says: the XForm for the phones, the outline for this program, and what is worth knowing."""

    title: str
    said_version: str
    languages: list[str]
    xform: str
    outline: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def read_form(content: bytes, *, title: str, pictures: Mapping[str, str] | None = None) -> ReadForm:
    """The form of a workbook, `title` when it names none. NoForm, or BadForm with every wrong cell.

    `pictures` are those that came with it: the digest by the name of the file. The form then names digests, and each picture
    that a cell names must be among them. None: names are left as they are.
    """
    book = read_workbook(content)
    if faults := list(_faults(book, pictures)):
        raise BadForm(faults[:_MOST_FAULTS])
    notes: list[str] = []
    try:
        made = convert(_for_pyxform(book, pictures or {}), warnings=notes, form_name="data")
    except PyXFormError as error:
        raise BadForm([_cell_of(error, book)]) from error
    settings = book["settings"].rows[0] if "settings" in book and book["settings"].rows else {}
    named = book["settings"].value(settings, "form_title") if settings else ""
    said = book["settings"].value(settings, "version") if settings else ""
    outline = outline_of(made._pyxform or {})  # noqa: SLF001 - the only way to it, of a version that is pinned
    return ReadForm(
        title=(named or title)[:200],
        said_version=said[:60],
        languages=list(outline["languages"]),
        xform=made.xform,
        outline=outline,
        notes=[note.strip() for note in notes if "machine-readable codes" not in note],
    )


def picture_name(said: str) -> str:
    """The name of a picture's file as it is compared: without folders, whatever its case."""
    return unicodedata.normalize("NFC", re.split(r"[/\\\\]", said.strip())[-1]).lower()


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
            for sheet in (*_SHEETS, *_LEFT_OUT)
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


def _usual(title: str) -> str:
    said = title.strip().lower()
    return _HEADERS.get(said, said)


def _letters(at: int) -> str:
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def _for_pyxform(book: Mapping[str, Sheet], pictures: Mapping[str, str]) -> dict[str, Any]:
    """As pyxform takes a workbook that was read already; empty rows stay, so that it counts as people do."""
    given: dict[str, Any] = {}
    languages = _languages(book)
    for name in _SHEETS:
        if name in book:
            rows = book[name].rows
            header = dict.fromkeys(title for title in book[name].header if title)
            if name != "settings":
                rows = [_with_pictures(row, languages, pictures) for row in rows]
                header = {title: None for title in header if not _MEDIA.fullmatch(title.strip())}
                header |= dict.fromkeys(title for row in rows for title in row)
            given[name] = rows
            given[f"{name}_header"] = [header]
    return given


def _languages(book: Mapping[str, Sheet]) -> list[str]:
    """The languages in which labels are written."""
    titles = [title for name in ("survey", "choices") if name in book for title in book[name].header]
    return list(dict.fromkeys(met[1].strip() for title in titles if (met := _LABEL.fullmatch(title.strip()))))


def _with_pictures(
    row: dict[str, str], languages: Sequence[str], pictures: Mapping[str, str]
) -> dict[str, str]:
    """The row with its pictures by digest. One for all languages is written to each: else it were shown in none of them."""
    said: dict[str, str] = {}
    for_all = ""
    for title, text in row.items():
        met = _MEDIA.fullmatch(title.strip())
        if not met:
            said[title] = text
        elif met[2]:
            said[f"media::image::{met[2].strip()}"] = pictures.get(picture_name(text), text)
        else:
            for_all = pictures.get(picture_name(text), text)
    if for_all:
        for language in languages:
            said.setdefault(f"media::image::{language}", for_all)
        if not languages:
            said["media::image"] = for_all
    return said


class _Look:
    """The faults of one sheet."""

    def __init__(self, book: Mapping[str, Sheet], sheet: str) -> None:
        self.name, self.sheet = sheet, book[sheet]

    def fault(self, row: int, column: str, expected: str, **facts: str) -> Cell:
        letter, title = self.sheet.column(column)
        at = row - 2
        lines = self.sheet.rows
        value = self.sheet.value(lines[at], column) if 0 <= at < len(lines) else ""
        return Cell(self.name, row, letter, title, value[:200], expected, tuple(facts.items()))


def _faults(book: Mapping[str, Sheet], pictures: Mapping[str, str] | None) -> Iterator[Cell]:
    for name in _LEFT_OUT:
        if name in book and book[name].rows:
            yield Cell(
                name,
                1,
                "A",
                "",
                "",
                _("This sheet cannot be used here: put its content on survey and choices."),
            )
    lists = yield from _choice_faults(book)
    yield from _survey_faults(book, lists)
    for name in ("choices", "survey"):
        if name in book:
            yield from _media_faults(_Look(book, name), pictures)


def _media_faults(look: "_Look", pictures: Mapping[str, str] | None) -> Iterator[Cell]:
    for line, row in enumerate(look.sheet.rows, start=2):
        for title, text in row.items():
            met = _MEDIA.fullmatch(title.strip())
            if not met:
                continue
            if met[1].lower() != "image":
                yield look.fault(
                    line, _usual(title), _("Beside a label only a picture (media::image) can be shown.")
                )
            elif pictures is not None and picture_name(text) not in pictures:
                yield look.fault(
                    line,
                    _usual(title),
                    _("No picture of this name came with the workbook. Choose it among the pictures, too."),
                )


def _choice_faults(book: Mapping[str, Sheet]) -> Generator[Cell, None, dict[str, set[str]]]:
    """Gives back the names of the lists."""
    lists: dict[str, set[str]] = {}
    if "choices" not in book:
        return lists
    look = _Look(book, "choices")
    settings = book.get("settings")
    several = _lists_of_several(book["survey"])
    doubled = bool(
        settings
        and settings.rows
        and settings.value(settings.rows[0], "allow_choice_duplicates").lower() == "yes"
    )
    for line, row in enumerate(look.sheet.rows, start=2):
        of, name = look.sheet.value(row, "list_name"), look.sheet.value(row, "name")
        if not of:
            if name:
                yield look.fault(line, "list_name", _("Say to which list this choice belongs."))
            continue
        known = lists.setdefault(of, set())
        if not name:
            yield look.fault(line, "name", _("Give this choice a name: it is what the answer holds."))
        elif name in known and not doubled:
            yield look.fault(
                line, "name", _("This name stands in the list already. Each choice needs its own.")
            )
        elif " " in name and of in several:
            yield look.fault(
                line,
                "name",
                _("A choice's name has no spaces: several answers are kept with spaces between them."),
            )
        known.add(name)
    return lists


def _lists_of_several(survey: Sheet) -> set[str]:
    """The lists of which several choices can be answers at once."""
    kinds = [survey.value(row, "type").split() for row in survey.rows]
    return {
        words[-1] if words[-1] != "or_other" else words[-2]
        for words in kinds
        if len(words) > 1 and words[0] in _SEVERAL
    }


def _survey_faults(book: Mapping[str, Sheet], lists: Mapping[str, Any]) -> Iterator[Cell]:  # noqa: C901 - one pass from above
    look = _Look(book, "survey")
    if not look.sheet.column("type")[0]:
        yield look.fault(1, "type", _("The first row needs a column named type."))
        return
    names = {
        look.sheet.value(row, "name") for row in look.sheet.rows if not _is_end(look.sheet.value(row, "type"))
    }
    # "or_other" adds a question of its own.
    names |= {
        f"{look.sheet.value(row, 'name')}_other"
        for row in look.sheet.rows
        if "or_other" in look.sheet.value(row, "type")
    }
    open_groups: list[tuple[str, int, set[str]]] = [("", 0, set())]
    for line, row in enumerate(look.sheet.rows, start=2):
        kind = " ".join(look.sheet.value(row, "type").split())
        if not kind:
            if look.sheet.value(row, "name") or look.sheet.value(row, "label"):
                yield look.fault(
                    line, "type", _("Say what kind of question this is, for example text or integer.")
                )
            continue
        if kind.startswith("#"):
            continue
        met = _BEGIN.match(kind.lower())
        if met and met[1] == "end":
            if len(open_groups) == 1 or open_groups[-1][0] != aliases.control.get(met[2], met[2]):
                yield look.fault(
                    line, "type", _("Nothing of this kind is open here. Check the rows begin and end above.")
                )
            else:
                open_groups.pop()
            continue
        yield from _name_faults(look, line, row, kind, open_groups[-1][2])
        if met:
            open_groups.append((aliases.control.get(met[2], met[2]), line, set()))
        else:
            yield from _type_faults(look, line, kind, lists)
        yield from _expression_faults(look, line, row, names)
        if kind == "calculate" and not look.sheet.value(row, "calculation"):
            yield look.fault(line, "calculation", _("Say what is calculated."))
    for kind, line, _names in open_groups[1:]:
        yield look.fault(
            line, "type", _("This {kind} is never ended. Add a row “end {kind}” below."), kind=kind
        )


def _is_end(kind: str) -> bool:
    return kind.strip().lower().startswith("end ") or kind.strip().lower().startswith("end_")


def _name_faults(
    look: _Look, line: int, row: Mapping[str, str], kind: str, taken: set[str]
) -> Iterator[Cell]:
    name = look.sheet.value(row, "name")
    if not name:
        if kind != "note" and not kind.startswith("begin"):
            yield look.fault(
                line, "name", _("Give this question a name: letters, digits and _ without spaces.")
            )
        elif kind.startswith("begin"):
            yield look.fault(line, "name", _("Give this group a name: letters, digits and _ without spaces."))
        return
    if not _NAME.fullmatch(name):
        yield look.fault(
            line, "name", _("A name begins with a letter and holds letters, digits, _, - and points only.")
        )
    if name in taken:
        yield look.fault(line, "name", _("This name stands above already in the same group."))
    taken.add(name)


def _type_faults(look: _Look, line: int, kind: str, lists: Mapping[str, Any]) -> Iterator[Cell]:
    words = kind.split()
    for said in sorted(aliases.select, key=len, reverse=True):
        if kind == said or kind.startswith(f"{said} "):
            if "file" in said or (len(words) > 1 and "." in words[1] and words[0].endswith("_file")):
                yield look.fault(
                    line,
                    "type",
                    _("Choices from another file cannot be used here: write them on the sheet choices."),
                )
                return
            rest = kind.removeprefix(said).split()
            listed = rest[0] if rest else ""
            if not listed:
                yield look.fault(
                    line,
                    "type",
                    _("Name the list of choices behind the type, for example select_one {list}."),
                    list="yes_no",
                )
            elif listed not in lists and not listed.startswith("${"):
                yield look.fault(line, "type", _("The sheet choices has no list “{list}”."), list=listed)
            return
    usual = aliases._type_alias_map.get(kind, kind)  # noqa: SLF001 - pyxform's own list of other names, of a pinned version
    if usual in ("xml-external", "csv-external"):
        yield look.fault(
            line, "type", _("Choices from another file cannot be used here: write them on the sheet choices.")
        )
    elif usual in _NOT_TAKEN:
        yield look.fault(
            line,
            "type",
            _(
                "A question of this kind cannot be asked here. For a place take geopoint, for a file image or audio."
            ),
        )
    elif usual in _UNASKED:
        yield look.fault(
            line,
            "type",
            _("Position and sound are only taken where a question asks for them: geopoint or audio."),
        )
    elif usual not in QUESTION_TYPE_DICT and words[0] not in ("rank", "range", "audit"):
        yield look.fault(
            line,
            "type",
            _(
                "There is no question of this kind. Usual ones: text, integer, decimal, date, select_one, select_multiple, image, note, calculate."
            ),
        )


def _expression_faults(look: _Look, line: int, row: Mapping[str, str], names: set[str]) -> Iterator[Cell]:
    for title, text in row.items():
        column = _usual(title)
        plain = column.split("::")[0]
        if plain not in (*_EXPRESSIONS, "label", "hint", "default", "constraint_message", "required_message"):
            continue
        for name in questions_in(text):
            if name not in names and "/" not in name:
                yield look.fault(line, column, _("There is no question named {name}."), name=name)
        if plain not in _EXPRESSIONS or text.lower() in _WORDS:
            continue
        if "pulldata(" in text.replace(" ", "") or "search(" in text.replace(" ", ""):
            yield look.fault(line, column, _("A look-up in another file cannot be used here."))
            continue
        try:
            parsed(text)
        except Broken as broken:
            yield look.fault(
                line,
                column,
                _("This expression is not complete: it cannot be read at “{part}”."),
                part=str(broken),
            )


def _cell_of(error: PyXFormError, book: Mapping[str, Sheet]) -> Cell:
    """Where pyxform stopped, in its own words."""
    said = str(error)
    row = error.context.get("row") or (re.search(r"\[row\s*:\s*(\d+)\]", said) or [0, 0])[1]
    sheet = (
        error.context.get("sheet")
        or (re.search(r"'(survey|choices|settings)' sheet", said) or ["", "survey"])[1]
    )
    column = error.context.get("column") or (re.search(r"the '([\w: ]+)' value", said) or ["", ""])[1]
    letter, title = book[sheet].column(_usual(str(column))) if sheet in book and column else ("", str(column))
    words = re.sub(r"^\[row\s*:\s*\d+\]\s*", "", said).split(" Learn more:")[0]
    return Cell(str(sheet), int(row or 0), letter, title, "", words)
