"""How far one walks in a grid in a year: a round through all its doors, cut into rounds of a few calls from the middle and back.

Everything is counted in whole centimetres and step by step in a fixed order, without a compiler: whoever counts the same elsewhere, as the
editor of plans does in the browser (`web/console/plan-rounds.ts`), comes to the same round.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.route import METRES_A_MINUTE

#: So many doors one calls at before one goes back: what the field app puts on a day's sheet.
CALLS_A_ROUND = 20
#: A call, writing down included; the way to the next door is counted apart.
VISIT_MINUTES = 20.0
#: Of so many of its nearest doors each may become the next; more make rounds hardly shorter.
NEAR = 8
#: A grid of more doors is far from fit: its round goes up and down in strips, about a third longer than the best.
MOST_DOORS = 600

Ints = NDArray[np.int64]
_FAR = 1 << 60


@dataclass(frozen=True, slots=True)
class GridRound:
    """Of one grid the closed round through all doors where somebody lives, and how far a household is from the middle door on average."""

    length_m: float
    reach_m: float

    @property
    def hours(self) -> float:
        """On the way, once round."""
        return self.length_m / METRES_A_MINUTE / 60


def metres_a_year(calls: float, households: int, one: GridRound, calls_a_round: int = CALLS_A_ROUND) -> float:
    """Metres that so many calls a year at so many households take (doors, where nobody lives).

    The round through all is walked once for each call that every household gets, in parts of `calls_a_round`; each part leaves out
    the way to the next and has the way from the middle and back instead (iterated tour partitioning, Haimovich and Rinnooy Kan 1985).
    """
    if not calls > 0 or not households:
        return 0.0
    once = min(calls_a_round, households)
    return calls / households * one.length_m * (1 - 1 / once) + 2 * (calls / once) * one.reach_m


def straight_cm(cm: Ints) -> Ints:
    """`(n, n)` between places in whole centimetres."""
    off = cm[:, None] - cm[None]
    found: Ints = np.floor(np.sqrt((off**2).sum(axis=2)) + 0.5).astype(np.int64)
    return found


def straight_round(cm: Ints, homes: Ints) -> tuple[int, int]:
    """Centimetres of the closed round through these doors, and of the ways of all households together from the door that is nearest
    to them (of several the first). Of more than `MOST_DOORS` it is the door nearest to the middle of the households.
    """
    if len(cm) <= MOST_DOORS:
        far = straight_cm(cm)
        return round_cm(far, shortened(far)), int((far @ homes).min())
    order = in_strips(cm)
    steps = cm[order] - cm[np.roll(order, -1)]
    centre = (homes @ cm) / homes.sum()
    middle = cm[((cm - centre) ** 2).sum(axis=1).argmin()]
    return _long(steps), int(
        np.floor(np.sqrt(((cm - middle) ** 2).sum(axis=1)) + 0.5).astype(np.int64) @ homes
    )


def _long(steps: Ints) -> int:
    return int(np.floor(np.sqrt((steps**2).sum(axis=1)) + 0.5).sum())


def round_cm(far: Ints, order: Ints) -> int:
    return int(far[order, np.roll(order, -1)].sum())


def walked_round(far: Ints, cm: Ints) -> int:
    """Centimetres of the closed round where ways `(n, n)` are known; of many doors in the order of strips."""
    return round_cm(far, shortened(far) if len(cm) <= MOST_DOORS else in_strips(cm))


def in_strips(cm: Ints) -> Ints:
    """Up one strip and down the next, as wide as makes the round shortest where doors lie evenly."""
    x, y = (cm - cm.min(axis=0)).T
    wide, high = int(x.max()) + 1, int(y.max()) + 1
    strips = max(int(np.floor(np.sqrt(high * len(cm) / 3 / wide))), 1)
    strip = y * strips // high
    order: Ints = np.lexsort((np.arange(len(cm)), y, np.where(strip % 2, -x, x), strip)).astype(np.int64)
    return order


def shortened(far: Ints) -> Ints:
    """A closed round by way `(n, n)`, in whole numbers: from the first door always on to the nearest, then shortened by what shortens it
    most until nothing does: turning a part round, and where that does not help moving one door. Of what is as good the first is taken.

    It is up to some 3 % longer than the best, of a dozen doors hardly at all.
    """
    order = _nearest_next(far)
    if len(far) < 4:
        return order
    near = np.argsort(far + np.diag(np.full(len(far), _FAR)), axis=1, kind="stable")[
        :, : min(NEAR, len(far) - 1)
    ]
    while (better := _turned(far, near, order)) is not None or (
        better := _moved(far, near, order)
    ) is not None:
        order = better
    return order


def _nearest_next(far: Ints) -> Ints:
    order = np.zeros(len(far), np.int64)
    done = np.zeros(len(far), np.int64)
    for at in range(1, len(far)):
        done[order[at - 1]] = _FAR
        order[at] = (far[order[at - 1]] + done).argmin()
    return order


def _turned(far: Ints, near: Ints, order: Ints) -> Ints | None:
    """Two ways are replaced by two others, and the part between them goes the other way round: a door's next one, or the one before it,
    becomes one that is near. Nothing if no such change shortens the round.
    """
    place, before, after = _beside(order)
    beside = np.take_along_axis(far, near, axis=1)
    doors = np.arange(len(far))
    best, cut = 0, None
    for next_one, ahead in ((after, True), (before, False)):
        way = far[doors, next_one]
        longer = beside + far[next_one[:, None], next_one[near]] - way[:, None] - way[near]
        at = int(longer.argmin())
        if longer.flat[at] < best:
            best = int(longer.flat[at])
            door, other = at // near.shape[1], int(near.flat[at])
            first, last = sorted((int(place[door]), int(place[other])))
            cut = (first + 1, last + 1) if ahead else (first, last)
    if cut is None:
        return None
    better = order.copy()
    better[slice(*cut)] = order[slice(*cut)][::-1]
    return better


def _moved(far: Ints, near: Ints, order: Ints) -> Ints | None:
    """One door goes behind a door that is near, or before it."""
    place, before, after = _beside(order)
    doors = np.arange(len(far))
    saved = far[doors, before] + far[doors, after] - far[before, after]
    beside = np.take_along_axis(far, near, axis=1)
    best, move = 0, None
    for next_one, last_one, behind in ((after, before, True), (before, after, False)):
        longer = beside + far[doors[:, None], next_one[near]] - far[doors, next_one][near] - saved[:, None]
        # There it is already.
        longer[near == last_one[:, None]] = _FAR
        at = int(longer.argmin())
        if longer.flat[at] < best:
            best = int(longer.flat[at])
            other = int(near.flat[at])
            move = at // near.shape[1], other if behind else int(before[other])
    if move is None:
        return None
    door, behind_this = move
    rest = np.delete(order, place[door])
    to = place[behind_this] + (place[behind_this] < place[door])
    better: Ints = np.insert(rest, to, door)
    return better


def _beside(order: Ints) -> tuple[Ints, Ints, Ints]:
    """By door its place in the round, and the doors before and after it."""
    place, before, after = (np.empty(len(order), np.int64) for _ in range(3))
    place[order] = np.arange(len(order))
    before[order], after[order] = np.roll(order, 1), np.roll(order, -1)
    return place, before, after
