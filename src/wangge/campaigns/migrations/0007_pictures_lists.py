"""Pictures beside the questions of a form, and lists of households by their codes or addresses."""

import django.db.models.deletion
from django.db import migrations, models

_VIEWER = "(select nullif(current_setting('wangge.viewer', true), '')::bigint)"
_MANAGES = "(select current_setting('wangge.manages', true)::ltree[])::ltree[]"

# A form holds no person: whoever is signed in sees its pictures, as they see the form. Only what its maker sees can be put beside it.
POLICIES = f"""
alter table campaigns_formpicture enable row level security;
create policy read_by_all on campaigns_formpicture for select using (true);
create policy kept_by_its_area on campaigns_formpicture for insert with check (
  blobs_seen(picture_id) and exists (
    select from campaigns_formversion v join campaigns_form f on f.id = v.form_id
     where v.id = version_id and f.path <@ any ({_MANAGES})));
grant select, insert on campaigns_formpicture to wangge_app;
create policy shown_in_a_form on blobs_blob for select using (
  {_VIEWER} is not null and exists (select from campaigns_formpicture p where p.picture_id = digest));
"""

# A centre makes lists of homes that it may not see. It gives codes or addresses and is told ids of its own area and nothing else:
# no name, and not whose door it is. `household` is null where nobody lives any more.
LISTS = r"""
create function campaigns_plain(said text) returns text
  language sql immutable parallel safe set search_path = public, pg_temp as $$
  select upper(regexp_replace(normalize(said, NFKC), '\s+', '', 'g'))
$$;

create function campaigns_listed_by_code(within ltree, codes text[])
  returns table (place bigint, dwelling uuid, household uuid)
  language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not within <@ any (nullif(current_setting('wangge.manages', true), '')::ltree[]) then
    raise insufficient_privilege using message = 'campaigns: not managed here';
  end if;
  return query
  with asked as (
    select a.place, a.code,
           case when a.code ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then a.code::uuid end as id
      from unnest(codes) with ordinality a(code, place))
  select a.place, h.dwelling_id, case when h.valid_to is null then h.id end
    from asked a join households_household h on h.number in (a.code, upper(a.code), lower(a.code)) and h.path <@ within
  union
  select a.place, h.dwelling_id, case when h.valid_to is null then h.id end
    from asked a join households_household h on h.id = a.id and h.path <@ within
  union
  select a.place, d.id, h.id
    from asked a join households_dwelling d on d.plate > '' and d.plate in (a.code, upper(a.code), lower(a.code))
     and d.path <@ within
    left join households_household h on h.dwelling_id = d.id and h.valid_to is null and h.path <@ within;
end $$;

create function campaigns_listed_by_address(within ltree, addresses text[])
  returns table (place bigint, dwelling uuid, household uuid)
  language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not within <@ any (nullif(current_setting('wangge.manages', true), '')::ltree[]) then
    raise insufficient_privilege using message = 'campaigns: not managed here';
  end if;
  return query
  select a.place, there.id, h.id
    from unnest(addresses) with ordinality a(address, place)
    join (select d.id, campaigns_plain(
                   case when c.name is null or position(c.name in b.name) > 0 then '' else c.name end || b.name || d.door)
                   as address
            from households_dwelling d join households_building b on b.id = d.building_id
            left join households_compound c on c.code = b.compound_id
           where d.path <@ within and d.valid_to is null) there on there.address = a.address
    left join households_household h on h.dwelling_id = there.id and h.valid_to is null and h.path <@ within;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_following"), ("households", "0006_taken_merges")]

    operations = [
        migrations.CreateModel(
            name="FormPicture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="blobs.blob"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="campaigns.formversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "name"), name="campaigns_formpicture_once")
                ],
            },
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(LISTS, migrations.RunSQL.noop),
    ]
