"""How far a campaign is in a grid is told to the phones there: a change of its sums is a change of the campaign."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching

SQL = touching("campaigns_tally", "campaign", key="r.campaign_id")


class Migration(migrations.Migration):
    dependencies = [("sync", "0009_lists"), ("campaigns", "0004_freezing")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
