"""How far it is on foot between the doors of a round, along the streets that are known."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from wangge.plans.rules.content import Flat
from wangge.plans.rules.ground import Ground, box_around

Point = tuple[float, float]


def ways_between(ground: Ground, points: Sequence[Point]) -> Mapping[tuple[Point, Point], float]:
    """Metres from each of the points (longitude, latitude) to each other one; nothing of those that no way joins, nor
    where no street is near.
    """
    if len(points) < 2:
        return {}
    lon, lat = np.array(points, float).T
    near = ground.within(*box_around(lon.min(), lat.min(), lon.max(), lat.max()))
    if not len(near.streets):
        return {}
    from gridplan import Town, walkable_links, walking_distances
    from gridplan.links import streets_of

    flat = Flat.around(lon, lat)
    streets, walls, gates = (
        list(shapely.transform(shapes, lambda degrees: flat.metres(*degrees.T)))
        for shapes in (near.streets, near.barriers, near.crossings)
    )
    xy, nothing = flat.metres(lon, lat), np.zeros(len(points), np.int64)
    town = Town(
        names=tuple(map(str, range(len(points)))),
        households=nothing,
        xy=xy,
        edges=walkable_links(xy, barriers=walls, crossings=gates),
        community=nothing,
        communities=("",),
        minutes=nothing.astype(float),
        grid=nothing,
        grids=("",),
        streets=streets_of(streets, walls),
    )
    far = walking_distances(town)
    return {
        (one, other): float(far[row, column])
        for row, one in enumerate(points)
        for column, other in enumerate(points)
        if row != column and np.isfinite(far[row, column])
    }
