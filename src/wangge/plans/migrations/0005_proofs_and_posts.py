import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0004_ground_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanPosts",
            fields=[
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="kept_posts",
                        serialize=False,
                        to="plans.plan",
                    ),
                ),
                ("path", wangge.base.columns.Ltree()),
                ("division", models.CharField(max_length=64)),
                ("rows", models.JSONField(default=list)),
                ("left", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                ("by_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PlanProof",
            fields=[
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="kept_proof",
                        serialize=False,
                        to="plans.plan",
                    ),
                ),
                ("path", wangge.base.columns.Ltree()),
                ("division", models.CharField(max_length=64)),
                ("state", models.CharField(default="running", max_length=10)),
                ("minutes", models.SmallIntegerField()),
                ("parts", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("proven_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["asked_at"],
                        name="plans_planproof_running",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("running", "done", "stopped"))),
                        name="plans_planproof_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)), name="plans_planproof_minutes"
                    ),
                ],
            },
        ),
    ]
