"""Where somebody lived before is sealed as the registered address is; a file that was asked for is asked for again when its offer
comes to nothing; and whoever asks for files can ask only for those of the very person.
"""

from typing import Any

import wangge.base.columns
from django.conf import settings
from django.db import migrations

_CHUNK = 5_000

# A row counts by the resident's own hash. By another only while keys are changed: rows under another key than the resident's have
# another hash of the same number, one for each key. What lies under the resident's own key with another hash is another number, and
# two hashes under one key are two numbers. One key more than were ever used may wait in the ring.
SEEK = """
create or replace function households_seek(asked uuid, hashes bytea[], moment timestamptz) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  homes ltree[] := coalesce(nullif(current_setting('wangge.homes', true), ''), '{}')::ltree[];
  mine households_resident; asked_for integer; keys integer; under bytea;
begin
  select * into mine from households_resident
   where id = asked and path <@ any (homes) and household_id is not null and identity_hash = any (hashes);
  if not found then return 0; end if;
  select count(*) into keys from project_privatekey;
  if cardinality(hashes) > keys + 1 then hashes := array[mine.identity_hash]; end if;
  under := substr(mine.identity, 2, 4);
  if exists (
    select from households_resident r where r.identity_hash = any (hashes)
     group by substr(r.identity, 2, 4) having count(distinct r.identity_hash) > 1) then
    hashes := array[mine.identity_hash];
  end if;
  insert into households_sought (id, resident_id, to_path, other_id, asked_at)
  select gen_random_uuid(), mine.id, mine.path, r.id, moment from households_resident r
   where r.identity_hash = any (hashes)
     and (r.identity_hash = mine.identity_hash or substr(r.identity, 2, 4) <> under)
     and r.id <> mine.id and r.household_id is not null and not r.path <@ any (homes)
  on conflict do nothing;
  get diagnostics asked_for = row_count;
  return asked_for;
end $$;
revoke all on function households_seek(uuid, bytea[], timestamptz) from public;
grant execute on function households_seek(uuid, bytea[], timestamptz) to wangge_app;
"""

# An offer settled what was asked for, at its own moment. Who declines it does not see the other's people: so the table does it.
ASKED_AGAIN = """
create function households_sought_again() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update households_sought s set settled_at = null, settled_by_id = null, to_path = r.path
    from households_resident r
   where s.other_id = any (new.residents) and s.settled_at = new.offered_at
     and s.settled_by_id is not distinct from new.offered_by_id
     and s.to_path = new.to_path and r.id = s.resident_id and r.household_id is not null;
  return null;
end $$;
create trigger households_sought_again after update of state on households_transfer for each row
  when (old.state = 'offered' and new.state in ('declined', 'withdrawn')) execute function households_sought_again();
revoke all on function households_sought_again() from public;
"""
UNDO = "drop trigger households_sought_again on households_transfer; drop function households_sought_again();"


def seal(_apps: Any, schema_editor: Any) -> None:
    """Seals what stands there, and empties the old column, so that its text goes when the table is next cleaned."""
    sealed = settings.PRIVATE_KEYS.sealer("households_stay", "came_from")
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "select id, came_from_plain from households_stay where id > %s and came_from_plain > '' order by id limit %s",
                [last, _CHUNK],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            cursor.execute(
                "update households_stay s set came_from = n.sealed, came_from_plain = ''"
                " from unnest(%s::bigint[], %s::bytea[]) as n(id, sealed) where s.id = n.id",
                [[key for key, _said in rows], [sealed(said, str(key)) for key, said in rows]],
            )


class Migration(migrations.Migration):
    dependencies = [("households", "0012_sought_follows")]
    operations = [
        migrations.RenameField(model_name="stay", old_name="came_from", new_name="came_from_plain"),
        migrations.AddField(
            model_name="stay", name="came_from", field=wangge.base.columns.PrivateText(null=True)
        ),
        migrations.RunPython(seal),
        migrations.RemoveField(model_name="stay", name="came_from_plain"),
        migrations.RunSQL(SEEK, migrations.RunSQL.noop),
        migrations.RunSQL(ASKED_AGAIN, UNDO),
    ]
