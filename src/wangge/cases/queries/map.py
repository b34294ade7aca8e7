"""Cases on the map: how many lie in each square of 0.005°, and the newest within a frame, by the filter of a page of cases.

The squares of one filter are few, however many cases there are (a city of 7,600 km² has some thirty thousand), so that all
come at once and the map needs no other answer while it is moved. Confidential cases count for those alone who may see them:
the functions of migration 0009 apply the table's policy.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from wangge.access import Viewer
from wangge.base.problems import Invalid
from wangge.base.text import bigram_query
from wangge.cases.models import Case
from wangge.cases.queries.filters import Arm, CaseFilter, arms_of, arms_of_mine, column_of

SIDE = 0.005
#: More squares than this are told as squares four times as wide, and so on.
MOST_SQUARES = 30_000
_ACROSS = 72_000  # squares around the earth
_WIDER = 4
_ANYWHERE = '[{"kind": "any", "column": "", "codes": [], "states": null}]'

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Squares:
    """Columns of equal length: the square's number (rows of squares from the south-west), how many cases lie in it, how many
    of them are overdue, and the middle of their places. `side` in degrees.
    """

    side: float
    cells: Ints
    counts: Ints
    overdue: Ints
    lons: Floats
    lats: Floats

    @property
    def total(self) -> int:
        return int(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the earth in degrees."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west <= self.east <= 180 and -90 <= self.south <= self.north <= 90):
            raise Invalid(field="bounds", expected="west,south,east,north")


def case_squares(viewer: Viewer, filters: CaseFilter) -> Squares:
    """All cases that the filter lets through and the viewer may see, counted by squares. Those without a place are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select cell, count, overdue, lon, lat from cases_in_cells(%s::jsonb, %s::jsonb) order by cell",
            _wanted(viewer, filters),
        )
        rows = cursor.fetchall()
    columns = np.array(rows, np.float64).reshape(-1, 5).T
    found = Squares(SIDE, *(column.astype(np.int64) for column in columns[:3]), *columns[3:])
    while len(found.cells) > MOST_SQUARES:
        found = _wider(found)
    return found


def cases_in_frame(viewer: Viewer, filters: CaseFilter, frame: Frame, *, most: int) -> list[Case]:
    """The newest of them that lie within the frame."""
    arms, wanted = _wanted(viewer, filters)
    sought = "id in (select found_id from cases_in_frame(%s::jsonb, %s::jsonb, %s, %s, %s, %s, %s))"
    edges = [frame.west, frame.south, frame.east, frame.north]
    rows = Case.objects.extra(where=[sought], params=[arms, wanted, *edges, most])  # noqa: S610 - parameters
    return list(rows.order_by("-reported_at", "-id"))


def _wanted(viewer: Viewer, filters: CaseFilter) -> list[str]:
    """The arms and the filter as the database's functions read them."""
    filters = filters.settled()
    words = bigram_query(filters.q) if filters.q else None
    number = filters.q.strip().upper() if filters.q and (words is None or filters.q.isascii()) else ""
    if number and Case.objects.filter(number=number).exists():
        # As on the queue's page: a number finds its case whatever else is asked for.
        return [_ANYWHERE, orjson.dumps({"exact": {}, "number": number}).decode()]
    if filters.q and words is None:
        return ["[]", '{"exact": {}}']
    arms = arms_of_mine(viewer, filters.area) if filters.mine else arms_of(viewer, filters.area)
    exact = {
        "item_id": filters.item,
        "business": filters.business,
        "urgency": filters.urgency,
        "late": filters.late,
        "found_tier": filters.found_tier,
        "resolved_tier": filters.resolved_tier,
        "supervised": "true" if filters.supervised else "",
    }
    wanted = {
        "exact": {column: value for column, value in exact.items() if value},
        "words": words or "",
        "since": filters.since,
        "until": filters.until,
    }
    return [orjson.dumps(list(_told(arms, filters))).decode(), orjson.dumps(wanted).decode()]


def _told(arms: Iterable[Arm], filters: CaseFilter) -> Iterable[dict[str, Any]]:
    for arm in arms:
        states = filters.states
        if states is not None and arm.states is not None:
            states = tuple(state for state in states if state in arm.states)
        elif states is None:
            states = arm.states
        if states == ():
            continue
        column, codes = ("", [arm.code]) if not arm.path else column_of(arm)
        yield {**asdict(arm), "column": column, "codes": codes, "states": states}


def _wider(squares: Squares) -> Squares:
    """The same in squares four times as wide, each with the middle of the cases in it."""
    across = round(360 / squares.side)
    up, aside = np.divmod(squares.cells, across)
    cells, owner = np.unique(up // _WIDER * (across // _WIDER) + aside // _WIDER, return_inverse=True)
    counts = np.bincount(owner, squares.counts)
    return Squares(
        squares.side * _WIDER,
        cells,
        counts.astype(np.int64),
        np.bincount(owner, squares.overdue).astype(np.int64),
        np.bincount(owner, squares.lons * squares.counts) / counts,
        np.bincount(owner, squares.lats * squares.counts) / counts,
    )
