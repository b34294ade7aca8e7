"""The figures of an area and a period, counted set-wise in one pass over its cases. Each is defined in docs/workings/figures.md.

A case counts where it lay when it was reported, so that figures of a time use the grids of that time.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas.queries import Kin, area_by_code, ended_on, grids_that_stood, lineages_of
from wangge.areas.queries.outlines import area_names
from wangge.base import clock
from wangge.base.calendar import CHINA, SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.cases.queries import CaseFilter, counties_below
from wangge.catalogue.queries import RefusalCount, refusals_by_asker
from wangge.figures.rules import Period, open_spans, period_before, period_of, share
from wangge.staff.queries import Staffing, staffing

_COLUMNS = ("county", "township", "community", "grid")
#: By level: the column of the areas right below, and how deep they lie in a path.
_BELOW = {
    "city": ("county_id", 1),
    "county": ("township_id", 2),
    "township": ("community_id", 3),
    "community": ("grid_id", 4),
}
#: So many forebears of a grid are put beside it at most.
_MOST_BESIDE = 8


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
    """A group's key, what it is called in both languages, and its line.

    Of an area below also since when it is no more; of a grid, when it began within the period, from which grids it took households
    over then, and into which its own went: within the period, or when it ended.
    """

    key: str
    zh: str
    en: str
    line: Line
    begun_on: date | None = None
    ended_on: date | None = None
    came_from: tuple[Kin, ...] = ()
    went_into: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True)
class WentOver:
    """Cases that lay in one place when they were reported and went to another while they were open: how many, and how they stand now
    or were closed there.
    """

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    reported: int
    open: int
    closed: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A grid and a period of its own, to be read beside another's: its forebears before it was made of them.

    `households` are those that it gave at that moment; None for the grid itself.
    """

    code: str
    name: str
    households: int | None
    period: Period
    line: Line


@dataclass(frozen=True, slots=True)
class Figures:
    """`tiers` counts closed cases, without those done alone, by where they were found and where resolved. `went_over`: which cases
    of the period lie in other grids now, out of the area, into it, or within it.
    """

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
    went_over: list[WentOver]

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
            reported_there=True,
        )


# Those that lie in the area, but for what came from elsewhere; then the few that lay in it and went elsewhere.
_CASES = """
with hours as materialized (select %(opens)s::float8[] as opens, %(closes)s::float8[] as closes, %(done)s::float8[] as done),
chosen as materialized (
  {chosen} where {place} and c.reported_at >= %(since)s and c.reported_at < %(until)s
     and (c.reported_in is null or c.reported_in <@ %(path)s::ltree)
  union all
  {chosen} where c.reported_in is not null and c.reported_at >= %(since)s and c.reported_at < %(until)s
     and not ({place}) and c.reported_in <@ %(path)s::ltree)
"""
_CHOSEN = """
  select c.state, c.late, c.was_late, c.done_alone, c.reopened, c.noes, c.rating, c.outcome, c.found_tier, c.resolved_tier,
         c.business, c.item_id as item, v."group" as item_group, {below} as below,
         to_char(c.reported_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month,
         c.state = 'closed' as closed,
         case when c.state = 'closed' then extract(epoch from greatest(c.closed_at - c.reported_at, '0')) / 3600 end as waited,
         case when c.state = 'closed' and c.handled_at is not null then greatest(0, {handled} - {received}) end as office
    from cases_case c join catalogue_itemversion v on v.id = c.item_version_id, hours
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


_WENT_OVER = """
select ltree2text(subpath(reported_in, -1)), ltree2text(subpath(path, -1)),
       count(*), count(*) filter (where state = any(%(open)s)), count(*) filter (where state = 'closed')
  from cases_case
 where reported_in is not null and reported_at >= %(since)s and reported_at < %(until)s
   and (reported_in <@ %(path)s::ltree or path <@ %(path)s::ltree)
 group by 1, 2 order by 3 desc, 1, 2 limit 200
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
    groups = {kind: _named(kind, keyed) for kind, keyed in lines.items() if kind not in ("total", "area")}
    return Figures(
        area=area,
        period=span,
        total=lines["total"][""],
        by_business=groups.get("business", []),
        by_group=groups.get("group", []),
        by_item=groups.get("item", []),
        by_area=_areas_below(place.code, place.level, span, lines.get("area", {})),
        by_month=groups.get("month", []),
        tiers=tiers,
        outcomes=outcomes,
        staffing=staffing(viewer, area, today=moment.astimezone(SHANGHAI).date()),
        refusals=refusals_by_asker(viewer, area, span.since, span.until),
        went_over=_went_over(place.path, span),
    )


