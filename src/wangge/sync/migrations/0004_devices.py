"""A lost phone hears of it without a sign-in; conflicts reach their writer's other phones."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching

SQL = """
-- Whoever knows the id of a phone, which it made itself by chance, learns whether it is to be wiped, and nothing else.
create function sync_wipe_ordered(phone uuid) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from sync_device where id = phone and lost_at is not null and wiped_at is null)
$$;
-- The phone tells that it has removed what it held; only where that was ordered.
create function sync_note_wiped(phone uuid, moment timestamptz) returns text
  language sql security definer set search_path = public, pg_temp as $$
  update sync_device set wiped_at = moment, key_half = null, waiting = 0
   where id = phone and lost_at is not null and wiped_at is null returning home_path::text
$$;
-- Which of these ids of commands are another account's.
create function sync_taken(ids uuid[]) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp as $$
  select id from sync_synccommand
   where id = any (ids)
     and account_id is distinct from nullif(current_setting('wangge.viewer', true), '')::bigint
$$;
-- What was touched in these places by transactions from `since` on, after the last one told. As the owner, since under the row
-- policy a path finds nothing in an index; so each place is compared with the scope here.
create function sync_since(own ltree[], above ltree[], from_above text[], since xid8, after xid8, last bigint, most integer)
  returns table (id bigint, kind varchar, row_id varchar, changed bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  scope ltree[] := coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[];
  mine ltree[] := array(select p from unnest(own) p where p <@ any (scope));
  higher ltree[] := array(select p from unnest(above) p where p @> any (scope));
begin
  return query
  select s.id, s.kind, s.row_id, s.changed::text::bigint from (
    select t.* from sync_touched t where t.path = any (mine) and t.changed >= since and (t.changed, t.id) > (after, last)
    union all
    select t.* from sync_touched t where t.path = any (higher) and t.kind = any (from_above)
       and t.changed >= since and (t.changed, t.id) > (after, last)) s
   order by s.changed, s.id limit most;
end $$;
""" + touching("sync_conflict", "conflict", fit="r.settled_at is null")


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_touched")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
