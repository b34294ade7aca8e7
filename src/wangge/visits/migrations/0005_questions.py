"""A department asks at doors: what it asks, what was said, and sums of it without anybody's door.

A department sees no home. The functions run as their owner: they look only at what the viewer's department asked, or at what is
asked in the viewer's own areas, and tell numbers; of fewer than ten households none.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import wangge.base.columns
from django.db import migrations, models

_SCOPE = "(select nullif(current_setting('wangge.scope', true), '')::ltree[])::ltree[]"
_HOMES = "(select nullif(current_setting('wangge.homes', true), '')::ltree[])::ltree[]"
_WORKS = "(select nullif(current_setting('wangge.works', true), '')::ltree[])::ltree[]"
_OFFICES = "(select nullif(current_setting('wangge.departments', true), '')::varchar[])::varchar[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

POLICIES = f"""
alter table visits_question enable row level security;
create policy in_scope_or_asked on visits_question for select using (
  path <@ any ({_SCOPE}) or department_key = any ({_OFFICES})
  or (state in ('running', 'ended') and path @> any ({_SCOPE})));
create policy asked_by_a_department on visits_question for insert with check (
  asked_by_id = {_VIEWER} and department_key = any ({_OFFICES}) and state = 'waiting'
  and path ~ ('*.' || split_part(department_key, '/', 1) || '.*')::lquery);
create policy decided_or_ended on visits_question for update using (
  path <@ any ({_WORKS}) or department_key = any ({_OFFICES}));
grant select, insert, update on visits_question to wangge_app;

alter table visits_reply enable row level security;
create policy at_homes on visits_reply for select using (path <@ any ({_HOMES}));
create policy given_at_homes on visits_reply for insert with check (
  path <@ any ({_HOMES}) and by_id = {_VIEWER} and exists (select from visits_question q where q.id = question_id));
grant select, insert on visits_reply to wangge_app;
alter table visits_reply add constraint visits_reply_household foreign key (household_id) references households_household (id);

-- What was done with a question may be written into the journal where it asks.
create policy acts_on_questions_seen on journal_entry for insert with check (
  actor_id is not distinct from {_VIEWER} and subject like 'question:%'
  and exists (select from visits_question q where 'question:' || q.id::text = subject));

create index visits_errand_of_question on visits_errand (ref) where kind = 'question';
"""

ASKING = f"""
create function visits_question_homes(within ltree, with_plot boolean) returns bigint
  language plpgsql stable security definer set search_path = public, pg_temp as $$
declare found bigint;
begin
  if not coalesce(within <@ any ({_SCOPE}), false) and not exists (
    select from unnest({_OFFICES}) as office(key) where within ~ ('*.' || split_part(key, '/', 1) || '.*')::lquery) then
    raise insufficient_privilege using message = 'visits: neither of the area nor of a department there';
  end if;
  select count(*) into found from households_household h
   where h.valid_to is null and h.path <@ within and (not with_plot or h.has_plot);
  return case when found < 10 then 0 else found end;
end $$;
revoke execute on function visits_question_homes(ltree, boolean) from public;
grant execute on function visits_question_homes(ltree, boolean) to wangge_app;

