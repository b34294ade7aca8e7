"""A lane of their own for phones: when those of a whole city come online at once, the threads that answer desks stay free.

Who comes with a secret that this installation gave out is told from strangers before anything is asked; these have few places of
their own, and take none of the others'. Who has begun to send is let finish before another begins, since a phone that is half done has nothing of it. Who finds the lane
full is told when to come again, by how many were told so before and how long a phone takes: the server is neither idle while
phones wait long, nor asked in vain all the time.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import parse_cookie

from wangge.base.tokens import account_sign, is_marked

#: What phones ask in bulk, whoever asks it: the secret of a sign-in opens the same doors as a token and as a cookie.
BULK = (
    ("POST", "/api/v1/sync/push"),
    ("GET", "/api/v1/sync/pull"),
    ("GET", "/api/v1/sync/snapshot"),
)
#: In bulk with a token; a desk's own attachment comes with a cookie, and does not stand in this line.
_UPLOAD = ("PUT", "/api/v1/blobs/")
#: So many wait when nobody new is let in, and when also those who have begun are told to come again.
MOST_NEW, MOST = 12, 96
#: So many of one sign-in wait: a phone asks one thing after another.
MOST_OF_ONE = 2
#: So many of one account wait, whatever the number of its sign-ins: whoever signs in again and again fills no lane.
MOST_OF_ACCOUNT = 4
#: So many strangers wait, beside those: who comes without a secret, with one that is made up, or with one from before secrets had a
#: mark. They are answered in as many thousandths of a second as a phone takes hundredths.
MOST_STRANGERS, MOST_STRANGERS_FROM_ONE = 4, 2
#: What a stranger is told whom there is no room for. They are not counted among those who wait outside: nobody comes later for them.
_STRANGERS_SECONDS = (5, 20)
#: Who was answered with success within this time has begun.
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
_REFUSALS = 400


def is_bulk(environ: Mapping[str, Any]) -> bool:
    """Of a request as Django is given it, which takes a method in any case."""
    method, path = environ["REQUEST_METHOD"].upper(), environ["PATH_INFO"]
    if any(method == one and path.startswith(start) for one, start in BULK):
        return True
    return method == _UPLOAD[0] and path.startswith(_UPLOAD[1]) and _token(environ) is not None


@dataclass(frozen=True)
class Asker:
    """Hashes, so that no secret is kept. `is_stranger`: nothing says that anybody here was ever given this secret. `account`: whose
    sign-in it is; None where that is not known, of strangers for one.
    """

    whose: int
    whence: int
    is_stranger: bool = False
    account: int | None = None


def asker(environ: Mapping[str, Any], *, behind_proxy: bool, key: str) -> Asker:
    """By the secret, read as the entrance reads it, however it is sent; without one by the address. `key` is the installation's own."""
    address = environ["REMOTE_ADDR"]
    if behind_proxy and (named := environ.get("HTTP_X_FORWARDED_FOR")):
        address = named.rsplit(",", 1)[-1].strip()
    secret = _token(environ)
    if secret is None:
        secret = parse_cookie(environ.get("HTTP_COOKIE", "")).get("wangge_session", "")
    whence = hash(("address", address))
    marked = is_marked(secret, key)
    sign = account_sign(secret) if marked else ""
    return Asker(
        hash(("secret", secret)) if secret else whence,
        whence,
        not marked,
        hash(("account", sign)) if sign else None,
    )


def _token(environ: Mapping[str, Any]) -> str | None:
    given: str = environ.get("HTTP_AUTHORIZATION", "")
    return given[7:].strip() if given.startswith("Bearer ") else None


class Lane:
    """Who may stand in the lane of one web worker. Asked by its loop alone."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads, self.clock = threads, clock
        self.waiting = 0
        #: How many wait of each sign-in, and of strangers who have not begun: never more than all who wait.
        self.of_one: Counter[int] = Counter()
        self.of_account: Counter[int] = Counter()
        self.strangers: Counter[Asker] = Counter()
        self.begun: dict[int, float] = {}
        self.outside: dict[int, float] = {}
        self.phones, self.spent = 1.0, _FIRST_COST * threads

    def enter(self, one: Asker) -> int:
        """0 for whoever is let in, who leaves by `left`; else the seconds after which to come again."""
        now = self.clock()
        _forget(self.begun, now - BEGUN_SECONDS)
        _forget(self.outside, now)
        if self.of_one[one.whose] >= MOST_OF_ONE or (
            one.account is not None and self.of_account[one.account] >= MOST_OF_ACCOUNT
        ):
            return SOONEST_SECONDS  # it is in the line already: nobody is counted twice
        if not self._has_room(one, now):
            return _by_chance() if one.is_stranger else self._turned_away(one.whose, now)
        self.outside.pop(one.whose, None)
        self.waiting += 1
        self.of_one[one.whose] += 1
        if one.account is not None:
            self.of_account[one.account] += 1
        if one.is_stranger and not self._has_begun(one, now):
            self.strangers[one] += 1
        return 0

    def left(self, one: Asker, seconds: float, status: int) -> None:
        """Whoever was let in is answered, after so many seconds of a thread. Only who was not refused has begun: until then nobody
        knows that the secret is anybody's.
        """
        self.waiting -= 1
        _one_less(self.of_one, one.whose)
        if one.account is not None:
            _one_less(self.of_account, one.account)
        _one_less(self.strangers, one)
        if status >= _REFUSALS:
            return
        if self.begun.pop(one.whose, None) is None:
            self.phones = self.phones * _KEPT + 1
            self.spent *= _KEPT
        self.spent += seconds
        if len(self.begun) < _MOST_KNOWN:
            self.begun[one.whose] = self.clock()

    def _has_room(self, one: Asker, now: float) -> bool:
        strangers = self.strangers.total()
        if self._has_begun(one, now):
            return self.waiting - strangers < MOST
        if not one.is_stranger:
            return self.waiting - strangers < MOST_NEW
        here = sum(count for each, count in self.strangers.items() if each.whence == one.whence)
        return strangers < MOST_STRANGERS and here < MOST_STRANGERS_FROM_ONE

    def _has_begun(self, one: Asker, now: float) -> bool:
        return self.begun.get(one.whose, -BEGUN_SECONDS) > now - BEGUN_SECONDS

    def _turned_away(self, key: int, now: float) -> int:
        self.outside.pop(key, None)
        cost = self.spent / self.phones / self.threads
        enough = min(cost * (len(self.outside) + 1), LATEST_SECONDS / max(_SHARE))
        # By chance, so that they do not come together.
        seconds = max(SOONEST_SECONDS, round(enough * random.uniform(*_SHARE)))  # noqa: S311 - it guards nothing
        if len(self.outside) < _MOST_KNOWN:
            self.outside[key] = now + seconds * 1.5
        return seconds


def _by_chance() -> int:
    return random.randint(*_STRANGERS_SECONDS)  # noqa: S311 - it guards nothing


def _one_less(counts: Counter[Any], key: object) -> None:
    if counts[key] > 1:
        counts[key] -= 1
    else:
        del counts[key]


def _forget(known: dict[int, float], before: float) -> None:
    """What is oldest stands first; what stands behind something newer waits for it."""
    for key in list(islice(known, _AT_ONCE)):
        if known[key] >= before:
            break
        del known[key]
