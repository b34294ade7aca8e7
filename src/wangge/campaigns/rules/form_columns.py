"""Columns of a form's workbook that are written twice or wrongly: pyxform would pass over most of them in silence. Pure."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pyxform import aliases

from wangge.campaigns.rules.problems import Cell
from wangge.campaigns.rules.workbook import Look, Sheet, letters, meaning

_SURVEY = {meaning(title)[0] for title in aliases.survey_header} | {
    "type", "name", "label", "hint", "guidance_hint", "default", "choice_filter", "parameters", "trigger", "media", "bind", "control",
    "instance", "body", "note", "notes", "disabled", "list_name", "query",
}  # fmt: skip
#: Of these one was probably meant.
_USUAL = {
    "type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant", "constraint", "constraint_message",
    "calculation", "choice_filter", "parameters", "appearance", "default", "repeat_count", "trigger", "list_name", "image",
}  # fmt: skip
#: On this sheet other columns are the form's own, for choosing among choices.
_CHOICES = {"list_name", "name", "label", "media", "image", "audio", "video", "big-image"}
#: How like a known title another one is that was probably meant to be it.
_LIKE = 0.8


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def lacking(look: Look) -> list[str]:
    """Columns without which nothing can be said of the rows."""
    needed = ("type", "name") if look.name == "survey" else ("list_name", "name")
    has_rows = look.name == "survey" or any(look.sheet.rows)
    return [each for each in needed if has_rows and not look.sheet.column(each)[0]]


def heading_faults(look: Look, book: Mapping[str, Sheet]) -> Iterator[Cell]:
    """What is wrong with the first row of a sheet."""
    for each in lacking(look):
        yield look.fault(1, each, _("The first row needs a column named {column}."), column=each)
    known = _SURVEY if look.name == "survey" else _CHOICES
    seen: dict[tuple[str, str], str] = {}
    here = {meaning(title)[0] for title in look.sheet.header}
    for at, title in enumerate(look.sheet.header):
        if not title:
            continue
        said, language = meaning(title)
        cell = (look.name, 1, letters(at), title, title)
        if said in known:
            if (said, language) in seen:
                yield Cell(
                    *cell,
                    _("This column and column {other} are for the same. Keep one of them."),
                    (("other", seen[said, language]),),
                )
            seen.setdefault((said, language), letters(at))
        elif (near := get_close_matches(said, known & _USUAL, 1, _LIKE)) and not (
            look.name == "choices" and (near[0] in here or _is_used(title, book))
        ):
            yield Cell(
                *cell,
                _("There is no column of this name. Perhaps {column} is meant."),
                (("column", f"{near[0]}::{language}" if language else near[0]),),
            )


def _is_used(title: str, book: Mapping[str, Sheet]) -> bool:
    """Whether a condition or a calculation names this column of the choices."""
    named = re.compile(rf"(?<![\w-]){re.escape(title.strip())}(?![\w-])")
    return any(named.search(text) for row in book["survey"].rows for text in row.values())
