"""A day on the hillside: the field app in real browsers, without a signal, killed, with a wrong clock, and twice at one door."""

import shutil
from datetime import timedelta

import pytest
from tests import builders
from tests.journeys.conftest import SCREENSHOTS, _Quiet, _Server
from tests.journeys.phones import Phone, Signal
from tests.visits.homes import household, need

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


def test_screens(phones, homes):
    phone = phones()
    phone.shot(SCREENSHOTS, "sign-in")
    phone.sign_in("worker")
    phone.synced()
    phone.shot(SCREENSHOTS, "today")
    for name in (
        "homes",
        f"home/{homes[0].pk}",
        f"visit/{homes[0].pk}",
        "round",
        "report",
        "tasks",
        "waiting",
        "me",
    ):
        phone.go(name)
        phone.page.wait_for_timeout(400)
        phone.shot(SCREENSHOTS, name.split("/")[0])
    print(phone.problems)
