"""The made-up streets, hills, railway and crossings of the demo's township, as if somebody had taken in a map of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import shapely

from wangge.demo import queries
from wangge.demo.actions.homes import Ids
from wangge.demo.rules.places import TOWNSHIP, Place
from wangge.demo.rules.town import NOTE, plan_ground

#: Kind of a feature → column.
_KINDS = {"barrier": "barriers", "crossing": "crossings", "street": "streets", "shop": "shops"}


def write_ground(cursor: Any, places: Sequence[Place], *, now: datetime, seed: int) -> bool:
    """Whether it was written: not where streets of the township are known already."""
    if queries.ground_is_known(cursor):
        return False
    path = next(place.path for place in places if place.code == TOWNSHIP)
    shapes: dict[str, list[Any]] = {column: [] for column in _KINDS.values()}
    barriers: list[str] = []
    for feature in plan_ground(places, TOWNSHIP, seed)["features"]:
        told = feature["properties"]
        shapes[_KINDS[told["kind"]]].append(shapely.geometry.shape(feature["geometry"]))
        if told["kind"] == "barrier":
            barriers.append("railway" if told.get("what") == "railway" else "")
    sums = {kind: len(each) for kind, each in shapes.items()}
    sums |= Counter(f"{kind}_barriers" for kind in barriers if kind)
    counts = orjson.dumps({**sums, "left_out": 0}).decode()
    made = Ids(now, f"ground {seed}").next()
    cursor.execute(
        "insert into plans_ground (id, area_id, path, barriers, crossings, streets, shops, counts, notes, added_at, barrier_kinds)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            made,
            TOWNSHIP,
            path,
            *(shapely.to_wkb(shapely.GeometryCollection(each)) for each in shapes.values()),
            counts,
            orjson.dumps([NOTE]).decode(),
            now,
            orjson.dumps(barriers).decode(),
        ],
    )
    cursor.execute(
        "insert into journal_entry (area_id, path, seq, at, actor_name, post, verb, subject, source, before, after, reason,"
        " confidential, prev_hash, hash) values (%s, %s, 0, %s, 'system', '', 'ground.kept', %s, 'demo', '{}', %s, '', false, '', '')",
        [TOWNSHIP, path, now, f"ground:{made}", counts],
    )
    return True
