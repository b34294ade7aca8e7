"""Between granian and Django: bodies in, answers out, streams in threads apart, files and open desks in none."""

import asyncio
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from granian.rsgi import ProtocolClosed
from tests.project.program import PATIENCE_SECONDS

from wangge.access import Viewer
from wangge.base.tokens import new_secret
from wangge.blobs.actions.parts import MOST_AT_ONCE
from wangge.doors.console.live import HUB, Desk
from wangge.doors.console.pages.live import DeskStream
from wangge.project.lanes import MOST_NEW, MOST_OF_ONE
from wangge.project.rsgi import (
    IN_LANE,
    MOST_BODY,
    MOST_WAITING,
    PHONES,
    SHORT_FILE,
    STREAMS,
    THREADS,
    Application,
)


class Headers(list):
    def get(self, name, default=None):
        return dict(self).get(name, default)

    def items(self):
        return list(self)


class Connection:
    """What granian gives, kept to be looked at."""

    def __init__(self, body=(), takes=1000):
        self.body, self.takes, self.said = body, takes, []
        self.left, self.told = asyncio.Event(), asyncio.Event()

    async def __aiter__(self):
        for part in self.body:
            yield part

    async def client_disconnect(self):
        await self.left.wait()

    def response_bytes(self, status, headers, body):
        self.said = [status, dict(headers), body]

    def response_stream(self, status, headers):
        self.said = [status, dict(headers)]
        return self

    async def said_parts(self, count):
        while len(self.said) < count + 2:
            await asyncio.wait_for(self.told.wait(), PATIENCE_SECONDS)
            self.told.clear()

    async def send_bytes(self, data):
        if len(self.said) - 2 >= self.takes:
            raise ProtocolClosed
        self.said.append(data)
        self.told.set()


def asked(headers=(), **facts):
    usual = {
        "method": "GET", "path": "/事件", "query_string": "a=1", "http_version": "1.1", "scheme": "http",
        "server": "127.0.0.1:8000", "client": "10.0.0.7:5000",
    }  # fmt: skip
    return SimpleNamespace(**usual | facts, headers=Headers(headers))


def stop(application):
    for pool in (application.threads, application.phones, application.reading, application.making):
        pool.shutdown()


def alone(run):
    """In a thread of its own, since a browser's tests leave a loop running in this one; signals reach only the first thread."""

    def loop():
        made = asyncio.new_event_loop()
        made.add_signal_handler = lambda *_given: None
        return made

    def work():
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(run())

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def answered(django, connection_of=Connection, *, headers=(), meanwhile=None, **facts):
    """What the connection was told when `django` answered."""
    scope = asked(headers, **facts)

    async def run():
        application = Application(django)
        application.__rsgi_init__(asyncio.get_running_loop())
        connection = connection_of()
        asking = asyncio.ensure_future(application.__rsgi__(scope, connection))
        if meanwhile:
            await meanwhile(connection)
        await asyncio.wait_for(asking, PATIENCE_SECONDS)
        stop(application)
        return connection.said

    return alone(run)


class Plain(list):
    streaming, live = False, None

    def close(self):
        pass


def echo(environ, start):
    start("201 Created", [("Content-Type", "text/plain")])
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "HTTP_COOKIE", "CONTENT_TYPE")
    return Plain(["|".join(environ.get(name, "") for name in names).encode("latin-1"), b"|", body])


def test_a_request_reaches_django_as_by_any_server():
    status, headers, said = answered(
        echo,
        lambda: Connection([b"ab", b"cd"]),
        method="PUT",
        headers=[("content-length", "4"), ("content-type", "x/y"), ("cookie", "a=1"), ("cookie", "b=2")],
    )
    assert (status, headers) == (201, {"Content-Type": "text/plain"})
    assert said.decode() == "PUT|/事件|a=1|10.0.0.7|a=1; b=2|x/y|abcd"


def test_a_body_that_nothing_takes_is_refused_before_it_is_taken_in():
    def never():
        pytest.fail("Django was asked")

    assert answered(never, headers=[("content-length", str(MOST_BODY + 1))])[0] == 413


@pytest.mark.parametrize("length", ["", "abc", "-1", "0"])
def test_without_a_length_there_is_no_body(length):
    headers = [("content-length", length)] if length in ("", "0") else []
    assert answered(echo, lambda: Connection([b"x" * 9]), headers=headers)[2].endswith(b"|")


def streaming(parts, made_in):
    def django(environ, start):
        start("200 OK", [])

        def make():
            for part in parts:
                made_in.append(threading.get_ident())
                yield part

        made_in.append(threading.get_ident())
        return StreamingHttpResponse(make())

    return django


