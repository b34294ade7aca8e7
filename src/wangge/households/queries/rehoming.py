"""Which homes would be kept under another grid, told before anything moves. Asked as the system: who draws grids does not see
who lives there, and reads counts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.areas.queries.dividing import taken_over
from wangge.base.problems import NotAllowed
from wangge.households.models import Building, Transfer
from wangge.households.rules.rehoming import KINDS, Elsewhere, Moves, Pair, Stop, WouldRehome
from wangge.staff import queries as staff

_TABLES = """
create temporary table if not exists households_asked (id uuid primary key, path ltree not null) on commit drop;
create temporary table if not exists households_moving (kind text, id uuid, code text, was ltree, path ltree) on commit drop;
truncate households_asked, households_moving
"""

_ASKED = "insert into households_asked select * from unnest(%s::uuid[], %s::ltree[])"
_COMPOUNDS = """
insert into households_moving
select 'compounds', null, c.code, c.path, a.path from unnest(%s::text[], %s::ltree[]) as a (code, path)
  join households_compound c using (code) where c.valid_to is null and c.path <> a.path
"""

#: What goes along with what was asked for. Who and what has ended stays where it happened.
_ALONG = (
    """
insert into households_moving select 'buildings', b.id, null, b.path, a.path
  from households_asked a join households_building b using (id) where b.valid_to is null and b.path <> a.path
""",
    """
create temporary table households_homes on commit drop as
select d.id, d.path as was, coalesce(own.path, whole.path) as path
  from households_dwelling d
       left join households_asked own on own.id = d.id left join households_asked whole on whole.id = d.building_id
 where d.valid_to is null and coalesce(own.path, whole.path) is not null
""",
    "analyze households_homes",
    """
insert into households_moving select 'dwellings', id, null, was, path from households_homes where was <> path
""",
    """
insert into households_moving select 'households', h.id, null, h.path, d.path
  from households_homes d join households_household h on h.dwelling_id = d.id where h.valid_to is null and h.path <> d.path
""",
    "analyze households_moving",
    # What was merged into somebody goes with them: a person's file is one.
    """
insert into households_moving
with recursive people as (
  select r.id, r.path as was, m.path
    from households_moving m join households_resident r on m.kind = 'households' and r.household_id = m.id
  union
  select r.id, r.path, p.path from people p join households_resident r on r.merged_into_id = p.id)
select 'residents', id, null, was, path from people where was <> path
""",
    "analyze households_moving",
    """
insert into households_moving select 'needs', n.id, null, n.path, m.path
  from households_moving m join households_careneed n on m.kind = 'residents' and n.resident_id = m.id
 where n.path <> m.path
""",
)

_PAIRS = """
select was::text, path::text, count(*) filter (where kind = 'dwellings'), count(*) filter (where kind = 'households'),
       count(*) filter (where kind = 'residents')
  from households_moving where kind in ('buildings', 'dwellings', 'households', 'residents') group by was, path order by was, path
