"""Who reads and writes mediations: the mediators of their committee, who one was assigned to, and who oversees the area.

Nobody else does, however high: neither the file nor what the journal tells of it. Others see of a case only that it is
being mediated.
"""

from django.db import migrations

_MEDIATES = "(select current_setting('wangge.mediates', true)::ltree[])::ltree[]"
_OVERSEES = "(select current_setting('wangge.oversees', true)::ltree[])::ltree[]"
_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"
_SEEN = f"""(path = any ({_MEDIATES}) or path <@ any ({_OVERSEES})
  or (mediator_id = {_VIEWER} and cardinality({_MEDIATES}) > 0))"""

FILE = f"""
alter table cases_mediation enable row level security;
create policy by_its_mediators on cases_mediation for select using {_SEEN};
create policy opened_by_mediators on cases_mediation for insert with check (
  path = any ({_MEDIATES}) and mediator_id = {_VIEWER});
create policy kept_by_its_mediators on cases_mediation for update using {_SEEN} with check {_SEEN};
grant select, insert, update on cases_mediation to wangge_app;
"""

# The parts are read and written with their file: the subquery runs under the file's own policy.
_PARTS = "".join(
    f"""
alter table {table} enable row level security;
create policy with_its_mediation on {table} for select using (
  exists (select from cases_mediation m where m.id = mediation_id));
create policy written_with_its_mediation on {table} for insert with check (
  written_by_id is not distinct from {_VIEWER} and exists (select from cases_mediation m where m.id = mediation_id));
create policy changed_with_its_mediation on {table} for update using (
  exists (select from cases_mediation m where m.id = mediation_id));
grant select, insert, update on {table} to wangge_app;
"""
    for table in (
        "cases_party",
        "cases_mediationsession",
        "cases_agreement",
        "cases_followup",
        "cases_referral",
        "cases_remark",
    )
)

# What was done to a file is told to who reads the file, and to nobody else: neither by the place of the entry nor because
# one did it oneself. Entries of other subjects are not touched by this.
_OF_A_FILE = "subject ~ '^mediation:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'"
_FILE_IS_SEEN = "exists (select from cases_mediation m where m.id = substr(subject, 11)::uuid)"

JOURNAL = f"""
create policy mediations_by_their_mediators on journal_entry as restrictive for select using (
  case when {_OF_A_FILE} then {_FILE_IS_SEEN} else true end);
create policy acts_on_mediations_read on journal_entry for select using (
  case when {_OF_A_FILE} then {_FILE_IS_SEEN} else false end);
create policy acts_on_mediations_seen on journal_entry for insert with check (
  actor_id is not distinct from {_VIEWER} and case when {_OF_A_FILE} then {_FILE_IS_SEEN} else false end);
create policy nothing_of_mediations_unseen on journal_entry as restrictive for insert with check (
  case when {_OF_A_FILE} then {_FILE_IS_SEEN} else true end);
"""

# Whoever sees a case is told whether it is being mediated, and no more: `open` while it is, `ended` when it was.
SAID = """
create function cases_mediated(asked uuid) returns text
  language sql stable security definer set search_path = public, pg_temp as $$
  select case when bool_or(state in ('opened', 'mediating', 'agreed', 'followed_up', 'failed')) then 'open'
              when count(*) > 0 then 'ended' else '' end
    from cases_mediation where case_id = asked
$$;
"""

UNDO = """
drop function cases_mediated;
drop policy mediations_by_their_mediators on journal_entry; drop policy acts_on_mediations_read on journal_entry;
drop policy acts_on_mediations_seen on journal_entry; drop policy nothing_of_mediations_unseen on journal_entry;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_mediation"),
        ("staff", "0005_mediation"),
        ("journal", "0002_chain"),
    ]
    operations = [
        migrations.RunSQL(FILE + _PARTS, migrations.RunSQL.noop),
        migrations.RunSQL(JOURNAL + SAID, UNDO),
    ]
