"""What can be wrong with areas, a point, or a file of areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.base.problems import Invalid, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell of an imported file: where, what stands there, what was expected (an English msgid).

    `line` counts as a person's editor does; in a GeoJSON file it is where the feature begins.
    """

    file: str
    line: int
    column: str
    value: str
    expected: str


class AreaImportRefused(Problem):
    """Nothing was imported; `faults` names each row that is wrong, in the order of the files."""

    code = "import-refused"
    status = 422
    sentence = _(
        "Nothing was imported: {count} cells are wrong. The first: {file}, line {line}, {column}: {expected}"
    )

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(
            count=len(self.faults),
            file=first.file,
            line=first.line,
            column=first.column,
            expected=first.expected,
        )


class NotOnEarth(Invalid):
    code = "not-on-earth"
    sentence = _(
        "The point is not on the earth: give degrees, the longitude from -180 to 180, the latitude from -90 to 90."
    )


class AreaEnded(Problem):
    code = "area-ended"
    status = 409
    sentence = _("This area ended on {ended}; it can no longer be changed.")


class AreaHasParts(Problem):
    code = "area-has-parts"
    status = 409
    sentence = _("End what lies below this area first: {first} and {others} more.")


class DayOutOfOrder(Invalid):
    """The day of a change lies before the last change, or ahead."""

    code = "day-out-of-order"
    sentence = _("A change takes effect on a day from {first} until today.")
