"""Makes up homes, set-wise: so many households in each of these grids, three people in each, and visits in the past year."""

from collections.abc import Sequence
from typing import Any

_HOMES = """
insert into households_building (id, path, name, lon, lat, made_up, valid_from)
  select gen_random_uuid(), a.path, n || '号楼', 119, 34.5, true, '2020-01-01'
    from areas_area a, generate_series(1, %(buildings)s) n where a.code = any (%(grids)s);
insert into households_dwelling (id, path, building_id, door, plate, revision, valid_from)
  select gen_random_uuid(), b.path, b.id, n || '01', '', 1, '2020-01-01'
    from households_building b, generate_series(1, 10) n where b.grid_id = any (%(grids)s);
insert into households_household (id, path, dwelling_id, number, has_plot, only_by_law, made_up, revision, valid_from)
  select gen_random_uuid(), path, id, grid_id || lpad((row_number() over (partition by grid_id order by id))::text, 4, '0'), false, false, true, 1, '2020-01-01'
    from households_dwelling where grid_id = any (%(grids)s);
insert into households_resident (id, path, household_id, name, sex, residency, relation, phone_tail, made_up, revision)
  select gen_random_uuid(), path, id, substr('王李张刘陈', n, 1) || '小明', '', 'permanent', '', '5678', true, 1
    from households_household, generate_series(1, 3) n where grid_id = any (%(grids)s);
insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons, seen, source, revision)
  select gen_random_uuid(), '', id, path, current_date - 25 * n, now() - n * interval '25 days', now() - n * interval '25 days', now(),
         'met', true, '{}', '', 'app', 1
    from households_household, generate_series(1, %(visits)s) n where grid_id = any (%(grids)s)
"""


def make_homes(owner: Any, grids: Sequence[str], *, tens: int, visits: int = 0) -> None:
    """Ten households a building, where these grids have none yet."""
    found = owner.execute(
        "select distinct grid_id from households_household where grid_id = any (%s)", [list(grids)]
    )
    with_homes = {code for (code,) in found.fetchall()}
    asked = [code for code in grids if code not in with_homes]
    for statement in _HOMES.strip().split(";\n"):
        owner.execute(statement, {"grids": asked, "buildings": tens, "visits": visits})
    owner.commit()
    owner.execute("analyze")
    owner.commit()


def homes_of(owner: Any, grid: str) -> list[str]:
    found = owner.execute("select id from households_household where grid_id = %s order by id", [grid])
    return [str(key) for (key,) in found.fetchall()]
