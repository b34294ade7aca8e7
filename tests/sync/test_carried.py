"""What is carried away from a phone as a file is read in by whoever wrote it: each command once, and nothing of a wrong file."""

import base64
import hashlib
import io
import json
import os
import re
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image
from tests import builders
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.private import PrivateKeys
from wangge.sync import actions
from wangge.sync.rules.carried import FORMAT, MOST_COMMANDS

pytestmark = pytest.mark.django_db


class Carrier:
    """A phone without a signal, whose owner carries what waits on it to a desk."""

    def __init__(self, town, who="worker"):
        self.town, self.client, self.device = town, town.client(who), str(new_id())
        self.account = town.accounts[who].pk
        path = f"/api/v1/sync/devices/{self.device}"
        assert self.client.put(path, {"name": "红米"}, content_type="application/json").status_code == 201
        self.given = base64.b64decode(self.client.post(f"{path}/key").json()["file_key"])

    def file(self, *commands, photos=(), ahead=None, account=None, more=b""):
        """As `web/field/store/carried.ts` makes it."""
        blobs = [
            {"digest": hashlib.sha256(each).hexdigest(), "type": "image/jpeg", "size": len(each)}
            for each in photos
        ]
        told = json.dumps({"commands": commands, "ahead": ahead, "blobs": blobs}).encode()
        plain = len(told).to_bytes(4) + told + b"".join(photos) + more
        head = FORMAT + self.given[:4] + (account or self.account).to_bytes(8) + UUID(self.device).bytes
        nonce = os.urandom(12)
        return head + nonce + AESGCM(self.given[4:]).encrypt(nonce, plain, head)

    def reads(self, content, who=None):
        client = self.town.client(who) if who else self.client
        return client.post("/api/v1/sync/carried", content, content_type="application/octet-stream")

    def push(self, *commands):
        asked = {"commands": list(commands)}
        answer = self.client.post("/api/v1/sync/push", asked, content_type="application/json")
        return [each["status"] for each in answer.json()["results"]]


def command(kind, data, *, ago=timedelta(hours=5)):
    at = (clock.now() - ago).isoformat()
    return {"id": str(new_id()), "kind": kind, "at": at, "based_on": None, "data": data}


def visit(home):
    return command("visit.record", {"household": str(home.pk), "outcome": "met", "well": True})


def photo():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def states(answer):
    assert answer.status_code == 200, answer.content
    return [each["status"] for each in answer.json()["results"]]


def count(town, table):
    town.as_system()
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


def test_each_command_arrives_once_by_the_file_and_by_the_phone(town):
    item, home = town.add(builders.item), household(town, town.grid_a)
    phone, taken = Carrier(town), photo()
    digest = hashlib.sha256(taken).hexdigest()
    report = {
        "case": str(new_id()),
        "item": item.code,
        "title": "灯不亮",
        "area": town.grid_a.code,
        "attachments": [digest],
    }
    seen, reported = visit(home), command("case.report", report)
    content = phone.file(seen, reported, photos=[taken])
    answer = phone.reads(content)
    assert states(answer) == ["done", "done"]
    assert (answer.json()["photos"], answer.json()["refused_photos"]) == (1, [])
    assert [each["kind"] for each in answer.json()["results"]] == ["visit.record", "case.report"]
    # Again, on another phone of the same account, and by the phone itself.
    assert states(phone.reads(content, "worker")) == ["repeated", "repeated"]
    assert phone.push(seen, reported) == ["repeated", "repeated"]
    # And the other way round.
    first, second = visit(home), visit(home)
    assert phone.push(first) == ["done"]
    assert states(phone.reads(phone.file(first, second))) == ["repeated", "done"]
    assert count(town, "visits_visit") == 3
    assert count(town, "cases_attachment") == 1


def test_a_file_of_a_phone_that_was_lost_and_wiped_since_is_read_in(town):
    home = household(town, town.grid_a)
    phone = Carrier(town)
    content = phone.file(visit(home))
    assert town.client("community").post(f"/api/v1/sync/devices/{phone.device}/lost").status_code == 200
    assert town.client("worker").post(f"/api/v1/sync/devices/{phone.device}/key").status_code == 410
    assert town.client("worker").post(f"/api/v1/sync/devices/{phone.device}/wiped").status_code == 204
    assert states(phone.reads(content, "worker")) == ["done"]


def test_a_file_from_before_the_installation_changed_its_key_is_read_in(town):
    home, ring = household(town, town.grid_a), settings.PRIVATE_KEYS
    content = Carrier(town).file(visit(home))
    phone = Carrier(town)
    settings.PRIVATE_KEYS = PrivateKeys((os.urandom(32), *ring.keys))
    try:
        assert states(phone.reads(content)) == ["done"]
        settings.PRIVATE_KEYS = PrivateKeys((os.urandom(32),))
        assert phone.reads(content).json()["code"] == "waiting-file-from-elsewhere"
    finally:
        settings.PRIVATE_KEYS = ring


