"""Which keys private fields were sealed with: fingerprints only, so that a lost key is noticed at the start."""

from django.db import migrations

KEYS = """
create table project_privatekey (
  fingerprint text primary key, first_used_at timestamptz not null, retired_at timestamptz);
grant select on project_privatekey to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("project", "0001_jobs")]
    operations = [migrations.RunSQL(KEYS, "drop table project_privatekey")]
