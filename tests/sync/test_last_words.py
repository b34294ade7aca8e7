"""What a lost phone may still send (decision 0006), tried as somebody who found it, and as who lost it."""

import hashlib
import io
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from PIL import Image
from tests import builders
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import NotFound
from wangge.households.models import Resident
from wangge.journal.models import Entry
from wangge.staff import actions as staff
from wangge.staff.models import SignIn
from wangge.sync import actions
from wangge.sync.jobs import try_held_again
from wangge.sync.models import Device
from wangge.sync.queries import devices as devices_queries
from wangge.sync.queries import open_conflicts
from wangge.sync.queries.conflicts import sides_in


class Lost:
    """A phone that comes with its sign-in, and whoever has it in their hands."""

    def __init__(self, town, who="worker", *, phone=None):
        self.town, self.who = town, who
        self.client, self.device = town.client(who), str(new_id())
        self.phone = phone or str(new_id())
        body = {"name": "红米", "phone": self.phone}
        assert self._put(f"sync/devices/{self.device}", body).status_code == 201

    def _put(self, path, body):
        return self.client.put(f"/api/v1/{path}", body, content_type="application/json")

    def reported(self, *, hours=0, by="community"):
        """The desk marks it as lost, so many hours ago."""
        marked = self.town.client(by).post(f"/api/v1/sync/devices/{self.device}/lost")
        assert marked.status_code == 200, marked.content
        self.town.as_system()
        Device.objects.filter(id=self.device).update(lost_at=clock.now() - timedelta(hours=hours))
        return self

    def push(self, *commands, clock=None):
        asked = {"commands": list(commands), "waiting": len(commands), "clock": clock}
        return self.client.post("/api/v1/sync/push", asked, content_type="application/json")

    def answers(self, *commands, **facts):
        sent = self.push(*commands, **facts)
        assert sent.status_code == 200, sent.content
        return sent.json()["results"]

    def order(self):
        return Client().get(f"/api/v1/sync/devices/{self.device}/order").status_code

    def bring(self, content, **facts):
        digest = hashlib.sha256(content).hexdigest()
        return self.client.put(
            f"/api/v1/blobs/{digest}", content, content_type="application/octet-stream", **facts
        )


def seen(town, statement, values=(), *, who=None):
    """As the system sees it within the test's own transaction, or somebody."""
    town.as_viewer(who) if who else town.as_system()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def photo(shade):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def written(kind, data, *, ago=timedelta(days=1), based_on=None):
    at = (clock.now() - ago).isoformat()
    return {"id": str(new_id()), "kind": kind, "at": at, "based_on": based_on, "data": data}


def visit(home, **facts):
    return written("visit.record", {"household": str(home.pk), "outcome": "met", "well": True}, **facts)


def states(answers):
    return [(each["status"], each.get("code", "")) for each in answers]


REFUSED = ("refused", "from-lost-phone")
DONE = ("done", "")


def test_what_was_written_before_it_was_reported_is_taken_and_what_came_after_is_not(town, db):
    home = household(town, town.grid_a)
    lost = Lost(town).reported(hours=2)
    before, after = visit(home, ago=timedelta(hours=3)), visit(home, ago=timedelta(hours=1))
    assert states(lost.answers(before, after, visit(home, ago=timedelta(hours=5)))) == [DONE, REFUSED, DONE]
    assert len(seen(town, "select id from visits_visit")) == 2
    assert {each.get("revision") for each in lost.answers(before)} == {None}
    # Sent again it is what it was; nothing is done twice.
    assert [each["status"] for each in lost.answers(before, after)] == ["repeated", "refused"]
    assert len(seen(town, "select id from visits_visit")) == 2
    # A clock that was put back to before the loss says so itself.
    put_back = (clock.now() - timedelta(days=1)).isoformat()
    forged = visit(home, ago=timedelta(days=1, minutes=1))
    assert states(lost.answers(forged, clock=put_back)) == [REFUSED]


