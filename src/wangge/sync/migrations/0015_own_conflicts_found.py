"""A pull asks for one account's conflicts that are open or were settled lately: found in an index, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0014_nobody_else")]
    operations = [
        migrations.AddIndex(
            model_name="conflict",
            index=models.Index(fields=["account_id", "settled_at"], name="sync_conflict_of_account"),
        )
    ]