def test_what_waits_for_something_else_is_held_and_what_is_refused_is_told(town):
    item, case = town.add(builders.item), str(new_id())
    phone = Carrier(town)
    waits = command("note.add", {"case": case, "text": "看过了"})
    wrong = command("visit.record", {"household": str(new_id()), "outcome": "nonsense"})
    answer = phone.reads(phone.file(waits, wrong)).json()["results"]
    assert [(each["status"], each["again"], each["code"]) for each in answer] == [
        ("refused", True, "not-here-yet"),
        ("refused", False, "invalid"),
    ]
    report = {"case": case, "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    assert phone.push(command("case.report", report)) == ["done"]
    assert actions.try_again(town.as_viewer("worker"), now=clock.now()) == 1
    assert states(phone.reads(phone.file(waits))) == ["repeated"]


def test_what_was_held_and_comes_by_the_phone_is_held_no_more(town):
    item, case = town.add(builders.item), str(new_id())
    phone = Carrier(town)
    waits = command("note.add", {"case": case, "text": "看过了"})
    phone.reads(phone.file(waits))
    assert len(held(town)) == 1
    report = {"case": case, "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    assert phone.push(command("case.report", report), waits) == ["done", "done"]
    assert held(town) == []


def held(town):
    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute("select id from sync_heldcommand")
        return cursor.fetchall()


def test_the_clock_of_the_phone_is_put_right_by_what_it_knew_of_the_servers(town):
    """Two days behind, as it heard at its last contact; the file is read in days later."""
    home, phone = household(town, town.grid_a), Carrier(town)
    said = command(
        "visit.record", {"household": str(home.pk), "outcome": "met", "well": True}, ago=timedelta(days=3)
    )
    assert states(phone.reads(phone.file(said, ahead=2 * 86_400_000))) == ["done"]
    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute("select now() - happened_at from visits_visit")
        assert abs(cursor.fetchone()[0] - timedelta(days=1)) < timedelta(minutes=5)


def read_at(desk, content):
    """Sends the form of one's own page."""
    page = desk.get("/console/me").content.decode()
    form = page[page.index('action="/console/me/file"') :]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    sent = {"file": SimpleUploadedFile("a.wangge", content), "csrfmiddlewaretoken": token}
    return desk.post("/console/me/file", sent)


def damaged(content, how):
    match how:
        case "cut":
            return content[:-100]
        case "cut short":
            return content[:40]
        case "changed":
            return content[:90] + bytes([content[90] ^ 1]) + content[91:]
        case "another phone's name":
            return content[:20] + bytes(16) + content[36:]
        case "not ours":
            return b"PK\x03\x04" + content
        case _:
            return b""


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("cut", "waiting-file-torn"),
        ("cut short", "waiting-file-torn"),
        ("changed", "waiting-file-torn"),
        ("another phone's name", "waiting-file-torn"),
        ("not ours", "no-waiting-file"),
        ("empty", "no-waiting-file"),
    ],
)
def test_a_wrong_file_gets_a_clear_answer_and_leaves_nothing(town, how, code):
    home = household(town, town.grid_a)
    phone = Carrier(town)
    answer = phone.reads(damaged(phone.file(visit(home), photos=[photo()]), how))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    desk = town.browser("worker")
    content = damaged(phone.file(visit(home)), how) or b"?"
    shown = read_at(desk, content)
    assert shown.status_code == 422
    assert (
        "没有任何内容被接收" in shown.content.decode() or "这不是从网格员手机导出" in shown.content.decode()
    )
    assert count(town, "visits_visit") == 0
    assert count(town, "blobs_blob") == 0


def test_nobody_reads_in_what_somebody_else_wrote(town):
    """Neither a colleague nor who leads them, nor by another name in the head."""
    home = household(town, town.grid_a)
    phone = Carrier(town)
    content = phone.file(visit(home))
    for who in ("worker2", "community", "admin"):
        answer = phone.reads(content, who)
        assert (answer.status_code, answer.json()["code"]) == (403, "waiting-file-of-another"), who
    renamed = phone.file(visit(home), account=town.accounts["worker2"].pk)
    assert phone.reads(renamed, "worker2").json()["code"] == "waiting-file-torn"
    assert count(town, "visits_visit") == 0


def test_what_no_phone_seals_is_refused(town):
    phone = Carrier(town)
    assert phone.reads(phone.file(more=b"x")).json()["code"] == "waiting-file-torn"
    many = [command("shift.start", {}) for _ in range(MOST_COMMANDS + 1)]
    assert phone.reads(phone.file(*many)).json()["code"] == "waiting-file-torn"
    assert phone.reads(phone.file(1)).json()["code"] == "waiting-file-torn"
    assert phone.reads(b"x" * (25 * 2**20)).status_code == 413


def test_a_photo_that_is_never_taken_keeps_nothing_else_away(town):
    home = household(town, town.grid_a)
    phone = Carrier(town)
    answer = phone.reads(phone.file(visit(home), photos=[b"no photo at all"]))
    assert states(answer) == ["done"]
    assert answer.json()["photos"] == 0
    assert len(answer.json()["refused_photos"]) == 1


def test_many_commands_of_a_file_go_in_turns(town):
    home = household(town, town.grid_a)
    phone = Carrier(town)
    assert states(phone.reads(phone.file(*[visit(home) for _ in range(230)]))) == ["done"] * 230


def test_the_key_of_a_phone_is_its_own_and_tells_nothing_of_the_installations(town):
    one, other = Carrier(town), Carrier(town)
    assert one.given[4:] != other.given[4:]
    assert one.given[4:] not in settings.PRIVATE_KEYS.keys
    assert one.given[:4].hex() == settings.PRIVATE_KEYS.fingerprints[0]


def test_whoever_has_a_broken_app_reads_the_file_in_at_any_desk(town):
    home = household(town, town.grid_a)
    phone, desk = Carrier(town), town.browser("worker")
    assert 'action="/console/me/file"' in desk.get("/console/me").content.decode()
    wrong = command("visit.record", {"household": str(home.pk), "outcome": "nonsense"})
    waits = command("note.add", {"case": str(new_id()), "text": "看过了"})
    content = phone.file(visit(home), visit(home), wrong, waits)
    for expected in ("已接收 2 条", "已接收 0 条"):
        shown = read_at(desk, content)
        page = shown.content.decode()
        assert shown.status_code == 200
        assert expected in page
        assert "未接收" in page
        assert "1 条要等尚未到达的内容" in page
    assert "其中 2 条此前已收到" in page
    assert count(town, "visits_visit") == 2
