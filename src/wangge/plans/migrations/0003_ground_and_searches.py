import django.contrib.postgres.fields
import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0004_succession"),
        ("plans", "0002_policies"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="ground_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="weigh",
            field=models.CharField(default="households", max_length=10),
        ),
        migrations.CreateModel(
            name="Ground",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("barriers", models.BinaryField()),
                ("crossings", models.BinaryField()),
                ("streets", models.BinaryField()),
                ("shops", models.BinaryField()),
                ("counts", models.JSONField(default=dict)),
                ("notes", models.JSONField(default=list)),
                ("added_at", models.DateTimeField()),
                ("added_by_id", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_id", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("name", models.CharField(max_length=80)),
                ("unit", models.CharField(max_length=10)),
                ("low", models.IntegerField()),
                ("high", models.IntegerField()),
                ("weigh", models.CharField(default="households", max_length=10)),
                ("curve", models.SmallIntegerField()),
                ("seconds", models.IntegerField()),
                ("seed", models.IntegerField(default=0)),
                ("from_plan_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("progress", models.FloatField(default=0)),
                ("stop_asked", models.BooleanField(default=False)),
                ("ended_early", models.BooleanField(default=False)),
                ("tries", models.SmallIntegerField(default=0)),
                ("problem", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="areas.area"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="plan",
            name="search",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="plans.search",
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(
                condition=models.Q(("search__isnull", False)), fields=["search"], name="plans_plan_proposed"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("weigh__in", ("households", "minutes"))), name="plans_plan_weigh"
            ),
        ),
        migrations.AddConstraint(
            model_name="ground",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("area",),
                name="plans_ground_one_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="search",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "running"))),
                fields=["asked_at"],
                name="plans_search_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "running", "done", "failed"))),
                name="plans_search_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit__in", ("building", "compound"))), name="plans_search_unit"
            ),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(("weigh__in", ("households", "minutes"))), name="plans_search_weigh"
            ),
        ),
        migrations.AddConstraint(
            model_name="search",
            constraint=models.CheckConstraint(
                condition=models.Q(("high__gte", models.F("low")), ("low__gte", 1)),
                name="plans_search_bounds",
            ),
        ),
    ]
