"""Commands that no phone sends again and that could not be taken in yet: kept sealed for their owner, and tried again each hour."""

from importlib import import_module

from django.db import migrations, models

import wangge.base.columns

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

SQL = f"""
alter table sync_heldcommand enable row level security;
create policy own on sync_heldcommand for select using (account_id = {_VIEWER});
create policy own_added on sync_heldcommand for insert with check (account_id = {_VIEWER});
create policy own_changed on sync_heldcommand for update using (account_id = {_VIEWER});
create policy own_removed on sync_heldcommand for delete using (account_id = {_VIEWER});
grant select, insert, update, delete on sync_heldcommand to wangge_app;
-- To the system: of which accounts at home within its area something is held that has not ended.
create function sync_held_accounts() returns setof bigint
  language sql stable security definer set search_path = public, pg_temp as $$
  select distinct h.account_id from sync_heldcommand h join staff_account a on a.id = h.account_id
   where h.ended_at is null and a.home_path <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{{}}')::ltree[])
$$;
drop function sync_sent_since_lost(uuid[]);
-- What became of the commands that these phones sent since they were reported lost: taken in, refused, and kept here to be tried again.
-- Told of one's own and of those of people whom one administers; what was in them is told to nobody.
create function sync_sent_since_lost(devices uuid[]) returns table (device uuid, taken bigint, refused bigint, held bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  select d.id, count(*) filter (where c.status <> 'refused'), count(*) filter (where c.status = 'refused' and h.id is null), count(h.id)
    from sync_device d join sync_synccommand c on c.account_id = d.account_id and c.device_id = d.id and c.answered_at >= d.lost_at
    left join sync_heldcommand h on h.id = c.id and h.ended_at is null
   where d.id = any (devices)
     and (d.account_id = nullif(current_setting('wangge.viewer', true), '')::bigint
          or d.home_path <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{{}}')::ltree[]))
   group by d.id
$$;
revoke all on function sync_held_accounts(), sync_sent_since_lost(uuid[]) from public;
grant execute on function sync_held_accounts(), sync_sent_since_lost(uuid[]) to wangge_app;
"""
_BEFORE = import_module("wangge.sync.migrations.0013_one_phone").SQL
UNDO = (
    "drop function sync_held_accounts; drop function sync_sent_since_lost;"
    + _BEFORE[_BEFORE.index("create function") :]
)


class Migration(migrations.Migration):
    dependencies = [("sync", "0015_own_conflicts_found"), ("staff", "0008_sends_only")]
    operations = [
        migrations.CreateModel(
            name="HeldCommand",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.BigIntegerField()),
                ("device_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=40)),
                ("content", wangge.base.columns.PrivateText()),
                ("behind_ms", models.BigIntegerField(null=True)),
                ("lost_at", models.DateTimeField(null=True)),
                ("code", models.CharField(max_length=40)),
                ("held_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["account_id", "held_at"], name="sync_held_of_account")],
            },
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
