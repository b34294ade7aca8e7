"""A campaign at the doors without a signal: skips, a repeat, a constraint, a photo, and a phone that dies in the middle."""

import hashlib
import json
from datetime import timedelta

import pytest
from tests.campaigns.workbooks import CHOICES, MORE, SURVEY, workbook
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import reads, until
from tests.journeys.phones import photo
from tests.journeys.test_field import homes, phones, signal  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser

#: One of the choices has a picture.
PICTURED = [(*CHOICES[0], "media::image"), *((*row, "甲.jpg" if "odd" in row else "") for row in CHOICES[1:])]
#: What a phone reckons by itself from what was answered: it shows none of it.
RECKONED = [
    ("calculate", "names", "", "", "", "${has_plot} = 'yes'", "", "", "join('、', ${kind})", ""),
    ("calculate", "a_week", "", "", "", "${has_plot} = 'yes'", "", "", "round(${size} div 7, 2)", ""),
]
READ_OUT = "您好，我是网格员。罂粟是毒品原植物，一株也不能种。"


@pytest.fixture
def campaign(homes, busy_town):  # noqa: F811 - a fixture
    """A campaign that runs in the township of these homes, with a text to read out and a picture."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.base.calendar import SHANGHAI
    from wangge.campaigns.actions import campaigns as runs
    from wangge.campaigns.actions.forms import take_form
    from wangge.visits.actions import renew_due

    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    area = busy_town.areas["township"].code
    content = photo(size=(640, 480))
    digest = hashlib.sha256(content).hexdigest()
    put = busy_town.client("township").put(f"/api/v1/blobs/{digest}", content, content_type="image/jpeg")
    assert put.status_code == 201
    with transaction.atomic():
        viewer = busy_town.as_viewer("township")
        asked = workbook([*SURVEY, *MORE, *RECKONED], PICTURED)
        file = {"content": asked, "file_name": "踏查.xlsx", "pictures": {"甲.jpg": digest}}
        version = take_form(viewer, **file, area=area, now=now)
        said = {"from_on": today, "to_on": today + timedelta(days=9)}
        draft = runs.Draft(area=area, form_version=version.id, name="菜地踏查", **said)
        made = runs.begin_campaign(viewer, draft, now=now)
        runs.add_material(viewer, made.id, title="宣读", text=READ_OUT, now=now)
        runs.add_material(viewer, made.id, title="罂粟", picture=digest, now=now)
        runs.start_campaign(viewer, made.id, now=now)
    with transaction.atomic():
        renew_due(busy_town.as_viewer("worker"), [home.pk for home in homes], now=now)
    return made


@pytest.fixture
def instances(monkeypatch):
    """What phones filled in, as it arrives: before the server reckons again."""
    from wangge.campaigns.actions import answers

    came, read = [], answers.from_instance

    def reading(xml, outline):
        came.append(read(xml, outline))
        return came[-1]

    monkeypatch.setattr(answers, "from_instance", reading)
    return came


def answers_that_count(town):
    from django.db import transaction

    from wangge.base import clock
    from wangge.campaigns.models import Answer

    with transaction.atomic():
        town.as_viewer("worker", now=clock.now())
        return [json.loads(each.answers) for each in Answer.objects.filter(end="counted")]


KEPT = """async (parts) => {
    const all = await (await caches.open('wangge-later')).keys();
    return parts.every((part) => all.some((one) => one.url.includes(part)));
}"""


def question(name):
    return f"[data-question$='/{name}']"


def declines(phone, home, campaign):
    """Met, and wants no form: the door stays in the list until that is said, and then it is through."""
    page, form = phone.page, f"#/answer/{campaign.id}.{home.pk}"
    phone.visit(home.pk, "well")
    phone.at("round")
    page.wait_for_selector(f"a[href='{form}'] .chip:has-text('表还没填：菜地踏查')")
    page.tap(f"a[href='{form}']")
    page.wait_for_selector(question("has_plot"))
    page.tap("[data-name='decline']")
    page.tap("[data-name='decline-no']")
    page.wait_for_selector("[data-name='declining']", state="detached")
    phone.go("today")
    phone.go(form.removeprefix("#/") + "?decline")  # as from the plants of a check
    page.wait_for_selector("[data-name='declining']:has-text('这一户不愿填写“菜地踏查”？')")
    found = phone.faults() + phone.cramped()
    phone.shot(SCREENSHOTS, "campaign-declined")
    here = page.url
    page.tap("[data-name='decline-yes']")
    page.wait_for_url(lambda now: now != here)
    for screen in ("round", "today"):
        phone.at(screen)
        assert page.query_selector(f"a[href*='{home.pk}']") is None, f"nothing is owed there, {screen}"
    phone.go(f"campaign/{campaign.id}")
    reads(page, "[data-name='refused']", "1")
    reads(page, "[data-name='done']", "0 / 10")
    assert found == []


def test_a_form_is_filled_at_a_door_without_a_signal(phones, homes, signal, campaign, instances, busy_town):  # noqa: F811 - fixtures
    account = busy_town.accounts["worker"].pk
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    # What the door needs is fetched after the sync, before anybody stands there.
    until(page, KEPT, arg=["campaign-engine", "/api/v1/blobs/"])
    signal.lose()

    page.tap("[data-name='campaigns']")
    page.tap("[data-name='campaign']")
    page.wait_for_selector("[data-name='material'] img")
    page.wait_for_selector(f"main >> text={READ_OUT}")
    reads(page, "[data-name='done']", "0 / 10")
    page.wait_for_selector("[data-name='pace']:has-text('匀速进度')")
    assert phone.faults() == []
    phone.shot(SCREENSHOTS, "campaign")

    # Nobody home counts without a form.
    phone.visit(homes[1].pk, "nobody_home")
    assert "/answer/" not in page.url
    declines(phone, homes[4], campaign)

    # Somebody was met: the form follows.
    phone.visit(homes[0].pk, "well")
    page.wait_for_url("**/#/answer/*")
    page.wait_for_selector(question("has_plot"))
    assert page.query_selector(question("size")) is None, "skipped until there is a plot"
    page.tap("[data-name='save']")
    page.wait_for_selector("text=还有 1 处")
    page.tap(f"{question('has_plot')} >> text=没有")
    page.tap(f"{question('has_plot')} input[value='yes']")
    page.wait_for_selector(question("size"))
    page.fill(f"{question('size')} input", "20000")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=面积在1到10000之间")
    assert len(phone.queue(account)) == 4, "an answer that cannot be right is not saved"
    page.fill(f"{question('size')} input", "120")
    page.wait_for_selector("[data-name='add']")
    while page.query_selector_all(f"{question('kind')} textarea") == []:
        page.tap("[data-name='add']")
    page.fill(f"{question('kind')} textarea >> nth=0", "白菜")
    page.tap("[data-name='add']")
    page.wait_for_selector(f"{question('kind')} textarea >> nth=1")
    page.fill(f"{question('kind')} textarea >> nth=1", "萝卜")
    page.fill(f"{question('share')} input >> nth=1", "3.5")
    assert page.query_selector(question("photo")) is None
    page.wait_for_selector(f"{question('seen')} img.shown")
    page.tap(f"{question('seen')} input[value='odd']")
    page.wait_for_selector(question("photo"))
    # A place by one tap, a recording, an order by the keyboard.
    page.tap(f"{question('spot')} [data-name='take-place']")
    place = f"document.querySelector(`{question('spot')} input`)?.value"
    until(page, f"() => {place} === '34.745 119.355'")
    page.tap(f"{question('voice')} button")
    page.wait_for_selector(f"{question('voice')} [data-name='seconds']:has-text('1 s')")
    page.tap(f"{question('voice')} button.bad")
    page.wait_for_selector(f"{question('voice')} audio")
    assert page.locator(f"{question('order')} li img.shown").count() == 1
    page.focus(f"{question('order')} [data-value='fine'] [data-name='down']")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(f"{question('order')} li:first-child[data-value='odd']")
    until(page, "document.activeElement.closest('li')?.dataset.value === 'fine'")
    chosen = {"name": "plant.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    with phone.writing(f"answer/{campaign.id}.{homes[0].pk}"):
        page.set_input_files(f"{question('photo')} [data-name='camera']", chosen)
        page.wait_for_selector(".photos img")
    assert phone.faults() + phone.cramped() == []
    assert phone.fits()
    phone.shot(SCREENSHOTS, "campaign-form")

    phone.die()
    phone.start()
    phone.unlock()
    page = phone.page
    page.wait_for_selector("text=没填完的")
    page.tap("text=继续填写")
    page.wait_for_selector(f"{question('kind')} textarea >> nth=1")
    assert page.input_value(f"{question('size')} input") == "120"
    assert [each.input_value() for each in page.query_selector_all(f"{question('kind')} textarea")] == [
        "白菜",
        "萝卜",
    ]
    page.wait_for_selector(".photos img")
    assert page.input_value(f"{question('spot')} input") == "34.745 119.355"
    page.wait_for_selector(f"{question('voice')} audio")
    page.wait_for_selector(f"{question('order')} li:first-child[data-value='odd']")
    page.tap("[data-name='save']")
    page.wait_for_selector(".toast")
    assert [kind for _id, kind, _state in phone.queue(account)].count("campaign.answer") == 2
    phone.go(f"campaign/{campaign.id}")
    reads(page, "[data-name='done']", "1 / 10")  # what waits is counted here

    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    rows = busy_town.rows(
        'select "end", outcome, household_id, visit_id is not null from campaigns_answer order by 1, 2'
    )
    assert rows == [
        ("counted", "met", homes[0].pk, True),
        ("tried", "nobody_home", homes[1].pk, True),
        ("tried", "refused", homes[4].pk, True),
    ]
    assert busy_town.rows("select outcome from visits_visit where household_id = %s", [homes[4].pk]) == [
        ("met",)
    ]
    assert busy_town.rows(
        "select p.question, b.kind from campaigns_answerphoto p join blobs_blob b on b.digest = p.digest order by 1"
    ) == [("photo", "photo"), ("voice", "voice")]
    # Counts, names and decimals are the phone's own, and the server reckons the same.
    (kept,) = answers_that_count(busy_town)
    assert kept["plot"] == {
        "size": "120",
        "crop": [{"kind": "白菜"}, {"kind": "萝卜", "share": "3.5"}],
        "crops": "2",
    }
    said = {"has_plot": "yes", "names": "白菜、萝卜", "a_week": "17.14", "seen": "odd", "order": "odd fine"}
    assert {name: kept[name] for name in said} == said
    (filled,) = instances
    assert filled["plot"] == kept["plot"]
    assert {name: filled[name] for name in said} == said
    assert busy_town.rows("select done, nobody_home, refused from campaigns_tally") == [(1, 1, 1)]
    phone.go(f"campaign/{campaign.id}")
    until(page, "document.querySelector(\"[data-name='nobody']\")?.textContent === '1'")
    reads(page, "[data-name='done']", "1 / 10")
    reads(page, "[data-name='refused']", "1")
    phone.go("me")
    page.tap(".seg >> text=English")
    for screen, there in (
        ("campaigns", "[data-name='campaign']"),
        (f"campaign/{campaign.id}", "[data-name='done']"),
        (f"answer/{campaign.id}.{homes[2].pk}", question("has_plot")),
    ):
        phone.go(screen)
        page.wait_for_selector(there)
        assert phone.faults() == [], screen
        assert phone.fits(), screen
    page.wait_for_selector("main >> text=Is there a plot?")  # the form speaks the language of its reader

    # The campaign ended yesterday, and the phone hears of it while a form is half filled. What is answered now comes too late.
    signal.lose()
    phone.visit(homes[3].pk, "well")
    page.wait_for_url("**/#/answer/*")
    with phone.writing(f"answer/{campaign.id}.{homes[3].pk}"):
        page.tap(f"{question('has_plot')} input[value='no']")
    busy_town.owner.execute(
        "update campaigns_campaign set state = 'ended', ended_at = now() - interval '1 day', revision = revision + 1"
    )
    busy_town.owner.commit()
    signal.come_back()
    phone.go("waiting")
    page.tap("[data-name='send']")
    phone.synced()
    phone.go(f"answer/{campaign.id}.{homes[3].pk}")
    page.wait_for_selector("[data-name='ended']")
    assert page.is_checked(f"{question('has_plot')} input[value='no']")
    page.tap("[data-name='save']")
    page.wait_for_selector(".toast")
    phone.synced(undecided=["told"])
    phone.go("waiting")
    page.wait_for_selector("[data-name='end']:has-text('does not count')")
    page.tap("details summary")
    page.wait_for_selector("[data-name='answered']:has-text('Is there a plot?')")
    assert phone.faults() == []
    assert phone.fits()
    page.tap("[data-name='understood']")
    page.wait_for_selector("[data-name='end']", state="detached")
    phone.synced()
    assert phone.queue(account) == []
    assert busy_town.rows("select count(*) from campaigns_answer where \"end\" = 'late'") == [(1,)]

    # English, a part of its own, is kept like every other: it is there without a signal from the first words on.
    signal.lose()
    phone.context.close()
    phone.start()
    phone.page.wait_for_selector("main >> text=Your PIN")
    assert phone.page.evaluate("document.documentElement.lang") == "en"
    assert phone.problems == []
