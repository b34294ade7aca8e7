from django.db import migrations

# As before, but the nearest buildings of all cases are looked for at once: for a district of 20,000 buildings and 5,000 cases case by case
# took a minute, and this takes a second.
WORKLOAD = r"""
create or replace function plans_workload(
  asked ltree, calls jsonb, calls_by_law jsonb, minutes_a_call float8, since timestamptz, today date)
  returns table (id uuid, minutes float8)
  language sql stable security definer set search_path = public, pg_temp as $$
  with member as materialized (
    select building, households, unit from plans_units(asked)
     where asked <@ any (coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[])
  ), home as (
    select m.building,
           case when h.only_by_law then coalesce((calls_by_law ->> '')::float8, 0)
                else coalesce((calls ->> '')::float8, 0) end as base,
           coalesce((
             select max(coalesce((case when h.only_by_law then calls_by_law else calls end ->> n.kind)::float8, 0))
               from households_resident r join households_careneed n on n.resident_id = r.id
              where r.household_id = h.id and n.from_on <= today and n.until >= today
                and (n.ended_on is null or n.ended_on > today)), 0) as needed
      from member m
      join households_dwelling d on d.building_id = m.building and d.valid_to is null
      join households_household h on h.dwelling_id = d.id and h.valid_to is null
     where m.unit is not null
  ), asks as (
    select building, sum(greatest(base, needed)) * minutes_a_call as minutes from home group by building
  ), spot as materialized (
    select c.id, c.path, c.lon, c.lat, v.minutes_per_case as minutes
      from cases_case c join catalogue_itemversion v on v.id = c.item_version_id
     where c.path <@ asked and not c.confidential and c.merged_into_id is null and c.reported_at >= since
       and c.lon is not null
  ), struck as (
    select (array_agg(b.id order by b.id))[1] as building, s.minutes
      from (select c.id, c.path, c.lon, c.lat, c.minutes, min((b.lon - c.lon) ^ 2 + (b.lat - c.lat) ^ 2) as far
              from spot c join households_building b on b.path = c.path
             where b.valid_to is null and b.lon is not null
             group by c.id, c.path, c.lon, c.lat, c.minutes) s
           join households_building b
             on b.path = s.path and b.valid_to is null and b.lon is not null and (b.lon - s.lon) ^ 2 + (b.lat - s.lat) ^ 2 = s.far
     group by s.id, s.minutes
  ), worked as (
    select building, sum(minutes) as minutes from struck group by building
  ), whole as (
    select m.unit, sum(m.households) as households, sum(coalesce(a.minutes, 0) + coalesce(w.minutes, 0)) as minutes
      from member m left join asks a on a.building = m.building left join worked w on w.building = m.building
     where m.unit is not null and m.households > 0
     group by m.unit
  )
  select m.building,
         round((case when m.households = 0 then coalesce(w.minutes, 0)
                     when m.unit is null then m.households * coalesce((calls ->> '')::float8, 0) * minutes_a_call
                     else u.minutes * m.households / u.households end)::numeric)::float8
    from member m
    left join worked w on w.building = m.building
    left join whole u on u.unit = m.unit
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0013_ways_of_proofs")]
    operations = [migrations.RunSQL(WORKLOAD, migrations.RunSQL.noop)]
