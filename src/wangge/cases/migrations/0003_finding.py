"""How cases are found quickly among a million: indexes for open cases, departments, borders and places, and the search.

The row policy's own operators cannot use an index on words or arrays, since those are not leakproof. So `cases_found` reads
as the owner and applies the policy itself, word for word as it stands in the catalog when it is called.
"""

from django.db import migrations

from wangge.cases.lifecycle import OPEN

_OPEN = "state in ({})".format(", ".join(f"'{state}'" for state in OPEN))

INDEXES = f"""
-- Most cases are closed; a queue is what is open. A community's or grid's own index is short enough for its queues.
create index cases_case_open on cases_case (reported_at desc, id desc) where {_OPEN};
create index cases_case_open_of_county on cases_case (county_id, reported_at desc, id desc) where {_OPEN};
create index cases_case_open_of_township on cases_case (township_id, reported_at desc, id desc) where {_OPEN};
create index cases_case_given on cases_case using gin (department_keys) with (fastupdate = off)
  where cardinality(department_keys) > 0;
create index cases_case_borders on cases_case using gin (border_ids) with (fastupdate = off)
  where cardinality(border_ids) > 0;
create index cases_case_at on cases_case (lat, lon) where lat is not null;
"""

#: A case walked past in order costs about twice what one costs that the index of words names: their proportion decides.
FOUND = """
create function cases_policy() returns text language sql stable set search_path = public, pg_temp as $$
  select string_agg('(' || pg_get_expr(polqual, polrelid) || ')', ' or ')
    from pg_policy where polrelid = 'cases_case'::regclass and polpermissive and polcmd in ('r', '*')
$$;

create function cases_expected(conditions text) returns float language plpgsql set search_path = public, pg_temp as $$
declare plan json;
begin
  execute 'explain (format json) select from cases_case where ' || conditions into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float;
end $$;
revoke execute on function cases_expected(text) from public;

-- The newest cases that the viewer may see and that hold all the words (none: any), below an area (level and path; none:
-- anywhere), given to the viewer's departments when `own`. Rare words and departments are looked up in their index; common
-- ones are met soon enough by walking the area's cases from the newest on.
create function cases_found(
    words tsquery, own boolean, level text, area text, states text[], item text, business text, urgency text, lateness text,
    watched boolean, found_in text, resolved_in text, since timestamptz, until timestamptz, before_at timestamptz, before_id uuid, most int)
  returns table (found_id uuid, found_at timestamptz) rows 50
  language plpgsql security definer set search_path = public, pg_temp
  set enable_bitmapscan = on set enable_sort = on as $$
declare
  code text := reverse(split_part(reverse(area), '.', 1));
  place text := case when level in ('county', 'township', 'community', 'grid') then format('%I = %L', level || '_id', code) end;
  sought text; narrowed text; earlier text; seen text := cases_policy(); met int := 0;
  keys text := coalesce(nullif(current_setting('wangge.departments', true), ''), '{}');
  expected float; total float; walk float := 0; within text := coalesce(place, 'true');
begin
  if level in ('county', 'township') and words is not null then
    words := words && format('%L', '@' || code)::tsquery;
    within := 'true';
  end if;
  sought := concat_ws(' and ', 'true', case when words is not null then format('search @@ %L::tsquery', words) end,
    case when own then format('department_keys && %L::varchar[] and cardinality(department_keys) > 0', keys) end);
  narrowed := concat_ws(' and ', 'true', case when place is null and area <> '' then format('path <@ %L::ltree', area) end,
    case when states is not null then format('state = any (%L::varchar[])', states) end,
    case when item <> '' then format('item_id = %L', item) end,
    case when business <> '' then format('business = %L', business) end,
    case when urgency <> '' then format('urgency = %L', urgency) end,
    case when lateness <> '' then format('late = %L', lateness) end,
    case when watched then 'supervised' end,
    case when found_in <> '' then format('found_tier = %L', found_in) end,
    case when resolved_in <> '' then format('resolved_tier = %L', resolved_in) end,
    case when since is not null then format('reported_at >= %L', since) end,
    case when until is not null then format('reported_at < %L', until) end);
  earlier := case when before_at is null then 'true' else format('(reported_at, id) < (%L, %L)', before_at, before_id) end;

  if level in ('community', 'grid') and place is not null then
    -- All of so small an area may be walked, unless the words name fewer in the whole city.
    if cases_expected(sought) > greatest(200, cases_expected(place) / 2) then
      walk := 'infinity';
    end if;
  else
    expected := cases_expected(sought || ' and ' || within);
    if expected > 1000 then
      select greatest(reltuples, 1) into total from pg_class where oid = 'cases_case'::regclass;
      if place is not null then
        total := greatest(cases_expected(place), 1);
      end if;
      if 2 * most * total / expected < expected then
        walk := least(8 * most * total / expected, 30000);
      end if;
    end if;
  end if;

  if walk > 0 then
    -- The planner takes the policy for far more selective than it is, and would sort all to show the first.
    perform set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
    for found_id, found_at in execute format(
      'select id, reported_at from (select * from cases_case where %s and %s order by reported_at desc, id desc limit %s) as walked'
      ' where (%s) and %s and %s order by reported_at desc, id desc limit %s',
      coalesce(place, 'true'), earlier, case when walk = 'infinity' then 'all' else walk::bigint::text end,
      seen, sought, narrowed, most)
    loop
      return next;
      met := met + 1;
    end loop;
    if met = most or walk = 'infinity' then
      return;
    end if;
    perform set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true);
    if met > 0 then
      earlier := format('(reported_at, id) < (%L, %L)', found_at, found_id);
    end if;
  end if;
  return query execute format(
    'with found as materialized (select id, reported_at from cases_case where %s and %s and (%s) and %s and %s)'
    ' select id, reported_at from found order by reported_at desc, id desc limit %s',
    sought, within, seen, narrowed, earlier, most - met);
end $$;

-- Cases on a border, for which a neighbouring grid answers.
create function cases_bordering(grid text) returns setof uuid rows 50
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return query execute format(
    'select id from cases_case where border_ids && array[%L]::varchar[] and cardinality(border_ids) > 0 and (%s)',
    grid, cases_policy());
end $$;

-- How the open cases stand that are the viewer's by relation: given to their departments or reported by them, in any of
-- the areas (paths; none: anywhere). `beyond` leaves out what is counted otherwise: by the tally of the areas of their plain
-- seats, or as lying on the `borders` (codes) of their grids.
create function cases_related_count(areas text[], borders text[], beyond boolean) returns table (
    state text, late text, supervised boolean, given boolean, in_hand boolean, count bigint)
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  keys text := coalesce(nullif(current_setting('wangge.departments', true), ''), '{}');
  who bigint := nullif(current_setting('wangge.viewer', true), '')::bigint;
  conditions text := format(
    '(department_keys && %L::varchar[] and cardinality(department_keys) > 0 or reported_by_id = %L) and (%s) and {open}',
    keys, who, cases_policy());
begin
  if cardinality(areas) > 0 then
    conditions := conditions || format(' and path <@ any (%L::ltree[])', areas);
  end if;
  if beyond then
    conditions := conditions || format(' and not (path <@ any (%L::ltree[]) and (not confidential or path <@ any (%L::ltree[])))'
      ' and not border_ids && %L::varchar[]',
      coalesce(nullif(current_setting('wangge.scope', true), ''), '{}'),
      coalesce(nullif(current_setting('wangge.confidential', true), ''), '{}'), borders);
  end if;
  return query execute format(
    'select state::text, late::text, supervised, department_keys && %L::varchar[], handler_id is not distinct from %L, count(*)'
    ' from cases_case where %s group by 1, 2, 3, 4, 5', keys, who, conditions);
end $$;
"""

UNDO = """
drop function cases_related_count; drop function cases_bordering; drop function cases_found; drop function cases_expected;
drop function cases_policy;
drop index cases_case_open, cases_case_open_of_county, cases_case_open_of_township, cases_case_given, cases_case_borders,
  cases_case_at;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_policies")]
    operations = [
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        migrations.RunSQL(FOUND.replace("{open}", _OPEN.replace("'", "''")), UNDO),
    ]
