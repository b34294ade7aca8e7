"""Everyone signed in reads the tree; it is changed only within one's own areas."""

from django.db import migrations

SQL = r"""
create index areas_area_below on areas_area using gist (path);
create index areas_area_on_map on areas_area using gist (box);
-- A sequence never gives a number twice, also when the transaction that took it is undone: a process that loaded the
-- boundaries inside such a transaction would otherwise take the next change for the one it knows.
create sequence areas_boundary_stamps;
insert into areas_boundarystamp values (1, nextval('areas_boundary_stamps'));
create function areas_boundary_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update areas_boundarystamp set version = nextval('areas_boundary_stamps');
  return null;
end $$;
create trigger areas_area_boundary after insert or delete or update of boundary, code, level, valid_to, path on areas_area
  for each statement execute function areas_boundary_changed();

alter table areas_area enable row level security;
alter table areas_areaversion enable row level security;
create policy read_by_all on areas_area for select using (true);
create policy added_in_scope on areas_area for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on areas_area for update using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy read_in_scope on areas_areaversion for select using (
  path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[]));
create policy added_in_scope on areas_areaversion for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
grant select, insert, update on areas_area to wangge_app;
grant select, insert on areas_areaversion to wangge_app;
grant select on areas_boundarystamp to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("areas", "0001_initial"), ("journal", "0002_chain")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
