"""Which post each row of a staff list takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from wangge.staff.rules.rows import StaffRow

Key = tuple[str, str, str]
"""Area, kind and department: among posts of the same key it does not matter which one somebody takes."""


@dataclass(slots=True)
class OpenPost:
    """An open post with the days on which it is taken: whose, from, to."""

    id: int
    days: list[tuple[str, date, date | None]] = field(default_factory=list)

    def is_free(self, row: StaffRow) -> bool:
        return not any(_overlap(row, from_on, to_on) for _, from_on, to_on in self.days)

    def is_held_by(self, row: StaffRow) -> bool:
        """Whether this very person has it on one of these days."""
        return any(
            name == row.username and _overlap(row, from_on, to_on) for name, from_on, to_on in self.days
        )


def key_of(row: StaffRow) -> Key:
    return row.area, row.kind, row.department


def match_posts(
    rows: Iterable[StaffRow], posts: Mapping[Key, list[OpenPost]], shared: frozenset[str]
) -> tuple[list[tuple[StaffRow, int | None]], int]:
    """For each row the post it takes, None for one to be opened; and how many rows stand already as they say.

    A row takes the first post of its key that is free on its days; one of a shared kind, the first there is.
    """
    given: list[tuple[StaffRow, int | None]] = []
    unchanged = 0
    for row in rows:
        open_posts = posts.get(key_of(row), [])
        if any(post.is_held_by(row) for post in open_posts):
            unchanged += 1
            continue
        taken = next((post for post in open_posts if row.kind in shared or post.is_free(row)), None)
        if taken:
            taken.days.append((row.username, row.from_on, row.to_on))
        given.append((row, taken.id if taken else None))
    return given, unchanged


def _overlap(row: StaffRow, from_on: date, to_on: date | None) -> bool:
    return (to_on is None or row.from_on <= to_on) and (row.to_on is None or from_on <= row.to_on)
