"""Processes that only compute, and end with whoever began them."""

import os
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """In a process of a pool, first of all: a parent that was killed tells it nothing, and it would wait for ever."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="ends with its parent", daemon=True).start()
