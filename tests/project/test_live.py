"""Open desks while the program stops, a worker dies, the database comes back: nobody waits, and everybody is told again."""

import hashlib
import http.client
import os
import signal
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.project.program import until
from tests.project.test_serving import serving, stops_in_order

from wangge.project.cluster import Cluster

PEOPLE, EACH = 100, 5
#: Seconds for what comes at once on a quiet machine.
PATIENCE = 120


class Stream:
    """A browser's EventSource, without coming back by itself."""

    def __init__(self, port, secret, path="/console/live"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: wangge_session={secret}\r\n\r\n".encode()
        )
        self.said = b""
        while b"\r\n\r\n" not in self.said:
            self._take()
        self.status = int(self.said.split(b" ", 2)[1])

    def _take(self):
        said = self.socket.recv(65536)
        self.said += said
        return said

    def until(self, word):
        deadline = time.monotonic() + PATIENCE
        while word not in self.said:
            assert self._take(), f"ended before {word!r}: {self.said[-300:]!r}"
            assert time.monotonic() < deadline

    def ended(self):
        """Whether the server ends it, within the socket's patience."""
        try:
            # The last part of an answer is empty; the connection itself may be kept for another request.
            while not self.said.endswith(b"\r\n0\r\n\r\n") and self._take():
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        finally:
            self.close()
        return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def signed_in(data, people, each=1):
    """Secrets of sign-ins of people without posts, who see nothing but may listen."""
    now, secrets = datetime.now(UTC), []
    with psycopg.connect(Cluster(data).dsn("wangge_owner")) as owner:
        for number in range(people):
            account = owner.execute(
                "insert into staff_account (username, name, password, home_path, language, created_at, failures)"
                " values (%s, '某', '!', '320700000000', '', %s, 0) returning id",
                [f"listens-{number}-{time.monotonic_ns()}", now],
            ).fetchone()[0]
            for one in range(each):
                secrets.append(f"secret-{account}-{one}")
                owner.execute(
                    "insert into staff_signin (digest, account_id, created_at, expires_at, agent) values (%s, %s, %s, %s, '')",
                    [hashlib.sha256(secrets[-1].encode()).digest(), account, now, now + timedelta(hours=1)],
                )
    return secrets


def get(port, path, secret=""):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    asked.request("GET", path, headers={"Cookie": f"wangge_session={secret}"})
    answer = asked.getresponse()
    said = answer.read().decode()
    asked.close()
    return answer.status, said


@pytest.fixture(scope="module")
def kept(shared_data):
    with serving(shared_data) as program:
        yield program


@pytest.fixture
def listening():
    """Opens streams that are closed whatever becomes of the test: what stays open is reported in another one."""
    with ExitStack() as open_streams:
        yield lambda program, secret: open_streams.enter_context(Stream(program.port, secret))


def test_a_stop_with_five_hundred_open_desks_is_in_order_and_within_ten_seconds(data, listening):
    with serving(data) as program:
        streams = [listening(program, secret) for secret in signed_in(data, PEOPLE, EACH)]
        assert {stream.status for stream in streams} == {200}
        streams[-1].until(b"event: open")
        assert program.health() == 200
        stops_in_order(program, signal.SIGTERM)
        assert all(stream.ended() for stream in streams)


def test_desks_of_a_killed_worker_come_back(kept, listening):
    (secret,) = signed_in(kept.data, 1)
    streams = [listening(kept, secret) for _ in range(8)]
    for stream in streams:
        stream.until(b"event: open")
    workers = kept.web_workers()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert all(stream.ended() for stream in streams)
    until(lambda: not kept.web_workers() & workers and kept.health() == 200, "other workers", kept.said)
    listening(kept, secret).until(b"event: counts")


def test_a_database_that_restarts_costs_no_desk(kept, listening):
    (secret,) = signed_in(kept.data, 1)
    stream = listening(kept, secret)
    stream.until(b"event: counts")
    before = kept.pids()["database"]
    os.kill(before, signal.SIGKILL)
    until(lambda: kept.pids().get("database", before) != before and kept.health() == 200, "another database")
    stream.said = b""
    stream.until(b"id: ")  # the hub's word now and then, written from a look at the new server


def test_metrics_tell_how_many_desks_are_open(kept, listening):
    secrets = signed_in(kept.data, 3)
    streams = [listening(kept, secret) for secret in secrets]
    until(lambda: "wangge_desks 3" in get(kept.port, "/metrics")[1], "three desks", kept.said)
    for stream in streams:
        stream.close()
    until(lambda: "wangge_desks 0" in get(kept.port, "/metrics")[1], "no desk", kept.said)


def test_of_too_many_streams_of_one_person_the_newest_stay(kept):
    (secret,) = signed_in(kept.data, 1)
    streams = [
        Stream(kept.port, secret) for _ in range(40)
    ]  # eight in each of two workers, dealt out by chance
    streams[0].until(b"event: replaced")
    assert streams[0].ended()
    streams[-1].until(b"event: counts")
    status, said = get(kept.port, "/console/live?ask", secret)
    assert status == 200
    assert '"queues"' in said
    for stream in streams:
        stream.close()


def test_without_a_sign_in_there_is_no_stream(kept):
    assert get(kept.port, "/console/live")[0] == 401
    assert get(kept.port, "/console/live?ask", "wrong")[0] == 401
