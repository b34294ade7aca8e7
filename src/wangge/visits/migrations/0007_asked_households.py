"""What two questions tell together goes by the households that were asked, and not by the ground on which these lie by now.

Homes go to other grids and grids end after a question, and whoever was asked stays asked: that is what the errands say. A household
that no question has reached and that was nowhere else since is one that moved in. Nobody chose to leave it out: it is taken for one
that was asked, but never makes up for those who were.
"""

from importlib import import_module

from django.db import migrations

_SCOPE = "(select nullif(current_setting('wangge.scope', true), '')::ltree[])::ltree[]"
_OFFICES = "(select nullif(current_setting('wangge.departments', true), '')::varchar[])::varchar[]"


def _on_ground(home: str, plot: str) -> str:
    """Whether a home is one that the earlier question `e` asks, by where it lies and what it has."""
    return f"({home}.path <@ e.path and (not e.plot or {plot}))"


# Of a question that is not accepted yet the ground decides whom it asks, and of one that still goes from door to door, too.
# Classes are counted twice: with those who moved in, and without.
CUTS = f"""
create function visits_question_cuts(within ltree, with_plot boolean, office varchar, itself uuid, since timestamptz) returns uuid
  language sql stable set search_path = public, pg_temp as $$
  with own as (
    select q.id, q.decided_at, q.state = 'running' and not q.all_asked as goes_on from visits_question q
     where q.id = itself and q.state in ('running', 'ended') and q.decided_at is not null),
  earlier as (
    select q.id, q.path, q.plot, q.decided_at, q.state = 'running' and not q.all_asked as goes_on from visits_question q
     where q.department = office and q.state in ('running', 'ended') and q.decided_at > since and q.withheld_for is null
       and q.id is distinct from itself
       and not exists (select from own where (q.decided_at, q.id) > (own.decided_at, own.id))),
  inside as (
    select a.household_id as id from own join visits_errand a on a.kind = 'question' and a.ref = own.id
    union
    select h.id from households_household h
     where h.valid_to is null and h.path <@ within and (not with_plot or h.has_plot)
       and not exists (select from own where not goes_on)),
  touching as (
    select e.id from earlier e where e.goes_on and (e.path @> within or e.path <@ within)
    union
    select e.id from inside i join visits_errand a on a.household_id = i.id and a.kind = 'question' join earlier e on e.id = a.ref),
  concerned as (
    select id from inside
    union
    select a.household_id from touching t join visits_errand a on a.kind = 'question' and a.ref = t.id
    union
    select h.id from touching join earlier e using (id) join households_household h on {_on_ground("h", "h.has_plot")}
     where e.goes_on),
  reached as (
    select c.id, array_agg(e.id order by e.id) as by
      from concerned c join visits_errand a on a.household_id = c.id and a.kind = 'question' join earlier e on e.id = a.ref
     group by c.id),
  came as (
    select c.id, array_agg(distinct e.id order by e.id) as after
      from concerned c join households_household h on h.id = c.id
      join households_earlier w on w.kind = 'household' and w.of_id = c.id
      join earlier e on w.at >= e.decided_at and {_on_ground("h", "h.has_plot")}
                    and not {_on_ground("w", "(w.told ->> 'has_plot')::boolean")}
     group by c.id),
  counted as (
    select h.path, h.has_plot, i.id is not null as inside, coalesce(r.by, '{{}}') as reached, coalesce(m.after, '{{}}') as came,
           count(*) as n
      from concerned c join households_household h on h.id = c.id and h.valid_to is null
      left join inside i on i.id = c.id left join reached r on r.id = c.id left join came m on m.id = c.id
     group by 1, 2, 3, 4, 5),
  cells as (
    select c.inside, c.n,
           array(select e.id from earlier e where e.id = any (c.reached) or e.goes_on and {_on_ground("c", "c.has_plot")}
                  order by e.id) as really,
           array(select e.id from earlier e
                  where e.id = any (c.reached) or {_on_ground("c", "c.has_plot")} and (e.goes_on or e.id <> all (c.came))
                  order by e.id) as asked
      from counted c),
  classes as (
    select asked, coalesce(sum(n) filter (where inside), 0) as inn, coalesce(sum(n) filter (where not inside), 0) as out
      from cells group by asked
    union all
    select asked, coalesce(sum(n) filter (where inside), 0), coalesce(sum(n) filter (where not inside), 0)
      from cells where really = asked group by asked)
  select e.id from earlier e
   where exists (
           select from classes
            where inn > 0 and (inn < 10 and (out > 0 or cardinality(asked) = 0)
                               or cardinality(asked) > 0 and out between 1 and 9))
     and exists (select from cells where inside and e.id = any (asked))
   order by (select sum(n) from cells where inside <> (e.id = any (asked))), e.decided_at desc limit 1
$$;
revoke execute on function visits_question_cuts(ltree, boolean, varchar, uuid, timestamptz) from public;
"""

NEAR = f"""
create or replace function visits_question_near(within ltree, with_plot boolean, office varchar, itself uuid, since timestamptz)
  returns uuid language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not coalesce(within <@ any ({_SCOPE}), false) and not exists (
    select from unnest({_OFFICES}) as own(key)
     where within ~ ('*.' || split_part(key, '/', 1) || '.*')::lquery and split_part(key, '/', 2) = office) then
    raise insufficient_privilege using message = 'visits: neither of the area nor of a department there';
  end if;
  return visits_question_cuts(within, with_plot, office, itself, since);
end $$;
"""

# Questions that were accepted before two of them were held against one another, each against those that came before it.
UPGRADE = """
do $$
declare q record;
begin
  for q in select * from visits_question where state in ('running', 'ended') and decided_at is not null and withheld_for is null
            order by decided_at, id loop
    update visits_question
       set withheld_for = visits_question_cuts(q.path, q.plot, q.department, q.id, q.decided_at - interval '366 days')
     where id = q.id;
  end loop;
end $$;
"""

_BEFORE = import_module("wangge.visits.migrations.0006_times_and_grounds").NEAR.replace(
    "create function", "create or replace function"
)


class Migration(migrations.Migration):
    dependencies = [("visits", "0006_times_and_grounds"), ("households", "0013_origins_sealed")]
    operations = [
        migrations.RunSQL(CUTS + NEAR, _BEFORE + "drop function visits_question_cuts;"),
        migrations.RunSQL(UPGRADE, migrations.RunSQL.noop),
    ]
