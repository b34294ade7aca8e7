"""A community on its way from today's grids: where one begins, what is found at each price, and what of it is best."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridplan._keeping_walk import Keeping, KeepingWalk, filled_in, pairs_inside
from gridplan._nearer import cooled_on_foot
from gridplan._partition import DEARER, PRICE, PRICE_AT_FIRST, Care, Clock, SomeTown, grids_of, some_town
from gridplan._starting import bisected, pieces_of
from gridplan.town import NONE, Bounds, Town, Weigh

Array = np.ndarray[Any, Any]

#: Where annealing begins: hot it finds more, mild it stays nearer.
HEATS = (100.0, 20.0)

SWEEPS = 1_200
#: In communities of fewer atoms more beginnings are tried: each grid by itself halved or dissolved, several seeds.
FEW, SEEDS = 60, 5
#: So many grids by themselves at the most.
BY_THEMSELVES = 4
#: The share of the spread that counts in the first proposal: it chooses between moves of equally many households.
HARDLY = 1e-4
#: The first turns get more than their share, since they may be the only ones.
HEAD_START = 1.5


@dataclass(eq=False)
class Part:
    """A community: its atoms, and today's grids in it as labels from 0; a grid that lies mostly elsewhere is no home here."""

    atoms: Array
    town: SomeTown
    homes: Array
    workers: Array
    apart: Array
    work: Array | None = None
    found: list[Array] = field(default_factory=list)
    fresh: list[Array] = field(default_factory=list)
    was_late: bool = False

    def __post_init__(self) -> None:
        # The mean squared distance that grids of today have with what is new in the nearest.
        filled = filled_in(self.homes, self.town)
        self.unit = KeepingWalk(self.town, filled, Keeping.of_none(self.town, self.apart), 0, Clock()).unit

    def look(
        self,
        share: float,
        toll: float,
        seed: int,
        clock: Clock,
        limit_s: float | None,
        starts: Sequence[Array] = (),
    ) -> None:
        """Looks for a division at this price, from these beginnings or from today's; the best one is kept."""
        keeping = Keeping(self.homes, self.workers, self.apart, share, toll, self.work)
        best: Array | None = None
        least: tuple[float, ...] = ()
        still = False  # nobody moves: fewer cannot
        few = len(self.town) <= FEW
        heats = [None, *(HEATS * (SEEDS if few else 1))]
        # With little time the first seed is tried at every beginning before another is.
        rounds = [
            (turn, heat, start)
            for turn, heat in enumerate(heats)
            for start in (list(starts) or list(self._starts(few=few)))
        ]
        ends_at = None if limit_s is None else time.monotonic() + limit_s
        for at, (turn, heat, start) in enumerate(rounds):
            done = share == HARDLY and not any(least[:2]) and still
            if best is not None and (done or clock.late()):
                break
            mine = Clock(_of_the_rest(ends_at, len(rounds) - at), clock.late)
            if best is not None and mine.late() and ends_at is not None and time.monotonic() > ends_at:
                self.was_late = True
                break
            walk = self._walk(start, keeping, seed + turn, mine)
            if heat is not None:
                walk.cool(np.arange(len(self.town)), SWEEPS, heat, PRICE * PRICE_AT_FIRST, PRICE * DEARER)
                self.was_late = self.was_late or mine.was_late
            if best is None or walk.verdict(self.unit) < least:
                best, least, still = walk.labels.copy(), walk.verdict(self.unit), not walk.strangers()
        if best is not None:
            self.found.append(best)

    def is_outside(self) -> bool:
        """Whether everything found breaks a rule."""
        keeping = Keeping(self.homes, self.workers, self.apart)
        walks = [KeepingWalk(self.town, each, keeping, 0, Clock()) for each in self.found]
        return all(any(walk.verdict(1.0)[:2]) for walk in walks)

    def take(self, labels: Array) -> None:
        """Takes in a division of other origin, its grids named after those of today that they share most households with."""
        mine = np.unique(labels, return_inverse=True)[1]
        homes = int(self.homes.max(initial=NONE)) + 1
        shared = np.zeros((homes, int(mine.max()) + 1))
        had = self.homes >= 0
        np.add.at(shared, (self.homes[had], mine[had]), self.town.households[had] + 1e-6)
        names = homes + np.arange(shared.shape[1])
        olds, news = linear_sum_assignment(shared, maximize=True)
        names[news] = olds
        self.found.append(names[mine])
        self.fresh.append(names[mine])

    def best(
        self, share: float, toll: float, costs: Array | None = None, seed: int = 0, clock: Clock | None = None
    ) -> Array:
        """Of all that were found, whatever the price was then, what is best at this one; labels without gaps. With `costs` on foot
        (`costs_on_foot`) it is made better by these.
        """
        keeping = Keeping(self.homes, self.workers, self.apart, share, toll, self.work)
        verdicts = [self._walk(each, keeping).verdict(self.unit) for each in self.found]
        best = self.found[min(range(len(verdicts)), key=verdicts.__getitem__)]
        names, labels = np.unique(best, return_inverse=True)
        if costs is None or len(names) < 2:
            return labels.reshape(-1)
        price = (toll / share * self.unit) * keeping.strange(self.town.households, names)
        better = cooled_on_foot(
            self.town,
            np.arange(len(self.town)),
            labels.reshape(-1),
            costs,
            seed,
            clock or Clock(),
            care=Care(self.apart, self.work),
            price=price.astype(np.float32),
        )
        compact: Array = np.unique(better, return_inverse=True)[1].reshape(-1)
        return compact

    def _walk(
        self, labels: Array, keeping: Keeping, seed: int = 0, clock: Clock | None = None
    ) -> KeepingWalk:
        walk = KeepingWalk(self.town, labels, keeping, seed, clock or Clock())
        walk.unit = self.unit
        return walk

    def _starts(self, *, few: bool) -> Iterator[Array]:
        """Where to begin: today's grids with what is new in the nearest, then with some halved, dissolved or opened."""
        filled = filled_in(self.homes, self.town)
        seen = {filled.tobytes()}
        yield filled
        for other in self._others(filled, few=few):
            if other.tobytes() not in seen:
                seen.add(other.tobytes())
                yield other

    def _others(self, filled: Array, *, few: bool) -> Iterator[Array]:
        town = self.town
        estates = self._estates()
        if estates is not None:
            yield estates
        for start in [filled] if estates is None else [filled, estates]:
            weight = np.bincount(start, town.households)
            over, under = (
                np.flatnonzero(weight > town.high),
                np.flatnonzero((weight < town.low) & (weight > 0)),
            )
            over = over[weight[over] >= 2 * town.low] if not few else over
            if len(over):
                yield self._halved(start, over)
            if len(under):
                yield self._dissolved(start, under)
            if not few:
                continue
            for grid in over[:BY_THEMSELVES] if len(over) > 1 else ():
                yield self._halved(start, [grid])
            for grid in under[:BY_THEMSELVES] if len(under) > 1 else ():
                yield self._dissolved(start, [grid])
            if len(over) or len(under):
                yield from self._one_more_or_less(start, weight)

    def _one_more_or_less(self, start: Array, weight: Array) -> Iterator[Array]:
        """Where one grid more or one less fits, that too: the largest is halved, the smallest dissolved."""
        total, grids = weight.sum(), (weight > 0).sum()
        order = np.argsort(weight, kind="stable")
        if (grids + 1) * self.town.low <= total:
            yield from (self._halved(start, [grid]) for grid in order[::-1][:BY_THEMSELVES])
        if grids > 1 and (grids - 1) * self.town.high >= total:
            yield from (self._dissolved(start, [grid]) for grid in order[weight[order] > 0][:BY_THEMSELVES])

    def _estates(self) -> Array | None:
        """New atoms that hang together and are enough for a grid are grids of their own."""
        town, homes = self.town, self.homes.copy()
        new = np.flatnonzero(homes < 0)
        count, of = pieces_of(pairs_inside(town.pairs, new, len(town)), len(new))
        used = int(homes.max(initial=NONE)) + 1
        for piece in range(count):
            atoms = new[of == piece]
            if town.households[atoms].sum() >= town.low:
                k = grids_of(town.households[atoms], town.low, town.high)
                homes[atoms] = used + bisected(town.households[atoms], town.xy[atoms], k)
                used += k
        return filled_in(homes, town) if used > self.homes.max(initial=NONE) + 1 else None

    def _halved(self, labels: Array, grids: Any) -> Array:
        labels, town = labels.copy(), self.town
        for grid in grids:
            atoms = np.flatnonzero(labels == grid)
            parts = max(2, int(np.ceil(town.households[atoms].sum() / town.high)))
            if len(atoms) >= parts:
                part = bisected(town.households[atoms], town.xy[atoms], parts)
                labels[atoms] = np.where(part == 0, grid, labels.max() + part)
        return filled_in(labels, town)

    def _dissolved(self, labels: Array, grids: Any) -> Array:
        """Its atoms go to the nearest others."""
        return filled_in(np.where(np.isin(labels, grids), NONE, labels), self.town)


