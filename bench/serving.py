"""A running program on a data folder: its address, and the processes that belong to it."""

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.ground import ROOT
from wangge.base.tokens import new_secret

#: Of all programs that a measurement runs: the sign-ins that it makes for them are marked with it.
KEY = secrets.token_urlsafe(48)


@dataclass(frozen=True)
class Served:
    port: int
    process: int


@contextmanager
def served(data: Path, *command: str, ready_within: float = 300) -> Iterator[Served]:
    """Runs `wangge COMMAND` until the block ends; waits until it says that it is healthy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "WANGGE_APP_DATABASE_URL")
    }
    environment = {
        **kept,
        "WANGGE_DATA": str(data),
        "WANGGE_SECRET_KEY": KEY,
        "WANGGE_PORT": str(port),
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "wangge.project.cli", *command],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(f"http://127.0.0.1:{port}/healthz", program, ready_within)
        yield Served(port, program.pid)
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)


def _await(address: str, program: "subprocess.Popen[bytes]", seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if program.poll() is not None:
            raise RuntimeError(f"the program ended with {program.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise RuntimeError("the program did not become healthy")


def sign_in(owner: "psycopg.Connection[Any]", area: str, kind: str) -> str:
    """The secret of a new sign-in of whoever holds the post of this kind at this area."""
    found = owner.execute(
        "select s.account_id from staff_assignment s join staff_post p on p.id = s.post_id"
        " where p.area_id = %s and p.kind_id = %s limit 1",
        [area, kind],
    ).fetchone()
    if found is None:
        raise RuntimeError(f"nobody holds a post {kind} at {area}")
    secret = new_secret(KEY, found[0])
    now = datetime.now(UTC)
    owner.execute(
        "insert into staff_signin (digest, account_id, created_at, expires_at, agent) values (%s, %s, %s, %s, 'bench')",
        [hashlib.sha256(secret.encode()).digest(), found[0], now, now + timedelta(days=30)],
    )
    return secret
