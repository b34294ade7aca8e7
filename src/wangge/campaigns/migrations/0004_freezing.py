"""Whom a campaign asks is frozen in one statement, whoever starts it; what it still wants at a door is an errand there.

Centres and administrators run campaigns over homes that they may not see: the functions tell them numbers only, of an area
that they manage, and refuse a choice that would ask about single homes which needs they have.
"""

from django.db import migrations

# `chosen` is as rules/choosing.py makes it. A household belongs to the campaign that lies below the areas named.
CHOICE = r"""
create function campaigns_chosen(within ltree, chosen jsonb, today date)
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
  return query
  select h.id, h.path, h.county_id, h.township_id, h.community_id, h.grid_id from households_household h
   where h.valid_to is null and h.path <@ within and h.path <@ any (areas)
     and (listed is null or h.id = any (listed))
     and (not coalesce((chosen -> 'plot')::boolean, false) or h.has_plot)
     and (needs is null or exists (
       select from households_careneed n join households_resident r on r.id = n.resident_id
        where r.household_id = h.id and n.kind = any (needs) and n.ended_on is null and n.until >= today));
end $$;
revoke execute on function campaigns_chosen(ltree, jsonb, date) from public;

create function campaigns_would_ask(within ltree, chosen jsonb, today date) returns bigint
  language sql stable security definer set search_path = public, pg_temp as $$
  select count(*) from campaigns_chosen(within, chosen, today)
$$;

create function campaigns_freeze(campaign uuid, today date, moment timestamptz) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare c campaigns_campaign; asked bigint;
begin
  select * into c from campaigns_campaign where id = campaign and state = 'draft' for update;
  if not found then return null; end if;
  insert into campaigns_target (campaign_id, household_id, path, county_id, township_id, community_id, grid_id, standing,
                                answered, tried, due_on)
  select campaign, h.id, h.path, coalesce(h.county_id, ''), coalesce(h.township_id, ''), coalesce(h.community_id, ''),
         coalesce(h.grid_id, ''), 'waiting', 0, 0, c.from_on
    from campaigns_chosen(c.path, c.chosen, today) h;
  get diagnostics asked = row_count;
  -- What is due at a door is one visit: the campaign stands there beside what else is due.
  insert into visits_errand (id, household_id, path, kind, text, department, ref, since, by, law, added_by_id, added_at)
  select gen_random_uuid(), t.household_id, t.path, 'campaign', c.name, '', campaign, c.from_on, c.to_on, false,
         nullif(current_setting('wangge.viewer', true), '')::bigint, moment
    from campaigns_target t where t.campaign_id = campaign;
  insert into visits_stale (household_id, since) select household_id, moment from campaigns_target where campaign_id = campaign
   order by household_id on conflict do nothing;
  return asked;
end $$;

-- Of a campaign that ended nothing is due any more.
create function campaigns_release(campaign uuid, moment timestamptz) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare released bigint;
begin
  if not exists (select from campaigns_campaign where id = campaign and state = 'ended') then return 0; end if;
  with over as (update visits_errand set done_at = moment where kind = 'campaign' and ref = campaign and done_at is null
                returning household_id)
  insert into visits_stale (household_id, since) select household_id, moment from over order by household_id
  on conflict do nothing;
  get diagnostics released = row_count;
  return released;
end $$;

-- An errand follows how far its household is: nothing more to do ends it, another time moves it.
create function campaigns_errands_follow() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with moved as (
    select a.campaign_id, a.household_id, a.due_on, c.to_on
      from added a join gone g using (campaign_id, household_id) join campaigns_campaign c on c.id = a.campaign_id
     where a.due_on is distinct from g.due_on),
  followed as (
    update visits_errand e
       set done_at = case when m.due_on is null or m.due_on > m.to_on then now() end,
           since = case when m.due_on is null or m.due_on > m.to_on then e.since else greatest(m.due_on, e.since) end,
           by = case when m.due_on is null or m.due_on > m.to_on then e.by else greatest(m.to_on, m.due_on) end
      from moved m where e.household_id = m.household_id and e.kind = 'campaign' and e.ref = m.campaign_id
    returning e.household_id)
  insert into visits_stale (household_id, since) select distinct household_id, now() from followed order by household_id
  on conflict do nothing;
  return null;
end $$;
create trigger campaigns_target_errands after update on campaigns_target referencing new table as added old table as gone
  for each statement execute function campaigns_errands_follow();
"""

# Whoever writes a digest down shows others only what they brought themselves.
PHOTOS = """
drop policy photo_of_an_answer_seen on blobs_blob;
create policy photo_of_an_answer_seen on blobs_blob for select using (
  exists (select from campaigns_answerphoto p join campaigns_answer a on a.id = p.answer_id
           where p.digest = blobs_blob.digest and campaigns_brought(p.digest, a.by_id)));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_plants"),
        ("households", "0004_homes_policies"),
        ("visits", "0002_policies"),
        ("staff", "0007_homes"),
    ]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (CHOICE, PHOTOS)]
