"""A telephone number that a resident left is erased by the system when it was kept long enough, and by nobody else."""

from django.db import migrations, models

_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

# The system manages an area and is no account. Nothing can be written there but that the number is gone, and when.
ERASED = f"""
create policy number_erased_by_the_system on plans_planreceipt for update
  using (coalesce(current_setting('wangge.viewer', true), '') = '' and path <@ any ({_MANAGES}))
  with check (phone is null and phone_erased_on is not null);
grant update (phone, phone_erased_on) on plans_planreceipt to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0010_residents_comments")]
    operations = [
        migrations.AddField("planreceipt", "phone_erased_on", models.DateField(null=True)),
        migrations.RunSQL(ERASED, migrations.RunSQL.noop),
    ]
