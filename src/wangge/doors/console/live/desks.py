"""A desk that listens, and the desks whose people have the same posts: those see the same cases and count them once."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from random import Random
from typing import Any

from wangge.access import Seat, Viewer
from wangge.access.viewer import lies_in
from wangge.cases.queries import CaseNow
from wangge.journal.queries import Act

#: What waits for a desk whose connection takes nothing: beyond this it is cut off, and comes back when it can.
MOST_UNREAD = 400
#: How often a stream in a thread says something, since only then it hears that nobody takes it any more.
STIR_SECONDS = 1.0

_CHANCE = Random()  # noqa: S311 - spreads who comes back when, guards nothing


def event(name: str, facts: dict[str, Any], floor: int) -> bytes:
    """One event of the stream; its id is where to go on from after a pause."""
    said = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return f"id: {floor}\nevent: {name}\ndata: {said}\n\n".encode()


@dataclass(frozen=True, slots=True)
class News:
    """What was done to a case, and how it stands now."""

    act: Act
    case: CaseNow

    def told(self) -> dict[str, Any]:
        """What goes to a desk: codes and a name, no words. Two people may share a name; `by_id` tells whose own it was."""
        return {
            "id": str(self.case.id),
            "number": self.case.number,
            "verb": self.act.verb,
            "state": self.case.state,
            "revision": self.case.revision,
            "by": self.act.by,
            "by_id": self.act.by_id,
        }

    @property
    def offices(self) -> set[str]:
        """Departments that have it, and those that had it before."""
        had = self.act.before.get("department_keys") or []
        return {*self.case.department_keys, *had}

    @property
    def hands(self) -> set[int]:
        had = self.act.before.get("handler_id")
        return {hand for hand in (self.case.handler_id, had) if isinstance(hand, int)}

    @property
    def related(self) -> set[int]:
        """Accounts that may see it by what they have to do with it, wherever their posts are."""
        mine = {self.case.reported_by_id} if self.case.reported_by_id else set()
        return mine if self.case.confidential else mine | set(self.case.followers)


class Desk:
    """One open stream. The hub tells it; who carries the stream takes it from here, in a thread or in a loop."""

    def __init__(self, viewer: Viewer, sign_in: bytes, since: int | None) -> None:
        self.viewer, self.sign_in, self.since = viewer, sign_in, since
        self.opened_at = time.monotonic()
        self.greeted = False
        self.ended = False
        self.counted: dict[str, int] | None = None
        #: Called from the hub's thread when there is something to take.
        self.wake: Callable[[], object] | None = None
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        # Desks that lose their server together do not all come back in the same moment.
        self.tell(f"retry: {_CHANCE.randrange(1500, 5000)}\n\n".encode())

    def tell(self, said: bytes) -> None:
        if self._waiting.qsize() >= MOST_UNREAD:
            self.end()
        elif not self.ended:
            self._put(said)

    def end(self) -> None:
        """The stream ends after what waits; the browser asks again, and is looked at afresh."""
        if not self.ended:
            self.ended = True
            self._put(None)

    def _put(self, said: bytes | None) -> None:
        self._waiting.put(said)
        if wake := self.wake:
            wake()

    def waiting(self) -> tuple[bytes, bool]:
        """All that waits, without waiting for more, and whether it was the last."""
        said = []
        try:
            while (one := self._waiting.get_nowait()) is not None:
                said.append(one)
        except Empty:
            return b"".join(said), False
        return b"".join(said), True

    def __iter__(self) -> Iterator[bytes]:
        """For a server that gives each stream a thread."""
        while True:
            try:
                said = self._waiting.get(timeout=STIR_SECONDS)
            except Empty:
                said = b":\n\n"
            if said is None:
                return
            yield said


@dataclass(eq=False)
class Group:
    """Desks whose people have these posts. Who has cases by relation is alone with their own desks."""

    seats: tuple[Seat, ...]
    desks: set[Desk] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    hands: dict[int, int] = field(default_factory=dict)
    counted_at: float = float("-inf")
    dirty: bool = True

    def __post_init__(self) -> None:
        plain = [seat for seat in self.seats if not seat.department]
        self.scope = tuple({seat.path for seat in plain})
        self.secret = tuple({seat.path for seat in plain if seat.confidential})
        self.codes = {path.rsplit(".", 1)[-1] for path in self.scope}
        self.offices = {seat.department_key for seat in self.seats if seat.department}

    @property
    def accounts(self) -> set[int]:
        return {desk.viewer.account_id for desk in self.desks if desk.viewer.account_id}

    def may_see(self, case: CaseNow) -> bool:
        """Whether these posts open the case, as far as can be said without the database."""
        if not self.offices.isdisjoint(case.department_keys):
            return True
        inside = _inside(case.path, self.secret if case.confidential else self.scope)
        return inside or (not case.confidential and not self.codes.isdisjoint(case.border_ids))

    def counts_change(self, news: News) -> bool:
        """Whether a number beside the queues of these posts may be another now."""
        return (
            _inside(news.case.path, self.scope)
            or _inside(news.act.path, self.scope)
            or not self.codes.isdisjoint(news.case.border_ids)
            or not self.offices.isdisjoint(news.offices)
        )


def _inside(path: str, areas: tuple[str, ...]) -> bool:
    return any(lies_in(path, area) for area in areas)


def key_of(viewer: Viewer) -> tuple[object, ...]:
    """Desks with the same key are one group."""
    by_relation = bool(viewer.department_keys) or not viewer.scope
    return (viewer.seats, viewer.account_id if by_relation else None)
