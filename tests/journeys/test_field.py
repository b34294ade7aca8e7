"""The field app in real browsers: what its stories share, and every screen, for everybody. The day itself is in test_field_day.py."""

import shutil
from datetime import date, timedelta

import pytest
from tests import builders
from tests.journeys.conftest import SCREENSHOTS, _Quiet, _Server
from tests.journeys.phones import Gate, Phone, Signal
from tests.visits.homes import household, need

from wangge.base.ids import new_id
from wangge.visits.models import Place

pytestmark = pytest.mark.browser


@pytest.fixture
def signal(chromium, static_files, busy_town):
    from wsgiref.simple_server import make_server

    from django.core.handlers.wsgi import WSGIHandler

    gate = Gate(WSGIHandler())
    there = Signal(lambda port: make_server("127.0.0.1", port, gate, _Server, _Quiet), gate)
    yield there
    gate.let_go()
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


def test_every_screen_can_be_used_by_everybody(phones, homes, busy_town):
    """Each screen in both languages: by axe, by 7:1 for the sun, by 48 px for gloves, and with nothing cut off at the type's usual
    and largest size on phones of 390 and 360 px. Campaigns, plants and questions are looked at in their own stories.
    """
    case = busy_town.add(
        builders.case, busy_town.lamp_item, busy_town.grid_a, title="楼道灯不亮", state="accepted"
    )
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
    found = phone.faults() + phone.cramped()
    phone.sign_in("worker")
    phone.synced()
    phone.go("today")
    phone.page.tap("[data-name='shift']")
    phone.page.wait_for_selector(".toast")
    phone.go("patrol")
    phone.page.tap("[data-name='start-patrol']")
    home, resident = homes[0].pk, homes[0].resident_row.pk
    screens = [
        "today", "homes", f"home/{home}", f"visit/{home}", f"person/{resident}", f"move/{resident}", f"care/{resident}",
        f"change/{home}", f"new-person/{home}", "new-home", f"arrival/{home}", "round", "report", "report/patrol", "tasks",
        f"task/{case.pk}", "patrol", "tracks", "places", f"place/{place.pk}", "messages", "map", "campaigns", "waiting",
        "conflicts", "me",
    ]  # fmt: skip
    for language in ("中文", "English"):
        phone.go("me")
        phone.page.tap(f".seg >> text={language}")
        for screen in screens:
            phone.at(screen)
            phone.shot(SCREENSHOTS, f"{screen.split('/')[0]}-{'zh' if language == '中文' else 'en'}")
            # What axe looks at is the same in both; how long the words are is not.
            here = phone.cramped() + phone.faults() if language == "中文" else phone.cramped([360])
            found += [f"{screen} {language} {fault}" for fault in here]
    phone.go(f"place/{place.pk}")
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
    phone.at("today")
    phone.shot(SCREENSHOTS, "largest")
    phone.go("me")
    phone.page.tap("[data-name='lock']")
    phone.page.wait_for_selector("[data-digit='0']")
    found += phone.faults() + phone.cramped()
    assert found == [], "\n".join(found)
    assert phone.problems == []
