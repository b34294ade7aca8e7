"""A visit of which only the day is known; and what two questions of one department would tell of fewer than ten households.

What was said to one question, less what was said to another, is what the households said that only one of them asks. Where these are
fewer than ten, the later question tells nothing. A reply that is written while its question ends comes before the end or after it,
and is counted so. What is counted while a question runs has been there for some minutes: by then every reply with an earlier time
has been written, too, and none comes in between.
"""

from django.db import migrations, models

_SCOPE = "(select nullif(current_setting('wangge.scope', true), '')::ltree[])::ltree[]"
_OFFICES = "(select nullif(current_setting('wangge.departments', true), '')::varchar[])::varchar[]"

IN_TIME = """
create function visits_reply_in_its_time() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare ended timestamptz;
begin
  -- Waits for whoever is ending the question, and is seen by whoever ends it next.
  select q.ended_at into ended from visits_question q where q.id = new.question_id for share;
  if ended >= new.at then new.at := ended + interval '1 microsecond'; end if;
  return new;
end $$;
create trigger visits_reply_in_its_time before insert on visits_reply for each row execute function visits_reply_in_its_time();
"""

# Households fall into classes by which of the department's questions ask them: whatever is added and subtracted tells of whole classes.
# A question is near where it would cut a class so that a part of fewer than ten can be told apart. The one named differs from it least.
NEAR = f"""
create function visits_question_near(within ltree, with_plot boolean, office varchar, itself uuid, since timestamptz) returns uuid
  language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not coalesce(within <@ any ({_SCOPE}), false) and not exists (
    select from unnest({_OFFICES}) as own(key)
     where within ~ ('*.' || split_part(key, '/', 1) || '.*')::lquery and split_part(key, '/', 2) = office) then
    raise insufficient_privilege using message = 'visits: neither of the area nor of a department there';
  end if;
  return (
    with earlier as (
      select distinct on (q.path, q.plot) q.id, q.path, q.plot, q.decided_at from visits_question q
       where q.department = office and q.state in ('running', 'ended') and q.decided_at > since and q.withheld_for is null
         and q.id is distinct from itself
       order by q.path, q.plot, q.decided_at desc),
    top as (
      select path from (select within as path union all select path from earlier where path @> within) t
       order by nlevel(path) limit 1),
    counted as (
      select h.path, h.has_plot, count(*) as n from households_household h
       where h.valid_to is null and h.path <@ (select path from top) group by 1, 2),
    cells as (
      select c.*, c.path <@ within and (not with_plot or c.has_plot) as inside,
             array(select e.id from earlier e where c.path <@ e.path and (not e.plot or c.has_plot) order by e.id) as asked
        from counted c),
    classes as (
      select asked, coalesce(sum(n) filter (where inside), 0) as inn, coalesce(sum(n) filter (where not inside), 0) as out
        from cells group by asked)
    select e.id from earlier e
     where exists (
             select from classes
              where inn > 0 and (inn < 10 and (out > 0 or cardinality(asked) = 0)
                                 or cardinality(asked) > 0 and out between 1 and 9))
       and exists (select from cells where inside and e.id = any (asked))
     order by (select sum(n) from cells where inside <> (e.id = any (asked))), e.decided_at desc limit 1);
end $$;
revoke execute on function visits_question_near(ltree, boolean, varchar, uuid, timestamptz) from public;
grant execute on function visits_question_near(ltree, boolean, varchar, uuid, timestamptz) to wangge_app;
"""

_MINE = f"(q.path <@ any ({_SCOPE}) or q.department_key = any ({_OFFICES}))"
_NEWEST = """
  newest as (
    select distinct on (r.household_id) r.id, r.household_id, r.choice, r.number, r.line, r.declined, r.at
      from visits_reply r join q on q.id = r.question_id
      join visits_errand e on e.kind = 'question' and e.ref = q.id and e.household_id = r.household_id
     order by r.household_id, coalesce(r.at > q.ended_at, false), case when q.ended_at is null then r.at end,
              r.happened_at desc, r.id desc)"""
_GIVEN = """
  given as (
    select n.*, row_number() over (order by n.at, n.id) as place, count(*) over () as many,
           count(*) filter (where n.at <= q.ended_at) over () as in_time
      from newest n, q where not n.declined{settled}),
  told as (
    select * from given
     where place <= case when in_time >= 10 then in_time + (many - in_time) / 10 * 10 else (many / 10 - 1) * 10 end)"""
_SETTLED = " and (n.at <= q.ended_at or n.at < now() - interval '10 minutes')"


def _telling(mine: str, settled: str) -> str:
    told = _GIVEN.format(settled=settled)
    return f"""
create or replace function visits_question_sums(question uuid) returns table (choice smallint, count bigint, total numeric)
  language sql stable security definer set search_path = public, pg_temp as $$
  with q as (select * from visits_question q where q.id = question and {mine}),{_NEWEST},{told}
  select t.choice, count(*), sum(t.number) from told t group by t.choice order by 1
$$;
-- Lines, sealed as they are, in an order that is nobody's way from door to door.
create or replace function visits_question_lines(question uuid, most int) returns table (id uuid, line bytea)
  language sql stable security definer set search_path = public, pg_temp as $$
  with q as (select * from visits_question q where q.id = question and {mine}),{_NEWEST},{told}
  select t.id, t.line from told t where t.line is not null order by md5(t.id::text) limit most
$$;
"""


UNDO = """
drop trigger visits_reply_in_its_time on visits_reply; drop function visits_reply_in_its_time; drop function visits_question_near;
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_questions")]
    operations = [
        migrations.AddField(
            model_name="visit",
            name="time_noted",
            field=models.BooleanField(default=True, db_default=True),
        ),
        migrations.AddField(model_name="question", name="withheld_for", field=models.UUIDField(null=True)),
        migrations.RunSQL(
            IN_TIME + NEAR + _telling(f"{_MINE} and q.withheld_for is null", _SETTLED),
            UNDO + _telling(_MINE, ""),
        ),
    ]
