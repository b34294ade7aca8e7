"""Two more parts of a scope: where disputes are mediated, and where that is overseen.

Of a mediator it is the very area of their committee, not what lies below: the township's mediators do not read what a
community's wrote down. Of those who oversee it is everything at or below their area.
"""

from django.db import migrations

SCOPE = r"""
create or replace function staff_set_scope(who bigint, today date) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare scope ltree[]; secret ltree[]; offices text[]; manages ltree[]; works ltree[]; admits text[]; mediates ltree[]; oversees ltree[];
begin
  select coalesce(array_agg(path) filter (where department = ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and confidential), '{}'),
         coalesce(array_agg(subpath(path, -1)::text || '/' || department) filter (where department <> ''), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{administer,lead}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{advise,desk,walk,lead}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{mediate}'), '{}'),
         coalesce(array_agg(path) filter (where department = '' and duties && '{oversee-mediation}'), '{}')
    into scope, secret, offices, manages, works, mediates, oversees from staff_seats(who, today);
  -- Items have no place: the catalogue asks only whether any seat, a department's too, may propose or admit.
  select coalesce(array_agg(distinct duty), '{}') into admits
    from staff_seats(who, today), unnest(duties) as duty where duty in ('administer', 'admit', 'handle');
  perform set_config('wangge.viewer', who::text, true), set_config('wangge.scope', scope::text, true),
          set_config('wangge.confidential', secret::text, true), set_config('wangge.manages', manages::text, true),
          set_config('wangge.works', works::text, true), set_config('wangge.departments', offices::text, true),
          set_config('wangge.mediates', mediates::text, true), set_config('wangge.oversees', oversees::text, true),
          set_config('wangge.admits', admits::text, true),
          set_config('wangge.codes', (select coalesce(array_agg(subpath(p, -1)::text), '{}') from unnest(scope) p)::text, true);
end $$;
"""

# An installation that has kinds of post gets the new one and its overseers; a new one loads them with its areas.
KINDS = """
insert into staff_postkind (code, zh, en, duties, confidential, shared)
select 'mediator', '人民调解员', 'People''s mediator', '{mediate}', true, true where exists (select from staff_postkind)
on conflict (code) do nothing;
update staff_postkind set duties = duties || '{oversee-mediation}'
 where code in ('community_lead', 'subcentre_lead', 'political_legal_secretary', 'political_legal_commissioner')
   and not 'oversee-mediation' = any (duties);
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_desk_policies")]
    operations = [
        migrations.RunSQL(SCOPE, migrations.RunSQL.noop),
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
    ]