def beside(viewer: Viewer, *, area: str, period: str, now: datetime | None = None) -> list[Beside]:
    """Of a grid that was made of others, or took households over: the grids from which it has them, each in the last period of the
    same length that had ended before; itself too, if it stood then. Nothing is reckoned over: the grids of then were other grids.

    Empty for other areas, for a period that ended before, and of grids whose figures the viewer may not read.
    """
    span = period_of(period)
    place = area_by_code(area)
    if not viewer.may(Verb.FIGURES_READ, place.path):
        raise NotAllowed
    came = lineages_of([area])[area].came
    earlier = [kin for kin in came if kin.at < span.until]
    if place.level != "grid" or not earlier:
        return []
    moment = now or clock.now()
    last = earlier[0].at
    then = period_before(span.name, last)
    parts = [kin for kin in earlier if kin.at == last][:_MOST_BESIDE]
    wanted: list[tuple[str, str, int | None]] = [(kin.code, kin.name, kin.households) for kin in parts]
    stood = grids_that_stood(place.parent_id or "", then.since.date(), then.until.date())
    if any(grid.code == area for grid in stood):
        wanted.append((area, place.name, None))
    found = []
    for code, name, households in wanted:
        path = place.path if code == area else area_by_code(code).path
        if viewer.may(Verb.FIGURES_READ, path):
            line = _counted(path, "grid", then, moment)[0]["total"][""]
            found.append(Beside(code, name, households, then, line))
    return found


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
        "path": path,
        **_hours(span.since, now),
    }
    if level in _COLUMNS:
        where, values["place"] = f"c.{level}_id = %(place)s", code
    else:
        where, values["place"] = "c.county_id = any(%(place)s)", counties_below(path)
    chosen = _CHOSEN.format(
        below=_below(level),
        handled=_WORKED.format(at="extract(epoch from c.handled_at)::float8"),
        received=_WORKED.format(at="extract(epoch from c.received_at)::float8"),
    )
    cases = _CASES.format(place=where, chosen=chosen)
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


def _below(level: str) -> str:
    """In which area right below a case lay when it was reported."""
    if level not in _BELOW:
        return "null::text"
    column, depth = _BELOW[level]
    return f"case when c.reported_in is null then c.{column} else households_tier(c.reported_in, {depth}) end"


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
_NOTHING = Line(*(None if name.endswith(("_hours", "_minutes")) else 0 for name in LINE_FIELDS))  # type: ignore[arg-type]  # counts are 0, what is measured is None


def _areas_below(code: str, level: str, span: Period, lines: dict[str, Line]) -> list[Named]:
    """The areas right below in which cases were reported; of a community all grids that stood in the period, and what became of each."""
    if level != "community":
        named = _named("area", lines)
        gone = ended_on([each.key for each in named])
        return [replace(each, ended_on=gone.get(each.key)) for each in named]
    stood = {each.code: each for each in grids_that_stood(code, span.since.date(), span.until.date())}
    every = _named("area", dict.fromkeys(stood, _NOTHING) | lines)
    gone = ended_on([each.key for each in every])
    lineages = lineages_of([each.key for each in every])
    found = []
    for each in every:
        kin, began, ended = lineages[each.key], stood.get(each.key), gone.get(each.key)
        within = began is not None and began.begun_on > span.since.date()
        found.append(
            replace(
                each,
                begun_on=began.begun_on if began and within else None,
                ended_on=ended,
                came_from=tuple(one for one in kin.came if span.since <= one.at < span.until),
                went_into=tuple(one for one in kin.went if ended or span.since <= one.at < span.until)
                or (kin.back_to if ended else ()),
            )
        )
    return found


def _went_over(path: str, span: Period) -> list[WentOver]:
    from wangge.cases.lifecycle import OPEN

    asked: dict[str, Any] = {"path": path, "since": span.since, "until": span.until, "open": list(OPEN)}
    with connection.cursor() as cursor:
        cursor.execute(_WENT_OVER, asked)
        rows = cursor.fetchall()
    names = area_names({code for was, now, *_counts in rows for code in (was, now)}) if rows else {}
    return [
        WentOver(was, names.get(was, was), to, names.get(to, to), *counts) for was, to, *counts in rows
    ]  # fmt: skip
