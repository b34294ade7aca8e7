"""Makes a city with many cases, set-wise: `python -m bench.growing COUNT`. Shaped as a real one: six counties, 90 townships,
1,761 communities, 4,234 grids; most cases closed; words from very common to very rare.

One grid has 7,000 cases whatever the total, so that a hundredth page of 50 is there at every tier and every size.
"""

import json
import sys
import time
from datetime import UTC, datetime

import psycopg

CITY = "320700000000"
#: The tiers of the busy grid, whose pages are measured.
BUSY = ("320701000000", "320701001000", "320701001201", "3207010012011001")
BUSY_CASES = 7000
NOW = datetime(2026, 11, 1, tzinfo=UTC)

_AREAS = f"""
create temp table made as
  with county as (select k, '3207' || lpad(k::text, 2, '0') || '000000' as code from generate_series(1, 6) k),
  township as (select t, (t - 1) % 6 + 1 as k, '3207' || lpad(((t - 1) % 6 + 1)::text, 2, '0') || lpad(((t - 1) / 6 + 1)::text, 3, '0')
                 || '000' as code from generate_series(1, 90) t),
  community as (select c, (c - 1) % 90 + 1 as t, left(township.code, 9) || lpad((201 + (c - 1) / 90)::text, 3, '0') as code
                  from generate_series(1, 1761) c join township on township.t = (c - 1) % 90 + 1),
  grid as (select g, (g - 1) % 1761 + 1 as c, community.code || '1' || lpad((1 + (g - 1) / 1761)::text, 3, '0') as code
             from generate_series(1, 4234) g join community on community.c = (g - 1) % 1761 + 1)
  select 'city' as level, 0 as n, '{CITY}' as code, null as parent, '{CITY}' as path
  union all select 'county', k, code, '{CITY}', '{CITY}.' || code from county
  union all select 'township', t, t.code, k.code, '{CITY}.' || k.code || '.' || t.code from township t join county k using (k)
  union all select 'community', c, c.code, t.code, '{CITY}.' || k.code || '.' || t.code || '.' || c.code
    from community c join township t using (t) join county k using (k)
  union all select 'grid', g, g.code, c.code, '{CITY}.' || k.code || '.' || t.code || '.' || c.code || '.' || g.code
    from grid g join community c using (c) join township t using (t) join county k using (k);
-- Grids are cells of a lattice whose shared edges wave, so that a boundary has some forty corners, as drawn ones have.
create function pg_temp.bent(x float, y float) returns text language sql immutable as $$
  select format('[%s,%s]', 118.5 + (x + 0.15 * sin(9 * y)) * 0.02, 34.0 + (y + 0.15 * sin(7 * x)) * 0.02) $$;
create function pg_temp.cell(x float, y float) returns jsonb language sql immutable as $$
  select format('{{"type":"Polygon","coordinates":[[%s,%s]]}}', string_agg(pg_temp.bent(x + dx, y + dy), ',' order by s), pg_temp.bent(x, y))::jsonb
    from (select s, least(s, 10) / 10.0 - greatest(least(s - 20, 10), 0) / 10.0 as dx,
                 greatest(least(s - 10, 10), 0) / 10.0 - greatest(s - 30, 0) / 10.0 as dy from generate_series(0, 39) s) as steps $$;
insert into areas_area (code, name, level, parent_id, path, kind, urban_rural_class, boundary_made_up, valid_from, boundary, box)
select code, code, level, parent, path::ltree, case level when 'grid' then 'public' else '' end, '', true, '2020-01-01',
       case level when 'grid' then pg_temp.cell((n - 1) % 65, (n - 1) / 65) end, null
  from made order by length(path);
"""

_STAFF = """
insert into staff_account (username, name, password, home_path, language, created_at, failures)
select 'one-' || n, '某' || n, '!', 'CITY'::ltree, '', '2020-01-01', 0 from generate_series(1, 5000) n;
with seat as (
  insert into staff_post (kind_id, area_id, path)
  select case level when 'city' then 'administrator' when 'county' then 'dispatcher' when 'township' then 'subcentre_lead'
                    when 'community' then 'community_lead' else 'grid_worker' end, code, path::ltree
    from made returning id, path, area_id)
insert into staff_assignment (post_id, account_id, path, part, from_on)
select seat.id, (select min(id) from staff_account) + row_number() over (order by nlevel(path), area_id) % 5000 , path, 'full_time', '2020-01-01'
  from seat;
with seat as (
  insert into staff_post (kind_id, area_id, path, department_id)
  select 'handler', made.code, made.path::ltree, d.code from made, staff_department d where level = 'county' returning id, path)
insert into staff_assignment (post_id, account_id, path, part, from_on)
select seat.id, (select min(id) from staff_account) + row_number() over (order by seat.id) % 5000, path, 'full_time', '2020-01-01' from seat;
""".replace("CITY", CITY)

