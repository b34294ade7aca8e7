"""What the headings of lists mean, kept by area; and ids for the rows that a list brings."""

import wangge.base.columns
from django.db import migrations, models

_HOMES = "(select current_setting('wangge.homes', true)::ltree[])::ltree[]"

# Who keeps a grid's register reads what was said for its community: headings tell nothing of anybody.
# A UUIDv7 as `base.ids.new_id` makes them: milliseconds, then chance.
NEW_ID = """
create function households_new_id() returns uuid language sql volatile parallel safe as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
         substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1),
         'hex')::uuid $$
"""

POLICIES = f"""
alter table households_columnmapping enable row level security;
create policy of_homes_and_above on households_columnmapping for select using (
  path <@ any ({_HOMES}) or path @> any ({_HOMES}));
create policy added_at_homes on households_columnmapping for insert with check (path <@ any ({_HOMES}));
create policy changed_at_homes on households_columnmapping for update using (path <@ any ({_HOMES}));
grant select, insert, update on households_columnmapping to wangge_app;
grant usage on sequence households_columnmapping_id_seq to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0004_homes_policies")]
    operations = [
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", wangge.base.columns.Ltree()),
                ("kind", models.CharField(max_length=12)),
                ("columns", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("path", "kind"), name="households_columnmapping_once")
                ],
            },
        ),
        migrations.RunSQL(NEW_ID, "drop function households_new_id()"),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]