def test_nothing_can_be_read_by_sending(town, db):
    home = household(town, town.grid_a, name="王秀英")
    resident = home.resident_row
    lost = Lost(town).reported(hours=1)
    guess = {"resident": str(resident.pk), "name": {"was": "张三", "is": "李四"}}
    wrong = written("resident.change", guess, based_on=1)
    (answer,) = lost.answers(wrong)
    assert (answer["status"], answer["fields"], answer.get("revision")) == ("done", {}, None)
    # It is answered as what was done is: else a value could be guessed.
    same = written(
        "resident.change", {"resident": str(resident.pk), "name": {"was": "王秀英", "is": "王秀英"}}
    )
    assert {**lost.answers(same)[0], "id": ""} == {**answer, "id": ""}
    again = [{**lost.answers(each)[0], "id": ""} for each in (wrong, same)]
    assert again[0] == again[1]
    assert (again[0]["status"], again[0]["conflict"]) == ("repeated", None)
    assert [each["status"] for each in lost.answers(wrong, wrong)] == ["repeated", "repeated"]
    # Nor does it tell by being settled from there: no worker has seen it on that phone.
    picks = [
        written("conflict.settle", {"conflict": key, "choice": {"name": "mine"}})
        for key in (wrong["id"], str(new_id()))
    ]
    told = [{**each, "id": ""} for each in lost.answers(*picks)]
    assert told[0] == told[1]
    assert (told[0]["status"], told[0]["again"]) == ("done", False)
    # Its worker sees it on the next phone, with all three values.
    assert [each.account_id for each in open_conflicts(town.as_viewer("worker"))] == [
        town.accounts["worker"].pk
    ]

    # Why something is refused is told to nobody: not even whether it is there.
    there = written("resident.move", {"resident": str(resident.pk), "move": "nonsense"})
    ended = written("need.end", {"need": "no id"})
    unknown = written("household.reveal", {"household": str(home.pk)})
    assert states(lost.answers(there, ended, unknown)) == [REFUSED] * 3
    assert {each.get("detail") for each in lost.answers(there, ended, unknown)} == {
        answer["detail"] for answer in lost.answers(there)
    }
    for path in ("sync/pull", "sync/snapshot", "me", "households", f"residents/{resident.pk}", "cases"):
        assert lost.client.get(f"/api/v1/{path}").status_code == 401, path
    assert lost.client.post(f"/api/v1/sync/devices/{lost.device}/key").status_code == 401


def test_another_accounts_command_and_homes_elsewhere_are_not_touched(town, db):
    near, far = household(town, town.grid_a), household(town, town.far_grid, "201")
    other = Lost(town, "worker2")
    theirs = written("shift.start", {})
    assert states(other.answers(theirs)) == [DONE]
    lost = Lost(town).reported(hours=1)
    (same,) = lost.answers({**theirs, "kind": "shift.end", "data": {"shift": theirs["id"]}})
    assert (same["status"], same["code"]) == REFUSED
    (elsewhere,) = lost.answers(visit(far))
    # Whether there is such a home is not told either.
    assert (elsewhere["status"], elsewhere["again"]) == ("done", False)
    assert states(lost.answers(visit(near))) == [DONE]
    assert seen(town, "select count(*) from visits_visit") == [(1,)]


def test_it_writes_as_who_walks_there_and_with_no_other_post(town, db):
    """Somebody who walks a grid and leads the township's desk besides: on the phone they only walk."""
    item = town.add(builders.item)
    post = town.add(builders.post, "subcentre_lead", town.township)
    town.add(builders.assignment, post, town.accounts["worker"])
    first, second = (town.add(builders.case, item, town.township, state="reported") for _ in range(2))
    worker = Lost(town)

    def accept(case):
        return written("case.step", {"case": str(case.pk), "step": "accept"})

    assert states(worker.answers(accept(first))) == [DONE]
    worker.reported(hours=1, by="admin")
    assert [each["status"] for each in worker.answers(accept(second))] == ["refused"]
    states_now = seen(
        town, "select state from cases_case where id = any (%s) order by state", [[first.pk, second.pk]]
    )
    assert states_now == [("accepted",), ("reported",)]


