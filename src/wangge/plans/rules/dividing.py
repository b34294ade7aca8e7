"""A first division and a better one, by the library `gridplan`: every community for itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content

if TYPE_CHECKING:
    from gridplan.town import Town

Ints = NDArray[np.int64]

#: Minutes that a household asks of its worker in a year, where nothing else is known of it.
_MINUTES = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """`causes`: why a grid is as it is although a rule says otherwise, as (rule, label, cause in a word)."""

    labels: Ints
    causes: tuple[tuple[str, int, str], ...]


def divided(
    content: Content, *, low: int, high: int, seed: int, limit_s: float, fixed: Ints | None = None
) -> Divided:
    """Grids of one community each. Atoms that are `fixed` (their label, else -1) keep it."""
    # A compiler comes along, which a server that divides nothing need not load.
    from gridplan.divide import divide
    from gridplan.town import Bounds

    found = divide(
        town_of(content),
        bounds=Bounds(low, high),
        seed=seed,
        limit_s=limit_s,
        fixed=None if fixed is None or (fixed < 0).all() else fixed,
    )
    causes = tuple((one.rule, int(one.grid), one.cause) for one in found.reasons)
    return Divided(found.labels.astype(np.int64), causes)


def proven_gap(content: Content, labels: Ints, *, low: int, high: int, limit_s: float) -> float | None:
    """By how much the mean way within a grid is longer than in the best division there could be, at most: 0.1 is ten in a
    hundred. Proven by a relaxation; it gets closer the longer it may take. None where nothing can be shorter.
    """
    from gridplan.bound import gap
    from gridplan.town import Bounds, Division

    held = labels >= 0
    numbered = labels.copy()
    numbered[held] = np.unique(labels[held], return_inverse=True)[1]
    share = gap(Division(town_of(content), numbered, Bounds(low, high), 0), limit_s=limit_s).share
    return float(share) if np.isfinite(share) else None


def town_of(content: Content) -> "Town":
    """What a plan divides as the library takes it."""
    from gridplan.town import Town

    return Town(
        names=content.names,
        households=content.households,
        xy=content.xy,
        edges=content.edges,
        community=content.community,
        communities=content.communities,
        minutes=(content.households * _MINUTES).astype(np.float64),
        grid=content.today,
        grids=content.grids,
    )


def as_today(content: Content) -> Ints:
    """Today's grids as a division to begin from; what lies in none goes to the nearest atom's of its community."""
    labels = content.today.copy()
    xy, free = content.xy, len(content.grids)
    for community in range(len(content.communities)):
        members = np.flatnonzero(content.community == community)
        known = members[labels[members] >= 0]
        for atom in members[labels[members] < 0]:
            if len(known):
                labels[atom] = labels[known[np.linalg.norm(xy[known] - xy[atom], axis=1).argmin()]]
            else:
                labels[atom], free = free, free + 1
                known = np.array([atom])
    return _numbered(labels, len(content))


def _numbered(labels: Ints, most: int) -> Ints:
    """As they are where the numbers are small enough; grids of today without an atom may make them too large."""
    if labels.max(initial=NONE) < most:
        return labels
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
