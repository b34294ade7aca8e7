"""Where a viewer may see who lives there: one more part of a scope, from seats with the duty `register`.

A dedicated grid is no place where people live: its workers hold no register, so there the duty does not come with the seat.
"""

from django.db import migrations

SEATS = r"""
create or replace function staff_seats(who bigint, today date) returns table (
    path ltree, level text, kind text, duties text[], department text, confidential boolean, area_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select p.path, a.level, k.code,
         case when a.kind = 'dedicated' then array_remove(k.duties::text[], 'register') else k.duties::text[] end,
         coalesce(p.department_id, ''), k.confidential, a.name
    from staff_assignment s join staff_post p on p.id = s.post_id join staff_postkind k on k.code = p.kind_id
    join areas_area a on a.code = p.area_id
   where s.account_id = who and s.from_on <= today and (s.to_on is null or s.to_on >= today)
     and (p.closed_on is null or p.closed_on >= today)
$$;
"""

SCOPE = r"""
create or replace function staff_set_scope(who bigint, today date) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare scope ltree[]; secret ltree[]; offices text[]; manages ltree[]; works ltree[]; admits text[]; mediates ltree[];
  oversees ltree[]; homes ltree[];
begin
  select coalesce(array_agg(path) filter (where department = ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and confidential), '{}'),
         coalesce(array_agg(subpath(path, -1)::text || '/' || department) filter (where department <> ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{administer,lead}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{advise,desk,walk,lead}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{mediate}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{oversee-mediation}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{register}'), '{}')
    into scope, secret, offices, manages, works, mediates, oversees, homes from staff_seats(who, today);
  -- Items have no place: the catalogue asks only whether any seat, a department's too, may propose or admit.
  select coalesce(array_agg(distinct duty), '{}') into admits
    from staff_seats(who, today), unnest(duties) as duty where duty in ('administer', 'admit', 'handle');
  perform set_config('wangge.viewer', who::text, true), set_config('wangge.scope', scope::text, true),
          set_config('wangge.confidential', secret::text, true), set_config('wangge.manages', manages::text, true),
          set_config('wangge.works', works::text, true), set_config('wangge.departments', offices::text, true),
          set_config('wangge.mediates', mediates::text, true), set_config('wangge.oversees', oversees::text, true),
          set_config('wangge.homes', homes::text, true), set_config('wangge.admits', admits::text, true),
          set_config('wangge.codes', (select coalesce(array_agg(subpath(p, -1)::text), '{}') from unnest(scope) p)::text, true);
end $$;
"""

# An installation that has kinds of post gets the duty where it is needed; a new one loads it with its kinds.
KINDS = """
update staff_postkind set duties = duties || '{register}'
 where code in ('grid_worker', 'grid_lead', 'community_lead', 'clerk', 'subcentre_lead') and not 'register' = any (duties);
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0006_given_seats")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (SEATS, SCOPE, KINDS)]
