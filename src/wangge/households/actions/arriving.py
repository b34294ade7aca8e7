"""The set-wise half of an import of a register: rows that arrived in a temporary table, and the statements that take them in.

What stands already is found first: the home by its door, the person by the hash of the identity number, else by the name in
that household. Only what is not there is added; nothing that is kept is changed. A chunk after the other goes through the
same statements, so that memory does not grow with the list.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

from psycopg import Error

COLUMNS = (
    "line", "path", "township", "community", "grid", "compound", "building", "door", "plate", "number", "lon", "lat", "plot",
    "rid", "name", "birth_year", "sex", "residency", "relation", "identity", "identity_hash", "older", "phone", "phone_hash",
    "phone_tail", "registered",
)  # fmt: skip

TABLE = """
create temporary table if not exists households_arriving (
  line int, path ltree, township text, community text, grid text, compound text, building text, door text, plate text, number text,
  lon float8, lat float8, plot boolean, rid uuid, name text, birth_year smallint, sex text, residency text, relation text,
  identity bytea, identity_hash bytea, older bytea[], phone bytea, phone_hash bytea, phone_tail text, registered bytea,
  building_id uuid, dwelling_id uuid, household_id uuid, part text, headed boolean, known uuid, fresh boolean default false)
  on commit drop
"""

COPY = f"copy households_arriving ({', '.join(COLUMNS)}) from stdin"

_HOMES_THAT_STAND = (
    """
update households_arriving a set building_id = b.id from households_building b
 where b.township_id = a.township and b.community_id = a.community and b.grid_id = a.grid and b.name = a.building
   and b.compound_id is not distinct from a.compound and b.valid_to is null
""",
    """
update households_arriving a set dwelling_id = d.id from households_dwelling d
 where d.building_id = a.building_id and d.door = a.door and d.valid_to is null
""",
)

_KNOWN = """
update households_arriving a set known = r.id from households_resident r
 where r.identity_hash = a.identity_hash and r.merged_into_id is null
"""
_KNOWN_UNDER_OLDER_KEYS = """
update households_arriving a set known = r.id from households_resident r
 where a.known is null and r.identity_hash = any (a.older) and r.merged_into_id is null
"""

_TWICE = """
delete from households_arriving where (line, identity_hash) in (
  select line, identity_hash from (
    select line, identity_hash, row_number() over (partition by identity_hash order by line) as nth
      from households_arriving where identity_hash is not null) as numbered where nth > 1)
returning line
"""

# Somebody who lives at another door, or at none any more: only a move may change that.
_ELSEWHERE = """
delete from households_arriving a using households_resident r
 where r.id = a.known and not exists (
   select from households_household h where h.id = r.household_id and h.dwelling_id = a.dwelling_id)
returning a.line
"""

_NEW_HOMES = (
    """
with made as (
  insert into households_building (id, path, compound_id, name, lon, lat, made_up, valid_from)
  select households_new_id(), path, compound, building, avg(lon), avg(lat), %(made_up)s, %(today)s from households_arriving
   where building_id is null group by path, compound, building
  returning id, path, compound_id, name)
update households_arriving a set building_id = made.id from made
 where made.path = a.path and made.name = a.building and made.compound_id is not distinct from a.compound
""",
    """
with made as (
  insert into households_dwelling (id, path, building_id, door, lon, lat, plate, revision, valid_from)
  select households_new_id(), path, building_id, door, avg(lon), avg(lat), min(plate), 1, %(today)s from households_arriving
   where dwelling_id is null group by path, building_id, door
  returning id, building_id, door)
update households_arriving a set dwelling_id = made.id, fresh = true from made
 where made.building_id = a.building_id and made.door = a.door
""",
)

# Whose household a row belongs to: rows of one number, else at one door from one head to the next.
_PARTS = (
    """
