"""Between granian and Django: bodies in, answers out, streams in their thread, open desks in none."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from django.http import StreamingHttpResponse
from granian.rsgi import ProtocolClosed

from wangge.access import Viewer
from wangge.doors.console.live import HUB, Desk
from wangge.doors.console.pages.live import DeskStream
from wangge.project.rsgi import MOST_BODY, Application


class Headers(list):
    def get(self, name, default=None):
        return dict(self).get(name, default)

    def items(self):
        return list(self)


class Connection:
    """What granian gives, kept to be looked at."""

    def __init__(self, body=(), takes=1000):
        self.body, self.takes, self.said, self.left = body, takes, [], asyncio.Event()

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
        for _ in range(1000):
            if len(self.said) >= count + 2:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"of {count} parts: {self.said}")

    async def send_bytes(self, data):
        if len(self.said) - 2 >= self.takes:
            raise ProtocolClosed
        self.said.append(data)


def answered(django, connection_of=Connection, *, headers=(), meanwhile=None, **facts):
    """What the connection was told when `django` answered."""
    scope = SimpleNamespace(
        **{
            "method": "GET", "path": "/事件", "query_string": "a=1", "http_version": "1.1", "scheme": "http",
            "server": "127.0.0.1:8000", "client": "10.0.0.7:5000",
        }
        | facts,
        headers=Headers(headers),
    )  # fmt: skip

    async def run():
        application = Application(django)
        application.__rsgi_init__(asyncio.get_running_loop())
        connection = connection_of()
        asking = asyncio.ensure_future(application.__rsgi__(scope, connection))
        if meanwhile:
            await meanwhile(connection)
        await asyncio.wait_for(asking, 10)
        application.threads.shutdown()
        return connection.said

    return asyncio.run(run())


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


def test_a_stream_is_made_in_the_thread_that_began_it_part_by_part(db):
    made_in = []
    assert answered(streaming([b"1", b"2", b"3"], made_in))[2:] == [b"1", b"2", b"3"]
    assert len(set(made_in)) == 1
    assert made_in[0] != threading.get_ident()


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
