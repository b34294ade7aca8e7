"""A sign-in that may only send: that of a lost phone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("staff", "0007_homes")]
    operations = [
        migrations.AddField(
            model_name="signin", name="sends_only", field=models.BooleanField(default=False, db_default=False)
        ),
    ]
