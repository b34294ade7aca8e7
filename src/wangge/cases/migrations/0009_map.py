"""How cases are counted and found on the map: by squares of 0.005°, with the table's policy applied as the catalog has it."""

from django.db import migrations

# A condition for the cases that any of the arms reaches (cases.queries.filters) and that the filter lets through. The two
# functions that use it read as the owner, so that words, departments and places are looked up by their indexes, and add the
# table's own policy.
WANTED = """
create function cases_wanted(arms jsonb, wanted jsonb) returns text language plpgsql stable
  set search_path = public, pg_temp as $$
declare
  arm jsonb; reached text[] := '{}'; way text; told text[];
  who bigint := nullif(current_setting('wangge.viewer', true), '')::bigint;
  offices text := coalesce(nullif(current_setting('wangge.departments', true), ''), '{}');
begin
  for arm in select * from jsonb_array_elements(arms) loop
    way := case arm ->> 'kind'
      when 'border' then format('border_ids && array[%L]::varchar[] and cardinality(border_ids) > 0', arm -> 'codes' ->> 0)
      when 'reported' then format('reported_by_id = %L', who)
      when 'given' then format('department_keys && %L::varchar[] and cardinality(department_keys) > 0', offices)
      when 'hands' then format('handler_id = %L', who)
      when 'desk' then format('holder_level = %L', arm ->> 'holder')
        || case when (arm ->> 'secret')::boolean then '' else ' and not confidential' end
      else 'true' end;
    if arm ->> 'column' <> '' and arm ->> 'kind' <> 'border' then
      way := way || format(' and %I = any (%L::varchar[])', arm ->> 'column',
        array(select jsonb_array_elements_text(arm -> 'codes')));
    end if;
    if arm -> 'states' <> 'null'::jsonb then
      way := way || format(' and state = any (%L::varchar[])', array(select jsonb_array_elements_text(arm -> 'states')));
    end if;
    reached := reached || ('(' || way || ')');
  end loop;
  told := array['(' || coalesce(nullif(array_to_string(reached, ' or '), ''), 'false') || ')'];
  select told || coalesce(array_agg(format('%I = %L', key, value)), '{}') into told
    from jsonb_each_text(wanted -> 'exact');
  if wanted ->> 'words' <> '' then
    told := told || format('search @@ %L::tsquery', wanted ->> 'words');
  end if;
  if wanted ->> 'number' <> '' then
    told := told || format('number = %L', wanted ->> 'number');
  end if;
  if wanted ->> 'since' <> '' then
    told := told || format('reported_at >= %L', wanted ->> 'since');
  end if;
  if wanted ->> 'until' <> '' then
    told := told || format('reported_at < %L', wanted ->> 'until');
  end if;
  return array_to_string(told, ' and ');
end $$;
revoke execute on function cases_wanted(jsonb, jsonb) from public;
"""

# How many in each square, how many of them are overdue, and the middle of their places.
CELLS = """
create function cases_in_cells(arms jsonb, wanted jsonb) returns table (
    cell bigint, count int, overdue int, lon float, lat float)
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return query execute 'select cell, count(*)::int, (count(*) filter (where late = ''overdue''))::int, avg(lon), avg(lat)'
    ' from cases_case where cell is not null and ' || cases_wanted(arms, wanted) || ' and (' || cases_policy() || ')'
    ' group by cell';
end $$;
"""

# The newest cases within a frame of degrees. Few are fetched and sorted; of many the newest are soon met. How many there
# are is estimated without the policy, which the planner takes for far more selective than it is.
FRAME = """
create function cases_in_frame(arms jsonb, wanted jsonb, west float, south float, east float, north float, most int)
  returns table (found_id uuid, found_at timestamptz) rows 50
  language plpgsql security definer set search_path = public, pg_temp
  set enable_bitmapscan = on set enable_sort = on as $$
declare
  sought text := format('lat between %L and %L and lon between %L and %L', south, north, west, east);
  narrowed text := cases_wanted(arms, wanted); seen text := cases_policy();
begin
  if (north - south) * (east - west) <= 0.01 then
    sought := sought || format(' and cell = any (%L::bigint[])', array(
      select up::bigint * 72000 + aside from generate_series(floor((south + 90) * 200)::int, floor((north + 90) * 200)::int) up,
             generate_series(floor((west + 180) * 200)::int, floor((east + 180) * 200)::int) aside));
  end if;
  if cases_expected(sought || ' and ' || narrowed) <= 5000 then
    return query execute format(
      'with found as materialized (select id, reported_at from cases_case where %s and %s and (%s))'
      ' select id, reported_at from found order by reported_at desc, id desc limit %s', sought, narrowed, seen, most);
  else
    perform set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
    return query execute format(
      'select id, reported_at from cases_case where %s and %s and (%s) order by reported_at desc, id desc limit %s',
      narrowed, sought, seen, most);
  end if;
end $$;
"""

UNDO = "drop function cases_in_frame; drop function cases_in_cells; drop function cases_wanted;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_mediation_policies")]
    operations = [migrations.RunSQL(WANTED + CELLS + FRAME, UNDO)]
