"""Posts required, filled and vacant, by area and kind; checked against a plain count, and timed for a whole city."""

from collections import Counter
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import builders

from wangge.base.paging import BadCursor
from wangge.base.problems import NotAllowed, NotFound
from wangge.staff import queries

TODAY = builders.TODAY
DAY = timedelta(days=1)
#: What is shipped for one community with two public grids and a dedicated one.
COMMUNITY = {
    ("community", "community_lead"): (1, 1),
    ("community", "clerk"): (1, 0),
    ("community", "mediator"): (0, 0),
    ("grid", "grid_lead"): (3, 0),
    ("grid", "grid_worker"): (3, 3),
    ("grid", "instructor"): (1, 1),
}


def figures(town, who="community", area="community", day=TODAY):
    return queries.staffing(town.as_viewer(who), town.areas[area].code, today=day)


def test_posts_are_required_where_their_level_is_and_filled_by_who_is_there(town, db):
    found = figures(town)
    assert {key: (kind.required, kind.filled) for key, kind in found.kinds.items()} == COMMUNITY
    assert (found.total.required, found.total.filled, found.total.vacant) == (9, 5, 4)
    assert {code: standing.vacant for code, standing in found.below.items()} == {
        town.grid_a.code: 1,
        town.grid_b.code: 1,
        town.dedicated.code: 1,
    }


def test_the_figures_of_a_tier_are_those_of_what_lies_below_and_its_own(town, db):
    found = figures(town, "admin", "city")
    below = sum(standing.required for standing in found.below.values())
    own = sum(kind.required for (level, _), kind in found.kinds.items() if level == "city")
    assert found.total.required == below + own
    assert set(found.below) == {town.county.code, town.far_county.code}
    assert found.kinds["county", "handler"].required == 0
    assert found.kinds["county", "handler"].held == 2


def test_an_assignment_counts_on_its_days_only(town, db):
    held = town.assignments["worker"].pk
    for day, from_on, to_on, filled in (
        (TODAY, TODAY + DAY, None, 2),
        (TODAY, date(2020, 1, 1), TODAY - DAY, 2),
        (TODAY, TODAY, TODAY, 3),
    ):
        town.run("update staff_assignment set from_on = %s, to_on = %s where id = %s", [from_on, to_on, held])
        assert figures(town, day=day).kinds["grid", "grid_worker"].filled == filled


def test_a_closed_post_and_an_ended_account_fill_nothing(town, db):
    town.run("update staff_post set closed_on = %s where id = %s", [TODAY - DAY, town.posts["worker"].pk])
    town.run("update staff_account set ended_at = %s where username = 'worker2'", [builders.NOW])
    assert figures(town).kinds["grid", "grid_worker"].filled == 1


def test_an_area_that_ended_requires_nothing(town, db):
    town.run("update areas_area set valid_to = %s where code = %s", [TODAY - DAY, town.grid_b.code])
    assert figures(town).kinds["grid", "grid_lead"].required == 2


def test_a_stand_in_fills_and_is_shown_apart_and_leave_without_one_too(town, db):
    town.add(builders.leave, town.accounts["worker"], TODAY, TODAY)
    workers = figures(town).kinds["grid", "grid_worker"]
    assert (workers.filled, workers.by_stand_in, workers.away) == (3, 0, 1)
    town.add(
        builders.assignment,
        town.posts["worker"],
        town.accounts["worker2"],
        stands_in_for_id=town.assignments["worker"].pk,
    )
    workers = figures(town).kinds["grid", "grid_worker"]
    assert (workers.filled, workers.by_stand_in, workers.away) == (3, 1, 0)
    assert figures(town, day=TODAY + DAY).kinds["grid", "grid_worker"].by_stand_in == 0


def test_two_in_one_grid_do_not_hide_an_empty_one(town, db):
    second = town.add(builders.post, "grid_worker", town.grid_a)
    town.add(builders.assignment, second, town.accounts["neighbour"])
    town.run(
        "update staff_assignment set to_on = %s where id = %s", [TODAY - DAY, town.assignments["worker2"].pk]
    )
    workers = figures(town).kinds["grid", "grid_worker"]
    assert (workers.required, workers.filled, workers.vacant, workers.held) == (3, 2, 1, 3)


def test_a_holder_whose_account_belongs_elsewhere_is_counted(town, db):
    town.run("update staff_account set home_path = %s where username = 'worker'", [town.far_grid.path])
    assert figures(town).kinds["grid", "grid_worker"].filled == 3


def test_the_full_time_share_is_that_of_grid_workers_in_urban_communities(town, db):
    assert figures(town).full_time_share == 1
    town.run("update staff_assignment set part = 'part_time' where id = %s", [town.assignments["worker"].pk])
    found = figures(town)
    assert (found.urban_full_time, found.urban_workers, found.full_time_share) == (1, 2, 0.5)
    town.run("update areas_area set urban_rural_class = '220' where level = 'community'")
    assert figures(town).full_time_share is None


