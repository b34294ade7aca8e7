"""The search among many doors: PyVRP's, from a round that keeps the rules already."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from gridplan._orders import NEVER, Round, better, inserted, nearest


class Clock:
    """When to stop, and whom to tell how far it is."""

    def __init__(
        self,
        limit_s: float | None,
        progress: Callable[[float], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._began, self._limit = time.perf_counter(), limit_s
        self._progress, self._stop = progress, stop
        self.stopped = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    @property
    def may_end_early(self) -> bool:
        return self._limit is not None or self._stop is not None

    def over(self) -> bool:
        if (self._limit is not None and self.seconds >= self._limit) or (self._stop and self._stop()):
            self.stopped = True
        return self.stopped

    def tell(self, part: float) -> None:
        if self._progress:
            self._progress(part)


def searched(given: Round, seed: int, clock: Clock) -> list[int]:
    """PyVRP's, from a round that keeps the rules already; that round itself where there is no time."""
    best = nearest(given)
    if clock.may_end_early or _is_bound(given, _beyond(given)):
        # A round that may be all there is, or where hours leave little to choose, is worth a better beginning.
        best = better(given, inserted(given), best)
    while not clock.over():
        inside = set(best)
        out = [stop for stop in range(len(given)) if stop not in inside]
        rank = min((int(given.ranks[stop]) for stop in out), default=-1)
        found = better(given, _by_pyvrp(given, best, rank, seed, clock), best)
        kept = {stop for stop in range(len(given)) if given.ranks[stop] == rank} <= set(found)
        best = found
        if not out or not kept or len(best) == len(given):
            break
    return best


class _Until:
    """Tells PyVRP when to end: after so many tries, after so many in vain, or when the clock says so."""

    def __init__(self, tries: int, in_vain: int, clock: Clock) -> None:
        self._most, self._in_vain, self._clock = tries, in_vain, clock
        self._tries, self._since, self._best = 0, 0, -1

    def __call__(self, best_cost: int) -> bool:
        self._tries += 1
        self._since = 0 if best_cost != self._best else self._since + 1
        self._best = best_cost
        if self._tries % 25 == 0:
            self._clock.tell(min(self._tries / self._most, 0.99))
        return self._tries > self._most or self._since > self._in_vain or self._clock.over()


def _by_pyvrp(given: Round, first: list[int], rank: int, seed: int, clock: Clock) -> list[int]:
    """`rank`: of the doors that are out the rank of those that end first; -1 when all are in. Doors that end sooner stay in.

    Slow to load, and not needed for small rounds: it is loaded here.
    """
    import pyvrp

    n = len(given)
    # A window is a client of its own; of several windows of a door one is taken.
    owners = [(stop, int(place)) for stop in range(n) for place in np.flatnonzero(given.last[stop] >= 0)]
    far = _beyond(given)
    horizon = min(given.shift, far) + 1
    bound = rank >= 0 or _is_bound(given, far)
    clients, groups = _clients(given, owners, rank, horizon, far)
    way: Any = np.minimum(given.way, far)
    walker: dict[str, Any] = {"start_depot": 0, "end_depot": 1}
    if bound:
        walker |= {"start_late": 0, "tw_late": horizon, "unit_distance_cost": 0, "unit_duration_cost": 1}
    # Where nothing waits and nothing closes, the shortest is what ends earliest, and is found faster.
    locations = [pyvrp.Location(0, 0) for _ in range(n + 2)]
    depots = [pyvrp.Depot(n), pyvrp.Depot(n + 1)]
    data = pyvrp.ProblemData(locations, clients, depots, [pyvrp.VehicleType(**walker)], [way], [way], groups)
    asked: dict[str, Any] = {"seed": seed % 2**32, "collect_stats": False}
    if bound:
        # It finds none by itself where little fits; where everything does it does better from chance.
        begins, _ = given.kept(first)
        number_of = {owner: number for number, owner in enumerate(owners)}
        visits = [
            number_of[stop, _window(given, stop, begin)] for stop, begin in zip(first, begins, strict=True)
        ]
        asked["initial_solution"] = pyvrp.Solution(data, [visits])
    tries = 100 + 6 * len(owners) if bound else min(40 + 16 * n, 20 + n * n // 3)
    result = pyvrp.solve(data, _Until(tries, tries // 2 if bound else tries, clock), **asked)
    if not result.best.is_feasible():
        return first
    return [owners[each.idx][0] for walk in result.best.routes() for each in walk if each.is_client()]


def _beyond(given: Round) -> int:
    """Later than any round can end that does not walk where no way is."""
    ways = given.way[given.way < NEVER].sum() + given.stay.sum()
    return int(ways + given.opens[given.opens < NEVER].max(initial=0))


def _is_bound(given: Round, far: int) -> bool:
    """Whether the shift is short, or a door closed at any time that counts."""
    return bool(given.shift < far or (given.last < far).any() or (given.opens[given.last >= 0] > 0).any())


def _window(given: Round, stop: int, begin: int) -> int:
    """In which of the door's windows the visit begins."""
    inside = (given.opens[stop] <= begin) & (begin <= given.last[stop])
    return int(np.flatnonzero(inside)[0])


def _clients(
    given: Round, owners: list[tuple[int, int]], rank: int, horizon: int, far: int
) -> tuple[list[Any], list[Any]]:
    """What PyVRP calls on, and of which it must choose one. One door of `rank` is worth all that end later, and any door more
    than the whole shift.
    """
    import pyvrp

    windows = np.bincount([stop for stop, _ in owners], minlength=len(given))
    last, later = int(given.ranks.max()), int((given.ranks > rank).sum())
    clients: list[Any] = []
    members: dict[int, list[int]] = {}
    for number, (stop, place) in enumerate(owners):
        own = int(given.ranks[stop])
        must, several = rank < 0 or own < rank, windows[stop] > 1
        if must:
            prize = 0
        elif own == rank:
            prize = 2 * horizon * (later + 1)
        else:
            prize = horizon + horizon * (last - own) // (last + 1)
        facts: dict[str, Any] = {"prize": prize, "required": must and not several}
        if several:
            members.setdefault(stop, []).append(number)
            facts["group"] = len(members) - 1
        if given.last[stop, place] < far:
            facts["tw_late"] = int(given.last[stop, place])
        clients.append(
            pyvrp.Client(
                location=stop,
                service_duration=int(given.stay[stop]),
                tw_early=int(given.opens[stop, place]),
                **facts,
            )
        )
    groups = [
        pyvrp.ClientGroup(numbers, required=bool(rank < 0 or given.ranks[stop] < rank))
        for stop, numbers in members.items()
    ]
    return clients, groups
