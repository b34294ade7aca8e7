"""A community with compounds, buildings and households for tests, written by the owner in few statements."""

from contextlib import contextmanager
from datetime import date
from itertools import pairwise
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


def partly_without_grids(town):
    """Six large compounds of two buildings, two of them cut by today's border; and six small ones whose households lie in no grid."""
    laid_out(town, columns=3, rows=2, households=180)
    for at in range(6):
        lon, lat = 119.3412 + at % 3 * 0.003, 34.7415 + at // 3 * 0.005
        code = compound(town, 100 + at, lon, lat, town.grid_a)
        for side in (0, 1):
            building(
                town, town.next_community, lon + side * 0.0005, lat, households=35, compound=code,
                name=f"{side + 1}号楼", start=20_000 + (at * 2 + side) * 35,
            )  # fmt: skip
    town.owner.commit()


#: By community its compounds: of each building the longitude and its households. Borders of grids run at 119.36; at 119.3433 and
#: 119.3467; at 119.40.
_WITHIN_BOUNDS = {
    "community": (
        ((119.3535, 170), (119.3545, 150)),
        ((119.3594, 150), (119.3604, 190), (119.3614, 200)),
    ),
    "next_community": (
        ((119.3408, 150), (119.3416, 150)),
        ((119.3428, 180), (119.3438, 180)),
        ((119.3462, 170), (119.3472, 170)),
        ((119.3480, 160), (119.3488, 160)),
    ),
    "far_side": (
        ((119.3920, 50), (119.3926, 50)),
        ((119.3932, 50), (119.3938, 50)),
        ((119.3960, 50), (119.3966, 50)),
        ((119.3996, 50), (119.4004, 50)),
        ((119.4020, 50), (119.4026, 50)),
        ((119.4040, 50), (119.4046, 50)),
        ((119.4060, 50), (119.4066, 50)),
        ((119.4080, 50), (119.4086, 50)),
    ),
}


def within_bounds(town):
    """Seven grids of 300 to 500 households in three communities of two townships, and fourteen compounds, four of them cut.

    One compound alone has more than 500; the eight of the community on the far side have 100 each.
    """
    grids = {"community": [town.grid_a, town.grid_b], **_more_grids(town)}
    number = start = 0
    for name, compounds in _WITHIN_BOUNDS.items():
        for at, buildings in enumerate(compounds):
            lat = 34.743 + at % 2 * 0.004
            code = compound(town, number, buildings[0][0], lat, grids[name][0])
            number += 1
            for side, (lon, households) in enumerate(buildings, 1):
                grid = next(each for each in grids[name] if lon < each.boundary["coordinates"][0][1][0])
                building(
                    town, grid, lon, lat, households=households, compound=code, name=f"{side}号楼", start=start
                )  # fmt: skip
                start += households
    town.owner.commit()


def _more_grids(town):
    """Three in the community beside; a township beyond with one community of two."""
    owner, box = town.owner, (119.38, 34.73, 119.42, 34.76)
    beyond = builders.area(owner, "320703004000", "township", name="云山街道", parent=town.county, edges=box)
    far_side = builders.area(
        owner, "320703004001", "community", name="云山社区居委会", parent=beyond, edges=(119.39, 34.74, 119.41, 34.75),
        urban_rural_class="111",
    )  # fmt: skip
    made = {}
    for name, place, borders in (
        ("next_community", town.next_community, (119.34, 119.3433, 119.3467, 119.35)),
        ("far_side", far_side, (119.39, 119.40, 119.41)),
    ):
        made[name] = [
            builders.area(
                owner, f"{place.code}{1001 + at}", "grid", name=f"{place.name[:2]}{at + 1}网格", parent=place,
                edges=(west, 34.74, east, 34.75), boundary_made_up=True,
            )
            for at, (west, east) in enumerate(pairwise(borders))
        ]  # fmt: skip
    return made


def case_at(town, work, grid, lon, lat, *, state="reported", **facts):
    return builders.case(town.owner, work, grid, state=state, lon=lon, lat=lat, **facts)


DAY = date(2026, 4, 15)
