"""The set-wise half of an import of a register: rows that arrived in a temporary table, and the statements that take them in.

What stands already is found first: the home by its door, the person by the hash of the identity number, else by the name in
that household. Only what is not there is added; nothing that is kept is changed. A chunk after the other goes through the
same statements, so that memory does not grow with the list.
"""

import secrets
from datetime import date
from typing import Any, NamedTuple

from psycopg import Error

#: Of each table what COPY brings; what the statements find out stands in the columns after these.
HOMES = (
    "home", "block", "path", "township", "community", "grid", "compound", "building", "door", "plate", "lon", "lat",
    "block_lon", "block_lat", "new_building", "new_dwelling",
)  # fmt: skip
FAMILIES = ("family", "home", "line", "number", "headed", "plot", "new_household")
PEOPLE = (
    "line", "family", "rid", "name", "birth_year", "sex", "residency", "relation", "identity", "identity_hash", "older",
    "phone", "phone_hash", "phone_tail", "registered",
)  # fmt: skip

TABLES = (
    """
create temporary table if not exists households_arriving_homes (
  home int, block int, path ltree, township text, community text, grid text, compound text, building text, door text,
  plate text, lon float8, lat float8, block_lon float8, block_lat float8, new_building uuid, new_dwelling uuid,
  building_id uuid, dwelling_id uuid) on commit drop
""",
    """
create temporary table if not exists households_arriving_families (
  family int, home int, line int, number text, headed boolean, plot boolean, new_household uuid, household_id uuid)
  on commit drop
""",
    """
create temporary table if not exists households_arriving_people (
  line int, family int, rid uuid, name text, birth_year smallint, sex text, residency text, relation text, identity bytea,
  identity_hash bytea, older bytea[], phone bytea, phone_hash bytea, phone_tail text, registered bytea, known uuid)
  on commit drop
""",
)

COPIES = tuple(
    f"copy households_arriving_{name} ({', '.join(columns)}) from stdin"
    for name, columns in (("homes", HOMES), ("families", FAMILIES), ("people", PEOPLE))
)
_ANALYZE = (
    "analyze households_arriving_homes (home, block, community, grid, building, door)",
    "analyze households_arriving_families (family, home)",
    "analyze households_arriving_people (family, identity_hash, name, rid)",
)

_HOMES_THAT_STAND = (
    """
update households_arriving_homes a set building_id = b.id from households_building b
 where b.township_id = a.township and b.community_id = a.community and b.grid_id = a.grid and b.name = a.building
   and b.compound_id is not distinct from a.compound and b.valid_to is null
""",
    """
update households_arriving_homes a set dwelling_id = d.id from households_dwelling d
 where d.building_id = a.building_id and d.door = a.door and d.valid_to is null
""",
)

_KNOWN = """
update households_arriving_people a set known = r.id from households_resident r
 where r.identity_hash = a.identity_hash and r.merged_into_id is null
"""
_KNOWN_UNDER_OLDER_KEYS = """
update households_arriving_people a set known = r.id from households_resident r
 where a.known is null and r.identity_hash = any (a.older) and r.merged_into_id is null
"""

# Somebody who lives at another door, or at none any more: only a move may change that.
_ELSEWHERE = """
delete from households_arriving_people a
 using households_arriving_families f, households_arriving_homes m, households_resident r
 where f.family = a.family and m.home = f.home and r.id = a.known and not exists (
   select from households_household h where h.id = r.household_id and h.dwelling_id = m.dwelling_id)
returning a.line
"""
_WITHOUT_ANYBODY = (
    """
delete from households_arriving_families f
 where not exists (select from households_arriving_people a where a.family = f.family)
""",
    """
delete from households_arriving_homes m
 where not exists (select from households_arriving_families f where f.home = m.home)
""",
)

# Ids of what is new came with the lists, so that nothing has to be written back.
_NEW_HOMES = (
    """
insert into households_building (id, path, compound_id, name, lon, lat, made_up, valid_from)
select distinct on (block) new_building, path, compound, building, block_lon, block_lat, %(made_up)s, %(today)s
  from households_arriving_homes where building_id is null order by block
""",
    """
insert into households_dwelling (id, path, building_id, door, lon, lat, plate, revision, valid_from)
select new_dwelling, path, coalesce(building_id, new_building), door, lon, lat, plate, 1, %(today)s
  from households_arriving_homes where dwelling_id is null
""",
)

# A household at that door with one of these people, else with one of these names, else of that number, else without anybody;
# people without a head join the one that came last.
_HOUSEHOLDS_THAT_STAND = """
with homes as materialized (
  select h.id, m.home, h.number from households_arriving_homes m
    join households_household h on h.dwelling_id = m.dwelling_id and h.valid_to is null),
likely as (
  select f.family, h.id,
         case when r.id = a.known then 1 when r.name = a.name then 2 when h.number = f.number then 3
              when r.id is null then 4 when a.rid is null or not f.headed then 5 end as how
    from homes h join households_arriving_families f on f.home = h.home
         join households_arriving_people a on a.family = f.family
         left join households_resident r on r.household_id = h.id),
best as (
  select distinct on (family) family, id from likely where how is not null order by family, how, id desc)
update households_arriving_families f set household_id = best.id from best where best.family = f.family
"""

