"""What was typed into plain forms, read field by field; and how a form that was not taken comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, Problem
from wangge.base.text import clean_line, clean_text
from wangge.doors.console.pages.shell import told

#: A file larger than this is brought in by the command, which needs no browser to wait.
MOST_BYTES = 64 * 1024 * 1024
#: So many wrong cells are listed; the count is of all.
MOST_FAULTS = 200


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


@dataclass(frozen=True, slots=True)
class WrongCell:
    """One cell of a file: where it is, what stands there, and what was expected (a msgid)."""

    file: str
    line: int
    column: str
    value: str
    expected: str


def id_in(text: str) -> UUID | None:
    """An id as text; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def id_of(typed: QueryDict, name: str) -> UUID:
    """The id that a form brought along, so that sent twice it does one thing; a new one where it brought none."""
    return id_in(typed.get(name, "")) or new_id()


def whole_in(text: str) -> int | None:
    """A whole number that a database keeps, as digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def today() -> date:
    """The day in China."""
    return clock.now().astimezone(SHANGHAI).date()


def line_of(typed: QueryDict, name: str, limit: int) -> str:
    """A clean line; empty where nothing was typed."""
    return clean_line(typed.get(name, ""), limit=limit, name=name)


def lines_of(typed: QueryDict, name: str, limit: int) -> str:
    return clean_text(typed.get(name, ""), limit=limit, name=name)


def day_of(typed: QueryDict, name: str, otherwise: date | None = None) -> date:
    """A day; `otherwise` where nothing was typed. Invalid names the field."""
    given = typed.get(name, "").strip()
    if not given and otherwise is not None:
        return otherwise
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(field=name, expected=_("a day, as 2026-11-24")) from None


def number_of(typed: QueryDict, name: str) -> int | None:
    """The id of something chosen from a list; None where nothing was chosen."""
    given = typed.get(name, "").strip()
    if not given:
        return None
    found = whole_in(given)
    if found is None:
        raise Invalid(field=name, expected=_("a choice from the list"))
    return found


def chosen_of(typed: QueryDict, name: str) -> int:
    """The id of something that must be chosen."""
    found = number_of(typed, name)
    if found is None:
        raise Invalid(field=name, expected=_("a choice from the list"))
    return found


@contextmanager
def uploaded(request: HttpRequest, name: str = "file") -> Iterator[Path]:
    """The file that came with a form, under its own name in a folder that is gone after; Invalid without one."""
    file = request.FILES.get(name)
    if file is None or not file.name:
        raise Invalid(field=name, expected=_("choose a file"))
    if (file.size or 0) > MOST_BYTES:
        raise Invalid(field=name, expected=_("a file of at most 64 MiB; take a larger one in by the command"))
    with TemporaryDirectory(prefix="wangge-") as folder:
        called = clean_line(Path(file.name).name, limit=120, name=name)
        if called in ("", ".", ".."):
            raise Invalid(field=name, expected=_("choose a file"))
        path = Path(folder) / called
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        yield path


def trouble(problem: Problem) -> dict[str, Any]:
    """What a form shows that was not taken: the sentence, the field at fault, and the wrong cells of a file."""
    faults = list(getattr(problem, "faults", None) or problem.facts.get("faults") or ())
    cells = [_cell(fault) for fault in faults[:MOST_FAULTS]]
    return {
        "problem": told(problem),
        "wrong": problem.facts.get("field", ""),
        "cells": cells,
        "more_cells": max(0, int(problem.facts.get("count", len(faults))) - len(cells)) if faults else 0,
    }


def _cell(fault: Any) -> WrongCell:
    """The lists of items tell their faults as facts, the others as values."""
    told_as = fault if isinstance(fault, dict) else {name: getattr(fault, name, "") for name in _CELL}
    return WrongCell(
        str(told_as.get("file", "")),
        int(told_as["line"]),
        str(told_as["column"]),
        str(told_as["value"]),
        str(told_as["expected"]),
    )


_CELL = ("file", "line", "column", "value", "expected")
