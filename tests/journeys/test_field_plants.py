"""The poppy check on the phone: plant by plant without a signal, with the key, the pictures and a model that were fetched before."""

from datetime import timedelta

import pytest
from tests.campaigns import planted
from tests.campaigns.test_identifiers import found as named
from tests.campaigns.test_identifiers import stand_in, write_card
from tests.campaigns.workbooks import SURVEY, workbook
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import reads, until
from tests.journeys.phones import photo
from tests.journeys.test_field import phones, signal  # noqa: F401 - fixtures
from tests.visits.homes import household

from wangge.base.calendar import SHANGHAI
from wangge.project.environment import Plants

pytestmark = pytest.mark.browser

_KEPT = """async () => (await (await caches.open("wangge-later")).keys()).map((each) => each.url)"""


@pytest.fixture
def check(busy_town):
    """A poppy check that asks the two homes with a plot, and a third home without one."""
    homes = [
        household(
            busy_town,
            busy_town.grid_a,
            f"{101 + place}",
            name=name,
            has_plot=place < 2,
            lon=119.3515 + place * 0.002,
        )
        for place, name in enumerate(["李秀英", "王大明", "张桂兰"])
    ]
    return plants_campaign(busy_town, homes), homes


def plants_campaign(town, homes):
    """A poppy check that runs in the township and asks the homes with a plot; each of these homes is due."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.campaigns.actions import campaigns as runs
    from wangge.campaigns.actions.forms import take_form
    from wangge.visits.actions import renew_due

    planted.item(town)
    planted.police(town)
    now, code = clock.now(), town.township.code
    today = now.astimezone(SHANGHAI).date()
    with transaction.atomic():
        viewer = town.as_viewer("township")
        version = take_form(
            viewer, content=workbook((SURVEY[0], SURVEY[2])), file_name="踏查.xlsx", area=code, now=now
        )
        asked = runs.Draft(
            area=code,
            form_version=version.id,
            name="菜地踏查",
            way="plants",
            chosen={"plot": True},
            from_on=today,
            to_on=today + timedelta(days=9),
        )
        campaign = runs.begin_campaign(viewer, asked, now=now)
        runs.start_campaign(viewer, campaign.id, now=now)
        renew_due(town.as_viewer("worker"), [home.pk for home in homes], now=now)
    return campaign


def picture(phone, colour):
    chosen = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo(colour)}
    phone.page.set_input_files("[data-name='camera']", chosen)
    phone.page.wait_for_selector(".photos img")


def decide(phone, decision):
    phone.page.tap(f"[data-decision='{decision}']")
    number = phone.page.inner_text("[data-name='number']")
    phone.page.tap("[data-name='save']")
    until(
        phone.page,
        "(before) => document.querySelector(\"[data-name='number']\")?.textContent !== before",
        arg=number,
    )


def numbered(phone, number):
    """Until the form asks for the plant of this number."""
    reads(phone.page, "[data-name='number']", f"第 {number} 株")


def seen(phone, traits):
    """Until so many traits of the plant are known."""
    until(phone.page, f"document.querySelectorAll(\"[data-name='seen'] li\").length === {traits}")


def everything_fetched(phone, *, model):
    for _ in range(900):
        kept = phone.page.evaluate(_KEPT)
        pictures = sum("/static/campaigns/plants/" in each for each in kept)
        if pictures == 36 and any("/plants/model?" in each for each in kept) == model:
            return kept
        phone.page.wait_for_timeout(100)
    raise AssertionError(kept)


def still_owed_after_a_visit(phone, home, campaign):
    """The plants follow the visit; who goes elsewhere first finds the door in today's list and in the round, marked."""
    plants = f"#/plants/{home.pk}?campaign={campaign.pk}"
    phone.go(f"visit/{home.pk}")
    phone.page.tap("[data-outcome='well']")
    phone.page.tap("[data-name='save']:has-text('接着看植物“菜地踏查”')")
    phone.page.wait_for_url(f"**/{plants}")
    for screen in ("round", "today"):
        phone.go(screen)
        phone.page.wait_for_selector(f"a[href='{plants}'] .chip:has-text('植物还没看：菜地踏查')")
        phone.page.wait_for_selector(f"a[href='{plants}'] .chip:has-text('表还没填：菜地踏查')")
    phone.page.tap(f"a[href='{plants}']")
    declined = f"#/answer/{campaign.pk}.{home.pk}?decline"
    phone.page.wait_for_selector(f"[data-name='to-decline'][href='{declined}']")


