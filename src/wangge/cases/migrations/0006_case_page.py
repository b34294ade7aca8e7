"""What a case's page asks: who works at the desks above its place, open cases in a square of the map, parts split off."""

from django.db import migrations

from wangge.cases.lifecycle import OPEN

_OPEN = "state in ({})".format(", ".join(f"'{state}'" for state in OPEN))

# Whoever handles a case learns who else may: the holders of today's posts at the areas on its path and at their
# departments, also those who are away. One question instead of one for each desk and department.
PEOPLE = """
create function cases_people(place ltree, today date) returns table (
    path ltree, department varchar, kind varchar, duties varchar[], confidential boolean,
    account bigint, name varchar, stands_in boolean, away_until date)
  language sql stable security definer set search_path = public, pg_temp as $$
  select p.path, coalesce(p.department_id, ''), k.code, k.duties, k.confidential, a.id, a.name,
         s.stands_in_for_id is not null,
         (select max(l.to_on) from staff_leave l where l.account_id = a.id and today between l.from_on and l.to_on)
    from staff_post p join staff_assignment s on s.post_id = p.id join staff_postkind k on k.code = p.kind_id
    join staff_account a on a.id = s.account_id
   where p.area_id = any (string_to_array(ltree2text(place), '.'))
     and (p.closed_on is null or p.closed_on >= today)
     and s.from_on <= today and (s.to_on is null or s.to_on >= today) and a.ended_at is null
$$;
"""

# A part keeps the reporter of the case that it was split from, who is not the one that splits it. The function reads past
# the policy: a policy of the table that reads the table would call itself for ever.
SPLIT = """
create function cases_may_be_split(original uuid, reporter bigint, place ltree) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from cases_case
    where id = original and reported_by_id is not distinct from reporter and path = place
      and path <@ any (coalesce(nullif(current_setting('wangge.works', true), ''), '{}')::ltree[])
      and (not confidential
           or path <@ any (coalesce(nullif(current_setting('wangge.confidential', true), ''), '{}')::ltree[])))
$$;
create policy split_off on cases_case for insert with check (
  split_from_id is not null and cases_may_be_split(split_from_id, reported_by_id, path));
"""

NEAR = f"""
create index cases_case_open_of_cell on cases_case (cell, reported_at desc, id desc) where cell is not null and {_OPEN};
"""

UNDO = """
drop index cases_case_open_of_cell; drop policy split_off on cases_case;
drop function cases_may_be_split; drop function cases_people;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_desk_policies"), ("staff", "0004_desk_policies")]
    operations = [migrations.RunSQL(PEOPLE + SPLIT + NEAR, UNDO)]
