"""Homes go to other grids because the grids were drawn anew: set-wise, all of them or none, with their history.

Nobody moves: the stay under the old grid ends and the next begins under the new one, and the old grid keeps its own past. What
depends on homes follows by triggers in the same transaction (errands, what is due, doors of campaigns), and phones hear of it by theirs.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.households.actions.keeping import REHOMING
from wangge.households.queries.rehoming import (
    counts_of,
    homes_elsewhere,
    households_moving,
    lay_out,
    pairs_of,
)
from wangge.households.rules.rehoming import KINDS, RESUMED_WITHIN, CannotRehome, Moves, Pair, Rehomed
from wangge.journal.actions import record_all
from wangge.staff import queries as staff

#: Households, from which on phones are told of grids and not of each record.
MANY = 5_000

_LOCKS = (
    "select pg_advisory_xact_lock(hashtext('households import'))",
    f"select pg_advisory_xact_lock(hashtext('{REHOMING}'))",
)

# Households first, as whoever adds, changes or moves somebody takes them; nobody can come in after that.
_HOLD = """
select count(*) from (
  select h.id from households_asked a join households_dwelling d on d.id = a.id or d.building_id = a.id
         join households_household h on h.dwelling_id = d.id order by h.id for no key update of h) held
"""

_STAYS = """
select array_agg(s.id), array_agg(m.path::text)
  from households_moving m join households_stay s on m.kind = 'households' and s.household_id = m.id and s.to_on is null
"""

_MOVED = (
    """
update households_compound c set path = m.path, area_id = subpath(m.path, -1)::text
  from households_moving m where m.kind = 'compounds' and m.code = c.code
""",
    """
update households_building b set path = m.path from households_moving m where m.kind = 'buildings' and m.id = b.id
""",
    """
update households_dwelling d set path = m.path, revision = revision + 1
  from households_moving m where m.kind = 'dwellings' and m.id = d.id
""",
    """
insert into households_earlier (id, kind, of_id, path, revision, told, at, said_at, by_id)
select households_new_id(), 'household', h.id, h.path, h.revision,
       jsonb_build_object('has_plot', h.has_plot, 'only_by_law', h.only_by_law, 'grid', subpath(h.path, -1)::text),
       %(now)s, %(now)s, %(by)s
  from households_moving m join households_household h on m.kind = 'households' and h.id = m.id
""",
    """
update households_household h set path = m.path, revision = revision + 1
  from households_moving m where m.kind = 'households' and m.id = h.id
""",
    # A file that is on offer is offered from where it is kept now.
    """
update households_transfer t set from_path = m.path
  from households_moving m where m.kind = 'households' and m.id = t.household_id and t.state = 'offered'
""",
)

_STAYS_MOVED = (
    """
update households_stay s set to_on = greatest(%(today)s, s.from_on), went = 'redrawn', name = r.name
  from households_moving m, households_resident r
 where m.kind = 'households' and s.household_id = m.id and s.to_on is null and s.path <> m.path and r.id = s.resident_id
""",
    """
insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
select r.id, r.household_id, m.path, greatest(%(today)s, last.to_on), 'redrawn', '', ''
  from households_moving m join households_resident r on m.kind = 'households' and r.household_id = m.id
       join lateral (select max(s.to_on) as to_on, bool_or(s.to_on is null) as goes_on from households_stay s
                      where s.resident_id = r.id) last on not coalesce(last.goes_on, false)
""",
)

_PEOPLE_MOVED = (
    """
update households_merge g set path = m.path
  from households_moving m where m.kind = 'residents' and g.merged_id = m.id and g.undone_at is null
""",
    """
update households_careneed n set path = m.path, revision = revision + 1
  from households_moving m where m.kind = 'needs' and m.id = n.id
""",
    """
update households_resident r set path = m.path, revision = revision + 1
  from households_moving m where m.kind = 'residents' and m.id = r.id
""",
)

# A dwelling that went with its building goes back with it.
_BACK = """
select m.id, m.code, m.was::text from households_moving m where m.kind in ('compounds', 'buildings')
union all
select d.id, null, d.was::text from households_moving d join households_dwelling h on h.id = d.id
  left join households_moving b on b.kind = 'buildings' and b.id = h.building_id
 where d.kind = 'dwellings' and (b.was is null or b.was <> d.was)
union all
select h.id, null, h.path::text from households_moving b
  join households_dwelling h on b.kind = 'buildings' and h.building_id = b.id and h.valid_to is null and h.path <> b.was
 where not exists (select from households_moving d where d.kind = 'dwellings' and d.id = h.id)
