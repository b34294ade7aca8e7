"""Runs the program as a user does, in a data folder of its own, and finds its processes."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

#: Nothing is measured by it: it only ends what would never come.
PATIENCE_SECONDS = 240


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def environ(data: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("WANGGE_", "DATABASE_URL"))
    }
    source = str(Path(__file__).parents[2] / "src")
    return {**kept, "PYTHONPATH": source, "WANGGE_DATA": str(data), **more}


def run(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wangge.project.cli", *arguments]
    return subprocess.run(
        command,
        env=environ(data, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def until(true, what: str, said=lambda: ""):
    """Waits for something that another process does; `said` is what it said meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := true()):
        assert time.monotonic() < deadline, f"in {PATIENCE_SECONDS} s not: {what}\n{said()[-3000:]}"
        time.sleep(0.05)
    return found


class Program:
    """A running `wangge serve`."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data, self.port = data, free_port()
        arguments = ("--ends-with", str(os.getpid()), *(arguments or ("serve",)))
        command = [sys.executable, "-m", "wangge.project.cli", *arguments]
        with (data / "log").open("a") as log:
            self.process = subprocess.Popen(
                command, env=environ(data, WANGGE_PORT=str(self.port)), stdout=log, stderr=log
            )

    def health(self) -> int:
        """The status of /healthz, 0 without an answer."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("GET", "/healthz")
            with asked.getresponse() as answer:
                return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            asked.close()

    def await_health(self) -> None:
        def healthy() -> bool:
            assert self.process.poll() is None, self.said()
            return self.health() == 200

        until(healthy, "a healthy answer", self.said)

    def said(self) -> str:
        return (self.data / "log").read_text()

    def pids(self) -> dict[str, int]:
        """The processes by what they do; of several web workers the last."""
        found = {"supervisor": self.process.pid}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                command, parent = child.cmdline(), child.ppid()
            except psutil.Error:  # it is just ending
                continue
            if "wangge.project.web" in command:
                found["web master" if parent == self.process.pid else "web worker"] = child.pid
            elif command[-1:] == ["worker"]:
                found["worker"] = child.pid
        mark = self.data / "postgres" / "postmaster.pid"
        if mark.exists():
            found["database"] = int(mark.read_text().split()[0])
        return found

    def web_workers(self) -> set[int]:
        """Those that answer; the master is not one."""
        master = self.pids().get("web master", 0)
        try:
            return {child.pid for child in psutil.Process(master).children()} if master else set()
        except psutil.NoSuchProcess:
            return set()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
