"""Everything that a phone keeps, told at once, with the cursor from which it goes on."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from wangge.access import Viewer
from wangge.sync.queries.changes import Change, horizon
from wangge.sync.queries.kinds import KINDS
from wangge.sync.queries.places import places_of
from wangge.sync.queries.reach import REACH, reach_now, told
from wangge.sync.rules import Cursor

#: `first` is what a phone shows at once, `rest` the remainder, for a phone whose owner is waiting: two questions, of which the
#: second may take its time.
Part = Literal["whole", "first", "rest"]

#: Records that are read at once: a community's homes need not lie in memory together.
_BATCH = 1_000


def snapshot(viewer: Viewer, *, now: datetime, part: Part = "whole") -> Iterator[Change | str]:
    """The viewer themself, then every record by kind, last the cursor. The horizon is asked first, so that what is
    committed meanwhile is told by the pull that follows, whether or not it was seen here. Who asks part by part goes on
    from the cursor of the first.
    """
    since = horizon()
    places = places_of(viewer)
    if part != "rest":
        yield Change("account", str(viewer.account_id), _oneself(viewer))
    for kind in KINDS.values():
        if part != "whole" and kind.first != (part == "first"):
            continue
        ids = iter(kind.within(viewer, places))
        while batch := list(islice(ids, _BATCH)):
            kept = kind.kept(viewer, batch, now)
            yield from (Change(kind.name, one, kept[one]) for one in batch if one in kept)
    reach, in_short = reach_now(viewer, places, now)
    if part != "rest":
        yield from (Change(REACH, place, fields) for place, fields in told(reach).items())
    yield Cursor(places.stamp, now, since, in_short).text()


def _oneself(viewer: Viewer) -> dict[str, Any]:
    return {
        "name": viewer.name,
        "username": viewer.username,
        "language": viewer.language,
        "posts": [
            {"area": seat.path.rsplit(".", 1)[-1], "level": seat.level, "name": seat.area_name, "kind": seat.kind,
             "verbs": sorted(seat.verbs)}
            for seat in viewer.seats
        ],
    }  # fmt: skip
