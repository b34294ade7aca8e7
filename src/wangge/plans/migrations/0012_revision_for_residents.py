"""The public is told a plan's revision: what was read of it once is known to hold still."""

from django.db import migrations

FUNCTION = """
drop function plans_open_for_comment();
create function plans_open_for_comment() returns table (id uuid, name varchar, path text, comment_until date, revision int)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, name, path::text, comment_until, revision from plans_plan where state = 'consulted' and comment_until is not null
$$;
revoke all on function plans_open_for_comment() from public;
grant execute on function plans_open_for_comment() to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0011_numbers_erased")]
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