update households_arriving a set part = p.part from (
  select line, case when number <> '' then number else 'head ' || greatest(1, sum((relation = 'head')::int) over (
           partition by dwelling_id, number order by line)) end as part
    from households_arriving) p
 where p.line = a.line
""",
    """
update households_arriving a set headed = p.headed from (
  select dwelling_id, part, bool_or(relation = 'head') as headed from households_arriving where not fresh group by 1, 2) p
 where p.dwelling_id = a.dwelling_id and p.part = a.part
""",
)

# A household at that door with one of these people, else with one of these names, else of that number, else without anybody;
# people without a head join the one that came last.
_HOUSEHOLDS_THAT_STAND = """
with homes as materialized (
  select h.id, h.dwelling_id, h.number from households_household h
   where h.valid_to is null and h.dwelling_id in (select dwelling_id from households_arriving where not fresh)),
likely as (
  select a.dwelling_id, a.part, h.id,
         case when r.id = a.known then 1 when r.name = a.name then 2 when h.number = a.number then 3
              when r.id is null then 4 when a.rid is null or not a.headed then 5 end as how
    from households_arriving a join homes h on h.dwelling_id = a.dwelling_id
         left join households_resident r on r.household_id = h.id
   where not a.fresh),
best as (
  select distinct on (dwelling_id, part) dwelling_id, part, id from likely where how is not null
   order by dwelling_id, part, how, id desc)
update households_arriving a set household_id = best.id from best
 where best.dwelling_id = a.dwelling_id and best.part = a.part
"""

_NUMBERS = """
insert into households_numbercounter (id, last)
select community, count(distinct (dwelling_id, part)) from households_arriving where household_id is null group by community
 order by community
on conflict (id) do update set last = households_numbercounter.last + excluded.last
returning id, last
"""
_NEW_HOUSEHOLDS = """
with fresh as (
  select path, community, dwelling_id, part, min(line) as line, coalesce(bool_or(plot), false) as plot
    from households_arriving where household_id is null group by path, community, dwelling_id, part),
numbered as materialized (
  select fresh.*, households_new_id() as id,
         c.last + 1 - row_number() over (partition by community order by line desc) as number
    from fresh join households_numbercounter c on c.id = fresh.community),
made as (
  insert into households_household (id, path, dwelling_id, number, has_plot, only_by_law, made_up, revision, valid_from)
  select id, path, dwelling_id, community || lpad(number::text, greatest(5, length(number::text)), '0'), plot, false, %(made_up)s, 1, %(today)s from numbered)
update households_arriving a set household_id = numbered.id, fresh = true from numbered
 where numbered.dwelling_id = a.dwelling_id and numbered.part = a.part
"""

_KNOWN_BY_NAME = """
update households_arriving a set known = r.id from households_resident r
 where a.known is null and not a.fresh and r.household_id = a.household_id and r.name = a.name
   and (a.identity_hash is null or r.identity_hash is null)
"""
_ONCE = """
delete from households_arriving where ctid in (
  select ctid from (
    select ctid, row_number() over (partition by household_id, name order by line) as nth
      from households_arriving where identity_hash is null and rid is not null) as numbered where nth > 1)
"""

_NEW_PEOPLE = """
with made as (
  insert into households_resident (id, path, household_id, name, birth_year, sex, residency, relation, identity, identity_hash,
         phone, phone_hash, phone_tail, registered_address, made_up, revision)
  select rid, path, household_id, name, birth_year, sex, residency, relation, identity, identity_hash,
         phone, phone_hash, phone_tail, registered, %(made_up)s, 1
    from households_arriving where known is null and rid is not null)
insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
select rid, household_id, path, %(today)s, 'known', '', '' from households_arriving where known is null and rid is not null
"""


#: From so many rows on phones do better to take their place anew.
MANY = 5_000


def _make_room(cursor: Any) -> None:
    """For the transaction: what waits in temporary tables stays in memory."""
    cursor.execute("savepoint room")
    try:
        cursor.execute("set local temp_buffers = '96MB'")
    except Error:  # this connection has used temporary tables before: they keep the room that they have
        cursor.execute("rollback to savepoint room")
    cursor.execute("release savepoint room")


class Arriving:
    """One import into the registers, chunk by chunk, on the connection whose transaction holds all of it."""

    def __init__(self, cursor: Any, *, today: date, made_up: bool, older_keys: bool) -> None:
        self.cursor, self.older_keys = cursor, older_keys
        self.facts = {"today": today, "made_up": made_up}
        self.households = self.residents = self.homes = self.known = 0
        self.twice: list[int] = []
        self.elsewhere: list[int] = []
        _make_room(cursor)
        cursor.execute(TABLE)
        # Checked with each statement: what waits for the commit would be kept in memory for each row.
        cursor.execute("set constraints all immediate")
        # Two lists at once would add the same door twice: the second waits for the first.
        cursor.execute("select pg_advisory_xact_lock(hashtext('households import'))")

    def take(self, lines: Iterable[bytes]) -> None:
        """Takes in the lines of COPY: what is there already stays as it is."""
        run = self.cursor.execute
        with self.cursor.copy(COPY) as copy:
            for block in lines:
                copy.write(block)
        if self.cursor.rowcount >= MANY:
            # Phones are told by place that a list came in, and not by household and person.
            run("select set_config('wangge.list', 'on', true)")
        run("analyze households_arriving (identity_hash, community, grid, building, door, name, rid)")
        for statement in _HOMES_THAT_STAND:
            run(statement)
        run(_TWICE)
        self.twice += [line for (line,) in self.cursor.fetchall()]
        run(_KNOWN)
        if self.older_keys:
            run(_KNOWN_UNDER_OLDER_KEYS)
        run(_ELSEWHERE)
        self.elsewhere += [line for (line,) in self.cursor.fetchall()]
        for statement in _NEW_HOMES:
            run(statement, self.facts)
        self.homes += self._counted("fresh", "distinct dwelling_id")
        for statement in _PARTS:
            run(statement)
        run(_HOUSEHOLDS_THAT_STAND)
        self.households += self._new_households()
        run(_KNOWN_BY_NAME)
        run(_ONCE)
        self.known += self._counted("known is not null or rid is null and not fresh")
        run(_NEW_PEOPLE, self.facts)
        self.residents += self.cursor.rowcount
        run("truncate households_arriving")

    def _new_households(self) -> int:
        self.cursor.execute(_NUMBERS)
        if not self.cursor.rowcount:
            return 0
        made = self._counted("household_id is null", "distinct (dwelling_id, part)")
        self.cursor.execute(_NEW_HOUSEHOLDS, self.facts)
        return made

    def _counted(self, condition: str, what: str = "*") -> int:
        self.cursor.execute(f"select count({what}) from households_arriving where {condition}")  # noqa: S608 - conditions of this module
        return int(self.cursor.fetchone()[0])


def escaped(text: str) -> str:
    """As COPY's text format has it. Texts are clean lines, so that only a backslash is to be written otherwise."""
    return text.replace("\\", "\\\\")


def new_ids(milliseconds: int, count: int) -> list[str]:
    """So many UUIDv7 of one moment, in their order: what follows each other lies together in every index."""
    moment = f"{milliseconds:012x}"
    start = f"{moment[:8]}-{moment[8:]}-7"
    chance = secrets.token_hex(10 * count)
    return sorted(
        f"{start}{chance[at : at + 3]}-{_VARIANT[chance[at + 3]]}{chance[at + 4 : at + 7]}-{chance[at + 7 : at + 19]}"
        for at in range(0, 20 * count, 20)
    )


#: The first digit of a UUID's fourth group begins with the bits 10.
_VARIANT = {f"{digit:x}": "89ab"[digit % 4] for digit in range(16)}
