"""The data folder: whether it can be written, who serves from it, and who uses its database now.

Both locks are the system's own: they go with the process that held them, however it ended.
"""

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from wangge.project.environment import StartRefused

DISK_FULL = StartRefused("The disk is full.", "Free some space where the data folder lies, then start again.")


def check_writable(data: Path) -> None:
    """Makes the data folder; StartRefused where it cannot be made or written."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise DISK_FULL from problem
        raise StartRefused(
            f"The data folder {data} cannot be written: {problem.strerror}.",
            "Set WANGGE_DATA to another folder.",
        ) from problem


#: A server that stops is gone after so long.
STOPPING_SECONDS = 15.0
#: A holder whose name is not there has just come or is just going.
NAMELESS_SECONDS = 2.0


class FolderLock:
    """Held by the one `serve` of a data folder; names its process to whoever comes second."""

    def __init__(self, data: Path) -> None:
        self.file = data / "serve.lock"
        self.handle: IO[str] | None = None

    def take(self, *, wait_seconds: float = 0.0) -> None:
        """Waits that long for the holder, who may just be ending, and longer for one who said that it stops."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = self.file.open("a+")
        began = time.monotonic()
        while not _locked(handle):
            handle.seek(0)
            holder, _, stopping = handle.read().partition(" ")
            patience = STOPPING_SECONDS if stopping else wait_seconds if holder else NAMELESS_SECONDS
            if time.monotonic() - began > patience:
                handle.close()
                raise StartRefused(
                    f"The data folder is in use by process {holder or 'unknown'}.",
                    "Stop that one first, or set WANGGE_DATA to another folder.",
                )
            time.sleep(0.1)
        self.handle = handle
        self._say(str(os.getpid()))

    def stopping(self) -> None:
        """Tells whoever waits that the folder will be free soon."""
        self._say(f"{os.getpid()} stops")

    def _say(self, text: str) -> None:
        if self.handle:
            self.handle.truncate(0)
            self.handle.write(text)
            self.handle.flush()

    def release(self) -> None:
        if self.handle:
            self._say("")
            self.handle.close()
            self.handle = None


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Users:
    """Who uses the folder's server now; the last one to leave stops it. A killed user has left."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.handle = (data / "users.lock").open("a+")

    def enter(self) -> None:
        """Waits while the last of the earlier ones is stopping the server."""
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def leave(self, stop: Callable[[], None]) -> None:
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        else:
            stop()
        finally:
            self.handle.close()
