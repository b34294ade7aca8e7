"""The households that a list names: by number, by the code of the door's plate, by address, or by id."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.tables.reading import beginning
from wangge.campaigns.rules.choosing import MOST_LISTED
from wangge.campaigns.rules.listing import plain, said_in
from wangge.visits.queries.doors import doors


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


_UNKNOWN = _("No household of this area has such a number, plate or address.")
_SEVERAL = _("Several doors are written so. Give the household's number.")
_NOBODY = _("Nobody lives there any more.")
_EMPTY = _("This line names no household.")
_BY_CODE = "select place, dwelling, household from campaigns_listed_by_code(%s::ltree, %s::text[])"
_BY_ADDRESS = "select place, dwelling, household from campaigns_listed_by_address(%s::ltree, %s::text[])"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that names no household: its number, what stands there, and why (a msgid)."""

    line: int
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom a list names, and what in it names nobody. `repeated`: so many lines name one that stood above."""

    households: list[str] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    repeated: int = 0


def lines_of_table(source: "Path | BinaryIO") -> list[tuple[int, str]]:
    """What names a household in each line of a CSV or spreadsheet. TableProblem, or Invalid for too many."""
    lines = beginning(source, count=MOST_LISTED + 12)
    found = said_in(lines)
    return _not_too_many(found)


def listed(viewer: Viewer, path: str, lines: list[tuple[int, str]]) -> Listed:
    """The households of the area `path` that these lines name. NotAllowed for who may run no campaign there."""
    if not viewer.may(Verb.CAMPAIGN_RUN, path):
        raise NotAllowed
    _not_too_many(lines)
    codes = [plain(said) for _line, said in lines]
    found = _asked(_BY_CODE, path, codes)
    rest = [code if at not in found else "" for at, code in enumerate(codes)]
    if any(rest):
        found |= _asked(_BY_ADDRESS, path, rest)
    households: dict[str, None] = {}
    bad, repeated = [], 0
    for at, (line, said) in enumerate(lines):
        rows = found.get(at, []) if codes[at] else []
        living = [household for _dwelling, household in rows if household]
        why = _EMPTY if not codes[at] else _UNKNOWN if not rows else "" if living else _NOBODY
        if len({dwelling for dwelling, _household in rows}) > 1:
            why = _SEVERAL
        if why:
            bad.append(BadLine(line, said[:200], why))
            continue
        repeated += all(str(each) in households for each in living)
        households |= dict.fromkeys(str(each) for each in living)
    return Listed(list(households), bad, repeated)


def _not_too_many(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    if len(lines) > MOST_LISTED:
        raise Invalid(field="households", expected=_("at most 20,000 households in a list"))
    return lines


def _asked(statement: str, path: str, codes: list[str]) -> dict[int, list[tuple[UUID, UUID | None]]]:
    found: dict[int, list[tuple[UUID, UUID | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [path, codes])
        for place, dwelling, household in cursor.fetchall():
            if codes[place - 1]:
                found.setdefault(place - 1, []).append((dwelling, household))
    return found


def numbers_of(viewer: Viewer, households: Collection[str]) -> dict[str, str]:
    """The numbers of those that the viewer may see, by id."""
    return {str(each): door.number for each, door in doors(viewer, [UUID(one) for one in households]).items()}
