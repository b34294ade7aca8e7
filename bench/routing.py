"""How short and how fast rounds are (`round_60`), and how long a city's night takes (`rounds_city`).

`round_60` walks published instances of TSPLIB whose shortest tours are proven, several seeds each: the lengths by the best known, and
the seconds of the slowest. Beside it stands what walking always to the nearest door comes to.

`rounds_city` plans the rounds of a made-up part of a city as the night does (read, put in order, written, journalled), in as many
processes as there are cores, and says what the whole city's 4,234 rounds take at that rate; `rounds_whole_city` plans all of them. With
`WANGGE_BENCH` the homes are made only once.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ground import asked, say

SEEDS = 5
CITY = 4_234
"""Rounds of a whole city: a grid, a worker, a round."""
GRIDS, DOORS = 1_000, 30
AT_ONCE = 1_000
"""Homes of so many grids are made at once."""


def measure_round() -> None:
    import numpy as np
    from tests.gridplan.rounds import SHORTEST, distances

    from gridplan.route import Stop, route

    ratios, seconds, computed, nearest = [], [], [], []
    route(
        [Stop(str(row)) for row in range(20)], xy=np.random.default_rng(0).uniform(0, 900, (20, 2))
    )  # loads what is loaded once
    for name, best in SHORTEST.items():
        table = distances(name)
        stops = [Stop(str(row), minutes=0) for row in range(1, len(table))]
        rows = [*range(1, len(table)), 0]
        facts: dict[str, Any] = {
            "distances": table[np.ix_(rows, rows)],
            "start": len(stops),
            "end": len(stops),
        }
        for seed in range(SEEDS):
            began = time.process_time()
            found = route(stops, seed=seed, **facts)
            computed.append(time.process_time() - began)
            ratios.append(found.metres / best)
            seconds.append(found.seconds)
        nearest.append(_nearest(table) / best)
    line = {
        "name": "round_60",
        "value": round(max(ratios), 4),
        "unit": "of the best known",
        "seconds": round(max(seconds), 2),
        "seconds_median": round(statistics.median(seconds), 2),
        # Of the processor alone, whatever else the machine does.
        "computed_seconds": round(max(computed), 2),
        "mean": round(statistics.mean(ratios), 4),
        "nearest_next": round(statistics.mean(nearest), 3),
        "limit": "<= 1.01, <= 1 s",
        "kept": max(ratios) <= 1.01 and max(seconds) <= 1,
        "runs": len(ratios),
    }
    say(line)


def _nearest(table: Any) -> float:
    left, here, walked = set(range(1, len(table))), 0, 0.0
    while left:
        following = min(left, key=lambda row: table[here, row])
        walked += table[here, following]
        left.remove(following)
        here = following
    return float(walked + table[here, 0])


def prepare(first: int, grids: int) -> dict[str, Any]:
    """Homes for so many grids of the sample city that have workers, from the `first` on; in a process of its own on the data folder."""
    import random

    import django

    django.setup()
    from django.db import connections, transaction

    from bench.registering import write_list
    from wangge.base import clock
    from wangge.households.actions.registers import import_register
    from wangge.project.files import system_over_all
    from wangge.visits.actions import renew_stale

    now = clock.now()
    owner = connections["owner"]
    with owner.cursor() as cursor:
        if not first:
            cursor.execute("truncate visits_round, visits_stale, visits_duevisit, visits_duesum")
        cursor.execute(
            "select p.area_id from staff_post p join staff_assignment s on s.post_id = p.id"
            " where p.kind_id = 'grid_worker' and s.to_on is null group by 1 order by 1 limit %s offset %s",
            [grids, first],
        )
        walked = [code for (code,) in cursor.fetchall()]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "residents.csv"
        write_list(file, walked, DOORS * len(walked), DOORS * first)
        with transaction.atomic():
            import_register(system_over_all(), file, "residents", now=now)
    # Made-up houses: each building somewhere within some hundreds of metres, as villages on a hillside have them.
    chance = random.Random(1)
    with owner.cursor() as cursor:
        cursor.execute("select id from households_dwelling where lon is null order by id")
        ids = [row for (row,) in cursor.fetchall()]
        cursor.execute(
            "update households_dwelling d set lon = n.lon, lat = n.lat"
            " from unnest(%s::uuid[], %s::float[], %s::float[]) n(id, lon, lat) where d.id = n.id",
            [
                ids,
                [119.3 + chance.uniform(0, 0.01) for _ in ids],
                [34.7 + chance.uniform(0, 0.008) for _ in ids],
            ],
        )
    with transaction.atomic():
        while renew_stale(system_over_all(), now=now):
            pass
    with owner.cursor() as cursor:
        cursor.execute("analyze")
    return {"grids": len(walked)}


def plan() -> dict[str, Any]:
    """The night itself; in another process of its own."""
    import django

    django.setup()
    from django.db import connections

    from wangge.base import clock
    from wangge.visits.actions import plan_rounds
    from wangge.visits.rules import day_of

    now, owner = clock.now(), connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("truncate visits_round")
        cursor.execute("select path::text from areas_area where parent_id is null and valid_to is null")
        (root,) = cursor.fetchone()
    started = time.perf_counter()
    found = plan_rounds(
        root,
        day_of(now),
        now=now,
        progress=lambda done, of: print(f"{done} of {of} grids", file=sys.stderr, flush=True),
    )
    seconds = time.perf_counter() - started
    with owner.cursor() as cursor:
        cursor.execute("select count(*), sum(cardinality(households)) from visits_round")
        rounds, doors = cursor.fetchone()
    return {"rounds": rounds, "doors": int(doors or 0), "seconds": seconds, "left": found.left}


def measure_city(data: Path, grids: int = GRIDS, name: str = "rounds_city") -> None:
    made = data / "rounds"
    ready = int(made.read_text()) if made.exists() else 0
    while ready < grids:
        some = min(AT_ONCE, grids - ready)
        asked(data, "bench.routing", str(ready), str(some))
        ready += some
        made.write_text(str(ready))
        print(f"homes of {ready} grids", file=sys.stderr, flush=True)
    found = asked(data, "bench.routing")
    rate = found["rounds"] / found["seconds"]
    line = {
        "name": name,
        "value": round(rate, 1),
        "unit": "rounds/s",
        "rounds": found["rounds"],
        "doors": found["doors"],
        "minutes": round(found["seconds"] / 60, 1),
        "city_minutes": round(CITY / rate / 60, 1),
        "limit": f"{CITY} rounds within one night's two hours",
        "kept": CITY / rate < 7_200 and found["left"] == 0,
    }
    say(line)


if __name__ == "__main__":
    print(json.dumps(prepare(*map(int, sys.argv[1:])) if len(sys.argv) > 1 else plan()))
