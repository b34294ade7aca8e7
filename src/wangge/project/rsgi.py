"""What each web worker runs: Django in a few threads, as a WSGI server would; open desks wait in the loop and need none.

`docs/decisions/0004-how-desks-hear-of-changes.md` says why. A body is taken in before a thread is given to it, so that a
slow connection holds no thread. A file goes out as the connection takes it, from the loop; an answer that is made while it is sent
has a thread apart, so that who reads slowly holds none that answers others.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol, cast

from django.conf import settings
from django.http import FileResponse
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # granian documents it there

from wangge.project.wsgi import application as django  # isort: skip - Django is set up by it, before pages are loaded
from wangge.doors.console.live import HUB, Desk
from wangge.doors.console.pages.live import DeskStream
from wangge.doors.exchange.problems import problem_answer
from wangge.project.lanes import Asker, Lane, asker, is_bulk
from wangge.project.patience import be_patient
from wangge.sync.rules import Crowded

#: Requests that one worker answers at a time; each may hold a database connection of its own.
THREADS = 4
#: Requests of phones that one worker answers at a time beside them (`lanes`). With two of them for each core a desk's page took 3.6 times
#: as long while a crowd sent; one keeps the core busy, too.
PHONES = 1
#: Answers that one worker makes while it sends them; more wait, and beyond MOST_WAITING they are told to come back.
STREAMS, MOST_WAITING, RETRY_SECONDS = 2, 8, 30
#: So long a thread that computes keeps the others waiting who have just been answered by the database. By default it is five times as
#: long, and a desk's page, which asks ten times, would wait as often for the phones that send meanwhile.
SWITCH_SECONDS = 0.001
#: Larger than anything that an address takes; what is longer is refused before it is taken in.
MOST_BODY = 64 * 1024 * 1024
#: Whoever takes nothing for so long is cut off.
TAKEN_SECONDS = 60
#: A larger body waits on disk.
IN_MEMORY = 1024 * 1024
#: A shorter file goes out at once; a longer one in pieces of so many of its parts (of 4 kB, says Django).
SHORT_FILE, PARTS_AT_ONCE = 1024 * 1024, 64

_SERVER = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Wangge",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}

#: Told to Django of what stands in the lane of phones; no header can say it.
IN_LANE = "wangge.in_lane"

Headers = list[tuple[str, str]]


class Transport(Protocol):
    """A part of the answer goes out when the connection takes it."""

    async def send_bytes(self, data: bytes) -> None: ...


class Connection(Protocol):
    """What granian gives for one request."""

    def __aiter__(self) -> Any: ...
    async def client_disconnect(self) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_stream(self, status: int, headers: Headers) -> Transport: ...


@dataclass
class Answer:
    """What Django said at once; or the desk that goes on listening; or what is still to be read or made."""

    status: int
    headers: Headers
    body: bytes = b""
    desk: Desk | None = None
    stream: Any = None


class Application:
    """Granian's interface RSGI before a WSGI application."""

    def __init__(self, django: Callable[..., Any]) -> None:
        self.django = django
        self.threads: ThreadPoolExecutor | None = None
        self.reading: ThreadPoolExecutor | None = None
        self.making: ThreadPoolExecutor | None = None
        self.phones: ThreadPoolExecutor | None = None
        self.lane = Lane(PHONES)
        self.being_made = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self.threads = ThreadPoolExecutor(THREADS, "answers")
        self.phones = ThreadPoolExecutor(PHONES, "answers phones", be_patient)
        self.reading = ThreadPoolExecutor(1, "reads files")
        self.making = ThreadPoolExecutor(STREAMS, "makes streams")

        def stop() -> None:
            """Open desks would hold the stop up. The server hears of it by SIGINT, which it takes for the same."""
            HUB.close()
            signal.raise_signal(signal.SIGINT)

        loop.add_signal_handler(signal.SIGTERM, stop)

    async def __rsgi__(self, scope: Any, connection: Connection) -> None:
        length = scope.headers.get("content-length", "")
        if length.isdigit() and int(length) > MOST_BODY:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            connection.response_bytes(status, [("content-type", "text/plain")], status.phrase.encode())
            return
        loop = asyncio.get_running_loop()
        with await _body(connection, length) as body:
            environ = _environ(scope, body)
            if is_bulk(environ):
                one = asker(environ, behind_proxy=settings.ENVIRONMENT.behind_proxy, key=settings.SECRET_KEY)
                # Asked when the body has come: what is slow to come stands in nobody's way, and is not sent in vain as often.
                if seconds := self.lane.enter(one):
                    refused = problem_answer(Crowded(seconds=seconds))
                    connection.response_bytes(refused.status_code, list(refused.items()), refused.content)
                    return
                answer = await self._answer_phone(one, environ | {IN_LANE: True}, loop)
            else:
                answer = await loop.run_in_executor(self.threads, self._answer, environ)
        if answer.desk:
            await _listen(connection, answer, answer.desk, loop)
        elif isinstance(answer.stream, FileResponse):
            await self._send_file(connection, answer, loop)
        elif answer.stream is not None:
            await self._send_made(connection, answer, loop)
        else:
            connection.response_bytes(answer.status, answer.headers, answer.body)

    async def _answer_phone(
        self, one: Asker, environ: dict[str, Any], loop: asyncio.AbstractEventLoop
    ) -> Answer:
        took, status = 0.0, HTTPStatus.INTERNAL_SERVER_ERROR.value

        def timed() -> Answer:
            nonlocal took
            began = time.monotonic()
            try:
                return self._answer(environ)
            finally:
                took = time.monotonic() - began

        try:
            answer = await loop.run_in_executor(self.phones, timed)
            status = answer.status
            return answer
        finally:
            self.lane.left(one, took, status)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        """In a thread: what Django says."""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        said: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, _problem: object = None) -> None:
            said.append((int(status.split(" ", 1)[0]), headers))

        response = self.django(environ, start)
        answer = Answer(*said[-1])
        try:
            live: DeskStream | None = getattr(response, "live", None)
            if live and not is_head and (desk := live.take()):
                answer.desk = desk
            elif not getattr(response, "streaming", False) or _is_short(response):
                answer.body = b"".join(response)
            elif not is_head:
                answer.stream = response
            return answer
        finally:
            if answer.stream is None:
                response.close()

    async def _send_file(
        self, connection: Connection, answer: Answer, loop: asyncio.AbstractEventLoop
    ) -> None:
        """A piece is read when the one before it was taken; between them nothing is held but the open file."""
        parts = iter(answer.stream)
        transport = connection.response_stream(answer.status, answer.headers)
        try:
            while piece := await loop.run_in_executor(self.reading, _piece, parts):
                await asyncio.wait_for(transport.send_bytes(piece), TAKEN_SECONDS)
        except (ProtocolClosed, TimeoutError):
            return  # whoever asked has gone
        finally:
            await loop.run_in_executor(self.threads, answer.stream.close)

    async def _send_made(
        self, connection: Connection, answer: Answer, loop: asyncio.AbstractEventLoop
    ) -> None:
        """In a thread apart, which has the database connection that the parts come from."""
        if self.being_made >= STREAMS + MOST_WAITING:
            await loop.run_in_executor(self.threads, answer.stream.close)
            busy = HTTPStatus.SERVICE_UNAVAILABLE
            headers = [("content-type", "text/plain"), ("retry-after", str(RETRY_SECONDS))]
            connection.response_bytes(busy, headers, busy.phrase.encode())
            return
        self.being_made += 1
        try:
            await loop.run_in_executor(self.making, _send, answer, connection, loop)
        finally:
            self.being_made -= 1


