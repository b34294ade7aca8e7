"""What a division is like in figures, and which rules it breaks where. The editor in the browser counts the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.bonds import Bond, broken_in
from wangge.plans.rules.content import NONE, Content

Ints = NDArray[np.int64]

#: What a grid can break, in the order of its weight.
RULES = ("uncovered", "community", "pieces", "together", "apart", "above", "below")
#: These are never excused: a building in no grid has nobody who comes.
UNEXCUSED = ("uncovered", "community")


@dataclass(frozen=True, slots=True)
class Broken:
    """`label` is the grid's (`NONE` for what lies in none); `count` households, or of pieces, uncovered and groups that should be together
    or apart the number.
    """

    rule: str
    label: int
    count: int


@dataclass(frozen=True, slots=True)
class GridFigures:
    """Of one grid: metres are straight, to the middle of its households."""

    label: int
    community: int
    households: int
    atoms: int
    pieces: int
    rms_m: float
    farthest_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole division. `cut` counts compounds that lie in several grids."""

    grids: tuple[GridFigures, ...]
    broken: tuple[Broken, ...]
    households: int
    rms_m: float
    farthest_m: float
    cut: int

    def as_json(self) -> dict[str, Any]:
        sizes = [grid.households for grid in self.grids]
        return {
            "grids": len(sizes),
            "households": self.households,
            "least": min(sizes, default=0),
            "most": max(sizes, default=0),
            "outside": sum(each.rule in ("below", "above") for each in self.broken),
            "pieces": sum(each.count - 1 for each in self.broken if each.rule == "pieces"),
            "uncovered": sum(each.count for each in self.broken if each.rule == "uncovered"),
            "rms_m": round(self.rms_m, 1),
            "farthest_m": round(self.farthest_m),
            "cut": self.cut,
        }


def figures_of(content: Content, labels: Ints, *, low: int, high: int, bonds: Sequence[Bond] = ()) -> Figures:
    """Counts all there is to count of a division; `bonds`: what somebody said must be together or apart."""
    xy, weight = content.xy, content.households
    pieces = pieces_of(content, labels)
    grids, broken = [], []
    squares, farthest = 0.0, 0.0
    for label in np.unique(labels[labels >= 0]).tolist():
        members = np.flatnonzero(labels == label)
        own = weight[members]
        total = int(own.sum())
        shares = own if total else np.ones(len(members))
        middle = np.average(xy[members], axis=0, weights=shares)
        off = np.linalg.norm(xy[members] - middle, axis=1)
        squares += float((own * off**2).sum())
        grid = GridFigures(
            label=label,
            community=int(content.community[members[0]]),
            households=total,
            atoms=len(members),
            pieces=len(np.unique(pieces[members])),
            rms_m=float(np.sqrt(np.average(off**2, weights=shares))),
            farthest_m=float(off.max()),
            lon=float(np.average(content.lon[members], weights=shares)),
            lat=float(np.average(content.lat[members], weights=shares)),
        )
        farthest = max(farthest, grid.farthest_m)
        grids.append(grid)
        if len(np.unique(content.community[members])) > 1:
            broken.append(Broken("community", label, len(members)))
        if grid.pieces > 1:
            broken.append(Broken("pieces", label, grid.pieces))
        if total > high:
            broken.append(Broken("above", label, total))
        elif total < low:
            broken.append(Broken("below", label, total))
    if left := int((labels < 0).sum()):
        broken.append(Broken("uncovered", NONE, left))
    broken += [Broken(*each) for each in broken_in(labels, bonds)]
    broken.sort(key=lambda each: (RULES.index(each.rule), each.label))
    households = int(weight[labels >= 0].sum())
    rms = float(np.sqrt(squares / households)) if households else 0.0
    return Figures(
        tuple(grids),
        tuple(broken),
        int(weight.sum()),
        rms,
        farthest,
        _cut(content.b_compound, labels[content.b_atom]),
    )


def pieces_of(content: Content, labels: Ints) -> Ints:
    """A number for each piece: atoms of one grid that hang together along the edges."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(content)
    if not len(content.edges):
        return np.arange(count)
    inside = content.edges[labels[content.edges[:, 0]] == labels[content.edges[:, 1]]]
    net = coo_array((np.ones(len(inside), bool), (inside[:, 0], inside[:, 1])), (count, count))
    found: Ints = connected_components(net, directed=False)[1].astype(np.int64)
    return found


def moved(content: Content, labels: Ints, kept: dict[int, int]) -> int:
    """Households whose grid will be another; `kept` says which grid of today each label goes on as."""
    going_on = np.full(max(int(labels.max(initial=NONE)) + 1, 1), -2, np.int64)
    for label, today in kept.items():
        going_on[label] = today
    of = labels[content.b_atom]
    same = (of >= 0) & (going_on[of] == content.b_today)
    return int(content.b_households[~same].sum())


def today_figures(content: Content, *, low: int, high: int) -> Figures:
    """Today's grids measured in the same way; an atom counts where most of it is, a compound is cut where its buildings are."""
    found = figures_of(content, content.today, low=low, high=high)
    return replace(found, cut=_cut(content.b_compound, content.b_today))


def _cut(compound: Ints, of: Ints) -> int:
    """Compounds whose buildings lie in several grids."""
    pairs = np.unique(np.column_stack([compound, of])[compound >= 0], axis=0)
    _who, times = np.unique(pairs[:, 0], return_counts=True)
    return int((times > 1).sum())
