"""The chain, the row policy and the rights: the application may add entries and read its own, nothing else."""

from django.db import migrations

CHAIN = r"""

-- What the hash covers, as one text: every column that tells of the act, unambiguous by the lengths of its parts.
create function journal_digest(e journal_entry, prev bytea) returns bytea language sql immutable as $$
  select sha256(prev || convert_to(jsonb_build_array(
    e.area_id, e.path::text, e.seq, extract(epoch from e.at)::text, e.actor_id, e.actor_name, e.post, e.verb, e.subject,
    e.command_id, e.source, e.before, e.after, e.reason, e.confidential)::text, 'UTF8'))
$$;

create function journal_link() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into journal_head as h (area_id, seq) values (new.area_id, 1)
    on conflict (area_id) do update set seq = h.seq + 1 returning seq into new.seq;
  new.prev_hash := coalesce((select hash from journal_entry where area_id = new.area_id and seq = new.seq - 1), ''::bytea);
  new.hash := journal_digest(new, new.prev_hash);
  return new;
end $$;
create trigger journal_entry_link before insert on journal_entry for each row execute function journal_link();
alter table journal_head set (fillfactor = 50);

alter table journal_entry enable row level security;
alter table journal_head enable row level security;
create policy own_acts_and_area on journal_entry for select using (
  (path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[])
   and (not confidential or path <@ any ((select current_setting('wangge.confidential', true)::ltree[])::ltree[])))
  or actor_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint));
create policy acts_of_oneself on journal_entry for insert with check (
  actor_id is not distinct from (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  and (path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[])
       -- what a department's people do without a case is written where their office is
       or area_id = any (select split_part(office, '/', 1)
                           from unnest(nullif(current_setting('wangge.departments', true), '')::text[]) as office)
       or subject = 'account:' || (select current_setting('wangge.viewer', true))));
create policy heads_in_scope on journal_head for select using (exists (
  select 1 from journal_entry e where e.area_id = journal_head.area_id and e.seq = 1));
grant select, insert on journal_entry to wangge_app;
grant select on journal_head to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""

UNDO = """
drop trigger journal_entry_link on journal_entry; drop function journal_link; drop function journal_digest;
drop policy own_acts_and_area on journal_entry; drop policy acts_of_oneself on journal_entry;
drop policy heads_in_scope on journal_head;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(CHAIN, UNDO)]
