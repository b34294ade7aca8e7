"""The web server: one master that loads the program once, and workers forked from it, which share what it loaded."""

import gc
import multiprocessing
import sys
from importlib import import_module
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from wangge.project.environment import read_environment
from wangge.project.processes import end_with

#: Connections that one worker serves at a time: its open desks, and whoever asks beside them.
CONNECTIONS = 4096
#: A worker that does not finish its requests in this time is cut off.
STOP_SECONDS = 3


def application() -> Any:
    """What each worker runs; loaded already where workers are forked."""
    if master := multiprocessing.parent_process():
        end_with(master.pid or 0)
    from wangge.project.rsgi import application as loaded

    return loaded


def main(address: str, parent: int) -> None:
    end_with(parent)
    environment = read_environment()
    if multiprocessing.get_start_method() == "fork":
        _load()
    server = Server(
        "wangge.project.rsgi:application",
        address=address,
        port=environment.port,
        interface=Interfaces.RSGI,
        workers=environment.workers,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.0,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=application, wrap_loader=False)


def _load() -> None:
    """Addresses are otherwise read at the first request, in each worker again."""
    import wangge.project.rsgi  # noqa: F401 - Django is set up by it, before the addresses load models

    import_module("wangge.project.urls")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
