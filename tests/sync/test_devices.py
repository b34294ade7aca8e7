"""Phones are registered, met and, when they are lost, wiped."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from tests.builders import NOW
from tests.cast import PASSWORD

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound
from wangge.journal.models import Entry
from wangge.staff.models import SignIn
from wangge.sync import actions, queries
from wangge.sync.models import Device
from wangge.sync.rules import OtherDevice, WipeOrdered

pytestmark = pytest.mark.django_db


def register(viewer, device_id=None, **facts):
    facts = {"name": "红米", "facts": {"app_version": "1"}, "sign_in": None} | facts
    return actions.register_device(viewer, device_id or new_id(), now=NOW, **facts)


def test_a_phone_is_registered_once_and_its_facts_stay_current(town):
    viewer = town.as_viewer("worker")
    device, is_new = register(viewer)
    assert is_new
    again, is_new = register(viewer, device.id, name="新名")
    assert (again.id, is_new) == (device.id, False)
    assert [one.name for one in queries.devices_of(viewer, viewer.account_id)] == ["新名"]


def test_another_account_on_the_phone_registers_it_anew(town):
    device, _ = register(town.as_viewer("worker"))
    with pytest.raises(OtherDevice):
        register(town.as_viewer("worker2"), device.id)
    with pytest.raises(NotFound):
        actions.meet(town.as_viewer("worker2"), device.id, waiting=0, now=NOW)


def test_the_half_of_the_key_is_the_same_each_time_and_lies_sealed(town):
    viewer = town.as_viewer("worker")
    device, _ = register(viewer)
    half = actions.give_key_half(viewer, device.id, now=NOW)
    assert len(base64.b64decode(half)) == 32
    assert actions.give_key_half(viewer, device.id, now=NOW) == half
    assert half.encode() not in bytes(Device.objects.get().__dict__["key_half"].data)


def test_the_spare_key_is_told_to_whoever_has_just_typed_the_password_and_to_nobody_else(town):
    device, nobody = new_id(), Client()
    typed = {"username": "worker", "password": PASSWORD}
    token = nobody.post("/api/v1/sign-in", typed, content_type="application/json").json()["token"]
    client = Client(headers={"authorization": f"Bearer {token}"})
    client.put(f"/api/v1/sync/devices/{device}", {"name": "红米"}, content_type="application/json")

    def keys(asker):
        return asker.post(f"/api/v1/sync/devices/{device}/key").json()

    told = keys(client)
    assert {len(base64.b64decode(told[name])) for name in ("half", "spare")} == {32}
    assert told["half"] != told["spare"]
    assert keys(client) == told, "the same each time"
    # What lies on a phone that was found is a sign-in of some time ago.
    assert keys(town.client("worker")) == told | {"spare": None}
    assert "half" not in keys(town.client("worker2"))
    town.as_viewer("worker")
    assert told["spare"].encode() not in bytes(Device.objects.get().__dict__["key_half"].data)
    actions.mark_lost(town.as_viewer("community"), device, now=clock.now())
    with pytest.raises(WipeOrdered):
        actions.give_spare_key(town.as_viewer("worker"), device, sign_in=None, now=NOW)


def test_ten_minutes_after_the_password_the_spare_key_is_told_no_more(town):
    viewer = town.as_viewer("worker")
    device, _ = register(viewer)
    digest = hashlib.sha256(town.token("worker").encode()).digest()
    other = hashlib.sha256(town.token("worker2").encode()).digest()

    def spare(minutes, sign_in=digest):
        now = NOW + timedelta(minutes=minutes)
        return actions.give_spare_key(viewer, device.id, sign_in=sign_in, now=now)

    assert spare(10)
    assert [spare(11), spare(0, None), spare(0, other)] == [None, None, None]


def test_a_phone_that_had_its_half_before_keeps_it_and_gets_a_spare_key_beside(town):
    viewer = town.as_viewer("worker")
    device, _ = register(viewer)
    half = base64.b64encode(b"h" * 32).decode()
    device.key_half = half
    device.save(update_fields=["key_half"])
    assert actions.give_key_half(viewer, device.id, now=NOW) == half
    digest = hashlib.sha256(town.token("worker").encode()).digest()
    spare = actions.give_spare_key(viewer, device.id, sign_in=digest, now=NOW)
    assert spare != half
    assert actions.give_key_half(viewer, device.id, now=NOW) == half


def test_the_desk_marks_a_phone_lost_and_its_next_contact_hears_of_it(town):
    worker = town.as_viewer("worker")
    device, _ = register(worker)
    with pytest.raises(NotFound):
        actions.mark_lost(town.as_viewer("worker2"), device.id, now=NOW)
    actions.mark_lost(town.as_viewer("community"), device.id, now=NOW)
    worker = town.as_viewer("worker")
    for ask in (
        lambda: actions.meet(worker, device.id, waiting=0, now=NOW),
        lambda: actions.give_key_half(worker, device.id, now=NOW),
        lambda: register(worker, device.id),
    ):
        with pytest.raises(WipeOrdered):
            ask()
    assert queries.wipe_ordered(device.id)


def test_a_phone_that_was_found_in_time_is_not_wiped(town):
    worker = town.as_viewer("worker")
    device, _ = register(worker)
    actions.mark_lost(worker, device.id, now=NOW)
    actions.take_back_lost(worker, device.id, now=NOW)
    assert not queries.wipe_ordered(device.id)
    actions.meet(worker, device.id, waiting=3, now=NOW)
    with pytest.raises(NotFound):
        actions.take_back_lost(worker, device.id, now=NOW)


def test_who_administers_nobody_marks_nobodys_phone(town):
    device, _ = register(town.as_viewer("worker"))
    with pytest.raises((NotAllowed, NotFound)):
        actions.mark_lost(town.as_viewer("far_community"), device.id, now=NOW)


def test_a_lost_phone_is_signed_in_no_more_asks_without_and_tells_when_it_is_wiped(town):
    client = town.client("worker")
    device = str(new_id())
    made = client.put(f"/api/v1/sync/devices/{device}", {"name": "红米"}, content_type="application/json")
    assert made.status_code == 201
    headers = {"wangge-device": device}
    pushed = client.post(
        "/api/v1/sync/push",
        {"commands": [], "waiting": 4},
        content_type="application/json",
        headers=headers,
    )
    assert pushed.json() == {"results": []}
    assert client.get(f"/api/v1/sync/devices/{device}/order").status_code == 204
    desk = town.client("community")
    account = town.accounts["worker"].pk
    assert desk.get("/api/v1/sync/devices", {"account": account}).json()[0]["waiting"] == 4
    assert desk.post(f"/api/v1/sync/devices/{device}/lost").status_code == 200
    assert client.get("/api/v1/sync/pull", headers=headers).status_code == 401
    nobody = Client()
    order = nobody.get(f"/api/v1/sync/devices/{device}/order")
    assert (order.status_code, order.json()["code"]) == (410, "wipe")
    assert nobody.post(f"/api/v1/sync/devices/{device}/wiped").status_code == 204
    assert nobody.get(f"/api/v1/sync/devices/{device}/order").status_code == 204
    assert desk.get("/api/v1/sync/devices", {"account": account}).json()[0]["wiped_at"]
    town.as_viewer("community")
    verbs = Entry.objects.filter(verb__startswith="device.").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["device.registered", "device.lost", "device.wiped"]


def test_a_lost_phone_may_still_send_what_its_worker_wrote_and_nothing_else(town):
    client, device = town.client("worker"), str(new_id())
    client.put(f"/api/v1/sync/devices/{device}", {"name": "红米"}, content_type="application/json")
    headers = {"wangge-device": device}
    desk = town.client("community")
    assert desk.post(f"/api/v1/sync/devices/{device}/lost").status_code == 200

    shift = {
        "id": str(new_id()),
        "kind": "shift.start",
        "at": "2026-04-15T08:00:00+08:00",
        "based_on": None,
        "data": {},
    }
    asked = {"commands": [shift], "waiting": 1}
    pushed = client.post("/api/v1/sync/push", asked, content_type="application/json", headers=headers)
    assert [each["status"] for each in pushed.json()["results"]] == ["done"]
    content = b"what was heard"
    digest = hashlib.sha256(content).hexdigest()
    put = client.put(f"/api/v1/blobs/{digest}", content, content_type="application/octet-stream")
    assert put.status_code != 401
    for path in ("sync/pull", "sync/snapshot", f"blobs/{digest}", "me", "cases", "sync/devices"):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 401, path
    assert client.post(f"/api/v1/sync/devices/{device}/key").status_code == 401

    # Not for ever, and the desk may end that too.
    left = SignIn.objects.filter(account_id=town.accounts["worker"].pk)
    assert {each.expires_at <= clock.now() + timedelta(days=30) for each in left} == {True}
    left.delete()
    assert client.post("/api/v1/sync/push", asked, content_type="application/json").status_code == 401


def test_a_phone_that_still_comes_with_its_sign_in_is_told_410(town):
    client = town.client("worker")
    device = str(new_id())
    client.put(f"/api/v1/sync/devices/{device}", {"name": "红米"}, content_type="application/json")
    town.as_viewer("worker")
    Device.objects.update(lost_at=NOW)
    for path in ("pull", "snapshot"):
        answer = client.get(f"/api/v1/sync/{path}", headers={"wangge-device": device})
        assert (answer.status_code, answer.json()["code"]) == (410, "wipe")


def test_a_worker_who_is_administered_from_above_registers_a_phone(town, db):
    town.run(
        "update staff_account set home_path = %s where id = %s",
        [town.township.path, town.accounts["worker"].pk],
    )
    device, is_new = register(town.as_viewer("worker"))
    assert (is_new, device.home_path) == (True, town.township.path)