@pytest.mark.parametrize(
    ("who", "area"),
    [("community", "township"), ("community", "far_community"), ("worker", "grid_b"), ("handler", "county")],
)
def test_outside_of_ones_scope_there_are_no_figures(town, db, who, area):
    with pytest.raises(NotAllowed):
        figures(town, who, area)
    with pytest.raises(NotAllowed):
        queries.vacancies(town.as_viewer(who), town.areas[area].code, today=TODAY)
    with pytest.raises(NotAllowed):
        queries.posts_held(town.as_viewer(who), town.areas[area].code, today=TODAY)


def test_an_unknown_area_has_no_figures(town, db):
    with pytest.raises(NotFound):
        queries.staffing(town.as_viewer("admin"), "000000000000", today=TODAY)


def vacancies(town, limit):
    viewer, cursor, found = town.as_viewer("admin"), None, []
    while True:
        page = queries.vacancies(viewer, town.city.code, today=TODAY, cursor=cursor, limit=limit)
        found += page.items
        if page.next is None:
            return found
        assert len(page.items) == limit
        cursor = page.next


def test_vacancies_are_named_and_their_pages_leave_none_out(town, db):
    found = vacancies(town, 1000)
    assert vacancies(town, 1) == vacancies(town, 7) == found
    assert sum(each.missing for each in found) == figures(town, "admin", "city").total.vacant
    in_grid = [(each.area_name, each.kind, each.missing) for each in found if each.area == town.grid_a.code]
    assert in_grid == [("一网格", "grid_lead", 1)]


def test_a_cursor_of_another_list_is_refused(town, db):
    with pytest.raises(BadCursor):
        queries.vacancies(town.as_viewer("admin"), town.city.code, today=TODAY, cursor="x")


HOLDINGS = st.lists(
    st.tuples(
        st.sampled_from(["grid_a", "grid_b", "dedicated"]),
        st.sampled_from(["grid_lead", "grid_worker", "instructor"]),
        st.integers(-3, 3),
        st.none() | st.integers(-3, 3),
    ),
    max_size=8,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=25,
)
@given(HOLDINGS)
def test_the_figures_are_what_a_plain_count_gives(town, db, holdings):
    town.run("delete from staff_assignment; delete from staff_post where path ~ '*{4}'::lquery")
    held: Counter = Counter()
    for area, kind, begins, lasts in holdings:
        post = town.add(builders.post, kind, town.areas[area])
        from_on = TODAY + begins * DAY
        to_on = None if lasts is None else max(from_on + lasts * DAY, from_on - DAY)
        town.add(builders.assignment, post, town.accounts["worker"], from_on=from_on, to_on=to_on)
        held[area, kind] += from_on <= TODAY and (to_on is None or to_on >= TODAY)
    required = {
        (area, kind): 1 for area in ("grid_a", "grid_b", "dedicated") for kind in ("grid_lead", "grid_worker")
    }
    required["dedicated", "instructor"] = 1
    town.as_system()
    found = queries.staffing(town.as_system(), town.community.code, today=TODAY)
    for kind in ("grid_lead", "grid_worker", "instructor"):
        needed = {key: least for key, least in required.items() if key[1] == kind}
        assert found.kinds["grid", kind].required == sum(needed.values())
        assert found.kinds["grid", kind].filled == sum(min(held[key], least) for key, least in needed.items())


CITY = """
insert into areas_area (code, name, level, parent_id, path, kind, urban_rural_class, boundary_made_up, valid_from)
select c, c, 'community', '320703003000', ('320700000000.320703000000.320703003000.' || c)::ltree, '', '111', true, '2020-01-01'
  from (select '3207039' || lpad(i::text, 5, '0') as c from generate_series(1, 847) i) x;
insert into areas_area (code, name, level, parent_id, path, kind, urban_rural_class, boundary_made_up, valid_from)
select c || '100' || g, c, 'grid', c, path || (c || '100' || g), 'public', '', true, '2020-01-01'
  from (select code as c, path from areas_area where code like '3207039%' and level = 'community') x, generate_series(1, 5) g;
insert into staff_post (kind_id, area_id, path)
select r.kind_id, a.code, a.path from areas_area a join staff_postrequirement r on r.level = a.level and r.grid_kind = a.kind
 where a.code like '3207039%';
insert into staff_assignment (post_id, account_id, path, part, from_on)
select p.id, (select min(id) from staff_account), p.path, 'full_time', '2020-01-01' from staff_post p where p.area_id like '3207039%' and p.id % 9 > 0;
analyze;
"""


def test_a_whole_citys_figures_come_at_once(town, db):
    """4,235 grids and some 10,000 posts. The bound is wide, since a test machine may be busy; the figure is printed."""
    town.run(CITY)
    viewer = town.as_viewer("admin")
    taken = []
    for _ in range(3):
        began = perf_counter()
        found = queries.staffing(viewer, town.city.code, today=TODAY)
        taken.append(perf_counter() - began)
    print(f"staffing of the city: {sorted(taken)[1] * 1000:.0f} ms")
    assert found.total.required > 10_000
    assert min(taken) < 60