def test_photos_are_bounded_in_size_and_number_and_nobody_gets_them_back(town, db, monkeypatch):
    lost = Lost(town).reported()
    large = lost.bring(b"x" * (2 * 1024 * 1024 + 1))
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    part = lost.bring(b"y" * 1000, headers={"content-range": f"bytes 0-999/{3 * 1024 * 1024}"})
    assert part.status_code == 413
    photos = [photo(shade) for shade in (10, 120, 240)]
    monkeypatch.setattr(devices_queries, "MOST_PHOTOS", 2)
    assert [lost.bring(each).status_code for each in photos] == [201, 201, 413]
    # What it brought already is told to be there, and does not count once more.
    town.as_system()
    assert Device.objects.get(id=lost.device).brought == 2
    digest = hashlib.sha256(photos[0]).hexdigest()
    assert lost.client.get(f"/api/v1/blobs/{digest}").status_code == 401
    # Where another phone of theirs goes on, nothing is bounded so.
    assert Lost(town).bring(photos[2]).status_code == 201


def test_so_many_commands_and_no_more(town, db, monkeypatch):
    home = household(town, town.grid_a)
    lost = Lost(town).reported(hours=1)
    monkeypatch.setattr(devices_queries, "MOST_COMMANDS", 3)
    assert states(lost.answers(visit(home), visit(home))) == [DONE, DONE]
    assert states(lost.answers(visit(home), visit(home))) == [DONE, REFUSED]
    assert states(lost.answers(visit(home))) == [REFUSED]
    assert seen(town, "select count(*) from sync_synccommand", who="worker") == [(3,)]


@pytest.mark.parametrize("how", ["wiped", "found", "ended", "dismissed", "thirty days"])
def test_it_ends(town, db, how, monkeypatch):
    home = household(town, town.grid_a)
    lost = Lost(town).reported(hours=1)
    assert states(lost.answers(visit(home))) == [DONE]
    account = town.accounts["worker"].pk
    match how:
        case "wiped":
            assert Client().post(f"/api/v1/sync/devices/{lost.device}/wiped").status_code == 204
        case "found":
            found = town.client("community").post(f"/api/v1/sync/devices/{lost.device}/found")
            assert found.status_code == 200
        case "ended":
            staff.end_sign_ins(town.as_viewer("community"), account, now=clock.now())
        case "dismissed":
            town.run("update staff_account set ended_at = now() where id = %s", [account])
        case "thirty days":
            later = clock.now() + timedelta(days=30)
            monkeypatch.setattr("wangge.project.entrance.clock.now", lambda: later)
    assert lost.push(visit(home)).status_code == 401
    assert lost.bring(b"x").status_code == 401
    if how in ("wiped", "found", "ended"):
        assert not SignIn.objects.filter(account_id=account, expires_at__gt=clock.now()).exists()


def test_it_lasts_thirty_days_whenever_its_worker_signed_in(town, db):
    lost = Lost(town)
    town.run("update staff_signin set expires_at = now() + interval '1 hour'")
    lost.reported()
    (left,) = SignIn.objects.filter(account_id=town.accounts["worker"].pk, sends_only=True)
    assert left.expires_at - clock.now() > timedelta(days=29, hours=23)
    assert left.expires_at - clock.now() <= timedelta(days=30)


@pytest.mark.parametrize("first", ["reported", "password", "expired"])
def test_another_password_and_a_sign_in_that_ended_lose_nothing(town, db, first):
    """Whoever lost a phone asks for another password, before or after it is reported; or it lay in a drawer for two weeks."""
    home = household(town, town.grid_a)
    lost = Lost(town)

    def set_password():
        admin, account = town.as_viewer("community"), town.accounts["worker"].pk
        staff.set_password(admin, account, password="a-long-new-password", now=clock.now())

    match first:
        case "reported":
            lost.reported(hours=1)
            set_password()
        case "password":
            set_password()
            assert lost.push(visit(home)).status_code == 401
            lost.reported(hours=1)
        case "expired":
            town.run("delete from staff_signin where account_id = %s", [town.accounts["worker"].pk])
            lost.reported(hours=1)
    assert states(lost.answers(visit(home))) == [DONE]
    assert lost.client.get("/api/v1/me").status_code == 401


