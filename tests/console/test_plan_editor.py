"""What the editor of a plan asks for and sends, and plans side by side, as the pages answer."""

import re

import orjson
import pytest
from tests.journeys.pages import a_ground, a_plan


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


def test_streets_and_barriers_come_to_the_map_where_they_are_known(town, open_db):
    made = a_ground(town)
    browser = town.browser("community")
    page = browser.get(f"/console/plans/{made['plan']}/edit").content.decode()
    assert f'data-ground-at="/console/plans/{made["plan"]}/ground"' in page
    assert "data-ground-shown" in page
    told = orjson.loads(browser.get(f"/console/plans/{made['plan']}/ground").content)
    kinds = [each["properties"]["kind"] for each in told["features"]]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "street": 5, "barrier": 1, "crossing": 1, "shop": 1,
    }  # fmt: skip
    # The net for ways on foot, which begins with the plan's own atoms, comes apart from them.
    assert f'data-ways-at="/console/plans/{made["plan"]}/ways"' in page
    assert 'data-figure="walk_mean_m"' in page
    net = orjson.loads(browser.get(f"/console/plans/{made['plan']}/ways").content)
    atoms = orjson.loads(browser.get(f"/console/plans/{made['plan']}/atoms").content)
    assert len(net["many"]) > len(atoms["x"])
    assert sum(net["many"]) == len(net["steps"]) == len(net["cm"])
    assert min(net["cm"]) > 0
    # What of the ground no grid covers hangs on outlines, which only the server draws: it tells it without keeping anything.
    address = f"/console/plans/{made['plan']}/covered"
    assert f'data-covered-at="{address}"' in page
    status, cover = sent(browser, address, labels=atoms["labels"])
    assert status == 200
    for name in ("streets_uncovered_m", "shops_uncovered"):
        assert re.search(f'data-figure="{name}">{cover[name]}</td>', page)
    bare = sent(browser, address, labels=[-1] * len(atoms["labels"]))[1]
    assert bare["streets_uncovered_m"] == bare["streets_m"] > 0
    assert sent(browser, address, labels=[0])[0] == 422
    assert sent(browser, address)[0] == 422
    assert orjson.loads(browser.get(f"/console/plans/{made['plan']}/atoms").content) == atoms
    for asked in ("ground", "ways"):
        assert town.browser("far_worker").get(f"/console/plans/{made['plan']}/{asked}").status_code == 404


def test_where_nothing_is_known_on_the_ground_no_switch_is_offered(town, made):
    page = town.browser("community").get(f"/console/plans/{made['draft']}/edit").content.decode()
    assert "data-ground-at" not in page
    assert "data-ground-shown" not in page
    # Ways are straight then, and no net is asked for.
    assert "data-ways-at" not in page
    assert "data-covered-at" not in page
    assert 'data-figure="door_mean_m"' in page
    assert orjson.loads(town.browser("community").get(f"/console/plans/{made['draft']}/ways").content) == {}


def test_minutes_of_work_and_workers_come_with_the_atoms_for_who_may_change_the_plan_alone(town, made):
    told = orjson.loads(town.browser("community").get(f"/console/plans/{made['plan']}/atoms").content)
    page = town.browser("community").get(f"/console/plans/{made['draft']}/edit").content.decode()
    # Each household is called on, by the rules in force.
    assert sum(told["minutes"]) > 0
    assert len(told["minutes"]) == len(told["x"])
    assert 'data-figure="hours_most"' in page
    # Which grids have the same workers, by a number that names nobody.
    assert len(told["workers"]) == len(told["grids_today"])
    assert set(told["workers"]) <= {-1, *range(len(told["workers"]))}
    assert max(told["workers"]) >= 0
    assert 'data-figure="handed_over"' in page
    asked = orjson.loads(town.browser("worker").get(f"/console/plans/{made['plan']}/atoms").content)
    assert asked["labels"] == told["labels"]
    assert not {"minutes", "workers", "buildings"} & set(asked)
