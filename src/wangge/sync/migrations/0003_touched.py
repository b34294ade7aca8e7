"""Which records changed since when: statement-level triggers on the tables of others, who know nothing of it."""

from django.db import migrations

# Arguments: the kind, and of a row `r` its key, its place and whether phones may have it at all. They are constants of this
# file. Of so many changes in one statement that a phone does better to take the kind anew, only that is kept.
FUNCTION = """
create function sync_touch() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  picked text := format('select (%s)::text as id, (%s)::ltree as path, (%s) as fit', TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
  source text := case TG_OP
    when 'INSERT' then format('select s.*, false as gone from (%s from added r) s', picked)
    when 'DELETE' then format('select s.*, true as gone from (%s from removed r) s', picked)
    else format('select s.*, false as gone from (%1$s from added r) s'
                ' union all select s.*, true from (%1$s from removed r) s', picked) end;
begin
  execute format($q$
    with moved as materialized (
      select id, path, bool_and(gone) as gone from (%s) s where fit and path is not null group by id, path),
    many as (select path from moved group by path having count(*) > 500)
    insert into sync_touched as t (kind, row_id, path, gone, changed, touched_at)
    select %L, id, path, gone, pg_current_xact_id(), now() from (
      select id, path, gone from moved where path not in (select path from many)
      union all select '*', path, false from many) s
     order by id, path
    on conflict (kind, row_id, path) do update set gone = excluded.gone, changed = excluded.changed,
                                                  touched_at = excluded.touched_at$q$, source, TG_ARGV[0]);
  return null;
end $$;
"""


def touching(table: str, kind: str, *, key: str = "r.id", path: str = "r.path", fit: str = "true") -> str:
    """The three triggers that note changes of `table` as changes of `kind`."""
    arguments = ", ".join("'" + one.replace("'", "''") + "'" for one in (kind, key, path, fit))
    return "".join(
        f"create trigger {table}_touched_{kind}_{event} after {event} on {table} referencing {tables}"
        f" for each statement execute function sync_touch({arguments});\n"
        for event, tables in (
            ("insert", "new table as added"),
            ("update", "new table as added old table as removed"),
            ("delete", "old table as removed"),
        )
    )


# Items lie nowhere: they are noted at the root, above everyone.
_ROOT = (
    "select a.path from areas_area a where a.parent_id is null and a.valid_to is null order by a.code limit 1"
)

SQL = (
    FUNCTION
    + touching("areas_area", "area", key="r.code")
    + touching("catalogue_workitem", "item", key="r.code", path=_ROOT)
    # A confidential case lies on no phone: when it becomes one, it is gone from them.
    + touching("cases_case", "case", fit="not r.confidential")
)


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_policies"), ("catalogue", "0002_policies"), ("areas", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
