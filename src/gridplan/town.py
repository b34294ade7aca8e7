"""What is divided and what comes of it: plain arrays with the names that they stand for."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

#: No grid, no group, no community.
NONE = -1

#: What is alike in the grids of a community, besides households within the bounds; what is made small.
Weigh = Literal["households", "minutes"]
Distance = Literal["straight", "walking"]


class BadTown(ValueError):  # noqa: N818 - named by the fact
    """What was given does not describe a town, or asks of it what it does not have; the message says what."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Households a grid may have, both ends included. 300 and 500 are the rule of the cities that Wangge is made for."""

    low: int = 300
    high: int = 500


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """What one walks along: `xy` `(k, 2)` are junctions and bends in metres, `ways` `(w, 2)` the straight bits between them. Across
    `barriers` nobody steps onto a street.
    """

    xy: NDArray[np.float64]
    ways: NDArray[np.int64]
    barriers: tuple[BaseGeometry, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """Atoms, and what is known of them. Arrays are by atom, `(n,)`, if nothing else is said.

    `xy` `(n, 2)` is in metres on a plane around `origin` (longitude, latitude, WGS 84). `edges` `(m, 2)` are the pairs of atoms
    between which one walks without crossing a barrier and without passing a third atom. `minutes` is what an atom asks of its
    worker in a year. `grid` and `community` point into `grids` and `communities`; `NONE` where an atom lies in none.
    `apart` `(k, 2)` are pairs that may not share a grid; what must stay together is one atom already.
    `outlines` are in metres on the same plane, as are `areas`, the outlines of the communities, and `streets`; where a file tells
    none of them they are empty, or `None`.
    """

    names: tuple[str, ...]
    households: NDArray[np.int64]
    xy: NDArray[np.float64]
    edges: NDArray[np.int64]
    community: NDArray[np.int64]
    communities: tuple[str, ...]
    minutes: NDArray[np.float64]
    grid: NDArray[np.int64]
    grids: tuple[str, ...]
    apart: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))
    outlines: tuple[BaseGeometry | None, ...] = ()
    origin: tuple[float, float] = (0.0, 0.0)
    areas: tuple[BaseGeometry | None, ...] = ()
    streets: Streets | None = None

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a grid is as it is although a rule says otherwise: `rule` is `below`, `above`, `pieces` or `apart`.

    `cause` is the same as a word, for who says it in another language: `alone` (one atom has too many), `community` and `island`
    (what holds together has too few), `between` (too many for so many grids, too few for one more), `proven` (all groupings
    were tried), `fixed` (atoms that were kept by hand), `not_found` (none was found; there may be one).
    """

    grid: int
    rule: str
    atoms: tuple[int, ...]
    households: int
    text: str
    cause: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """`labels` `(n,)` names each atom's grid, 0 … count - 1; `NONE` for an atom that lies in no community."""

    town: Town
    labels: NDArray[np.int64]
    bounds: Bounds
    seed: int
    reasons: tuple[Reason, ...] = ()
    stopped: bool = False
    seconds: float = 0.0

    @property
    def count(self) -> int:
        return int(self.labels.max(initial=NONE)) + 1
