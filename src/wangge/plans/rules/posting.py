"""Who works in which grid of a plan, proposed: so that as many households as possible keep somebody who knows them.

All is counted in minutes of a year, as in `gridplan.assign`, of which this is the use: a household that nobody of the plan knows
asks twenty, one that lies in the worker's grid of today but was not called on in the last year ten, one that was called on none. A
worker whose grid goes on and who gets another hands it over, a day's work. What visits take beyond what a post has in a
year is counted too, so that whoever works part time gets less. Where people live who work here, and which dialect or skill
they have, the register of staff does not know, and nothing here asks it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wangge.base.problems import Invalid

if TYPE_CHECKING:
    from gridplan.assign import Assignment

Table = NDArray[np.float64]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


#: Said where somebody is held in more grids than they have today.
_TOO_MANY = _("no more grids than they have posts in today")

FIRST_MINUTES = 20.0
OWN_MINUTES = 10.0
HANDOVER_MINUTES = 480.0
#: Four hours of visits on 230 days; part time half of it.
POST_MINUTES = 230 * 240.0
PART_TIME = 0.5
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody with a post of one kind in grids of today (codes)."""

    account: int
    kind: str
    grids: tuple[str, ...]
    full: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """A grid of the plan: its households by grid of today, those of them that an account called on in the last year by
    account and grid of today, and the minutes that its visits take in a year. `today`: the grid that goes on as it.
    """

    code: str
    today: str
    households: int
    minutes: float
    from_grids: Mapping[str, int]
    visited: Mapping[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Price:
    """What putting somebody there by hand costs the whole: minutes a year, households more that get somebody who does not know
    them, grids more without anybody.
    """

    minutes: int
    strangers: int
    without: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A grid and who works there with a post of this kind; `visited` and `own` are households: called on in the last year, and the
    others of today's grid. `held`: by hand, at that price.
    """

    kind: str
    grid: str
    account: int | None
    households: int
    visited: int
    own: int
    hours: int
    held: bool
    price: Price | None

    def as_json(self) -> dict[str, Any]:
        price = self.price
        return {
            "kind": self.kind,
            "grid": self.grid,
            "account": self.account,
            "households": self.households,
            "visited": self.visited,
            "own": self.own,
            "hours": self.hours,
            "held": self.held,
            "price": None
            if price is None
            else {"minutes": price.minutes, "strangers": price.strangers, "without": price.without},
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """`left`: (kind, account) of those who would have no grid."""

    seats: tuple[Seat, ...]
    left: tuple[tuple[str, int], ...]


class _Kind:
    """The table of one kind of post."""

    def __init__(self, kind: str, walkers: Sequence[Walker], grounds: Sequence[Ground]) -> None:
        self.kind = kind
        self.walkers = [each for each in walkers if each.kind == kind]
        self.grounds = grounds
        shape = (len(self.walkers), len(grounds))
        self.visited, self.own = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, walker in enumerate(self.walkers):
            for column, ground in enumerate(grounds):
                by_grid = ground.visited.get(walker.account, {})
                seen = min(sum(by_grid.values()), ground.households)
                theirs = sum(ground.from_grids.get(grid, 0) - by_grid.get(grid, 0) for grid in walker.grids)
                self.visited[row, column] = seen
                self.own[row, column] = min(max(theirs, 0), ground.households - seen)
        self.at = {walker.account: row for row, walker in enumerate(self.walkers)}
        self.of = {ground.code: column for column, ground in enumerate(grounds)}

    @property
    def strangers(self) -> NDArray[np.int64]:
        households = np.array([ground.households for ground in self.grounds], np.int64)
        found: NDArray[np.int64] = households[None, :] - self.visited - self.own
        return found

    @property
    def costs(self) -> Table:
        costs = self.strangers * FIRST_MINUTES + self.own * OWN_MINUTES
        going_on = {ground.today: column for column, ground in enumerate(self.grounds) if ground.today}
        minutes = np.array([ground.minutes for ground in self.grounds])
        for row, walker in enumerate(self.walkers):
            room = POST_MINUTES * (1.0 if walker.full else PART_TIME)
            costs[row] += np.maximum(minutes - room, 0)
            stays = [going_on[grid] for grid in walker.grids if grid in going_on]
            if len(stays) == len(walker.grids):
                away = np.ones(len(self.grounds), bool)
                away[stays] = False
                costs[row, away] += HANDOVER_MINUTES
        return np.asarray(costs, np.float64)

    def matched(self, held: Mapping[tuple[str, str], int]) -> "Assignment":
        from gridplan.assign import BadAssignment, match

        forced = [
            (self.at[account], self.of[grid])
            for (kind, grid), account in held.items()
            if kind == self.kind and account in self.at and grid in self.of
        ]
        try:
            return match(self.costs, most=[len(each.grids) for each in self.walkers], forced=forced)
        except BadAssignment:
            raise Invalid(field="account", expected=_TOO_MANY) from None

    def price(self, held: Mapping[tuple[str, str], int], grid: str, account: int) -> Price:
        """Against the best with all that is held beside it."""
        from gridplan.assign import BadAssignment

        others = beside(self.walkers, held, kind=self.kind, grid=grid, account=account)
        best = self.matched(others)
        try:
            found = best.price(self.at[account], self.of[grid])
        except BadAssignment:
            raise Invalid(field="account", expected=_TOO_MANY) from None
        strangers = 0
        for column, had, gets in found.moves:
            everybody = self.grounds[column].households
            before = int(self.strangers[had, column]) if had >= 0 else everybody
            after = int(self.strangers[gets, column]) if gets >= 0 else everybody
            strangers += after - before
        return Price(round(found.minutes), strangers, found.without)


def beside(
    walkers: Sequence[Walker],
    held: Mapping[tuple[str, str], int],
    *,
    kind: str,
    grid: str,
    account: int,
) -> dict[tuple[str, str], int]:
    """What stays held when this account is put into this grid: what was held there goes, and so does what else the account was held
    in, where it would have more grids than today.
    """
    found = {pair: who for pair, who in held.items() if pair != (kind, grid)}
    own = [pair for pair, who in found.items() if pair[0] == kind and who == account]
    most = max(
        (len(each.grids) for each in walkers if (each.kind, each.account) == (kind, account)), default=0
    )
    for pair in own[: len(own) + 1 - most] if len(own) + 1 > most else []:
        del found[pair]
    return found


def proposed(
    walkers: Sequence[Walker], grounds: Sequence[Ground], held: Mapping[tuple[str, str], int] | None = None
) -> Proposal:
    """The best there is: as many grids as possible have somebody of each kind, then the minutes are fewest. `held` says by kind and
    grid who works there whatever it costs. Invalid when somebody is held in more grids than they have today.
    """
    kept = held or {}
    seats: list[Seat] = []
    left: list[tuple[str, int]] = []
    for kind in sorted({walker.kind for walker in walkers}):
        table = _Kind(kind, walkers, grounds)
        found = table.matched(kept)
        for column, (ground, row) in enumerate(zip(grounds, found.of, strict=True)):
            by_hand = row >= 0 and kept.get((kind, ground.code)) == table.walkers[row].account
            seats.append(
                Seat(
                    kind=kind,
                    grid=ground.code,
                    account=table.walkers[row].account if row >= 0 else None,
                    households=ground.households,
                    visited=int(table.visited[row, column]) if row >= 0 else 0,
                    own=int(table.own[row, column]) if row >= 0 else 0,
                    hours=round(ground.minutes / 60),
                    held=by_hand,
                    price=table.price(kept, ground.code, table.walkers[row].account) if by_hand else None,
                )
            )
        taken = {row for row in found.of if row >= 0}
        left += [(kind, each.account) for row, each in enumerate(table.walkers) if row not in taken]
    return Proposal(tuple(seats), tuple(left))


def priced(
    walkers: Sequence[Walker],
    grounds: Sequence[Ground],
    held: Mapping[tuple[str, str], int],
    *,
    kind: str,
    grid: str,
    account: int,
) -> Price:
    """What it costs to put this account into this grid; Invalid when one of them is none of the plan."""
    table = _Kind(kind, walkers, grounds)
    if account not in table.at:
        raise Invalid(field="account", expected=_("somebody with such a post in the area"))
    if grid not in table.of:
        raise Invalid(field="grid", expected=_("a grid of the plan"))
    return table.price(held, grid, account)
