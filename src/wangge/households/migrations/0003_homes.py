"""Buildings, dwellings, households, residents and what belongs to them. The row policies are in migration 0004."""

import django.contrib.postgres.fields
import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models


# `path` from the root down: the code at a place of it, counted from 0, or nothing.
TIER = """
create function households_tier(path ltree, place int) returns varchar language sql immutable parallel safe as $$
  select case when nlevel(path) > place then ltree2text(subpath(path, place, 1)) else '' end
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0002_policies"),
    ]

    operations = [
        migrations.RunSQL(TIER, "drop function households_tier"),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("last", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("path", wangge.base.columns.Ltree(primary_key=True, serialize=False)),
                ("households", models.IntegerField(default=0)),
                ("registered_present", models.IntegerField(default=0)),
                ("registered_away", models.IntegerField(default=0)),
                ("permanent", models.IntegerField(default=0)),
                ("floating", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Building",
            fields=[
                ("path", wangge.base.columns.Ltree()),
                (
                    "county_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(1), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "township_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(2), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "community_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(3), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "grid_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(4), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("made_up", models.BooleanField(default=False)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "compound",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="buildings",
                        to="households.compound",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Dwelling",
            fields=[
                ("path", wangge.base.columns.Ltree()),
                (
                    "county_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(1), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "township_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(2), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "community_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(3), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "grid_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(4), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("door", models.CharField(blank=True, default="", max_length=40)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("plate", models.CharField(blank=True, default="", max_length=16)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="households.building",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Earlier",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10)),
                ("of_id", models.UUIDField()),
                ("path", wangge.base.columns.Ltree()),
                ("revision", models.PositiveIntegerField()),
                ("told", models.JSONField(default=dict)),
                ("sealed", wangge.base.columns.PrivateText(null=True)),
                ("at", models.DateTimeField()),
                ("said_at", models.DateTimeField()),
                ("by_id", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("household", "resident", "need"))),
                        name="households_earlier_kind",
                    ),
                    models.UniqueConstraint(
                        fields=("of_id", "revision"), name="households_earlier_each_revision_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                ("path", wangge.base.columns.Ltree()),
                (
                    "county_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(1), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "township_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(2), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "community_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(3), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "grid_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(4), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=20)),
                ("has_plot", models.BooleanField(default=False)),
                ("only_by_law", models.BooleanField(default=False)),
                ("made_up", models.BooleanField(default=False)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="households.dwelling",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Resident",
            fields=[
                ("path", wangge.base.columns.Ltree()),
                (
                    "county_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(1), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "township_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(2), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "community_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(3), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "grid_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(4), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("birth_year", models.PositiveSmallIntegerField(null=True)),
                ("sex", models.CharField(blank=True, default="", max_length=1)),
                ("residency", models.CharField(max_length=18)),
                ("relation", models.CharField(blank=True, default="", max_length=12)),
                ("identity", wangge.base.columns.PrivateText(null=True)),
                (
                    "identity_hash",
                    wangge.base.columns.PrivateLookup(
                        kind="identity", max_length=32, null=True, of="identity"
                    ),
                ),
                ("phone", wangge.base.columns.PrivateText(null=True)),
                (
                    "phone_hash",
                    wangge.base.columns.PrivateLookup(kind="phone", max_length=32, null=True, of="phone"),
                ),
                ("phone_tail", models.CharField(blank=True, default="", max_length=4)),
                ("left_on", models.DateField(null=True)),
                ("made_up", models.BooleanField(default=False)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residents",
                        to="households.household",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="households.resident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CareNeed",
            fields=[
                ("path", wangge.base.columns.Ltree()),
                (
                    "county_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(1), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "township_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(2), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "community_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(3), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                (
                    "grid_id",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("path"), models.Value(4), function="households_tier"),
                        output_field=models.CharField(max_length=16),
                    ),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("basis", models.CharField(max_length=8)),
                ("law", models.CharField(blank=True, default="", max_length=200)),
                ("consent_on", models.DateField(null=True)),
                ("consent_by", models.CharField(blank=True, default="", max_length=8)),
                ("detail", wangge.base.columns.PrivateText(null=True)),
                ("from_on", models.DateField()),
                ("until", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="households.resident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("from_on", models.DateField()),
                ("came", models.CharField(max_length=10)),
                ("to_on", models.DateField(null=True)),
                ("went", models.CharField(blank=True, default="", max_length=10)),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="households.household",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="households.resident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("reason", models.CharField(blank=True, default="", max_length=400)),
                ("at", models.DateTimeField()),
                ("by_id", models.BigIntegerField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by_id", models.BigIntegerField(null=True)),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges_into",
                        to="households.resident",
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="households.resident",
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="households.stay",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "residents",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("people", models.JSONField(default=list)),
                ("from_path", wangge.base.columns.Ltree()),
                ("to_path", wangge.base.columns.Ltree()),
                ("state", models.CharField(default="offered", max_length=10)),
                ("said", models.CharField(blank=True, default="", max_length=400)),
                ("offered_at", models.DateTimeField()),
                ("offered_by_id", models.BigIntegerField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=400)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="households.household",
                    ),
                ),
                (
                    "taken_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_in",
                        to="households.household",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="building",
            index=models.Index(
                fields=["township_id", "community_id", "grid_id", "name"], name="households_building_placed"
            ),
        ),
        migrations.AddConstraint(
            model_name="building",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="households_building_point",
            ),
        ),
        migrations.AddConstraint(
            model_name="building",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="households_building_ends_after_it_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="dwelling",
            index=models.Index(
                fields=["township_id", "community_id", "grid_id", "building"],
                name="households_dwelling_placed",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.UniqueConstraint(
                condition=models.Q(("plate__gt", "")),
                fields=("plate",),
                name="households_dwelling_plate_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("building", "door"),
                name="households_dwelling_door_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="households_dwelling_point",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="households_dwelling_ends_after_it_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                fields=["township_id", "community_id", "grid_id", "number"],
                name="households_household_placed",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.UniqueConstraint(fields=("number",), name="households_household_number_once"),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="households_household_ends_after_it_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                fields=["township_id", "community_id", "grid_id", "name"], name="households_resident_placed"
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("phone_tail__gt", "")),
                fields=["phone_tail"],
                name="households_resident_of_tail",
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("phone_hash__isnull", False)),
                fields=["phone_hash"],
                name="households_resident_of_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("identity_hash__isnull", False)),
                fields=["identity_hash"],
                name="households_resident_of_id",
            ),
        ),
        migrations.AddIndex(
            model_name="resident",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="households_resident_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["", "m", "f"])), name="households_resident_sex"
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("residency__in", ("registered_present", "registered_away", "permanent", "floating"))
                ),
                name="households_resident_residency",
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "relation__in",
                        [
                            "",
                            "head",
                            "spouse",
                            "child",
                            "parent",
                            "grandchild",
                            "grandparent",
                            "sibling",
                            "in_law",
                            "other",
                        ],
                    )
                ),
                name="households_resident_relation",
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_year__isnull", True), ("birth_year__range", (1880, 2200)), _connector="OR"
                ),
                name="households_resident_birth_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("household__isnull", False), ("left_on__isnull", True)),
                    models.Q(("household__isnull", True), ("left_on__isnull", False)),
                    _connector="OR",
                ),
                name="households_resident_lives_or_left",
            ),
        ),
        migrations.AddConstraint(
            model_name="resident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True), ("household__isnull", True), _connector="OR"
                ),
                name="households_resident_merged_lives_nowhere",
            ),
        ),
        migrations.AddIndex(
            model_name="careneed",
            index=models.Index(
                fields=["township_id", "community_id", "grid_id", "until"], name="households_careneed_placed"
            ),
        ),
        migrations.AddConstraint(
            model_name="careneed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "living_alone",
                            "elder",
                            "left_behind_child",
                            "child_in_difficulty",
                            "disability",
                            "hardship",
                            "illness",
                            "other",
                        ),
                    )
                ),
                name="households_careneed_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="careneed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("basis", "law"), ("consent_on__isnull", True), models.Q(("law", ""), _negated=True)
                    ),
                    models.Q(
                        ("basis", "consent"),
                        ("consent_by__in", ("self", "guardian")),
                        ("consent_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="households_careneed_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="careneed",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("from_on"))), name="households_careneed_ends"
            ),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(fields=["resident", "from_on"], name="households_stay_of_resident"),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(fields=["household", "from_on"], name="households_stay_of_household"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(("came__in", ("known", "born", "moved_in", "within", "from_grid"))),
                name="households_stay_came",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("to_on__isnull", True), ("went", "")),
                    models.Q(
                        ("to_on__gte", models.F("from_on")),
                        ("went__in", ("moved_out", "within", "to_grid", "died", "merged")),
                    ),
                    _connector="OR",
                ),
                name="households_stay_went",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("to_on__isnull", True)),
                fields=("resident",),
                name="households_stay_one_home_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("merged",),
                name="households_merge_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True),
                name="households_merge_of_two",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                models.OrderBy(models.F("offered_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="households_transfer_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("offered", "taken", "declined", "withdrawn"))),
                name="households_transfer_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "taken"), ("taken_into__isnull", False)),
                    models.Q(models.Q(("state", "taken"), _negated=True), ("taken_into__isnull", True)),
                    _connector="OR",
                ),
                name="households_transfer_taken_somewhere",
            ),
        ),
    ]
