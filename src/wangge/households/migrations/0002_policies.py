"""Every account reads the compounds: an estate's name is public. They are changed by those who manage the area.

The search column holds the tokens of name, other names and address, made by the rule of `base.text.bigrams`; a test compares
the two. Names are also indexed as they begin, since what one types first is how a name begins.
"""

from django.db import migrations

_CJK = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # escapes: an editor may normalise U+F900
)
_LETTERS = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff"
_FULL = "".join(chr(0xFEE0 + code) for code in range(0x21, 0x7F) if chr(code) not in "'\\").replace("'", "''")
_HALF = "".join(chr(code).lower() for code in range(0x21, 0x7F) if chr(code) not in "'\\")

SEARCH = f"""
create function households_bigrams(said text) returns text[] language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct token), '{{}}') from (
    select case when run[1] is not null and length(run[1]) > 1
                then (select array_agg(substr(run[1], i, 2)) from generate_series(1, length(run[1]) - 1) i)
                else array[left(coalesce(run[1], run[2]), 64)] end as tokens
      from regexp_matches(translate(left(said, 6000),
             '{_FULL}ABCDEFGHIJKLMNOPQRSTUVWXYZ', '{_HALF}abcdefghijklmnopqrstuvwxyz'),
             '([{_CJK}]+)|([{_LETTERS}]+)', 'g') as run) as runs, unnest(tokens) as token
$$;
-- `array_to_string` may depend on the session for some types, never for texts.
create function households_words(name text, aliases text[], address text) returns tsvector
  language sql immutable parallel safe as $$
  select array_to_tsvector(households_bigrams(concat(name, ' ', array_to_string(aliases, ' '), ' ', address)))
$$;
alter table households_compound add column search tsvector
  generated always as (households_words(name, aliases, address)) stored;
create index households_compound_search on households_compound using gin (search) with (fastupdate = off);
create index households_compound_begins on households_compound (name text_pattern_ops);
create index households_compound_below on households_compound using gist (path);
"""

_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

POLICIES = f"""
alter table households_compound enable row level security;
create policy read_by_all on households_compound for select using (true);
create policy added_in_scope on households_compound for insert with check (path <@ any ({_MANAGES}));
create policy changed_in_scope on households_compound for update using (path <@ any ({_MANAGES}));
grant select, insert, update on households_compound to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0001_initial"), ("areas", "0002_policies")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (SEARCH, POLICIES)]
