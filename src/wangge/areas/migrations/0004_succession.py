"""Which grid went over into which when grids were divided anew. Everyone reads it, as the tree; it holds no person."""

from django.db import migrations, models

import wangge.base.columns

SQL = """
alter table areas_succession enable row level security;
create policy read_by_all on areas_succession for select using (true);
create policy added_in_scope on areas_succession for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy undone_in_scope on areas_succession for update using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
grant select, insert, update on areas_succession to wangge_app;
grant usage on sequence areas_succession_id_seq to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("areas", "0003_named")]
    operations = [
        migrations.CreateModel(
            name="Succession",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("from_code", models.CharField(max_length=16)),
                ("to_code", models.CharField(max_length=16)),
                ("path", wangge.base.columns.Ltree()),
                ("households", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["from_code", "at"], name="areas_succession_from"),
                    models.Index(fields=["to_code", "at"], name="areas_succession_to"),
                ],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
