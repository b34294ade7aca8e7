"""What is in held commands goes: with the tracks of its time, and a month after its end or its account's. Kind and code stay."""

from django.db import migrations, models

import wangge.base.columns

# When the phone told it, by the server's clock; when it arrived, where that cannot be.
_SAID = "c.said_at + coalesce(k.behind_ms, 0) * interval '1 millisecond'"
_TOLD = (
    f"case when {_SAID} between k.held_at - interval '31 days' and k.held_at then {_SAID} else k.held_at end"
)
# A walk that was told then began at most a day before: its shift lasts no longer.
_WALK = "interval '1 day'"

SQL = f"""
create function sync_forget_held(before timestamptz) returns bigint
  language sql security definer set search_path = public, pg_temp as $$
  with asked as (select least(before, now() - interval '30 days') as before),
  over as (
    select k.id from sync_heldcommand k cross join asked left join sync_synccommand c on c.id = k.id
      left join staff_account a on a.id = k.account_id
     where k.content is not null
       and (k.ended_at < asked.before or a.ended_at < asked.before
            or (k.kind = 'patrol.record' and {_TOLD} < asked.before + {_WALK}))
  ),
  gone as (
    update sync_heldcommand h set content = null, ended_at = coalesce(h.ended_at, now()) from over where h.id = over.id returning 1
  )
  select count(*) from gone
$$;
revoke all on function sync_forget_held(timestamptz) from public;
grant execute on function sync_forget_held(timestamptz) to wangge_app;
"""
UNDO = """
drop function sync_forget_held;
-- Of these nothing is left that could be read.
delete from sync_heldcommand where content is null;
"""


class Migration(migrations.Migration):
    dependencies = [("sync", "0017_held"), ("staff", "0008_sends_only")]
    operations = [
        migrations.AlterField(
            model_name="heldcommand", name="content", field=wangge.base.columns.PrivateText(null=True)
        ),
        migrations.AddConstraint(
            model_name="heldcommand",
            constraint=models.CheckConstraint(
                condition=models.Q(content__isnull=False) | models.Q(ended_at__isnull=False),
                name="sync_held_waits_with_content",
            ),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
