"""The set-wise half of an import of a register: rows that arrived in a temporary table, and the statements that take them in.

What stands already is found first: the home by its door, the person by the hash of the identity number, else by the name in
that household. Only what is not there is added; nothing that is kept is changed. A chunk after the other goes through the
same statements, so that memory does not grow with the list.
"""

import json
import secrets
from datetime import date
from itertools import accumulate
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
#: From so many rows on phones do better to take their place anew.
MANY = 5_000

# What the statements cannot know of the temporary tables they are told once: a list goes on as it begins.
_ANALYZE = """
  analyze households_arriving_homes (home, block, community, building_id, dwelling_id);
  analyze households_arriving_families (family, home, household_id);
  analyze households_arriving_people (line, family, rid, known);
"""

_KNOWN_UNDER_OLDER_KEYS = """
  update households_arriving_people a set known = found.id from (
    select p.line, r.id from households_arriving_people p cross join lateral (
      select r.id from households_resident r where r.identity_hash = any (p.older) and r.merged_into_id is null limit 1) r
     where p.known is null) found
   where found.line = a.line;
  get diagnostics counted = row_count;
  stood := stood + counted;
"""

# Each person without a number once in a household: the same name twice is the same person.
_ONCE = """
  delete from households_arriving_people where ctid in (
    select ctid from (
      select a.ctid, row_number() over (
               partition by coalesce(f.household_id, f.new_household), a.name order by a.line) as nth
        from households_arriving_people a join households_arriving_families f on f.family = a.family
       where a.identity_hash is null and a.rid is not null) as numbered where nth > 1);
"""

