"""What all processes of the demo hold in memory at rest, each shared page counted by its share (PSS)."""

import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from bench.ground import tell
from bench.serving import served

LIMIT_MIB = 600
REST_SECONDS = 20
PAGES = ("/", "/api/v1/openapi.json", "/healthz", "/sign-in")


def measure(runs: int) -> None:
    """A demo with its default city, after it has answered some requests; looked at several times, as it rests."""
    data = Path(tempfile.mkdtemp(prefix="wangge-bench-"))
    try:
        with served(data, "demo", "start", ready_within=600) as server:
            for page in PAGES * 4:
                _visit(f"http://127.0.0.1:{server.port}{page}")
            sizes = []
            for _ in range(runs):
                time.sleep(REST_SECONDS)
                sizes.append(_pss(server.process, data))
    finally:
        shutil.rmtree(data, ignore_errors=True)
    totals = [(sum(size.values()), float(LIMIT_MIB)) for size in sizes]
    tell("demo_memory", totals, unit="MiB PSS", limit=1, processes=sizes[-1])


def _visit(address: str) -> None:
    try:
        urllib.request.urlopen(address, timeout=20).read()
    except OSError:
        return  # a page that asks for a sign-in has been answered too


def _pss(supervisor: int, data: Path) -> dict[str, float]:
    """MiB by kind of process: the supervisor's family, and the database's, which runs apart from it."""
    family = {supervisor: psutil.Process(supervisor)}
    family |= {child.pid: child for child in psutil.Process(supervisor).children(recursive=True)}
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
    family |= {
        process.pid: process
        for process in (psutil.Process(postmaster), *psutil.Process(postmaster).children())
    }
    sizes: dict[str, float] = {}
    for process in family.values():
        try:
            name, size = process.name(), process.memory_full_info().pss / 2**20
        except psutil.NoSuchProcess:
            continue
        sizes[name] = round(sizes.get(name, 0) + size, 1)
    return sizes