"""


def rehome(viewer: Viewer, moves: Moves, *, now: datetime, reason: str = "") -> Rehomed:
    """Moves homes to the grids that hold them now, with who lives there. CannotRehome says what stops it; then nothing moved.

    `Rehomed.back` given to this same function within a day restores what was, the stays too. The viewer may change areas
    above all of it; the statements run as the system, since who draws grids does not see who lives there.
    """
    if not moves:
        return Rehomed(dict.fromkeys(KINDS, 0), (), {})
    if not viewer.may_anywhere(Verb.AREA_CHANGE):
        raise NotAllowed
    with staff.seeing_all(viewer, viewer.seats[0].path, now=now), connection.cursor() as cursor:
        for statement in _LOCKS:
            cursor.execute(statement)
        lay_out(cursor, viewer, moves)
        cursor.execute(_HOLD)
        stops = lay_out(cursor, viewer, moves)  # once more: what came in before they were held goes along
        if stops:
            raise CannotRehome(stops)
        done = Rehomed(counts_of(cursor), pairs_of(cursor), _back(cursor), households_moving(cursor))
        _move(cursor, viewer, now, many=len(done.households) > MANY)
    record_all(viewer, [told for pair in done.pairs for told in _told(pair, now, reason)])
    return done


def rehome_by_borders(viewer: Viewer, area_code: str, *, now: datetime, reason: str = "") -> Rehomed:
    """After outlines changed: what lies in another grid than it is kept under goes there (`queries.homes_elsewhere`)."""
    return rehome(viewer, homes_elsewhere(viewer, area_code, now=now).moves, now=now, reason=reason)


_READDRESSED = """
update households_transfer t set to_path = m.path
  from unnest(%s::uuid[], %s::ltree[]) as m (id, path), households_transfer was
 where t.id = m.id and was.id = m.id and t.state = 'offered' and t.to_path <> m.path
returning t.id, was.to_path::text
"""


def readdress_offers(viewer: Viewer, moves: Mapping[UUID, str], *, now: datetime) -> dict[UUID, str]:
    """Offers files to these areas instead, and answers to which they were offered: given back, that undoes it. What was settled stays."""
    if not moves:
        return {}
    if any(not viewer.may(Verb.AREA_CHANGE, path) for path in moves.values()):
        raise NotAllowed
    with staff.seeing_all(viewer, next(iter(moves.values())), now=now), connection.cursor() as cursor:
        cursor.execute(_READDRESSED, [list(moves), list(moves.values())])
        were: dict[UUID, str] = dict(cursor.fetchall())
    pairs = Counter((was, moves[offer]) for offer, was in were.items())
    record_all(
        viewer,
        [
            {
                "verb": "transfers.readdressed",
                "subject": f"area:{path.rsplit('.', 1)[-1]}",
                "path": path,
                "at": now,
                "before": {"area": was.rsplit(".", 1)[-1]},
                "after": {"area": path.rsplit(".", 1)[-1], "offers": count},
            }
            for (was, path), count in sorted(pairs.items())
        ],
    )
    return were


def _move(cursor: Any, viewer: Viewer, now: datetime, *, many: bool) -> None:
    # Triggers keep the plans that this session made for statements of one row: for a hundred thousand they would be of no use,
    # and the plans for these of none afterwards.
    cursor.execute("discard plans")
    # Of so many homes phones do better to take their grids anew.
    cursor.execute("select set_config('wangge.list', %s, true)", ["on" if many else "off"])
    _write(cursor, viewer, now)
    cursor.execute("select set_config('wangge.list', 'off', true)")
    cursor.execute("discard plans")


def _write(cursor: Any, viewer: Viewer, now: datetime) -> None:
    today = now.astimezone(SHANGHAI).date()
    facts = {"now": now, "today": today, "by": viewer.account_id}
    for statement in _MOVED:
        cursor.execute(statement, facts if "%(" in statement else None)
    cursor.execute(_STAYS)
    stays, places = cursor.fetchone()
    if stays:
        cursor.execute(
            "select count(*) from households_resume_stays(%s, %s::ltree[], %s)",
            [stays, places, today - RESUMED_WITHIN],
        )
    for statement in _STAYS_MOVED:
        cursor.execute(statement, facts)
    for statement in _PEOPLE_MOVED:
        cursor.execute(statement)


def _back(cursor: Any) -> dict[UUID | str, str]:
    cursor.execute(_BACK)
    return {code if key is None else key: was for key, code, was in cursor.fetchall()}


def _told(pair: Pair, now: datetime, reason: str) -> list[dict[str, Any]]:
    """Counts at both grids: names and numbers stay in the register."""
    was, code = (path.rsplit(".", 1)[-1] for path in (pair.was, pair.path))
    counts = {"dwellings": pair.dwellings, "households": pair.households, "residents": pair.residents}
    return [
        {
            "verb": "homes.rehomed",
            "subject": f"area:{path.rsplit('.', 1)[-1]}",
            "path": path,
            "at": now,
            "before": {"grid": was},
            "after": {"grid": code, **counts},
            "reason": reason,
        }
        for path in (pair.was, pair.path)
    ]