# What stands is looked up in its index, row by row (`lateral` with a `limit` or `offset`): a register of millions is not read
# for each part of a list, and what the planner thinks of tables that grow meanwhile does not matter.
# One block, so that nobody here is waited for between two statements; what cannot concern anybody is not asked. Ids of what is
# new came with the lists, so that nothing has to be written back. At its end the lists are empty again.
_TAKE = """
do $take$
declare
  counted bigint; buildings bigint; doors bigint := 0; stood bigint; told jsonb := '{}'; elsewhere jsonb := '[]';
begin
  perform set_config('wangge.list', 'on', true) where %(many)s;
  -- Else what the first part of a list had none of would be joined row by row in the next, and while nothing is known of a table,
  -- reading it to the first row that fits looks as cheap as its index.
  perform set_config('enable_nestloop', 'off', true), set_config('enable_seqscan', 'off', true);
%(analyze)s
  update households_arriving_homes a set building_id = found.id from (
    select m.block, b.id from (
      select distinct on (block) block, township, community, grid, compound, building from households_arriving_homes
       order by block) m
      cross join lateral (
        select b.id from households_building b
         where b.township_id = m.township and b.community_id = m.community and b.grid_id = m.grid and b.name = m.building
           and b.compound_id is not distinct from m.compound and b.valid_to is null limit 1) b) found
   where found.block = a.block;
  get diagnostics buildings = row_count;
  if buildings > 0 then
    update households_arriving_homes a set dwelling_id = found.id from (
      select m.home, d.id from households_arriving_homes m cross join lateral (
        select d.id from households_dwelling d
         where d.building_id = m.building_id and d.door = m.door and d.valid_to is null limit 1) d
       where m.building_id is not null) found
     where found.home = a.home;
    get diagnostics doors = row_count;
  end if;

  update households_arriving_people a set known = found.id from (
    select p.line, r.id from households_arriving_people p cross join lateral (
      select r.id from households_resident r where r.identity_hash = p.identity_hash and r.merged_into_id is null limit 1) r
     where p.identity_hash is not null) found
   where found.line = a.line;
  get diagnostics stood = row_count;
%(older)s
  if stood > 0 then
    -- Somebody who lives at another door, or at none any more: only a move may change that.
    with moved as (
      select a.line from households_arriving_people a
        join households_arriving_families f on f.family = a.family join households_arriving_homes m on m.home = f.home
        -- One look-up after the other: joined, each row would read all households.
        left join lateral (
          select r.household_id from households_resident r where r.id = a.known offset 0) r on true
        left join lateral (
          select h.dwelling_id from households_household h where h.id = r.household_id offset 0) lives on true
       where a.known is not null and (m.dwelling_id is null or lives.dwelling_id is distinct from m.dwelling_id)),
    gone as (
      delete from households_arriving_people a using moved where moved.line = a.line returning a.line)
    select coalesce(jsonb_agg(line order by line), '[]') into elsewhere from gone;
    if elsewhere <> '[]' then
      delete from households_arriving_families f
       where not exists (select from households_arriving_people a where a.family = f.family);
      delete from households_arriving_homes m
       where not exists (select from households_arriving_families f where f.home = m.home);
    end if;
  end if;

  insert into households_building (id, path, compound_id, name, lon, lat, made_up, valid_from)
  select distinct on (block) new_building, path, compound, building, block_lon, block_lat, %(made_up)s, %(today)s
    from households_arriving_homes where building_id is null order by block;
  insert into households_dwelling (id, path, building_id, door, lon, lat, plate, revision, valid_from)
  select new_dwelling, path, coalesce(building_id, new_building), door, lon, lat, plate, 1, %(today)s
    from households_arriving_homes where dwelling_id is null;
  get diagnostics counted = row_count;
  told := told || jsonb_build_object('homes', counted);

  if doors > 0 then
    -- A household at that door with one of these people, else with one of these names, else of that number, else without
    -- anybody; people without a head join the one that came last.
    with homes as materialized (
      select h.id, m.home, h.number from households_arriving_homes m cross join lateral (
        select h.id, h.number from households_household h
         where h.dwelling_id = m.dwelling_id and h.valid_to is null offset 0) h
       where m.dwelling_id is not null),
    living as materialized (
      select h.id, h.home, h.number, r.id as resident, r.name from homes h left join lateral (
        select r.id, r.name from households_resident r where r.household_id = h.id offset 0) r on true),
    likely as (
      select f.family, h.id,
             case when h.resident = a.known then 1 when h.name = a.name then 2 when h.number = f.number then 3
                  when h.resident is null then 4 when a.rid is null or not f.headed then 5 end as how
        from living h join households_arriving_families f on f.home = h.home
             join households_arriving_people a on a.family = f.family),
    best as (
      select distinct on (family) family, id from likely where how is not null order by family, how, id desc)
    update households_arriving_families f set household_id = best.id from best where best.family = f.family;
  end if;

  insert into households_numbercounter (id, last)
  select m.community, count(*) from households_arriving_families f join households_arriving_homes m on m.home = f.home
   where f.household_id is null group by m.community order by m.community
  on conflict (id) do update set last = households_numbercounter.last + excluded.last;
  insert into households_household (id, path, dwelling_id, number, has_plot, only_by_law, made_up, revision, valid_from)
  select f.new_household, m.path, coalesce(m.dwelling_id, m.new_dwelling),
         m.community || lpad(f.number::text, greatest(5, length(f.number::text)), '0'), f.plot, false, %(made_up)s, 1, %(today)s
    from (select f.family, f.home, f.new_household, f.plot,
                 c.last + 1 - row_number() over (partition by m.community order by f.line desc) as number
            from households_arriving_families f join households_arriving_homes m on m.home = f.home
                 join households_numbercounter c on c.id = m.community
           where f.household_id is null) f
         join households_arriving_homes m on m.home = f.home
   order by f.family;
  get diagnostics counted = row_count;
  told := told || jsonb_build_object('households', counted);

  if doors > 0 then
    update households_arriving_people a set known = found.id from (
      select p.line, r.id from households_arriving_people p join households_arriving_families f on f.family = p.family
        cross join lateral (
          select r.id from households_resident r
           where r.household_id = f.household_id and r.name = p.name
             and (p.identity_hash is null or r.identity_hash is null) limit 1) r
       where p.known is null and f.household_id is not null) found
     where found.line = a.line;
  end if;
%(once)s
  if stood > 0 or doors > 0 then
    select count(*) into stood from households_arriving_people a join households_arriving_families f on f.family = a.family
     where a.known is not null or a.rid is null and f.household_id is not null;
  end if;

  insert into households_resident (id, path, household_id, name, birth_year, sex, residency, relation, identity, identity_hash,
         phone, phone_hash, phone_tail, registered_address, made_up, revision)
  select a.rid, m.path, coalesce(f.household_id, f.new_household), a.name, a.birth_year, a.sex, a.residency, a.relation,
         a.identity, a.identity_hash, a.phone, a.phone_hash, a.phone_tail, a.registered, %(made_up)s, 1
    from households_arriving_people a join households_arriving_families f on f.family = a.family
         join households_arriving_homes m on m.home = f.home
   where a.known is null and a.rid is not null;
  get diagnostics counted = row_count;
  insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
  select a.rid, coalesce(f.household_id, f.new_household), m.path, %(today)s, 'known', '', ''
    from households_arriving_people a join households_arriving_families f on f.family = a.family
         join households_arriving_homes m on m.home = f.home
   where a.known is null and a.rid is not null;
  truncate households_arriving_homes, households_arriving_families, households_arriving_people;
  told := told || jsonb_build_object('residents', counted, 'known', stood, 'elsewhere', elsewhere);
  perform set_config('enable_nestloop', 'on', true), set_config('enable_seqscan', 'on', true);
  perform set_config('wangge.arrived', told::text, true);
end $take$;
select current_setting('wangge.arrived')
"""


