"""Processes: children that end with their parent, those that an earlier start left behind, and who holds a port."""

import errno
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from wangge.project.environment import StartRefused

#: How often a child looks whether its parent is still there.
LOOK_SECONDS = 0.3
#: What a process gets between being asked to stop and being made to.
GRACE_SECONDS = 3.0


def end_with(parent: int, grace_seconds: float = GRACE_SECONDS) -> None:
    """Ends this process when `parent` is gone, so that a killed supervisor leaves nobody behind with the port."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="ends with its parent", daemon=True).start()


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet fetched does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Roll:
    """Which children a supervisor has, on disk: the next one reads it when this one could not clear it."""

    def __init__(self, data: Path) -> None:
        self.file = data / "processes.json"

    def write(self, pids: Iterable[int]) -> None:
        """A start time goes beside each number, since numbers come again."""
        known = [{"pid": pid, "started": _started(pid)} for pid in pids]
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(known))
        draft.replace(self.file)

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)

    def end_left_behind(self) -> list[int]:
        """Ends what an earlier supervisor left running, and answers whom it ended."""
        try:
            known = json.loads(self.file.read_text())
        except (FileNotFoundError, ValueError):
            return []
        left = [
            entry["pid"] for entry in known if entry["started"] and _started(entry["pid"]) == entry["started"]
        ]
        family = [process for pid in left for process in _family(pid)]
        for process in family:
            _tell(process, signal.SIGTERM)
        _, stubborn = psutil.wait_procs(family, timeout=GRACE_SECONDS)
        for process in stubborn:
            _tell(process, signal.SIGKILL)
        psutil.wait_procs(stubborn, timeout=GRACE_SECONDS)
        self.clear()
        return left


def _started(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return 0.0


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _tell(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def port_holder(port: int) -> str:
    """Who listens on the port, as `process 12 (nginx)`; empty where the system does not tell."""
    try:
        held = [entry for entry in psutil.net_connections("tcp") if entry.status == psutil.CONN_LISTEN]
        for entry in held:
            if entry.laddr and entry.laddr.port == port and entry.pid:
                return f"process {entry.pid} ({psutil.Process(entry.pid).name()})"
    except psutil.Error:
        return ""
    return ""


def free_address(host: str, port: int, *, wait_seconds: float = 0.0) -> str:
    """The numeric address to listen on, tried by listening; StartRefused says who holds the port, if that is known."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as problem:
        raise StartRefused(
            f"WANGGE_HOST {host!r} is no address of this machine.",
            "Set it to 127.0.0.1 or to an own address.",
        ) from problem
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            with socket.socket(family, kind) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
                trial.listen()
                return str(address[0])
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _port_refusal(host, port, problem) from problem
            time.sleep(0.1)


def _port_refusal(host: str, port: int, problem: OSError) -> StartRefused:
    if problem.errno == errno.EADDRINUSE:
        holder = port_holder(port) or "another process"
        return StartRefused(
            f"Port {port} is taken by {holder}.", "Stop that one, or set WANGGE_PORT to a free port."
        )
    if problem.errno == errno.EACCES:
        return StartRefused(
            f"This user may not listen on port {port}.", "Set WANGGE_PORT to a port above 1023."
        )
    return StartRefused(
        f"It cannot listen on {host}: {problem.strerror}.", "Set WANGGE_HOST to an address of this machine."
    )
