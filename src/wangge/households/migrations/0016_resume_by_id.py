from django.db import migrations

# Each stay is looked up by its number, one after the other (`offset 0` keeps the planner from another order). Right after many homes moved it
# takes stays that were redrawn for rare, and would go through all that are asked for once for each of them: more than eight minutes for a
# district of 50,000 people.
RESUME = """
create or replace function households_resume_stays(asked bigint[], places ltree[], since date) returns setof bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  homes ltree[] := coalesce(nullif(current_setting('wangge.homes', true), ''), '{}')::ltree[];
  short bigint[]; before bigint[];
begin
  select array_agg(s.id), array_agg(b.id) into short, before
    from unnest(asked, places) as wanted (id, path)
         cross join lateral (
           select * from households_stay where households_stay.id = wanted.id offset 0) s
         cross join lateral (
           select e.id, e.path from households_stay e
            where e.resident_id = s.resident_id and e.household_id = s.household_id and e.to_on = s.from_on
              and e.went = 'redrawn' and e.id < s.id
            order by e.id desc limit 1) b
   where s.came = 'redrawn' and s.to_on is null and s.from_on >= since and b.path = wanted.path
     and s.path <@ any (homes) and b.path <@ any (homes)
     and not exists (select from households_merge m where m.stay_id = s.id);
  delete from households_stay where id = any (short);
  update households_stay set to_on = null, went = '', name = '' where id = any (before);
  return query select unnest(short);
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0015_lists")]
    operations = [migrations.RunSQL(RESUME, migrations.RunSQL.noop)]
