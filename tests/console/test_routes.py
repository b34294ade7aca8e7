"""Routing by page: what a rehearsal tells, who changes the rules, and what would reach nobody."""

import re

import pytest
from tests import builders

ROUTES = "/console/routes"


def sent(browser, facts):
    page = browser.get(ROUTES).content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    return browser.post(ROUTES, {"csrfmiddlewaretoken": token, **facts})


@pytest.fixture
def lamps(town):
    town.add(builders.item, "M01-01", department="city-management")
    return town


def rule(town, **changed):
    return {
        "area": town.county.code,
        "item": "M01-01",
        "hours": "any",
        "tier": "township",
        "note": "路灯归街道",
    } | changed


def test_a_rehearsal_names_desk_people_and_the_rule_that_decides(lamps, open_db):
    admin = lamps.browser("admin")
    asked = {"area": lamps.grid_a.code, "item": "M01-01"}
    assert "没有规则适用" in admin.get(ROUTES, asked).content.decode()
    assert sent(admin, rule(lamps)).status_code == 302
    page = admin.get(ROUTES, asked).content.decode()
    assert "路灯归街道" in page
    assert lamps.township.name in page


def test_a_rule_that_fits_less_gives_way_and_says_so(lamps, open_db):
    admin = lamps.browser("admin")
    sent(admin, rule(lamps, item="", business="management", note="管理类"))
    sent(admin, rule(lamps))
    page = admin.get(ROUTES, {"area": lamps.grid_a.code, "item": "M01-01"}).content.decode()
    why = page[page.index("why-list") : page.index('id="rules"')]
    assert why.index("路灯归街道") < why.index("管理类")


def test_a_rehearsal_by_a_point_finds_its_grid(lamps, open_db):
    grid = lamps.grid_a
    asked = {"item": "M01-01", "lon": grid.lon, "lat": grid.lat, "area": lamps.county.code}
    assert grid.name in lamps.browser("admin").get(ROUTES, asked).content.decode()


@pytest.mark.parametrize("place", [{"lon": "x", "lat": "1"}, {"lon": "1"}, {"lon": "900", "lat": "900"}])
def test_a_place_that_cannot_be_read_is_told(place, lamps, open_db):
    answer = lamps.browser("admin").get(ROUTES, {"item": "M01-01", **place})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("name", ["worker", "dispatcher", "handler", "community"])
def test_only_those_who_administer_change_the_rules(name, lamps, open_db):
    browser = lamps.browser(name)
    assert browser.get(ROUTES).status_code == 200
    assert sent(browser, rule(lamps)).status_code == 403
    assert not lamps.rows("select 1 from cases_route")


def test_a_rule_is_removed_and_an_unknown_one_is_not_there(lamps, open_db):
    admin = lamps.browser("admin")
    sent(admin, rule(lamps))
    [(route_id,)] = lamps.rows("select id from cases_route")
    assert sent(admin, {"area": lamps.county.code, "remove": str(route_id)}).status_code == 302
    assert not lamps.rows("select 1 from cases_route")
    for wrong in (str(route_id), "x", "99999999999"):
        assert sent(admin, {"area": lamps.county.code, "remove": wrong}).status_code == 404


def test_an_empty_rule_is_refused_with_its_reason(lamps, open_db):
    answer = sent(lamps.browser("admin"), rule(lamps, tier=""))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_check_names_what_would_reach_nobody(lamps, open_db):
    lamps.add(builders.department, "nobodys", "无人部门")
    lamps.add(builders.item, "M01-09", department="nobodys", zh="无人负责的事")
    page = lamps.browser("admin").get(ROUTES, {"check": "yes", "area": lamps.city.code}).content.decode()
    checked = page[page.index('id="check"') :]
    assert "无人负责的事" in checked
    assert "nobodys" not in checked
