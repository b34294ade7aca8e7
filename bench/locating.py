"""Points to grids set-wise, against one bare STRtree query over the same boundaries: `python -m bench.locating` in the
data folder's environment prints seconds of both, one after the other."""

import json
import sys
import time
from pathlib import Path

from bench.ground import asked, tell

POINTS = 1_000_000
TURNS = 3


def measure(data: Path, runs: int) -> None:
    taken = [asked(data, "bench.locating") for _ in range(runs)]
    rates = [(POINTS / run["located"], POINTS / run["bare"]) for run in taken]
    tell("locate", rates, unit="points/s", limit=0.8, at_most=False, points=POINTS, grids=taken[0]["grids"])


def main() -> None:
    import django
    import numpy as np
    import shapely

    django.setup()
    from django.db import connection

    from wangge.areas.queries import locate_many

    with connection.cursor() as cursor:
        cursor.execute(
            "select boundary::text from areas_area where level = 'grid' and boundary is not null order by code"
        )
        shapes = shapely.from_geojson([row[0] for row in cursor.fetchall()])
    left, low, right, high = shapely.total_bounds(shapes)
    chance = np.random.default_rng(1)
    lons, lats = chance.uniform(left, right, POINTS), chance.uniform(low, high, POINTS)
    tree = shapely.STRtree(shapes)
    locate_many(lons[:1000], lats[:1000])
    tree.query(shapely.points(lons[:1000], lats[:1000]), predicate="within")
    located, bare = [], []
    for _ in range(TURNS):
        began = time.perf_counter()
        places = locate_many(lons, lats)
        located.append(time.perf_counter() - began)
        began = time.perf_counter()
        points, areas = tree.query(shapely.points(lons, lats), predicate="within")
        answers = np.full(POINTS, -1)
        answers[points] = areas
        bare.append(time.perf_counter() - began)
    assert (places.codes != "").mean() > 0.9
    print(json.dumps({"located": min(located), "bare": min(bare), "grids": len(shapes)}))


if __name__ == "__main__":
    sys.exit(main())
