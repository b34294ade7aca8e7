"""A form from its workbook (XLSForm): every wrong cell is named, then pyxform makes the XForm that phones run.

pyxform stops at the first fault that it meets and says so for people who know XLSForm; so the sheets are looked through
here first, in plain words. What it alone finds is put to its cell and into such words by `form_faults`.
"""

import re
import unicodedata
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.xls2xform import convert

from wangge.campaigns.rules.expressions import Broken, parsed, questions_in
from wangge.campaigns.rules.form_columns import heading_faults, lacking
from wangge.campaigns.rules.form_faults import BEGIN, REFERENCE, explained
from wangge.campaigns.rules.outline import outline_of
from wangge.campaigns.rules.problems import BadForm, Cell
from wangge.campaigns.rules.workbook import LEFT_OUT, SHEETS, Look, Sheet, read_workbook, usual

_MOST_FAULTS = 100
_NAME = re.compile(r"[^\W\d][\w.-]*")
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
#: Where other questions are named.
_NAMES_OTHERS = (
    *_EXPRESSIONS,
    "label",
    "hint",
    "default",
    "constraint_message",
    "required_message",
    "trigger",
)
_REFERENCE = re.compile(r"\$\{(last-saved#)?[^\W\d][\w.-]*\}")
#: How a reference is begun; and as it comes from a keyboard that was set to Chinese.
_BEGINS = re.compile(r"\$\{[^{}]*\}?")
_FULL_WIDTH = re.compile(r"\$\s*｛|＄\s*[{｛]|\$\s+\{|\$\{[^}]*｝")
#: What may stand behind the name of a list.
_BEHIND_LISTS = ("or_other", "or other", "or specify other")
#: Among these a kind that was written wrongly is looked for.
_USUAL_KINDS = (
    "text", "integer", "decimal", "range", "date", "time", "dateTime", "select_one", "select_multiple", "rank", "image", "audio",
    "geopoint", "barcode", "acknowledge", "note", "calculate", "hidden", "begin_group", "end_group", "begin_repeat", "end_repeat",
)  # fmt: skip


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


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
    except Exception as error:  # of whatever kind it is, whoever wrote the form reads what it says
        raise BadForm(explained(error, book)[:_MOST_FAULTS]) from error
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


def _for_pyxform(book: Mapping[str, Sheet], pictures: Mapping[str, str]) -> dict[str, Any]:
    """As pyxform takes a workbook that was read already; empty rows stay, so that it counts as people do."""
    given: dict[str, Any] = {}
    languages = _languages(book)
    for name in SHEETS:
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


def _faults(book: Mapping[str, Sheet], pictures: Mapping[str, str] | None) -> Iterator[Cell]:
    for name in LEFT_OUT:
        if name in book and book[name].rows:
            yield Cell(
                name,
                1,
                "A",
                "",
                "",
                _("This sheet cannot be used here: put its content on survey and choices."),
            )
    for name in ("survey", "choices"):
        if name in book:
            yield from heading_faults(Look(book, name), book)
    lists = yield from _choice_faults(book)
    yield from _survey_faults(book, lists)
    for name in ("choices", "survey"):
        if name in book:
            yield from _media_faults(Look(book, name), pictures)


def _media_faults(look: "Look", pictures: Mapping[str, str] | None) -> Iterator[Cell]:
    for line, row in enumerate(look.sheet.rows, start=2):
        for title, text in row.items():
            met = _MEDIA.fullmatch(title.strip())
            if not met:
                continue
            if met[1].lower() != "image":
                yield look.fault(
                    line, usual(title), _("Beside a label only a picture (media::image) can be shown.")
                )
            elif pictures is not None and picture_name(text) not in pictures:
                yield look.fault(
                    line,
                    usual(title),
                    _("No picture of this name came with the workbook. Choose it among the pictures, too."),
                )


def _choice_faults(book: Mapping[str, Sheet]) -> Generator[Cell, None, dict[str, set[str]]]:
    """Gives back the names of the lists."""
    lists: dict[str, set[str]] = {}
    if "choices" not in book:
        return lists
    look = Look(book, "choices")
    if lacking(look):
        return {look.sheet.value(row, "list_name"): set() for row in look.sheet.rows}
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
    look = Look(book, "survey")
    if lacking(look):
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
        met = BEGIN.match(kind.lower())
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


def _name_faults(look: Look, line: int, row: Mapping[str, str], kind: str, taken: set[str]) -> Iterator[Cell]:
    name = look.sheet.value(row, "name")
    if not name:
        if kind not in ("note", "audit") and not kind.startswith("begin"):
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


def _list_faults(look: Look, line: int, kind: str, said: str, lists: Mapping[str, Any]) -> Iterator[Cell]:
    words = kind.split()
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
    elif len(rest) > 1 and " ".join(rest[1:]) not in _BEHIND_LISTS:
        yield look.fault(
            line,
            "type",
            _("Behind the list “{list}” only or_other can stand. A list's name has no spaces."),
            list=listed,
        )


def _type_faults(look: Look, line: int, kind: str, lists: Mapping[str, Any]) -> Iterator[Cell]:
    words = kind.split()
    for said in sorted(aliases.select, key=len, reverse=True):
        if kind == said or kind.startswith(f"{said} "):
            yield from _list_faults(look, line, kind, said, lists)
            return
    usual_kind = aliases._type_alias_map.get(kind, kind)  # noqa: SLF001 - pyxform's own list of other names, of a pinned version
    if usual_kind in ("xml-external", "csv-external"):
        yield look.fault(
            line, "type", _("Choices from another file cannot be used here: write them on the sheet choices.")
        )
    elif usual_kind in _NOT_TAKEN:
        yield look.fault(
            line,
            "type",
            _(
                "A question of this kind cannot be asked here. For a place take geopoint, for a file image or audio."
            ),
        )
    elif usual_kind in _UNASKED:
        yield look.fault(
            line,
            "type",
            _("Position and sound are only taken where a question asks for them: geopoint or audio."),
        )
    elif usual_kind not in QUESTION_TYPE_DICT and words[0] not in ("rank", "range", "audit"):
        if meant := _meant(kind):
            yield look.fault(
                line, "type", _("There is no question of this kind. Perhaps {kind} is meant."), kind=meant
            )
            return
        yield look.fault(
            line,
            "type",
            _(
                "There is no question of this kind. Usual ones: text, integer, decimal, date, select_one, select_multiple, image, note, calculate."
            ),
        )


def _meant(kind: str) -> str:
    """The usual kind that was probably meant; empty where none is like it."""
    said = kind.lower()
    for part in (said.replace(" ", "_"), said.split()[0]):
        if near := get_close_matches(part, [one.lower() for one in _USUAL_KINDS], 1, 0.75):
            return next(one for one in _USUAL_KINDS if one.lower() == near[0])
    return ""


def _expression_faults(look: Look, line: int, row: Mapping[str, str], names: set[str]) -> Iterator[Cell]:
    for title, text in row.items():
        column = usual(title)
        plain = column.split("::")[0]
        if plain not in _NAMES_OTHERS:
            continue
        if _FULL_WIDTH.search(text) or not all(_REFERENCE.fullmatch(said) for said in _BEGINS.findall(text)):
            yield look.fault(line, column, REFERENCE)
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
