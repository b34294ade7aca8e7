"""What is due and what is to be brought to a door follows the household to the grid that it is kept under; visits stay."""

from django.db import migrations

SQL = """
-- A household that is only kept under another grid is due when it was.
create or replace function visits_household_changed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into visits_stale (household_id, since) select distinct id, now() from added order by id
    on conflict (household_id) do nothing;
    return null;
  end if;
  insert into visits_stale (household_id, since)
  select a.id, now() from added a join gone g using (id)
   where a.path = g.path
      or (a.only_by_law, a.valid_from, a.valid_to) is distinct from (g.only_by_law, g.valid_from, g.valid_to)
   order by 1 on conflict (household_id) do nothing;
  update visits_errand e set path = a.path from added a join gone g using (id)
   where a.path <> g.path and e.household_id = a.id and e.done_at is null;
  update visits_duevisit d set path = a.path, revision = d.revision + 1 from added a join gone g using (id)
   where a.path <> g.path and d.household_id = a.id;
  return null;
end $$;
drop trigger visits_stale_changed on households_household;
create trigger visits_stale_changed after update on households_household referencing new table as added old table as gone
  for each statement execute function visits_household_changed();

create or replace function visits_need_changed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into visits_stale (household_id, since)
    select distinct r.household_id, now() from added n join households_resident r on r.id = n.resident_id
     where r.household_id is not null order by 1
    on conflict (household_id) do nothing;
    return null;
  end if;
  insert into visits_stale (household_id, since)
  select distinct r.household_id, now()
    from added n join gone g using (id) join households_resident r on r.id = n.resident_id
   where r.household_id is not null
     and (n.kind, n.from_on, n.until, n.ended_on) is distinct from (g.kind, g.from_on, g.until, g.ended_on)
   order by 1 on conflict (household_id) do nothing;
  return null;
end $$;
drop trigger visits_stale_changed on households_careneed;
create trigger visits_stale_changed after update on households_careneed referencing new table as added old table as gone
  for each statement execute function visits_need_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0002_policies"), ("households", "0007_rehoming")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
