"""How long the whole country's divisions take to import, and how much memory: `python -m bench.import_areas [COMMUNITIES]`.

Made-up names in the layout of one file per level. The peak is that of the importing process and of the server's process
that works for it, each with what it shares with others.
"""

import csv
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import ground

COMMUNITIES = 620_000
PROVINCES, CITIES, COUNTIES, TOWNSHIPS = 31, 11, 9, 14  # of each in the one above: 31, 341, 3,069 and 42,966
LIMIT_MIB = 1024
HEADERS = {
    "provinces": ("code", "name"),
    "cities": ("code", "name", "provinceCode"),
    "areas": ("code", "name", "cityCode", "provinceCode"),
    "streets": ("code", "name", "areaCode", "provinceCode", "cityCode"),
    "villages": ("code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"),
}


def townships() -> Iterator[tuple[str, str, str, str]]:
    """Province, city, county and township codes, down the tree."""
    for province in range(11, 11 + PROVINCES):
        for city in range(1, CITIES + 1):
            for county in range(1, COUNTIES + 1):
                for township in range(1, TOWNSHIPS + 1):
                    codes = f"{province}{city:02d}{county:02d}{township:03d}"
                    yield codes[:2], codes[:4], codes[:6], codes


def write_files(folder: Path, communities: int) -> int:
    """Writes the five files and says how many areas they hold, the nation's root too."""
    rows: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in list(HEADERS)[:4]}
    with (folder / "villages.csv").open("w", encoding="utf-8", newline="") as file:
        villages = csv.writer(file)
        villages.writerow(HEADERS["villages"])
        left, all_townships = communities, list(townships())
        for number, (province, city, county, township) in enumerate(all_townships):
            rows["provinces"][province] = (province, f"第{province}省")
            rows["cities"][city] = (city, f"第{city}市", province)
            rows["areas"][county] = (county, f"第{county}县", city, province)
            rows["streets"][township] = (township, f"第{township}镇", county, province, city)
            here = min(999, -(-left // (len(all_townships) - number)))
            left -= here
            villages.writerows(
                (f"{township}{n:03d}", f"第{n}社区居民委员会", township, province, city, county)
                for n in range(1, here + 1)
            )
    for name, level in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS[name])
            writer.writerows(level.values())
    return communities - left + sum(map(len, rows.values())) + 1


def run(folder: Path) -> dict[str, float]:
    """Imports the folder and measures this process and the server's."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from wangge.areas.actions import import_areas
    from wangge.base import clock
    from wangge.staff.queries import enter_as_system

    call_command("migrate", database="owner", verbosity=0)
    times = []
    for _again in range(2):
        started = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (server,) = cursor.fetchone()
            report = import_areas(enter_as_system(""), folder, now=clock.now(), progress=told)
            high = Path(f"/proc/{server}/status").read_text(encoding="ascii") if psutil.LINUX else ""
        times.append(time.perf_counter() - started)
        print(report, file=sys.stderr)
    server_kib = next((int(line.split()[1]) for line in high.splitlines() if line.startswith("VmHWM")), 0)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform == "linux" else 1024)
    return {"seconds": times[0], "again": times[1], "own_mib": own / 1024, "server_mib": server_kib / 1024}


def told(stage: str, done: int) -> None:
    if done % 100_000 == 0 or stage != "read":
        print(f"  {time.perf_counter():8.1f} {stage} {done}", file=sys.stderr, flush=True)


def measure(communities: int = COMMUNITIES) -> None:
    from wangge.project.cluster import attached

    data = Path(tempfile.mkdtemp(prefix="wangge-bench-"))
    files = data / "files"
    files.mkdir()
    try:
        areas = write_files(files, communities)
        with attached(data):
            found = ground.asked(data, "bench.import_areas", "--run", str(files))
        both = found["own_mib"] + found["server_mib"]
        line = {
            "name": "import_areas",
            "value": round(both, 1),
            "unit": "MiB",
            "floor": LIMIT_MIB,
            "ratio": round(both / LIMIT_MIB, 3),
            "limit": "<= 1",
            "kept": both <= LIMIT_MIB,
            "areas": areas,
            **{name: round(value, 1) for name, value in found.items()},
        }
        ground.say(line)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(run(Path(sys.argv[2]))))
    else:
        measure(*map(int, sys.argv[1:2]))
        sys.exit(1 if ground.MISSED else 0)
