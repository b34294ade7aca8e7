from django.db import migrations

# Right after many homes moved, the planner still takes stays that were redrawn for rare, and would go through all that are asked for once for
# each of them: eight minutes and more for a district. The way to a stay before stays a loop; nothing else is there.
MANY = "alter function households_resume_stays(bigint[], ltree[], date) set enable_nestloop = off"
AS_IT_WAS = "alter function households_resume_stays(bigint[], ltree[], date) reset enable_nestloop"


class Migration(migrations.Migration):
    dependencies = [("households", "0015_lists")]
    operations = [migrations.RunSQL(MANY, AS_IT_WAS)]