def test_six_plants_on_the_hillside_arrive_once_and_one_is_told_in_confidence(
    phones,  # noqa: F811 - a fixture
    signal,  # noqa: F811 - as above
    check,
    busy_town,
    settings,
    tmp_path,
):
    settings.PLANTS = Plants(write_card(tmp_path))
    campaign, homes = check
    account = busy_town.accounts["worker"].pk
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    kept = everything_fetched(phone, model=True)
    assert [each for each in kept if each.endswith(".wasm")]

    signal.lose()
    phone.go(f"home/{homes[2].pk}")
    phone.page.wait_for_selector("[data-name='visit']")
    assert phone.page.query_selector("[data-name='plants']") is None, "no plot, no plants"
    phone.go(f"home/{homes[0].pk}")
    phone.page.tap("[data-name='plants']")
    phone.page.wait_for_selector("[data-name='key']")
    numbered(phone, 1)

    # The first, by its traits; what cannot be told is not asked again.
    phone.page.tap("[data-stage='flower']")
    first = phone.page.get_attribute("[data-name='question']", "data-trait")
    phone.page.tap("[data-name='question'] [data-state='']")
    phone.page.wait_for_selector(f"[data-name='question']:not([data-trait='{first}'])")
    for _ in range(2):
        phone.page.tap("[data-name='question'] button >> nth=0")
    phone.page.wait_for_selector("[data-identifier='key'] [data-taxon]")
    seen(phone, 3)
    shown = phone.page.evaluate(
        "() => Promise.all([...document.querySelectorAll('[data-identifier] img')].map((one) => one.decode().then(() => one.naturalWidth)))"
    )
    assert shown, "drawings to compare with"
    assert all(shown)
    decide(phone, "nothing")
    phone.page.wait_for_selector("[data-name='seen']", state="detached")  # the next plant begins anew
    decide(phone, "unsure")

    # The third is killed in the middle, with its photo.
    form = f"plants/{homes[0].pk}"
    with phone.writing(form):
        picture(phone, "red")
    phone.page.wait_for_selector("[data-identifier='model'] [data-taxon]")
    with phone.writing(form):
        phone.page.tap("[data-name='question'] button >> nth=0")
    phone.die()
    phone.start()
    phone.unlock()
    assert len(phone.queue(account)) == 2
    phone.page.tap("text=继续填写")
    phone.page.wait_for_selector(".photos img")
    numbered(phone, 3)
    seen(phone, 1)
    # The model that was fetched before, on the phone that was started without a signal.
    phone.page.wait_for_selector("[data-identifier='model'] [data-taxon]")
    phone.shot(SCREENSHOTS, "plants-model")
    phone.page.tap("[data-decision='suspected']")
    phone.page.wait_for_selector("main >> text=镇街和公安")
    decide(phone, "suspected")
    phone.page.wait_for_selector("[data-name='looked']:has-text('3 疑似')")
    phone.page.tap("[data-name='done']")
    phone.page.wait_for_selector("[data-name='over']")
    phone.shot(SCREENSHOTS, "plants-over")
    farewell = phone.page.inner_text("[data-name='farewell']")
    assert "没有发现" not in farewell, "a plant is in doubt"
    # What is due at this door comes before the next: the visit, then the household's form, which makes it done.
    reads(phone.page, ".row [data-name='next-home']", "下一户：102号楼102")
    phone.page.tap(".actions [data-name='to-visit']")
    phone.page.tap("[data-outcome='well']")
    phone.page.tap("[data-name='save']:has-text('接着填“菜地踏查”')")
    phone.page.wait_for_url(f"**/#/answer/{campaign.pk}.{homes[0].pk}")
    phone.page.tap("input[value='no']")
    phone.page.tap("[data-name='save']")
    phone.page.wait_for_url(f"**/#/plants/{homes[1].pk}?campaign={campaign.pk}")
    still_owed_after_a_visit(phone, homes[1], campaign)
    numbered(phone, 1)
    for _ in range(2):
        picture(phone, "green")
        decide(phone, "nothing")
    phone.page.tap("[data-decision='nothing']")
    phone.page.tap("[data-name='done']")
    phone.page.wait_for_selector("text=都看过了")
    phone.page.wait_for_selector(".actions [data-name='to-form']")
    phone.go("waiting")
    phone.page.wait_for_selector("text=植物核查")
    assert [kind for _, kind, _ in phone.queue(account)].count("plant.check") == 6

    signal.come_back()
    phone.page.tap("[data-name='send']")
    phone.synced()
    assert phone.queue(account) == []

    arrived = busy_town.rows(
        "select household_id, number, decision, photo <> '' from campaigns_plantcheck order by household_id, number"
    )
    one, other = homes[0].pk, homes[1].pk
    assert sorted(arrived, key=str) == sorted(
        [
            (one, 1, "nothing", False),
            (one, 2, "unsure", False),
            (one, 3, "suspected", True),
            (other, 1, "nothing", True),
            (other, 2, "nothing", True),
            (other, 3, "nothing", False),
        ],
        key=str,
    )
    cases = busy_town.rows(
        "select c.confidential, c.path::text, count(a.id) from cases_case c"
        " left join cases_attachment a on a.case_id = c.id group by c.id, 1, 2"
    )
    assert cases == [(True, busy_town.township.path, 1)]
    said = busy_town.rows("select said from campaigns_plantcheck where decision = 'suspected'")[0][0]
    assert [each["identifier"] for each in said] == ["key", "model"]
    assert said[1]["version"] == "tiny 1"

    # The form made the first household done; the second is still to be.
    done = busy_town.rows("select household_id, standing from campaigns_target order by standing desc")
    assert done == [(other, "waiting"), (one, "done")]

    # What it is told back stands where it was written, and nothing of the case.
    phone.go(f"plants/{one}?campaign={campaign.pk}")
    phone.page.wait_for_selector("[data-name='looked'] .chip")
    phone.page.wait_for_selector("[data-name='looked']:has-text('3 疑似')")
    phone.page.wait_for_selector("[data-name='looked'] .waits", state="detached")
    assert phone.problems == []


