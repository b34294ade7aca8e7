"""Orders of doors, on whole numbers: how a round is kept to its rules, the best of few doors, a first one of many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNITS = 100
"""Of one metre; the time that it takes to walk it has as many."""
NEVER = np.iinfo(np.int64).max // 4

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Counted in units from the start of the shift. Rows of `way`: the stops, then where it starts, then where it ends.

    `opens`, `last` `(n, w)`: between which moments a visit may begin, by window; `NEVER`, -1 where there is no such window.
    """

    way: Whole
    stay: Whole
    opens: Whole
    last: Whole
    shift: int
    ranks: Whole
    """0 for the doors that end first, and so on."""

    def __len__(self) -> int:
        return len(self.stay)

    def beginning(self, stops: Any, arrivals: Any) -> Any:
        """When a visit begins where somebody arrives then; `NEVER` where it would be too late. Shapes go together as in numpy."""
        opens, last = self.opens[stops], self.last[stops]
        arrived = np.asarray(arrivals)[..., None]
        fits = arrived <= last
        return np.where(fits, np.maximum(arrived, opens), NEVER).min(axis=-1)

    def schedule(self, order: Sequence[int]) -> tuple[list[int], int] | None:
        """When each visit begins and when all is over; nothing if that breaks a rule."""
        begins, now, here = [], 0, len(self)
        for stop in order:
            begin = int(self.beginning(stop, now + self.way[here, stop]))
            if begin >= NEVER:
                return None
            begins.append(begin)
            now, here = begin + int(self.stay[stop]), stop
        ends = now + int(self.way[here, len(self) + 1])
        return (begins, ends) if ends <= self.shift else None

    def kept(self, order: Sequence[int]) -> tuple[list[int], int]:
        """The same of an order that is known to keep the rules."""
        done = self.schedule(order)
        if done is None:
            raise AssertionError("a round that breaks its own rules was found")
        return done


def part_of(given: Round, rows: Whole) -> Round:
    whole = np.append(rows, [len(given), len(given) + 1])
    return replace(
        given,
        way=given.way[np.ix_(whole, whole)],
        stay=given.stay[rows],
        opens=given.opens[rows],
        last=given.last[rows],
        ranks=given.ranks[rows],
    )


def exactly(given: Round) -> list[int]:
    """Of all sets of doors that fit the one whose doors end first, and of all orders of it the one that ends earliest."""
    n = len(given)
    if not n:
        return []
    leaves = np.full((1 << n, n), NEVER)
    before = np.full((1 << n, n), -1, np.int8)
    stops = np.arange(n)
    start = given.beginning(stops, given.way[n, :n])
    leaves[1 << stops, stops] = np.where(start < NEVER, start + given.stay, NEVER)
    sets = np.arange(1 << n)
    sizes = np.array([int(each).bit_count() for each in sets])
    for size in range(1, n):
        now = sets[sizes == size]
        # By set, the door walked last, and the next: who leaves earliest arrives earliest, whatever came before.
        arrives = np.minimum(leaves[now][:, :, None] + given.way[None, :n, :n], NEVER)
        last = arrives.argmin(axis=1)
        begins = given.beginning(stops[None, :], arrives.min(axis=1))
        possible = (begins < NEVER) & ((now[:, None] >> stops) & 1 == 0)
        at, following = np.nonzero(possible)
        more = now[at] | (1 << following)
        leaves[more, following] = begins[at, following] + given.stay[following]
        before[more, following] = last[at, following]
    over = leaves + np.minimum(given.way[:n, n + 1], NEVER)
    ends = over.min(axis=1)
    ends[0] = 0
    fits = (ends <= min(given.shift, NEVER - 1)) | (sets == 0)
    # One door that ends sooner outweighs all that end later.
    ranks = np.unique(given.ranks, return_inverse=True)[1]
    worth = (n + 1) ** (ranks.max() - ranks)
    worths = ((sets[:, None] >> stops) & 1) @ worth
    best = min(sets[fits], key=lambda each: (-worths[each], ends[each]))
    order: list[int] = []
    there = int(over[best].argmin()) if best else -1
    while best:
        order.append(there)
        best, there = best ^ (1 << there), int(before[best, there])
    return order[::-1]


def nearest(given: Round) -> list[int]:
    """Always on to the nearest door that can still be called on."""
    n = len(given)
    left, order, now, here = np.ones(n, bool), list[int](), 0, n
    while left.any():
        rows = np.flatnonzero(left)
        begins = given.beginning(rows, np.minimum(now + given.way[here, rows], NEVER))
        can = rows[
            (begins < NEVER) & (begins + given.stay[rows] + given.way[rows, n + 1] <= min(given.shift, NEVER))
        ]
        if not len(can):
            break
        there = int(can[given.way[here, can].argmin()])
        now = int(begins[rows == there][0] + given.stay[there])
        order.append(there)
        left[there], here = False, there
    return order


def inserted(given: Round) -> list[int]:
    """Doors put between others where the way round is shortest, those that end first first; what does not fit is left out."""
    n = len(given)
    order: list[int] = []
    for rank in np.unique(given.ranks):
        rest = np.flatnonzero(given.ranks == rank)
        while len(rest):
            leaves, latest = _slack(given, order)
            ahead = np.array([n, *order])
            after = np.array([*order, n + 1])
            begins = given.beginning(rest[:, None], np.minimum(leaves + given.way[ahead][:, rest].T, NEVER))
            goes = np.minimum(begins + given.stay[rest, None] + given.way[rest][:, after], NEVER)
            ends = goes[:, -1:]
            following = (
                np.hstack([given.beginning(np.array(order)[None, :], goes[:, :-1]), ends]) if order else ends
            )
            longer = given.way[ahead][:, rest].T + given.way[rest][:, after] - given.way[ahead, after]
            longer = np.where((begins < NEVER) & (following <= latest), longer, NEVER)
            who, where = np.unravel_index(int(longer.argmin()), longer.shape)
            if longer[who, where] >= NEVER:
                break
            order.insert(int(where), int(rest[who]))
            rest = np.delete(rest, who)
    return order


def _slack(given: Round, order: list[int]) -> tuple[Whole, Whole]:
    """When the start and each door is left, and by when each door must begin, the end be reached, for the rest to fit."""
    n, now = len(given), [0]
    here = n
    for stop in order:
        now.append(int(given.beginning(stop, now[-1] + given.way[here, stop])) + int(given.stay[stop]))
        here = stop
    latest, then, there = [given.shift], given.shift, n + 1
    for stop in reversed(order):
        at_most = then - int(given.way[stop, there]) - int(given.stay[stop])
        windows = np.minimum(given.last[stop], at_most)
        then = int(np.where(windows >= given.opens[stop], windows, -1).max())
        latest.append(then)
        there = stop
    return np.array(now), np.array(latest[::-1])


def better(given: Round, one: list[int], other: list[int]) -> list[int]:
    """The one in which more doors are that end first; then the one that ends earlier; then the first."""

    def worth(order: list[int]) -> tuple[list[int], int]:
        done = given.schedule(order)
        counts = np.bincount(given.ranks[order], minlength=int(given.ranks.max(initial=0)) + 1)
        return [-int(count) for count in counts], done[1] if done else NEVER

    if given.schedule(one) is None:
        return other
    return one if worth(one) <= worth(other) else other
