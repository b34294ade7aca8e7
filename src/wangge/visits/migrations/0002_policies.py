"""Who sees and writes visits and what belongs to them, and the sums that triggers keep."""

from django.db import migrations

_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_HOMES = "(select current_setting('wangge.homes', true)::ltree[])::ltree[]"
_WORKS = "(select current_setting('wangge.works', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

# Who is at a household sees its visits and what is due there; centres see sums.
HOMES = f"""
alter table visits_visit enable row level security;
create policy at_homes on visits_visit for select using (path <@ any ({_HOMES}));
create policy recorded_by_oneself on visits_visit for insert with check (
  path <@ any ({_HOMES}) and entered_by_id is not distinct from {_VIEWER});
grant select, insert on visits_visit to wangge_app;

alter table visits_round enable row level security;
create policy at_homes on visits_round for select using (path <@ any ({_HOMES}));
create policy made_by_oneself on visits_round for insert with check (
  path <@ any ({_HOMES}) and made_by_id is not distinct from {_VIEWER});
grant select, insert on visits_round to wangge_app;
""" + "".join(
    f"""
alter table {table} enable row level security;
create policy at_homes on {table} for select using (path <@ any ({_HOMES}));
create policy added_at_homes on {table} for insert with check (path <@ any ({_HOMES}));
create policy changed_at_homes on {table} for update using (path <@ any ({_HOMES}));
create policy removed_at_homes on {table} for delete using (path <@ any ({_HOMES}));
grant select, insert, update, delete on {table} to wangge_app;
"""
    for table in ("visits_errand", "visits_duevisit")
)

# A track is read by its worker and by nobody else, however high; when somebody works, by those who lead there too.
OWN = (
    f"""
alter table visits_track enable row level security;
create policy own on visits_track for select using (account_id = {_VIEWER});
create policy kept_by_oneself on visits_track for insert with check (
  account_id = {_VIEWER} and exists (select from visits_patrol p where p.id = patrol_id and p.account_id = {_VIEWER}));
create policy erased_by_oneself on visits_track for delete using (account_id = {_VIEWER});
grant select, insert, delete on visits_track to wangge_app;

create function visits_forget_tracks(before timestamptz) returns bigint
  language sql security definer set search_path = public, pg_temp as $$
  with gone as (delete from visits_track where began_at < least(before, now() - interval '30 days') returning 1)
  select count(*) from gone
$$;
revoke all on function visits_forget_tracks(timestamptz) from public;
grant execute on function visits_forget_tracks(timestamptz) to wangge_app;
"""
    + "".join(
        f"""
alter table {table} enable row level security;
create policy own_and_led on {table} for select using (account_id = {_VIEWER} or path <@ any ({_MANAGES}));
create policy added_by_oneself on {table} for insert with check (account_id = {_VIEWER} and path <@ any ({_SCOPE}));
grant select, insert on {table} to wangge_app;
"""
        for table in ("visits_shift", "visits_patrol")
    )
    + f"""
create policy ended_by_oneself on visits_shift for update using (account_id = {_VIEWER});
grant update on visits_shift to wangge_app;
"""
)

PLACES = f"""
alter table visits_place enable row level security;
create policy in_scope on visits_place for select using (path <@ any ({_SCOPE}));
create policy added_where_one_works on visits_place for insert with check (path <@ any ({_WORKS}));
create policy changed_where_one_works on visits_place for update using (path <@ any ({_WORKS}));
grant select, insert, update on visits_place to wangge_app;

alter table visits_check enable row level security;
create policy in_scope on visits_check for select using (path <@ any ({_SCOPE}));
create policy made_by_oneself on visits_check for insert with check (
  path <@ any ({_WORKS}) and account_id is not distinct from {_VIEWER});
grant select, insert on visits_check to wangge_app;

alter table visits_duerule enable row level security;
create policy read_by_all on visits_duerule for select using (true);
create policy added_at_the_root on visits_duerule for insert with check (
  exists (select from unnest({_MANAGES}) as managed(path) where nlevel(managed.path) = 1));
create policy changed_at_the_root on visits_duerule for update using (
  exists (select from unnest({_MANAGES}) as managed(path) where nlevel(managed.path) = 1));
grant select, insert, update on visits_duerule to wangge_app;

grant select, insert, delete on visits_stale to wangge_app;
"""

