"""Maps that are sent are read in the background; and what is told of homes are sums of units that nobody chooses.

Who drafts a plan chooses which buildings a sum is of. Where each sum of ten households and more is told, one less another tells of the
one house by which they differ. So of each building only its share of a unit's sum is told, by households; units are of ten
households and more, and the same for every plan: any two households of a unit could change places, and nothing that is told would be
another.
"""

import django.db.models.deletion
from django.db import migrations, models

import wangge.base.columns

_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

READING = f"""
alter table plans_reading enable row level security;
create policy seen_where_one_manages on plans_reading for select using (path <@ any ({_MANAGES}));
create policy sent_where_one_manages on plans_reading for insert with check (path <@ any ({_MANAGES}));
create policy read_where_one_manages on plans_reading for update using (path <@ any ({_MANAGES}));
grant select, insert, update on plans_reading to wangge_app;
"""

# A building of ten households and more is a unit; else what of its compound lies in its grid, where that is so many; else what is
# left in its grid; else what is left in its community; else it is in none. It is called by functions below, and by nobody else.
UNITS = r"""
create function plans_units(asked ltree)
  returns table (building uuid, households bigint, unit text)
  language sql stable set search_path = public, pg_temp as $$
  with counted as (
    select b.id, b.path, subpath(b.path, 0, 4) as community, coalesce(b.compound_id, '') as compound, count(h.id) as households
      from households_building b
      left join households_dwelling d on d.building_id = b.id and d.valid_to is null
      left join households_household h on h.dwelling_id = d.id and h.valid_to is null
     where b.valid_to is null and b.path <@ asked and nlevel(b.path) between 4 and 5
       and not exists (select from areas_area a where a.path = b.path and a.kind = 'dedicated')
     group by b.id
  ), near as (
    select *, case when households >= 10 then 'building ' || id::text
                   when compound <> '' and sum(households) filter (where households < 10) over (partition by path, compound) >= 10
                   then 'compound ' || compound || ' in ' || path::text end as nearest
      from counted
  ), wider as (
    select *, case when nearest is null and sum(households) filter (where nearest is null) over (partition by path) >= 10
                   then 'grid ' || path::text end as wide
      from near
  ), widest as (
    select *, case when nearest is null and wide is null
                    and sum(households) filter (where nearest is null and wide is null) over (partition by community) >= 10
                   then 'community ' || community::text end as widest
      from wider
  )
  select id, households, coalesce(nearest, wide, widest) from widest
$$;
revoke all on function plans_units(ltree) from public;
"""

VISITED = r"""
drop function plans_visited(ltree, date, uuid[], int[]);
create function plans_visited(asked ltree, since date)
  returns table (account bigint, building uuid, households float8)
  language sql stable security definer set search_path = public, pg_temp as $$
  with member as materialized (
    select building, households, unit from plans_units(asked)
     where unit is not null and households > 0
       and asked <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{}')::ltree[])
  ), whole as (
    select unit, sum(households) as households from member group by unit
  ), called as (
    select m.unit, v.visitor_id, count(distinct h.id) as households
      from member m
      join households_dwelling d on d.building_id = m.building and d.valid_to is null
      join households_household h on h.dwelling_id = d.id and h.valid_to is null and h.path <@ asked
      join visits_visit v on v.household_id = h.id and v.outcome = 'met' and v.day >= since
     where v.visitor_id is not null
     group by m.unit, v.visitor_id
  )
  select called.visitor_id, member.building, (called.households * member.households / whole.households)::float8
    from called join whole using (unit) join member using (unit)
$$;
revoke all on function plans_visited(ltree, date) from public;
grant execute on function plans_visited(ltree, date) to wangge_app;
"""

# A case is struck to the nearest building. One in which nobody lives tells its own cases: they are of no home.
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
    dependencies = [
        ("areas", "0004_succession"),
        ("plans", "0007_few_households"),
    ]
    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("file", models.BinaryField(default=b"")),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("tries", models.SmallIntegerField(default=0)),
                ("problem", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="areas.area"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "reading"))),
                        fields=["asked_at"],
                        name="plans_reading_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "reading", "done", "failed"))),
                        name="plans_reading_state",
                    )
                ],
            },
        ),
        *[migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (READING, UNITS, VISITED, WORKLOAD)],
    ]