_NUMBERS = """
insert into households_numbercounter (id, last)
select m.community, count(*) from households_arriving_families f join households_arriving_homes m on m.home = f.home
 where f.household_id is null group by m.community order by m.community
on conflict (id) do update set last = households_numbercounter.last + excluded.last
"""
_NEW_HOUSEHOLDS = """
insert into households_household (id, path, dwelling_id, number, has_plot, only_by_law, made_up, revision, valid_from)
select f.new_household, m.path, coalesce(m.dwelling_id, m.new_dwelling),
       m.community || lpad(f.number::text, greatest(5, length(f.number::text)), '0'), f.plot, false, %(made_up)s, 1, %(today)s
  from (select f.family, f.home, f.new_household, f.plot,
               c.last + 1 - row_number() over (partition by m.community order by f.line desc) as number
          from households_arriving_families f join households_arriving_homes m on m.home = f.home
               join households_numbercounter c on c.id = m.community
         where f.household_id is null) f
       join households_arriving_homes m on m.home = f.home
 order by f.family
"""

_KNOWN_BY_NAME = """
update households_arriving_people a set known = r.id
  from households_arriving_families f, households_resident r
 where f.family = a.family and a.known is null and r.household_id = f.household_id and r.name = a.name
   and (a.identity_hash is null or r.identity_hash is null)
"""
_ONCE = """
delete from households_arriving_people where ctid in (
  select ctid from (
    select a.ctid, row_number() over (
             partition by coalesce(f.household_id, f.new_household), a.name order by a.line) as nth
      from households_arriving_people a join households_arriving_families f on f.family = a.family
     where a.identity_hash is null and a.rid is not null) as numbered where nth > 1)
"""
_COUNT_KNOWN = """
select count(*) from households_arriving_people a join households_arriving_families f on f.family = a.family
 where a.known is not null or a.rid is null and f.household_id is not null
"""

_NEW_PEOPLE = (
    """
insert into households_resident (id, path, household_id, name, birth_year, sex, residency, relation, identity, identity_hash,
       phone, phone_hash, phone_tail, registered_address, made_up, revision)
select a.rid, m.path, coalesce(f.household_id, f.new_household), a.name, a.birth_year, a.sex, a.residency, a.relation,
       a.identity, a.identity_hash, a.phone, a.phone_hash, a.phone_tail, a.registered, %(made_up)s, 1
  from households_arriving_people a join households_arriving_families f on f.family = a.family
       join households_arriving_homes m on m.home = f.home
 where a.known is null and a.rid is not null
""",
    """
insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
select a.rid, coalesce(f.household_id, f.new_household), m.path, %(today)s, 'known', '', ''
  from households_arriving_people a join households_arriving_families f on f.family = a.family
       join households_arriving_homes m on m.home = f.home
 where a.known is null and a.rid is not null
""",
)


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


class Lines(NamedTuple):
    """What one chunk of a list says, as blocks of COPY's text: of each home, of each family in it, of each row."""

    homes: list[bytes]
    families: list[bytes]
    people: list[bytes]


class Arriving:
    """One import into the registers, chunk by chunk, on the connection whose transaction holds all of it."""

    def __init__(self, cursor: Any, *, today: date, made_up: bool, older_keys: bool) -> None:
        self.cursor, self.older_keys = cursor, older_keys
        self.facts = {"today": today, "made_up": made_up}
        self.households = self.residents = self.homes = self.known = 0
        self.elsewhere: list[int] = []
        _make_room(cursor)
        for statement in TABLES:
            cursor.execute(statement)
        # Checked with each statement: what waits for the commit would be kept in memory for each row.
        cursor.execute("set constraints all immediate")
        # Two lists at once would add the same door twice: the second waits for the first.
        cursor.execute("select pg_advisory_xact_lock(hashtext('households import'))")

    def take(self, lines: Lines) -> None:
        """Takes in the lines of COPY: what is there already stays as it is."""
        run = self.cursor.execute
        for statement, blocks in zip(COPIES, (lines.homes, lines.families, lines.people), strict=True):
            with self.cursor.copy(statement) as copy:
                for block in blocks:
                    copy.write(block)
        if self.cursor.rowcount >= MANY:
            # Phones are told by place that a list came in, and not by household and person.
            run("select set_config('wangge.list', 'on', true)")
        for statement in (*_ANALYZE, *_HOMES_THAT_STAND):
            run(statement)
        self._find_people()
        for statement in _NEW_HOMES:
            run(statement, self.facts)
        self.homes += self.cursor.rowcount
        run(_HOUSEHOLDS_THAT_STAND)
        run(_NUMBERS)
        run(_NEW_HOUSEHOLDS, self.facts)
        self.households += self.cursor.rowcount
        run(_KNOWN_BY_NAME)
        run(_ONCE)
        run(_COUNT_KNOWN)
        self.known += int(self.cursor.fetchone()[0])
        for statement in _NEW_PEOPLE:
            run(statement, self.facts)
        self.residents += self.cursor.rowcount
        run("truncate households_arriving_homes, households_arriving_families, households_arriving_people")

    def _find_people(self) -> None:
        self.cursor.execute(_KNOWN)
        known = self.cursor.rowcount
        if self.older_keys:
            self.cursor.execute(_KNOWN_UNDER_OLDER_KEYS)
            known += self.cursor.rowcount
        if not known:
            return
        self.cursor.execute(_ELSEWHERE)
        elsewhere = [line for (line,) in self.cursor.fetchall()]
        self.elsewhere += elsewhere
        if elsewhere:
            for statement in _WITHOUT_ANYBODY:
                self.cursor.execute(statement)


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