-- The doors of the next township; false when all of them are asked.
create function visits_ask_next(question uuid, moment timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
declare q visits_question; part ltree;
begin
  select * into q from visits_question where id = question and state = 'running' and not all_asked for update;
  if not found then return false; end if;
  if not coalesce(q.path <@ any ({_WORKS}), false) then
    raise insufficient_privilege using message = 'visits: not worked on here';
  end if;
  select each into part from (
    select distinct case when nlevel(q.path) > 2 then q.path else subpath(t.path, 0, least(nlevel(t.path), 3)) end as each
      from households_tally t where t.path <@ q.path) parts
   where q.asked_to is null or each > q.asked_to order by each limit 1;
  if not found then
    update visits_question set all_asked = true where id = q.id;
    return false;
  end if;
  with asked as (
    insert into visits_errand (id, household_id, path, kind, text, department, ref, since, by, law, added_by_id, added_at)
    select gen_random_uuid(), h.id, h.path, 'question', q.text, q.department, q.id, q.from_on, q.to_on, q.law,
           nullif(current_setting('wangge.viewer', true), '')::bigint, moment
      from households_household h
     where h.valid_to is null and h.path <@ part and h.township_id = households_tier(part, 2)
       and (not q.plot or h.has_plot)
    on conflict do nothing returning household_id)
  insert into visits_stale (household_id, since) select household_id, moment from asked order by household_id
  on conflict do nothing;
  update visits_question set asked_to = part where id = q.id;
  return true;
end $$;
revoke execute on function visits_ask_next(uuid, timestamptz) from public;
grant execute on function visits_ask_next(uuid, timestamptz) to wangge_app;

-- Of a question that ended nothing is due any more.
create function visits_release_question(question uuid, moment timestamptz) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare released bigint;
begin
  if not exists (select from visits_question where id = question and state = 'ended') then return 0; end if;
  with over as (update visits_errand set done_at = moment where kind = 'question' and ref = question and done_at is null
                returning household_id)
  insert into visits_stale (household_id, since) select household_id, moment from over order by household_id
  on conflict do nothing;
  get diagnostics released = row_count;
  return released;
end $$;
revoke execute on function visits_release_question(uuid, timestamptz) from public;
grant execute on function visits_release_question(uuid, timestamptz) to wangge_app;
"""

_MINE = f"(q.path <@ any ({_SCOPE}) or q.department_key = any ({_OFFICES}))"
# While it runs the first of each household, so that nobody's other word changes what was told; when it has ended the newest that came
# before the end.
_NEWEST = """
  newest as (
    select distinct on (r.household_id) r.id, r.household_id, r.choice, r.number, r.line, r.declined, r.at
      from visits_reply r join q on q.id = r.question_id
      join visits_errand e on e.kind = 'question' and e.ref = q.id and e.household_id = r.household_id
     order by r.household_id, coalesce(r.at > q.ended_at, false), case when q.ended_at is null then r.at end,
              r.happened_at desc, r.id desc)"""
# Between two looks ten households or more are added, never one: while it runs all full tens but the last, all of them when it has
# ended, and what comes later by tens again.
_TOLD = """,
  given as (
    select n.*, row_number() over (order by n.at, n.id) as place, count(*) over () as many,
           count(*) filter (where n.at <= q.ended_at) over () as in_time
      from newest n, q where not n.declined),
  told as (
    select * from given
     where place <= case when in_time >= 10 then in_time + (many - in_time) / 10 * 10 else (many / 10 - 1) * 10 end)"""

# Who was asked is who has the errand: a reply from any other door is kept and not counted.
TELLING = f"""
create function visits_question_counts(question uuid)
  returns table (asked bigint, answered bigint, declined bigint, gone bigint, nobody_home bigint, otherwise bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  with q as (select * from visits_question q where q.id = question and {_MINE}),{_NEWEST},
  doors as (
    select n.id is not null as replied, n.declined as refused, h.valid_to is not null as ended,
           (select v.outcome from visits_visit v where v.household_id = e.household_id and v.happened_at >= q.decided_at
             order by v.happened_at desc, v.id desc limit 1) as outcome
      from q join visits_errand e on e.kind = 'question' and e.ref = q.id
      join households_household h on h.id = e.household_id left join newest n on n.household_id = e.household_id)
  select count(*), count(*) filter (where replied and not refused), count(*) filter (where replied and refused),
         count(*) filter (where not replied and ended),
         count(*) filter (where not replied and not ended and outcome = 'nobody_home'),
         count(*) filter (where not replied and not ended and outcome in ('refused', 'moved', 'not_found', 'empty'))
    from doors
$$;
revoke execute on function visits_question_counts(uuid) from public;
grant execute on function visits_question_counts(uuid) to wangge_app;

create function visits_question_sums(question uuid) returns table (choice smallint, count bigint, total numeric)
  language sql stable security definer set search_path = public, pg_temp as $$
  with q as (select * from visits_question q where q.id = question and {_MINE}),{_NEWEST}{_TOLD}
  select t.choice, count(*), sum(t.number) from told t group by t.choice order by 1
$$;
revoke execute on function visits_question_sums(uuid) from public;
grant execute on function visits_question_sums(uuid) to wangge_app;

-- Lines, sealed as they are, in an order that is nobody's way from door to door.
create function visits_question_lines(question uuid, most int) returns table (id uuid, line bytea)
  language sql stable security definer set search_path = public, pg_temp as $$
  with q as (select * from visits_question q where q.id = question and {_MINE}),{_NEWEST}{_TOLD}
  select t.id, t.line from told t where t.line is not null order by md5(t.id::text) limit most
$$;
revoke execute on function visits_question_lines(uuid, int) from public;
grant execute on function visits_question_lines(uuid, int) to wangge_app;
"""
UNDO = """
drop policy acts_on_questions_seen on journal_entry;
drop index visits_errand_of_question;
drop function visits_question_homes; drop function visits_ask_next; drop function visits_release_question;
drop function visits_question_counts; drop function visits_question_sums; drop function visits_question_lines;
"""

ONE_WAY = models.Q(
    models.Q(("choice__isnull", True), ("declined", True), ("line__isnull", True), ("number__isnull", True)),
    models.Q(
        ("choice__isnull", False), ("declined", False), ("line__isnull", True), ("number__isnull", True)
    ),
    models.Q(
        ("choice__isnull", True), ("declined", False), ("line__isnull", True), ("number__isnull", False)
    ),
    models.Q(
        ("choice__isnull", True), ("declined", False), ("line__isnull", False), ("number__isnull", True)
    ),
    _connector="OR",
)


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0004_rounds"),
        ("journal", "0002_chain"),
        ("households", "0009_belonging"),
    ]
    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("path", wangge.base.columns.Ltree()),
                ("department", models.CharField(max_length=40)),
                ("department_key", models.CharField(max_length=60)),
                ("text", models.CharField(max_length=200)),
                ("answer", models.CharField(max_length=8)),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("basis", models.CharField(max_length=300)),
                ("law", models.BooleanField(default=False)),
                ("plot", models.BooleanField(default=False)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("decided_by_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("homes", models.IntegerField(default=0)),
                ("asked_to", wangge.base.columns.Ltree(null=True)),
                ("all_asked", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["department_key", "-asked_at"], name="visits_question_of_department"
                    ),
                    models.Index(fields=["state", "to_on"], name="visits_question_in_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ("yes_no", "words", "number", "line"))),
                        name="visits_question_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "refused", "running", "ended"))),
                        name="visits_question_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_on__gte", models.F("from_on"))),
                        name="visits_question_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                ("path", wangge.base.columns.Ltree()),
                ("choice", models.SmallIntegerField(null=True)),
                ("number", models.DecimalField(decimal_places=2, max_digits=11, null=True)),
                ("line", wangge.base.columns.PrivateText(null=True)),
                ("declined", models.BooleanField(default=False)),
                ("happened_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("by_id", models.BigIntegerField(null=True)),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="visits.question",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("question", "visit"), name="visits_reply_once"),
                    models.CheckConstraint(condition=ONE_WAY, name="visits_reply_one_way"),
                ],
            },
        ),
        migrations.RunSQL(POLICIES + ASKING + TELLING, UNDO),
    ]
