"""A file that was asked for goes where the person who came has gone meanwhile, also when grids are drawn anew."""

from django.db import migrations

SQL = """
create index households_sought_for on households_sought (resident_id) where settled_at is null;
create function households_sought_follows() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update households_sought s set to_path = n.path from after_rows n
   where s.resident_id = n.id and s.settled_at is null and s.to_path <> n.path;
  return null;
end $$;
create trigger households_sought_follows after update on households_resident
  referencing new table as after_rows for each statement execute function households_sought_follows();
"""
UNDO = """
drop trigger households_sought_follows on households_resident;
drop function households_sought_follows();
drop index households_sought_for;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0011_sought")]
    operations = [migrations.RunSQL(SQL, UNDO)]
