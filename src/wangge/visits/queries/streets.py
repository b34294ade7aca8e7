"""Ways along streets: who knows any names itself here, since streets stand above visits."""

from collections.abc import Callable, Sequence

from wangge.access import Viewer
from wangge.visits.rules import Point, Ways

Streets = Callable[[Viewer, Sequence[tuple[str, Sequence[Point]]]], Sequence[Ways]]
"""Of each round, told by the path of its area and its points, the ways between them as far as they are known."""

_KNOWN: list[Streets] = []


def walk_along(streets: Streets) -> None:
    """From now on rounds go along these streets."""
    _KNOWN.append(streets)


def ways_of(viewer: Viewer, rounds: Sequence[tuple[str, Sequence[Point]]]) -> list[Ways]:
    """The ways between the points of each round, set-wise; nothing where nobody knows a street there."""
    found: list[Ways] = [{} for _ in rounds]
    for streets in _KNOWN:
        found = [{**known, **more} for known, more in zip(found, streets(viewer, rounds), strict=True)]
    return found
