"""A community with compounds, buildings and households for tests, written by the owner in few statements."""

from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

from django.db import connections
from tests import builders

from wangge.base.ids import new_id

WEST, SOUTH = 119.3505, 34.7405
STEP = 0.0018


@contextmanager
def locked(town, kind, key):
    """The row is under lock by somebody else, and who waits for a lock meanwhile fails."""
    owner = town.owner
    with owner.cursor() as cursor:
        table, column = kind._meta.db_table, kind._meta.pk.column
        cursor.execute(f"select from {table} where {column} = %s for update", [key])
        assert cursor.rowcount == 1
    with connections["default"].cursor() as mine:
        mine.execute("set lock_timeout = '2s'")
        try:
            yield
        finally:
            owner.rollback()
            mine.execute("reset lock_timeout")


def compound(town, number, lon, lat, grid):
    code = f"T{number:03d}"
    town.owner.execute(
        "insert into households_compound (code, name, aliases, address, area_id, path, lon, lat, made_up, valid_from)"
        " values (%s, %s, '{}', '', %s, %s::ltree, %s, %s, true, '2020-01-01')",
        [code, f"小区{number}", grid.parent_id, ".".join(grid.path.split(".")[:4]), lon, lat],
    )
    return code


def building(town, grid, lon, lat, *, households, compound=None, name="1号楼", start=0):
    """A building with so many households, one to a door."""
    made = new_id()
    owner = town.owner
    owner.execute(
        "insert into households_building (id, compound_id, name, lon, lat, made_up, path, valid_from)"
        " values (%s, %s, %s, %s, %s, true, %s::ltree, '2020-01-01')",
        [made, compound, name, lon, lat, grid.path],
    )
    community = grid.path.split(".")[3]
    homes = [(new_id(), new_id(), number) for number in range(start, start + households)]
    dwellings = [dwelling for dwelling, _, _ in homes]
    # In one statement each: triggers keep sums for every one.
    owner.execute(
        "insert into households_dwelling (id, building_id, door, plate, revision, path, valid_from)"
        " select id, %s, door, '', 1, %s::ltree, '2020-01-01' from unnest(%s::uuid[], %s::text[]) as t (id, door)",
        [made, grid.path, dwellings, [f"{number}" for _, _, number in homes]],
    )
    owner.execute(
        "insert into households_household (id, dwelling_id, number, has_plot, only_by_law, made_up, revision, path, valid_from)"
        " select id, dwelling, number, false, false, true, 1, %s::ltree, '2020-01-01'"
        " from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t (id, dwelling, number)",
        [
            grid.path,
            [home for _, home, _ in homes],
            dwellings,
            [f"{community}-{number}" for _, _, number in homes],
        ],
    )
    return SimpleNamespace(id=made, homes=[home for _, home, _ in homes], path=grid.path)


def laid_out(town, *, columns=10, rows=4, households=10):
    """Compounds of two buildings in a raster over both grids of the community; each building with so many households.

    The raster is cut by today's border in the middle, which runs through the compounds of the column left of it.
    """
    found, number = [], 0
    for column in range(columns):
        for row in range(rows):
            lon, lat = WEST + column * STEP, SOUTH + row * 0.0022
            grid = town.grid_a if lon < 119.3595 else town.grid_b
            code = compound(town, len(found), lon, lat, grid)
            pair = []
            for side in (0, 1):
                at = town.grid_b if side and column == columns // 2 - 1 else grid
                pair.append(
                    building(
                        town, at, lon + side * 0.0004, lat, households=households, compound=code,
                        name=f"{side + 1}号楼", start=number,
                    )
                )  # fmt: skip
                number += households
            found.append(SimpleNamespace(code=code, buildings=pair, lon=lon, lat=lat))
    town.owner.commit()
    return found


def case_at(town, work, grid, lon, lat, *, state="reported", **facts):
    return builders.case(town.owner, work, grid, state=state, lon=lon, lat=lat, **facts)


DAY = date(2026, 4, 15)
