"""Plants that were looked at are noted for phones, too."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_own_conflicts"), ("campaigns", "0003_plants")]
    operations = [migrations.RunSQL(touching("campaigns_plantcheck", "plant"), migrations.RunSQL.noop)]
