"""Who uses a data folder: locks that the kernel drops when their process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderLock:
    """One lock file. Held by one process alone or shared by several; the file tells the pid of who holds it alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Takes the lock alone; False when another holds it."""
        if not self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
        handle = self._open()
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        return True

    def share(self) -> None:
        """Takes the lock together with others; waits while one holds it alone."""
        self._lock(fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Gives up a shared hold; True (and held alone from now) when nobody else shares it."""
        return self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the lock alone for the length of a block; waits for it."""
        self._lock(fcntl.LOCK_EX)
        try:
            yield
        finally:
            self.release()

    def holder(self) -> int | None:
        """The pid that the file names: who holds the lock alone, or did so last."""
        try:
            text = self._path.read_text("ascii").strip()
        except OSError:
            return None
        return int(text) if text.isdigit() else None

    def _open(self) -> int:
        if self._handle is None:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle

    def _lock(self, operation: int) -> bool:
        try:
            fcntl.flock(self._open(), operation)
        except BlockingIOError:
            self.release()
            return False
        return True
