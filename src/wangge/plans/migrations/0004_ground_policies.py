"""Who sees streets and searches, and how much work buildings ask for: sums that tell of nobody.

Streets and barriers are no secret: whoever has a post in, above or below the area sees them. A search is seen where its plans are.
"""

from django.db import migrations

_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

GROUND = f"""
alter table plans_ground enable row level security;
create policy at_above_or_below on plans_ground for select using (
  path <@ any ({_SCOPE}) or path @> any ({_SCOPE}));
create policy added_where_one_manages on plans_ground for insert with check (path <@ any ({_MANAGES}));
create policy ended_where_one_manages on plans_ground for update using (path <@ any ({_MANAGES}));
grant select, insert on plans_ground to wangge_app;
grant update (ended_at, ended_by_id) on plans_ground to wangge_app;
"""

SEARCH = f"""
alter table plans_search enable row level security;
create policy in_scope on plans_search for select using (path <@ any ({_SCOPE}));
create policy begun_where_one_manages on plans_search for insert with check (path <@ any ({_MANAGES}));
create policy changed_where_one_manages on plans_search for update using (path <@ any ({_MANAGES}));
grant select, insert, update on plans_search to wangge_app;
"""

# Minutes a year that each building asks of its worker: calls that the rules want (`calls`, `calls_by_law`: need -> times a year, '' for
# everyone), and the cases of the last year. Who divides sees no need of anybody: what needs add is told as a sum for buildings
# of at least ten households; that of smaller ones is the community's, shared among all of these by their households, and
# left out where even these are fewer than ten. Confidential cases are in no sum.
WORKLOAD = r"""
create function plans_workload(
  asked ltree, calls jsonb, calls_by_law jsonb, minutes_a_call float8, since timestamptz, today date)
  returns table (id uuid, minutes float8)
  language sql stable security definer set search_path = public, pg_temp as $$
  with building as (
    select b.id, b.path, b.lon, b.lat, subpath(b.path, 0, 4) as community
      from households_building b
     where b.valid_to is null and b.path <@ asked and nlevel(b.path) between 4 and 5
       and asked <@ any (coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[])
       and not exists (select from areas_area a where a.path = b.path and a.kind = 'dedicated')
  ), home as (
    select b.id as building, b.community,
           case when h.only_by_law then coalesce((calls_by_law ->> '')::float8, 0)
                else coalesce((calls ->> '')::float8, 0) end as base,
           coalesce((
             select max(coalesce((case when h.only_by_law then calls_by_law else calls end ->> n.kind)::float8, 0))
               from households_resident r join households_careneed n on n.resident_id = r.id
              where r.household_id = h.id and n.from_on <= today and n.until >= today
                and (n.ended_on is null or n.ended_on > today)), 0) as needed
      from building b
      join households_dwelling d on d.building_id = b.id and d.valid_to is null
      join households_household h on h.dwelling_id = d.id and h.valid_to is null
  ), summed as (
    select building, community, count(*) as households, sum(base) as base, sum(greatest(needed - base, 0)) as more
      from home group by building, community
  ), pool as (
    select community, sum(households) as households, sum(more) as more
      from summed where households < 10 group by community
  ), spot as (
    select c.path, c.lon, c.lat, v.minutes_per_case as minutes
      from cases_case c join catalogue_itemversion v on v.id = c.item_version_id
     where c.path <@ asked and not c.confidential and c.merged_into_id is null and c.reported_at >= since
  ), struck as (
    select (select b.id from households_building b
             where b.path = s.path and b.valid_to is null and b.lon is not null
             order by (b.lon - s.lon) ^ 2 + (b.lat - s.lat) ^ 2, b.id limit 1) as building, minutes
      from spot s where s.lon is not null
  ), worked as (
    select building, sum(minutes) as minutes from struck where building is not null group by building
  )
  select b.id, round((coalesce(s.base, 0) * minutes_a_call
         + case when s.households >= 10 then s.more
                when p.households >= 10 then p.more * s.households / p.households
                else 0 end * minutes_a_call
         + coalesce(w.minutes, 0))::numeric)::float8
    from building b
    left join summed s on s.building = b.id
    left join pool p on p.community = b.community
    left join worked w on w.building = b.id
$$;
revoke all on function plans_workload(ltree, jsonb, jsonb, float8, timestamptz, date) from public;
grant execute on function plans_workload(ltree, jsonb, jsonb, float8, timestamptz, date) to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0003_ground_and_searches"),
        ("cases", "0009_map"),
        ("catalogue", "0003_papers"),
        ("households", "0009_belonging"),
    ]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (GROUND, SEARCH, WORKLOAD)]
