"""The poppy check at the desk."""

import io

import pytest
from tests.campaigns import planted

from wangge.blobs.actions import store_part
from wangge.campaigns.actions.plants import check_plant


@pytest.fixture
def seen(town, open_db):
    """One plant without suspicion and one with, of the same household, both with the photo."""
    from django.db import transaction

    planted.item(town)
    planted.police(town)
    campaign, home = planted.campaign(town), planted.household(town)
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        content, digest = planted.photo()
        store_part(viewer, digest, io.BytesIO(content), None, now=planted.NOW, length=len(content))
        for number, decision in enumerate(("nothing", "suspected"), start=1):
            look = planted.look(campaign, home, number=number, decision=decision, photo=digest)
            check_plant(viewer, planted.command(), look, now=planted.NOW)
    return campaign, digest


@pytest.mark.parametrize(("name", "suspicions"), [("worker", 1), ("township", 1), ("community", 0)])
def test_the_plants_of_a_campaign_stand_in_a_list(town, seen, name, suspicions):
    campaign, digest = seen
    page = town.browser(name).get(f"/console/campaigns/{campaign.id}/plants").content.decode()
    assert "渔村路8号 101" in page
    assert page.count("data-row>") == 1 + suspicions
    assert page.count("查看事件") == suspicions
    assert f"/console/campaigns/{campaign.id}/plants/{digest}" in page
    photo = town.browser(name).get(f"/console/campaigns/{campaign.id}/plants/{digest}")
    assert (photo.status_code, photo["Content-Type"]) == (200, "image/jpeg")


def test_others_see_neither_plants_nor_photo(town, seen):
    campaign, digest = seen
    browser = town.browser("worker2")
    assert "data-row>" not in browser.get(f"/console/campaigns/{campaign.id}/plants").content.decode()
    assert browser.get(f"/console/campaigns/{campaign.id}/plants/{digest}").status_code == 404


def test_the_list_is_filtered_by_decision(town, seen):
    campaign, _ = seen
    browser = town.browser("township")
    page = browser.get(f"/console/campaigns/{campaign.id}/plants?decision=suspected").content.decode()
    assert page.count("data-row>") == 1
    assert browser.get(f"/console/campaigns/{campaign.id}/plants?cursor=x").status_code == 422


def test_the_campaign_leads_to_its_plants(town, seen):
    campaign, _ = seen
    page = town.browser("township").get(f"/console/campaigns/{campaign.id}").content.decode()
    assert f'href="/console/campaigns/{campaign.id}/plants"' in page


def test_the_key_answers_from_the_address_alone(town, db):
    browser = town.browser("worker")
    empty = browser.get("/console/campaigns/plants").content.decode()
    assert "罂粟" in empty
    page = browser.get("/console/campaigns/plants?sap=white&base=heart&bloom=yes&leaf=wavy").content.decode()
    proposed = page[page.index('class="proposed"') :]
    assert proposed.index("罂粟") < proposed.index("%")
    assert "不能排除" in page
    cleared = browser.get(
        "/console/campaigns/plants?sap=clear&base=stalked&leaf=cut&smell=mustard&spines=none"
    )
    assert "不能排除" not in cleared.content.decode()


def next_asked(page):
    """The trait that the page says to look at next."""
    return page.partition('looked-at-next"><label for="')[2].partition('"')[0]


def test_what_cannot_be_seen_is_not_asked_for_next(town, db):
    browser = town.browser("worker")
    first = next_asked(browser.get("/console/campaigns/plants").content.decode())
    again = next_asked(browser.get(f"/console/campaigns/plants?{first}=unseen").content.decode())
    assert first
    assert again not in ("", first)


def test_nonsense_in_the_address_is_no_answer(town, db):
    answer = town.browser("worker").get("/console/campaigns/plants?sap=gold&stage=egg&wings=2")
    assert answer.status_code == 200
    assert 'class="proposed"' not in answer.content.decode()


def test_whoever_answers_no_campaign_has_no_key_here(town, db):
    assert town.browser("handler").get("/console/campaigns/plants").status_code == 403