_THINGS = [
    "路灯不亮",
    "路灯闪烁",
    "垃圾未清运",
    "垃圾满溢",
    "楼道堆物",
    "占道经营",
    "噪音扰民",
    "施工夜间噪声",
    "电梯困人",
    "电梯停运",
    "井盖缺失",
    "井盖松动",
    "路面坑洼",
    "下水道堵塞",
    "污水外溢",
    "水管漏水",
    "停水",
    "水压不足",
    "暖气不热",
    "燃气异味",
    "飞线充电",
    "消防通道堵塞",
    "灭火器过期",
    "流浪犬",
    "违章搭建",
    "小广告",
    "树枝压线",
    "绿化损坏",
    "车位纠纷",
    "邻里漏水纠纷",
    "拖欠工资",
    "独居老人探访",
    "低保申请",
    "残疾补贴",
    "医保咨询",
    "入学咨询",
    "托育咨询",
    "菜店太远",
    "公交站牌损坏",
    "公厕脏污",
    "河道漂浮物",
    "秸秆焚烧",
    "扬尘",
    "油烟扰民",
    "井水异味",
    "危房隐患",
    "墙皮脱落",
    "电线老化",
    "变压器异响",
    "充电桩故障",
]
_TAILS = [
    "已经好几天没有人来处理",
    "晚上走路看不清很不方便",
    "希望尽快派人来看一看",
    "家里有老人和孩子出行不安全",
    "之前反映过一次还没有解决",
    "具体位置在小区东门往里走五十米",
    "请联系物业一起到现场查看",
    "下雨之后更严重",
    "居民意见很大",
    "多次沟通没有结果",
]

#: Words by how often they stand: in every twentieth case and more, in hundreds of a million, in a handful.
WORDS = ("小区", "路灯", "噪音", "秸秆", "异响", "翡翠", "凤凰")

_CASES = f"""
insert into cases_case (id, number, content_hash, county_id, township_id, community_id, grid_id, path, border_ids, lon, lat,
  address, item_id, item_version_id, business, urgency, title, description, confidential, source, reported_by_id, reported_at,
  received_at, found_tier, holder_path, holder_level, handler_id, department, department_keys, state, supervised, revision,
  due_at, warn_at, next_alarm_at, late, was_late, raised_to, suspended_from, suspended_at, resume_at, suspensions,
  accepted_at, handled_at, handled_tier, closed_at, outcome, answer, whose, witness, resolved_tier, done_alone, noes, reopened,
  followers, ground)
select
  (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(chance, 1, 3) || '8' || substr(chance, 4, 15))::uuid,
  'B-' || n, decode(chance, 'hex'), c[2], c[3], c[4], c[5], path, '{{}}', 118.5 + (g %% 65 + r2) * 0.02, 34.0 + (g / 65 + r3) * 0.02,
  '', item, version, business, case when r4 < 0.9 then 'normal' else 'urgent' end,
  place || thing, tail || '，' || place || '附近' || thing || '，' || tail2, secret, 'worker', account,
  at, at, 'grid', desk_path, desk_level, case when by_person then account end, case when by_person then '' else department end,
  case when by_person then '{{}}'::varchar[] else array[c[2] || '/' || department] end, state, r2 < 0.01 and open, 3,
  at + interval '3 days', at + interval '2 days', case when open then at + interval '3 days' end,
  case when not open then '' when at < %(now)s::timestamptz - interval '3 days' then 'overdue'
       when at < %(now)s::timestamptz - interval '2 days' then 'soon' else '' end,
  r3 < 0.12, '', case when state = 'suspended' then 'accepted' else '' end, case when state = 'suspended' then at end,
  case when state = 'suspended' then at + interval '30 days' end, 0,
  case when state <> 'reported' then at + interval '1 hour' end, case when state in ('handled', 'closed') then at + r2 * interval '4 days' end,
  case when state in ('handled', 'closed') then 'grid' else '' end, case when state = 'closed' then at + r2 * interval '5 days' end,
  case when state = 'closed' then 'mended' else '' end, case when state = 'closed' then '已处理完毕，谢谢反映' else '' end, '',
  case when state = 'closed' then 'photo' else '' end, case when state = 'closed' then 'grid' else '' end, false, 0, 0, '{{}}', ''
from (
  select s.*, made.path::ltree as path, string_to_array(made.path, '.') as c, things[1 + floor(array_length(things, 1) * r1 * r1)::int] as thing,
    tails[1 + floor(10 * r2)::int] as tail, tails[1 + floor(10 * r3)::int] as tail2,
    case when s.n %% 40000 = 7 then '凤凰' when s.n %% 900 = 5 then '翡翠' else '' end
      || substr('东南西北中新老大小上', 1 + floor(10 * r5)::int, 1) || substr('山海河湖桥港城村园坊', 1 + floor(10 * r4)::int, 1) || '路小区' as place,
    r1 < 0.4 as by_person, state in ('reported', 'accepted', 'dispatched', 'handled', 'suspended', 'returned') as open
  from (
    select n, chance, r1, r2, r3, r4, r5, case when busy then %(busy)s else 1 + floor(4234 * r5)::int end as g,
      %(now)s::timestamptz - interval '365 days' * (1 - n::float / %(count)s) as at, 1 + floor(5000 * r3)::bigint as account,
      case when n > 0.985 * %(count)s and r4 < 0.75 or r4 < 0.012
           then (array['reported', 'accepted', 'dispatched', 'dispatched', 'handled', 'suspended', 'returned'])[1 + floor(7 * r1)::int]
           when r4 < 0.03 then 'cancelled' else 'closed' end as state
    from (select n, md5(n::text) as chance, random() as r1, random() as r2, random() as r3, random() as r4, random() as r5,
                 n::bigint * {BUSY_CASES} / %(count)s <> (n - 1)::bigint * {BUSY_CASES} / %(count)s as busy from generate_series(%(first)s::int, %(last)s::int) n) as drawn
  ) as s
  join made on made.level = 'grid' and made.n = s.g, (select %(things)s::text[] as things, %(tails)s::text[] as tails) as texts
) as lived
join items on items.k = floor(%(items)s * r2)::int,
lateral (select subpath(path, 0, 2 + (n %% 4)::int) as desk_path, (array['county', 'township', 'community', 'grid'])[1 + n %% 4] as desk_level) as holder
"""

