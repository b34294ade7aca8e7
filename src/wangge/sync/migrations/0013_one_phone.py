"""Which accounts work on one phone, so that a lost one is wiped of all of them; and what a lost phone has sent since."""

from django.db import migrations, models

SQL = """
create index sync_device_of_phone on sync_device (phone_id) where phone_id is not null;
-- What became of the commands that these phones sent since they were reported lost: taken in, and refused. Told of one's own and of
-- those of people whom one administers; what was in them is told to nobody.
create function sync_sent_since_lost(devices uuid[]) returns table (device uuid, taken bigint, refused bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, count(*) filter (where c.status <> 'refused'), count(*) filter (where c.status = 'refused')
    from sync_device d join sync_synccommand c on c.account_id = d.account_id and c.device_id = d.id and c.answered_at >= d.lost_at
   where d.id = any (devices)
     and (d.account_id = nullif(current_setting('wangge.viewer', true), '')::bigint
          or d.home_path <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{}')::ltree[]))
   group by d.id
$$;
"""
UNDO = "drop function sync_sent_since_lost; drop index sync_device_of_phone;"


class Migration(migrations.Migration):
    dependencies = [("sync", "0012_rounds")]
    operations = [
        migrations.AddField(model_name="device", name="phone_id", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="device",
            name="brought",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
