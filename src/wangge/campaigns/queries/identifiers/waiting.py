"""Work that may take long, done in threads of its own: few at a time, and waited for only so long."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import TypeVar

from wangge.campaigns.rules.plants import IdentifierBusy, IdentifierFailed

Answer = TypeVar("Answer")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class Workers:
    """`most` threads. Who comes when all of them are at work is sent away, since the web server's own threads must not queue."""

    def __init__(self, name: str, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(most)

    def done_within(self, seconds: float, work: Callable[[], Answer]) -> Answer:
        """What `work` gives; IdentifierBusy, or IdentifierFailed when it takes longer: it then keeps its place until it ends."""
        if not self._places.acquire(timeout=1):
            raise IdentifierBusy(seconds=5)
        running = self._pool.submit(work)
        running.add_done_callback(lambda _done: self._places.release())
        try:
            return running.result(seconds)
        except TookTooLong:
            raise IdentifierFailed(why=_("no answer came in time.")) from None
