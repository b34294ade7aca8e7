"""Who came to live in one grid may still stand in the register of another: whose keepers are asked for the file.

The one side does not see the other's people, and is not told where the record is: a function looks, and only who sees the
person there reads what was asked.
"""

import django.db.models.deletion
from django.db import migrations, models

import wangge.base.columns

SQL = """
alter table households_sought enable row level security;
create policy with_the_person on households_sought for select using (
  exists (select from households_resident r where r.id = other_id));
create policy settled_with_the_person on households_sought for update using (
  exists (select from households_resident r where r.id = other_id));
grant select, update on households_sought to wangge_app;

-- Of a person whom the viewer keeps: everybody of the same identity number who lives where the viewer keeps nothing.
create function households_seek(asked uuid, hashes bytea[], moment timestamptz) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  homes ltree[] := coalesce(nullif(current_setting('wangge.homes', true), ''), '{}')::ltree[];
  mine households_resident; asked_for integer;
begin
  select * into mine from households_resident
   where id = asked and path <@ any (homes) and household_id is not null and identity_hash = any (hashes);
  if not found then return 0; end if;
  insert into households_sought (id, resident_id, to_path, other_id, asked_at)
  select gen_random_uuid(), mine.id, mine.path, r.id, moment from households_resident r
   where r.identity_hash = any (hashes) and r.id <> mine.id and r.household_id is not null
     and not r.path <@ any (homes)
  on conflict do nothing;
  get diagnostics asked_for = row_count;
  return asked_for;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0010_looked_up")]
    operations = [
        migrations.AddField(
            model_name="stay",
            name="came_from",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.CreateModel(
            name="Sought",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("resident_id", models.UUIDField()),
                ("to_path", wangge.base.columns.Ltree()),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sought",
                        to="households.resident",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_id", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("resident_id", "other"), name="households_sought_once")
                ],
            },
        ),
        migrations.RunSQL(SQL, "drop function households_seek"),
    ]
