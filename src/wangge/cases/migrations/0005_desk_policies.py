"""Who reads and writes notes, ready texts and views; and the small square of the map that a case lies in."""

from django.db import migrations

_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
_OFFICES = "(select current_setting('wangge.departments', true)::varchar[])::varchar[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

# A staff note is for people with a post: who only reported the case reads what is said to the reporter.
NOTES = f"""
alter table cases_note enable row level security;
create policy with_its_case on cases_note for select using (
  exists (select from cases_case c where c.id = case_id)
  and (audience = 'reporter' or cardinality({_SCOPE}) > 0 or cardinality({_OFFICES}) > 0));
create policy written_with_its_case on cases_note for insert with check (
  written_by_id is not distinct from {_VIEWER} and exists (select from cases_case c where c.id = case_id));
grant select, insert on cases_note to wangge_app;
"""

TEXTS = f"""
alter table cases_texttemplate enable row level security;
create policy read_by_all on cases_texttemplate for select using (true);
create policy added_in_scope on cases_texttemplate for insert with check (path <@ any ({_MANAGES}));
create policy changed_in_scope on cases_texttemplate for update using (path <@ any ({_MANAGES}));
create policy removed_in_scope on cases_texttemplate for delete using (path <@ any ({_MANAGES}));
grant select, insert, update, delete on cases_texttemplate to wangge_app;
"""

VIEWS = f"""
alter table cases_view enable row level security;
create policy own_and_shared on cases_view for select using (
  account_id = {_VIEWER} or (shared and (path <@ any ({_SCOPE}) or path @> any ({_SCOPE}))));
create policy added_by_oneself on cases_view for insert with check (
  account_id = {_VIEWER} and (not shared or path <@ any ({_SCOPE})));
create policy changed_by_oneself on cases_view for update using (account_id = {_VIEWER})
  with check (account_id = {_VIEWER} and (not shared or path <@ any ({_SCOPE})));
create policy removed_by_oneself on cases_view for delete using (account_id = {_VIEWER});
grant select, insert, update, delete on cases_view to wangge_app;
"""

# Squares of 0.005°, some five hundred metres: what lies near a point is in nine of them. Equality of integers may be asked
# below a row policy, comparisons of points may not, and would read every row first.
CELL = """
alter table cases_case add column cell bigint generated always as (
  floor((lat + 90) * 200)::bigint * 72000 + floor((lon + 180) * 200)::bigint) stored;
create index cases_case_of_cell on cases_case (cell, reported_at desc, id desc) where cell is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_desk")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (NOTES, TEXTS, VIEWS, CELL)]
