"""Applying a plan: `plan_apply`, what is told of it before: `plan_try`, and taking it back: `plan_undo`. A township of 5,000 made-up
buildings with two households in each, one person in every household, divided anew. As in a real one there are open cases (one for
twenty households, a third of them heard at a door), a visit to each third household, something due at each door, an errand for each
tenth, and a place to check for each hundred.

The floor of these is by hand what moving it all asks for, in the same run on the same rows: one UPDATE each of buildings, dwellings,
households, people, open cases and places, with the triggers that keep sums and take along what is due, and the commit. What stands
beside it in an applying: outlines and posts, locks, what is looked for (cases, places, dues), the journal, stays, the count that nothing
was lost, and what giving back needs. A dry run does all of it, and has the database take it back. The database's
statistics stay those of before, as they are where somebody takes a plan back at once.

`plan_today` is the page that shows today's grids of the same township, where every fourth outline of the 48 is drawn wrongly, and how they
would be mended. Its floor is finding by hand what is wrong: outlines and doors read, which doors lie in which outlines, which outlines
overlap and where, and what of a community lies open.

`plan_district_…` is the same of a county's district with as many buildings as one plan takes: how long a draft takes that divides it, and
all of the above.
"""

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import shapely

from bench.ground import asked, tell
from bench.growing import CITY


@dataclass(frozen=True, slots=True)
class Size:
    """An area and how wide it is, its buildings, households in each, the bounds of its new grids, and the post of who looks at it."""

    area: str
    wide: float
    buildings: int
    homes: int
    low: int
    high: int
    lead: tuple[str, str]

    @property
    def inside(self) -> str:
        """As a pattern of paths."""
        return f"*.{self.area}.*"


SIZES = {
    "plan": Size("320702001000", 0.065, 5_000, 2, 150, 350, ("320702001000", "subcentre_lead")),
    "plan_district": Size("320703000000", 0.6, 20_000, 5, 100, 250, (CITY, "administrator")),
}
#: So many times as long as the floor an applying, an undo and a dry run may take, and the page of today's grids.
LIMIT, LIMIT_TODAY = 6, 20
#: Where the area lies: beside all other made-up grids, so that nothing lies in two.
WEST, SOUTH, HEIGHT = 120.0, 34.7, 0.045
#: Corners of a border as one draws it; every fourth is wrong, by this part of a grid's width to either side.
CORNERS, ASTRAY = 40, 0.3