_INDEXES = (
    "select indexname, indexdef from pg_indexes where tablename = 'cases_case' and indexname <> 'cases_case_pkey'"
    " and indexname <> 'cases_case_number_once'"
)


def grow(count: int) -> None:
    from django.core.management import call_command

    from wangge.project.environment import read_environment

    call_command("migrate", database="owner", verbosity=0)
    with psycopg.connect(f"{_dsn(read_environment().data)}", autocommit=True) as owner:
        owner.execute("set maintenance_work_mem = '512MB'")
        owner.execute(_AREAS)
        _load_catalogue(owner)
        owner.execute(_STAFF)
        owner.execute(
            "create temp table items as select row_number() over (order by w.code) - 1 as k, w.code as item, v.id as version, v.business,"
            " v.confidential as secret, v.department_id as department from catalogue_workitem w join catalogue_itemversion v"
            " on v.id = w.version_id"
        )
        _cases(owner, count)
        owner.execute("vacuum analyze")


def _dsn(data: object) -> str:
    from pathlib import Path

    from wangge.project.cluster import Cluster

    return Cluster(Path(str(data))).dsn("wangge_owner")


def _load_catalogue(owner: psycopg.Connection) -> None:
    """The shipped items, by the action that a city's administrator takes; and the shipped kinds of post."""
    from django.db import transaction

    from wangge.catalogue.actions import load_sample_catalogue
    from wangge.staff.queries import enter_as_system
    from wangge.staff.rules import shipped_post_kinds

    with transaction.atomic():
        load_sample_catalogue(enter_as_system(CITY), now=NOW)
    for kind in shipped_post_kinds():
        owner.execute(
            "insert into staff_postkind (code, zh, en, duties, confidential, shared) values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [kind.code, kind.zh, kind.en, list(kind.duties), kind.confidential, kind.shared],
        )


def _cases(owner: psycopg.Connection, count: int) -> None:
    """In the order of time, as a city's would come; the indexes are made after, which takes a third of the time."""
    indexes = owner.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        owner.execute(f'drop index "{name}"')
    items = owner.execute("select count(*) from items").fetchone()[0]
    busy = owner.execute("select n from made where code = %s", [BUSY[-1]]).fetchone()[0]
    owner.execute("select setseed(0.5)")
    step = 100_000
    for first in range(1, count + 1, step):
        owner.execute(
            _CASES,
            {"now": NOW, "count": count, "first": first, "last": min(count, first + step - 1), "items": items, "busy": busy,
             "things": _THINGS, "tails": _TAILS},
        )  # fmt: skip
    for _, definition in indexes:
        owner.execute(definition)


def main() -> None:
    import django

    django.setup()
    began = time.perf_counter()
    grow(int(sys.argv[1]))
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
