"""Work that takes minutes, for everybody on one machine: searches and proofs wait in one queue, and take turns by who asked."""

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import wait
from typing import Protocol
from uuid import UUID

from django.db import transaction

from wangge.areas import queries as areas
from wangge.plans.actions import proving, searching
from wangge.plans.rules.turns import Account, Waiting, next_turns
from wangge.staff import queries as staff

#: So long the job waits for what is soon done; the rest it meets again a minute later.
SOON_SECONDS = 8.0
#: When each account had its last turn here. One that is begun anew has them begin from the first.
_LAST: dict[Account, int] = {}


class Process(Protocol):
    """What is asked of a process that somebody began."""

    def is_alive(self) -> bool: ...


#: Carries out a search of a city, by its number and which beginning it is, in a process of its own.
BeginSearch = Callable[[str, UUID, int], Process | None]
_SEARCHES: dict[UUID, Process] = {}


def take_turns(
    *, now: datetime, begin_search: BeginSearch, seconds: float = SOON_SECONDS, most: int | None = None
) -> int:
    """Keeps what proofs have reached, ends those that nobody wants any more, begins what waits as far as there is room for it, and
    waits so long for what is soon done, so that the next begins. Gives how many processes are on their way.
    """
    ends_at = time.monotonic() + seconds
    going_on = _one_look(now, begin_search, most)
    while going_on and (left := ends_at - time.monotonic()) > 0:
        if wait(going_on, left):
            going_on = _one_look(now, begin_search, most)
    if going_on and seconds:
        _one_look(now, begin_search, most)
    return len(proving.runs()) + len(_SEARCHES)


def most_processes() -> int:
    """They have the lowest claim on the processors, so that people who wait for a page come first."""
    return len(os.sched_getaffinity(0))


def _one_look(now: datetime, begin_search: BeginSearch, most: int | None) -> list[int]:
    """Gives what tells when a proof that goes on ends; no search is soon done."""
    for ended in [key for key, process in _SEARCHES.items() if not process.is_alive()]:
        del _SEARCHES[ended]
    waiting: list[Waiting] = []
    searched: Counter[Account] = Counter()
    kept: set[proving.Key] = set()
    for root in areas.roots():
        with transaction.atomic():
            system = staff.enter_as_system(root.path)
            proofs = proving.hear_proofs(system, root.path, now=now)
            found = searching.waiting_searches(system, root.path, now=now)
        kept |= proofs.kept
        waiting += [*proofs.waiting, *found.waiting]
        searched += found.running
    proving.end_all_but(kept)
    running = searched + Counter(run.account for run in proving.runs().values())
    for turn in next_turns(waiting, running, _LAST, most or most_processes()):
        if _begun(turn, begin_search, now):
            _LAST[turn.account] = max(_LAST.values(), default=0) + 1
    return [run.process.sentinel for run in proving.runs().values() if not run.over]


def _begun(turn: Waiting, begin_search: BeginSearch, now: datetime) -> bool:
    if turn.community:
        with transaction.atomic():
            staff.enter_as_system(turn.root)
            return proving.begin_community(turn.id, turn.community)
    with transaction.atomic():
        search = searching.take_search(staff.enter_as_system(turn.root), turn.id, now=now)
    if search is None:
        return False
    process = begin_search(turn.root, search.id, search.tries)
    if process is not None:
        _SEARCHES[search.id] = process
    return True
