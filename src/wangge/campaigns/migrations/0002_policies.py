"""Who sees campaigns, and the triggers that keep their sums.

A campaign is run by who manages its area and seen, once it runs, by everybody in it. The households that it asks, and what
was answered there, are seen by who may see households; others see sums.
"""

from django.db import migrations

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"
_SCOPE = "(select current_setting('wangge.scope', true)::ltree[])::ltree[]"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"
_HOMES = "(select nullif(current_setting('wangge.homes', true), '')::ltree[])::ltree[]"

POLICIES = f"""
alter table campaigns_form enable row level security;
alter table campaigns_formversion enable row level security;
create policy read_by_all on campaigns_form for select using (true);
create policy kept_by_its_area on campaigns_form for insert with check (path <@ any ({_MANAGES}));
create policy renamed_by_its_area on campaigns_form for update using (path <@ any ({_MANAGES}));
create policy read_by_all on campaigns_formversion for select using (true);
create policy kept_by_its_area on campaigns_formversion for insert with check (
  exists (select from campaigns_form f where f.id = form_id and f.path <@ any ({_MANAGES})));
grant select, insert, update on campaigns_form to wangge_app;
grant select, insert on campaigns_formversion to wangge_app;

create index campaigns_campaign_within on campaigns_campaign using gist (path);
alter table campaigns_campaign enable row level security;
create policy in_its_area on campaigns_campaign for select using (
  path <@ any ({_SCOPE}) or (state <> 'draft' and path @> any ({_SCOPE})));
create policy begun_by_its_area on campaigns_campaign for insert with check (path <@ any ({_MANAGES}));
create policy run_by_its_area on campaigns_campaign for update using (path <@ any ({_MANAGES}));
grant select, insert, update on campaigns_campaign to wangge_app;

alter table campaigns_material enable row level security;
create policy with_its_campaign on campaigns_material for select using (
  exists (select from campaigns_campaign c where c.id = campaign_id));
create policy added_by_its_area on campaigns_material for insert with check (
  exists (select from campaigns_campaign c where c.id = campaign_id and c.path <@ any ({_MANAGES})));
create policy changed_by_its_area on campaigns_material for update using (
  exists (select from campaigns_campaign c where c.id = campaign_id and c.path <@ any ({_MANAGES})));
create policy removed_by_its_area on campaigns_material for delete using (
  exists (select from campaigns_campaign c where c.id = campaign_id and c.path <@ any ({_MANAGES})));
grant select, insert, update, delete on campaigns_material to wangge_app;
create policy shown_in_a_campaign on blobs_blob for select using (
  {_VIEWER} is not null and exists (select from campaigns_material m where m.picture_id = digest));

alter table campaigns_target enable row level security;
create policy by_who_sees_the_household on campaigns_target for select using (path <@ any ({_HOMES}));
create policy moved_by_who_sees_the_household on campaigns_target for update using (path <@ any ({_HOMES}));
grant select, update on campaigns_target to wangge_app;

alter table campaigns_answer enable row level security;
create policy by_who_sees_the_household on campaigns_answer for select using (
  path <@ any ({_HOMES}) or by_id = {_VIEWER});
create policy given_where_one_sees on campaigns_answer for insert with check (
  path <@ any ({_HOMES}) and by_id = {_VIEWER});
grant select, insert on campaigns_answer to wangge_app;

alter table campaigns_answerphoto enable row level security;
create policy with_its_answer on campaigns_answerphoto for select using (
  exists (select from campaigns_answer a where a.id = answer_id));
create policy given_with_its_answer on campaigns_answerphoto for insert with check (
  exists (select from campaigns_answer a where a.id = answer_id and a.by_id = {_VIEWER}));
grant select, insert on campaigns_answerphoto to wangge_app;
grant usage on sequence campaigns_answerphoto_id_seq to wangge_app;
create policy photo_of_an_answer_seen on blobs_blob for select using (
  exists (select from campaigns_answerphoto p where p.digest = blobs_blob.digest));

alter table campaigns_tally enable row level security;
alter table campaigns_daytally enable row level security;
create policy in_scope on campaigns_tally for select using (path <@ any ({_SCOPE}));
create policy in_scope on campaigns_daytally for select using (path <@ any ({_SCOPE}));
grant select on campaigns_tally, campaigns_daytally to wangge_app;
alter table campaigns_tally set (fillfactor = 50);
alter table campaigns_daytally set (fillfactor = 50);
"""

_STANDINGS = ("waiting", "nobody_home", "refused", "not_found", "gone", "faulty", "done")
_COLUMNS = ("households", *_STANDINGS, "answered")
_PLACE = "campaign_id, path, county_id, township_id, community_id, grid_id"
_SUMS = ", ".join(
    ["sum(n)", *(f"sum(n) filter (where standing = '{each}')" for each in _STANDINGS), "sum(n * answered)"]
)
_RAISED = ", ".join(f"{each} = t.{each} + excluded.{each}" for each in _COLUMNS)


def _summed(rows):
    sums = ", ".join(f"coalesce({each}, 0)" for each in _SUMS.split(", "))
    return f"""
  insert into campaigns_tally as t ({_PLACE}, {", ".join(_COLUMNS)})
  select {_PLACE}, {sums} from ({rows}) as moved
   group by {_PLACE} order by campaign_id, path
  on conflict (campaign_id, path) do update set {_RAISED};"""


# One row a grid is locked first, always in this order; the day's row after it.
SUMS = f"""
create function campaigns_count_added() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin{_summed("select 1 as n, * from added")}
  return null;
end $$;
create function campaigns_count_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin{_summed("select 1 as n, * from added union all select -1, * from gone")}
  insert into campaigns_daytally as t (campaign_id, day, path, done)
  select a.campaign_id, a.changed_on, a.path, sum(a.answered - g.answered)
    from added a join gone g using (campaign_id, household_id) where a.answered <> g.answered
   group by 1, 2, 3 order by 1, 3, 2
  on conflict (campaign_id, day, path) do update set done = t.done + excluded.done;
  return null;
end $$;
create trigger campaigns_target_counted_in after insert on campaigns_target referencing new table as added
  for each statement execute function campaigns_count_added();
create trigger campaigns_target_counted_on after update on campaigns_target referencing new table as added old table as gone
  for each statement execute function campaigns_count_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("blobs", "0002_policies"), ("staff", "0002_policies")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (POLICIES, SUMS)]
