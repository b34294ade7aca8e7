"""Whose rounds of a day are still to be planned, with the doors of each grid: set-wise."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from wangge.access import Viewer
from wangge.visits.models import Round
from wangge.visits.queries.doors import stops
from wangge.visits.queries.dues import STOPS, minutes_at
from wangge.visits.rules import Stop


@dataclass(frozen=True, slots=True)
class Walkers:
    """Who walks a grid on a day and has no round there yet."""

    path: str
    accounts: tuple[int, ...]


_WALKERS = """
select g.path::text, array_agg(w.account order by w.account)
  from areas_area g cross join lateral staff_present(g.code, '{walk}', '', %(day)s, false) w(account)
 where g.level = 'grid' and (g.valid_to is null or g.valid_to >= %(day)s)
   and g.path <@ any ((select current_setting('wangge.homes', true)::ltree[])::ltree[])
   and exists (select from visits_duevisit d
                where d.township_id = subpath(g.path, 2, 1)::text and d.community_id = subpath(g.path, 3, 1)::text
                  and d.grid_id = g.code and d.since <= %(day)s)
   and not exists (select from visits_round r where r.account_id = w.account and r.day = %(day)s and r.path = g.path)
 group by g.path order by g.path
"""


def walkers_without_round(viewer: Viewer, day: date) -> list[Walkers]:  # noqa: ARG001 - the row policies use it
    """The grids in which something is due on the day, with whoever walks there then and has no round yet."""
    with connection.cursor() as cursor:
        cursor.execute(_WALKERS, {"day": day})
        return [Walkers(path, tuple(accounts)) for path, accounts in cursor.fetchall()]


# A grid's first doors are read from an index, whose order is theirs.
_FIRST = """
select w.path, d.household_id, d.by,
       (select count(*) from jsonb_array_elements(d.reasons) r join visits_errand e on e.id = nullif(r ->> 'id', '')::uuid
         where (r ->> 'fell')::date <= %(day)s)
  from unnest(%(paths)s::text[], %(townships)s::text[], %(communities)s::text[], %(grids)s::text[], %(counts)s::int[])
       as w(path, township, community, grid, count)
  cross join lateral (
    select household_id, by, reasons from visits_duevisit
     where township_id = w.township and community_id = w.community and grid_id = w.grid and since <= %(day)s
     order by by, household_id limit w.count) d
 order by w.path, d.by, d.household_id
"""


def first_doors(viewer: Viewer, grids: Sequence[Walkers], day: date) -> dict[str, list[Stop]]:
    """Of each grid the doors that end first, as many as all who walk there take on their sheets."""
    tiers = [each.path.split(".") for each in grids]
    asked: dict[str, Any] = {
        "paths": [each.path for each in grids],
        "townships": [tier[2] for tier in tiers],
        "communities": [tier[3] for tier in tiers],
        "grids": [tier[4] for tier in tiers],
        "counts": [STOPS * len(each.accounts) for each in grids],
        "day": day,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, asked)
        rows = cursor.fetchall()
    known = stops(viewer, [household for _, household, *_ in rows])
    found: defaultdict[str, list[Stop]] = defaultdict(list)
    for path, household, by, errands in rows:
        if household in known:
            found[path].append(replace(known[household], minutes=minutes_at(errands), due=by))
    return found


def grids_walked(viewer: Viewer, accounts: Sequence[int], day: date) -> Mapping[int, int]:  # noqa: ARG001 - the row policy uses it
    """In how many grids each of these has a round on the day."""
    rows = Round.objects.filter(account_id__in=accounts, day=day).values_list("account_id")
    return dict(rows.annotate(grids=Count("path", distinct=True)))


def last_numbers(viewer: Viewer, accounts: Sequence[int], day: date) -> Mapping[int, int]:  # noqa: ARG001 - the row policy uses it
    """The number of the last round that each of these has on the day."""
    rows = Round.objects.filter(account_id__in=accounts, day=day).order_by("number")
    return dict(rows.values_list("account_id", "number"))


@dataclass(slots=True)
class PlannedDay:
    """The doors of a day in walking order; about when each call begins, in minutes after midnight; and those for which the day is
    too short.
    """

    day: date
    doors: list[UUID] = field(default_factory=list)
    about: dict[UUID, int] = field(default_factory=dict)
    left_over: list[UUID] = field(default_factory=list)


def rounds_from(viewer: Viewer, account: int, day: date) -> list[PlannedDay]:  # noqa: ARG001 - as above
    """Each day's last round of this account, from the day on; of each grid where they walk, as who stands in."""
    rows = Round.objects.filter(account_id=account, day__gte=day).order_by("day", "number")
    days: dict[date, PlannedDay] = {}
    for row in {(row.day, row.path): row for row in rows}.values():
        told = days.setdefault(row.day, PlannedDay(row.day))
        told.doors += row.households
        told.about |= dict(zip(row.households, row.begins, strict=False))
        told.left_over += row.left_over
    return list(days.values())