def test_a_stream_is_made_part_by_part_in_one_thread_that_answers_nothing_else(db):
    made_in = []
    assert answered(streaming([b"1", b"2", b"3"], made_in))[2:] == [b"1", b"2", b"3"]
    began, *made = made_in
    assert len(set(made)) == 1
    assert len({threading.get_ident(), began, made[0]}) == 3


class Slow(Connection):
    """Takes nothing until it is let go on; `reached` counts that something is there to take, or that it is turned away."""

    def __init__(self, reached):
        super().__init__()
        self.reached, self.goes_on = reached, asyncio.Event()

    def response_bytes(self, status, headers, body):
        super().response_bytes(status, headers, body)
        self.reached.release()

    async def send_bytes(self, data):
        self.reached.release()
        await self.goes_on.wait()
        await super().send_bytes(data)


def among_slow_readers(django, count, also, *, reached):
    """What `count` slow readers were told in the end; when so many of them are `reached`, each of `also` asks for /plain."""

    def either(environ, start):
        return (echo if environ["PATH_INFO"] == "/plain" else django)(environ, start)

    async def run():
        application = Application(either)
        application.__rsgi_init__(asyncio.get_running_loop())
        begun = asyncio.Semaphore(0)
        readers = [Slow(begun) for _ in range(count)]
        asking = [asyncio.ensure_future(application.__rsgi__(asked(), reader)) for reader in readers]
        for _ in range(reached):
            await asyncio.wait_for(begun.acquire(), PATIENCE_SECONDS)
        for one in also:
            await asyncio.wait_for(application.__rsgi__(asked(path="/plain"), one), PATIENCE_SECONDS)
        for reader in readers:
            reader.goes_on.set()
        await asyncio.wait_for(asyncio.gather(*asking), PATIENCE_SECONDS)
        stop(application)
        return [reader.said for reader in readers]

    return alone(run)


def test_slow_readers_of_streams_hold_no_thread_that_answers_others(db):
    plain = Connection()
    turned = 3
    told = among_slow_readers(
        streaming([b"1", b"2"], []), STREAMS + MOST_WAITING + turned, [plain], reached=STREAMS + turned
    )
    assert plain.said[0] == 201
    assert [said[2:] for said in told if said[0] == 200] == [[b"1", b"2"]] * (STREAMS + MOST_WAITING)
    turned_away = [said for said in told if said[0] == 503]
    assert [said[1]["retry-after"] for said in turned_away] == ["30"] * turned


