"""What must share a grid or may not, as somebody said by hand; why a plan was approved; what each barrier of a map is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0008_readings_and_units")]
    operations = [
        migrations.AddField("plan", "bonds", models.JSONField(default=list)),
        migrations.AddField("plan", "approved_why", models.CharField(blank=True, default="", max_length=400)),
        migrations.AddField("ground", "barrier_kinds", models.JSONField(default=list)),
    ]
