"""Phones on a person's page: the desk has a lost one wiped, and takes it back in time."""

import re

import pytest

from wangge.base.ids import new_id
from wangge.sync.models import Device
from wangge.sync.queries import wipe_ordered

pytestmark = pytest.mark.django_db


def press(browser, page, action):
    """Sends the form of this address as the page has it."""
    html = browser.get(page).content.decode()
    form = re.search(
        rf'<form method="post" action="({action})">.*?name="csrfmiddlewaretoken" value="([^"]+)"', html
    )
    assert form, action
    return browser.post(form[1], {"csrfmiddlewaretoken": form[2]})


def test_a_lost_phone_is_wiped_or_taken_back(town):
    device = str(new_id())
    client = town.client("worker")
    client.put(f"/api/v1/sync/devices/{device}", {"name": "红米"}, content_type="application/json")
    desk, page = town.browser("community"), f"/console/people/{town.accounts['worker'].pk}"
    assert "红米" in desk.get(page).content.decode()
    answer = press(desk, page, f"/console/phones/{device}/lost")
    assert answer["Location"] == f"{page}?done=phone-lost#phones"
    assert wipe_ordered(device)
    assert press(desk, page, f"/console/phones/{device}/found").status_code == 302
    assert not wipe_ordered(device)
    assert Device.objects.filter(lost_at=None).exists()


def test_ones_own_phones_stand_on_ones_own_page(town):
    client = town.client("worker")
    client.put(f"/api/v1/sync/devices/{new_id()}", {"name": "红米"}, content_type="application/json")
    assert "红米" in town.browser("worker").get("/console/me").content.decode()
