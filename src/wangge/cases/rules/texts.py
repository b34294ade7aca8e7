"""Ready texts: a text with fields in braces, checked when it is saved and filled when it is used. Pure."""

import re
from collections.abc import Mapping

from wangge.base.problems import Invalid, Problem

#: What a text may be used for: answering the reporter at a step, giving a reason, a note for staff, a word to the reporter.
USES = ("answer", "reason", "note", "reporter")
FIELDS = ("number", "title", "place", "item", "due", "waited", "department", "name", "today")
LONGEST_TEXT = 2_000
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class UnknownTextField(Invalid):
    """The text names a field that there is not, or holds a brace by itself; `known` lists the fields."""

    code = "unknown-text-field"
    sentence = _("“{unknown}” is not a field. There are: {known}. Write a brace itself twice.")


class TextNameTaken(Problem):
    """In one area, texts for the same use are told apart by their names."""

    code = "text-name-taken"
    status = 409
    sentence = _("There already is a text “{name}” for this use here. Choose another name.")


def check_text(text: str) -> None:
    """UnknownTextField for the first thing in braces that is no field, and for a brace that stands alone."""
    for found in _TOKEN.finditer(text):
        if found[0] not in ("{{", "}}") and (found[1] or "").strip() not in FIELDS:
            raise UnknownTextField(
                field="text", unknown=found[0], known=" ".join(f"{{{name}}}" for name in FIELDS)
            )


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled, doubled braces made single; what the values hold is not read again."""

    def put(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        return values.get((found[1] or "").strip(), found[0])

    return _TOKEN.sub(put, text)
