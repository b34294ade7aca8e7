"""A round that was kept says about when each call begins, and for which doors the day was too short."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0007_asked_households")]
    operations = [
        migrations.AddField(
            model_name="round",
            name="begins",
            field=ArrayField(models.SmallIntegerField(), default=list, db_default=[]),
        ),
        migrations.AddField(
            model_name="round",
            name="left_over",
            field=ArrayField(models.UUIDField(), default=list, db_default=[]),
        ),
    ]
