"""Whose turn it is: work in the background goes round by who asked for it, so that nobody's second comes before another's first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

Account = int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work for one process: a search, or with `community` a community of a plan that is to be proven. `root` is the path of the city
    that it belongs to, `account` who asked for it, `since` when.
    """

    account: Account
    since: datetime
    root: str
    id: UUID
    community: str = ""


def next_turns(
    waiting: Sequence[Waiting], running: Mapping[Account, int], last: Mapping[Account, int], places: int
) -> list[Waiting]:
    """What is begun where so many of the places are free: of the account for which least runs, of these whose `last` turn (they are numbered
    on) is longest ago or never was; of one account what was asked for first, and that in the order in which it is given.
    One account never has all places, where there are several: a proof may last an hour, and who asks meanwhile finds one free.
    """
    free, most_own = places - sum(running.values()), max(places - 1, 1)
    on_its_way, turns = Counter(running), dict(last)
    left = sorted(waiting, key=lambda one: one.since)
    given: list[Waiting] = []
    while len(given) < free and (may := [one for one in left if on_its_way[one.account] < most_own]):
        one = min(may, key=lambda each: (on_its_way[each.account], turns.get(each.account, -1)))
        left.remove(one)
        given.append(one)
        on_its_way[one.account] += 1
        turns[one.account] = max(turns.values(), default=0) + 1
    return given
