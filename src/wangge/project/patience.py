"""What phones send in bulk gives way to desks in the database, too: its server processes are made patient.

A crowd keeps every core busy for as long as it takes. A process whose `nice` value is higher gets what others leave: all of it while
nobody asks, little for the moment in which a desk's page is read. Only where the database is Wangge's own, on this machine.
"""

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

#: A sixth of the weight of the others: whoever holds a lock that a desk waits for goes on all the same.
NICE = 8

_here = threading.local()
_log = logging.getLogger(__name__)


def be_patient() -> None:
    """From now on the connections that this thread opens are; called as the thread begins."""
    _here.patient = True


def _opened(connection: Any, **_: object) -> None:
    if getattr(_here, "patient", False) and not settings.ENVIRONMENT.database_url:
        _give_way(connection.connection.info.backend_pid)


def _give_way(process: int) -> None:
    """Every server process leads a session of its own, and Linux weighs sessions before processes where it groups them."""
    try:
        os.setpriority(os.PRIO_PROCESS, process, NICE)
    except OSError as problem:
        _log.info("phones are not made to give way to desks: %s", problem)
        return
    with suppress(OSError):
        Path(f"/proc/{process}/autogroup").write_text(str(NICE))


connection_created.connect(_opened, dispatch_uid="wangge.project.patience")
