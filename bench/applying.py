"""Applying a plan: `plan_apply`, and taking it back: `plan_undo`. A township of 5,000 made-up buildings with two households in each, one
person in every household, divided anew.

The floor is by hand what moving them asks for, in the same run on the same rows: one UPDATE each of buildings, dwellings, households and
people, with the triggers that keep sums, and the commit. What stands beside it in an applying: outlines and posts, locks, what is looked for
(cases, places, dues), the journal, stays, the count that nothing was lost, and what giving back needs.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.ground import asked, tell

BUILDINGS, HOUSEHOLDS = 5_000, 2
TOWNSHIP = "320701001000"
#: So many times as long as the floor an applying, and an undo, may take.
LIMIT = 6

#: Grids and communities as stripes from west to east, buildings in them, and who lives there.
_GROUND = """
create temp table stripe as
  select code, parent_id, path, row_number() over (order by path) - 1 as place, count(*) over () as grids
    from areas_area where level = 'grid' and valid_to is null and path ~ %(inside)s::lquery;
create function pg_temp.box_of(west float, east float) returns jsonb language sql immutable as $$
  select format('{"type":"Polygon","coordinates":[[[%s,34.7],[%s,34.7],[%s,34.745],[%s,34.745],[%s,34.7]]]}', west, east, east, west, west)::jsonb $$;
update areas_area a set boundary = pg_temp.box_of(119.3 + s.place * 0.065 / s.grids, 119.3 + (s.place + 1) * 0.065 / s.grids)
  from stripe s where s.code = a.code;
update areas_area a set boundary = pg_temp.box_of(119.3 + s.west * 0.065 / s.grids, 119.3 + (s.east + 1) * 0.065 / s.grids)
  from (select parent_id, min(place) as west, max(place) as east, min(grids) as grids from stripe group by parent_id) s
 where s.parent_id = a.code;
insert into households_building (id, name, lon, lat, made_up, path, valid_from)
  select gen_random_uuid(), n || '号楼', 119.3 + (n + random()) / %(count)s * 0.065, 34.7 + random() * 0.045, true, s.path, '2020-01-01'
    from generate_series(0, %(count)s - 1) n join stripe s on s.place = n * s.grids / %(count)s;
insert into households_dwelling (id, building_id, door, plate, revision, path, valid_from)
  select gen_random_uuid(), b.id, home::text, '', 1, b.path, '2020-01-01'
    from households_building b, generate_series(1, %(homes)s) home where b.path ~ %(inside)s::lquery;
insert into households_household (id, dwelling_id, number, has_plot, only_by_law, made_up, revision, path, valid_from)
  select gen_random_uuid(), d.id, 'a' || row_number() over (), false, false, true, 1, d.path, '2020-01-01'
    from households_dwelling d where d.path ~ %(inside)s::lquery;
insert into households_resident (id, household_id, name, sex, residency, relation, phone_tail, made_up, revision, path)
  select gen_random_uuid(), id, '某人', '', 'registered_present', '', '', true, 1, path from households_household where path ~ %(inside)s::lquery;
insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
  select id, household_id, path, '2020-01-01', 'known', '', '' from households_resident where path ~ %(inside)s::lquery;
analyze households_building, households_dwelling, households_household, households_resident, households_stay;
"""

_BY_HAND = (
    "update households_building b set path = m.path from going m where m.id = b.id",
    "update households_dwelling d set path = m.path, revision = d.revision + 1 from going m where m.id = d.building_id",
    (
        "update households_household h set path = m.path, revision = h.revision + 1"
        " from going m join households_dwelling d on d.building_id = m.id where d.id = h.dwelling_id"
    ),
    (
        "update households_resident r set path = m.path, revision = r.revision + 1"
        " from going m join households_dwelling d on d.building_id = m.id join households_household h on h.dwelling_id = d.id"
        " where h.id = r.household_id"
    ),
)


def run(runs: int) -> dict[str, Any]:
    """In a process of its own on the data folder."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction

    from wangge.base import clock
    from wangge.plans import actions
    from wangge.plans.models import Plan
    from wangge.project.cluster import Cluster
    from wangge.project.files import system_over_all

    data = Path(settings.ENVIRONMENT.data)
    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        if not (data / "built").exists():
            facts = {"count": BUILDINGS, "homes": HOUSEHOLDS, "inside": f"*.{TOWNSHIP}.*"}
            for statement in filter(str.strip, _statements(_GROUND)):
                owner.execute(statement, facts if "%(" in statement else None)
            (data / "built").touch()
        told: dict[str, Any] = {"apply": [], "undo": [], "floor": [], "floor_back": []}
        for _ in range(runs):
            with transaction.atomic():
                viewer = system_over_all()
                plan = actions.begin_plan(
                    viewer, area=TOWNSHIP, name="量一量", start="divide", low=150, high=350, now=clock.now()
                )
                Plan.objects.filter(id=plan.id).update(state="approved")
            was = dict(owner.execute("select id, path::text from households_building").fetchall())
            began = time.perf_counter()
            with transaction.atomic():
                applied = actions.apply_plan(system_over_all(), plan.id, now=clock.now())
            told["apply"].append(time.perf_counter() - began)
            went = [
                (building, path, was[building])
                for building, path in owner.execute(
                    "select id, path::text from households_building"
                ).fetchall()
                if was[building] != path
            ]
            began = time.perf_counter()
            with transaction.atomic():
                actions.undo_plan(system_over_all(), plan.id, reason="量一量", now=clock.now())
            told["undo"].append(time.perf_counter() - began)
            left = owner.execute("select id, path::text from households_building").fetchall()
            assert dict(left) == was, "the undo gave all of it back"
            told["floor"].append(_by_hand(owner, [(building, path) for building, path, _lay in went]))
            told["floor_back"].append(_by_hand(owner, [(building, lay) for building, _path, lay in went]))
            told |= {"atoms": len(plan.labels), "households": plan.figures["households"]}
            told |= {"buildings_moved": len(went), "grids": applied.figures["grids"]}
    return told


def _by_hand(owner: "psycopg.Connection[Any]", going: list[tuple[Any, str]]) -> float:
    """Seconds that the statements alone take, with their commit."""
    owner.execute("drop table if exists going")
    owner.execute("create temp table going (id uuid primary key, path ltree)")
    with owner.cursor() as cursor, cursor.copy("copy going from stdin") as copy:
        for row in going:
            copy.write_row(row)
    owner.execute("analyze going")
    began = time.perf_counter()
    with owner.transaction():
        for statement in _BY_HAND:
            owner.execute(statement)
    return time.perf_counter() - began


def _statements(script: str) -> list[str]:
    """Split at the ends of statements, not within a function."""
    parts, quoted = [""], False
    for piece in script.split("$$"):
        if quoted:
            parts[-1] += f"$${piece}$$"
        else:
            first, *more = piece.split(";\n")
            parts[-1] += first
            parts += more
        quoted = not quoted
    return parts


def measure(data: Path, runs: int) -> None:
    found = asked(data, "bench.applying", str(runs))
    facts = {name: found[name] for name in ("atoms", "households", "buildings_moved", "grids")}
    for name, what, floor in (("plan_apply", "apply", "floor"), ("plan_undo", "undo", "floor_back")):
        pairs = list(zip(found[what], found[floor], strict=True))
        tell(name, pairs, unit="s", limit=LIMIT, **facts)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]))))
