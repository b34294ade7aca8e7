"""Who sees a plan: whoever sees its area; once it is consulted, also the grids in it. Who leads or administers writes it."""

from django.db import migrations

_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

PLANS = f"""
alter table plans_plan enable row level security;
create policy in_scope_or_concerned on plans_plan for select using (
  path <@ any ({_SCOPE})
  or (state in ('consulted', 'approved', 'applied', 'undone')
      and path @> any ({_SCOPE})));
create policy drafted_where_one_manages on plans_plan for insert with check (path <@ any ({_MANAGES}));
create policy changed_where_one_manages on plans_plan for update using (path <@ any ({_MANAGES}));
grant select, insert, update on plans_plan to wangge_app;
""" + "".join(
    f"""
alter table {table} enable row level security;
create policy with_its_plan on {table} for select using (exists (select from plans_plan p where p.id = plan_id));
create policy added_where_one_manages on {table} for insert with check (path <@ any ({_MANAGES}));
create policy changed_where_one_manages on {table} for update using (path <@ any ({_MANAGES}));
create policy removed_where_one_manages on {table} for delete using (path <@ any ({_MANAGES}));
grant select, insert, update, delete on {table} to wangge_app;
"""
    for table in ("plans_plancontent", "plans_plangrid")
)

SAID = f"""
alter table plans_plancomment enable row level security;
create policy with_its_plan on plans_plancomment for select using (
  exists (select from plans_plan p where p.id = plan_id));
create policy said_by_oneself on plans_plancomment for insert with check (
  by_id = {_VIEWER} and exists (select from plans_plan p where p.id = plan_id));
grant select, insert on plans_plancomment to wangge_app;

alter table plans_planapplied enable row level security;
create policy in_scope on plans_planapplied for select using (path <@ any ({_SCOPE}));
create policy kept_where_one_manages on plans_planapplied for insert with check (path <@ any ({_MANAGES}));
grant select, insert on plans_planapplied to wangge_app;
grant usage on sequence plans_plangrid_id_seq to wangge_app;
"""

# Who divides does not see who lives where: they see how many households each building of their area has, and no more.
BUILDINGS = r"""
create function plans_buildings(asked ltree) returns table (
  id uuid, name text, compound text, compound_name text, lon float8, lat float8, path text, households bigint, astray bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.name, coalesce(c.code, ''), coalesce(c.name, ''), coalesce(b.lon, avg(d.lon)), coalesce(b.lat, avg(d.lat)),
         b.path::text, count(h.id), count(h.id) filter (where h.path <> b.path)
    from households_building b
    left join households_compound c on c.code = b.compound_id
    left join households_dwelling d on d.building_id = b.id and d.valid_to is null
    left join households_household h on h.dwelling_id = d.id and h.valid_to is null
   where b.valid_to is null and b.path <@ asked and nlevel(b.path) between 4 and 5
     and asked <@ any (coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[])
     and not exists (select from areas_area a where a.path = b.path and a.kind = 'dedicated')
   group by b.id, c.code
$$;
revoke all on function plans_buildings(ltree) from public;
grant execute on function plans_buildings(ltree) to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("households", "0004_homes_policies"),
        ("areas", "0004_succession"),
        ("staff", "0007_homes"),
    ]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (PLANS, SAID, BUILDINGS)]
