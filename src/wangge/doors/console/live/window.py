"""Up to where the journal is known. Entries come into sight when they are committed, which is not the order of their numbers."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

#: A number may be drawn a moment before its transaction is known to the server.
LEAST_SECONDS = 2.0
#: For a transaction that stays open longer the window does not wait.
MOST_SECONDS = 300.0


@dataclass(slots=True)
class _Mark:
    """Entries up to `newest` had been seen at `at`; whoever had drawn one of their numbers is below `next_one`, once known."""

    newest: int
    at: float
    next_one: int | None = None


class Window:
    """Everything up to `floor` has been seen and nothing can come there any more; above it, what is in `known`."""

    def __init__(self, floor: int) -> None:
        self.floor = self.newest = floor
        self.known: set[int] = set()
        self._marks: deque[_Mark] = deque()

    def note(self, ids: Iterable[int], *, oldest_open: int, next_one: int, now: float) -> None:
        """Takes in what was read after a look at the server's transactions (`oldest_open`, `next_one`)."""
        for mark in self._marks:
            if mark.next_one is None:
                mark.next_one = next_one
        self.known.update(ids)
        newest = max(self.known, default=self.floor)
        if newest > self.newest:
            self.newest = newest
            self._marks.append(_Mark(newest, now))
        floor = self.floor
        while self._marks and _settled(self._marks[0], oldest_open, now):
            floor = self._marks.popleft().newest
        if floor > self.floor:
            self.floor = floor
            self.known = {known for known in self.known if known > floor}


def _settled(mark: _Mark, oldest_open: int, now: float) -> bool:
    age = now - mark.at
    ended = mark.next_one is not None and oldest_open >= mark.next_one
    return (ended and age >= LEAST_SECONDS) or age >= MOST_SECONDS