#: Grids and communities as stripes from west to east, buildings in them, and who lives there.
_GROUND = """
create temp table stripe as
  select code, parent_id, path, row_number() over (order by path) - 1 as place, count(*) over () as grids
    from areas_area where level = 'grid' and valid_to is null and path ~ %(inside)s::lquery;
create function pg_temp.box_of(west float, east float) returns jsonb language sql immutable as $$
  select format('{"type":"Polygon","coordinates":[[[%s,34.7],[%s,34.7],[%s,34.745],[%s,34.745],[%s,34.7]]]}', west, east, east, west, west)::jsonb $$;
update areas_area a set boundary = pg_temp.box_of(120.0 + s.place * %(wide)s / s.grids, 120.0 + (s.place + 1) * %(wide)s / s.grids)
  from stripe s where s.code = a.code;
update areas_area a set boundary = pg_temp.box_of(120.0 + s.west * %(wide)s / s.grids, 120.0 + (s.east + 1) * %(wide)s / s.grids)
  from (select parent_id, min(place) as west, max(place) as east, min(grids) as grids from stripe group by parent_id) s
 where s.parent_id = a.code;
insert into households_building (id, name, lon, lat, made_up, path, valid_from)
  select gen_random_uuid(), n || '号楼', 120.0 + (n + random()) / %(count)s * %(wide)s, 34.7 + random() * 0.045, true, s.path, '2020-01-01'
    from generate_series(0, %(count)s - 1) n join stripe s on s.place = n * s.grids / %(count)s;
insert into households_dwelling (id, building_id, door, plate, revision, path, valid_from)
  select gen_random_uuid(), b.id, home::text, '', 1, b.path, '2020-01-01'
    from households_building b, generate_series(1, %(homes)s) home where b.path ~ %(inside)s::lquery;
insert into households_household (id, dwelling_id, number, has_plot, only_by_law, made_up, revision, path, valid_from)
  select gen_random_uuid(), d.id, 'b' || row_number() over (), false, false, true, 1, d.path, '2020-01-01'
    from households_dwelling d where d.path ~ %(inside)s::lquery;
insert into households_resident (id, household_id, name, sex, residency, relation, phone_tail, made_up, revision, path)
  select gen_random_uuid(), id, '某人', '', 'registered_present', '', '', true, 1, path from households_household where path ~ %(inside)s::lquery;
insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
  select id, household_id, path, '2020-01-01', 'known', '', '' from households_resident where path ~ %(inside)s::lquery;
create temp table door as
  select row_number() over (order by h.id) as n, h.id as household, h.path, b.lon, b.lat, gen_random_uuid() as told
    from households_household h join households_dwelling d on d.id = h.dwelling_id join households_building b on b.id = d.building_id
   where h.path ~ %(inside)s::lquery;
insert into cases_case (id, number, content_hash, county_id, township_id, community_id, grid_id, path, border_ids, lon, lat, address,
  item_id, item_version_id, business, urgency, title, description, confidential, source, reported_at, received_at, found_tier, holder_path,
  holder_level, department, department_keys, state, supervised, revision, due_at, late, was_late, raised_to, suspended_from, suspensions,
  accepted_at, handled_tier, outcome, answer, whose, witness, resolved_tier, done_alone, noes, reopened, followers, ground)
  select told, 'P-' || n, decode(md5(n::text), 'hex'), households_tier(path, 1), households_tier(path, 2), households_tier(path, 3),
    households_tier(path, 4), path, '{}', lon, lat, '', code, version, business, 'normal', '路灯不亮', '', false, 'worker', now(), now(), 'grid',
    case when n %% 40 = 0 then path else subpath(path, 0, 4) end, case when n %% 40 = 0 then 'grid' else 'community' end,
    '', '{}', case when n %% 40 = 0 then 'accepted' else 'reported' end, false, 1, now() + interval '3 days', '', false, '', '', 0,
    case when n %% 40 = 0 then now() end, '', '', '', '', '', '', false, 0, 0, '{}', ''
  from door, (select w.code, v.id as version, v.business from catalogue_workitem w join catalogue_itemversion v on v.id = w.version_id
               where not v.confidential order by w.code limit 1) as item
 where n %% 20 = 0;
insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons, seen, source, case_id, revision)
  select gen_random_uuid(), decode(md5(n::text), 'hex'), household, path, current_date - 30, now() - interval '30 days', now() - interval '30 days',
    now() - interval '30 days', 'met', n %% 60 <> 0, '{}', '', 'app', case when n %% 60 = 0 then told end, 1
  from door where n %% 3 = 0;
insert into visits_duevisit (household_id, path, since, by, reasons, known_on, revision, computed_at)
  select household, path, current_date, current_date + (n %% 90)::int, '[]', current_date, 1, now() from door;
insert into visits_errand (id, household_id, path, kind, text, department, since, by, law, added_at)
  select gen_random_uuid(), household, path, 'other', '告知停水', '', current_date, current_date + 30, false, now() from door where n %% 10 = 0;
insert into visits_place (id, path, kind, name, address, lon, lat, every_days, basis, due_on, found, made_up, revision)
  select gen_random_uuid(), path, 'hydrant', '消火栓' || n, '', lon, lat, 30, '', current_date + 7, '', true, 1 from door where n %% 100 = 0;
delete from visits_stale;
alter table households_building set (autovacuum_enabled = false);
alter table households_dwelling set (autovacuum_enabled = false);
alter table households_household set (autovacuum_enabled = false);
alter table households_resident set (autovacuum_enabled = false);
alter table households_stay set (autovacuum_enabled = false);
alter table cases_case set (autovacuum_enabled = false);
analyze households_building, households_dwelling, households_household, households_resident, households_stay;
analyze cases_case, visits_visit, visits_duevisit, visits_errand, visits_place;
"""