def _make_room(cursor: Any) -> None:
    """For the transaction: what waits in temporary tables stays in memory."""
    cursor.execute("savepoint room")
    try:
        cursor.execute("set local temp_buffers = '96MB'")
    except Error:  # this connection has used temporary tables before: they keep the room that they have
        cursor.execute("rollback to savepoint room")
    cursor.execute("release savepoint room")


class Lines(NamedTuple):
    """What one chunk of a list says, as COPY's text: of each home, of each family in it, of each of so many rows.

    `by_name`: somebody in it has no identity number, and so may be the same as another of that name.
    """

    homes: bytes
    families: bytes
    people: bytes
    rows: int
    by_name: bool


class Arriving:
    """One import into the registers, chunk by chunk, on the connection whose transaction holds all of it."""

    def __init__(self, cursor: Any, *, today: date, made_up: bool, older_keys: bool) -> None:
        self.cursor = cursor
        self.words = {
            "today": f"date '{today.isoformat()}'",
            "made_up": "true" if made_up else "false",
            "older": _KNOWN_UNDER_OLDER_KEYS if older_keys else "",
            "analyze": _ANALYZE,
        }
        self.households = self.residents = self.homes = self.known = 0
        self.elsewhere: list[int] = []
        _make_room(cursor)
        for statement in TABLES:
            cursor.execute(statement)
        # Checked with each statement: what waits for the commit would be kept in memory for each row.
        cursor.execute("set constraints all immediate")
        # Two lists at once would add the same door twice: the second waits for the first.
        cursor.execute("select pg_advisory_xact_lock(hashtext('households import'))")

    def bring(self, lines: Lines) -> None:
        """Gives the database the lines of a chunk, which it takes in with `take`."""
        for statement, told in zip(COPIES, (lines.homes, lines.families, lines.people), strict=True):
            with self.cursor.copy(statement) as copy:
                copy.write(told)

    def take(self, rows: int, *, by_name: bool) -> None:
        """Takes in what was brought: so many rows, some of people who are known by name only. What is there stays as it is."""
        # Of a long list phones are told by place that it came in, and not by household and person.
        many = "true" if rows >= MANY else "false"
        self.cursor.execute(_TAKE % {**self.words, "many": many, "once": _ONCE if by_name else ""})
        self.words["analyze"] = ""
        while self.cursor.nextset():
            pass
        arrived = json.loads(self.cursor.fetchone()[0])
        self.homes += arrived["homes"]
        self.households += arrived["households"]
        self.residents += arrived["residents"]
        self.known += arrived["known"]
        self.elsewhere += arrived["elsewhere"]


def escaped(text: str) -> str:
    """As COPY's text format has it. Texts are clean lines, so that only a backslash is to be written otherwise."""
    return text.replace("\\", "\\\\")


def new_ids(milliseconds: int, count: int) -> list[str]:
    """So many UUIDv7 of one moment, in their order: what follows each other lies together in every index.

    They begin alike, and their last 48 bits grow from a place of chance by steps of chance (RFC 9562, 6.2, method 2).
    """
    chance = secrets.token_bytes(9 + _STEP * count)
    moment, start = f"{milliseconds:012x}", chance[:3].hex()
    alike = f"{moment[:8]}-{moment[8:]}-7{start[:3]}-{_VARIANT[start[3]]}{chance[3:5].hex()[:3]}-"
    steps = [1 + int.from_bytes(chance[at : at + _STEP]) for at in range(9, len(chance), _STEP)]
    first = int.from_bytes(chance[5:9]) << 14
    return [f"{alike}{last:012x}" for last in accumulate(steps, initial=first)][1:]


#: The first digit of a UUID's fourth group begins with the bits 10.
_VARIANT = {f"{digit:x}": "89ab"[digit % 4] for digit in range(16)}
_STEP = 3
"""Bytes: ten million steps of them stay below the 48 bits."""
