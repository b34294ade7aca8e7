"""What sums for who draws grids tell is never about fewer than ten households: neither who was called on, nor who wishes no visits.

Who drafts a plan may cut a grid out of one house, and so chooses what is summed.
"""

from importlib import import_module

from django.db import migrations

VISITED = r"""
create or replace function plans_visited(asked ltree, since date, asked_buildings uuid[], asked_labels int[])
  returns table (account bigint, label int, grid text, households bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  with home as materialized (
    select distinct l.label, h.id, subpath(h.path, -1)::text as grid
      from unnest(asked_buildings, asked_labels) as l(building, label)
      join households_dwelling d on d.building_id = l.building and d.valid_to is null
      join households_household h on h.dwelling_id = d.id and h.valid_to is null and h.path <@ asked
     where l.label >= 0
       and asked <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{}')::ltree[])
  ), told as (
    select home.label, home.grid from home group by home.label, home.grid having count(*) >= 10
  )
  select v.visitor_id, home.label, home.grid, count(distinct home.id)
    from home join told using (label, grid)
    join visits_visit v on v.household_id = home.id and v.outcome = 'met' and v.day >= since
   where v.visitor_id is not null
   group by v.visitor_id, home.label, home.grid
$$;
"""

# Whether a household wishes no more visits than the law asks is shared as needs are. Where even the small buildings of the community
# have fewer than ten households, each counts as if nobody had wished anything.
_BEFORE = import_module("wangge.plans.migrations.0004_ground_policies").WORKLOAD.split("revoke all")[0]
_MADE = (
    ("create function", "create or replace function"),
    (
        "select community, sum(households) as households, sum(more) as more",
        "select community, sum(households) as households, sum(base + more) as asked",
    ),
    (
        """round((coalesce(s.base, 0) * minutes_a_call
         + case when s.households >= 10 then s.more
                when p.households >= 10 then p.more * s.households / p.households
                else 0 end * minutes_a_call""",
        """round((case when s.households >= 10 then s.base + s.more
                when p.households >= 10 then p.asked * coalesce(s.households, 0) / p.households
                else coalesce(s.households, 0) * coalesce((calls ->> '')::float8, 0) end * minutes_a_call""",
    ),
)


def _workload() -> str:
    made = _BEFORE
    for was, becomes in _MADE:
        if made.count(was) != 1:
            raise ValueError(f"plans_workload of 0004 is not what 0007 changes: {was}")
        made = made.replace(was, becomes)
    return made


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_proofs_and_posts_policies")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (VISITED, _workload())]
