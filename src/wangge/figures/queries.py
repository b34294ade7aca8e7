"""The figures of an area and a period, counted set-wise in one pass over its cases. Each is defined in docs/workings/figures.md."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas.queries import area_by_code
from wangge.base import clock
from wangge.base.calendar import CHINA, SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.cases.queries import CaseFilter, counties_below
from wangge.catalogue.queries import RefusalCount, refusals_by_asker
from wangge.figures.rules import Period, open_spans, period_of, share
from wangge.staff.queries import Staffing, staffing

_COLUMNS = ("county", "township", "community", "grid")
_BELOW = {"city": "county_id", "county": "township_id", "township": "community_id", "community": "grid_id"}


@dataclass(frozen=True, slots=True)
class Line:
    """The cases of one group: all of the area, a business, a group of items, an item, an area right below, a month.

    `counted` are the closed ones without those `done_alone`; `in_grid` of them were found and resolved in the grid.
    Hours and minutes are None where nothing was closed.
    """

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

    @property
    def in_grid_share(self) -> float | None:
        """Row M6, which asks for 90 %."""
        return share(self.in_grid, self.counted)

    @property
    def on_time_share(self) -> float | None:
        return share(self.on_time, self.closed)

    @property
    def noes_share(self) -> float | None:
        """Of the reporters who said whether it was mended, those who said no."""
        return share(self.noes, self.rated)


@dataclass(frozen=True, slots=True)
class Named:
    """A group's key, what it is called in both languages, and its line."""

    key: str
    zh: str
    en: str
    line: Line


@dataclass(frozen=True, slots=True)
class Figures:
    """`tiers` counts closed cases, without those done alone, by where they were found and where resolved."""

    area: str
    period: Period
    total: Line
    by_business: list[Named]
    by_group: list[Named]
    by_item: list[Named]
    by_area: list[Named]
    by_month: list[Named]
    tiers: dict[tuple[str, str], int]
    outcomes: dict[str, int]
    staffing: Staffing
    refusals: list[RefusalCount]

    def cases_behind(
        self, *, area: str = "", month: str = "", found: str = "", resolved: str = ""
    ) -> CaseFilter:
        """The closed cases that a figure counts, as a filter of the list of cases (done alone among them)."""
        within = period_of(month) if month else self.period
        return CaseFilter(
            area=area or self.area,
            queue="closed",
            since=within.since,
            until=within.until,
            found_tier=found,
            resolved_tier=resolved,
        )


_CASES = """
with chosen as materialized (
  select c.state, c.late, c.was_late, c.done_alone, c.reopened, c.noes, c.rating, c.outcome, c.found_tier, c.resolved_tier,
         c.business, c.item_id as item, v."group" as item_group, {below} as below,
         to_char(c.reported_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month,
         c.state = 'closed' as closed,
         case when c.state = 'closed' then extract(epoch from greatest(c.closed_at - c.reported_at, '0')) / 3600 end as waited,
         case when c.state = 'closed' and c.handled_at is not null then greatest(0, {handled} - {received}) end as office
    from cases_case c join catalogue_itemversion v on v.id = c.item_version_id,
         (select %(opens)s::float8[] as opens, %(closes)s::float8[] as closes, %(done)s::float8[] as done offset 0) as hours
   where {place} and c.reported_at >= %(since)s and c.reported_at < %(until)s)
"""
# Working minutes until a moment: those of all spans before the one that opened last, and what of that one had passed.
_WORKED = "coalesce(done[width_bucket({at}, opens)] + least({at}, closes[width_bucket({at}, opens)]) - opens[width_bucket({at}, opens)], 0) / 60"
_LINES = """
select case grouping(business, item_group, item, below, month)
         when 31 then 'total' when 15 then 'business' when 23 then 'group' when 27 then 'item' when 29 then 'area' else 'month' end,
       coalesce(business, item_group, item, below, month, ''),
       count(*), count(*) filter (where state = any(%(open)s)), count(*) filter (where late = 'overdue' and state = any(%(open)s)),
       count(*) filter (where closed), count(*) filter (where state in ('cancelled', 'merged')),
       count(*) filter (where closed and not was_late), count(*) filter (where closed and was_late),
       count(*) filter (where closed and not done_alone),
       count(*) filter (where closed and not done_alone and found_tier = 'grid' and resolved_tier = 'grid'),
       count(*) filter (where done_alone), count(*) filter (where reopened > 0),
       count(*) filter (where rating is not null or noes > 0), count(*) filter (where noes > 0),
       percentile_cont(0.5) within group (order by waited), percentile_cont(0.9) within group (order by waited),
       percentile_cont(0.5) within group (order by office), percentile_cont(0.9) within group (order by office)
  from chosen
 group by grouping sets ((), (business), (item_group), (item), (below), (month))
"""
_CROSSED = """
select found_tier, resolved_tier, outcome, count(*) filter (where not done_alone), count(*) from chosen where closed
 group by grouping sets ((found_tier, resolved_tier), (outcome))
"""