"""


def would_rehome(viewer: Viewer, moves: Moves, *, now: datetime) -> WouldRehome:
    """What these moves would take along, and what would stop them. Nothing is written.

    NotAllowed for whoever may change no area at all; what lies where the viewer may not is a stop.
    """
    if not viewer.may_anywhere(Verb.AREA_CHANGE):
        raise NotAllowed
    with staff.seeing_all(viewer, viewer.seats[0].path, now=now), connection.cursor() as cursor:
        stops = lay_out(cursor, viewer, moves)
        return WouldRehome(counts_of(cursor), pairs_of(cursor), stops, households_moving(cursor))


def lay_out(cursor: Any, viewer: Viewer, moves: Moves) -> tuple[Stop, ...]:
    """Puts what would move into `households_moving`, a temporary table of this transaction; says what would stop it."""
    cursor.execute(_TABLES)
    cursor.execute("drop table if exists households_homes")
    ids = {key: path for key, path in moves.items() if isinstance(key, UUID)}
    codes = {key: path for key, path in moves.items() if isinstance(key, str)}
    wrong = _not_to_live_in(set(moves.values()))
    good = {key: path for key, path in ids.items() if path not in wrong}
    cursor.execute(_ASKED, [list(good), list(good.values())])
    cursor.execute("analyze households_asked")
    cursor.execute(
        _COMPOUNDS,
        [
            [key for key, path in codes.items() if path not in wrong],
            [path for path in codes.values() if path not in wrong],
        ],
    )
    for statement in _ALONG:
        cursor.execute(statement)
    stops = [Stop("no-area", path) for path in sorted(wrong)]
    stops += [Stop("unknown", key) for key in _unknown(cursor, list(codes))]
    stops += [Stop("outside", path) for path in _touched(cursor) if not viewer.may(Verb.AREA_CHANGE, path)]
    return tuple(stops)


def counts_of(cursor: Any) -> dict[str, int]:
    cursor.execute("select kind, count(*) from households_moving group by kind")
    found = dict(cursor.fetchall())
    return {kind: found.get(kind, 0) for kind in KINDS}


def households_moving(cursor: Any) -> dict[UUID, str]:
    cursor.execute("select id, path::text from households_moving where kind = 'households'")
    return dict(cursor.fetchall())


def pairs_of(cursor: Any) -> tuple[Pair, ...]:
    cursor.execute(_PAIRS)
    return tuple(Pair(*row) for row in cursor.fetchall())


def homes_elsewhere(viewer: Viewer, area_code: str, *, now: datetime) -> Elsewhere:
    """Which buildings of an area lie, by today's outlines, in another grid than they are kept under; of a grid its whole
    community is looked through. What lies on a border, or in no grid, stays.
    """
    whole = whole_of(areas.area_by_code(area_code))
    if not viewer.may(Verb.AREA_CHANGE, whole):
        raise NotAllowed
    with staff.seeing_all(viewer, whole, now=now):
        moves, nowhere = _by_outlines(whole)
        with connection.cursor() as cursor:
            lay_out(cursor, viewer, moves)
            return Elsewhere(moves, pairs_of(cursor), nowhere)


def offers_left(viewer: Viewer, area_path: str, *, now: datetime) -> dict[UUID, str]:
    """Files on offer to an area at or below this one that has ended, each with the area that took it over."""
    if not viewer.may(Verb.AREA_CHANGE, area_path):
        raise NotAllowed
    with staff.seeing_all(viewer, area_path, now=now):
        rows = list(
            Transfer.objects.filter(state="offered")
            .extra(where=["to_path <@ %s::ltree"], params=[area_path])
            .values_list("id", "to_path")
        )
        ended = taken_over({path for _id, path in rows})
    return {offer: ended[path] for offer, path in rows if path in ended}


def whole_of(area: Area) -> str:
    """The path of the community of a grid; else of the area itself."""
    path: str = area.path
    return path.rpartition(".")[0] if area.level == "grid" else path


def grids_of_spots(rows: Sequence[tuple[Any, str, float, float]]) -> tuple[dict[Any, str], int]:
    """Of rows of key, path and spot: the grid in which each lies that is kept under another; and how many lie in none.

    A spot on the border of its own grid stays there, and so does one that lies in no public grid.
    """
    if not rows:
        return {}, 0
    found = areas.locate_many([row[2] for row in rows], [row[3] for row in rows])
    standing = public_grids({path.rsplit(".", 1)[-1] for _key, path, _lon, _lat in rows} | set(found.codes))
    moves: dict[Any, str] = {}
    nowhere = 0
    for (key, path, _lon, _lat), place in zip(rows, found, strict=True):
        own = path.rsplit(".", 1)[-1]
        if place.code == own or own in place.border_codes:
            continue
        if place.code in standing:
            moves[key] = place.path
        elif path.count(".") >= _GRID:
            nowhere += 1
    return moves, nowhere


def public_grids(codes: set[str]) -> set[str]:
    """Which of these are public grids of today."""
    found = Area.objects.filter(code__in=codes, level="grid", kind="public", valid_to__isnull=True)
    return set(found.values_list("code", flat=True))


_GRID = 4


def _by_outlines(whole: str) -> tuple[dict[UUID | str, str], int]:
    standing = Building.objects.filter(valid_to__isnull=True)
    found = standing.extra(where=["path <@ %s::ltree"], params=[whole])
    spots = list(found.values_list("id", "path", "lon", "lat"))
    placed = [(key, path, lon, lat) for key, path, lon, lat in spots if lon is not None and lat is not None]
    moves, nowhere = grids_of_spots(placed)
    return dict(moves), nowhere + len(spots) - len(placed)


def _not_to_live_in(paths: set[str]) -> set[str]:
    """Paths of no public grid and no community of today."""
    lived_in = Q(level="grid", kind="public") | Q(level="community")
    found = Area.objects.filter(lived_in, path__in=paths, valid_to__isnull=True)
    return paths - {str(path) for path in found.values_list("path", flat=True)}


def _unknown(cursor: Any, codes: list[str]) -> list[str]:
    cursor.execute(
        "select a.id::text from households_asked a"
        " left join households_building b on b.id = a.id and b.valid_to is null"
        " left join households_dwelling d on d.id = a.id and d.valid_to is null where b.id is null and d.id is null"
        " union all select code from unnest(%s::text[]) as code"
        " where not exists (select from households_compound c where c.code = code and c.valid_to is null) order by 1",
        [codes],
    )
    return [key for (key,) in cursor.fetchall()]


def _touched(cursor: Any) -> list[str]:
    cursor.execute(
        "select was::text from households_moving union select path::text from households_moving order by 1"
    )
    return [path for (path,) in cursor.fetchall()]
