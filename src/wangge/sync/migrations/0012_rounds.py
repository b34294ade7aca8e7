"""The round that was planned for somebody's day is told to their phone."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching

# One record an account: what it holds is looked up, so that the rounds of last month leave the phone by themselves.
SQL = touching("visits_round", "round", key="r.account_id")


class Migration(migrations.Migration):
    dependencies = [("sync", "0011_short_lists"), ("visits", "0004_rounds")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
