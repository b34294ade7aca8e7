"""What the database itself keeps about cases: who sees them, the queues' tally, the search column."""

from django.db import migrations

_CJK = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # escapes: an editor may normalise U+F900
)
_LETTERS = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff"
_FULL = "".join(chr(0xFEE0 + code) for code in range(0x21, 0x7F) if chr(code) not in "'\\").replace("'", "''")
_HALF = "".join(chr(code).lower() for code in range(0x21, 0x7F) if chr(code) not in "'\\")

# The same rule as base.text.bigrams; a test compares the two. Beside the words stand the county and township, as tokens
# that no text can make: the index itself then narrows a word to an area.
SEARCH = f"""
create function cases_bigrams(said text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct token), '{{}}') from (
    select case when run[1] is not null and length(run[1]) > 1
                then (select array_agg(substr(run[1], i, 2)) from generate_series(1, length(run[1]) - 1) i)
                else array[left(coalesce(run[1], run[2]), 64)] end as tokens
      from regexp_matches(translate(left(said, 6000),
             '{_FULL}ABCDEFGHIJKLMNOPQRSTUVWXYZ', '{_HALF}abcdefghijklmnopqrstuvwxyz'),
             '([{_CJK}]+)|([{_LETTERS}]+)', 'g') as run) as runs, unnest(tokens) as token
$$;
alter table cases_case add column search tsvector
  generated always as (array_to_tsvector(
    cases_bigrams(title || ' ' || description) || array['@' || county_id, '@' || township_id]::text[])) stored;
create index cases_case_search on cases_case using gin (search) with (fastupdate = off);
"""

_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_SECRET = "(select current_setting('wangge.confidential', true)::ltree[])::ltree[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

POLICIES = f"""
alter table cases_case enable row level security;
create policy seen on cases_case for select using (
  (path <@ any ({_SCOPE}) and (not confidential or path <@ any ({_SECRET})))
  or (not confidential and cardinality(border_ids) > 0
      and border_ids && (select current_setting('wangge.codes', true)::varchar[])::varchar[])
  or reported_by_id = {_VIEWER}
  or (not confidential and cardinality(followers) > 0 and {_VIEWER} = any (followers))
  or (cardinality(department_keys) > 0
      and department_keys && (select current_setting('wangge.departments', true)::varchar[])::varchar[]));
create policy reported on cases_case for insert with check (
  reported_by_id is not distinct from {_VIEWER}
  and (path <@ any ({_SCOPE})
       or border_ids && (select current_setting('wangge.codes', true)::varchar[])::varchar[]
       or exists (select from unnest((select current_setting('wangge.departments', true))::text[]) as office(key)
                   where path ~ ('*.' || split_part(key, '/', 1) || '.*')::lquery)));
create policy worked_on on cases_case for update using (
  (path <@ any ((select current_setting('wangge.works', true)::ltree[])::ltree[])
   and (not confidential or path <@ any ({_SECRET})))
  or reported_by_id = {_VIEWER}
  or (cardinality(department_keys) > 0
      and department_keys && (select current_setting('wangge.departments', true)::varchar[])::varchar[]));
grant select, insert, update on cases_case to wangge_app;

-- An act on a case that one can see may be written into the journal wherever the case lies.
create policy acts_on_cases_seen on journal_entry for insert with check (
  actor_id is not distinct from {_VIEWER} and subject like 'case:%'
  and exists (select from cases_case c where c.id = substr(subject, 6)::uuid));
create policy acts_on_cases_read on journal_entry for select using (
  subject like 'case:%' and exists (select from cases_case c where c.id = substr(subject, 6)::uuid));
"""

# Tasks, summonses and attachments are seen and written with their case: the subquery runs under the case's own policy.
_PARTS = "".join(
    f"""
alter table {table} enable row level security;
create policy with_its_case on {table} for select using (exists (select from cases_case c where c.id = case_id));
create policy added_with_its_case on {table} for insert with check (exists (select from cases_case c where c.id = case_id));
create policy changed_with_its_case on {table} for update using (exists (select from cases_case c where c.id = case_id));
grant select, insert, update on {table} to wangge_app;
"""
    for table in ("cases_task", "cases_summons", "cases_attachment")
)

# Whoever sees a case sees what is attached to it; only a blob that one sees can be attached.
ATTACHED = """
create policy attached_to_a_case_seen on blobs_blob for select using (
  exists (select from cases_attachment a where a.blob_id = digest));
create policy blob_is_seen on cases_attachment as restrictive for insert with check (blobs_seen(blob_id));
"""

TALLY = f"""
create function cases_count() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into cases_tally as t (county_id, township_id, community_id, path, confidential, holder_level, state, late,
                                supervised, count)
  select county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised, sum(n) from (
    select *, 1 as n from added union all select *, -1 from gone) as moved
   group by county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised
  having sum(n) <> 0
   order by path, confidential, holder_level, state, late, supervised
  on conflict (path, confidential, holder_level, state, late, supervised) do update set count = t.count + excluded.count;
  return null;
end $$;
create function cases_count_added() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into cases_tally as t (county_id, township_id, community_id, path, confidential, holder_level, state, late,
                                supervised, count)
  select county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised, count(*)
    from added group by county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised
   order by path, confidential, holder_level, state, late, supervised
  on conflict (path, confidential, holder_level, state, late, supervised) do update set count = t.count + excluded.count;
  return null;
end $$;
create function cases_count_gone() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into cases_tally as t (county_id, township_id, community_id, path, confidential, holder_level, state, late,
                                supervised, count)
  select county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised, -count(*)
    from gone group by county_id, township_id, community_id, path, confidential, holder_level, state, late, supervised
   order by path, confidential, holder_level, state, late, supervised
  on conflict (path, confidential, holder_level, state, late, supervised) do update set count = t.count + excluded.count;
  return null;
end $$;
create trigger cases_case_counted_out after delete on cases_case referencing old table as gone
  for each statement execute function cases_count_gone();
create trigger cases_case_counted_in after insert on cases_case referencing new table as added
  for each statement execute function cases_count_added();
create trigger cases_case_counted_on after update on cases_case referencing new table as added old table as gone
  for each statement execute function cases_count();
alter table cases_tally set (fillfactor = 50);
alter table cases_tally enable row level security;
create policy in_scope on cases_tally for select using (
  path <@ any ({_SCOPE}) and (not confidential or path <@ any ({_SECRET})));
grant select on cases_tally to wangge_app;

alter table cases_route enable row level security;
create policy read_by_all on cases_route for select using (true);
create policy added_in_scope on cases_route for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on cases_route for update using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy removed_in_scope on cases_route for delete using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
grant select, insert, update, delete on cases_route to wangge_app;
alter table cases_posthandover enable row level security;
create policy both_and_in_scope on cases_posthandover for select using (
  path <@ any ({_SCOPE}) or {_VIEWER} in (from_account_id, to_account_id));
create policy added_in_scope on cases_posthandover for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]) or from_account_id = {_VIEWER});
grant select, insert on cases_posthandover to wangge_app;
grant select, insert, update on cases_counter to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("catalogue", "0002_policies"), ("blobs", "0002_policies")]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (SEARCH, POLICIES, _PARTS, ATTACHED, TALLY)
    ]
