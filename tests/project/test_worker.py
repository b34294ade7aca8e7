"""The timers: each runs once at start, none is lost with a killed worker, and a failure quotes nobody's data."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from wangge.project import worker


@pytest.fixture
def kept(monkeypatch):
    """What was kept, in place of the promises themselves; their time comes in no minute of a test, which would keep them again."""
    done = []
    promises = {
        name: ("0 0 29 2 *", lambda now, name=name: done.append((name, now))) for name in worker.PROMISES
    }
    monkeypatch.setattr(worker, "PROMISES", promises)
    return done


@pytest.fixture
def queue(cluster, django_db_setup, django_db_blocker):
    """Asks the queue's tables, emptied before and after; the worker's connection is outside of any test's transaction."""

    def ask(statement):
        with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
            return connection.execute(statement)

    def clear():
        ask("truncate procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers cascade")
        ask("delete from procrastinate_workers")

    clear()
    with django_db_blocker.unblock():
        yield ask
    clear()


def work():
    app = worker.queue()
    # In a thread: a browser's test may have left a loop running in this one.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(lambda: asyncio.run(worker.work(app, wait=False))).result()


def test_every_promise_is_kept_once_at_start(kept, queue):
    work()
    assert sorted(name for name, _ in kept) == sorted(worker.PROMISES)
    assert all(now.utcoffset() is not None for _, now in kept)


def test_what_a_killed_worker_had_begun_is_cleared_and_done_anew(kept, queue):
    queue(
        "insert into procrastinate_jobs (task_name, queue_name, queueing_lock, status)"
        " values ('sound_alarms', 'default', 'sound_alarms', 'doing')"
    )
    work()
    assert "sound_alarms" in {name for name, _ in kept}
    assert queue("select 1 from procrastinate_jobs").rowcount == 0


def test_a_run_that_waits_already_is_not_doubled(kept, queue):
    queue(
        "insert into procrastinate_jobs (task_name, queue_name, queueing_lock, status)"
        " values ('sound_alarms', 'default', 'sound_alarms', 'todo')"
    )
    work()
    assert [name for name, _ in kept].count("sound_alarms") == 1


def test_a_failure_tells_kind_and_place_and_not_its_words(monkeypatch, caplog):
    def fail(_):
        raise ValueError("王秀英 13800000000")

    monkeypatch.setattr(worker, "PROMISES", {"sound_alarms": ("* * * * *", fail)})
    with caplog.at_level(logging.ERROR), pytest.raises(worker.Failed):
        worker.keep("sound_alarms")
    assert "ValueError" in caplog.text
    assert "test_worker.py" in caplog.text
    assert "王" not in caplog.text
    assert "138" not in caplog.text


def test_a_failed_promise_keeps_no_other_from_being_kept(kept, queue, monkeypatch):
    def fail(_):
        raise ValueError

    monkeypatch.setitem(worker.PROMISES, "sound_alarms", ("* * * * *", fail))
    work()
    assert {name for name, _ in kept} == worker.PROMISES.keys() - {"sound_alarms"}


def test_who_is_away_from_today_on_is_seen_soon_after_shanghais_midnight():
    minute, hour, *rest = worker.PROMISES["rehome_cases"][0].split()
    assert (int(minute), rest) == (5, ["*", "*", "*"])
    assert hour in ("*", "16")  # in UTC
