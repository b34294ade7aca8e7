"""A community's own list before it is taken in: its columns, what they seem to mean, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models.expressions import RawSQL

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import TableProblem, beginning
from wangge.households.models import ColumnMapping
from wangge.households.rules.headings import Heading, Kind, check_mapping, guess, header_among


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column of a list with what it seems to mean, and what stands in its first rows."""

    heading: Heading
    first: tuple[str, ...]


def columns_to_map(
    viewer: Viewer, path: Path, kind: Kind, home: str, sheet: str | None = None
) -> list[ListColumn]:
    """The columns of a list for a person to look at. TableProblem for a file that is none."""
    if not viewer.may(Verb.HOUSEHOLD_CHANGE, home):
        raise NotAllowed
    known = mapping_of(viewer, home, kind)
    lines = beginning(path, sheet=sheet)
    if not lines:
        raise TableProblem
    header = header_among(lines, kind, known)
    first = [cells for _line, cells in lines[header + 1 : header + 4]]
    return [
        ListColumn(heading, tuple(_cell(cells, heading.index) for cells in first))
        for heading in guess(lines[header][1], kind, known)
        if heading.title
    ]


def columns_of_list(
    viewer: Viewer, path: Path, kind: Kind, home: str, sheet: str | None = None
) -> dict[str, str]:
    """Heading → column as they seem to be meant; BadMapping where that is not enough to read a row."""
    found = columns_to_map(viewer, path, kind, home, sheet)
    return check_mapping({each.heading.title: each.heading.column for each in found}, kind)


def mapping_of(viewer: Viewer, home: str, kind: Kind) -> dict[str, str]:  # noqa: ARG001 - the row policy uses it
    """What was said of headings for this area, else for one above it."""
    above = ColumnMapping.objects.filter(kind=kind).annotate(depth=RawSQL("nlevel(path)", ()))
    said = above.extra(where=["%s::ltree <@ path"], params=[home]).order_by("depth")
    mapping: dict[str, str] = {}
    for each in said:
        mapping |= each.columns
    return mapping


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""
