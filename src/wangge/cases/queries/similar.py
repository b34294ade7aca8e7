"""What may be the same thing, or happens at the same place: found by the squares of the map around a point.

A square is asked by equality, which an index may answer below the row policy; distances and words are compared here, over
a bounded number of rows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from wangge.access import Viewer
from wangge.base.text import bigrams
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case
from wangge.cases.queries.filters import area_at
from wangge.cases.rules.likeness import (
    Likeness,
    cells_within,
    likeness,
    metres_between,
    shared_words,
    telling,
)

#: So many of a square's newest cases are compared, open ones and closed ones apart.
_MOST_OF_A_SQUARE = 60
#: What is still open is the same thing also when it was reported long ago.
_OPEN_DAYS = 365
_COLUMNS = ("county", "township", "community", "grid")


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that may be the same, and why: how far, the same item, the words that both hold."""

    case: Case
    metres: int | None
    same_item: bool
    shared_words: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return self.case.state in OPEN


_ROWS = """
select c.id, c.lon, c.lat, c.item_id, c.title || ' ' || left(c.description, 400), c.state, c.reported_at
  from unnest(%(places)s::{kind}[]) as place cross join lateral (
    (select * from cases_case where {column} = place and {column} is not null and reported_at >= %(old)s
        and state in ({open}) order by reported_at desc, id desc limit %(most)s)
    union all
    (select * from cases_case where {column} = place and reported_at >= %(since)s
        and state = 'closed' order by reported_at desc, id desc limit %(most)s)) as c
"""
_STATES = ", ".join(f"'{state}'" for state in OPEN)
_IN_SQUARES = _ROWS.format(kind="bigint", column="cell", open=_STATES)
_IN_AREA = {
    level: _ROWS.format(kind="varchar", column=f"{level}_id", open=_STATES)  # constants of this module
    for level in _COLUMNS
}


def similar_cases(
    viewer: Viewer,
    *,
    lon: float | None,
    lat: float | None,
    area: str = "",
    item: str = "",
    words: str = "",
    at: datetime,
    but: UUID | None = None,
    metres: float = 300,
    days: int = 30,
    limit: int = 8,
) -> list[Similar]:
    """Cases the viewer may see that may be the same as one reported `at`, the likeliest first.

    Those that share the item or words come before those that are merely near; in each, open ones (of the last year) come
    before closed ones reported in the last `days`. Without a point, only those of `area` (a code) that share something;
    with one, all within `metres`. `but` is left out.
    """
    ask = {
        "since": at - timedelta(days=days),
        "old": at - timedelta(days=max(days, _OPEN_DAYS)),
        "most": _MOST_OF_A_SQUARE,
    }
    if lon is not None and lat is not None:
        rows = _rows(_IN_SQUARES, {**ask, "places": cells_within(lon, lat, metres)})
    elif area:
        _path, level = area_at(viewer, area)
        if level not in _IN_AREA:
            return []
        rows = _rows(_IN_AREA[level], {**ask, "places": [area]})
    else:
        return []
    said_in = {row[0]: bigrams(row[4]) for row in rows} if words else {}
    by_item: dict[str, set[str]] = {}
    for row in rows if words else ():
        by_item.setdefault(row[3], set()).update(said_in[row[0]])
    tokens = telling(bigrams(words), by_item)
    found: list[tuple[float, datetime, UUID, Likeness]] = []
    for case_id, case_lon, case_lat, case_item, _said, state, reported_at in rows:
        far = _far(lon, lat, case_lon, case_lat)
        if case_id == but or (far is not None and far > metres):
            continue
        like = likeness(
            metres=far,
            reach=metres,
            same_item=bool(item) and case_item == item,
            words=shared_words(tokens, said_in.get(case_id, [])),
            is_open=state in OPEN,
        )
        if far is not None or like.same_item or like.shared_words:
            found.append((like.score, reported_at, case_id, like))
    found.sort(key=lambda each: each[:3], reverse=True)
    best = {case_id: like for _score, _at, case_id, like in found[:limit]}
    cases = Case.objects.filter(id__in=best).select_related("item_version").in_bulk()
    return [
        Similar(cases[case_id], like.metres, like.same_item, like.shared_words)
        for case_id, like in best.items()
        if case_id in cases
    ]


def nearby_cases(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    lon: float,
    lat: float,
    *,
    metres: float,
    since: datetime,
    item: str = "",
    limit: int = 20,
) -> list[Case]:
    """Open cases reported since then within `metres`, newest first."""
    ask = {
        "places": cells_within(lon, lat, metres),
        "old": since,
        "since": since,
        "most": max(limit, _MOST_OF_A_SQUARE),
    }
    near = [
        (reported_at, case_id)
        for case_id, case_lon, case_lat, case_item, _said, state, reported_at in _rows(_IN_SQUARES, ask)
        if state in OPEN
        and (not item or case_item == item)
        and metres_between(lon, lat, case_lon, case_lat) <= metres
    ]
    newest = [case_id for _at, case_id in sorted(near, reverse=True)[:limit]]
    cases = Case.objects.in_bulk(newest)
    return [cases[case_id] for case_id in newest if case_id in cases]


def _rows(statement: str, ask: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, ask)
        return list(cursor.fetchall())


def _far(
    lon: float | None, lat: float | None, other_lon: float | None, other_lat: float | None
) -> float | None:
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    return metres_between(lon, lat, other_lon, other_lat)
