"""What desks hear of one another: who hears what, nothing twice too often, nothing lost, nothing after the end."""

import json
import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import builders
from tests.cast import PEOPLE

from wangge.cases.actions import take_step
from wangge.cases.queries import queue_counts, seen_among
from wangge.doors.console.live import desks as desks_module
from wangge.doors.console.live import hub as hub_module
from wangge.doors.console.live.desks import Desk
from wangge.doors.console.live.hub import KEPT, MOST_AT_ONCE, MOST_OF_ONE, Full, Hub, Rounds
from wangge.doors.console.live.window import LEAST_SECONDS, MOST_SECONDS, Window
from wangge.staff.queries import digest_of, viewer_entering

EVERYBODY = tuple(PEOPLE)

_ENTRY = """
insert into journal_entry (area_id, path, at, actor_id, actor_name, post, verb, subject, source, before, after, reason,
                           confidential, seq, prev_hash, hash)
values (%(area)s, %(path)s, %(at)s, %(actor)s, %(name)s, '', %(verb)s, %(subject)s, '', %(before)s, '{}', '', %(secret)s, 0, '', '')
returning id
"""


def write(owner, town, case, verb="case.accepted", *, by="community", before=None, at=None):
    """One entry of the journal about a case, not yet committed; its number."""
    return owner.execute(
        _ENTRY,
        {
            "area": case.path.rsplit(".", 1)[-1], "path": case.path, "at": at or datetime.now(UTC),
            "actor": town.accounts[by].pk, "name": town.accounts[by].name, "verb": verb, "subject": f"case:{case.id}",
            "before": json.dumps(before or {}), "secret": case.confidential,
        },
    ).fetchone()[0]  # fmt: skip


class Office:
    """Desks and what tells them, looked after by hand instead of by the hub's thread."""

    def __init__(self, town):
        self.town, self.rounds, self.desks = town, Rounds(), {}

    def open(self, *names, since=None):
        for name in names:
            secret = self.town.token(name)
            with transaction.atomic():
                viewer = viewer_entering(secret, now=datetime.now(UTC))
            self.desks[name] = Desk(viewer, digest_of(secret), since)
        return self.desks[names[-1]]

    def look(self, *, check=False, count=True):
        """One look; what each desk heard, by its name."""
        self.rounds.check_at = 0.0 if check else float("inf")
        self.rounds.count_at = 0.0 if count else float("inf")
        self.rounds.look({desk for desk in self.desks.values() if not desk.ended})
        return {name: heard(desk) for name, desk in self.desks.items()}


def heard(desk):
    """(event, facts) of all that waits for a desk."""
    said, events = desk.waiting()[0].decode(), []
    for block in said.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def cases_in(events):
    return {UUID(facts["id"]) for name, facts in events if name == "case"}


@pytest.fixture
def office(busy, open_db):
    yield Office(busy)
    connection.close()


@pytest.fixture
def busy(town):
    town.item = town.add(builders.item)
    return town


def a_case(town, where="grid_a", **facts):
    return town.add(builders.case, town.item, town.areas[where], **facts)


def test_everybody_hears_of_exactly_the_cases_that_the_row_policies_show_them(office, busy):
    account = {name: busy.accounts[name].pk for name in EVERYBODY}
    made = {
        "plain": a_case(busy),
        "secret": a_case(busy, confidential=True),
        "elsewhere": a_case(busy, "far_grid"),
        "secret elsewhere": a_case(busy, "far_grid", confidential=True),
        "on the border": a_case(busy, border_ids=[busy.grid_a.code, busy.grid_b.code]),
        "secret on the border": a_case(
            busy, confidential=True, border_ids=[busy.grid_a.code, busy.grid_b.code]
        ),
        "given": a_case(busy, department_keys=[f"{busy.county.code}/city-management"]),
        "secret given": a_case(
            busy, confidential=True, department_keys=[f"{busy.county.code}/city-management"]
        ),
        "reported from afar": a_case(busy, confidential=True, reported_by_id=account["far_worker"]),
        "followed from afar": a_case(busy, followers=[account["far_community"]]),
        "secret followed": a_case(busy, confidential=True, followers=[account["far_community"]]),
        "of the town": a_case(busy, "township"),
        "reported by a neighbour": a_case(busy, reported_by_id=account["neighbour"]),
    }
    office.open(*EVERYBODY)
    office.look()
    for case in made.values():
        write(busy.owner, busy, case)
    busy.owner.commit()
    told = office.look()
    for name in EVERYBODY:
        with transaction.atomic():
            busy.as_viewer(name)
            seen = seen_among(None, [case.id for case in made.values()])
        names = {which for which, case in made.items() if case.id in cases_in(told[name])}
        assert names == {which for which, case in made.items() if case.id in seen}, name
    assert not cases_in(told["worker2"]) & {made["plain"].id, made["secret on the border"].id}
    assert made["on the border"].id in cases_in(told["worker2"])
    assert made["given"].id in cases_in(told["handler"])
    assert made["given"].id not in cases_in(told["handler2"])


