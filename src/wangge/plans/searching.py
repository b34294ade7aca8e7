"""A search in a process of its own: it takes minutes, and the timers of the worker wait for nobody."""

from multiprocessing import get_context
from uuid import UUID


def begin_process(root_path: str, search_id: UUID) -> None:
    """Returns at once. The process ends with the worker; a search that is lost so is begun once more by the next."""
    # Forked, it would hold this one's connections.
    process = get_context("spawn").Process(
        target=_carry_out, args=(root_path, str(search_id)), name=f"search {search_id}", daemon=True
    )
    process.start()


def _carry_out(root_path: str, search_id: str) -> None:
    import django

    from wangge.base.processes import end_with_parent

    end_with_parent()
    django.setup()
    from wangge.plans.actions import carry_out_search

    carry_out_search(root_path, UUID(search_id))