def parts_today(
    town: Town, bounds: Bounds, workers: Sequence[int] | None, weigh: Weigh = "households"
) -> Iterator[Part]:
    olds = len(town.grids)
    had = (town.grid >= 0) & (town.community >= 0)
    # Each grid of today is at home where most of its households are.
    where = np.zeros((olds, len(town.communities)))
    np.add.at(where, (town.grid[had], town.community[had]), town.households[had] + 1e-6)
    home_of = where.argmax(axis=1) if len(town.communities) else np.zeros(olds, np.int64)
    for community in range(len(town.communities)):
        atoms = np.flatnonzero(town.community == community)
        if not len(atoms):
            continue
        here = town.grid[atoms]
        at_home = (here >= 0) & (home_of[here] == community if olds else False)
        olds_here = np.unique(here[at_home])
        homes = np.where(at_home, np.searchsorted(olds_here, np.where(at_home, here, 0)), NONE)
        # A label more than there are atoms is never needed.
        who = np.full(len(olds_here) + 2 * len(atoms) + 1, NONE)
        who[: len(olds_here)] = olds_here if workers is None else np.asarray(workers, np.int64)[olds_here]
        yield Part(
            atoms,
            some_town(
                town.households[atoms],
                town.xy[atoms],
                pairs_inside(town.edges, atoms, len(town)),
                bounds.low,
                bounds.high,
            ),
            homes.astype(np.int64),
            who,
            pairs_inside(town.apart, atoms, len(town)),
            town.minutes[atoms] if weigh == "minutes" and town.minutes[atoms].sum() > 0 else None,
        )


def _of_the_rest(ends_at: float | None, turns: int) -> float | None:
    """Of the time that is left the share of the next of so many turns; a short one leaves its rest to the others."""
    return None if ends_at is None else max(ends_at - time.monotonic(), 0.0) * min(HEAD_START / turns, 1.0)