def figures(viewer: Viewer, *, area: str, period: str, now: datetime | None = None) -> Figures:
    """Every figure of an area for a year, quarter or month of reporting.

    NotFound for an unknown area, NotAllowed without the right to its figures, BadPeriod.
    """
    span = period_of(period)
    place = area_by_code(area)
    if not viewer.may(Verb.FIGURES_READ, place.path):
        raise NotAllowed
    moment = now or clock.now()
    lines, tiers, outcomes = _counted(place.path, place.level, span, moment)
    groups = {kind: _named(kind, keyed) for kind, keyed in lines.items() if kind != "total"}
    return Figures(
        area=area,
        period=span,
        total=lines["total"][""],
        by_business=groups.get("business", []),
        by_group=groups.get("group", []),
        by_item=groups.get("item", []),
        by_area=groups.get("area", []),
        by_month=groups.get("month", []),
        tiers=tiers,
        outcomes=outcomes,
        staffing=staffing(viewer, area, today=moment.astimezone(SHANGHAI).date()),
        refusals=refusals_by_asker(viewer, area, span.since, span.until),
    )


_Lines = dict[str, dict[str, Line]]


def _counted(
    path: str, level: str, span: Period, now: datetime
) -> tuple[_Lines, dict[tuple[str, str], int], dict[str, int]]:
    from wangge.cases.lifecycle import OPEN

    code = path.rsplit(".", 1)[-1]
    values: dict[str, Any] = {
        "since": span.since,
        "until": span.until,
        "open": list(OPEN),
        **_hours(span.since, now),
    }
    if level in _COLUMNS:
        where, values["place"] = f"c.{level}_id = %(place)s", code
    else:
        where, values["place"] = "c.county_id = any(%(place)s)", counties_below(path)
    cases = _CASES.format(
        place=where,
        below=f"c.{_BELOW[level]}" if level in _BELOW else "null::text",
        handled=_WORKED.format(at="extract(epoch from c.handled_at)::float8"),
        received=_WORKED.format(at="extract(epoch from c.received_at)::float8"),
    )
    with connection.cursor() as cursor:
        cursor.execute(cases + _LINES, values)
        lines: _Lines = {"total": {}}
        for kind, key, *counts in cursor.fetchall():
            if key or kind == "total":
                lines.setdefault(kind, {})[key] = Line(*counts)
        cursor.execute(cases + _CROSSED, values)
        tiers, outcomes = {}, {}
        for found, resolved, outcome, counted, all_closed in cursor.fetchall():
            if outcome is None:
                tiers[found, resolved] = counted
            else:
                outcomes[outcome] = all_closed
    return (
        lines,
        {pair: count for pair, count in sorted(tiers.items()) if count},
        dict(sorted(outcomes.items())),
    )


def _hours(since: datetime, now: datetime) -> dict[str, list[float]]:
    """The office's open hours since the period began, as seconds, and the seconds worked before each."""
    spans = open_spans(CHINA, since, max(since, now))
    opens, closes = [a.timestamp() for a, _ in spans], [b.timestamp() for _, b in spans]
    done = [0.0]
    for opened, closed in zip(opens, closes, strict=True):
        done.append(done[-1] + closed - opened)
    return {"opens": opens, "closes": closes, "done": done[:-1]}


_NAMES = {
    "group": 'select distinct on ("group") "group", group_zh, group_en from catalogue_itemversion order by "group", number desc',
    "item": "select w.code, v.zh, v.en from catalogue_workitem w join catalogue_itemversion v on v.id = w.version_id",
    "area": "select code, name, name from areas_area where code = any(%s)",
}


def _named(kind: str, lines: dict[str, Line]) -> list[Named]:
    names: dict[str, tuple[str, str]] = {}
    if kind in _NAMES:
        with connection.cursor() as cursor:
            cursor.execute(_NAMES[kind], [list(lines)] if kind == "area" else None)
            names = {key: (zh, en) for key, zh, en in cursor.fetchall()}
    return [Named(key, *names.get(key, (key, key)), line) for key, line in sorted(lines.items())]


LINE_FIELDS = tuple(field.name for field in fields(Line))
