"""What became of a grid is told on its page, with its figures and beside the lists that name it."""

import re
from datetime import timedelta

import pytest
from tests import builders
from tests.builders import NOW
from tests.plans.test_applying import approved
from tests.plans.towns import case_at, laid_out

from wangge.plans import actions

pytestmark = pytest.mark.django_db


def words(answer):
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def merged(town):
    """二网格 has ended into 一网格; a case of the month before was open then."""
    laid_out(town, columns=4, households=5)
    at = NOW - timedelta(days=40)
    work = builders.item(town.owner)
    case_at(town, work, town.grid_b, 119.3529, 34.7405, reported_at=at, received_at=at)
    town.owner.commit()
    plan = approved(town, low=100, high=400)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    return plan


def test_a_grids_page_tells_where_its_households_came_from_and_went(town, merged):
    browser = town.browser("community")
    ended = browser.get(f"/console/areas/{town.grid_b.code}")
    assert "划入" in words(ended)
    assert "一网格 20 户 2026-04-15" in words(ended)
    for link in (f"/console/areas/{town.grid_a.code}", f"/console/plans/{merged.id}"):
        assert f'href="{link}"' in ended.content.decode()
    standing = words(browser.get(f"/console/areas/{town.grid_a.code}"))
    assert "来自" in standing
    assert "二网格 20 户" in standing
    assert "户数的来去" not in words(browser.get(f"/console/areas/{town.dedicated.code}"))
    # Who may not see the plan is told the rest.
    other = town.browser("far_centre").get(f"/console/areas/{town.grid_b.code}").content.decode()
    assert f"/console/areas/{town.grid_a.code}" in other
    assert str(merged.id) not in other


def test_the_figures_of_an_ended_grid_open_in_its_own_time(town, merged):
    browser = town.browser("community")
    page = browser.get(f"/console/figures?area={town.grid_b.code}")
    said = words(page)
    assert "2026-04" in re.search("<h1>.*?</h1>", page.content.decode(), re.DOTALL)[0]
    assert "该区域已于 2026-04-15 停用" in said
    assert f'<option value="{town.grid_b.code}" selected' in page.content.decode()
    march = words(browser.get(f"/console/figures?area={town.grid_b.code}&period=2026-03"))
    assert "二网格 一网格 1 1 0" in march
    below = words(browser.get(f"/console/figures?area={town.community.code}&period=2026-04"))
    assert "划入 一网格 20 户" in below
    beside = words(browser.get(f"/console/figures?area={town.grid_a.code}&period=2026-05"))
    assert "与来源网格并列" in beside
    assert "其中 20 户 2026-03" in beside


def test_a_list_that_names_an_ended_grid_says_which_grids_it_shows(town, merged):
    browser = town.browser("community")
    said = words(browser.get(f"/console/?area={town.grid_b.code}&queue=open"))
    assert "二网格已停用" in said
    assert "一网格" in said
    assert "已停用" not in words(browser.get(f"/console/?area={town.grid_a.code}&queue=open"))
