"""What the checks of 0009 look up costs one step in an index for each row, however many rows a statement has and whatever the
session did before: rows of before and after are not joined, and no plan is taken over from a statement of another size.
"""

from importlib import import_module

from django.db import migrations

_REFERENCES = import_module("wangge.households.migrations.0009_belonging").REFERENCES


def _check(child: str, column: str, parent: str) -> str:
    name = f"households_{child}_{column}"
    return f"""
create or replace function {name}_there() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare lost uuid;
begin
  -- `offset 0` keeps the look-up a step for each row.
  select a.{column} into lost from added a
    left join lateral (select true as there from households_{parent} p where p.id = a.{column} offset 0) p on true
   where a.{column} is not null and p.there is null limit 1;
  if lost is not null then
    raise foreign_key_violation using message = 'households_{child}.{column}: there is no such {parent}',
      table = 'households_{child}', column = '{column}', constraint = '{name}_there';
  end if;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0009_belonging")]
    operations = [migrations.RunSQL("".join(_check(*each) for each in _REFERENCES), migrations.RunSQL.noop)]
