"""Signing in: what is kept, what a failure says, how it is throttled and locked, and how it ends."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import builders
from tests.cast import PASSWORD

from wangge.base.problems import NotFound, TooMany
from wangge.staff import actions, queries
from wangge.staff.rules import WrongPassword
from wangge.staff.rules.sign_in import (
    LASTS,
    LOCK_AFTER,
    LOCKED_FOR,
    MOST_BY_NAME,
    MOST_BY_SOURCE,
    WINDOW,
    source_of,
    username_of,
    wait_seconds,
)

NOW = builders.NOW


def enter(username="worker", password=PASSWORD, *, source="192.0.2.1", at=NOW):
    return actions.sign_in(username, password, source=source, agent="Probe/1 \x07" + "x" * 300, now=at)


def fail(username="worker", *, source="192.0.2.1", at=NOW):
    with pytest.raises(WrongPassword):
        enter(username, "not the password", source=source, at=at)


def test_signing_in_opens_the_account_and_keeps_only_a_digest(town, open_db):
    opened = enter()
    rows = town.rows("select digest, account_id, expires_at, agent from staff_signin")
    assert [bytes(rows[0][0])] == [hashlib.sha256(opened.secret.encode()).digest()]
    assert rows[0][1:3] == (town.accounts["worker"].pk, NOW + LASTS)
    assert rows[0][3].startswith("Probe/1 xxx")
    assert len(rows[0][3]) == 120
    assert opened.account.username == "worker"
    assert opened.secret not in str(builders.journal_entries(town.owner))
    assert [entry["verb"] for entry in builders.journal_entries(town.owner)] == ["account.signed-in"]


def test_a_name_is_known_whatever_its_case_and_width(town, db):
    assert enter(" ＷorKer ").account.username == "worker"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("worker", "wrong"),
        ("nobody-has-this", PASSWORD),
        ("", ""),
        ("worker\x00", PASSWORD),
        ("\ud800", PASSWORD),
        ("worker", "\ud800"),
        ("worker", PASSWORD + "x" * 300),
        ("x" * 5000, "y" * 5000),
    ],
    ids=["wrong password", "unknown", "empty", "null byte", "surrogate", "bad password", "long", "huge"],
)
def test_all_failures_look_the_same(town, db, username, password):
    with pytest.raises(WrongPassword) as refusal:
        enter(username, password)
    assert refusal.value.facts == {}


def test_an_unknown_name_is_hashed_for_as_long_as_a_known_one(town, db, monkeypatch):
    from django.contrib.auth.hashers import ScryptPasswordHasher

    hashed = []
    encode = ScryptPasswordHasher.encode

    def counting(self, *arguments, **facts):
        hashed.append(self.work_factor)
        return encode(self, *arguments, **facts)

    monkeypatch.setattr(ScryptPasswordHasher, "encode", counting)
    fail("worker")
    known = list(hashed)
    hashed.clear()
    fail("nobody-has-this")
    assert hashed == known != []


def test_an_ended_account_cannot_sign_in(town, db):
    town.run("update staff_account set ended_at = %s where username = 'worker'", [NOW])
    with pytest.raises(WrongPassword):
        enter()


def test_a_failed_attempt_stays_counted(town, open_db):
    fail()
    assert town.rows("select failures from staff_account where username = 'worker'") == [(1,)]
    assert town.rows("select count from staff_attempts") == [(1,), (1,)]
    enter(at=NOW + timedelta(minutes=1))
    assert town.rows("select failures from staff_account where username = 'worker'") == [(0,)]


def test_the_throttle_keeps_no_name_and_no_address(town, open_db):
    fail()
    kept = [row[0] for row in town.rows("select source from staff_attempts")]
    plain = {hashlib.sha256(text.encode()).hexdigest() for text in ("worker", "name:worker", "192.0.2.1")}
    assert all(len(key) == 64 for key in kept)
    assert not plain & set(kept)


@pytest.mark.parametrize("username", ["worker", "nobody-has-this"])
def test_too_many_failures_by_name_must_wait(town, db, username, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.MOST_BY_NAME", 3)
    for _ in range(3):
        fail(username)
    with pytest.raises(TooMany) as refusal:
        enter(username, at=NOW + timedelta(minutes=1))
    wait = refusal.value.facts["seconds"]
    assert wait == (WINDOW - timedelta(minutes=1)).total_seconds()
    fail(username, at=NOW + timedelta(minutes=1, seconds=wait))


def test_too_many_failures_from_one_place_must_wait_and_others_need_not(town, db, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.MOST_BY_SOURCE", 3)
    for number in range(3):
        fail(f"guess{number}")
    with pytest.raises(TooMany):
        enter()
    assert enter(source="192.0.2.2").account.username == "worker"


def test_trying_while_one_must_wait_makes_the_wait_no_longer(town, db, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.MOST_BY_NAME", 2)
    fail()
    fail()
    for minutes in range(1, 10):
        with pytest.raises(TooMany):
            enter(at=NOW + timedelta(minutes=minutes))
    assert enter(at=NOW + WINDOW).account.username == "worker"


def test_being_right_is_not_counted(town, db, monkeypatch):
    monkeypatch.setattr("wangge.staff.actions.signing.MOST_BY_NAME", 2)
    for _ in range(4):
        enter()


@pytest.fixture
def locked_at(monkeypatch):
    """Locks the worker's account by three failures, each too late after the one before to be throttled."""
    monkeypatch.setattr("wangge.staff.actions.signing.LOCK_AFTER", 3)

    def lock():
        for number in range(3):
            fail(at=NOW + number * WINDOW)
        return NOW + 2 * WINDOW

    return lock