def test_the_phone_of_another_header_is_the_lost_one_all_the_same(town, db):
    lost, other = Lost(town), Lost(town)
    lost.reported(hours=1)
    asked = {"commands": [written("shift.start", {})], "waiting": 7}
    sent = lost.client.post(
        "/api/v1/sync/push", asked, content_type="application/json", headers={"wangge-device": other.device}
    )
    assert sent.status_code == 200
    town.as_system()
    assert dict(Device.objects.values_list("id", "waiting"))[Device.objects.get(id=lost.device).id] == 7


def test_all_on_one_phone_lose_it_together_whom_the_reporter_administers(town, db):
    one = Lost(town, "worker")
    two, elsewhere = Lost(town, "worker2", phone=one.phone), Lost(town, "worker2")
    # Somebody whom another county administers is told of, and decided on there.
    far = Lost(town, "far_worker", phone=one.phone)
    one.reported()
    assert [each.order() for each in (one, two, far, elsewhere)] == [410, 410, 204, 204]
    assert two.client.get("/api/v1/me").status_code == 401
    assert states(two.answers(written("shift.start", {}))) == [DONE]
    for each in (far, elsewhere):
        assert each.client.get("/api/v1/me").status_code == 200
    for each in (one, two):
        assert Client().post(f"/api/v1/sync/devices/{each.device}/wiped").status_code == 204
        assert each.push().status_code == 401
    town.as_system()
    told = Entry.objects.filter(verb__in=["device.lost", "device.wiped", "device.lost-beside"]).values_list(
        "verb", "subject"
    )
    assert set(told) == {
        *((verb, f"device:{each.device}") for verb in ("device.lost", "device.wiped") for each in (one, two)),
        ("device.lost-beside", f"device:{far.device}"),
    }


def test_nobody_wipes_a_colleague_by_naming_their_phone(town, db):
    """Whoever once worked on a shared phone knows its id, and may say it of a phone of their own."""
    theirs = Lost(town, "worker2")
    forged = Lost(town, "worker", phone=theirs.phone)
    assert forged.client.post(f"/api/v1/sync/devices/{forged.device}/lost").status_code == 200
    assert [forged.order(), theirs.order()] == [410, 204]
    assert theirs.client.get("/api/v1/me").status_code == 200


def test_who_was_in_contact_since_keeps_their_phone_and_the_desk_reads_who_else_works_on_it(town, db):
    theirs = Lost(town, "worker2")
    one = Lost(town, "worker", phone=theirs.phone)
    town.as_system()
    Device.objects.filter(id=one.device).update(seen_at=clock.now() - timedelta(hours=1))
    one.reported()
    assert [one.order(), theirs.order()] == [410, 204]
    page = town.browser("community").get(f"/console/people/{town.accounts['worker'].pk}").content.decode()
    assert "同机使用：二网格员" in page


def test_what_others_lost_is_not_found_by_who_only_works_there(town, db):
    one = Lost(town, "worker")
    two = Lost(town, "worker2", phone=one.phone)
    one.reported()
    again = town.client("worker").post(f"/api/v1/sync/devices/{one.device}/found")
    assert again.status_code == 200
    assert [one.order(), two.order()] == [204, 410]


def test_which_phone_it_is_is_said_once(town, db):
    one, other = Lost(town), Lost(town, "worker2")
    headers = {"wangge-device": one.device, "wangge-phone": other.phone}
    assert one.client.get("/api/v1/sync/pull", headers=headers).status_code == 200
    one._put(f"sync/devices/{one.device}", {"name": "红米", "phone": other.phone})
    town.as_system()
    assert str(Device.objects.get(id=one.device).phone_id) == one.phone


def newcomer(home, number, name="陈新"):
    facts = {"name": name, "residency": "permanent", "identity": number}
    return written("resident.add", {"resident": str(new_id()), "household": str(home.pk), **facts})


KNOWN, UNKNOWN = "110101199003070038", "320799197001010013"


