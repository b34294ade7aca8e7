"""Who divides the communities: this process, one after the other, or several, the largest first."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from gridplan._community import Answer, Part, divided_part
from gridplan._partition import Clock

Stop = threading.Event | Callable[[], bool] | None
#: Told how much of the work is done, from 0 to 1.
Progress = Callable[[float], None] | None
#: Looks at `stop` and tells how far it is, so often in a second, while other processes work.
LOOKS = 10


def asked(stop: Stop) -> Callable[[], bool] | None:
    return stop.is_set if isinstance(stop, threading.Event) else stop


def here(
    parts: list[Part], limit_s: float | None, stop: Callable[[], bool] | None, progress: Progress
) -> Iterator[tuple[int, Answer]]:
    """One community after the other; each gets its share of the time that is left."""
    sizes = [len(part.atoms) for part in parts]
    total, ends_at = sum(sizes), None if limit_s is None else time.monotonic() + limit_s
    for at, part in enumerate(parts):
        left = None
        if ends_at is not None:
            left = max(ends_at - time.monotonic(), 0) * sizes[at] / sum(sizes[at:])
        tell = _within(progress, sum(sizes[:at]) / total, sizes[at] / total)
        yield at, divided_part(part, Clock(left, stop, tell))
    if progress:
        progress(1.0)


def _within(progress: Progress, begin: float, size: float) -> Callable[[float], None] | None:
    """Tells a part's share of its own work as one of the whole; never less than before."""
    if progress is None:
        return None
    furthest = 0.0

    def tell(share: float) -> None:
        nonlocal furthest
        furthest = max(furthest, share)
        progress(begin + furthest * size)

    return tell


_ends: Any = None


def listen(event: Any) -> None:
    global _ends  # noqa: PLW0603 - a process is told once when it begins, before any work
    _ends = event


def is_over() -> bool:
    """Whether those who began this process want it to end."""
    return _ends is not None and bool(_ends.is_set())


def _in_process(part: Part) -> Answer:
    return divided_part(part, Clock(None, is_over))


def apart(
    parts: list[Part],
    workers: int,
    limit_s: float | None,
    stop: Callable[[], bool] | None,
    progress: Progress,
) -> Iterator[tuple[int, Answer]]:
    """The largest first. When time is up all are told at once, and those not yet begun give their first division."""
    context = multiprocessing.get_context("spawn")
    ends, ends_at = context.Event(), None if limit_s is None else time.monotonic() + limit_s
    total, done = sum(len(part.atoms) for part in parts), 0
    with ProcessPoolExecutor(
        min(workers, len(parts)), mp_context=context, initializer=listen, initargs=(ends,)
    ) as pool:
        order = sorted(range(len(parts)), key=lambda at: -len(parts[at].atoms))
        todo: dict[Future[Answer], int] = {pool.submit(_in_process, parts[at]): at for at in order}
        while todo:
            finished, _ = wait(todo, timeout=1 / LOOKS, return_when=FIRST_COMPLETED)
            if (stop and stop()) or (ends_at is not None and time.monotonic() > ends_at):
                ends.set()
            for each in finished:
                at = todo.pop(each)
                done += len(parts[at].atoms)
                if progress:
                    progress(done / total)
                yield at, each.result()
