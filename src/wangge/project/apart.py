"""Work that takes minutes, each in a process of its own: the timers of the worker wait for nobody."""

import os
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from typing import Any
from uuid import UUID

#: People who wait for a page come first.
_NICE = 10
#: The process that reads maps on this machine, one after another.
_READERS: list[SpawnProcess] = []


def compute_plans(now: datetime) -> int:
    """Each minute: searches and proofs go on, and begin when their turn comes; gives how many processes are on their way."""
    from wangge.plans import jobs

    return jobs.compute_plans(now, begin_search=begin_search)


def read_grounds(now: datetime) -> int:
    """Each minute: where no map is read, the next is; gives how many readers were begun. They end with the worker; a map that was lost so
    is read once more by the next.
    """
    from wangge.plans.jobs import take_reading

    if any(each.is_alive() for each in _READERS):
        return 0
    taken = take_reading(now)
    if taken is None:
        return 0
    _READERS[:] = [begin_reading(taken.root, taken.id, taken.tries)]
    return 1


def begin_search(root_path: str, search_id: UUID, tries: int) -> SpawnProcess:
    """Returns at once."""
    return _begun(f"search {search_id}", _search, root_path, str(search_id), tries)


def begin_reading(root_path: str, reading_id: UUID, tries: int) -> SpawnProcess:
    """Returns at once. Whoever reads this one reads on until none waits."""
    return _begun(f"reading {reading_id}", _read, root_path, str(reading_id), tries)


def _begun(name: str, target: Any, *given: object) -> SpawnProcess:
    # Forked, it would hold this one's connections.
    process = get_context("spawn").Process(target=target, args=given, name=name, daemon=True)
    process.start()
    return process


def _set_up() -> None:
    """A new process knows nothing yet: this module asks for no tables before Django is set up."""
    import django

    from wangge.base.processes import end_with_parent

    end_with_parent()
    os.nice(_NICE)
    django.setup()


def _search(root_path: str, search_id: str, tries: int) -> None:
    _set_up()
    from wangge.plans.actions import carry_out_search

    carry_out_search(root_path, UUID(search_id), tries)


def _read(root_path: str, reading_id: str, tries: int) -> None:
    _set_up()
    from wangge.base import clock
    from wangge.plans.actions.reading import Taken, carry_out_reading
    from wangge.plans.jobs import take_reading

    taken: Taken | None = Taken(root_path, UUID(reading_id), tries)
    while taken is not None:
        carry_out_reading(taken)
        taken = take_reading(clock.now())
