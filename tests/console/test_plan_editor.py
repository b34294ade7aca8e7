"""What the editor of a plan asks for and sends, and plans side by side, as the pages answer."""

import re

import orjson
import pytest
from tests.journeys.pages import a_plan


@pytest.fixture
def made(town, open_db):
    return a_plan(town)


def sent(browser, address, **content):
    page = browser.get(f"{address.rpartition('/')[0]}/edit").content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    answer = browser.post(
        address, orjson.dumps(content), content_type="application/json", headers={"x-csrftoken": token}
    )
    return answer.status_code, orjson.loads(answer.content)


def test_names_are_kept_of_the_grids_that_got_one_and_an_empty_one_is_the_usual_again(town, made):
    browser = town.browser("community")
    atoms = f"/console/plans/{made['draft']}/atoms"
    keep = f"/console/plans/{made['draft']}/keep"
    told = orjson.loads(browser.get(atoms).content)
    usual = [grid["name"] for grid in told["grids"]]
    asked = {"labels": told["labels"], "fixed": [0, 3]}
    status, answer = sent(browser, keep, revision=1, names={"1": "湖边网格"}, **asked)
    assert status == 200
    assert [grid["name"] for grid in answer["grids"]] == [usual[0], "湖边网格"]
    assert len({grid["hue"] for grid in answer["grids"]}) == 2
    # What is not named again stays as it was named.
    assert sent(browser, keep, revision=2, names={"0": "山边网格"}, **asked)[0] == 200
    told = orjson.loads(browser.get(atoms).content)
    assert [grid["name"] for grid in told["grids"]] == ["山边网格", "湖边网格"]
    assert told["fixed"] == [0, 3]
    status, answer = sent(browser, keep, revision=3, names={"0": "", "1": ""}, **asked)
    assert [grid["name"] for grid in answer["grids"]] == usual
    for names in ({"0": 3}, {"first": "x"}, [], {"0": "x" * 100}, {"0": "a\u0000b"}):
        assert sent(browser, keep, revision=4, names=names, **asked)[0] == 422


def test_a_grid_keeps_its_name_where_most_of_it_stays_when_the_rest_is_divided_anew(town, made):
    browser = town.browser("community")
    address = f"/console/plans/{made['draft']}"
    told = orjson.loads(browser.get(f"{address}/atoms").content)
    last = max(range(len(told["x"])), key=lambda atom: told["x"][atom])
    label = told["labels"][last]
    asked = {"labels": told["labels"], "fixed": [], "names": {str(label): "东头网格"}}
    assert sent(browser, f"{address}/keep", revision=1, **asked)[0] == 200
    status, answer = sent(browser, f"{address}/improve", revision=2)
    assert (status, answer["revision"]) == (200, 3)
    told = orjson.loads(browser.get(f"{address}/atoms").content)
    [named] = [grid for grid in told["grids"] if grid["name"] == "东头网格"]
    assert named["label"] == label
    assert label in {told["labels"][atom] for atom in range(len(told["x"])) if told["x"][atom] > 9_000}


def test_plans_of_one_area_stand_side_by_side_with_today_and_the_best_marked(town, made):
    browser = town.browser("community")
    page = browser.get(f"/console/plans/compare?plan={made['draft']}&plan={made['plan']}&plan={made['plan']}")
    told = page.content.decode()
    assert page.status_code == 200
    assert told.count('<figure class="map plan-map">') == 3
    assert "第二稿" in told
    assert "荷花社区调整" in told
    assert 'class="figure best"' in told


def test_a_plan_that_is_not_seen_is_not_compared_and_nothing_is_no_plan(town, made):
    both = f"plan={made['draft']}&plan={made['plan']}"
    assert town.browser("far_worker").get(f"/console/plans/compare?{both}").status_code == 404
    # The grids see the plan on which they are asked, and no draft.
    worker = town.browser("worker")
    assert worker.get(f"/console/plans/compare?plan={made['plan']}").status_code == 200
    assert worker.get(f"/console/plans/compare?{both}").status_code == 404
    assert town.browser("community").get("/console/plans/compare?plan=no").status_code == 422
