"""The pages of areas: the tree, boundaries before they are set, history, posts and vacancies."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.households.models import Household

GRID = "3207030030021001"
COMMUNITY = "320703003002"


def today():
    return clock.now().astimezone(SHANGHAI).date()


def sent(browser, path, **facts):
    """A form sent as a browser does, with the page's token."""
    page = browser.get("/console/me").content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    return browser.post(f"/console/{path}", {"csrfmiddlewaretoken": token, **facts})


def square(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def words(answer):
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def test_the_tree_is_given_level_by_level(town, db):
    browser = town.browser("centre")
    below = browser.get(f"/console/areas/{town.township.code}/parts").content.decode()
    assert "荷花社区居委会" in below
    assert "一网格" not in below
    assert "<html" not in below


def test_a_thousand_areas_below_one_come_page_by_page(town, db):
    for number in range(120):
        builders.area(
            town.owner, f"320703003{number + 200}", "community", name=f"社区{number}", parent=town.township
        )
    town.owner.commit()
    browser = town.browser("centre")
    first = browser.get(f"/console/areas/{town.township.code}")
    more = re.search(r'data-more="([^"]+)"', first.content.decode())
    assert more
    second = browser.get(more[1].replace("&amp;", "&"))
    seen = re.findall(
        r'data-row><a href="/console/areas/(\d+)">', first.content.decode() + second.content.decode()
    )
    assert len(seen) == len(set(seen)) == 122


def test_how_many_areas_lie_below_costs_no_more_questions(town, db):
    browser = town.browser("centre")
    counts = []
    for extra in (0, 40):
        for number in range(extra):
            builders.area(
                town.owner,
                f"320703003{number + 300}",
                "community",
                name=f"社区{number}",
                parent=town.township,
            )
        town.owner.commit()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"/console/areas/{town.township.code}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_outline_is_drawn_with_what_it_overlaps_before_it_is_set(town, db):
    outline = json.dumps(square(119.355, 34.74, 119.365, 34.75))
    answer = sent(town.browser("admin"), f"areas/{GRID}/boundary", boundary=outline, datum="wgs84")
    assert answer.status_code == 200
    assert "与二网格重叠" in words(answer)
    assert town.rows("select count(*) from areas_areaversion") == [(0,)]


def test_what_is_left_open_is_told(town, db):
    outline = json.dumps(square(119.35, 34.74, 119.355, 34.75))
    answer = sent(town.browser("admin"), f"areas/{GRID}/boundary", boundary=outline, datum="wgs84")
    assert "不属于任何区域" in words(answer)


def test_a_confirmed_outline_is_set_and_the_history_draws_then_and_now(town, db):
    browser = town.browser("admin")
    outline = json.dumps(square(119.35, 34.74, 119.358, 34.75))
    answer = sent(
        browser, f"areas/{GRID}/boundary", boundary=outline, datum="wgs84", set="1", reason="按新图调整",
        on=today().isoformat(),
    )  # fmt: skip
    assert answer.status_code == 302
    history = browser.get(f"/console/areas/{GRID}/history")
    assert "按新图调整" in history.content.decode()
    version = re.search(r"\?version=(\d+)", history.content.decode())[1]
    assert (
        'class="area before"'
        in browser.get(f"/console/areas/{GRID}/history?version={version}").content.decode()
    )


@pytest.mark.parametrize(
    "outline",
    [
        "",
        "{",
        '{"type": "Point", "coordinates": [1, 2]}',
        json.dumps(square(119.35, 34.74, 119.35, 34.75)),
        "[]",
        "1",
    ],
)
def test_what_is_no_outline_is_told_beside_its_field(town, db, outline):
    answer = sent(town.browser("admin"), f"areas/{GRID}/boundary", boundary=outline, datum="wgs84")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_a_collection_gives_the_outline_that_bears_the_code(town, db):
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code}, "geometry": square(*edges)}
            for code, edges in (
                (GRID, (119.35, 34.74, 119.36, 34.75)),
                ("3207030030021002", (119.36, 34.74, 119.37, 34.75)),
            )
        ],
    }
    answer = sent(
        town.browser("admin"), f"areas/{GRID}/boundary", boundary=json.dumps(collection), datum="wgs84"
    )
    assert answer.status_code == 200


def test_who_does_not_administer_an_area_cannot_change_it(town, db):
    for account in ("community", "far_centre", "worker"):
        browser = town.browser(account)
        assert browser.get(f"/console/areas/{GRID}/change").status_code == 403
        outline = json.dumps(square(119.35, 34.74, 119.36, 34.75))
        assert sent(browser, f"areas/{GRID}/boundary", boundary=outline).status_code == 403
        assert sent(browser, f"areas/{GRID}/change", what="change", name="别的").status_code == 403


def test_an_area_is_renamed_with_its_reason_and_ended_only_when_nothing_stands_below(town, db):
    browser = town.browser("admin")
    assert (
        sent(browser, f"areas/{GRID}/change", what="change", name="新一网格", reason="居民议定").status_code
        == 302
    )
    history = words(browser.get(f"/console/areas/{GRID}/history"))
    assert "一网格”" in history
    assert "居民议定" in history
    assert "市管理员" in history
    answer = sent(browser, f"areas/{COMMUNITY}/change", what="end")
    assert answer.status_code == 409
    assert sent(browser, f"areas/{GRID}/change", what="end").status_code == 302
    assert browser.get(f"/console/areas/{GRID}/change").status_code in (200, 409)


