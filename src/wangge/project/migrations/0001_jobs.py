"""The application's role queues and works jobs, and reads which migrations are in; both sets of tables are others'."""

from django.db import migrations

GRANTS = """
grant select, insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
  procrastinate_workers to wangge_app;
grant usage on all sequences in schema public to wangge_app;
grant select on django_migrations to wangge_app;
"""
TAKEN_BACK = """
revoke all on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers from wangge_app;
revoke select on django_migrations from wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("procrastinate", "0041_post_retry_failed_job")]
    operations = [migrations.RunSQL(GRANTS, TAKEN_BACK)]