def test_the_screens_of_plants_can_be_used_by_everybody(
    phones,  # noqa: F811 - a fixture
    signal,  # noqa: F811 - as above
    check,
    settings,
):
    campaign, homes = check
    with stand_in(named(("Papaver rhoeas", 0.7), ("Papaver somniferum", 0.2))) as (asked, settings.PLANTS):
        see_the_screens(phones(), campaign, homes, signal, asked)


def ask_online(phone, reach, asked):
    """The online service is asked with a photo where there is a signal; without one the phone says so, and the key goes on."""
    picture(phone, "red")
    phone.page.wait_for_selector("[data-identifier='service'] [data-taxon='papaver-rhoeas']")
    phone.page.wait_for_selector("[data-identifier='service'] [data-name='by']:has-text('online service')")
    phone.page.wait_for_selector("[data-identifier='key'] [data-name='by']:has-text('on this phone')")
    assert asked.asked[2].count(b"image/jpeg") == 1
    reach.lose()
    picture(phone, "green")
    phone.page.wait_for_selector("[data-name='service'][data-state='no-signal']")
    phone.page.wait_for_selector("[data-identifier='service']", state="detached")
    reach.come_back()
    phone.page.tap("[data-name='ask-online']")
    phone.page.wait_for_selector("[data-identifier='service'] [data-taxon]")
    phone.page.tap(".photos button")


def see_the_screens(phone, campaign, homes, reach, asked):
    phone.sign_in("worker")
    phone.synced()
    everything_fetched(phone, model=False)
    found = []
    for language, word in (("中文", "zh"), ("English", "en")):
        phone.go("me")
        phone.page.tap(f".seg >> text={language}")
        phone.go(f"plants/{homes[0].pk}?campaign={campaign.pk}")
        phone.page.wait_for_selector("[data-name='question']")
        phone.shot(SCREENSHOTS, f"plants-{word}")
        phone.page.tap("summary")
        phone.page.tap("[data-stage='flower']")
        phone.page.tap("[data-name='question'] button >> nth=1")
        phone.page.wait_for_selector("[data-identifier='key']")
        phone.page.tap("[data-decision='suspected']")
        phone.rest()
        phone.page.screenshot(path=SCREENSHOTS / f"field-plants-whole-{word}.png", full_page=True)
        found += [f"plants {word} {fault}" for fault in phone.faults() + phone.cramped()]
        phone.go("plant-pictures")
        phone.page.wait_for_selector("[data-name='species'] img")
        phone.shot(SCREENSHOTS, f"plant-pictures-{word}")
        found += [f"pictures {word} {fault}" for fault in phone.faults() + phone.cramped()]
        until(phone.page, "document.querySelectorAll(\"[data-name='species']\").length >= 6")
    phone.go(f"plants/{homes[0].pk}?campaign={campaign.pk}")
    phone.page.wait_for_selector("[data-identifier='key']")
    ask_online(phone, reach, asked)
    # Outside of homes: a place in words, without which nothing is kept.
    phone.go(f"plants?campaign={campaign.pk}")
    phone.page.wait_for_selector("#spot")
    phone.page.tap("[data-decision='nothing']")
    phone.page.tap("[data-name='save']")
    phone.page.wait_for_selector("[role='alert']:has-text('Say where it is')")
    phone.page.fill("#spot", "河边空地")
    decide(phone, "nothing")
    phone.synced()
    assert found == []
    assert phone.problems == []