def test_the_posts_of_an_area_say_who_holds_them_who_is_away_and_who_stands_in(town, db):
    town.run(
        "insert into staff_leave (account_id, home_path, from_on, to_on) values (%s, %s, %s, %s)",
        [town.accounts["worker"].pk, town.grid_a.path, today(), today() + timedelta(days=3)],
    )
    town.add(
        builders.assignment, town.posts["worker"], town.accounts["worker2"], stands_in_for=town.assignments["worker"],
        from_on=today(), to_on=today() + timedelta(days=3),
    )  # fmt: skip
    said = words(town.browser("community").get(f"/console/areas/{GRID}/staff"))
    assert "一网格员" in said
    assert "休假至" in said
    assert "二网格员 代理" in said


def test_how_many_posts_there_are_costs_no_more_questions(town, db):
    browser = town.browser("admin")
    counts = []
    for extra in (0, 30):
        for number in range(extra):
            person = town.add(builders.account, f"w{number}", town.county)
            town.add(builders.assignment, town.add(builders.post, "clerk", town.county), person)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(f"/console/areas/{town.county.code}/staff").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_vacancies_are_narrowed_by_post_and_level_and_lead_to_filling_them(town, db):
    browser = town.browser("community")
    answer = browser.get(f"/console/areas/{COMMUNITY}/vacancies?kind=grid_lead&level=grid").content.decode()
    assert f"/console/areas/{GRID}/fill/grid_lead" in answer
    assert "/fill/clerk" not in answer


def test_a_vacancy_is_filled_in_two_steps(town, open_db):
    browser = town.browser("community")
    found = browser.get(f"/console/areas/{GRID}/fill/grid_lead?q=worker2&back=1").content.decode()
    who = re.search(r'name="who" value="(\d+)"', found)[1]
    preview = browser.get(f"/console/areas/{GRID}/fill/grid_lead?who={who}&from_on={today()}&part=part_time")
    assert "二网格员" in words(preview)
    done = sent(
        browser, f"areas/{GRID}/fill/grid_lead", who=who, from_on=today().isoformat(), part="part_time"
    )
    assert done.status_code == 302
    rows = town.rows(
        "select s.part from staff_assignment s join staff_post p on p.id = s.post_id where p.kind_id = 'grid_lead'"
    )
    assert rows == [("part_time",)]


def test_before_a_post_is_handed_over_it_says_what_passes_and_what_does_not(town, open_db):
    item = town.add(builders.item)
    town.add(
        builders.case,
        item,
        town.grid_a,
        title="灯不亮",
        handler_id=town.accounts["worker"].pk,
        state="dispatched",
    )
    post = town.posts["worker"].pk
    who = town.accounts["worker2"].pk
    browser = town.browser("community")
    preview = words(browser.get(f"/console/posts/{post}/assign?who={who}&from_on={today()}&part=full_time"))
    assert "灯不亮" in preview
    assert "一网格员 向 二网格员" in preview.replace("  ", " ") or "一网格员" in preview
    done = sent(browser, f"posts/{post}/assign", who=who, from_on=today().isoformat(), part="full_time")
    assert done.status_code == 302
    assert "/console/handovers?made=" in done["Location"]
    lists = words(browser.get(done["Location"].split("#")[0]))
    assert "灯不亮" in lists
    assert town.rows("select handler_id from cases_case") == [(who,)]


def test_somebody_of_elsewhere_gives_no_posts_here(town, db):
    post = town.posts["worker"].pk
    for account in ("far_community", "worker"):
        browser = town.browser(account)
        assert browser.get(f"/console/posts/{post}/assign").status_code in (403, 404)
        assert sent(browser, f"posts/{post}/assign", who="1", from_on=today().isoformat()).status_code in (
            403,
            404,
        )


def test_an_assignment_ends_and_a_post_closes(town, open_db):
    browser = town.browser("admin")
    held = town.assignments["instructor"].pk
    assert browser.get(f"/console/assignments/{held}/end").status_code == 200
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert sent(browser, f"assignments/{held}/end", to_on=yesterday).status_code == 302
    post = town.posts["instructor"].pk
    assert sent(browser, f"posts/{post}/close", on=today().isoformat()).status_code == 302
    assert town.rows("select closed_on from staff_post where id = %s", [post]) == [(today(),)]


def test_a_post_that_handles_needs_its_department(town, db):
    browser = town.browser("admin")
    answer = sent(browser, f"areas/{town.county.code}/posts", kind="handler", department="")
    assert answer.status_code == 422
    assert 'id="w-department"' in answer.content.decode()
    assert (
        sent(browser, f"areas/{town.county.code}/posts", kind="handler", department="fire").status_code == 302
    )


def test_nobody_of_elsewhere_sees_who_works_here(town, db):
    assert town.browser("far_centre").get(f"/console/areas/{GRID}/staff").status_code == 403
    assert town.browser("far_centre").get(f"/console/areas/{GRID}/history").status_code == 403


def test_who_moves_a_border_sees_how_many_homes_lie_elsewhere_and_moves_them(town, db):
    door = household(town, town.grid_a, lon=119.365)
    browser = town.browser("admin")
    page = browser.get(f"/console/areas/{GRID}/homes").content.decode()
    assert "有 1 户现在位于另一个网格" in page
    answer = sent(browser, f"areas/{GRID}/homes", reason="边界调整")
    assert (answer.status_code, answer["Location"]) == (302, f"/console/areas/{GRID}?done=rehomed")
    town.as_system()
    assert Household.objects.get(id=door.pk).path == town.grid_b.path
    again = browser.get(f"/console/areas/{GRID}/homes").content.decode()
    assert "全部位于登记的网格内" in again
    assert 'name="reason"' not in again
