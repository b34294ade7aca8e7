"""That homes, people and stays belong to what is there is checked once a statement, and not once a row.

A list of a city brings five million people with a stay each: asking a foreign key for every row took a quarter of the time.
What these references point to is never removed: the application may not, and whoever owns the tables is refused it here
while anything points there.
"""

import django.db.models.deletion
from django.db import migrations, models

#: Child, its column, the parent.
REFERENCES = (
    ("dwelling", "building_id", "building"),
    ("household", "dwelling_id", "dwelling"),
    ("resident", "household_id", "household"),
    ("stay", "household_id", "household"),
    ("stay", "resident_id", "resident"),
)


def _checks(child: str, column: str, parent: str) -> str:
    # Looked up row by row in the parent's index, however many there are: a parent of millions is not read for one person.
    name = f"households_{child}_{column}"
    return f"""
create function {name}_there() returns trigger language plpgsql security definer
  set search_path = public, pg_temp set enable_hashjoin = off set enable_mergejoin = off as $$
declare lost uuid;
begin
  if tg_op = 'INSERT' then
    select a.{column} into lost from added a left join households_{parent} p on p.id = a.{column}
     where a.{column} is not null and p.id is null limit 1;
  else
    select a.{column} into lost from added a join gone g on g.id = a.id left join households_{parent} p on p.id = a.{column}
     where a.{column} is distinct from g.{column} and a.{column} is not null and p.id is null limit 1;
  end if;
  if lost is not null then
    raise foreign_key_violation using message = 'households_{child}.{column}: there is no such {parent}',
      table = 'households_{child}', column = '{column}', constraint = '{name}_there';
  end if;
  return null;
end $$;
create trigger {name}_added after insert on households_{child} referencing new table as added
  for each statement execute function {name}_there();
create trigger {name}_changed after update on households_{child} referencing new table as added old table as gone
  for each statement execute function {name}_there();
create function {name}_kept() returns trigger language plpgsql security definer
  set search_path = public, pg_temp set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (select from gone g join households_{child} c on c.{column} = g.id) then
    raise foreign_key_violation using message = 'households_{parent}: households_{child}.{column} still points to it',
      table = 'households_{parent}', constraint = '{name}_kept';
  end if;
  return null;
end $$;
create trigger {name}_kept after delete on households_{parent} referencing old table as gone
  for each statement execute function {name}_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0008_registered_address")]
    operations = [
        migrations.AlterField(
            model_name="dwelling",
            name="building",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dwellings",
                to="households.building",
            ),
        ),
        migrations.AlterField(
            model_name="household",
            name="dwelling",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="households",
                to="households.dwelling",
            ),
        ),
        migrations.AlterField(
            model_name="resident",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="residents",
                to="households.household",
            ),
        ),
        migrations.AlterField(
            model_name="stay",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stays",
                to="households.household",
            ),
        ),
        migrations.AlterField(
            model_name="stay",
            name="resident",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stays",
                to="households.resident",
            ),
        ),
        migrations.RunSQL("".join(_checks(*each) for each in REFERENCES), migrations.RunSQL.noop),
    ]
