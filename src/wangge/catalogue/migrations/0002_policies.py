"""The catalogue is read by all; refusals are seen and made within one's areas."""

from django.db import migrations

SQL = r"""
create index catalogue_refusal_below on catalogue_refusal using gist (path);
alter table catalogue_refusal enable row level security;
create policy in_scope on catalogue_refusal for select using (
  path <@ any ((select current_setting('wangge.scope', true))::ltree[])
  or by_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint));
create policy made_in_scope on catalogue_refusal for insert with check (
  path <@ any ((select current_setting('wangge.works', true))::ltree[]));
grant select, insert on catalogue_refusal to wangge_app;
grant select, insert, update on catalogue_workitem to wangge_app;
grant select, insert on catalogue_itemversion to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial"), ("staff", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
