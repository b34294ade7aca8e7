"""Which ways a proof is about. All of before are about straight ones: what they tell of plans divided on foot holds no longer."""

from django.db import migrations, models

STRAIGHT = "update plans_plan set figures = figures - 'gap' where figures ? 'gap' and figures ? 'walk_mean_m'"


class Migration(migrations.Migration):
    dependencies = [("plans", "0012_revision_for_residents")]
    operations = [
        migrations.AddField(
            "planproof",
            "distance",
            models.CharField(db_default="straight", default="straight", max_length=10),
        ),
        migrations.AddConstraint(
            "planproof",
            models.CheckConstraint(
                condition=models.Q(("distance__in", ("straight", "walking"))), name="plans_planproof_distance"
            ),
        ),
        migrations.RunSQL(STRAIGHT, migrations.RunSQL.noop),
    ]