def test_failures_in_a_row_lock_the_account_for_a_while(town, open_db, locked_at):
    last = locked_at()
    with pytest.raises(WrongPassword):
        enter(at=last + LOCKED_FOR - timedelta(seconds=1))
    entries = builders.journal_entries(town.owner, "account.locked")
    assert [entry["actor_id"] for entry in entries] == [None]
    assert enter(at=last + LOCKED_FOR).account.username == "worker"
    fail(at=last + LOCKED_FOR)
    assert enter(at=last + LOCKED_FOR).account.username == "worker"


def test_a_failure_right_after_a_lock_locks_again(town, db, locked_at):
    last = locked_at() + LOCKED_FOR
    fail(at=last)
    with pytest.raises(WrongPassword):
        enter(at=last + timedelta(minutes=1))


def test_signing_out_ends_this_sign_in_only(town, db):
    first, second = enter(), enter()
    actions.sign_out(first.secret, now=NOW)
    assert queries.viewer_entering(first.secret, now=NOW) is None
    assert queries.viewer_entering(second.secret, now=NOW) is not None
    actions.sign_out("no such secret", now=NOW)


def test_one_sees_and_ends_ones_own_sign_ins_only(town, db):
    other = enter("community")
    mine, lost = enter(), enter(at=NOW + timedelta(minutes=1))
    viewer = town.as_viewer("worker")
    listed = queries.sign_ins_of(viewer, secret=mine.secret, now=NOW)
    assert [each.current for each in listed] == [False, True]
    actions.end_sign_in(viewer, listed[0].key, now=NOW)
    assert queries.viewer_entering(lost.secret, now=NOW) is None
    theirs = hashlib.sha256(other.secret.encode()).hexdigest()
    viewer = town.as_viewer("worker")
    for key in (theirs, "zz", "", listed[0].key):
        with pytest.raises(NotFound):
            actions.end_sign_in(viewer, key, now=NOW)
    assert queries.viewer_entering(other.secret, now=NOW) is not None


def test_what_expired_is_swept_and_what_is_open_stays(town, db):
    enter()
    later = enter(at=NOW + timedelta(days=1))
    fail(at=NOW + timedelta(days=1))
    assert actions.sweep_sign_ins(now=NOW + LASTS) == 1
    assert queries.viewer_entering(later.secret, now=NOW + LASTS) is not None


MINUTES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=12)


@given(MINUTES, st.integers(1, 20))
def test_after_the_wait_an_attempt_is_heard_and_not_before(minutes, most):
    counts = [(NOW - timedelta(minutes=ago), count) for ago, count in minutes]
    wait = wait_seconds(counts, most=most, now=NOW)
    assert wait_seconds(counts, most=most, now=NOW + timedelta(seconds=wait)) == 0
    if wait:
        assert wait_seconds(counts, most=most, now=NOW + timedelta(seconds=wait - 1)) > 0
    else:
        assert sum(count for minute, count in counts if minute + WINDOW > NOW) < most


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "elsewhere"),
        ("unix:", "elsewhere"),
    ],
)
def test_where_an_attempt_came_from(address, source):
    assert source_of(address) == source


@given(st.text())
def test_a_username_is_the_same_when_typed_as_it_is_kept(typed):
    assert username_of(username_of(typed)) == username_of(typed)


def test_offices_share_an_address():
    assert MOST_BY_SOURCE >= 5 * MOST_BY_NAME
    assert LOCK_AFTER > MOST_BY_NAME  # who is throttled is not locked out by it
