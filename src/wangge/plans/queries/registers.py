"""What is there to divide today: buildings with how many households they have, grids, communities."""

from dataclasses import dataclass

from django.db import connection

from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.plans.rules.content import BuildingRow, GridRow


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
