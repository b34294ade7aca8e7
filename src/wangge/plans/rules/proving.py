"""How good a division is, proven community by community: the best bound so far, and whether it is of this division still. It is about the
ways that the plan is divided by: straight, or on foot where it knows streets.

A community's proof is computed in a process of its own, which tells what it has reached by five shared numbers.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from wangge.base.processes import end_with_parent
from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.dividing import town_of

if TYPE_CHECKING:
    from gridplan.town import Division, Streets

Ints = NDArray[np.int64]
#: Which ways are compared, in the library's words.
Distance = Literal["straight", "walking"]

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


def distance_of(figures: Mapping[str, Any]) -> Distance:
    """Which ways a plan with these figures is divided by: they tell ways along streets just where it knows streets near."""
    return "walking" if "walk_mean_m" in figures else "straight"


def division_digest(
    labels: Sequence[int],
    low: int,
    high: int,
    distance: Distance = "straight",
    ground_ids: Iterable[UUID] = (),
) -> str:
    """What a proof and a proposal of posts are of: another division has another, and so have other ways, or ways along other streets."""
    kept = np.array(labels, np.int64).tobytes()
    ways = "" if distance == "straight" else f" {distance} {' '.join(sorted(map(str, ground_ids)))}"
    return hashlib.sha256(kept + f"{low}-{high}{ways}".encode()).hexdigest()


def share_of(found: float, least: float) -> float | None:
    """By how much the root mean square way is longer than in the best division there could be, at most; None while nothing is proven."""
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


def division_of(
    content: Content,
    labels: Ints,
    community: int,
    *,
    low: int,
    high: int,
    streets: "Streets | None" = None,
) -> "Division":
    """A community by itself, with its grids numbered from 0, and with those of the streets that matter for ways in it."""
    from dataclasses import replace

    from gridplan.links import streets_near
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
        streets=streets_near(streets, town.xy[members]),
    )
    return Division(alone, own, Bounds(low, high), 0)


def prove(division: "Division", distance: Distance, seconds: float, told: MutableSequence[float]) -> None:
    """Raises the bound for so many seconds, or until it is close enough; what it has reached stands in `told` after each step."""
    from gridplan.bound import Gap, gap

    def hear(reached: Gap) -> None:
        told[:4] = [reached.found, reached.least, reached.households, reached.rounds]

    hear(gap(division, distance=distance, rounds=MOST_STEPS, limit_s=seconds, heard=hear))
    told[4] = 1


def prove_apart(
    division: "Division", distance: Distance, seconds: float, told: MutableSequence[float]
) -> None:
    """`prove` as the whole life of a process."""
    end_with_parent()
    os.nice(_NICE)
    prove(division, distance, seconds, told)
