"""What has arrived of uploads, in files of the data folder until they are complete.

Each account has its own file for a digest, so that nobody can spoil what another sends under the same name. A request's
bytes go into a file of their own first: a stalled connection holds no lock, and its bytes count when it breaks.
"""

import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connection

from wangge.blobs import rules

_CHUNK = 64 * 1024
#: So many uploads may an account leave unfinished: at 20 MiB each they cannot fill a disk.
MOST_UNFINISHED = 40
SPOOL, PART = ".spool", ".part"


#: Half of a web process's threads for everybody: uploads must not keep the desks waiting.
MOST_AT_ONCE = 2
_PLACES = threading.BoundedSemaphore(MOST_AT_ONCE)
_TRY_AGAIN_SECONDS = 5


class Body(Protocol):
    """What is read from: a request, or an open file."""

    def read(self, size: int, /) -> bytes: ...


@contextmanager
def receiving(*, in_lane: bool = False) -> Iterator[None]:
    """Takes one of the places for bodies that come over the network while it is read; UploadsBusy when all are taken.

    None is taken `in_lane`: the thread is one of the phones' own, and their line has its own end.
    """
    if in_lane:
        yield
        return
    if not _PLACES.acquire(blocking=False):
        raise rules.UploadsBusy(seconds=_TRY_AGAIN_SECONDS)
    try:
        yield
    finally:
        _PLACES.release()


def folder() -> Path:
    """Where unfinished uploads lie, readable by the program only."""
    place: Path = settings.ENVIRONMENT.data / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def part_file(account_id: int, digest: str) -> Path:
    return folder() / f"{account_id}-{digest}{PART}"


def digest_of(file: Path) -> str:
    """The digest that a file of the folder was sent under."""
    return file.name.partition("-")[2].partition(".")[0]


def held(file: Path) -> int:
    """How many bytes have arrived, from the first on."""
    return file.stat().st_size if file.exists() else 0


@contextmanager
def spooled(body: Body, file: Path, limit: int) -> Iterator[tuple[Path, int]]:
    """The request's bytes in a file that is gone afterwards, and how many they are.

    At most `limit` and one more are read, so that a body that does not end takes no disk. A connection that breaks
    ends the body.
    """
    handle, name = tempfile.mkstemp(suffix=SPOOL, prefix=f"{file.stem}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            size = 0
            while size <= limit and (chunk := _chunk(body, limit + 1 - size)):
                size += out.write(chunk)
        yield Path(name), size
    finally:
        Path(name).unlink(missing_ok=True)


def joined(file: Path, spool: Path, part: rules.Range, size: int) -> int:
    """Adds a part of which `size` bytes came, and gives how many there are from the first on; UploadGap.

    Bytes held already are not written again. More held than the total announced now: what was held goes.
    """
    with file.open("ab") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        # What another request wrote while this one waited for the lock counts too: `tell` knows the end of when it was opened.
        received = out.seek(0, os.SEEK_END)
        if received > part.total:
            out.truncate(0)
            received = 0
        if size == 0:
            return received
        try:
            after = rules.merge(received, rules.Range(part.start, part.start + size - 1, part.total))
        except rules.UploadGap:
            if received == 0:
                file.unlink(missing_ok=True)
            raise
        with spool.open("rb") as source:
            source.seek(min(received - part.start, size))
            shutil.copyfileobj(source, out, _CHUNK)
    return after


def refuse_another(account_id: int, file: Path) -> None:
    """TooManyUploads when this one would be one too many to leave unfinished."""
    if not file.exists() and sum(1 for _ in folder().glob(f"{account_id}-*{PART}")) >= MOST_UNFINISHED:
        raise rules.TooManyUploads


def wait_for_others(digest: str) -> None:
    """Until the end of the transaction nobody else stores or sweeps this digest: the second of two finds it stored."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"blob:{digest}"])


def _chunk(body: Body, most: int) -> bytes:
    try:
        return body.read(min(_CHUNK, most))
    except OSError:
        return b""
