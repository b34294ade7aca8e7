"""Rounds that the night plans for everybody do not stay for ever."""

from django.db import migrations

SQL = """
create function visits_forget_rounds(before date) returns bigint
  language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    delete from visits_round r
     where r.day < least(before, current_date - 30) and r.made_by_id is null
       and not exists (select from visits_visit v where v.round_id = r.id) returning 1)
  select count(*) from gone
$$;
revoke all on function visits_forget_rounds(date) from public;
grant execute on function visits_forget_rounds(date) to wangge_app;
create index visits_visit_of_round on visits_visit (round_id) where round_id is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_following")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
