"""The supervisor: whatever is killed comes back, a stop is in order and quick, and a second one is told why not."""

import os
import signal
import socket
from contextlib import contextmanager

import psutil
import psycopg
import pytest
from tests.project.program import Program, gone, run, until

from wangge.project import serving as module
from wangge.project.cluster import Cluster
from wangge.project.processes import Roll


@contextmanager
def serving(data):
    """A program that answers, whose remains are cleared away whatever the test did to it."""
    program = Program(data)
    try:
        program.await_health()
        until(lambda: {"worker", "web worker", "database"} <= program.pids().keys(), "every process")
        yield program
    finally:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()
        Roll(data).end_left_behind()
        Cluster(data).stop()


@pytest.fixture(scope="module")
def kept(shared_data):
    """A program that every test leaves running."""
    with serving(shared_data) as program:
        yield program


@pytest.fixture
def served(data):
    """A program that the test ends in its own way."""
    with serving(data) as program:
        yield program


@pytest.mark.parametrize("who", ["web master", "web worker", "worker", "database"])
def test_what_is_killed_is_started_again(kept, who):
    killed = kept.pids()[who]
    os.kill(killed, signal.SIGKILL)
    until(lambda: kept.pids().get(who, killed) != killed and kept.health() == 200, f"another {who}")


def stops_in_order(program, number):
    pids = program.pids()
    assert program.stop(number) == 0, program.said()
    assert [who for who, pid in pids.items() if not gone(pid)] == []
    assert not (program.data / "processes.json").exists()
    assert "Traceback" not in program.said()


def test_a_stop_ends_everything(served):
    stops_in_order(served, signal.SIGTERM)


def test_whoever_does_not_stop_is_waited_for_less_than_ten_seconds():
    assert module.WEB_STOP_SECONDS + module.WORKER_STOP_SECONDS + module.DATABASE_STOP_SECONDS < 10


def test_after_a_killed_supervisor_the_next_one_takes_over_at_once_and_nothing_is_lost(served):
    with psycopg.connect(Cluster(served.data).dsn()) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('路灯')")
    pids = served.pids()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    with serving(served.data) as again:
        assert [who for who in ("web master", "web worker", "worker") if not gone(pids[who])] == []
        with psycopg.connect(Cluster(served.data).dsn()) as connection:
            assert connection.execute("select word from kept").fetchall() == [("路灯",)]
        stops_in_order(again, signal.SIGINT)


def test_after_everything_was_killed_at_once_the_next_start_serves(served):
    for pid in served.pids().values():
        os.kill(pid, signal.SIGKILL)
    served.process.wait()
    with serving(served.data) as again:
        assert again.health() == 200


def test_a_second_server_of_the_folder_hears_which_process_has_it(kept):
    refused = run(kept.data, "serve", WANGGE_PORT=str(kept.port + 1))
    assert refused.returncode == 1
    assert str(kept.process.pid) in refused.stderr
    assert "WANGGE_DATA" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_command_beside_the_server_leaves_its_database_running(kept):
    done = run(kept.data, "journal", "verify")
    assert done.returncode == 0, done.stderr
    assert "0 entries" in done.stdout
    assert kept.health() == 200


def test_a_command_alone_stops_the_database_that_it_started(data):
    assert run(data, "migrate", "--check").returncode == 0
    assert not Cluster(data).running()


def test_a_taken_port_is_told_with_its_holder(data):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = run(data, "serve", WANGGE_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken by process {os.getpid()}" in refused.stderr
    assert "WANGGE_PORT" in refused.stderr


def test_a_number_that_another_program_bears_now_is_not_ended(tmp_path):
    Roll(tmp_path).write([os.getpid()])
    file = tmp_path / "processes.json"
    file.write_text(file.read_text().replace(str(psutil.Process().create_time()), "1.5"))
    assert Roll(tmp_path).end_left_behind() == []


def test_a_mark_of_a_dead_server_does_not_keep_the_next_from_starting(data):
    (data / "postgres" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{data / 'postgres'}\n1700000000\n5432\n\n\n\n"
    )
    assert run(data, "migrate", "--check").returncode == 0
