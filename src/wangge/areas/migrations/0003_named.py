"""Areas of a nation are found by the beginning of their name without reading all 600,000."""

from django.db import migrations

NAMED = """
create index areas_area_named on areas_area (name varchar_pattern_ops) where valid_to is null;
"""


class Migration(migrations.Migration):
    dependencies = [("areas", "0002_policies")]
    operations = [migrations.RunSQL(NAMED, migrations.RunSQL.noop)]
