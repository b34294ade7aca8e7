"""A ground read in a process of its own, whose memory and time are bounded."""

import json
import os
import signal
import subprocess
import sys

import shapely
from tests.gridplan.test_ground import RAIL, STREET, a_file, feature

from gridplan import reading_apart

ALONE = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def ended(folder, file, *, box="null", most=400_000):
    (folder / "read").mkdir()
    command = [
        sys.executable,
        "-m",
        "gridplan.reading_apart",
        str(file),
        str(folder / "read"),
        box,
        str(most),
    ]
    return subprocess.run(command, check=False, env=ALONE).returncode


def ended_within(bounds, folder, file):
    """`bounds` is a statement that sets them, told where the process stands when it begins."""
    said = f"""
import resource, sys
from pathlib import Path
from gridplan import reading_apart as it
mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime + resource.getrusage(resource.RUSAGE_SELF).ru_stime)
{bounds}
sys.exit(it.main(Path(sys.argv[1]), Path(sys.argv[2]), "null", 400_000))
"""
    return subprocess.run(
        [sys.executable, "-c", said, str(file), str(folder)], check=False, env=ALONE
    ).returncode


def test_it_tells_what_was_read(tmp_path):
    file = a_file(tmp_path, feature("barrier", RAIL), feature("street", STREET), feature("tunnel", RAIL))
    assert ended(tmp_path, file, box="[119.0, 34.0, 120.0, 35.0]") == 0
    told = json.loads((tmp_path / "read" / "told.json").read_text())
    counts = {"barriers": 1, "streets": 1, "crossings": 1, "shops": 0, "left_out": 1}
    assert told == {"counts": counts, "notes": [], "barrier_kinds": [""]}
    kept = shapely.from_wkb((tmp_path / "read" / "barriers.wkb").read_bytes())
    assert kept.geoms[0].equals(RAIL)


def test_it_tells_by_its_end_what_it_does_not_read(tmp_path):
    file = a_file(tmp_path, feature("barrier", RAIL), feature("street", STREET))
    assert ended(tmp_path, file, most=3) == reading_apart.TOO_MUCH
    file.write_text("no json")
    (tmp_path / "read").rmdir()
    assert ended(tmp_path, file) == reading_apart.NO_MAP


def test_its_memory_is_bounded(tmp_path):
    file = tmp_path / "map.geojson"
    file.write_text('{"features": [' + ",".join(["[" + "[]," * 40 + "0]"] * 60_000) + "]}")
    bound = "it.MOST_MEMORY = mapped + 64 * 1024 * 1024"
    assert ended_within(bound, tmp_path, file) == reading_apart.TOO_MUCH


def test_its_time_is_bounded(tmp_path):
    file = a_file(tmp_path, feature("barrier", RAIL))
    bound = "it.MOST_SECONDS = used + 1; it.read_ground = lambda *_, **__: any(iter(int, 1))"
    assert ended_within(bound, tmp_path, file) in (-signal.SIGXCPU, -signal.SIGKILL)
