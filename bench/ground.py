"""A data folder with a migrated database of its own, and measuring processes that work on it."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent


def environment_of(data: Path, settings: dict[str, str] | None = None) -> dict[str, str]:
    """Of a measuring process on the data folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "WANGGE_APP_DATABASE_URL")
    }
    return {
        **kept,
        "WANGGE_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        **(settings or {}),
    }


def asked(data: Path, module: str, *arguments: str, settings: dict[str, str] | None = None) -> Any:
    """Runs `python -m module` on the data folder and reads the JSON of its last line."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment_of(data, settings),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def grown(cases: int) -> Iterator[Path]:
    """A data folder with a running database that holds `cases` cases. WANGGE_BENCH keeps such folders for the next time."""
    from wangge.project.cluster import attached

    kept = os.environ.get("WANGGE_BENCH", "")
    data = Path(kept) / f"cases-{cases}" if kept else Path(tempfile.mkdtemp(prefix="wangge-bench-"))
    data.mkdir(parents=True, exist_ok=True)
    try:
        with attached(data):
            if not (data / "grown").exists():
                told = asked(data, "bench.growing", str(cases))
                print(f"grew {cases} cases in {told['seconds']:.0f} s", file=sys.stderr, flush=True)
                (data / "grown").touch()
            yield data
    finally:
        if not kept:
            shutil.rmtree(data, ignore_errors=True)


#: What was measured in this process and not kept.
MISSED: list[str] = []


def say(line: dict[str, Any]) -> None:
    """A line of what was measured; one that is not `kept` is remembered."""
    print(json.dumps(line, ensure_ascii=False), flush=True)
    if not line.get("kept", True):
        MISSED.append(line["name"])


def tell(
    name: str, runs: list[tuple[float, float]], *, unit: str, limit: float, at_most: bool = True, **more: Any
) -> None:
    """One line: the medians of the runs' (value, floor), and their ratio as the median of the runs' own."""
    ratios = [value / floor for value, floor in runs]
    ratio = statistics.median(ratios)
    line = {
        "name": name,
        "value": round(statistics.median(value for value, _ in runs), 3),
        "unit": unit,
        "floor": round(statistics.median(floor for _, floor in runs), 3),
        "ratio": round(ratio, 3),
        "limit": ("<= " if at_most else ">= ") + str(limit),
        "kept": ratio <= limit if at_most else ratio >= limit,
        "runs": [round(one, 3) for one in ratios],
        **more,
    }
    say(line)


class Spent:
    """Processor seconds since it was made: of this process, and of the one that serves this connection in the database."""

    def __init__(self, connection: Any) -> None:
        connection.ensure_connection()
        self.backend = psutil.Process(connection.connection.info.backend_pid)
        self.began = self._now()

    def _now(self) -> tuple[float, float]:
        times = self.backend.cpu_times()
        return time.process_time(), times.user + times.system

    def microseconds(self, rows: int) -> dict[str, float]:
        """For each of so many rows."""
        own, database = (
            1e6 * (now - began) / rows for now, began in zip(self._now(), self.began, strict=True)
        )
        return {"own_us_a_row": round(own, 1), "database_us_a_row": round(database, 1)}


def p95(times: list[float]) -> float:
    """In the unit of the times."""
    return statistics.quantiles(times, n=20)[-1]
