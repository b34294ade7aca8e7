"""The file of a mediation and its parts."""

import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_case_page"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mediation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=24)),
                ("content_hash", models.BinaryField(max_length=32)),
                ("path", wangge.base.columns.Ltree()),
                ("kind", models.CharField(max_length=12)),
                ("matter", wangge.base.columns.PrivateText()),
                ("mediator_id", models.BigIntegerField()),
                ("state", models.CharField(default="opened", max_length=12)),
                ("result", models.CharField(blank=True, default="", max_length=12)),
                ("rights_told", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("visit_on", models.DateField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mediations",
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(null=True)),
                ("kept", models.CharField(blank=True, default="", max_length=8)),
                ("words", wangge.base.columns.PrivateText(null=True)),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("form", models.CharField(max_length=8)),
                ("terms", wangge.base.columns.PrivateText()),
                ("signed_on", models.DateField()),
                ("perform_by", models.DateField()),
                ("court", models.CharField(blank=True, default="", max_length=10)),
                ("court_applied_on", models.DateField(null=True)),
                ("replaced", models.BooleanField(default=False)),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MediationSession",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("held_at", models.DateTimeField()),
                ("place", wangge.base.columns.PrivateText()),
                ("present", wangge.base.columns.PrivateText()),
                ("record", wangge.base.columns.PrivateText()),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("role", models.CharField(max_length=12)),
                ("name", wangge.base.columns.PrivateText()),
                ("phone", wangge.base.columns.PrivateText()),
                (
                    "phone_hash",
                    wangge.base.columns.PrivateLookup(kind="phone", max_length=32, null=True, of="phone"),
                ),
                ("address", wangge.base.columns.PrivateText()),
                ("represented_by", wangge.base.columns.PrivateText()),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("to", models.CharField(max_length=12)),
                ("reason", wangge.base.columns.PrivateText()),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("written_at", models.DateTimeField()),
                ("written_by_id", models.BigIntegerField()),
                ("step", models.CharField(max_length=12)),
                ("text", wangge.base.columns.PrivateText()),
                (
                    "mediation",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cases.mediation"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="mediation",
            index=models.Index(
                models.OrderBy(models.F("opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="cases_mediation_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="mediation",
            index=models.Index(
                condition=models.Q(("visit_on__isnull", False)),
                fields=["visit_on"],
                name="cases_mediation_visits",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.UniqueConstraint(fields=("number",), name="cases_mediation_number_once"),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("case__isnull", False),
                    ("state__in", ("opened", "mediating", "agreed", "followed_up", "failed")),
                ),
                fields=("case",),
                name="cases_mediation_one_of_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ("neighbours", "family", "property", "labour", "land", "consumer", "damage", "other"),
                    )
                ),
                name="cases_mediation_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "opened",
                            "mediating",
                            "agreed",
                            "followed_up",
                            "failed",
                            "referred",
                            "closed",
                            "withdrawn",
                        ),
                    )
                ),
                name="cases_mediation_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediation",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["", "agreed", "failed", "referred", "withdrawn"])),
                name="cases_mediation_result",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["mediation", "due_on"], name="cases_followup_of_mediation"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept__in", ["", "yes", "partly", "no"])), name="cases_followup_kept"
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_at__isnull", True), models.Q(("kept", ""), _negated=True), _connector="OR"
                ),
                name="cases_followup_done_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ("written", "oral"))), name="cases_agreement_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("court__in", ["", "applied", "confirmed", "refused"])),
                name="cases_agreement_court",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced", False)),
                fields=("mediation",),
                name="cases_agreement_one_that_holds",
            ),
        ),
        migrations.AddIndex(
            model_name="mediationsession",
            index=models.Index(fields=["mediation", "held_at"], name="cases_session_of_mediation"),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["mediation", "written_at"], name="cases_party_of_mediation"),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["phone_hash"], name="cases_party_of_phone"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ("applicant", "respondent", "other"))),
                name="cases_party_role",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["mediation", "written_at"], name="cases_referral_of_mediation"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("to__in", ("court", "arbitration", "police", "township", "department"))),
                name="cases_referral_to",
            ),
        ),
        migrations.AddIndex(
            model_name="remark",
            index=models.Index(fields=["mediation", "written_at"], name="cases_remark_of_mediation"),
        ),
    ]
