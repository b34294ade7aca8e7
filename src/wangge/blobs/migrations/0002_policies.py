"""A blob is seen by those who brought it; the noun that attaches it adds its own policy for whom else."""

from django.db import migrations

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"

SQL = f"""
alter table blobs_blob enable row level security;
alter table blobs_upload enable row level security;
create policy brought_by_oneself on blobs_upload for select using (by_id = {_VIEWER});
create policy brought on blobs_upload for insert with check (by_id = {_VIEWER});
create policy brought_by_oneself on blobs_blob for select using (
  uploaded_by_id = {_VIEWER} or exists (select from blobs_upload u where u.blob_id = digest));
create policy stored_by_oneself on blobs_blob for insert with check (uploaded_by_id = {_VIEWER});

-- For policies of other tables: asked as a function, since a policy that names this table would meet itself there.
create function blobs_seen(wanted text) returns boolean language plpgsql stable set search_path = public, pg_temp as $$
begin
  return exists (select from blobs_blob where digest = wanted);
end $$;
-- Which of these are stored, whoever brought them: what the sweep of unfinished uploads must not remove.
create function blobs_stored(wanted text[]) returns setof varchar
  language sql stable security definer set search_path = public, pg_temp as $$
  select digest from blobs_blob where digest = any (wanted)
$$;
grant select, insert on blobs_blob, blobs_upload to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("blobs", "0001_initial")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