def test_whether_an_identity_number_is_registered_is_not_told(town, db):
    home = household(town, town.grid_a)
    assert states(Lost(town).answers(newcomer(home, KNOWN))) == [DONE]
    lost = Lost(town).reported(hours=1)
    there, new = newcomer(home, KNOWN), newcomer(home, UNKNOWN)

    def told(*commands):
        return [{**each, "id": ""} for each in lost.answers(*commands)]

    for status in ("done", "repeated"):
        first, second = told(there), told(new)
        assert first == second
        assert (first[0]["status"], first[0]["revision"], first[0]["facts"]) == (status, None, {})
    # Nor by what is sent of them afterwards: both are in the register.
    for kind, data in (
        ("resident.change", {"name": {"was": "陈新", "is": "陈新新"}}),
        ("resident.change", {"identity": {"was": "", "is": "E12345678"}}),
        ("resident.move", {"move": "out"}),
    ):
        both = [written(kind, {"resident": each["data"]["resident"], **data}) for each in (there, new)]
        first, second = told(both[0]), told(both[1])
        assert (first, first[0]["status"]) == (second, "done"), (kind, data)
    both = [
        written(
            "resident.change",
            {"resident": each["data"]["resident"], "identity": {"was": each["data"]["identity"], "is": ""}},
        )
        for each in (there, new)
    ]
    assert told(both[0]) == told(both[1])
    both = [
        written("conflict.settle", {"conflict": each["id"], "choice": {"identity": "mine"}})
        for each in (there, new)
    ]
    assert told(both[0]) == told(both[1])
    assert len(seen(town, "select 1 from households_resident")) == 4


@pytest.mark.parametrize("pick", ["mine", "theirs"])
def test_the_number_waits_for_its_worker_and_the_desk(town, db, pick):
    home = household(town, town.grid_a)
    assert states(Lost(town).answers(newcomer(home, KNOWN))) == [DONE]
    lost = Lost(town).reported(hours=1)
    there = newcomer(home, KNOWN)
    assert states(lost.answers(there)) == [DONE]
    added = there["data"]["resident"]
    for who in ("worker", "community"):
        (waits,) = open_conflicts(town.as_viewer(who), subject=f"resident:{added}")
        assert sides_in(waits).fields == {"identity": {"was": "", "mine": KNOWN, "theirs": ""}}
    page = town.browser("community").get("/console/households/conflicts").content.decode()
    assert "陈新" in page
    assert KNOWN not in page
    # It is sealed, and no journal has it.
    assert KNOWN not in str(seen(town, "select content, fields from sync_conflict"))
    assert not [entry for entry in Entry.objects.all() if KNOWN in f"{entry.before}{entry.after}"]
    desk = town.as_viewer("community")
    actions.settle_conflict(desk, waits.id, {"identity": pick}, command_id=new_id(), now=clock.now())
    assert Resident.objects.get(id=added).identity == (KNOWN if pick == "mine" else None)
    assert Resident.objects.filter(identity_hash__isnull=False).count() == (2 if pick == "mine" else 1)


def test_what_was_refused_counts_again_each_time_and_the_bound_is_counted_in_its_turn(town, db, monkeypatch):
    home = household(town, town.grid_a)
    lost = Lost(town).reported(hours=1)
    monkeypatch.setattr(devices_queries, "MOST_COMMANDS", 5)
    wrong = visit(home)
    wrong["data"]["outcome"] = "nonsense"
    for _ in range(3):
        assert states(lost.answers(wrong)) == [REFUSED]
    stale = replace(
        devices_queries.last_words_for(town.as_viewer("worker"), digest_of_client(lost)), commands=5
    )
    viewer = town.as_viewer("worker")
    first, second, third = (visit(home) for _ in range(3))
    results = actions.push(viewer, [first, second, third], lost=stale, now=clock.now())
    assert [each.status for each in results] == ["done", "done", "refused"]


def digest_of_client(lost):
    lost.town.as_system()
    return bytes(Device.objects.get(id=lost.device).sign_in)


