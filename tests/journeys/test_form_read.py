"""What was answered to a campaign's form is read at the desk, with its photo and its recording."""

import hashlib
import io

import pytest
from django.db import transaction
from tests.blobs.test_rules import wav
from tests.builders import NOW
from tests.campaigns.test_answers import answered, started
from tests.campaigns.workbooks import MORE, SURVEY
from tests.journeys.hands import until
from tests.journeys.phones import photo
from tests.visits.homes import household

from wangge.base import clock
from wangge.blobs.actions import store_part
from wangge.campaigns.actions import record_answers

pytestmark = pytest.mark.browser


def put(viewer, content):
    digest = hashlib.sha256(content).hexdigest()
    store_part(viewer, digest, io.BytesIO(content), None, now=clock.now(), length=len(content))
    return digest


@pytest.fixture
def door(busy_town):
    home = household(busy_town, busy_town.grid_a, "101", name="李秀英")
    with transaction.atomic():
        campaign, _version = started(busy_town, survey=[*SURVEY, *MORE])
    with transaction.atomic():
        worker = busy_town.as_viewer("worker")
        said = {
            "has_plot": "yes",
            "plot": {"size": "30", "crop": [{"kind": "白菜", "share": "4"}]},
            "seen": "odd",
            "photo": put(worker, photo(size=(800, 600))),
            "voice": put(worker, wav()),
            "spot": "34.745 119.355",
        }
        (recorded,) = record_answers(worker, [answered(campaign, home, answers=said)], now=NOW)
    assert recorded.end == "counted", recorded
    return f"/console/campaigns/{campaign.id}/households/{home.pk}"


@pytest.mark.parametrize(("size", "language"), [("desk", "zh-hans"), ("phone", "en")])
def test_what_was_answered_is_read_with_its_photo_and_its_recording(desk, door, size, language):
    seat = desk("community", size=size, language=language)
    seat.go(door)
    seat.page.wait_for_selector("#answered button")
    assert "白菜" not in seat.text()
    found = seat.faults()
    seat.page.click("#answered button")
    seat.page.wait_for_selector("#answered dl")
    text = seat.page.inner_text("#answered")
    assert "白菜" in text
    assert ("有可疑植物" if size == "desk" else "An odd plant") in text
    seat.page.locator("#answered .thumbs").scroll_into_view_if_needed()
    until(seat.page, "() => document.querySelector('#answered .thumbs img').naturalWidth > 0")
    seat.page.evaluate(
        "async () => { const audio = document.querySelector('#answered audio'); audio.muted = true; await audio.play() }"
    )
    until(seat.page, "() => document.querySelector('#answered audio').currentTime > 0.3")
    assert seat.fits()
    seat.shot("form-read", always=True)
    assert found + seat.faults() == []
    assert seat.problems == []
