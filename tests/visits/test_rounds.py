"""The rounds of everybody for a day, planned in the night: each once, by who walks, in walking order, and where it broke off."""

import itertools
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from tests import builders
from tests.builders import NOW, TODAY
from tests.visits.homes import household

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.project.processes import alive
from wangge.visits import actions, queries
from wangge.visits.actions import rounds
from wangge.visits.jobs import forget_rounds, plan_rounds, renew_due_visits
from wangge.visits.rules import Asked, Stop, walks_of_many

NIGHT = datetime(2026, 4, 14, 20, 30, tzinfo=UTC)  # half past four in Shanghai


@pytest.fixture
def homes(town, open_db):
    """Three doors in one grid, from west to east not in the order of their numbers; two in the next. All are due."""
    made = [household(town, town.grid_a, str(100 + n), lon=119.351 + (n * 2 % 3) / 1000) for n in range(3)]
    made += [household(town, town.grid_b, str(200 + n), lon=119.361 + n / 1000) for n in range(2)]
    renew_due_visits(NOW)
    return made


def kept(town):
    return town.rows(
        "select grid_id, account_id, number, households, made_by_id from visits_round order by path, account_id, number"
    )


def plan(town, **facts):
    return actions.plan_rounds(town.city.path, TODAY, now=NIGHT, **facts)


def test_the_night_plans_everybody_s_round_once_in_walking_order(town, homes):
    assert plan_rounds(NIGHT) == 2
    assert plan_rounds(NIGHT + timedelta(minutes=1)) == 0
    a, b = kept(town)
    west_to_east = [homes[0].pk, homes[2].pk, homes[1].pk]
    assert a == (town.grid_a.code, town.accounts["worker"].pk, 1, west_to_east, None)
    assert b[:3] == (town.grid_b.code, town.accounts["worker2"].pk, 1)
    told = town.rows("select after from journal_entry where verb = 'rounds.planned'")
    assert [after["rounds"] for (after,) in told] == [2]


def test_the_sheet_of_such_a_round_says_why_each_door_is_on_it(town, homes):
    plan(town)
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        ((row_id, day),) = [(row.id, row.day) for row in queries.rounds_of(viewer, town.grid_a.path)]
        sheet = queries.round_by_id(viewer, row_id)
        assert day == TODAY
        assert len(sheet.stops) == 3
        assert all(stop.reasons for stop in sheet.stops)
        # Whoever asks for the same round gets the one that is there.
        assert actions.keep_round(viewer, TODAY, now=NOW).id == row_id


def test_by_day_nothing_is_planned(town, homes):
    assert plan_rounds(NOW) == 0
    assert kept(town) == []


def test_where_it_broke_off_it_goes_on(town, homes, monkeypatch):
    monkeypatch.setattr(rounds, "_GRIDS", 1)
    told = []
    first = plan(town, seconds=0.0)
    assert (first.rounds, first.left) == (0, 2)
    monkeypatch.setattr(rounds, "walks_of_many", breaking_after(1))
    with pytest.raises(OSError, match="lost"):
        plan(town)
    assert len(kept(town)) == 1
    monkeypatch.undo()
    second = plan(town, progress=lambda done, of: told.append((done, of)))
    assert (second.rounds, second.grids, second.left) == (1, 1, 0)
    assert told == [(1, 1)]
    assert len(kept(town)) == 2


