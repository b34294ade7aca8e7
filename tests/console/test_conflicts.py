"""Changes on both sides at the desk: all three values are seen, a person picks, and both stay."""

import re

import pytest
from tests.builders import NOW
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.households.models import Resident
from wangge.sync import queries
from wangge.sync.actions import push
from wangge.sync.models import Conflict

pytestmark = pytest.mark.django_db
PAGE = "/console/households/conflicts"


@pytest.fixture
def home(town):
    return household(town, town.grid_a, "101")


def change(town, who, home, field, was, value):
    command = {
        "id": str(new_id()),
        "kind": "resident.change",
        "at": NOW.isoformat(),
        "based_on": 1,
        "data": {"resident": str(home.resident_row.pk), field: {"was": was, "is": value}},
    }
    (result,) = push(town.as_viewer(who), [command], now=NOW)
    return result


def conflict(town, home, *, mine="王秀瑛", theirs="王秀莹"):
    assert change(town, "community", home, "name", "王秀英", theirs).status == "done"
    result = change(town, "worker", home, "name", "王秀英", mine)
    assert result.status == "conflict"
    return result.conflict


def settle(browser, key, **picks):
    html = browser.get(PAGE).content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
    typed = {f"pick-{name}": side for name, side in picks.items()}
    return browser.post(f"{PAGE}/{key}", {"csrfmiddlewaretoken": token, "command_id": str(new_id()), **typed})


def name_of(town, home):
    town.as_viewer("community")
    return Resident.objects.get(id=home.resident_row.pk).name


def test_all_three_values_stand_side_by_side(town, home):
    conflict(town, home)
    html = town.browser("community").get(PAGE).content.decode()
    assert all(value in html for value in ("王秀英", "王秀瑛", "王秀莹", "一网格员"))


@pytest.mark.parametrize(("side", "name"), [("mine", "王秀瑛"), ("theirs", "王秀莹")])
def test_what_was_picked_stands_and_both_values_stay_on_the_page(town, home, side, name):
    key = conflict(town, home)
    desk = town.browser("community")
    answer = settle(desk, key, name=side)
    assert answer["Location"] == f"{PAGE}?done=conflict-settled"
    assert name_of(town, home) == name
    html = desk.get(PAGE).content.decode()
    assert 'name="pick-name"' not in html
    assert all(value in html for value in ("王秀瑛", "王秀莹", "荷花社区负责人"))
    assert Conflict.objects.get(id=key).settled_at


def test_who_wrote_it_sees_it_settled_on_the_phone(town, home):
    key = conflict(town, home)
    *_, cursor = queries.snapshot(town.as_viewer("worker"), now=NOW)
    settle(town.browser("community"), key, name="theirs")
    pulled = queries.changes_since(town.as_viewer("worker"), cursor, limit=100, now=NOW)
    assert str(key) in {one.id for one in pulled.gone if one.kind == "conflict"}


def test_a_field_that_is_left_open_settles_nothing(town, home):
    key = conflict(town, home)
    answer = settle(town.browser("community"), key)
    assert answer.status_code == 422
    assert name_of(town, home) == "王秀莹"
    assert Conflict.objects.get(id=key).settled_at is None


def test_a_third_change_is_shown_before_anything_is_written(town, home):
    key = conflict(town, home)
    assert change(town, "community", home, "name", "王秀莹", "王秀萤").status == "done"
    desk = town.browser("community")
    assert settle(desk, key, name="mine")["Location"] == f"{PAGE}?done=conflict-again"
    assert "王秀萤" in desk.get(PAGE).content.decode()
    assert name_of(town, home) == "王秀萤"


def test_one_that_is_settled_is_not_settled_again(town, home):
    key = conflict(town, home)
    desk = town.browser("community")
    settle(desk, key, name="theirs")
    assert settle(desk, key, name="mine").status_code == 409
    assert name_of(town, home) == "王秀莹"


@pytest.mark.parametrize("who", ["neighbour", "worker2", "far_community", "handler", "centre"])
def test_others_see_nothing_of_it(town, home, who):
    key = conflict(town, home)
    browser = town.browser(who)
    html = browser.get(PAGE).content.decode()
    assert not any(value in html for value in ("王秀英", "王秀瑛", "王秀莹"))
    assert settle(town.browser("community"), key).status_code == 422  # it is there
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', html)
    facts = {"csrfmiddlewaretoken": token[1] if token else "", "pick-name": "mine"}
    assert browser.post(f"{PAGE}/{key}", facts).status_code == 404


def test_of_a_telephone_number_only_parts_are_shown(town, home):
    town.run("update households_resident set revision = 2 where id = %s", [home.resident_row.pk])
    assert change(town, "community", home, "phone", "", "13800001111").status == "done"
    assert change(town, "worker", home, "phone", "", "13900002222").status == "conflict"
    html = town.browser("community").get(PAGE).content.decode()
    assert "****1111" in html
    assert "139****2222" in html
    assert not {"13900002222", "13800001111"} & set(re.findall("[0-9]{11}", html))


def test_the_list_of_households_tells_how_many_wait(town, home):
    conflict(town, home)
    html = town.browser("community").get("/console/households/").content.decode()
    assert re.search(r'households/conflicts"[^>]*>[^<]*<span class="chip soon">1<', html)
