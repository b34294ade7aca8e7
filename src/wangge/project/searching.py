"""Searches for proposals, each in a process of its own: one takes minutes, and the timers of the worker wait for nobody."""

import os
from datetime import datetime
from multiprocessing import get_context
from uuid import UUID

#: People who wait for a page come first.
_NICE = 10


def search_plans(now: datetime) -> int:
    """Each minute: begins the next search; gives how many it began. The process ends with the worker; a search that is lost so is
    begun once more by the next.
    """
    from wangge.plans.jobs import take_searches

    taken = take_searches(now)
    for root_path, search_id, tries in taken:
        begin(root_path, search_id, tries)
    return len(taken)


def begin(root_path: str, search_id: UUID, tries: int) -> None:
    """Returns at once."""
    # Forked, it would hold this one's connections.
    process = get_context("spawn").Process(
        target=_carry_out, args=(root_path, str(search_id), tries), name=f"search {search_id}", daemon=True
    )
    process.start()


def _carry_out(root_path: str, search_id: str, tries: int) -> None:
    """A new process knows nothing yet: this module asks for no tables before Django is set up."""
    import django

    from wangge.base.processes import end_with_parent

    end_with_parent()
    os.nice(_NICE)
    django.setup()
    from wangge.plans.actions import carry_out_search

    carry_out_search(root_path, UUID(search_id), tries)
