"""A lane of their own for phones: when those of a whole city come online at once, the threads that answer desks stay free.

Who has begun to send is let finish before another begins, since a phone that is half done has nothing of it. Who finds the lane
full is told when to come again, by how many were told so before and how long a phone takes: the server is neither idle while
phones wait long, nor asked in vain all the time.
"""

import random
import time
from collections.abc import Callable, Mapping
from itertools import islice

#: What phones ask in bulk, with a token; a desk's own attachment comes with a cookie, and does not stand in this line.
BULK = (
    ("POST", "/api/v1/sync/push"),
    ("GET", "/api/v1/sync/pull"),
    ("GET", "/api/v1/sync/snapshot"),
    ("PUT", "/api/v1/blobs/"),
)
#: So many wait when nobody new is let in, and when also those who have begun are told to come again.
MOST_NEW, MOST = 12, 96
#: Who was heard of within this time has begun.
BEGUN_SECONDS = 90.0
SOONEST_SECONDS, LATEST_SECONDS = 2, 45
#: Who is told to come again is told this much of the time after which all before them would be through: how long a phone takes is
#: known badly at first, and a question in vain costs less than a server that waits for phones.
_SHARE = (0.2, 0.5)
#: How much of what was known of a phone's cost stays with each new phone, and what one is taken for at first.
_KEPT, _FIRST_COST = 0.95, 0.5
#: More phones than this are not kept count of.
_MOST_KNOWN = 50_000
#: So many are looked at for whether they are to be forgotten, each time that somebody comes: two would do.
_AT_ONCE = 8


def is_bulk(method: str, path: str, headers: Mapping[str, str]) -> bool:
    return any(method == one and path.startswith(start) for one, start in BULK) and bool(
        headers.get("authorization", "")
    )


class Lane:
    """Who may stand in the lane of one web worker. Asked by its loop alone."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads, self.clock = threads, clock
        self.waiting = 0
        self.begun: dict[int, float] = {}
        self.outside: dict[int, float] = {}
        self.phones, self.spent = 1.0, _FIRST_COST * threads

    def enter(self, whose: str) -> int:
        """0 for whoever is let in, who leaves by `left`; else the seconds after which to come again."""
        now, key = self.clock(), hash(whose)
        _forget(self.begun, now - BEGUN_SECONDS)
        _forget(self.outside, now)
        has_begun = self.begun.pop(key, None) is not None
        if self.waiting >= (MOST if has_begun else MOST_NEW):
            return self._turned_away(key, now)
        self.outside.pop(key, None)
        self.begun[key] = now
        self.waiting += 1
        if not has_begun:
            self.phones = self.phones * _KEPT + 1
            self.spent *= _KEPT
        return 0

    def left(self, seconds: float) -> None:
        """Whoever was let in is answered, after so many seconds of a thread."""
        self.waiting -= 1
        self.spent += seconds

    def _turned_away(self, key: int, now: float) -> int:
        self.outside.pop(key, None)
        cost = self.spent / self.phones / self.threads
        enough = min(cost * (len(self.outside) + 1), LATEST_SECONDS / max(_SHARE))
        # By chance, so that they do not come together.
        seconds = max(SOONEST_SECONDS, round(enough * random.uniform(*_SHARE)))  # noqa: S311 - it guards nothing
        if len(self.outside) < _MOST_KNOWN:
            self.outside[key] = now + seconds * 1.5
        return seconds


def _forget(known: dict[int, float], before: float) -> None:
    """What is oldest stands first; what stands behind something newer waits for it."""
    for key in list(islice(known, _AT_ONCE)):
        if known[key] >= before:
            break
        del known[key]
