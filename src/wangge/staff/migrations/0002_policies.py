"""Row policies of staff, and `staff_enter`: from a sign-in's digest to the request's viewer and scope in one round trip."""

from django.db import migrations

SQL = r"""
-- Seats that count at `moment`: assignments of today, on posts that exist, of accounts that have not ended.
create function staff_seats(who bigint, today date) returns table (
    path ltree, level text, kind text, duties text[], department text, confidential boolean, area_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select p.path, a.level, k.code, k.duties, coalesce(p.department_id, ''), k.confidential, a.name
    from staff_assignment s join staff_post p on p.id = s.post_id join staff_postkind k on k.code = p.kind_id
    join areas_area a on a.code = p.area_id
   where s.account_id = who and s.from_on <= today and (s.to_on is null or s.to_on >= today)
     and (p.closed_on is null or p.closed_on >= today)
$$;

-- Sets who asks and what they may see for this transaction, from the assignments of today. Null: no such open sign-in.
create function staff_enter(secret bytea, moment timestamptz) returns jsonb
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  account staff_account; seats jsonb; today date := (moment at time zone 'Asia/Shanghai')::date;
begin
  select a.* into account from staff_signin s join staff_account a on a.id = s.account_id
   where s.digest = secret and s.expires_at > moment and (a.ended_at is null or a.ended_at > moment);
  if not found then return null; end if;
  perform staff_set_scope(account.id, today);
  select coalesce(jsonb_agg(to_jsonb(s) order by s.path), '[]') into seats from staff_seats(account.id, today) s;
  return jsonb_build_object('id', account.id, 'name', account.name, 'username', account.username,
                            'language', account.language, 'seats', seats);
end $$;

create function staff_set_scope(who bigint, today date) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare scope ltree[]; secret ltree[]; offices text[]; manages ltree[]; works ltree[]; admits text[];
begin
  select coalesce(array_agg(path) filter (where department = ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and confidential), '{}'),
         coalesce(array_agg(subpath(path, -1)::text || '/' || department) filter (where department <> ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{administer,lead}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{advise,desk,walk,lead}'), '{}')
    into scope, secret, offices, manages, works from staff_seats(who, today);
  -- Items have no place: the catalogue asks only whether any seat, a department's too, may propose or admit.
  select coalesce(array_agg(distinct duty), '{}') into admits
    from staff_seats(who, today), unnest(duties) as duty where duty in ('administer', 'admit', 'handle');
  perform set_config('wangge.viewer', who::text, true), set_config('wangge.scope', scope::text, true),
          set_config('wangge.confidential', secret::text, true), set_config('wangge.manages', manages::text, true),
          set_config('wangge.works', works::text, true), set_config('wangge.departments', offices::text, true),
          set_config('wangge.admits', admits::text, true),
          set_config('wangge.codes', (select coalesce(array_agg(subpath(p, -1)::text), '{}') from unnest(scope) p)::text, true);
end $$;

create function staff_manages_root() returns boolean language sql stable as $$
  select exists (select from unnest(nullif(current_setting('wangge.manages', true), '')::ltree[]) as m(path) where nlevel(m.path) <= 1)
$$;

-- What a job enters by; the policies show an account to itself and its area only once the scope is set.
create function staff_account_to_enter(who bigint) returns table (id bigint, name varchar, username varchar, language varchar)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, name, username, language from staff_account where id = who and ended_at is null
$$;

-- Who sees a case also reads who did what to it: names only.
create function staff_names(ids bigint[]) returns table (id bigint, name varchar)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, name from staff_account where id = any (ids)
$$;

-- Areas at or above a place that have an open post of the department, nearest first.
create function staff_offices(office text, place ltree, today date) returns setof varchar
  language sql stable security definer set search_path = public, pg_temp as $$
  select area_id from (
    select distinct area_id, nlevel(path) as depth from staff_post
     where department_id = office and path @> place
       and (closed_on is null or closed_on >= coalesce(today, (now() at time zone 'Asia/Shanghai')::date))) as offices
   order by depth desc
$$;

-- Sign-in happens before anyone is known: these two read and count for one account by its name.
create function staff_account_to_sign_in(called text) returns table (
    id bigint, password varchar, failures smallint, locked_until timestamptz, ended_at timestamptz, home_path text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, password, failures, locked_until, ended_at, home_path::text from staff_account where username = called
$$;
-- True when this failure locked the account.
create function staff_note_attempt(who bigint, failed boolean, lock_after int, lock_until timestamptz) returns boolean
  language sql security definer set search_path = public, pg_temp as $$
  update staff_account set failures = case when failed then least(failures + 1, 1000) else 0 end,
         locked_until = case when failed and failures + 1 >= lock_after then lock_until else null end
   where id = who returning locked_until is not null
$$;
-- Names are taken across the whole city, also where the asker does not see the account.
create function staff_usernames(called text[]) returns table (
    username varchar, id bigint, name varchar, home_path text, ended boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
  select username, id, name, home_path::text, ended_at is not null from staff_account where username = any (called)
$$;

-- How many accounts are there today who hold a seat of these duties at exactly this area: a desk that somebody reads.
create function staff_present(at_area text, wanted text[], office text, today date, secret boolean) returns setof bigint
  language sql stable security definer set search_path = public, pg_temp as $$
  select distinct s.account_id
    from staff_post p join staff_assignment s on s.post_id = p.id join staff_postkind k on k.code = p.kind_id
    join staff_account a on a.id = s.account_id
   where p.area_id = at_area and k.duties && wanted::varchar[] and coalesce(p.department_id, '') = office
     and (k.confidential or not secret)
     and (p.closed_on is null or p.closed_on >= today)
     and s.from_on <= today and (s.to_on is null or s.to_on >= today) and a.ended_at is null
     and not exists (select 1 from staff_leave l where l.account_id = a.id and today between l.from_on and l.to_on)
$$;

-- Every required or open post of each area at or below `place`: how many must be filled, how many are open and held
-- today, how many of these by a stand-in alone, and how many of them by somebody on leave whom nobody stands in for.
-- Reads past the policies, since a holder's account may belong elsewhere; answers only whose scope holds `place`.
create function staff_standing(place ltree, today date) returns table (
    area varchar, area_name varchar, path ltree, level varchar, kind varchar,
    minimum int, posts int, held int, by_stand_in int, away int)
  language sql stable security definer set search_path = public, pg_temp as $$
  with here as materialized (
    select code, name, a.path, a.level, a.kind from areas_area a
     where a.path <@ place and (valid_to is null or valid_to >= today)
       and place <@ any (coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[])),
  holders as materialized (
    select s.post_id, s.stands_in_for_id is null as regular,
           exists (select from staff_leave l where l.account_id = s.account_id and today between l.from_on and l.to_on) as gone
      from staff_assignment s join staff_account c on c.id = s.account_id
     where s.path <@ place and s.from_on <= today and (s.to_on is null or s.to_on >= today) and c.ended_at is null),
  seats as (
    select p.area_id, p.kind_id, coalesce(bool_or(h.regular), false) as given,
           coalesce(bool_or(h.regular and not h.gone), false) as there,
           coalesce(bool_or(not h.regular and not h.gone), false) as stood_in
      from staff_post p left join holders h on h.post_id = p.id
     where p.path <@ place and (p.closed_on is null or p.closed_on >= today)
     group by p.id),
  counted as (
    select area_id, kind_id, count(*) as posts, count(*) filter (where given or stood_in) as held,
           count(*) filter (where stood_in and not there) as by_stand_in,
           count(*) filter (where given and not there and not stood_in) as away
      from seats group by area_id, kind_id),
  needed as (
    select h.code, r.kind_id, r.minimum from here h join staff_postrequirement r on r.level = h.level and r.grid_kind = h.kind)
  select h.code, h.name, h.path, h.level, kind_id, coalesce(n.minimum, 0), coalesce(c.posts, 0)::int,
         coalesce(c.held, 0)::int, coalesce(c.by_stand_in, 0)::int, coalesce(c.away, 0)::int
    from (select code as area_id, kind_id, minimum from needed) n
    full join counted c using (area_id, kind_id) join here h on h.code = area_id
$$;

-- Grid workers of public grids in urban communities today: all, and those who do nothing else.
create function staff_full_time(place ltree, today date) returns table (workers bigint, full_time bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
  select count(*), count(*) filter (where s.part = 'full_time')
    from staff_post p join areas_area g on g.code = p.area_id join areas_area c on c.code = g.parent_id
    join staff_assignment s on s.post_id = p.id join staff_account a on a.id = s.account_id
   where p.path <@ place and p.kind_id = 'grid_worker' and g.kind = 'public' and c.urban_rural_class like '11%'
     and place <@ any (coalesce(nullif(current_setting('wangge.scope', true), ''), '{}')::ltree[])
     and (g.valid_to is null or g.valid_to >= today) and (p.closed_on is null or p.closed_on >= today)
     and s.stands_in_for_id is null and s.from_on <= today and (s.to_on is null or s.to_on >= today) and a.ended_at is null
$$;

create index staff_account_below on staff_account using gist (home_path);
create index staff_post_below on staff_post using gist (path);
create index staff_signin_expiry on staff_signin (expires_at);

-- What posts there are and which duties they carry is read by all and changed at the root of the tree only: whoever
-- could change a kind within one county would change rights in every other.
alter table staff_postkind enable row level security;
alter table staff_postrequirement enable row level security;
create policy read_by_all on staff_postkind for select using (true);
create policy read_by_all on staff_postrequirement for select using (true);
create policy added_at_the_root on staff_postkind for insert with check (staff_manages_root());
create policy changed_at_the_root on staff_postkind for update using (staff_manages_root());
create policy added_at_the_root on staff_postrequirement for insert with check (staff_manages_root());
create policy changed_at_the_root on staff_postrequirement for update using (staff_manages_root());
create policy removed_at_the_root on staff_postrequirement for delete using (staff_manages_root());
grant insert, update on staff_postkind to wangge_app;
grant insert, update, delete on staff_postrequirement to wangge_app;

alter table staff_account enable row level security;
alter table staff_post enable row level security;
alter table staff_assignment enable row level security;
alter table staff_leave enable row level security;
create policy oneself_and_own_area on staff_account for select using (
  id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or home_path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[]));
create policy added_in_scope on staff_account for insert with check (
  home_path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on staff_account for update using (
  id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or home_path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
-- A department's post opens no area, but its holder sees that they hold it.
create policy in_scope_and_ones_own on staff_post for select using (
  path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[])
  or id in (select post_id from staff_assignment
             where account_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)));
create policy added_in_scope on staff_post for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on staff_post for update using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy oneself_and_in_scope on staff_assignment for select using (
  account_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[]));
create policy added_in_scope on staff_assignment for insert with check (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on staff_assignment for update using (
  path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy oneself_and_in_scope on staff_leave for select using (
  account_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or home_path <@ any ((select current_setting('wangge.scope', true)::ltree[])::ltree[]));
create policy added_in_scope on staff_leave for insert with check (
  account_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or home_path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
create policy changed_in_scope on staff_leave for update using (
  account_id = (select nullif(current_setting('wangge.viewer', true), '')::bigint)
  or home_path <@ any ((select current_setting('wangge.manages', true)::ltree[])::ltree[]));
-- Departments are public; a list of work items brings its own.
alter table staff_department enable row level security;
create policy read_by_all on staff_department for select using (true);
create policy added_with_items on staff_department for insert with check (
  '{administer,admit}' && nullif((select current_setting('wangge.admits', true)), '')::text[]);
grant insert on staff_department to wangge_app;
grant select on staff_department, staff_postkind, staff_postrequirement to wangge_app;
grant select, insert, update on staff_account, staff_post, staff_assignment, staff_leave to wangge_app;
grant select, insert, delete on staff_signin to wangge_app;
grant select, insert, update, delete on staff_attempts to wangge_app;
grant usage on all sequences in schema public to wangge_app;
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial"), ("areas", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
