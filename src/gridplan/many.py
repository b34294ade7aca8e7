"""Many towns divided, a few in hand for each worker: here, in processes, or on a Dask cluster, with the same answers."""

import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from gridplan import _sharing
from gridplan._partition import Clock
from gridplan._sharing import LOOKS, Stop, asked, listen
from gridplan.divide import divide
from gridplan.town import Bounds, Distance, Division, Town, Weigh

#: Towns in hand for each worker.
IN_HAND = 4
#: Seconds between two questions of a cluster's worker whether it shall end.
BETWEEN_QUESTIONS_S = 0.5

Source = Town | Callable[[], Town]


def divide_many(
    towns: Iterable[Source],
    client: Any = None,
    *,
    workers: int = 1,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    seed: int = 0,
    limit_s: float | None = None,
    weigh: Weigh = "households",
    distance: Distance = "straight",
    progress: Callable[[int], None] | None = None,
    stop: Stop = None,
) -> Iterator[Division]:
    """Divisions of many towns, in their order, while the next are worked on: in processes, or on a Dask cluster.

    A town may be a function that gives it: it is then called where the town is divided, so that no machine holds them
    all; towns are taken as workers get free. `client` is a `distributed.Client`; without one the work is done here, by so many
    processes as `workers` says. The answers are those that `divide` gives with the same seed, whoever works.

    After about `limit_s` seconds, or when `stop` says so, what is in hand ends with the best so far, and the towns that come after
    get their first division only: each is whole grids, and says `stopped`. `progress` is told after each town how many are done.
    """
    how = _How(bounds, seed, weigh, distance)
    clock = Clock(limit_s, asked(stop))
    if client is not None:
        divisions = _on_cluster(towns, client, how, clock)
    elif workers > 1:
        divisions = _in_processes(towns, workers, how, clock)
    else:
        divisions = (_divided(town, how, clock.late) for town in towns)
    for done, division in enumerate(divisions, 1):
        if progress:
            progress(done)
        yield division


@dataclass(frozen=True, slots=True)
class _How:
    bounds: Bounds
    seed: int
    weigh: Weigh
    distance: Distance


def _divided(town: Source, how: _How, stop: Callable[[], bool] | None) -> Division:
    given = town if isinstance(town, Town) else town()
    return divide(given, bounds=how.bounds, seed=how.seed, weigh=how.weigh, distance=how.distance, stop=stop)


def _in_processes(towns: Iterable[Source], workers: int, how: _How, clock: Clock) -> Iterator[Division]:
    context = multiprocessing.get_context("spawn")
    ends = context.Event()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=listen, initargs=(ends,)) as pool:
        try:
            yield from _streamed(
                lambda town: pool.submit(_in_process, town, how), towns, workers * IN_HAND, clock, ends.set
            )
        finally:
            ends.set()  # nobody waits for what is still in hand


def _in_process(town: Source, how: _How) -> Division:
    return _divided(town, how, _sharing.is_over)


def _on_cluster(towns: Iterable[Source], client: Any, how: _How, clock: Clock) -> Iterator[Division]:
    event = _events()
    capacity = max(1, len(client.scheduler_info()["workers"])) * IN_HAND
    name = f"gridplan-{uuid.uuid4().hex}" if clock.ends_at is not None or clock.stop else None
    ends = event(name, client=client) if name else None
    try:
        yield from _streamed(
            lambda town: client.submit(_on_worker, town, how, name, pure=False),
            towns,
            capacity,
            clock,
            ends.set if ends else _nobody,
        )
    finally:
        if ends and clock.was_late:
            ends.clear()  # the scheduler forgets it


def _on_worker(town: Source, how: _How, name: str | None) -> Division:
    return _divided(town, how, _ear(name) if name else None)


@cache
def _ear(name: str) -> Callable[[], bool]:
    """Whether this event of the cluster is set; asked of the scheduler now and then, by all towns of a process together."""
    event = _events()
    asked_at, said = 0.0, False

    def hears() -> bool:
        nonlocal asked_at, said
        if not said and time.monotonic() - asked_at > BETWEEN_QUESTIONS_S:
            said, asked_at = bool(event(name).is_set()), time.monotonic()
        return said

    return hears


def _events() -> Any:
    """Of Dask, which has no types; who has no cluster need not have it."""
    from distributed import Event

    return Event


def _nobody() -> None:
    """Nobody is to be told."""


def _streamed(
    submit: Callable[[Source], Any],
    towns: Iterable[Source],
    capacity: int,
    clock: Clock,
    end: Callable[[], None],
) -> Iterator[Division]:
    """In the order of the towns; when time is up the workers are told once."""
    source = iter(towns)
    waiting = [_InHand(submit(town)) for town in islice(source, capacity)]
    told = False
    try:
        while waiting:
            if not told and clock.late():
                end()
                told = True
            if not told and not waiting[0].ended.wait(1 / LOOKS):
                continue
            yield waiting.pop(0).future.result()
            waiting += [_InHand(submit(town)) for town in islice(source, 1)]
    finally:
        for each in waiting:
            each.future.cancel()


class _InHand:
    """A town that somebody works on. That it is done is heard, not asked for with a time limit: where such a limit passes while a result is
    on its way, Dask's `sync` can end with neither a result nor an error and breaks (seen once in thousands of towns, distributed 2026.7).
    """

    def __init__(self, future: Any) -> None:
        self.future, self.ended = future, threading.Event()
        future.add_done_callback(lambda _done: self.ended.set())