# What changes a household's dates is written down by the register's own tables; what is due there is then computed again.
STALE = """
create function visits_household_changed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  insert into visits_stale (household_id, since) select distinct id, now() from added order by id
  on conflict (household_id) do nothing;
  return null;
end $$;
create trigger visits_stale_added after insert on households_household referencing new table as added
  for each statement execute function visits_household_changed();
create trigger visits_stale_changed after update on households_household referencing new table as added
  for each statement execute function visits_household_changed();
create function visits_need_changed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  insert into visits_stale (household_id, since)
  select distinct r.household_id, now() from added n join households_resident r on r.id = n.resident_id
   where r.household_id is not null order by 1
  on conflict (household_id) do nothing;
  return null;
end $$;
create trigger visits_stale_added after insert on households_careneed referencing new table as added
  for each statement execute function visits_need_changed();
create trigger visits_stale_changed after update on households_careneed referencing new table as added
  for each statement execute function visits_need_changed();
create function visits_resident_moved() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  insert into visits_stale (household_id, since)
  select distinct household_id, now() from (
    select a.household_id from added a join gone g using (id) where a.household_id is distinct from g.household_id
    union select g.household_id from added a join gone g using (id) where a.household_id is distinct from g.household_id
  ) as moved where household_id is not null order by 1
  on conflict (household_id) do nothing;
  return null;
end $$;
create trigger visits_stale_moved after update on households_resident referencing new table as added old table as gone
  for each statement execute function visits_resident_moved();
alter table visits_visit add constraint visits_visit_household foreign key (household_id) references households_household (id);
alter table visits_errand add constraint visits_errand_household foreign key (household_id) references households_household (id);
alter table visits_duevisit add constraint visits_due_household foreign key (household_id) references households_household (id);
"""

SUMS = f"""
create function visits_count() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with met as (
    insert into visits_metday (household_id, day, path)
    select distinct on (household_id, day) household_id, day, path from added
     where outcome = 'met' order by household_id, day
    on conflict (household_id, day) do nothing returning path, day)
  insert into visits_sum as s (path, day, what, count)
  select path, day, what, sum(n) from (
    select path, day, outcome as what, count(*) as n from added group by path, day, outcome
    union all select path, day, 'households', count(*) from met group by path, day) as more
   group by path, day, what order by path, day, what
  on conflict (path, day, what) do update set count = s.count + excluded.count;
  return null;
end $$;
create trigger visits_visit_counted after insert on visits_visit referencing new table as added
  for each statement execute function visits_count();

create function visits_count_due() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into visits_duesum as s (path, since, by, count)
    select path, since, by, count(*) from added group by path, since, by order by path, since, by
    on conflict (path, since, by) do update set count = s.count + excluded.count;
  elsif tg_op = 'DELETE' then
    update visits_duesum s set count = s.count - g.n
      from (select path, since, by, count(*) as n from gone group by path, since, by order by path, since, by) g
     where (s.path, s.since, s.by) = (g.path, g.since, g.by);
  else
    insert into visits_duesum as s (path, since, by, count)
    select path, since, by, sum(n) from (
      select path, since, by, 1 as n from added union all select path, since, by, -1 from gone) as moved
     group by path, since, by having sum(n) <> 0 order by path, since, by
    on conflict (path, since, by) do update set count = s.count + excluded.count;
  end if;
  return null;
end $$;
create trigger visits_due_counted_in after insert on visits_duevisit referencing new table as added
  for each statement execute function visits_count_due();
create trigger visits_due_counted_on after update on visits_duevisit referencing new table as added old table as gone
  for each statement execute function visits_count_due();
create trigger visits_due_counted_out after delete on visits_duevisit referencing old table as gone
  for each statement execute function visits_count_due();

alter table visits_sum enable row level security;
create policy in_scope on visits_sum for select using (path <@ any ({_SCOPE}));
grant select on visits_sum to wangge_app;
alter table visits_duesum enable row level security;
create policy in_scope on visits_duesum for select using (path <@ any ({_SCOPE}));
grant select on visits_duesum to wangge_app;
alter table visits_metday enable row level security;
create policy at_homes on visits_metday for select using (path <@ any ({_HOMES}));
grant select on visits_metday to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("areas", "0002_policies"), ("staff", "0007_homes")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (HOMES, OWN, PLACES, STALE, SUMS)]
