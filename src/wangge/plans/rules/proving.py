"""How good a division is, proven community by community: the best bound so far, and whether it is of this division still.

A community's proof is computed in a process of its own, which tells what it has reached by five shared numbers.
"""

import hashlib
import os
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wangge.base.processes import end_with_parent
from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.dividing import town_of

if TYPE_CHECKING:
    from gridplan.town import Division

Ints = NDArray[np.int64]

#: What a process tells of: found, least, households, steps, and 1 at its end.
NUMBERS = 5
#: Minutes for each community, where nobody says more or less.
MINUTES = 5
MOST_MINUTES = 60
#: More steps than these prove nothing more that is worth the time.
MOST_STEPS = 1_000
#: A proof is in nobody's way.
_NICE = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What is proven of a community: household-weighted squared distances of its grids, and the least there could be."""

    found: float
    least: float
    households: int
    steps: int
    seconds: float
    done: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "found": self.found,
            "least": self.least,
            "households": self.households,
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
            "done": self.done,
        }


def division_digest(labels: Sequence[int], low: int, high: int) -> str:
    """What a proof and a proposal of posts are of: another division has another."""
    kept = np.array(labels, np.int64).tobytes()
    return hashlib.sha256(kept + f"{low}-{high}".encode()).hexdigest()


def share_of(found: float, least: float) -> float | None:
    """By how much the root mean square way, straight, is longer than in the best division there could be, at most; None while nothing is proven."""
    if found <= 0 or found <= least:
        return 0.0
    return sqrt(found / least) - 1 if least > 0 else None


def share_of_all(parts: Mapping[str, Mapping[str, Any]], communities: Sequence[str]) -> float | None:
    """Of the whole, once something is proven of each of its communities."""
    if not all(
        code in parts and share_of(parts[code]["found"], parts[code]["least"]) is not None
        for code in communities
    ):
        return None
    return share_of(
        sum(parts[code]["found"] for code in communities), sum(parts[code]["least"] for code in communities)
    )


def better(before: Mapping[str, Any] | None, now: Part) -> dict[str, Any]:
    """The best so far: a proof that was begun anew does not fall behind what was proven before."""
    told = now.as_json()
    if before:
        told["least"] = max(before["least"], now.least)
        told["steps"] = max(before["steps"], now.steps)
    return told


def division_of(content: Content, labels: Ints, community: int, *, low: int, high: int) -> "Division":
    """A community by itself, with its grids numbered from 0."""
    from dataclasses import replace

    from gridplan.town import Bounds, Division

    town = town_of(content)
    members = np.flatnonzero(content.community == community)
    where = np.full(len(content), NONE)
    where[members] = np.arange(len(members))
    edges = where[content.edges.reshape(-1, 2)]
    own = labels[members].copy()
    held = own >= 0
    own[held] = np.unique(own[held], return_inverse=True)[1]
    alone = replace(
        town,
        names=tuple(content.names[at] for at in members.tolist()),
        households=town.households[members],
        xy=town.xy[members],
        edges=edges[(edges >= 0).all(axis=1)],
        community=np.zeros(len(members), np.int64),
        communities=(content.communities[community],),
        minutes=town.minutes[members],
        grid=town.grid[members],
        streets=None,
    )
    return Division(alone, own, Bounds(low, high), 0)


def prove(division: "Division", seconds: float, told: MutableSequence[float]) -> None:
    """Raises the bound for so many seconds, or until it is close enough; what it has reached stands in `told` after each step."""
    from gridplan.bound import Gap, gap

    def hear(reached: Gap) -> None:
        told[:4] = [reached.found, reached.least, reached.households, reached.rounds]

    hear(gap(division, rounds=MOST_STEPS, limit_s=seconds, heard=hear))
    told[4] = 1


def prove_apart(division: "Division", seconds: float, told: MutableSequence[float]) -> None:
    """`prove` as the whole life of a process."""
    end_with_parent()
    os.nice(_NICE)
    prove(division, seconds, told)
