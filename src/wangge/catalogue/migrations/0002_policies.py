"""The catalogue is read by all and changed by those who propose and admit; refusals are seen and made within one's areas."""

from django.db import migrations

SQL = r"""
create index catalogue_refusal_below on catalogue_refusal using gist (path);
alter table catalogue_refusal enable row level security;
create policy in_scope on catalogue_refusal for select using (
  path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[])
  or by_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint));
create policy made_in_scope on catalogue_refusal for insert with check (
  path <@ any ((select current_setting('wangge.works', true)::ltree[])::ltree[]));

-- Whoever may propose adds and changes proposals; only who may admit touches an item in any other state.
alter table catalogue_workitem enable row level security;
alter table catalogue_itemversion enable row level security;
create policy read_by_all on catalogue_workitem for select using (true);
create policy read_by_all on catalogue_itemversion for select using (true);
create policy proposed_or_admitted on catalogue_workitem for insert with check (
  'admit' = any (nullif((select current_setting('wangge.admits', true)), '')::text[])
  or state = 'proposed' and nullif((select current_setting('wangge.admits', true)), '')::text[] && '{administer,handle}');
create policy changed on catalogue_workitem for update using (
  'admit' = any (nullif((select current_setting('wangge.admits', true)), '')::text[])
  or state = 'proposed' and nullif((select current_setting('wangge.admits', true)), '')::text[] && '{administer,handle}');
create policy written on catalogue_itemversion for insert with check (
  nullif((select current_setting('wangge.admits', true)), '')::text[] && '{administer,admit,handle}');
-- How an item came in is public to everyone who works with it.
create policy acts_on_items_read on journal_entry for select using (
  subject like 'item:%' and nullif((select current_setting('wangge.viewer', true)), '') is not null);
grant select, insert on catalogue_refusal to wangge_app;
grant select, insert, update on catalogue_workitem to wangge_app;
grant select, insert on catalogue_itemversion to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial"), ("journal", "0002_chain"), ("staff", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
