"""What else a division is measured by, where it is known: work, workers, ways on foot."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.dividing import town_of

if TYPE_CHECKING:
    from gridplan.town import Streets

Ints = NDArray[np.int64]

#: Weeks a worker walks in a year, as everywhere in the library.
WEEKS = 46
#: Where no way is known, one walks so much farther than straight.
_DETOUR = 1.3


def hours_by_grid(content: Content, labels: Ints) -> dict[int, float]:
    """Hours a week that each grid asks of its worker."""
    if not content.minutes.any():
        return {}
    held = labels >= 0
    sums = np.bincount(labels[held], content.minutes[held]) / 60 / WEEKS
    return {label: round(float(sums[label]), 1) for label in np.unique(labels[held]).tolist()}


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


def on_foot(content: Content, labels: Ints, streets: "Streets") -> dict[int, tuple[float, float]]:
    """Of each grid the mean way of its households from its middle door, and the farthest, along the streets."""
    from gridplan.links import walking_distances

    grids = np.unique(labels[labels >= 0]).tolist()
    members = [np.flatnonzero(labels == label) for label in grids]
    middles = np.array([_middle(content, atoms) for atoms in members], np.int64)
    far = walking_distances(town_of(content, streets=streets), None, middles)
    found = {}
    for label, atoms, middle, ways in zip(grids, members, middles, far, strict=True):
        straight = np.linalg.norm(content.xy[atoms] - content.xy[middle], axis=1) * _DETOUR
        walked = np.where(np.isfinite(ways[atoms]), ways[atoms], straight)
        weight = content.households[atoms]
        mean = np.average(walked, weights=weight if weight.any() else None)
        found[label] = (float(mean), float(walked.max()))
    return found


def _middle(content: Content, atoms: Ints) -> int:
    """The atom that is nearest to all households of the grid, straight."""
    xy, weight = content.xy[atoms], np.maximum(content.households[atoms], 1e-3)
    far = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    return int(atoms[(far @ weight).argmin()])


def walked_sums(content: Content, labels: Ints, ways: Mapping[int, tuple[float, float]]) -> dict[str, Any]:
    """Mean and farthest of all grids together."""
    if not ways:
        return {}
    sizes = np.bincount(labels[labels >= 0], content.households[labels >= 0])
    weight = np.array([sizes[label] for label in ways], float)
    mean = np.average([way for way, _ in ways.values()], weights=weight if weight.any() else None)
    return {
        "walk_mean_m": round(float(mean), 1),
        "walk_farthest_m": round(max(far for _, far in ways.values())),
    }
