"""Changes of homes, visits, places and campaigns are noted for phones, too."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching

# A form and what is shown at a door lie where their campaigns do.
_OF_CAMPAIGN = "select c.path from campaigns_campaign c where c.id = r.campaign_id"

SQL = (
    touching("households_dwelling", "dwelling")
    + touching("households_household", "household")
    + touching("households_resident", "resident")
    + touching("households_careneed", "need")
    + touching("visits_visit", "visit")
    + touching("visits_duevisit", "due", key="r.household_id")
    + touching("visits_place", "place")
    + touching("campaigns_campaign", "campaign", fit="r.state <> 'draft'")
    # Its form comes with a campaign that begins.
    + touching("campaigns_campaign", "form", key="r.form_version_id", fit="r.state <> 'draft'")
    + touching("campaigns_material", "material", path=_OF_CAMPAIGN)
)


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0004_devices"),
        ("households", "0004_homes_policies"),
        ("visits", "0002_policies"),
        ("campaigns", "0002_policies"),
    ]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