def test_what_is_told_carries_codes_and_a_name_and_no_words(office, busy):
    case = a_case(busy, title="某人的私事", description="不可外传", address="三号楼 101")
    office.open("community")
    office.look()
    write(busy.owner, busy, case, "case.accepted", by="township")
    busy.owner.commit()
    (told,) = [facts for name, facts in office.look()["community"] if name == "case"]
    assert told == {
        "id": str(case.id),
        "number": case.number,
        "verb": "case.accepted",
        "state": "reported",
        "revision": 1,
        "by": "连云街道主任",
        "by_id": busy.accounts["township"].pk,
    }


def test_a_step_taken_by_one_is_heard_by_the_others_with_the_new_state(office, busy):
    case = a_case(busy, "community")
    office.open("township", "worker")
    office.look()
    with transaction.atomic():
        viewer = busy.as_viewer("community", now=builders.NOW)
        take_step(viewer, case.id, "accept", command_id=uuid4(), facts={}, now=builders.NOW)
    told = office.look()
    (facts,) = [facts for name, facts in told["township"] if name == "case"]
    assert (facts["verb"], facts["state"], facts["revision"]) == ("case.accepted", "accepted", 2)
    assert cases_in(told["worker"]) == set()


def test_several_steps_on_one_case_in_a_moment_are_told_once(office, busy):
    case = a_case(busy)
    office.open("worker")
    office.look()
    for verb in ("case.accepted", "case.dispatched", "case.handled"):
        write(busy.owner, busy, case, verb)
    busy.owner.commit()
    told = [facts["verb"] for name, facts in office.look()["worker"] if name == "case"]
    assert told == ["case.handled"]


def test_more_than_can_be_told_one_by_one_is_told_as_missed(office, busy):
    office.open("worker", "far_worker")
    office.look()
    for _ in range(MOST_AT_ONCE + 1):
        case = builders.case(busy.owner, busy.item, busy.grid_a)
        write(busy.owner, busy, case, "case.reported")
    busy.owner.commit()
    told = office.look()
    assert [name for name, _ in told["worker"]] == ["missed", "counts"]
    assert told["far_worker"] == []


def test_an_entry_that_is_committed_after_a_later_one_is_not_lost(office, busy, cluster):
    slow, quick = a_case(busy), a_case(busy, "community")
    office.open("community")
    office.look()
    with psycopg.connect(cluster.dsn("wangge_owner")) as other:
        first = write(other, busy, slow)
        second = write(busy.owner, busy, quick)
        busy.owner.commit()
        assert first < second
        assert cases_in(office.look()["community"]) == {quick.id}
        for _ in range(3):
            assert cases_in(office.look()["community"]) == set()
        assert office.rounds.floor < first
        other.commit()
    assert cases_in(office.look()["community"]) == {slow.id}
    assert cases_in(office.look()["community"]) == set()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 400)), min_size=1, max_size=20),
    st.integers(2, 30),
)
def test_whatever_the_order_of_commits_each_entry_is_seen_once(spans, between):
    """Entries get their numbers in the order of `begun`, and come into sight when they are committed; transactions have
    numbers in the order in which they begin too.
    """
    entries = [(begun / 10, (begun + took) / 10) for begun, took in sorted(spans)]
    window, seen, now = Window(0), [], 0.0
    while now < 80:
        open_now = [number for number, (begun, done) in enumerate(entries, 1) if begun <= now < done]
        begun_now = sum(begun <= now for begun, _ in entries)
        visible = {number for number, (begun, done) in enumerate(entries, 1) if begun <= now and done <= now}
        fresh = {number for number in visible if number > window.floor and number not in window.known}
        seen += sorted(fresh)
        window.note(fresh, oldest_open=min(open_now, default=begun_now + 1), next_one=begun_now + 1, now=now)
        now += between / 10
    assert sorted(seen) == list(range(1, len(entries) + 1))
    assert window.floor == len(entries)
    assert window.known == set()


def test_a_transaction_without_an_end_does_not_hold_the_window_for_ever():
    window = Window(0)
    window.note([2], oldest_open=7, next_one=9, now=0.0)
    window.note([], oldest_open=7, next_one=9, now=LEAST_SECONDS * 2)
    assert window.floor == 0
    window.note([], oldest_open=7, next_one=9, now=MOST_SECONDS)
    assert window.floor == 2


