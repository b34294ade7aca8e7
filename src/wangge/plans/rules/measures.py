"""What else a division is measured by, where it is known: work, workers, ways on foot."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gridplan.rounds import GridRound, metres_a_year, straight_round
from gridplan.route import METRES_A_MINUTE
from wangge.plans.rules.content import METRES_PER_DEGREE, NONE, Content
from wangge.plans.rules.workload import MINUTES_A_CALL

if TYPE_CHECKING:
    from wangge.plans.rules.ways import Net

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Weeks a worker walks in a year, as everywhere in the library.
WEEKS = 46
#: Where no way is known, one walks so much farther than straight.
_DETOUR = 1.3
#: Doors whose households are as near but for this share lie alike: whoever counts in another order finds the same middle.
_AS_NEAR = 1e-9
#: From so many doors ways are looked for at once, so that a county's do not fill the memory.
_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class Walked:
    """Of one grid, from its middle door: the ways of its `counted` households together, or of its doors where nobody lives, and the
    farthest. Whole centimetres, so that they are the same in whatever order they are added.
    """

    total_cm: int
    counted: int
    farthest_cm: int
    lived_in: bool

    @property
    def mean_m(self) -> float:
        return self.total_cm / self.counted / 100

    @property
    def farthest_m(self) -> float:
        return self.farthest_cm / 100


def rounds_by_grid(content: Content, labels: Ints) -> dict[int, GridRound]:
    """Of each grid the round through its doors where somebody lives, and how far these are from its middle door: straight and three tenths
    more, so that the editor counts the same at once while somebody paints.
    """
    cm = _centimetres(content)
    found = {}
    for label in np.unique(labels[labels >= 0]).tolist():
        atoms = np.flatnonzero(labels == label)
        homes = content.households[atoms]
        doors, homes = (atoms[homes > 0], homes[homes > 0]) if homes.any() else (atoms, np.ones_like(atoms))
        round_cm, ways_cm = straight_round(cm[doors], homes)
        found[label] = GridRound(round_cm * _DETOUR / 100, ways_cm / int(homes.sum()) * _DETOUR / 100)
    return found


def _centimetres(content: Content) -> Ints:
    """Where the atoms lie on a plane, from the millionths of a degree that the editor knows, rounded as it rounds."""
    east, north = (np.round(each * 1e6).astype(np.int64) for each in (content.lon, content.lat))
    if not len(content):
        return np.empty((0, 2), np.int64)
    south = int(north.min())
    middle = (int((north - south).sum()) / len(content) + south) / 1e6
    up = METRES_PER_DEGREE * 100 / 1e6
    across = up * math.cos(middle * math.pi / 180)
    steps = np.stack([(east - east.min()) * across, (north - south) * up], axis=1)
    return np.floor(steps + 0.5).astype(np.int64)


def hours_by_grid(
    content: Content, labels: Ints, rounds: Mapping[int, GridRound] | None = None
) -> dict[int, float]:
    """Hours a week that each grid asks of its worker: calls, and the ways to them from the middle of the grid, from door to door and back."""
    if not content.minutes.any():
        return {}
    found = {}
    for label, one in (rounds_by_grid(content, labels) if rounds is None else rounds).items():
        atoms = labels == label
        minutes = int(content.minutes[atoms].sum())
        households = int(content.households[atoms].sum()) or int(atoms.sum())
        metres = metres_a_year(minutes / MINUTES_A_CALL, households, one)
        hours = (minutes + metres / METRES_A_MINUTE) / 60 / WEEKS
        found[label] = math.floor(hours * 10 + 0.5) / 10
    return found


def handed_over(content: Content, labels: Ints, kept: Mapping[int, int]) -> int:
    """Households that get another worker: theirs of today goes on in another grid than they, or in none."""
    goes_on = np.full(max(int(labels.max(initial=NONE)) + 1, 1), NONE, np.int64)
    for label, today in kept.items():
        goes_on[label] = today
    workers = np.append(content.grid_workers, NONE)
    of = labels[content.b_atom]
    was = workers[content.b_today]
    now = np.where(of >= 0, workers[goes_on[of]], NONE)
    return int(content.b_households[(was != NONE) & (now != was)].sum())


def on_foot(content: Content, labels: Ints, net: "Net") -> dict[int, Walked]:
    """Of each grid the ways of its households from its middle door, along the streets; of one without homes those to all its doors.
    The editor counts the same over the same net.
    """
    grids = np.unique(labels[labels >= 0]).tolist()
    members = [np.flatnonzero(labels == label) for label in grids]
    xy, homes = content.xy, content.households
    middles = [_middle(xy[atoms], homes[atoms]) for atoms in members]
    found = {}
    for begin in range(0, len(grids), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        doors = [int(atoms[middle]) for atoms, middle in zip(members[some], middles[some], strict=True)]
        far = net.from_each(doors)
        for label, atoms, door, ways in zip(grids[some], members[some], doors, far, strict=True):
            straight = np.linalg.norm(xy[atoms] - xy[door], axis=1) * _DETOUR
            walked = np.where(np.isfinite(ways[atoms]), ways[atoms], np.round(straight * 100)).astype(
                np.int64
            )
            own = homes[atoms]
            counted = own if own.any() else np.ones(len(atoms), np.int64)
            found[label] = Walked(
                int(walked @ counted), int(counted.sum()), int(walked.max()), bool(own.any())
            )
    return found


def _middle(xy: Floats, homes: Ints) -> int:
    """Which one is nearest to all households of the grid, straight; of several that are as near the first."""
    weight = np.maximum(homes, 1e-3)
    sums = np.concatenate(
        [
            np.hypot(*(xy[begin : begin + _AT_ONCE, None] - xy[None]).transpose(2, 0, 1)) @ weight
            for begin in range(0, len(xy), _AT_ONCE)
        ]
    )
    return int((sums <= sums.min() * (1 + _AS_NEAR)).argmax())


def walked_sums(ways: Mapping[int, Walked]) -> dict[str, Any]:
    """Mean and farthest of all grids together; the mean is of all doors where nobody lives anywhere."""
    if not ways:
        return {}
    counted = [way for way in ways.values() if way.lived_in] or list(ways.values())
    mean = sum(way.total_cm for way in counted) / sum(way.counted for way in counted) / 100
    return {
        "walk_mean_m": round(mean, 1),
        "walk_farthest_m": round(max(way.farthest_m for way in ways.values())),
    }
