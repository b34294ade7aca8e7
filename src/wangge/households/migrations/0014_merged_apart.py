"""Into whom a record was merged is looked up where it was, and not for each of the millions of rows of a list that names nobody.

As in 0009, what it points to is never removed.
"""

import django.db.models.deletion
from django.db import migrations, models

_CHECKS = """
create function households_resident_merged_into_id_there() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if not exists (select from households_resident p where p.id = new.merged_into_id) then
    raise foreign_key_violation using message = 'households_resident.merged_into_id: there is no such resident',
      table = 'households_resident', column = 'merged_into_id', constraint = 'households_resident_merged_into_id_there';
  end if;
  return null;
end $$;
create trigger households_resident_merged_into_id_there after insert or update of merged_into_id on households_resident
  for each row when (new.merged_into_id is not null) execute function households_resident_merged_into_id_there();
create function households_resident_merged_into_id_kept() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if exists (select from gone g join households_resident c on c.merged_into_id = g.id) then
    raise foreign_key_violation using message = 'households_resident: households_resident.merged_into_id still points to it',
      table = 'households_resident', constraint = 'households_resident_merged_into_id_kept';
  end if;
  return null;
end $$;
create trigger households_resident_merged_into_id_kept after delete on households_resident referencing old table as gone
  for each statement execute function households_resident_merged_into_id_kept();
revoke all on function households_resident_merged_into_id_there(), households_resident_merged_into_id_kept() from public;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0013_origins_sealed")]
    operations = [
        migrations.AlterField(
            model_name="resident",
            name="merged_into",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="households.resident",
            ),
        ),
        migrations.RunSQL(_CHECKS, migrations.RunSQL.noop),
    ]
