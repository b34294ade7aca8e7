"""What comes with a list of a city costs less a row.

That the home, the household or the building is there is looked up once for all who live in it. That a new household's visits are
to be worked out is written down as it is: its id is new and comes in order, so that nothing is sorted or told apart first. One
index answers where two did: by a whole telephone number and by its tail, by who lives somewhere and that they live nowhere else.
"""

from datetime import date
from importlib import import_module

from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

_REFERENCES = import_module("wangge.households.migrations.0009_belonging").REFERENCES
_EACH = import_module("wangge.households.migrations.0010_looked_up")._check  # noqa: SLF001 - what this migration replaces
#: Several children of one parent come together.
_SHARED = [
    (child, column, parent)
    for child, column, parent in _REFERENCES
    if column in ("building_id", "household_id")
]


def _check(child: str, column: str, parent: str) -> str:
    name = f"households_{child}_{column}"
    return f"""
create or replace function {name}_there() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare lost uuid;
begin
  -- `offset 0` keeps the look-up a step for each of them.
  select a.{column} into lost from (select distinct {column} from added where {column} is not null) a
    left join lateral (select true as there from households_{parent} p where p.id = a.{column} offset 0) p on true
   where p.there is null limit 1;
  if lost is not null then
    raise foreign_key_violation using message = 'households_{child}.{column}: there is no such {parent}',
      table = 'households_{child}', column = '{column}', constraint = '{name}_there';
  end if;
  return null;
end $$;
"""


STALE = """
create function visits_household_added() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  insert into visits_stale (household_id, since) select id, now() from added on conflict (household_id) do nothing;
  return null;
end $$;
revoke all on function visits_household_added() from public;
drop trigger visits_stale_added on households_household;
create trigger visits_stale_added after insert on households_household referencing new table as added
  for each statement execute function visits_household_added();
"""
UNDO = """
drop trigger visits_stale_added on households_household;
create trigger visits_stale_added after insert on households_household referencing new table as added
  for each statement execute function visits_household_changed();
drop function visits_household_added();
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0014_merged_apart"), ("visits", "0005_questions")]
    operations = [
        migrations.RunSQL(
            "".join(_check(*each) for each in _SHARED), "".join(_EACH(*each) for each in _SHARED)
        ),
        migrations.RunSQL(STALE, UNDO),
        migrations.RemoveIndex("resident", "households_resident_of_tail"),
        migrations.RemoveIndex("resident", "households_resident_of_phone"),
        migrations.AddIndex(
            "resident",
            models.Index(
                fields=["phone_tail", "phone_hash"],
                name="households_resident_of_phone",
                condition=Q(phone_tail__gt=""),
            ),
        ),
        migrations.RemoveConstraint("stay", "households_stay_one_home_at_a_time"),
        migrations.AddConstraint(
            "stay",
            models.UniqueConstraint(
                F("resident"),
                Coalesce("to_on", Value(date.max)),
                Case(
                    When(to_on__isnull=True, then=Value(0)),
                    default=F("id"),
                    output_field=models.BigIntegerField(),
                ),
                name="households_stay_one_home_at_a_time",
            ),
        ),
        migrations.RemoveIndex("stay", "households_stay_of_resident"),
    ]
