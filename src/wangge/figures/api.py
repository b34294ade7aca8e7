"""Figures over HTTP: the same numbers as the pages show."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from wangge.areas.api import KinOut
from wangge.base.answers import problems
from wangge.base.fields import AreaCode
from wangge.figures import queries

router = Router(tags=["figures"])
PeriodName = Annotated[str, Field(pattern=r"^[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$")]


class LineOut(Schema):
    """Counts of cases; shares are null of nothing. What each means: docs/workings/figures.md."""

    reported: int
    open: int
    overdue: int
    closed: int
    ended_otherwise: int
    on_time: int
    late: int
    counted: int
    in_grid: int
    done_alone: int
    reopened: int
    rated: int
    noes: int
    waited_median_hours: float | None
    waited_p90_hours: float | None
    office_median_minutes: float | None
    office_p90_minutes: float | None
    in_grid_share: float | None
    on_time_share: float | None
    noes_share: float | None


class GroupOut(Schema):
    key: str
    zh: str
    en: str
    line: LineOut


class AreaGroupOut(GroupOut):
    """An area right below, or that lay below in the period. Of a grid that was divided anew: when it began, if within the period, the
    first day on which it is no more, and from which grids it took households over, or into which its own went.
    """

    begun_on: date | None
    ended_on: date | None
    came_from: list[KinOut]
    went_into: list[KinOut]


class WentOverOut(Schema):
    """Cases that lay in one grid when they were reported, and went to another while they were open."""

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    reported: int
    open: int
    closed: int


class TierOut(Schema):
    found: str
    resolved: str
    count: int


class StandingFigureOut(Schema):
    required: int
    filled: int
    vacant: int
    by_stand_in: int
    away: int
    posts: int
    held: int


class PostsOut(StandingFigureOut):
    level: str
    kind: str


class StaffingFigureOut(Schema):
    total: StandingFigureOut
    kinds: list[PostsOut]
    urban_workers: int
    urban_full_time: int
    full_time_share: float | None


class RefusalFigureOut(Schema):
    department: str
    zh: str
    en: str
    not_admitted: int
    beyond: int


class FiguresOut(Schema):
    """Cases reported in the period, each counted where it lay then; `tiers` and the shares leave out what was done alone within minutes.

    `went_over` tells which of them lie in other grids now.
    """

    area: str
    period: str
    since: datetime
    until: datetime
    total: LineOut
    by_business: list[GroupOut]
    by_group: list[GroupOut]
    by_item: list[GroupOut]
    by_area: list[AreaGroupOut]
    by_month: list[GroupOut]
    tiers: list[TierOut]
    outcomes: dict[str, int]
    staffing: StaffingFigureOut
    refusals: list[RefusalFigureOut]
    went_over: list[WentOverOut]


@router.get("", response={200: FiguresOut, **problems(403, 404)})
def read_figures(request: HttpRequest, area: AreaCode, period: PeriodName) -> dict[str, Any]:
    """The figures of an area for a year (`2026`), a quarter (`2026-Q3`) or a month (`2026-09`)."""
    found = queries.figures(request.viewer, area=area, period=period)  # type: ignore[attr-defined]
    groups = ("by_business", "by_group", "by_item", "by_area", "by_month")
    return {
        "area": found.area,
        "period": found.period.name,
        "since": found.period.since,
        "until": found.period.until,
        "total": found.total,
        **{name: getattr(found, name) for name in groups},
        "tiers": [{"found": at, "resolved": by, "count": count} for (at, by), count in found.tiers.items()],
        "outcomes": found.outcomes,
        "staffing": _staffing(found.staffing),
        "refusals": [_refusal(count) for count in found.refusals],
        "went_over": found.went_over,
    }


def _staffing(found: Any) -> dict[str, Any]:
    names = StandingFigureOut.model_fields
    return {
        "total": found.total,
        "kinds": [
            {"level": level, "kind": kind, **{name: getattr(standing, name) for name in names}}
            for (level, kind), standing in found.kinds.items()
        ],
        "urban_workers": found.urban_workers,
        "urban_full_time": found.urban_full_time,
        "full_time_share": found.full_time_share,
    }


def _refusal(count: Any) -> dict[str, Any]:
    return {name: getattr(count, name) for name in RefusalFigureOut.model_fields}
