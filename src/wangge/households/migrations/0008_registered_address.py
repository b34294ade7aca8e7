"""Where a resident is registered; and when the detail of a care need was erased."""

import wangge.base.columns
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0007_rehoming")]
    operations = [
        migrations.AddField(
            model_name="resident", name="registered_address", field=wangge.base.columns.PrivateText(null=True)
        ),
        migrations.AddField(model_name="careneed", name="erased_on", field=models.DateField(null=True)),
        migrations.AddIndex(
            model_name="careneed",
            index=models.Index(
                condition=models.Q(detail__isnull=False),
                fields=["until"],
                name="households_careneed_detailed",
            ),
        ),
    ]