def test_each_minute_of_the_night_says_how_far_the_rounds_are(town, homes, monkeypatch, caplog):
    """Here half a minute is over after each grid."""
    monkeypatch.setattr(rounds, "_GRIDS", 1)
    ticks = itertools.count(0, 20)
    monkeypatch.setattr(rounds, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    with caplog.at_level("INFO", "wangge.worker"):
        done = [plan_rounds(NIGHT + timedelta(minutes=minute)) for minute in range(3)]
    assert done == [1, 1, 0]
    assert [record.args for record in caplog.records if record.msg.startswith("rounds:")] == [
        (1, 1, 1),  # one round in one grid, one grid to go
        (1, 1, 0),
    ]


def test_who_waits_for_the_rounds_hears_of_each_part_when_it_is_kept(town, homes, monkeypatch):
    monkeypatch.setattr(rounds, "_GRIDS", 1)
    told = []
    plan(town, progress=lambda done, of: told.append((done, of, len(kept(town)))))
    assert told == [(1, 2, 1), (2, 2, 2)]


def breaking_after(count):
    calls = iter(range(count))

    def walk(asked):
        if next(calls, None) is None:
            raise OSError("lost")
        return walks_of_many(asked)

    return walk


def test_two_who_walk_one_grid_share_the_doors_as_they_lie(town, homes):
    second = builders.account(town.owner, "second", town.grid_a, name="李二")
    seat = builders.post(town.owner, "grid_worker", town.grid_a)
    town.add(builders.assignment, seat, second)
    assert plan(town).rounds == 3
    (_, one, _, first, _), (_, other, _, rest, _), _ = kept(town)
    assert {one, other} == {town.accounts["worker"].pk, second.pk}
    assert [*first, *rest] == [homes[0].pk, homes[2].pk, homes[1].pk]
    assert len(first) == 1


def test_the_night_s_rounds_fit_into_the_day_and_say_what_is_left(town, homes, settings):
    settings.ROUND_HOURS = ((540, 580),)
    plan(town)
    ((a, *told),) = town.rows(
        "select households, begins, left_over from visits_round where grid_id = %s", [town.grid_a.code]
    )
    assert (len(a), *told) == (2, [540, 555], [({home.pk for home in homes[:3]} - {*a}).pop()])
    settings.ROUND_HOURS = ((540, 550),)
    town.run("delete from visits_round")
    plan(town)
    assert [len(row) for _, _, _, row, _ in kept(town)] == [0, 0], "who has no time hears so"


def test_who_walks_in_two_grids_has_half_of_the_day_in_each(town, homes, monkeypatch):
    monkeypatch.setattr(rounds, "_GRIDS", 1)
    seat = builders.post(town.owner, "grid_worker", town.grid_a)
    town.add(builders.assignment, seat, town.accounts["worker2"])
    plan(town)
    begins = town.rows(
        "select grid_id, begins[1] from visits_round where account_id = %s order by number",
        [town.accounts["worker2"].pk],
    )
    assert begins == [(town.grid_a.code, 510), (town.grid_b.code, 840)]


def test_who_is_on_leave_has_no_round(town, homes):
    town.add(builders.leave, town.accounts["worker"], TODAY, TODAY)
    assert plan(town).rounds == 1


def test_a_second_round_of_the_day_has_the_next_number(town, homes):
    with transaction.atomic():
        actions.keep_round(town.as_viewer("worker2"), TODAY, now=NIGHT)
    seat = builders.post(town.owner, "grid_worker", town.grid_a)
    town.add(builders.assignment, seat, town.accounts["worker2"])
    plan(town)
    numbers = [(grid, number) for grid, who, number, *_ in kept(town) if who == town.accounts["worker2"].pk]
    assert numbers == [(town.grid_a.code, 2), (town.grid_b.code, 1)]


def test_processes_of_their_own_give_the_same_order():
    asked = [
        Asked(
            tuple(Stop(f"{n}-{k}", 119 + (k * 7 % 5 + n) / 1000, 34 + (k * 3 % 5) / 1000) for k in range(5)),
            (((510, 720), (840, 1050)),),
        )
        for n in range(12)
    ]
    with rounds._routers(2, len(asked)) as walk:
        assert walk(asked) == walks_of_many(asked)


_POOL = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import os, signal
from wangge.base.processes import end_with_parent
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_end_with_a_parent_that_was_killed(tmp_path):
    file = tmp_path / "pool.py"
    file.write_text(_POOL)
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=False)
    child = int(done.stdout)
    ends = time.monotonic() + 240
    while alive(child) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not alive(child)


def test_old_rounds_go_when_nobody_used_them(town, homes):
    plan(town)
    town.run("update visits_round set day = current_date - 70")
    now = datetime.now(UTC)
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        used = queries.rounds_of(viewer, town.grid_a.path)[0]
        command = actions.Told(household=homes[0].pk, outcome="met", source="desk", round=used.id)
        actions.record_visit(viewer, Command(id=new_id(), at=now), command, now=now)
    assert forget_rounds(now - timedelta(days=30)) == 0
    assert forget_rounds(now) == 1
    assert [row[0] for row in kept(town)] == [town.grid_a.code]
