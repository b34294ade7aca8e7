"""`wangge serve`: the database, the web server and the worker as children of one supervisor.

Whatever ends is started again; asked to stop, it stops the web first, then the worker, then the database. The
supervisor loads no Django: it stays small, and what it prepares runs in processes that end.
"""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import FrameType

import psutil

from wangge.project.cluster import Cluster, attached
from wangge.project.environment import Environment, StartRefused
from wangge.project.folder import FolderLock, check_writable
from wangge.project.processes import Roll, free_address

TICK_SECONDS = 0.25
#: Together under ten seconds, so that a service manager never has to kill.
WEB_STOP_SECONDS, WORKER_STOP_SECONDS, DATABASE_STOP_SECONDS = 4, 2, 2
#: A child that lived shorter than this waits longer before each new start.
STEADY_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30


class Stopped(Exception):  # noqa: N818 - asked to stop, which is no error
    """SIGTERM, SIGINT or SIGHUP came."""


def program(*arguments: str) -> list[str]:
    """The command line of this very program with other arguments, for a process that ends with this one."""
    return [sys.executable, "-m", "wangge.project.cli", "--ends-with", str(os.getpid()), *arguments]


class Child:
    """A process that is kept running, in a session of its own: Ctrl-C reaches the supervisor alone."""

    def __init__(self, name: str, command: Sequence[str], stop_seconds: float) -> None:
        self.name, self.command, self.stop_seconds = name, command, stop_seconds
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = self.not_before = 0.0
        self.pause = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.started_at = time.monotonic()

    def look(self) -> bool:
        """Starts the child again if it ended, and answers whether it did."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            short = now - self.started_at < STEADY_SECONDS
            self.pause = min(max(self.pause * 2, 0.5), LONGEST_PAUSE_SECONDS) if short else 0.0
            said = f"{self.name} ended ({self.process.returncode}) and is started again"
            say(f"{said} in {self.pause:.0f} s." if self.pause >= 1 else f"{said}.")
            self.process, self.not_before = None, now + self.pause
        if self.process is None and now >= self.not_before:
            self.start()
            return True
        return False

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for process in psutil.wait_procs(family, timeout=0.2)[1]:
            process.kill()


def say(text: str) -> None:
    print(f"wangge: {text}", file=sys.stderr, flush=True)


class Supervisor:
    """Runs `steps` one after the other, then keeps the children running until it is asked to stop.

    With a `task`, only until that command of the program, begun when everything answers, has ended.
    """

    def __init__(
        self,
        environment: Environment,
        steps: Sequence[Sequence[str]],
        announce: Callable[[], None],
        *,
        task: Sequence[str] = (),
    ) -> None:
        self.environment, self.steps, self.announce, self.task = environment, steps, announce, task
        self.roll = Roll(environment.data)
        self.lock = FolderLock(environment.data)
        self.stopping = threading.Event()
        self.children: list[Child] = []
        self.announced = False
        self.code = 0

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        check_writable(self.environment.data)
        self.lock.take(wait_seconds=1)
        try:
            return self._serve()
        finally:
            self.lock.release()

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's signature
        self.stopping.set()

    def _serve(self) -> int:
        left = self.roll.end_left_behind()
        address = free_address(self.environment.host, self.environment.port, wait_seconds=5 if left else 1)
        self.environment.secret_key()
        with ExitStack() as stack:
            cluster = None
            if not self.environment.database_url:
                cluster = stack.enter_context(
                    attached(self.environment.data, stop_within_seconds=DATABASE_STOP_SECONDS)
                )
            try:
                for step in self.steps:
                    if code := self._take(step):
                        return code
                self._start(address)
                self._keep(cluster)
            except Stopped:
                pass
            finally:
                self._stop()
        return self.code

    def _take(self, step: Sequence[str]) -> int:
        """One step of the preparation; its own words say why it failed."""
        process = subprocess.Popen(program(*step), stdin=subprocess.DEVNULL, start_new_session=True)
        self.roll.write([process.pid, *(child.process.pid for child in self.children if child.process)])
        while (code := process.poll()) is None:
            if self.stopping.wait(TICK_SECONDS):
                process.terminate()
                process.wait()
                raise Stopped
        return code

    def _start(self, address: str) -> None:
        web = [sys.executable, "-m", "wangge.project.web", address, str(os.getpid())]
        self.children = [
            Child("The web server", web, WEB_STOP_SECONDS),
            Child("The worker", program("worker"), WORKER_STOP_SECONDS),
        ]

    def _keep(self, cluster: Cluster | None) -> None:
        while not self.stopping.is_set():
            if cluster and not cluster.running():
                if not (cluster.home / "PG_VERSION").exists():
                    raise StartRefused(
                        f"The data folder {self.environment.data} is gone.",
                        "Bring it back, then start again.",
                    )
                say("The database ended and is started again.")
                cluster.start()
            started = [child.name for child in self.children if child.look()]
            if started:
                self.roll.write(child.process.pid for child in self.children if child.process)
            if not self.announced and self._answers():
                self.announced = True
                self.announce()
                if self.task:
                    self.code = self._take(self.task)
                    return
            self.stopping.wait(TICK_SECONDS)

    def _answers(self) -> bool:
        host = self.environment.host if self.environment.host != "0.0.0.0" else "127.0.0.1"  # noqa: S104 - to ask, not to listen
        asked = http.client.HTTPConnection(host, self.environment.port, timeout=2)
        try:
            asked.request(
                "GET", "/healthz", headers={"Host": (self.environment.allowed_hosts or ("localhost",))[0]}
            )
            with asked.getresponse() as answer:
                return answer.status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            asked.close()

    def _stop(self) -> None:
        self.lock.stopping()
        for child in self.children:
            child.stop()
        self.roll.clear()


def serve(environment: Environment) -> int:
    """Serves until it is asked to stop. The embedded database is migrated; another's is only checked."""
    environment.check_production()
    step = ["migrate", "--check"] if environment.database_url else ["migrate"]
    return Supervisor(environment, [step], lambda: say(f"Serving on {address_of(environment)}")).run()


def address_of(environment: Environment) -> str:
    host = f"[{environment.host}]" if ":" in environment.host else environment.host
    return f"http://{host}:{environment.port}/"
