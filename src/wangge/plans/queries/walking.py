"""Ways of rounds along the streets that plans know."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from wangge.access import Viewer
from wangge.plans.models import Ground
from wangge.plans.queries.ground import ground_of
from wangge.plans.rules.walking import Point, ways_between


def ways_of_rounds(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    rounds: Sequence[tuple[str, Sequence[Point]]],
) -> list[Mapping[tuple[Point, Point], float]]:
    """Of each round, told by the path of its area and its points, the metres on foot between them: by the nearest map at or above the
    area. Nothing where there is none.
    """
    standing = dict(Ground.objects.filter(ended_at__isnull=True).values_list("path", "id"))
    rows: defaultdict[UUID, list[int]] = defaultdict(list)
    for row, (path, _points) in enumerate(rounds):
        tiers = path.split(".")
        above = (".".join(tiers[:length]) for length in range(len(tiers), 0, -1))
        if holder := next((each for each in above if each in standing), None):
            rows[standing[holder]].append(row)
    found: list[Mapping[tuple[Point, Point], float]] = [{} for _ in rounds]
    # One map is unpacked once for all rounds on it.
    for ground_id, on_it in rows.items():
        if ground := ground_of([ground_id]):
            for row in on_it:
                found[row] = ways_between(ground, rounds[row][1])
    return found