@pytest.mark.parametrize("how", ["signed out", "by the desk", "its last words"])
def test_a_sign_in_that_was_ended_on_purpose_stays_ended(town, db, how):
    home = household(town, town.grid_a)
    lost = Lost(town)
    desk, account = "community", town.accounts["worker"].pk
    if how == "signed out":
        assert lost.client.post("/api/v1/sign-out").status_code == 204
    else:
        if how == "its last words":
            lost.reported(hours=1)
        staff.end_sign_ins(town.as_viewer(desk), account, now=clock.now())
        if how == "its last words":
            assert town.client(desk).post(f"/api/v1/sync/devices/{lost.device}/found").status_code == 200
    lost.reported(hours=1)
    assert lost.push(visit(home)).status_code == 401
    town.as_system()
    told = Entry.objects.filter(verb="account.signed-out", after__sends=False)
    assert told.count() == 1
    assert staff.end_sign_ins(town.as_viewer(desk), account, now=clock.now()) in (0, 1)
    staff.sweep_sign_ins(now=clock.now() + timedelta(days=300))
    assert SignIn.objects.filter(account_id=account, sends_only=True).exists()
    staff.sweep_sign_ins(now=clock.now() + timedelta(days=500))
    assert not SignIn.objects.filter(account_id=account, sends_only=True).exists()


def test_found_in_time_all_of_them_have_it_back(town, db):
    one = Lost(town, "worker")
    two = Lost(town, "worker2", phone=one.phone)
    desk = town.client("community")
    assert desk.post(f"/api/v1/sync/devices/{one.device}/lost").status_code == 200
    assert desk.post(f"/api/v1/sync/devices/{one.device}/found").status_code == 200
    assert [each.order() for each in (one, two)] == [204, 204]
    assert [each.push().status_code for each in (one, two)] == [401, 401]


def test_a_phone_that_was_registered_before_says_what_it_shares_when_it_asks(town, db):
    device = str(new_id())
    client = town.client("worker2")
    client.put(f"/api/v1/sync/devices/{device}", {"name": "旧"}, content_type="application/json")
    one = Lost(town)
    headers = {"wangge-device": device, "wangge-phone": one.phone}
    assert client.get("/api/v1/sync/pull", headers=headers).status_code == 200
    one.reported()
    assert Client().get(f"/api/v1/sync/devices/{device}/order").status_code == 410


def test_the_desk_sees_how_much_has_come_since(town, db):
    home = household(town, town.grid_a)
    lost = Lost(town).reported(hours=2)
    lost.answers(visit(home), visit(home), visit(home, ago=timedelta(minutes=1)))
    page = town.browser("community").get(f"/console/people/{town.accounts['worker'].pk}")
    assert "挂失后收到 2 条记录" in page.content.decode()
    assert "其中 1 条未接收" in page.content.decode()
    assert "已挂失的手机，只能发送" in page.content.decode()
    town.as_viewer("far_community")
    assert devices_queries.sent_since_lost(None, [lost.device]) == {}
    # What waits for something else is counted apart.
    assert states(Lost(town).reported(hours=1).answers(note(new_id()))) == [DONE]
    page = town.browser("community").get(f"/console/people/{town.accounts['worker'].pk}")
    assert "1 条要等其他内容" in page.content.decode()


def note(case):
    return written("note.add", {"case": str(case), "text": "看过了"})


def held(town):
    return seen(town, "select id::text, code, ended_at is not null from sync_heldcommand", who="worker")


def try_again(town, *, later=timedelta(0), who="worker"):
    return actions.try_again(town.as_viewer(who), now=clock.now() + later)


