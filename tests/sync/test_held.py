"""What is held is tried in turns that nothing stops, keeps the moment of its arrival, and does not stay for ever."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from tests import builders
from tests.sync.test_last_words import Lost, note, seen, try_again, visit, written
from tests.visits.homes import household

from wangge.base import clock
from wangge.base.ids import new_id
from wangge.sync import jobs, queries
from wangge.sync.actions import retrying
from wangge.sync.actions.held import hold
from wangge.sync.jobs import forget_held_commands, try_held_again
from wangge.sync.models import HeldCommand, SyncCommand
from wangge.sync.rules import NotHereYet, Result, read_commands

pytestmark = pytest.mark.django_db


def held(town, *commands, at=None, who="worker"):
    """Each was put off when it came, one after the other, at that moment."""
    at = at or clock.now()
    viewer = town.as_viewer(who)
    for place, one in enumerate(commands):
        (read,) = read_commands([one])
        came = at + timedelta(seconds=place)
        SyncCommand.objects.create(
            id=read.id, account_id=viewer.account_id, kind=read.kind, digest=read.digest, status="refused",
            answer={"code": "not-here-yet"}, said_at=one["at"], received_at=came, answered_at=came,
        )  # fmt: skip
        put_off = Result(read.id, "refused", problem=NotHereYet(), again=True)
        hold(viewer, one, put_off, device_id=None, clock=None, now=came)


def rows(town, who="worker"):
    """Kind and whether it waits, and whether its content is there, in the order in which they came."""
    return seen(
        town,
        "select kind, ended_at is null, content is not null from sync_heldcommand order by held_at, id",
        who=who,
    )


def report(town, case):
    facts = {"case": str(case), "item": town.add(builders.item).code, "title": "灯不亮"}
    return written("case.report", facts | {"area": town.grid_a.code})


def change(town, command, statement, who="worker"):
    town.as_viewer(who)
    with connection.cursor() as cursor:
        cursor.execute(f"update sync_heldcommand set {statement} where id = %s", [command["id"]])


def test_what_does_not_open_stops_nothing_behind_it(town, caplog):
    case, bad = new_id(), note(new_id())
    good = note(case)
    held(town, bad, report(town, case), good)
    change(town, bad, r"content = '\x00'")
    assert try_held_again(clock.now()) == 2
    assert rows(town) == [("note.add", True, True)]
    # Its owner sees that it is there.
    assert [one.words for one in queries.held_of(town.as_viewer("worker"))] == [""]
    assert "等待中" in town.browser("worker").get("/console/me").content.decode()
    assert f"{bad['id']} does not open" in caplog.text
    assert "看过了" not in caplog.text


def test_a_fault_at_one_account_is_logged_without_its_words_and_the_others_are_tried(
    town, monkeypatch, caplog
):
    accounts = sorted((town.accounts[who].pk, who) for who in ("worker", "worker2"))
    for _key, who in accounts:
        held(town, note(new_id()), who=who)
    tried = []

    def fails_for_the_first(viewer, *, now):
        tried.append(viewer.account_id)
        if len(tried) == 1:
            raise RuntimeError("看过了")
        return retrying.try_again(viewer, now=now)

    monkeypatch.setattr(jobs, "try_again", fails_for_the_first)
    assert try_held_again(clock.now()) == 0
    assert sorted(tried) == [key for key, _who in accounts]
    assert "RuntimeError" in caplog.text
    assert "看过了" not in caplog.text


def test_all_have_their_turn(town, monkeypatch):
    monkeypatch.setattr(retrying, "_MOST", 2)
    held(town, note(new_id()), note(new_id()), report(town, new_id()))
    assert try_again(town, later=timedelta(hours=1)) == 0
    assert try_again(town, later=timedelta(hours=2)) == 1
    assert [kind for kind, *_ in rows(town)] == ["note.add", "note.add"]


def test_what_it_waited_for_came_later_in_the_same_turn_and_its_age_does_not_end_it(town):
    case = new_id()
    held(town, note(case), report(town, case))
    assert try_again(town, later=timedelta(days=4)) == 2
    assert rows(town) == []


def test_nothing_ends_for_its_age_while_what_it_waits_for_had_no_turn(town, monkeypatch):
    case = new_id()
    monkeypatch.setattr(retrying, "_MOST", 1)
    held(town, note(case), report(town, case))
    turns = [try_again(town, later=timedelta(days=4, hours=hour)) for hour in range(3)]
    assert turns == [0, 1, 1]
    assert rows(town) == []
    # What never comes ends when all had their turn since.
    held(town, note(new_id()), note(new_id()))
    for hour in range(2):
        try_again(town, later=timedelta(days=4, hours=hour))
    assert [waits for _kind, waits, _content in rows(town)] == [True, True]
    try_again(town, later=timedelta(days=4, hours=2))
    assert [waits for _kind, waits, _content in rows(town)] == [False, True]


def test_what_ended_is_told_first_however_much_waits(town):
    last = note(new_id())
    held(town, note(new_id()), note(new_id()), last)
    change(town, last, "ended_at = now()")
    (told,) = queries.held_of(town.as_viewer("worker"), limit=1)
    assert str(told.id) == last["id"]


def test_what_was_held_for_days_is_dated_by_when_it_came(town):
    """Written thirty days before it came, and held for two: nothing is wrong with its clock."""
    home, came = household(town, town.grid_a), clock.now()
    old = visit(home, ago=timedelta(days=30))
    held(town, old, at=came)
    assert try_again(town, later=timedelta(days=2)) == 1
    ((happened,),) = seen(town, "select happened_at from visits_visit")
    assert happened == datetime.fromisoformat(old["at"])


def test_a_try_of_what_is_held_counts_toward_nothing_that_the_lost_phone_may_send(town):
    lost, waits = Lost(town).reported(hours=1), note(new_id())
    lost.answers(waits)
    for hour in range(2):
        try_again(town, later=timedelta(days=4, hours=hour))
        assert HeldCommand.objects.update(ended_at=None) == 1
    assert "times" not in SyncCommand.objects.get(id=waits["id"]).answer


def patrol(*, ago):
    at = clock.now() - ago
    walk = {"started_at": (at - timedelta(hours=1)).isoformat(), "ended_at": at.isoformat()}
    points = [[119.3, 34.7, 10.0]]
    return written(
        "patrol.record", {"patrol": str(new_id()), "shift": str(new_id()), "points": points, **walk}, ago=ago
    )


def test_a_month_after_its_end_the_content_of_a_held_command_goes(town):
    now = clock.now()
    old, young, waits = (note(new_id()) for _ in range(3))
    held(town, old, young, waits, at=now - timedelta(days=40))
    change(town, old, "ended_at = now() - interval '31 days', code = 'not-found'")
    change(town, young, "ended_at = now() - interval '29 days'")
    assert forget_held_commands(now) == 1
    assert rows(town) == [("note.add", False, False), ("note.add", False, True), ("note.add", True, True)]
    viewer = town.as_viewer("worker")
    first = queries.held_of(viewer)[0]
    assert (first.kind, first.words, first.code) == ("note.add", "", "not-found")
    # Nobody empties sooner than that, and what is empty is not counted again.
    assert forget_held_commands(now + timedelta(days=300)) == 0
    # Should it come once more it waits as before.
    put_off = Result(first.id, "refused", problem=NotHereYet(), again=True)
    hold(viewer, old, put_off, device_id=None, clock=None, now=now)
    assert rows(town)[0] == ("note.add", True, True)


def test_a_track_in_a_held_patrol_goes_after_thirty_days(town):
    now = clock.now()
    held(town, patrol(ago=timedelta(days=31)), at=now - timedelta(days=5))
    held(town, patrol(ago=timedelta(days=28)), at=now - timedelta(days=4))
    # Of a clock that cannot be right its arrival counts.
    held(town, patrol(ago=timedelta(days=4000)), at=now - timedelta(days=3))
    held(town, patrol(ago=timedelta(days=-4)), at=now - timedelta(days=31), who="worker2")
    assert forget_held_commands(now) == 2
    assert [(waits, content) for _kind, waits, content in rows(town)] == [
        (False, False),
        (True, True),
        (True, True),
    ]
    assert rows(town, "worker2") == [("patrol.record", False, False)]
    assert "三十天" in town.browser("worker").get("/console/me").content.decode()


@pytest.mark.parametrize(("days", "gone"), [(31, 1), (29, 0)])
def test_a_month_after_its_account_ended_the_content_goes(town, days, gone):
    held(town, note(new_id()), who="worker2")
    ended = clock.now() - timedelta(days=days)
    town.run("update staff_account set ended_at = %s where id = %s", [ended, town.accounts["worker2"].pk])
    assert forget_held_commands(clock.now()) == gone
    assert forget_held_commands(clock.now()) == 0