def test_slow_readers_of_large_files_hold_no_thread_and_are_all_served(db):
    content = bytes(range(256)) * (SHORT_FILE // 256 + 1)

    def large(environ, start):
        start("200 OK", [])
        return FileResponse(io.BytesIO(content))

    plain = Connection()
    count = THREADS + STREAMS + MOST_WAITING
    told = among_slow_readers(large, count, [plain], reached=count)
    assert plain.said[0] == 201
    assert all(b"".join(said[2:]) == content and len(said) > 3 for said in told)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_short_file_goes_out_at_once_and_is_closed(db, method):
    file = io.BytesIO(b"short")

    def short(environ, start):
        start("200 OK", [])
        return FileResponse(file)

    assert answered(short, method=method)[2] == b"short"
    assert file.closed


def test_nothing_more_is_made_for_whoever_has_gone(db):
    made_in = []
    answered(streaming([b"x"] * 50, made_in), lambda: Connection(takes=2))
    assert len(made_in) == 4  # the start, two that were taken, one that was not


def test_an_open_desk_holds_no_thread_and_is_left_when_its_browser_goes(db):
    desk = Desk(Viewer(1), b"sign-in", None)
    HUB._desks.add(desk)

    def django(environ, start):
        start("200 OK", [])
        response = StreamingHttpResponse(stream := DeskStream(desk))
        response.live = stream
        return response

    async def meanwhile(connection):
        await connection.said_parts(1)
        assert not desk.ended
        desk.tell(b"id: 7\n\n")
        await connection.said_parts(2)
        connection.left.set()

    said = answered(django, meanwhile=meanwhile)
    assert said[2].startswith(b"retry: ")
    assert said[3] == b"id: 7\n\n"
    assert desk.ended
    assert desk not in HUB._desks


def test_phones_of_a_city_leave_the_threads_of_desks_free_and_are_told_when_to_come_again(db):
    """As many phones as there may be hold their threads; a desk is answered meanwhile, one more phone is told to come again."""
    holds, reached = threading.Event(), threading.Semaphore(0)

    def either(environ, start):
        if environ["PATH_INFO"] == "/api/v1/sync/push":
            reached.release()
            assert holds.wait(PATIENCE_SECONDS)
        return echo(environ, start)

    async def run():
        application = Application(either)
        application.__rsgi_init__(asyncio.get_running_loop())
        secrets = {
            number: new_secret(settings.SECRET_KEY, place)
            for place, number in enumerate((*range(MOST_NEW), "late"))
        }

        def ask(number, connection):
            token = [("authorization", f"Bearer {secrets[number]}"), ("content-length", "2")]
            scope = asked(token, method="POST", path="/api/v1/sync/push", client=f"{number}:5000")
            return asyncio.ensure_future(application.__rsgi__(scope, connection))

        phones = [Connection([b"{}"]) for _ in range(MOST_NEW)]
        asking = [ask(number, phone) for number, phone in enumerate(phones)]
        for _ in range(PHONES):
            await asyncio.to_thread(reached.acquire, timeout=PATIENCE_SECONDS)
        desk, late = Connection(), Connection([b"{}"])
        await asyncio.wait_for(application.__rsgi__(asked(path="/plain"), desk), PATIENCE_SECONDS)
        await asyncio.wait_for(ask("late", late), PATIENCE_SECONDS)
        assert not reached.acquire(blocking=False)
        holds.set()
        await asyncio.wait_for(asyncio.gather(*asking), PATIENCE_SECONDS)
        again = Connection([b"{}"])
        await asyncio.wait_for(ask("late", again), PATIENCE_SECONDS)
        stop(application)
        return [phone.said[0] for phone in phones], desk.said[0], late.said, again.said[0]

    phones, desk, late, again = alone(run)
    assert (phones, desk, again) == ([201] * MOST_NEW, 201, 201)
    status, headers, said = late
    assert status == 429
    told = json.loads(said)
    assert (told["code"], str(told["seconds"])) == ("crowded", headers["Retry-After"])
    assert int(headers["Retry-After"]) > 0


def test_one_sign_in_that_asks_much_at_once_is_told_to_come_again(db):
    """By cookie and token in turn; the desk is answered meanwhile, and no thread of it is taken."""
    holds = threading.Event()

    def either(environ, start):
        if environ["PATH_INFO"] == "/api/v1/sync/pull":
            assert holds.wait(PATIENCE_SECONDS)
        return echo(environ, start)

    async def run():
        application = Application(either)
        application.__rsgi_init__(asyncio.get_running_loop())
        ways = [("authorization", "Bearer abc"), ("cookie", "wangge_session=abc")]
        same = [Connection() for _ in range(THREADS + MOST_OF_ONE)]
        asking = [
            asyncio.ensure_future(
                application.__rsgi__(asked([ways[number % 2]], path="/api/v1/sync/pull"), one)
            )
            for number, one in enumerate(same)
        ]
        desk = Connection()
        await asyncio.wait_for(application.__rsgi__(asked(path="/plain"), desk), PATIENCE_SECONDS)
        holds.set()
        await asyncio.wait_for(asyncio.gather(*asking), PATIENCE_SECONDS)
        stop(application)
        return [one.said[:2] for one in same], desk.said[0], application.lane

    same, desk, lane = alone(run)
    assert desk == 201
    assert [status for status, _ in same] == [201] * MOST_OF_ONE + [429] * THREADS
    assert all(int(headers["Retry-After"]) > 0 for status, headers in same if status == 429)
    assert (lane.waiting, len(lane.begun)) == (0, 1)


@pytest.mark.parametrize("said", ["401 Unauthorized", None])
def test_a_secret_that_nobody_has_does_not_count_as_begun(db, said):
    def refusing(environ, start):
        if said is None:
            raise RuntimeError
        start(said, [])
        return Plain([b""])

    async def run():
        application = Application(refusing)
        application.__rsgi_init__(asyncio.get_running_loop())
        scope = asked([("authorization", "Bearer made-up")], path="/api/v1/sync/pull")
        with suppress(RuntimeError):
            await application.__rsgi__(scope, Connection())
        stop(application)
        return application.lane.waiting, application.lane.begun

    assert alone(run) == (0, {})


@pytest.mark.parametrize(
    ("name", "value"), [("authorization", "Bearer abc"), ("cookie", "wangge_session=abc")]
)
def test_django_is_told_which_upload_has_the_phones_own_thread(db, name, value):
    told = []

    def noting(environ, start):
        told.append((IN_LANE in environ, threading.current_thread().name.startswith("answers phones")))
        return echo(environ, start)

    answered(
        noting, method="PUT", path="/api/v1/blobs/ab12", headers=[(name, value), ("wangge.in_lane", "1")]
    )
    assert told == [(name == "authorization",) * 2]


def test_uploads_of_desks_leave_half_of_the_threads_for_all_else():
    assert MOST_AT_ONCE <= THREADS // 2


def test_a_header_written_otherwise_does_not_pass_for_one_that_a_proxy_sets():
    seen = {}

    def keeping(environ, start):
        seen.update(environ)
        return echo(environ, start)

    answered(keeping, headers=[("x-forwarded-for", "10.0.0.8"), ("x_forwarded_for", "1.1.1.1")])
    assert seen["HTTP_X_FORWARDED_FOR"] == "10.0.0.8"