def _is_short(response: Any) -> bool:
    """A file that is not worth pieces."""
    length = response.get("Content-Length", "") if isinstance(response, FileResponse) else ""
    return length.isdigit() and int(length) <= SHORT_FILE


def _piece(parts: Iterator[bytes]) -> bytes:
    return b"".join(islice(parts, PARTS_AT_ONCE))


def _environ(scope: Any, body: IO[bytes]) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ = {
        **_SERVER,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue  # it would pass for the name with "-", which a proxy has set
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = (
            f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}" if key in environ else value
        )
    return environ


async def _body(connection: Connection, length: str) -> IO[bytes]:
    """The whole body; none without its length, as by WSGI."""
    if not length.isdigit() or length == "0":
        return BytesIO()
    body = cast("IO[bytes]", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - the caller closes it
    async for part in connection:
        body.write(part)
    body.seek(0)
    return body


def _send(answer: Answer, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
    """From this thread, whose database connection the parts come from; the next part is made when this one is taken."""

    async def begin() -> Transport:
        return connection.response_stream(answer.status, answer.headers)

    async def send(part: bytes) -> None:
        await transport.send_bytes(part)  # an awaitable of the server's own, no coroutine

    try:
        transport = asyncio.run_coroutine_threadsafe(begin(), loop).result(TAKEN_SECONDS)
        for part in answer.stream:
            asyncio.run_coroutine_threadsafe(send(part), loop).result(TAKEN_SECONDS)
    except (ProtocolClosed, TimeoutError):
        return  # whoever asked has gone
    finally:
        answer.stream.close()


async def _listen(
    connection: Connection, answer: Answer, desk: Desk, loop: asyncio.AbstractEventLoop
) -> None:
    """Until the desk goes, or its stream ends. It comes back by itself."""
    ready = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended, and every stream with it
            loop.call_soon_threadsafe(ready.set)

    async def gone() -> None:
        await connection.client_disconnect()
        desk.end()

    transport = connection.response_stream(answer.status, answer.headers)
    desk.wake = wake
    watching = asyncio.ensure_future(gone())
    try:
        last = False
        while not last:
            said, last = desk.waiting()
            if said:
                await asyncio.wait_for(transport.send_bytes(said), TAKEN_SECONDS)
            if not last:
                await ready.wait()
                ready.clear()
    except (ProtocolClosed, TimeoutError):
        return
    finally:
        watching.cancel()
        HUB.leave(desk)


application = Application(django)
