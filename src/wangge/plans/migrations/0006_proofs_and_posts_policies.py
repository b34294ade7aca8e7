"""Who sees a proof: whoever sees its plan. Who sees who would work where: whoever leads or administers the area, or above it."""

from django.db import migrations

_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

PROOFS = f"""
alter table plans_planproof enable row level security;
create policy with_its_plan on plans_planproof for select using (exists (select from plans_plan p where p.id = plan_id));
create policy asked_where_one_manages on plans_planproof for insert with check (path <@ any ({_MANAGES}));
create policy changed_where_one_manages on plans_planproof for update using (path <@ any ({_MANAGES}));
grant select, insert, update on plans_planproof to wangge_app;
"""

POSTS = f"""
alter table plans_planposts enable row level security;
create policy seen_where_one_manages on plans_planposts for select using (path <@ any ({_MANAGES}));
create policy proposed_where_one_manages on plans_planposts for insert with check (path <@ any ({_MANAGES}));
create policy changed_where_one_manages on plans_planposts for update using (path <@ any ({_MANAGES}));
create policy removed_where_one_manages on plans_planposts for delete using (path <@ any ({_MANAGES}));
grant select, insert, update, delete on plans_planposts to wangge_app;
"""

# Who draws grids sees no visit and no home: of each grid of the plan (a label for each building) they see how many households
# somebody called on since that day, by the grid in which these lie today.
VISITED = r"""
create function plans_visited(asked ltree, since date, asked_buildings uuid[], asked_labels int[])
  returns table (account bigint, label int, grid text, households bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  select v.visitor_id, l.label, subpath(h.path, -1)::text, count(distinct h.id)
    from unnest(asked_buildings, asked_labels) as l(building, label)
    join households_dwelling d on d.building_id = l.building and d.valid_to is null
    join households_household h on h.dwelling_id = d.id and h.valid_to is null and h.path <@ asked
    join visits_visit v on v.household_id = h.id and v.outcome = 'met' and v.day >= since
   where l.label >= 0 and v.visitor_id is not null
     and asked <@ any (coalesce(nullif(current_setting('wangge.manages', true), ''), '{}')::ltree[])
   group by v.visitor_id, l.label, subpath(h.path, -1)::text
$$;
revoke all on function plans_visited(ltree, date, uuid[], int[]) from public;
grant execute on function plans_visited(ltree, date, uuid[], int[]) to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0005_proofs_and_posts"),
        ("households", "0009_belonging"),
        ("visits", "0004_rounds"),
    ]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (PROOFS, POSTS, VISITED)]
