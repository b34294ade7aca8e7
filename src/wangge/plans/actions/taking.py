"""What a plan divides, taken from the registers as they are now: buildings, grids, workers, work, streets and barriers."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from wangge.areas import queries as areas
from wangge.plans.queries.ground import ground_of, grounds_for
from wangge.plans.queries.registers import buildings_in, grid_rows, minutes_in, workers_of
from wangge.plans.rules import ground as rules
from wangge.plans.rules.content import Content, Flat, Floats, Ints, gathered
from wangge.plans.rules.problems import NothingToDivide, TooManyAtoms

MOST_ATOMS = 20_000


def taken(path: str, *, unit: str, now: datetime) -> tuple[Content, list[UUID]]:
    """The content, and which streets and barriers it goes by. NothingToDivide, TooManyAtoms."""
    rows = [each.row for each in buildings_in(path)]
    if not rows or not sum(row.households for row in rows):
        raise NothingToDivide
    grids = areas.grids_within(path)
    ids = grounds_for(path)
    ground = ground_of(ids)
    content = gathered(
        rows,
        grid_rows(grids),
        unit=unit,
        net=partial(_net, ground) if ground is not None and len(ground.barriers) else None,
        minutes=minutes_in(path, now=now),
        workers=workers_of({grid.code for grid in grids}, now=now),
    )
    if len(content) > MOST_ATOMS:
        raise TooManyAtoms(count=len(content), most=MOST_ATOMS)
    return content, ids


def _net(ground: rules.Ground, lon: Floats, lat: Floats, community: Ints) -> Ints:
    near = ground.within(*rules.box_around(lon.min(), lat.min(), lon.max(), lat.max()))
    return rules.links(Flat.around(lon, lat), lon, lat, community, near)


def outlines_today(path: str) -> dict[str, Any]:
    """Today's outlines, so that a map of before can be drawn when they are no more."""
    return {grid.code: grid.boundary for grid in areas.grids_within(path) if grid.boundary}
