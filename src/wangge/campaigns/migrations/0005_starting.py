"""A campaign is frozen township by township, by a timer where it asks many: each part by itself, the next one after it."""

import wangge.base.columns
from django.db import migrations, models

# As `campaigns_chosen` until now, of one part of the area. Its plan is made each time: what is left out costs nothing.
CHOSEN = r"""
create function campaigns_chosen_in(within ltree, chosen jsonb, today date, part ltree)
  returns table (id uuid, path ltree, county_id varchar, township_id varchar, community_id varchar, grid_id varchar)
  language plpgsql stable security definer set search_path = public, pg_temp as $$
declare areas ltree[]; listed uuid[]; needs text[];
begin
  if not within <@ any (nullif(current_setting('wangge.manages', true), '')::ltree[]) then
    raise insufficient_privilege using message = 'campaigns: not managed here';
  end if;
  if chosen ? 'households' and chosen ? 'needs' then
    raise check_violation using message = 'campaigns: a list of homes and needs';
  end if;
  select array_agg(a.path) into areas from areas_area a
   where a.code in (select jsonb_array_elements_text(chosen -> 'areas')) and a.path <@ within;
  if not chosen ? 'areas' then areas := array[within]; end if;
  select array_agg(each::uuid) into listed from jsonb_array_elements_text(chosen -> 'households') each;
  select array_agg(each) into needs from jsonb_array_elements_text(chosen -> 'needs') each;
  return query execute
    'select h.id, h.path, h.county_id, h.township_id, h.community_id, h.grid_id from households_household h
      where h.valid_to is null and h.path <@ $1 and h.path <@ $2 and h.path <@ any ($3)'
    || case when nlevel(part) > 2 then ' and h.township_id = households_tier($2, 2)' else '' end
    || case when listed is null then '' else ' and h.id = any ($4)' end
    || case when (chosen -> 'plot')::boolean then ' and h.has_plot' else '' end
    || case when needs is null then '' else ' and exists (
         select from households_careneed n join households_resident r on r.id = n.resident_id
          where r.household_id = h.id and n.kind = any ($5) and n.ended_on is null and n.until >= $6)' end
    using within, part, areas, listed, needs, today;
end $$;
revoke execute on function campaigns_chosen_in(ltree, jsonb, date, ltree) from public;

create or replace function campaigns_chosen(within ltree, chosen jsonb, today date)
  returns table (id uuid, path ltree, county_id varchar, township_id varchar, community_id varchar, grid_id varchar)
  language sql stable security definer set search_path = public, pg_temp as $$
  select * from campaigns_chosen_in(within, chosen, today, within)
$$;
"""

# Nobody is told of the campaign before its last part: what is due at the doors is computed anew when it begins to run.
FREEZING = r"""
drop function campaigns_freeze(uuid, date, timestamptz);

create function campaigns_freeze_next(campaign uuid, today date, moment timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
declare c campaigns_campaign; part ltree;
begin
  select * into c from campaigns_campaign
   where id = campaign and state = 'draft' and asked_to_start_at is not null for update;
  if not found then return false; end if;
  if not c.path <@ any (nullif(current_setting('wangge.manages', true), '')::ltree[]) then
    raise insufficient_privilege using message = 'campaigns: not managed here';
  end if;
  select each into part from (
    select distinct case when nlevel(c.path) > 2 then c.path else subpath(t.path, 0, least(nlevel(t.path), 3)) end as each
      from households_tally t where t.path <@ c.path) parts
   where c.frozen_to is null or each > c.frozen_to order by each limit 1;
  if not found then return false; end if;
  with asked as (
    insert into campaigns_target (campaign_id, household_id, path, county_id, township_id, community_id, grid_id, standing,
                                  answered, tried, due_on)
    select campaign, h.id, h.path, coalesce(h.county_id, ''), coalesce(h.township_id, ''), coalesce(h.community_id, ''),
           coalesce(h.grid_id, ''), 'waiting', 0, 0, c.from_on
      from campaigns_chosen_in(c.path, c.chosen, today, part) h
    on conflict do nothing returning household_id, campaigns_target.path)
  -- What is due at a door is one visit: the campaign stands there beside what else is due.
  insert into visits_errand (id, household_id, path, kind, text, department, ref, since, by, law, added_by_id, added_at)
  select gen_random_uuid(), asked.household_id, asked.path, 'campaign', c.name, '', campaign, c.from_on, c.to_on, false,
         nullif(current_setting('wangge.viewer', true), '')::bigint, moment
    from asked;
  update campaigns_campaign set frozen_to = part where id = campaign;
  return true;
end $$;
revoke execute on function campaigns_freeze_next(uuid, date, timestamptz) from public;
grant execute on function campaigns_freeze_next(uuid, date, timestamptz) to wangge_app;

create function campaigns_frozen(campaign uuid, moment timestamptz) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare asked bigint;
begin
  if not exists (select from campaigns_campaign c where c.id = campaign and c.state = 'draft' and c.asked_to_start_at is not null
                    and c.path <@ any (nullif(current_setting('wangge.manages', true), '')::ltree[])) then
    return 0;
  end if;
  insert into visits_stale (household_id, since) select household_id, moment from campaigns_target where campaign_id = campaign
   order by household_id on conflict do nothing;
  select sum(t.households) into asked from campaigns_tally t where t.campaign_id = campaign;
  return coalesce(asked, 0);
end $$;
revoke execute on function campaigns_frozen(uuid, timestamptz) from public;
grant execute on function campaigns_frozen(uuid, timestamptz) to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_freezing")]
    operations = [
        migrations.AddField("campaign", "asked_to_start_at", models.DateTimeField(null=True)),
        migrations.AddField("campaign", "asking", models.PositiveIntegerField(null=True)),
        migrations.AddField("campaign", "frozen_to", wangge.base.columns.Ltree(null=True)),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (CHOSEN, FREEZING)),
    ]
