"""Homes follow when grids are redrawn: a stay ends and begins without anybody moving, and goes on as before when that is undone."""

from django.db import migrations, models

# Of a border that was moved back within a day nothing remains: the stay before goes on, and the short one never was. Only stays
# that such a change began go this way, only back to where the person was kept before, and only where the viewer keeps the register.
RESUME = r"""
create function households_resume_stays(asked bigint[], places ltree[], since date) returns setof bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  homes ltree[] := coalesce(nullif(current_setting('wangge.homes', true), ''), '{}')::ltree[];
  short bigint[]; before bigint[];
begin
  select array_agg(s.id), array_agg(b.id) into short, before
    from unnest(asked, places) as wanted (id, path)
         join households_stay s on s.id = wanted.id
         cross join lateral (
           select e.id, e.path from households_stay e
            where e.resident_id = s.resident_id and e.household_id = s.household_id and e.to_on = s.from_on
              and e.went = 'redrawn' and e.id < s.id
            order by e.id desc limit 1) b
   where s.came = 'redrawn' and s.to_on is null and s.from_on >= since and b.path = wanted.path
     and s.path <@ any (homes) and b.path <@ any (homes)
     and not exists (select from households_merge m where m.stay_id = s.id);
  delete from households_stay where id = any (short);
  update households_stay set to_on = null, went = '', name = '' where id = any (before);
  return query select unnest(short);
end $$;
revoke all on function households_resume_stays(bigint[], ltree[], date) from public;
grant execute on function households_resume_stays(bigint[], ltree[], date) to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0006_taken_merges")]
    operations = [
        migrations.RemoveConstraint(model_name="stay", name="households_stay_came"),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(came__in=("known", "born", "moved_in", "within", "from_grid", "redrawn")),
                name="households_stay_came",
            ),
        ),
        migrations.RemoveConstraint(model_name="stay", name="households_stay_went"),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(to_on__isnull=True, went="")
                | models.Q(
                    to_on__gte=models.F("from_on"),
                    went__in=("moved_out", "within", "to_grid", "died", "merged", "redrawn"),
                ),
                name="households_stay_went",
            ),
        ),
        migrations.RunSQL(RESUME, "drop function households_resume_stays(bigint[], ltree[], date)"),
    ]
