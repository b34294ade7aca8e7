"""Preferences are one's own."""

from django.db import migrations

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

PREFERENCES = f"""
alter table staff_preference enable row level security;
create policy own on staff_preference using (account_id = {_VIEWER}) with check (account_id = {_VIEWER});
grant select, insert, update, delete on staff_preference to wangge_app;
grant usage on sequence staff_preference_id_seq to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_desk")]
    operations = [migrations.RunSQL(PREFERENCES, migrations.RunSQL.noop)]
