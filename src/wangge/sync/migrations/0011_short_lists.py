"""Of a list that is taken in only its places are looked for: its millions of ids are told to nobody."""

from importlib import import_module

from django.db import migrations

_BEFORE = import_module("wangge.sync.migrations.0009_lists").FUNCTION

FUNCTION = _BEFORE.replace(
    "begin\n",
    """begin
  if tg_op = 'INSERT' and current_setting('wangge.list', true) = 'on' then
    execute format($q$
      insert into sync_touched as t (kind, row_id, path, gone, changed, touched_at)
      select distinct %L, '*', (%s)::ltree, false, pg_current_xact_id(), now() from added r
       where (%s) and (%s) is not null order by 3
      on conflict (kind, row_id, path) do update set gone = excluded.gone, changed = excluded.changed,
                                                    touched_at = excluded.touched_at$q$,
      TG_ARGV[0], TG_ARGV[2], TG_ARGV[3], TG_ARGV[2]);
    return null;
  end if;
""",
    1,
)


class Migration(migrations.Migration):
    dependencies = [("sync", "0010_progress")]
    operations = [migrations.RunSQL(FUNCTION, _BEFORE)]
