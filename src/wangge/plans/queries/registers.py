"""What is there to divide today: buildings with how many households they have, grids, communities."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.calendar import SHANGHAI
from wangge.plans.rules.content import BuildingRow, GridRow
from wangge.plans.rules.workload import MINUTES_A_CALL, calls_a_year
from wangge.staff import queries as staff
from wangge.visits import queries as visits


@dataclass(frozen=True, slots=True)
class Registered:
    """A building of today; `astray` households of it are kept under another path than the building."""

    row: BuildingRow
    astray: int


def buildings_in(path: str) -> list[Registered]:
    """Buildings with the number of their households, of an area in the viewer's scope; of others none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id::text, name, compound, compound_name, lon, lat, path, households, astray"
            " from plans_buildings(%s::ltree) order by path, compound, name, id",
            [path],
        )
        return [Registered(BuildingRow(*row[:8]), row[8]) for row in cursor.fetchall()]


def grid_rows(grids: list[Area]) -> list[GridRow]:
    return [GridRow(grid.code, grid.name, grid.parent_id or "", grid.lon, grid.lat) for grid in grids]


def households_in(path: str) -> int:
    """How many households stand at or below a path: before and after an applying they are the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(households), 0) from households_tally where path <@ %s::ltree", [path]
        )
        (count,) = cursor.fetchone()
    return int(count)


def estates_in(path: str) -> dict[str, str]:
    """Estates that stand at or below a path: code → path."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, path::text from households_compound where valid_to is null and path <@ %s::ltree",
            [path],
        )
        return dict(cursor.fetchall())


def outlines_for(
    path: str, communities: list[str]
) -> tuple[dict[str, dict[str, object] | None], list[dict[str, object]]]:
    """Outlines of these communities, and of the dedicated grids in them."""
    known = {each.code: each.boundary for each in areas.communities_within(path) if each.code in communities}
    dedicated = [each.boundary for each in areas.grids_within(path, kind="dedicated") if each.boundary]
    return known, dedicated


def minutes_in(path: str, *, now: datetime) -> dict[str, float]:
    """Minutes a year that each building asks of its worker: calls by the rules in force, and the last year's cases. Of a building only its
    share of a sum of ten households and more is known, which no plan chooses: see `plans_workload`.
    """
    rules = visits.rules_in_force()
    asked: list[Any] = [
        path,
        orjson.dumps(calls_a_year(rules)).decode(),
        orjson.dumps(calls_a_year([rule for rule in rules if rule.law])).decode(),
        MINUTES_A_CALL,
        now - timedelta(days=365),
        now.astimezone(SHANGHAI).date(),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "select id::text, minutes from plans_workload(%s::ltree, %s::jsonb, %s::jsonb, %s, %s, %s)", asked
        )
        return dict(cursor.fetchall())


def called_on_in(path: str, *, since: date) -> list[tuple[int, str, float]]:
    """Account, building, and how many of its households that account called on since: its share of a sum of ten households and more,
    which no plan chooses. See `plans_visited`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select account, building::text, households from plans_visited(%s::ltree, %s)", [path, since]
        )
        return list(cursor.fetchall())


def workers_of(codes: Collection[str], *, now: datetime) -> dict[str, int]:
    """Which grids have the same workers: a number for each set of people, none where nobody walks. It names nobody."""
    held = (
        staff.holding_on(now.astimezone(SHANGHAI).date())
        .filter(post__area_id__in=list(codes), post__kind__duties__contains=["walk"])
        .values_list("post__area_id", "account_id")
    )
    people: dict[str, set[int]] = {}
    for code, account in held:
        people.setdefault(code, set()).add(account)
    numbers: dict[frozenset[int], int] = {}
    return {
        code: numbers.setdefault(frozenset(accounts), len(numbers))
        for code, accounts in sorted(people.items())
    }