def test_numbers_beside_the_queues_are_those_that_the_page_shows(office, busy):
    a_case(busy, "community", holder_path=busy.community.path, holder_level="community")
    a_case(
        busy, "grid_a", state="dispatched", handler_id=busy.accounts["worker"].pk, accepted_at=builders.NOW
    )
    a_case(
        busy, "grid_b", state="dispatched", accepted_at=builders.NOW,
        department="city-management", department_keys=[f"{busy.county.code}/city-management"],
    )  # fmt: skip
    office.open(*EVERYBODY)
    told = office.look()
    for name in EVERYBODY:
        with transaction.atomic():
            expected = queue_counts(busy.as_viewer(name))
        assert [facts["queues"] for event, facts in told[name] if event == "counts"] == [expected], name
    assert sum(dict(told["worker"])["counts"]["queues"].values()) > 0


def test_numbers_are_told_again_only_when_they_changed_and_only_to_whom_they_concern(office, busy):
    case = a_case(busy, "community", holder_path=busy.community.path, holder_level="community")
    office.open("township", "community", "far_centre")
    office.look()
    with transaction.atomic():
        viewer = busy.as_viewer("community")
        take_step(viewer, case.id, "accept", command_id=uuid4(), facts={}, now=builders.NOW)
    told = office.look()
    assert dict(told["township"])["counts"]["queues"]["new"] == 0
    assert dict(told["community"])["counts"]["queues"]["mine"] == 1
    assert told["far_centre"] == []
    assert all("counts" not in dict(events) for events in office.look().values())


def test_a_case_that_leaves_a_department_changes_its_number_though_it_is_not_told(office, busy):
    key = f"{busy.county.code}/city-management"
    case = a_case(busy, state="dispatched", accepted_at=builders.NOW, department_keys=[key])
    office.open("handler", "handler2")
    assert dict(office.look()["handler"])["counts"]["queues"]["mine"] == 1
    busy.run("update cases_case set department_keys = '{}' where id = %s", [case.id])
    write(busy.owner, busy, case, "case.returned", before={"department_keys": [key]})
    busy.owner.commit()
    told = office.look()
    assert cases_in(told["handler"]) == set()
    assert dict(told["handler"])["counts"]["queues"]["mine"] == 0
    assert told["handler2"] == []


def test_many_desks_with_the_same_posts_are_counted_by_one_question(office, busy, monkeypatch):
    asked = []
    real = hub_module.cases.shared_counts
    monkeypatch.setattr(
        hub_module.cases, "shared_counts", lambda viewer: asked.append(viewer) or real(viewer)
    )
    for number in range(5):
        office.desks[number] = office.open("community")
    del office.desks["community"]
    told = office.look()
    assert len(asked) == 1
    assert all("counts" in dict(told[number]) for number in range(5))


@pytest.mark.parametrize(
    "ending",
    [
        "delete from staff_signin where account_id = %s",
        "update staff_signin set expires_at = now() where account_id = %s",
        "update staff_account set ended_at = now() where id = %s",
        "update staff_assignment set to_on = current_date - 2 where account_id = %s",
    ],
    ids=["signed out", "expired", "account ended", "post ended"],
)
def test_whoever_would_not_be_let_in_as_before_hears_nothing_more(office, busy, ending):
    gone, stays = office.open("community"), office.open("township")
    office.look()
    busy.run(ending, [busy.accounts["community"].pk])
    write(busy.owner, busy, a_case(busy))
    busy.owner.commit()
    told = office.look(check=True)
    assert gone.ended
    assert gone.waiting() == (b"", False)  # its end was already taken
    assert told["community"] == []
    assert not stays.ended
    assert cases_in(told["township"])


def test_a_post_that_ended_between_two_checks_opens_nothing_more(office, busy):
    gone = office.open("community")
    office.look()
    busy.run(
        "update staff_assignment set to_on = current_date - 2 where account_id = %s",
        [busy.accounts["community"].pk],
    )
    write(busy.owner, busy, a_case(busy))
    busy.owner.commit()
    assert office.look()["community"] == []
    assert gone.ended


def test_a_desk_that_comes_back_hears_what_was_done_meanwhile(office, busy):
    case, later = a_case(busy), a_case(busy)
    office.open("township")
    office.look()
    first = write(busy.owner, busy, case)
    second = write(busy.owner, busy, later)
    busy.owner.commit()
    office.look()
    office.open("community", since=first)
    told = office.look()
    assert cases_in(told["community"]) == {later.id}
    office.open("worker", since=second)
    assert cases_in(office.look()["worker"]) == set()


def test_a_page_made_a_moment_ago_misses_nothing(office, busy):
    case, old = a_case(busy), a_case(busy)
    office.open("township")
    office.look()
    write(busy.owner, busy, old, at=datetime(2026, 1, 1, tzinfo=UTC))
    write(busy.owner, busy, case)
    busy.owner.commit()
    office.look()
    office.open("worker")
    assert cases_in(office.look()["worker"]) == {case.id}


