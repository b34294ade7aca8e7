"""Residents comment at their own door: what they are shown of a plan, where they may write, and how they read the answer."""

import django.db.models.deletion
from django.db import migrations, models

import wangge.base.columns

_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
#: Whoever comes without an account, and is not the system either, which sees an area.
_NOBODY = """coalesce(current_setting('wangge.viewer', true), '') = ''
  and coalesce(nullif(current_setting('wangge.scope', true), ''), '{}') = '{}'"""

# These four are all that the public learns of plans. Households are told by tens, fewer than ten as 0: no figure is of one home.
SHOWN = r"""
create function plans_open_for_comment() returns table (id uuid, name varchar, path text, comment_until date)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, name, path::text, comment_until from plans_plan where state = 'consulted' and comment_until is not null
$$;

create function plans_laid_open(asked uuid) returns jsonb
  language sql stable security definer set search_path = public, pg_temp as $$
  with laid as (
    select p.id, p.labels, c.content
      from plans_plan p join plans_plancontent c on c.plan_id = p.id
     where p.id = asked and p.state = 'consulted' and p.comment_until is not null
  ), spot as (
    select laid.labels[b.atom::int + 1] as label, b.today::int as today, b.households::int as households
      from laid, rows from (jsonb_array_elements_text(laid.content -> 'b_atom'),
                            jsonb_array_elements_text(laid.content -> 'b_today'),
                            jsonb_array_elements_text(laid.content -> 'b_households')) as b(atom, today, households)
  ), was as (
    select (g.place - 1)::int as today, g.code, g.name, laid.content -> 'outlines' -> g.code as outline,
           laid.content -> 'communities' ->> g.community::int as community
      from laid, rows from (jsonb_array_elements_text(laid.content -> 'grids'),
                            jsonb_array_elements_text(laid.content -> 'grid_names'),
                            jsonb_array_elements_text(laid.content -> 'grid_community'))
                 with ordinality as g(code, name, community, place)
  ), went as (
    select today, label, sum(households) as households from spot group by today, label
  )
  select jsonb_build_object(
    'before', (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'community', community, 'outline', outline,
                 'households', floor(coalesce((select sum(households) from went where went.today = was.today), 0) / 10) * 10) order by code), '[]')
                 from was),
    'after', (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'community', community, 'outline', outline,
                'today', today, 'households', households / 10 * 10) order by code), '[]')
                from plans_plangrid where plan_id = asked),
    'went', (select coalesce(jsonb_agg(jsonb_build_object('from', coalesce(was.code, ''), 'to', g.code,
               'households', floor(went.households / 10) * 10) order by was.code, went.households desc), '[]')
               from went join plans_plangrid g on g.plan_id = asked and g.label = went.label
               left join was on was.today = went.today where went.households > 0))
    from laid
$$;

create function plans_takes_comment(asked uuid, grid text, said_at timestamptz) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (
    select from plans_plan p
     where p.id = asked and p.state = 'consulted' and (said_at at time zone 'Asia/Shanghai')::date <= p.comment_until
       and (grid = '' or exists (select from plans_plangrid g where g.plan_id = p.id and g.code = grid)))
$$;

create function plans_takes_receipt(asked uuid, at_path ltree) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (
    select from plans_plancomment c join plans_plan p on p.id = c.plan_id
     where c.id = asked and c.by_id is null and p.path = at_path and p.state = 'consulted')
$$;

create function plans_answered(asked text) returns table (
  comment_id uuid, plan_id uuid, plan_name varchar, path text, state varchar, grid_name varchar, text varchar, at timestamptz,
  answer varchar, answered_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, p.id, p.name, p.path::text, p.state, c.grid_name, c.text, c.at, c.answer, c.answered_at
    from plans_planreceipt r join plans_plancomment c on c.id = r.comment_id join plans_plan p on p.id = c.plan_id
   where r.digest = asked
$$;
""" + "".join(
    f"""
revoke all on function {function} from public;
grant execute on function {function} to wangge_app;
"""
    for function in (
        "plans_open_for_comment()",
        "plans_laid_open(uuid)",
        "plans_takes_comment(uuid, text, timestamptz)",
        "plans_takes_receipt(uuid, ltree)",
        "plans_answered(text)",
    )
)

WRITTEN = f"""
create policy said_by_a_resident on plans_plancomment for insert with check (
  by_id is null and side = 'residents' and answer = '' and answered_at is null and answered_by_id is null
  and {_NOBODY} and plans_takes_comment(plan_id, grid_code, at));
create policy answered_where_one_manages on plans_plancomment for update using (
  exists (select from plans_plan p where p.id = plan_id and p.path <@ any ({_MANAGES})));
grant update (answer, answered_at, answered_by_id) on plans_plancomment to wangge_app;

alter table plans_planreceipt enable row level security;
create policy where_one_manages on plans_planreceipt for select using (path <@ any ({_MANAGES}));
create policy with_its_comment on plans_planreceipt for insert with check ({_NOBODY} and plans_takes_receipt(comment_id, path));
grant select, insert on plans_planreceipt to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0009_bonds_and_kinds")]
    operations = [
        migrations.AddField("plan", "consulted_at", models.DateTimeField(null=True)),
        migrations.AddField("plan", "comment_until", models.DateField(null=True)),
        migrations.AlterField("plancomment", "by_id", models.BigIntegerField(null=True)),
        migrations.AddField(
            "plancomment", "answer", models.CharField(blank=True, default="", max_length=1000)
        ),
        migrations.AddField("plancomment", "answered_at", models.DateTimeField(null=True)),
        migrations.AddField("plancomment", "answered_by_id", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "plancomment",
            models.CheckConstraint(
                condition=models.Q(("by_id__isnull", False), ("side", "residents"), _connector="OR"),
                name="plans_plancomment_by_somebody",
            ),
        ),
        migrations.CreateModel(
            name="PlanReceipt",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="kept_receipt",
                        serialize=False,
                        to="plans.plancomment",
                    ),
                ),
                ("path", wangge.base.columns.Ltree()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("phone", wangge.base.columns.PrivateText(null=True)),
            ],
        ),
        *[migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (SHOWN, WRITTEN)],
    ]
