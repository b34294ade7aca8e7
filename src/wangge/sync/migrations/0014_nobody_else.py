"""What runs as its owner is open to the application's role alone: PostgreSQL gives every new function to everybody.

A function from which it was taken before stays as it is; tests/house/test_scope.py asks it of those that come.
"""

from django.db import migrations

SQL = """
do $$
declare open_to_all regprocedure;
begin
  for open_to_all in
    select p.oid::regprocedure from pg_proc p
     where p.prosecdef and p.pronamespace = 'public'::regnamespace and p.proowner = current_user::regrole
       and p.prorettype <> 'trigger'::regtype and has_function_privilege('public', p.oid, 'execute')
  loop
    execute format('revoke all on function %s from public', open_to_all);
    execute format('grant execute on function %s to wangge_app', open_to_all);
  end loop;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0013_one_phone"),
        ("areas", "0004_succession"),
        ("blobs", "0002_policies"),
        ("campaigns", "0007_pictures_lists"),
        ("cases", "0009_map"),
        ("households", "0013_origins_sealed"),
        ("journal", "0003_newest"),
        ("plans", "0007_few_households"),
        ("staff", "0008_sends_only"),
        ("visits", "0004_rounds"),
    ]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
