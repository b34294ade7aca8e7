"""A file that is taken brings its merges along, so that the new grid can undo them."""

from django.db import migrations

TAKE = r"""
create or replace function households_take(asked uuid, into_household uuid, day date) returns setof uuid
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
  update households_merge set path = target.path where merged_id = any (whole) and undone_at is null;
  update households_careneed set path = target.path, revision = revision + 1 where resident_id = any (whole);
  update households_resident set path = target.path, revision = revision + 1,
         household_id = case when id = any (moved) then target.id else household_id end
   where id = any (whole);
  update households_household set revision = revision + 1 where id in (offer.household_id, target.id);
  update households_transfer set state = 'taken', taken_into_id = target.id where id = asked;
  return query select unnest(moved);
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0005_columns")]
    operations = [migrations.RunSQL(TAKE, migrations.RunSQL.noop)]
