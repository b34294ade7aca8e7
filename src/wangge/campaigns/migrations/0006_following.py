"""The doors of a campaign that is not over follow their households to the grids that these are kept under."""

from django.db import migrations

# Not out of the area that the campaign asks: there a door stays counted where it was.
SQL = """
create function campaigns_household_followed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update campaigns_target t
     set path = a.path, county_id = a.county_id, township_id = a.township_id, community_id = a.community_id, grid_id = a.grid_id
    from added a join gone g using (id), campaigns_campaign c
   where a.path <> g.path and t.household_id = a.id and c.id = t.campaign_id and c.state <> 'ended' and a.path <@ c.path;
  return null;
end $$;
create trigger campaigns_target_follows after update on households_household referencing new table as added old table as gone
  for each statement execute function campaigns_household_followed();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_starting"), ("households", "0007_rehoming")]
    operations = [
        migrations.RunSQL(
            SQL,
            "drop trigger campaigns_target_follows on households_household;"
            " drop function campaigns_household_followed()",
        )
    ]
