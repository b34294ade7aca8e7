"""Which posts an account was given, today's and those ahead: who changes an account must have been able to give them all."""

from django.db import migrations

SEATS = """
create function staff_given_seats(who bigint, today date) returns table (path ltree, duties text[], confidential boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
  select p.path, k.duties, k.confidential
    from staff_assignment s join staff_post p on p.id = s.post_id join staff_postkind k on k.code = p.kind_id
   where s.account_id = who and (s.to_on is null or s.to_on >= greatest(s.from_on, today))
     and (p.closed_on is null or p.closed_on >= greatest(s.from_on, today))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0005_mediation")]
    operations = [migrations.RunSQL(SEATS, migrations.RunSQL.noop)]
