"""Who wrote a conflict may settle it, and never move it to where they have no post."""

from django.db import migrations

_HOMES = "(select nullif(current_setting('wangge.homes', true), '')::ltree[])::ltree[]"
_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"

SQL = f"""
alter policy own_and_of_homes_changed on sync_conflict with check (path <@ any ({_HOMES}) or path <@ any ({_SCOPE}));
"""


class Migration(migrations.Migration):
    dependencies = [("sync", "0005_registers")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
