"""Whose phones, commands, conflicts and touched records one sees."""

from django.db import migrations

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"
_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
_HOMES = "(select nullif(current_setting('wangge.homes', true), '')::ltree[])::ltree[]"

SQL = f"""
alter table sync_device enable row level security;
create policy own_and_of_ones_people on sync_device for select using (
  account_id = {_VIEWER} or home_path <@ any ({_MANAGES}));
create policy own_added on sync_device for insert with check (account_id = {_VIEWER});
create policy own_and_of_ones_people_changed on sync_device for update using (
  account_id = {_VIEWER} or home_path <@ any ({_MANAGES}));
grant select, insert, update on sync_device to wangge_app;

alter table sync_synccommand enable row level security;
create policy own on sync_synccommand for select using (account_id = {_VIEWER});
create policy own_added on sync_synccommand for insert with check (account_id = {_VIEWER});
create policy own_changed on sync_synccommand for update using (account_id = {_VIEWER});
grant select, insert, update on sync_synccommand to wangge_app;

-- What both sides of a conflict say is seen by who wrote it and by those who may see the homes there.
alter table sync_conflict enable row level security;
create policy own_and_of_homes on sync_conflict for select using (
  account_id = {_VIEWER} or path <@ any ({_HOMES}));
create policy own_added on sync_conflict for insert with check (account_id = {_VIEWER});
create policy own_and_of_homes_changed on sync_conflict for update using (
  account_id = {_VIEWER} or path <@ any ({_HOMES}));
grant select, insert, update on sync_conflict to wangge_app;

-- Numbers of records only; what stands in them the records' own policies say. Above: what a whole area is given.
alter table sync_touched enable row level security;
create policy in_scope_and_above on sync_touched for select using (
  path <@ any ({_SCOPE}) or path @> any ({_SCOPE}));
create policy forgotten_where_managed on sync_touched for delete using (gone and path <@ any ({_MANAGES}));
grant select, delete on sync_touched to wangge_app;
alter table sync_touched set (fillfactor = 80);
"""


class Migration(migrations.Migration):
    dependencies = [("sync", "0001_initial"), ("cases", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
