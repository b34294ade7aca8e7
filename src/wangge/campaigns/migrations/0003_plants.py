"""Plants that somebody looked at, who sees them, and that a suspicion may be filed with the township above its finder."""

import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"
_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_SECRET = "(select current_setting('wangge.confidential', true)::ltree[])::ltree[]"
_HOMES = "(select nullif(current_setting('wangge.homes', true), '')::ltree[])::ltree[]"

# A suspicion is seen by its finder and by confidential seats of the township and above, as its case is; by nobody else in
# the grid or the community.
POLICIES = f"""
alter table campaigns_plantcheck enable row level security;
create policy by_who_sees_the_household on campaigns_plantcheck for select using (
  by_id = {_VIEWER} or (decision <> 'suspected' and path <@ any ({_HOMES})));
create policy suspicions_by_the_township on campaigns_plantcheck for select using (
  decision = 'suspected' and exists (
    select from unnest({_SECRET}) as seat(area) where nlevel(area) <= 3 and path <@ area));
create policy looked_at_where_one_works on campaigns_plantcheck for insert with check (
  by_id = {_VIEWER} and path <@ any ({_SCOPE}) and (household_id is null or path <@ any ({_HOMES})));
grant select, insert on campaigns_plantcheck to wangge_app;

-- A digest is no proof of having had the photo: whoever writes one down shows others only what they brought themselves.
create function campaigns_brought(wanted text, who bigint) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from blobs_upload where blob_id = wanted and by_id = who)
$$;
create policy photo_of_a_plant_seen on blobs_blob for select using (
  exists (select from campaigns_plantcheck p where p.photo = digest and campaigns_brought(p.photo, p.by_id)));

create policy reported_to_the_township_above on cases_case for insert with check (
  confidential and reported_by_id = {_VIEWER} and nlevel(path) = 3 and path @> any ({_SCOPE}));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_map"),
        ("campaigns", "0002_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlantCheck",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("household_id", models.UUIDField(null=True)),
                ("spot", models.CharField(blank=True, default="", max_length=200)),
                ("path", wangge.base.columns.Ltree()),
                ("number", models.PositiveSmallIntegerField()),
                ("photo", models.CharField(blank=True, default="", max_length=64)),
                ("answers", models.JSONField(default=dict)),
                ("said", models.JSONField(default=list)),
                ("decision", models.CharField(max_length=10)),
                ("case_id", models.UUIDField(null=True)),
                ("said_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("by_id", models.BigIntegerField()),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plants",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["campaign", "at", "id"], name="campaigns_plants_of_campaign"),
                    models.Index(fields=["household_id", "at"], name="campaigns_plants_of_household"),
                    models.Index(
                        condition=models.Q(("photo", ""), _negated=True),
                        fields=["photo"],
                        name="campaigns_plants_photo",
                    ),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)),
                        fields=["case_id"],
                        name="campaigns_plants_case",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ("nothing", "suspected", "unsure"))),
                        name="campaigns_plantcheck_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("household_id__isnull", False),
                            models.Q(("spot", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="campaigns_plantcheck_is_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case_id__isnull", False), ("decision", "suspected")),
                            models.Q(
                                models.Q(("decision", "suspected"), _negated=True), ("case_id__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="campaigns_plantcheck_suspicion_has_a_case",
                    ),
                ],
            },
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]
