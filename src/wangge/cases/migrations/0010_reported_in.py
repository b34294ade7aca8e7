"""Where a case lay when it was reported, for the few that went to another grid since: figures of that time count it there."""

from django.db import migrations, models

import wangge.base.columns


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_map")]
    operations = [
        migrations.AddField("case", "reported_in", wangge.base.columns.Ltree(null=True)),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("reported_in__isnull", False)),
                fields=["reported_at"],
                name="cases_case_went",
            ),
        ),
    ]
