"""What a new version of an item says differently."""

from collections.abc import Mapping
from dataclasses import dataclass

from wangge.catalogue.rules.items import COLUMNS, SAMPLE_COLUMNS


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of an item that says something else than before; both as the texts of a list's row."""

    column: str
    before: str
    after: str


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """The columns in which two rows of an item differ, in the order of the columns."""
    return [
        Difference(column, before.get(column, ""), after.get(column, ""))
        for column in COLUMNS
        if column not in SAMPLE_COLUMNS and before.get(column, "") != after.get(column, "")
    ]
