"""What a compound is called and where it lies."""

import hashlib
import re
from collections.abc import Sequence

from wangge.base.coordinates import Datum
from wangge.base.problems import Invalid, Problem
from wangge.base.tables.reading import Fault

_REST = re.compile(r"(?<=[^\d\s])[\s,，]*(?:[第(（#]\s*)?\d.*$", re.DOTALL)

_DATUMS: dict[str, Datum] = {
    "": "wgs84",
    "wgs84": "wgs84",
    "cgcs2000": "wgs84",
    "gps": "wgs84",
    "天地图": "wgs84",
    "gcj02": "gcj02",
    "火星": "gcj02",
    "高德": "gcj02",
    "腾讯": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "百度": "bd09",
}


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class CompoundImportRefused(Problem):
    """Nothing was imported; `faults` names each wrong cell, in the order of the file."""

    code = "import-refused"
    status = 422
    sentence = _(
        "Nothing was imported: {count} cells are wrong. The first: line {line}, {column}: {expected}"
    )

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(
            count=len(self.faults), line=first.line, column=first.column, expected=first.expected
        )


class RegisterImportRefused(CompoundImportRefused):
    """As for compounds; the faults tell no private words."""


class CompoundEnded(Problem):
    code = "compound-ended"
    status = 409
    sentence = _("This estate ended on {ended}; it can no longer be changed.")


class NoArea(Invalid):
    """Neither an area that stands today, nor a point inside one."""

    code = "no-area"
    sentence = _("Say in which area it lies: a code of today's areas below the city, or a point inside one.")


def given_code(area: str, name: str) -> str:
    """The code of a compound that came without one: always the same for a name in an area."""
    return f"{area}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def name_and_rest(text: str) -> tuple[str, str]:
    """What people say for a place, parted where the numbers begin: 荷塘家园24号楼2单元 → 荷塘家园, 24号楼2单元."""
    found = _REST.search(text)
    return (text[: found.start()].strip(), found[0].strip(" ,，")) if found else (text.strip(), "")


def address_in(name: str, aliases: Sequence[str], said: str) -> str:
    """An address in the compound `name` of what somebody said: its name, and behind it what follows, as a building."""
    for called in (name, *aliases):
        if said.startswith(called):
            return f"{name}{said.removeprefix(called)}"
    _name, rest = name_and_rest(said)
    return name if any(letter.isdigit() for letter in name) else f"{name}{rest}"


def written_datum(text: str) -> Datum | None:
    """In which datum a list says that its degrees are: WGS84, GCJ-02, BD-09, or the name of a map that uses it."""
    said = re.sub(r"[\s_-]+|坐标系?$", "", text).casefold()
    return _DATUMS.get(said)