def test_what_waits_for_another_phone_is_held_and_taken_in_when_that_has_sent(town, db):
    """The lost phone wipes itself: nobody sends it again."""
    item, case = town.add(builders.item), new_id()
    lost = Lost(town).reported(hours=1)
    waits = note(case)
    assert states(lost.answers(waits)) == [DONE]
    assert [each["status"] for each in lost.answers(waits, waits)] == ["repeated", "repeated"]
    assert (waits["id"], "not-here-yet", False) in held(town)
    assert "看过了" not in str(seen(town, "select content from sync_heldcommand", who="worker"))
    assert Client().post(f"/api/v1/sync/devices/{lost.device}/wiped").status_code == 204

    assert try_again(town) == 0
    report = {"case": str(case), "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    assert states(Lost(town).answers(written("case.report", report))) == [DONE]
    assert try_again(town) == 1
    assert [row for row in held(town) if row[0] == waits["id"]] == []
    assert seen(town, "select text from cases_note where id = %s", [waits["id"]]) == [("看过了",)]
    # Nothing is done twice, whoever brings it.
    assert try_again(town) == 0
    assert [each["status"] for each in Lost(town).answers(waits)] == ["repeated"]


def test_what_waits_for_one_another_is_taken_in_together(town, db):
    item, case = town.add(builders.item), new_id()
    lost = Lost(town).reported(hours=1)
    step = written("case.step", {"case": str(case), "step": "accept"})
    assert states(lost.answers(note(case), step)) == [DONE, DONE]
    report = {"case": str(case), "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    Lost(town).answers(written("case.report", report))
    assert try_again(town) >= 1
    assert not [row for row in held(town) if not row[2]]


def test_what_never_comes_is_read_by_its_writer_who_lets_it_go(town, db):
    lost = Lost(town).reported(hours=1)
    waits = note(new_id())
    lost.answers(waits)
    mine, page = town.browser("worker"), "/console/me"
    assert "等待中" in mine.get(page).content.decode()
    address = f"/console/me/held/{waits['id']}/let-go"
    assert mine.post(address).status_code in (403, 404), "while it is tried it stays"
    assert try_again(town, later=timedelta(days=2)) == 0
    assert held(town) == [(waits["id"], "not-here-yet", False)]
    assert try_again(town, later=timedelta(days=4)) == 0
    assert held(town) == [(waits["id"], "not-found", True)]
    shown = mine.get(page).content.decode()
    assert "看过了" in shown
    assert "所属的记录始终没有到达" in shown
    # Nobody else's business, not even the desk's.
    assert seen(town, "select 1 from sync_heldcommand", who="community") == []
    with pytest.raises(NotFound):
        actions.let_go(town.as_viewer("worker2"), uuid.UUID(waits["id"]), now=clock.now())
    actions.let_go(town.as_viewer("worker"), uuid.UUID(waits["id"]), now=clock.now())
    assert held(town) == []
    (told,) = Entry.objects.filter(verb="command.let-go")
    assert told.after == {"kind": "note.add", "code": "not-found"}


def test_held_commands_are_tried_by_the_clock_each_account_by_itself(town, db):
    item, case = town.add(builders.item), new_id()
    for who in ("worker", "worker2"):
        assert states(Lost(town, who).reported(hours=1).answers(note(case))) == [DONE]
    report = {"case": str(case), "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    Lost(town).answers(written("case.report", report))
    assert try_held_again(clock.now()) == 1
    assert held(town) == []
    assert len(seen(town, "select 1 from sync_heldcommand", who="worker2")) == 1
    town.run("update staff_account set ended_at = now() where id = %s", [town.accounts["worker2"].pk])
    assert try_held_again(clock.now()) == 0


def test_what_was_held_keeps_the_moment_that_its_phone_meant(town, db):
    """Its clock is two days behind, and it is tried an hour later."""
    item, case, now = town.add(builders.item), new_id(), clock.now()
    lost = Lost(town).reported(hours=1)
    behind = now - timedelta(days=2)
    waits = note(case) | {"at": (behind - timedelta(hours=3)).isoformat()}
    assert states(lost.answers(waits, clock=behind.isoformat())) == [DONE]
    report = {"case": str(case), "item": item.code, "title": "灯不亮", "area": town.grid_a.code}
    Lost(town).answers(written("case.report", report))
    assert try_again(town, later=timedelta(hours=1)) == 1
    after = written("visit.record", {"household": str(new_id()), "outcome": "met"}, ago=timedelta(0))
    assert states(lost.answers(after)) == [REFUSED]
