"""The first day by form: each file taken in or refused cell by cell, and how far each step is."""

import csv
import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import builders
from tests.console.test_areas import sent, square, words
from tests.visits.homes import household

from wangge.cases.models import Case
from wangge.households.models import Household

AREAS = "代码,名称,上级代码\n320703003009,新社区,320703003000\n"
PEOPLE = "姓名,账号,岗位,区划代码\n赵新,zhao.xin,社区坐席,320703003002\n"


def file(text, name):
    return SimpleUploadedFile(name, text.encode("utf-8"))


def test_only_who_administers_has_the_first_steps(town, db):
    assert town.browser("admin").get("/console/start").status_code == 200
    for account in ("community", "worker", "handler"):
        assert town.browser(account).get("/console/start").status_code == 403


def test_files_are_taken_in_and_reported(town, db):
    browser = town.browser("admin")
    areas = sent(browser, "start", what="areas", datum="wgs84", file=file(AREAS, "areas.csv"))
    assert areas.status_code == 200
    assert "新增 1 个区域" in words(areas)
    people = sent(browser, "start", what="people", file=file(PEOPLE, "people.csv"))
    assert "新增账号 1 个" in words(people)
    items = sent(browser, "start", what="sample")
    assert "新增事项 237 项" in words(items)


def outlines(*grids):
    """A map with an outline for each grid: its code, and from where to where it goes."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": square(west, 34.74, east, 34.75),
        }
        for code, west, east in grids
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.mark.parametrize("page", ["start", "take/areas"])
def test_after_a_file_of_areas_what_lies_elsewhere_is_counted_and_moved_by_one_button(town, db, page):
    door = household(town, town.grid_b, lon=119.362)
    stays = household(town, town.grid_b, "202", lon=119.367)
    case = town.add(builders.case, town.add(builders.item), town.grid_b, lon=119.363, lat=34.745)
    browser = town.browser("admin")
    text = outlines((town.grid_a.code, 119.35, 119.364), (town.grid_b.code, 119.364, 119.37))
    answer = sent(browser, page, what="areas", datum="wgs84", file=file(text, "grids.geojson"))
    assert answer.status_code == 200
    found = answer.context["elsewhere"]
    assert found.counts == {"households": 1, "cases": 1, "mediations": 0, "places": 0}
    assert "以下对象按新边界已在另一个网格" in words(answer)
    town.as_system()
    assert Household.objects.get(id=door.pk).path == town.grid_b.path, "nothing moves by itself"

    (address,) = set(re.findall(r'action="(/console/areas/[0-9]+/homes)"', answer.content.decode()))
    moved = sent(browser, address.removeprefix("/console/"))
    assert (moved.status_code, moved["Location"].endswith("?done=rehomed")) == (302, True)
    town.as_system()
    assert Household.objects.get(id=door.pk).path == town.grid_a.path
    assert Household.objects.get(id=stays.pk).path == town.grid_b.path
    assert Case.objects.get(id=case.pk).path == town.grid_a.path
    # The same file once more changes nothing, and offers nothing.
    again = sent(browser, page, what="areas", datum="wgs84", file=file(text, "grids.geojson"))
    assert not again.context.get("elsewhere")
    assert address not in again.content.decode()


@pytest.mark.parametrize(
    ("what", "text", "line", "said"),
    [
        ("areas", AREAS + "12345,错的,320703003000\n", "3", "12345"),
        ("people", PEOPLE + "王五,wang.wu,国王,320703003002\n", "3", "国王"),
        ("items", "code\nS01-01\n", "", ""),
    ],
)
def test_nothing_is_taken_in_of_a_file_with_a_wrong_cell_and_each_is_named(town, db, what, text, line, said):
    answer = sent(town.browser("admin"), "start", what=what, datum="wgs84", file=file(text, f"{what}.csv"))
    assert answer.status_code == 422
    page = words(answer)
    assert said in page
    assert line in page
    assert "新社区" not in words(town.browser("admin").get("/console/areas/320703003000"))


@pytest.mark.parametrize("what", ["areas", "people", "items"])
def test_a_form_without_a_file_says_so(town, db, what):
    answer = sent(town.browser("admin"), "start", what=what)
    assert answer.status_code == 422
    assert "请选择文件" in words(answer) or "选择" in words(answer)


def test_an_unknown_step_is_not_there(town, db):
    assert sent(town.browser("admin"), "start", what="../etc").status_code == 404
    assert town.browser("admin").get("/console/take/anything").status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["areas", "people", "items"])
def test_a_template_as_it_is_downloaded_is_refused_because_of_its_example(town, db, name, language):
    browser = town.browser("admin")
    browser.cookies["wangge_language"] = language
    answer = browser.get(f"/console/start/templates/{name}.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    text = answer.content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 2
    taken = sent(browser, "start", what=name, datum="wgs84", file=file(text, f"{name}.csv"))
    assert taken.status_code == 422
    assert len(taken.context["cells"]) >= 1


def test_a_template_whose_example_is_replaced_is_taken_in(town, db):
    browser = town.browser("admin")
    for name, marked, real in [
        ("areas", "示例,请删除本行:320703003002", "320703003008"),
        ("people", "示例,请删除本行:wang.fang", "wang.fang"),
    ]:
        text = browser.get(f"/console/start/templates/{name}.csv").content.decode("utf-8-sig")
        given = text.replace(f'"{marked}"', real).replace(marked, real)
        taken = sent(browser, "start", what=name, datum="wgs84", file=file(given, f"{name}.csv"))
        assert taken.status_code == 200, words(taken)


def test_the_check_names_what_would_reach_nobody(town, db):
    browser = town.browser("admin")
    sent(browser, "start", what="sample")
    said = words(browser.get("/console/start?check=1"))
    assert "有些事项无人接办" in said
    assert "没有处置人员的部门" in said


def test_when_the_desk_is_open_the_steps_leave_the_navigation(town, open_db):
    browser = town.browser("admin")
    assert "/console/start" in browser.get("/console/people/").content.decode()
    assert sent(browser, "preferences/start.done", value="yes", next="/console/people/").status_code == 302
    assert 'href="/console/start"' not in browser.get("/console/people/").content.decode()
    assert browser.get("/console/start").status_code == 200
