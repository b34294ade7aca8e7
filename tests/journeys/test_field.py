"""A day on the hillside: the field app in real browsers, without a signal, killed, with a wrong clock, and twice at one door."""

import shutil
from datetime import date, timedelta

import pytest
from tests import builders
from tests.journeys.conftest import SCREENSHOTS, _Quiet, _Server
from tests.journeys.phones import Phone, Signal, photo
from tests.visits.homes import household, need

from wangge.base.ids import new_id
from wangge.visits.models import Place

pytestmark = pytest.mark.browser


@pytest.fixture
def signal(chromium, django_db_setup, busy_town):
    from wsgiref.simple_server import make_server

    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    there = Signal(lambda port: make_server("127.0.0.1", port, WSGIHandler(), _Server, _Quiet))
    yield there
    there.lose()


@pytest.fixture
def homes(busy_town):
    """Homes of grid_a that somebody lives in, each with a visit due."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.visits.actions import renew_due

    names = [
        "李秀英",
        "王大明",
        "张桂兰",
        "陈建国",
        "刘淑珍",
        "赵玉梅",
        "孙志强",
        "周海燕",
        "吴小军",
        "郑丽华",
    ]
    made = []
    for place, name in enumerate(names):
        made.append(
            household(
                busy_town,
                busy_town.grid_a,
                f"{101 + place}",
                lon=119.3515 + (place % 4) * 0.002,
                lat=34.7415 + (place // 4) * 0.003,
                name=name,
            )
        )
    need(busy_town, made[0], until=builders.TODAY + timedelta(days=400))
    with transaction.atomic():
        renew_due(busy_town.as_viewer("worker"), [home.pk for home in made], now=clock.now())
    return made


@pytest.fixture
def phones(chromium, signal, tmp_path):
    made = []

    def take(**facts):
        found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        one = Phone(chromium.browser_type, found, tmp_path / f"phone-{len(made)}", signal.address, **facts)
        made.append(one)
        one.start()
        return one

    yield take
    for one in made:
        one.close()


def report(phone, title, *, picture=None):
    phone.go("report")
    phone.page.fill("#title", title)
    phone.page.tap("[data-item='M01-01']")
    if picture:
        chosen = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture}
        phone.page.set_input_files("[data-name='camera']", chosen)
        phone.page.wait_for_selector(".photos img")
    phone.page.tap("[data-name='save']")
    phone.page.wait_for_url("**/field/#/today")


def rename(phone, resident, name):
    phone.go(f"person/{resident}")
    phone.page.fill("#name", name)
    phone.page.tap("form button.main")
    phone.page.wait_for_url("**/field/#/home/*")


def test_a_day_on_the_hillside_arrives_once_and_whole(phones, homes, signal, busy_town):
    account = busy_town.accounts["worker"].pk
    resident = homes[0].resident_row.pk
    one, other = phones(skew_days=2), phones()
    one.sign_in("worker")
    other.sign_in("worker")
    one.synced()
    other.synced()

    signal.lose()
    for home in homes[1:9]:
        one.visit(home.pk)
    one.visit(homes[9].pk, "nobody_home")
    for number in range(5):
        report(one, f"路灯不亮 {number}", picture=photo() if number < 2 else None)
    rename(one, resident, "李秀珍")
    rename(other, resident, "李秀芳")
    other.visit(homes[0].pk, "refused")
    one.go("me")
    one.page.tap("[data-name='sign-out']")
    one.page.tap("[data-name='sign-out-yes']")
    assert "不能退出" in one.page.inner_text("main")
    assert len(one.queue(account)) == 15

    # In the middle of a form.
    one.go(f"visit/{homes[0].pk}")
    one.page.tap("[data-outcome='met']")
    one.page.fill("#note", "腿脚不便，想要扶手")
    one.page.wait_for_timeout(600)
    one.die()
    one.start()
    one.unlock()
    assert len(one.queue(account)) == 15
    one.page.wait_for_selector("text=没填完的")
    assert one.page.inner_text("[data-name='due']") == "1", "nine doors are done, by whatever clock"
    one.shot(SCREENSHOTS, "unfinished")
    one.page.tap("text=继续填写")
    one.page.wait_for_selector("#note")
    assert one.page.input_value("#note") == "腿脚不便，想要扶手"
    one.page.tap("[data-name='save']")
    one.page.wait_for_selector(".toast")
    one.go("waiting")
    one.page.wait_for_selector("text=路灯不亮 4")
    one.shot(SCREENSHOTS, "waiting")

    # In the middle of a push, and the server with it.
    one.die()
    signal.come_back()
    other.go("waiting")
    other.page.tap("[data-name='send']")
    other.synced()
    one.start()
    one.unlock()
    one.page.wait_for_timeout(150)
    one.die()
    signal.lose()
    signal.come_back()
    one.start()
    one.unlock()
    one.synced(timeout=40_000)
    assert [state for _, _, state in one.queue(account)] == ["conflict"]

    visits = busy_town.rows("select household_id, outcome, day from visits_visit order by outcome")
    assert len(visits) == 11
    assert {home.pk for home in homes} == {household for household, _, _ in visits}
    assert {day for _, _, day in visits} == {visits[0][2]}, "a clock two days wrong moves no visit"
    cases = busy_town.rows(
        "select title, count(a.id) from cases_case c left join cases_attachment a on a.case_id = c.id group by c.id, title order by title"
    )
    assert cases == [(f"路灯不亮 {number}", 1 if number < 2 else 0) for number in range(5)]

    # Both values are shown, and a person picks.
    one.go("conflicts")
    one.page.wait_for_selector("text=李秀珍")
    assert "李秀芳" in one.page.inner_text("[data-name='conflict']")
    one.shot(SCREENSHOTS, "conflicts")
    assert one.faults() == []
    one.page.tap("input[value='mine']")
    one.page.tap("[data-name='conflict'] button.main")
    one.page.wait_for_selector(".toast")
    one.synced()
    assert one.queue(account) == []
    assert busy_town.rows("select name from households_resident where id = %s", [resident]) == [("李秀珍",)]
    assert one.problems == []
    assert other.problems == []
    one.go("me")
    one.page.tap("[data-name='sign-out']")
    one.page.tap("[data-name='sign-out-yes']")
    one.page.wait_for_selector("#username")
    left = one.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    assert left == ["wangge-field"]


def test_every_screen_can_be_used_by_everybody(phones, homes, busy_town):
    busy_town.add(builders.case, busy_town.lamp_item, busy_town.grid_a, title="楼道灯不亮", state="accepted")
    place = busy_town.add(
        builders.insert,
        Place(
            id=new_id(),
            path=busy_town.grid_a.path,
            kind="hydrant",
            name="3号楼东侧消火栓",
            every_days=30,
            due_on=date(2026, 1, 1),
        ),
    )
    phone = phones()
    phone.page.wait_for_selector("#username")
    phone.shot(SCREENSHOTS, "sign-in")
    found = phone.faults()
    phone.sign_in("worker")
    phone.synced()
    screens = [
        "today",
        "homes",
        f"home/{homes[0].pk}",
        f"visit/{homes[0].pk}",
        f"person/{homes[0].resident_row.pk}",
    ]
    screens += [
        f"change/{homes[0].pk}",
        f"new-person/{homes[0].pk}",
        "round",
        "report",
        "tasks",
        "waiting",
        "conflicts",
        "me",
        "places",
        f"place/{place.pk}",
    ]
    for language in ("中文", "English"):
        phone.go("me")
        phone.page.tap(f".seg >> text={language}")
        for screen in screens:
            phone.go(screen)
            phone.page.wait_for_timeout(250)
            phone.shot(SCREENSHOTS, f"{screen.split('/')[0]}-{'zh' if language == '中文' else 'en'}")
            found += [f"{screen} {language} {fault}" for fault in phone.faults()]
            assert phone.fits(), screen
    phone.page.tap("[data-found='fine']")
    phone.page.tap("[data-name='save']")
    phone.page.wait_for_url("**/field/#/places")
    phone.synced()
    assert busy_town.rows("select found from visits_check") == [("fine",)]
    phone.go("round")
    phone.page.tap(".seg button >> nth=1")
    phone.page.wait_for_selector("svg.grid-map")
    phone.shot(SCREENSHOTS, "map")
    found += phone.faults()
    phone.go("me")
    phone.page.tap(".seg >> text=Largest")
    phone.go("today")
    phone.page.wait_for_timeout(250)
    phone.shot(SCREENSHOTS, "largest")
    assert phone.fits()
    phone.page.evaluate("document.querySelector('nav.tabs')")
    assert found == []
    assert phone.problems == []
