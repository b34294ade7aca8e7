"""Who sees who lives where: whoever keeps the register there (`wangge.homes`), and nobody else, however high.

A stay, an earlier state and a merge lie where they were true: a grid from which a file went keeps these of its own time, and no
longer sees the person. Nothing of the past is changed or removed: `households_earlier` is only added to, and a stay only ends.
"""

from django.db import migrations

_HOMES = "(select current_setting('wangge.homes', true)::ltree[])::ltree[]"

# Each of these has its own path: no row is looked up to know whether another may be seen.
_PLACED = "".join(
    f"""
alter table {table} enable row level security;
create policy of_homes on {table} for select using (path <@ any ({_HOMES}));
create policy added_at_homes on {table} for insert with check (path <@ any ({_HOMES}));
create policy changed_at_homes on {table} for update using (path <@ any ({_HOMES}));
grant select, insert, update on {table} to wangge_app;
"""
    for table in (
        "households_building",
        "households_dwelling",
        "households_household",
        "households_resident",
        "households_careneed",
        "households_merge",
    )
)

# The past comes with the person, and stays where it was.
PAST = f"""
alter table households_stay enable row level security;
create policy of_homes_and_with_the_person on households_stay for select using (
  path <@ any ({_HOMES}) or exists (select from households_resident r where r.id = resident_id));
create policy added_at_homes on households_stay for insert with check (path <@ any ({_HOMES}));
create policy ended_at_homes on households_stay for update using (path <@ any ({_HOMES}));
grant select, insert, update on households_stay to wangge_app;

alter table households_earlier enable row level security;
create policy of_homes_and_with_what_it_was on households_earlier for select using (
  path <@ any ({_HOMES})
  or case kind when 'household' then exists (select from households_household h where h.id = of_id)
               when 'resident' then exists (select from households_resident r where r.id = of_id)
               else exists (select from households_careneed n where n.id = of_id) end);
create policy added_at_homes on households_earlier for insert with check (path <@ any ({_HOMES}));
grant select, insert on households_earlier to wangge_app;

alter table households_transfer enable row level security;
create policy of_both_sides on households_transfer for select using (
  from_path <@ any ({_HOMES}) or to_path <@ any ({_HOMES}));
create policy offered_from_homes on households_transfer for insert with check (from_path <@ any ({_HOMES}));
create policy settled_by_both_sides on households_transfer for update using (
  from_path <@ any ({_HOMES}) or to_path <@ any ({_HOMES}));
grant select, insert, update on households_transfer to wangge_app;

-- A table of numbers: who adds homes counts them.
grant select, insert, update on households_numbercounter to wangge_app;
grant usage on sequence households_stay_id_seq to wangge_app;
"""

# Taking a file changes rows that the receiving side does not see yet: this alone does it, for what was offered to it.
TAKE = r"""
create function households_take(asked uuid, into_household uuid, day date) returns setof uuid
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  homes ltree[] := coalesce(nullif(current_setting('wangge.homes', true), ''), '{}')::ltree[];
  offer households_transfer; target households_household; moved uuid[]; whole uuid[];
begin
  select * into offer from households_transfer
   where id = asked and state = 'offered' and to_path <@ any (homes) for update;
  if not found then return; end if;
  select * into target from households_household
   where id = into_household and path <@ offer.to_path and path <@ any (homes) and valid_to is null for update;
  if not found then return; end if;
  -- Only who still lives where they were offered from: somebody may have moved on since.
  perform from households_resident where id = any (offer.residents) order by id for update;
  select coalesce(array_agg(id), '{}') into moved from households_resident
   where id = any (offer.residents) and household_id = offer.household_id and merged_into_id is null;
  -- What was merged into them goes with them: a person's file is one.
  with recursive all_of as (
    select unnest(moved) as id
    union select r.id from households_resident r join all_of on r.merged_into_id = all_of.id)
  select coalesce(array_agg(id), '{}') into whole from all_of;
  update households_stay s set to_on = greatest(day, s.from_on), went = 'to_grid', name = r.name
    from households_resident r where r.id = s.resident_id and s.resident_id = any (moved) and s.to_on is null;
  insert into households_stay (resident_id, household_id, path, from_on, came, went, name)
  select s.resident_id, target.id, target.path, s.to_on, 'from_grid', '', '' from (
    select resident_id, max(to_on) as to_on from households_stay where resident_id = any (moved) group by resident_id) s;
  update households_careneed set path = target.path, revision = revision + 1 where resident_id = any (whole);
  update households_resident set path = target.path, revision = revision + 1,
         household_id = case when id = any (moved) then target.id else household_id end
   where id = any (whole);
  update households_household set revision = revision + 1 where id in (offer.household_id, target.id);
  update households_transfer set state = 'taken', taken_into_id = target.id where id = asked;
  return query select unnest(moved);
end $$;
"""

# How many live where, kept with each statement: whoever sees an area reads it, also who does not see who lives there.
_RESIDENCIES = ("registered_present", "registered_away", "permanent", "floating")
_SUMS = ", ".join(
    f"coalesce(sum(n) filter (where residency = '{each}'), 0) as {each}" for each in _RESIDENCIES
)
_NAMES = ", ".join(_RESIDENCIES)
_ADDED = ", ".join(f"{each} = t.{each} + excluded.{each}" for each in _RESIDENCIES)
_PEOPLE = f"""
  insert into households_tally as t (path, households, {_NAMES})
  select * from (
    select path, 0, {_SUMS} from ({{0}}) as changes group by path) as sums
   where ({_NAMES}) <> (0, 0, 0, 0) order by path
  on conflict (path) do update set {_ADDED};
"""
_HOUSES = """
  insert into households_tally as t (path, households, registered_present, registered_away, permanent, floating)
  select * from (select path, sum(n) as households, 0, 0, 0, 0 from ({0}) as changes group by path) as sums
   where households <> 0 order by path
  on conflict (path) do update set households = t.households + excluded.households;
"""


def _counting(table: str, statement: str, counted: str) -> str:
    """Triggers that add to the tally what a statement added, and for a change what it took away besides."""
    new, old = (
        f"select {counted}, {sign} as n from {rows}" for rows, sign in (("new_rows", 1), ("old_rows", -1))
    )
    lives = "household_id is not null" if table == "resident" else "valid_to is null"
    new, old = (f"{each} where {lives}" for each in (new, old))
    return f"""
create function households_count_{table}() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then {statement.format(new)}
  else {statement.format(f"{new} union all {old}")}
  end if;
  return null;
end $$;
create trigger households_count_added after insert on households_{table}
  referencing new table as new_rows for each statement execute function households_count_{table}();
create trigger households_count_changed after update on households_{table}
  referencing new table as new_rows old table as old_rows for each statement execute function households_count_{table}();
"""


TALLY = f"""
{_counting("resident", _PEOPLE, "path, residency")}
{_counting("household", _HOUSES, "path")}
alter table households_tally enable row level security;
create policy in_scope on households_tally for select using (
  path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[]));
grant select on households_tally to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0003_homes"), ("staff", "0007_homes"), ("areas", "0002_policies")]
    operations = [
        migrations.RunSQL(_PLACED + PAST, migrations.RunSQL.noop),
        migrations.RunSQL(TAKE, "drop function households_take"),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
    ]
