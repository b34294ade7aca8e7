"""A case on one sheet of paper: what a meeting or a signature needs, shortened by rule when the story is long."""

from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.cases import queries
from wangge.doors.console import timeline
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import present, screen

#: Lines of the sheet that the story may take, counted in lines of so many characters.
_ROOM, _WIDTH = 26, 58
#: So much of the description and of the answer is printed.
_MOST_SAID = 420
#: What happened first and how it ended stay whatever is left out.
_KEPT = (
    "case.reported",
    "case.handled",
    "case.verified",
    "case.closed",
    "case.rated",
    "case.merged",
    "case.split",
)
#: What the system notes by itself is left out first.
_MINOR = ("case.warned", "case.attached", "case.overdue", "case.raised", "case.noted")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of the story as it stands on the sheet, cut to two lines."""

    line: timeline.Line
    said: str


@require_safe
@screen
def print_case(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    detail = queries.case_detail(viewer, case_id, most=500)
    case = detail.case
    codes = {*timeline.codes_in(detail.entries), *case.path.split("."), *case.holder_path.split(".")}
    names = lookups.names(codes, detail.entries, detail.names)
    notes = [note for note in detail.notes if note.audience == "reporter"]
    told = timeline.story(detail.entries, names, files=[], notes=notes)
    kept = shortened(told)
    facts = {
        "case": case,
        "item": lookups.items_by_version([case.item_version_id]).get(case.item_version_id),
        "place_line": " · ".join(names.areas.get(code, code) for code in case.path.split(".")[1:]),
        "holder": names.areas.get(case.holder_path.rsplit(".", 1)[-1], ""),
        "reporter": names.people.get(case.reported_by_id or 0, ""),
        "map": lookups.map_of_place(case.path, case.lon, case.lat),
        "description": cut(case.description, _MOST_SAID),
        "answer": cut(case.answer, _MOST_SAID),
        "story": kept,
        "left_out": len(told) - len(kept) + detail.earlier,
        "photos": [each for each in detail.attachments if each.blob.kind == "photo"][:3],
        "files": len(detail.attachments),
        "printed_at": clock.now(),
        "address": request.build_absolute_uri(request.path.removesuffix("/print")),
    }
    return present(request, "console/print.html", facts)


def cut(text: str, most: int) -> str:
    """At most so many characters, on one paragraph; three dots tell that there was more."""
    said = " ".join(text.split())
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def shortened(lines: list[timeline.Line]) -> list[Printed]:
    """As many lines as the sheet holds, in their order: the kept steps first, then the newest others, minor ones last."""
    printed = [Printed(line, cut(_said(line), 2 * _WIDTH - 40)) for line in lines]
    first = next((n for n, each in enumerate(printed) if each.line.verb == "case.reported"), None)

    def rank(n: int) -> tuple[int, int]:
        verb = printed[n].line.verb
        return (0 if n == first else 1 if verb in _KEPT else 3 if verb in _MINOR else 2, -n)

    room, chosen = _ROOM, set()
    for n in sorted(range(len(printed)), key=rank):
        height = _height(printed[n])
        if height <= room:
            chosen.add(n)
            room -= height
        else:
            break
    return [each for n, each in enumerate(printed) if n in chosen]


def _height(printed: Printed) -> int:
    return max(1, ceil((len(printed.said) + 40) / _WIDTH))


def _said(line: timeline.Line) -> str:
    note = line.note.text if line.note else ""
    return " ".join(part for part in (*line.facts, line.reason, note) if part)