def test_a_desk_that_was_away_too_long_hears_that_it_has_missed_something(office, busy):
    case = a_case(busy)
    busy.run(
        "select setval('journal_entry_id_seq', %s)", [KEPT * 3]
    )  # as many entries as nobody tells one by one
    write(busy.owner, busy, case)
    busy.owner.commit()
    office.open("worker", since=1)
    assert [name for name, _ in office.look()["worker"]] == ["open", "missed", "counts"]


def test_a_connection_that_takes_nothing_is_cut_off(office, busy, monkeypatch):
    monkeypatch.setattr(desks_module, "MOST_UNREAD", 5)
    desk = office.open("worker")
    for _ in range(10):
        desk.tell(b"id: 1\n\n")
    said, last = desk.waiting()
    assert last
    assert said.count(b"id: 1") < 6


def until_told(desk, words):
    """Waits for the hub's thread to tell the desk these words."""
    woken, took = threading.Event(), b""
    desk.wake = woken.set
    while words not in (took := took + desk.waiting()[0]):
        assert woken.wait(240), took
        woken.clear()


def ended(hub, by):
    """Does `by`, and waits until the hub's thread has gone."""
    thread = hub._thread
    by()
    if thread:
        thread.join(240)
    assert hub._thread is None


@pytest.fixture
def hub(office):
    made = Hub(look_seconds=0.05)
    yield made
    ended(made, made.close)


def viewer_of(town, name):
    with transaction.atomic():
        return town.as_viewer(name)


def test_the_hub_tells_by_itself_outlives_a_fault_and_rests_without_desks(hub, busy, monkeypatch):
    case = a_case(busy)
    desk = hub.join(viewer_of(busy, "worker"), digest_of(busy.token("worker")))
    until_told(desk, b"counts")
    real, faults = Rounds.look, []

    def look(self, desks):
        if len(faults) < 2:
            faults.append(1)
            raise psycopg.OperationalError("the server is away")
        real(self, desks)

    monkeypatch.setattr(Rounds, "look", look)
    write(busy.owner, busy, case)
    busy.owner.commit()
    until_told(desk, case.number.encode())
    assert len(faults) == 2
    ended(hub, lambda: hub.leave(desk))
    assert len(hub) == 0


def test_one_person_has_a_few_streams_and_all_together_have_an_end(hub, busy, monkeypatch):
    viewer, sign_in = viewer_of(busy, "worker"), digest_of(busy.token("worker"))
    first, *others = [hub.join(viewer, sign_in) for _ in range(MOST_OF_ONE + 1)]
    assert first.ended
    assert ("replaced", {}) in heard(first)
    assert not any(desk.ended for desk in others)
    monkeypatch.setattr(hub_module, "MOST_DESKS", MOST_OF_ONE)
    with pytest.raises(Full):
        hub.join(viewer_of(busy, "worker2"), digest_of(busy.token("worker2")))


def test_the_stream_begins_at_once_and_no_cache_or_proxy_keeps_it(busy, open_db):
    answer = busy.browser("worker").get("/console/live")
    said = iter(answer)
    assert answer.status_code == 200
    assert next(said).startswith(b"retry: ")
    assert answer["Content-Type"].startswith("text/event-stream")
    assert (answer["Cache-Control"], answer["X-Accel-Buffering"]) == ("no-store", "no")
    assert "event: open" in next(said).decode()
    ended(hub_module.HUB, answer.close)
    assert len(hub_module.HUB) == 0


def test_whoever_asks_instead_gets_the_same(busy, open_db):
    case, far = a_case(busy), a_case(busy, "far_grid")
    browser = busy.browser("worker")
    begun = browser.get("/console/live?ask").json()
    assert begun["cases"] == []
    assert begun["queues"]["new"] == 1
    write(busy.owner, busy, case)
    write(busy.owner, busy, far)
    busy.owner.commit()
    told = browser.get(f"/console/live?ask&since={begun['since']}").json()
    assert [news["number"] for news in told["cases"]] == [case.number]
    assert not told["missed"]
    busy.run("select setval('journal_entry_id_seq', %s)", [int(begun["since"]) + KEPT * 3])
    assert browser.get(f"/console/live?ask&since={begun['since']}").json()["missed"]


@pytest.mark.parametrize("since", ["x", "-1", "９", "1" * 40, "1e9", "\x00"])
def test_a_number_that_is_none_is_as_if_none_was_given(busy, open_db, since):
    assert busy.browser("worker").get("/console/live", {"ask": "", "since": since}).status_code == 200


def test_nobody_gets_neither_stream_nor_answer(client, db):
    assert client.get("/console/live").status_code == 401
    assert client.get("/console/live?ask").status_code == 401
    assert client.post("/console/live").status_code == 405