#: What lies somewhere, and may go to another grid.
_LIES = """
select id, path::text from households_building union all select id, path::text from cases_case
union all select id, path::text from visits_place
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
    (
        "update cases_case c set path = m.path, community_id = households_tier(m.path, 3), grid_id = households_tier(m.path, 4),"
        " revision = c.revision + 1 from going m where m.id = c.id"
    ),
    "update visits_place p set path = m.path, revision = p.revision + 1 from going m where m.id = p.id",
)


def run(runs: int, size: Size) -> dict[str, Any]:
    """In a process of its own on the data folder."""
    import django

    django.setup()
    from django.conf import settings

    from wangge.project.cluster import Cluster

    data = Path(settings.ENVIRONMENT.data)
    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        if not (data / f"lived-in-{size.area}").exists():
            facts = {"count": size.buildings, "homes": size.homes, "inside": size.inside, "wide": size.wide}
            for statement in filter(str.strip, _statements(_GROUND)):
                owner.execute(statement, None if "$$" in statement else facts)
            (data / f"lived-in-{size.area}").touch()
        return {**_applied(owner, runs, size), **_looked_at(owner, runs, size)}


def _applied(owner: "psycopg.Connection[Any]", runs: int, size: Size) -> dict[str, Any]:
    from django.db import transaction

    from wangge.base import clock
    from wangge.plans import actions
    from wangge.plans.models import Plan
    from wangge.project.files import system_over_all

    told: dict[str, Any] = {"draft": [], "try": [], "apply": [], "undo": [], "floor": [], "floor_back": []}
    for _ in range(runs):
        began = time.perf_counter()
        with transaction.atomic():
            viewer = system_over_all()
            plan = actions.begin_plan(
                viewer,
                area=size.area,
                name="量一量",
                start="divide",
                low=size.low,
                high=size.high,
                now=clock.now(),
            )
            told["draft"].append(round(time.perf_counter() - began, 1))
            Plan.objects.filter(id=plan.id).update(state="approved")
        was = dict(owner.execute(_LIES).fetchall())
        began = time.perf_counter()
        with transaction.atomic():
            tried = actions.dry_run(system_over_all(), plan.id, now=clock.now())
        told["try"].append(time.perf_counter() - began)
        assert dict(owner.execute(_LIES).fetchall()) == was, "nothing of a dry run stays"
        began = time.perf_counter()
        with transaction.atomic():
            applied = actions.apply_plan(system_over_all(), plan.id, now=clock.now())
        told["apply"].append(time.perf_counter() - began)
        lies = dict(owner.execute(_LIES).fetchall())
        went = [(each, path, was[each]) for each, path in lies.items() if was[each] != path]
        began = time.perf_counter()
        with transaction.atomic():
            actions.undo_plan(system_over_all(), plan.id, reason="量一量", now=clock.now())
        told["undo"].append(time.perf_counter() - began)
        assert dict(owner.execute(_LIES).fetchall()) == was, "the undo gave all of it back"
        told["floor"].append(_by_hand(owner, [(each, path) for each, path, _lay in went]))
        told["floor_back"].append(_by_hand(owner, [(each, lay) for each, _path, lay in went]))
        told |= {"atoms": len(plan.labels), "households": plan.figures["households"]}
        told |= {"grids": applied.figures["grids"]}
        told |= {f"{what}_moved": tried.counts[what] for what in ("buildings", "cases", "places")}
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


def _looked_at(owner: "psycopg.Connection[Any]", runs: int, size: Size) -> dict[str, Any]:
    """The page of today's grids as whoever leads the township opens it, in this process; the first time is no part of it, since all that a
    process compiles once is in it.
    """
    from django.db import transaction
    from django.test import Client

    from bench.serving import sign_in
    from wangge.base import clock
    from wangge.plans import actions
    from wangge.project.files import system_over_all

    _draw_wrongly(owner, size)
    with transaction.atomic():
        plan = actions.begin_plan(
            system_over_all(),
            area=size.area,
            name="看一看",
            start="today",
            low=size.low,
            high=size.high,
            now=clock.now(),
        )
    client = Client(headers={"authorization": f"Bearer {sign_in(owner, *size.lead)}"})
    told: dict[str, Any] = {"today": [], "today_floor": [], "today_kb": 0}
    for at in range(runs + 1):
        began = time.perf_counter()
        page = client.get(f"/console/plans/{plan.id}/today", headers={"host": "localhost"})
        took = time.perf_counter() - began
        assert page.status_code == 200, page.status_code
        floor = _found_by_hand(owner, size)
        if at:
            told["today"].append(took)
            told["today_floor"].append(floor)
        told["today_kb"] = round(len(page.content) / 1_000)
    found = client.get(f"/api/v1/plans/{plan.id}/today", headers={"host": "localhost"}).json()
    return {**told, "faults": len(found["faults"])}


def _draw_wrongly(owner: "psycopg.Connection[Any]", size: Size) -> None:
    """Borders that wave, as drawn ones do; of every eighth grid the eastern one lies too far east, and of every eighth too far west."""
    rows = owner.execute(
        "select code, parent_id from areas_area where level = 'grid' and valid_to is null and path ~ %s::lquery order by path",
        [size.inside],
    ).fetchall()
    wide = size.wide / len(rows)

    def edge(place: int, off: float = 0) -> list[list[float]]:
        straight = place in (0, len(rows))
        steps = [step / CORNERS for step in range(CORNERS + 1)]
        return [
            [
                WEST + (place + off + (0 if straight else 0.15 * math.sin(9 * up + place))) * wide,
                SOUTH + up * HEIGHT,
            ]
            for up in steps
        ]

    def ring(west: list[list[float]], east: list[list[float]]) -> str:
        return json.dumps({"type": "Polygon", "coordinates": [[*west, *reversed(east), west[0]]]})

    parents: dict[str, list[int]] = {}
    for place, (code, parent) in enumerate(rows):
        parents.setdefault(parent, []).append(place)
        off = {3: ASTRAY, 7: -ASTRAY}.get(place % 8, 0)
        owner.execute(
            "update areas_area set boundary = %s::jsonb where code = %s",
            [ring(edge(place), edge(place + 1, off if place + 1 < len(rows) else 0)), code],
        )
    for parent, places in parents.items():
        owner.execute(
            "update areas_area set boundary = %s::jsonb where code = %s",
            [ring(edge(places[0]), edge(places[-1] + 1)), parent],
        )


def _found_by_hand(owner: "psycopg.Connection[Any]", size: Size) -> float:
    """Seconds for what is wrong alone, without words, mending or drawing."""
    began = time.perf_counter()
    inside = [size.inside]
    drawn = owner.execute(
        "select level, code, parent_id, boundary::text from areas_area"
        " where level in ('grid', 'community') and valid_to is null and path ~ %s::lquery",
        inside,
    ).fetchall()
    doors = owner.execute(
        "select lon, lat, path::text from households_building where path ~ %s::lquery", inside
    ).fetchall()
    grids = [(code, parent) for level, code, parent, _outline in drawn if level == "grid"]
    shapes = shapely.from_geojson([outline for level, *_rest, outline in drawn if level == "grid"])
    tree = shapely.STRtree(shapes)
    spots = shapely.points([(lon, lat) for lon, lat, _path in doors])
    tree.query(spots, predicate="within")
    one, other = tree.query(shapes, predicate="intersects")
    shapely.area(shapely.intersection(shapes[one[one < other]], shapes[other[one < other]]))
    for level, code, _parent, outline in drawn:
        if level == "community":
            own = shapely.union_all(
                [shapes[at] for at, (_code, parent) in enumerate(grids) if parent == code]
            )
            shapely.area(shapely.from_geojson(outline) - own)
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


def measure(data: Path, runs: int, size: str = "plan") -> None:
    found = asked(data, "bench.applying", str(runs), size)
    named = ("atoms", "households", "grids", "draft", "buildings_moved", "cases_moved", "places_moved")
    facts = {name: found[name] for name in named}
    for name, what, floor in (
        (f"{size}_try", "try", "floor"),
        (f"{size}_apply", "apply", "floor"),
        (f"{size}_undo", "undo", "floor_back"),
    ):
        tell(name, list(zip(found[what], found[floor], strict=True)), unit="s", limit=LIMIT, **facts)
    facts = {name: found[name] for name in ("atoms", "faults", "today_kb")}
    pairs = list(zip(found["today"], found["today_floor"], strict=True))
    tell(f"{size}_today", pairs, unit="s", limit=LIMIT_TODAY, **facts)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), SIZES[sys.argv[2]])))
