"""How well an area is staffed (rows M1, M2): required posts, filled ones, vacancies by name, the full-time share.

Required: each area of a level times what its level requires. Filled: held today by somebody, at most as many as required
in each area, so that two in one grid do not hide an empty one elsewhere. A stand-in counts as filled and is shown apart.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas.models import Area
from wangge.areas.queries import area_by_code
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed


@dataclass(frozen=True, slots=True)
class Standing:
    """Posts of one kind at one level, or all of one area below: required = filled + vacant.

    `by_stand_in` of the filled are held by a stand-in alone; `away` are held by somebody on leave without one. `posts` are
    the open ones, required or not, and `held` those of them that somebody holds.
    """

    required: int
    filled: int
    vacant: int
    by_stand_in: int
    away: int
    posts: int
    held: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """The figures of an area. `kinds` by level and kind code, `below` by code of the areas right below it."""

    area: str
    total: Standing
    kinds: dict[tuple[str, str], Standing]
    below: dict[str, Standing]
    urban_workers: int
    urban_full_time: int

    @property
    def full_time_share(self) -> float | None:
        """Of the grid workers in urban communities, those who do nothing else; None where there are none."""
        return self.urban_full_time / self.urban_workers if self.urban_workers else None


@dataclass(frozen=True, slots=True)
class Vacancy:
    """So many posts of this kind are missing in this area."""

    area: str
    area_name: str
    level: str
    kind: str
    missing: int


@dataclass(frozen=True, slots=True)
class VacancyPage:
    items: list[Vacancy]
    next: str | None


_STAFFING = """
with standing as (
  select s.*, least(held, minimum) as filled,
         case when nlevel(path) > nlevel(%(place)s::ltree)
              then subpath(path, nlevel(%(place)s::ltree), 1)::text else '' end as below
    from staff_standing(%(place)s::ltree, %(today)s) s)
select grouping(level, kind, below), level, kind, below,
       sum(minimum)::int, sum(filled)::int, sum(minimum - filled)::int,
       sum(least(by_stand_in, filled))::int, sum(least(away, filled))::int, sum(posts)::int, sum(held)::int
  from standing
 group by grouping sets ((), (level, kind), (below))
"""
_ALL, _BY_KIND = 7, 1  # what `grouping` says: a bit for each column that the row sums over

_VACANCIES = """
select path::text, area, area_name, level, kind, minimum - held
  from staff_standing(%(place)s::ltree, %(today)s)
 where held < minimum and %(wanted)s in ('', kind) and %(tier)s in ('', level)
   and (path::text collate "C", kind collate "C") > (%(path)s, %(kind)s)
 order by path::text collate "C", kind collate "C" limit %(limit)s
"""


def staffing(viewer: Viewer, area_code: str, *, today: date) -> Staffing:
    """The figures of an area with all that lies below it; NotAllowed outside the viewer's scope."""
    area = area_of_figures(viewer, area_code)
    total, kinds, below = Standing(*[0] * 7), {}, {}
    with connection.cursor() as cursor:
        cursor.execute(_STAFFING, {"place": area.path, "today": today})
        for grouped, level, kind, under, *figures in cursor.fetchall():
            if grouped == _BY_KIND:
                kinds[level, kind] = Standing(*figures)
            elif grouped == _ALL and figures[0] is not None:
                total = Standing(*figures)
            elif under:
                below[under] = Standing(*figures)
        cursor.execute("select * from staff_full_time(%s::ltree, %s)", [area.path, today])
        workers, full_time = cursor.fetchone()
    return Staffing(area.code, total, kinds, below, workers, full_time)


def vacancies(
    viewer: Viewer,
    area_code: str,
    *,
    today: date,
    kind: str = "",
    level: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> VacancyPage:
    """Which posts are missing where, from the area down, of one kind and at one level where these are given.

    NotAllowed outside the viewer's scope.
    """
    area = area_of_figures(viewer, area_code)
    path, after = decode_cursor(cursor, str, str) if cursor else ("", "")
    asked = {
        "place": area.path,
        "today": today,
        "wanted": kind,
        "tier": level,
        "path": path,
        "kind": after,
        "limit": limit + 1,
    }
    with connection.cursor() as database:
        database.execute(_VACANCIES, asked)
        rows: list[tuple[Any, ...]] = database.fetchall()
    following = encode_cursor((rows[limit - 1][0], rows[limit - 1][4])) if len(rows) > limit else None
    return VacancyPage([Vacancy(*row[1:]) for row in rows[:limit]], following)


def area_of_figures(viewer: Viewer, code: str) -> Area:
    """The area, for whoever may read its figures; NotAllowed."""
    area = area_by_code(code)
    if not viewer.may(Verb.FIGURES_READ, area.path):
        raise NotAllowed
    return area
