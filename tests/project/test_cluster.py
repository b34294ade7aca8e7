"""The embedded database: it comes back after a kill, refuses what it cannot open, and says the way out."""

import os
import signal
import tempfile
import threading
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest
from tests.project.program import PATIENCE_SECONDS

from wangge.project import cluster as module
from wangge.project import folder as holding
from wangge.project.cluster import Cluster, attached, reason_in_log
from wangge.project.environment import StartRefused
from wangge.project.folder import FolderLock


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="wg") as place:
        yield Path(place)


def test_every_committed_row_is_there_after_a_kill(folder):
    server = Cluster(folder)
    server.start()
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('路灯')")
    os.kill(int((server.home / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    Cluster(folder).start()
    try:
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select word from kept").fetchall() == [("路灯",)]
            assert connection.execute("select lower('É'), '路' ~ '[一-鿿]'").fetchone() == ("é", True)
    finally:
        server.stop()
    assert not server.running()


def test_a_second_user_of_the_folder_attaches_and_leaves_it_running(folder):
    with attached(folder) as first:
        with attached(folder) as second:
            assert second.running()
        assert first.running()
    assert not first.running()


def test_a_folder_of_another_version_is_refused(folder):
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(StartRefused, match="PostgreSQL 14") as refused:
        Cluster(folder).start()
    assert "WANGGE_DATA" in refused.value.way_out


def test_a_full_disk_is_refused_before_anything_is_written(folder, monkeypatch):
    monkeypatch.setattr(
        module.shutil, "disk_usage", lambda _: namedtuple("Usage", "total used free")(10, 10, 0)
    )
    with pytest.raises(StartRefused, match="full"):
        Cluster(folder).start()
    assert not (folder / "postgres").exists()


def test_a_full_disk_is_recognised_in_the_servers_words():
    assert "full" in reason_in_log("FATAL: could not write lock file: No space left on device").message
    assert reason_in_log("all well") is None


def test_the_folder_has_one_serving_process_and_the_second_hears_its_number(folder):
    first, second = FolderLock(folder), FolderLock(folder)
    first.take()
    with pytest.raises(StartRefused, match=str(os.getpid())):
        second.take()
    first.release()
    second.take()
    second.release()


def test_who_comes_while_the_holder_stops_waits_for_it(folder, monkeypatch):
    monkeypatch.setattr(holding, "STOPPING_SECONDS", PATIENCE_SECONDS)
    first, second = FolderLock(folder), FolderLock(folder)
    first.take()
    first.stopping()
    waiting = threading.Thread(target=second.take)
    waiting.start()
    assert waiting.is_alive()
    first.release()
    waiting.join(PATIENCE_SECONDS)
    assert second.handle is not None
    second.release()


def test_a_holder_whose_name_is_gone_is_waited_for(folder, monkeypatch):
    """Between the last word of the holder and its end the file is empty."""
    monkeypatch.setattr(holding, "NAMELESS_SECONDS", PATIENCE_SECONDS)
    first, second = FolderLock(folder), FolderLock(folder)
    first.take()
    first.file.write_text("")
    waiting = threading.Thread(target=second.take)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    first.release()
    waiting.join(PATIENCE_SECONDS)
    assert second.handle is not None
    second.release()


def test_two_users_of_a_folder_leave_it_to_the_last(folder):
    first, second = attached(folder), attached(folder)
    server = first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert server.running()
    second.__exit__(None, None, None)
    assert not server.running()


def test_another_program_with_the_number_of_a_dead_server_is_not_taken_for_it(folder):
    server = Cluster(folder)
    server.home.mkdir()
    (server.home / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert server.postmaster() is None


def test_a_folder_below_a_file_is_refused(folder):
    (folder / "file").write_text("")
    with pytest.raises(StartRefused, match="cannot be written"):
        Cluster(folder / "file").start()
