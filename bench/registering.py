"""How many rows a second a city's list of residents brings into the registers: `python -m bench.registering HOUSEHOLDS`.

A made-up list as communities have it: one line a person, three to a household, identity numbers of the county 320799, which
does not exist, telephone numbers that begin with 12, which no telephone does. Counted are the households and residents that
were added, until the commit. The floor is a plain COPY of the very same rows into tables without an index, in the same run.
"""

import csv
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ground import Spent, asked, say

HOUSEHOLDS = 50_000
CITY = 1_000_000
LEAST = 20_000
"""Rows a second."""
MOST_MIB = 400
"""Of the process that reads and seals, however long the list is."""
HOUSEHOLDS_OF_A_GRID = 378
"""As a city has them: 1.6 million in 4,234 grids."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_TABLES = ("building", "dwelling", "household", "resident", "stay")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静秀丽强磊洋艳勇军杰娟涛超明霞平刚桂英华"


def identity(serial: int) -> str:
    """The number of the serial-th made-up person, whose check fits."""
    year, day = divmod(serial // 1000, 336)
    first = f"320799{1950 + year % 75}{1 + day // 28:02}{1 + day % 28:02}{serial % 1000:03}"
    return first + "10X98765432"[sum(int(a) * b for a, b in zip(first, _WEIGHTS, strict=True)) % 11]


def write_list(file: Path, grids: list[str], households: int, first: int = 0) -> None:
    """Grid after grid, each with as many households as the others; `first` have been written before."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(["网格编码", "居住地址", "姓名", "与户主关系", "公民身份号码", "联系电话", "人口类型"])
        each = -(-households // len(grids))
        for number in range(households):
            grid, within = grids[number // each], number % each
            family = _SURNAMES[number % len(_SURNAMES)]
            address = f"{grid[-6:]}号院{1 + within // 60}号楼{1 + within // 30 % 2}单元{1 + within % 30 // 3}0{1 + within % 3}室"
            for person, relation in enumerate(("户主", "配偶", "子")):
                serial = (first + number) * 3 + person
                name = (family if person != 1 else _SURNAMES[(number + 7) % len(_SURNAMES)]) + _GIVEN[
                    serial % len(_GIVEN)
                ]
                phone = f"12{serial:09}" if person < 2 else ""
                rows.writerow([grid, address, name, relation, identity(serial), phone, "户籍人口"])


def run(households: int, *, once: bool = False) -> dict[str, Any]:
    """In a process of its own on the data folder: the import, the same list again, and the floor. `once`: the import alone."""
    import django

    django.setup()
    from django.db import connection, connections, transaction

    from wangge.areas.models import Area
    from wangge.base import clock
    from wangge.households.actions.registers import import_register
    from wangge.project.files import system_over_all

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "truncate households_building, households_dwelling, households_household, households_resident, households_stay,"
            " households_numbercounter, households_tally, households_columnmapping cascade"
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "residents.csv"
        grids = list(
            Area.objects.filter(level="grid", kind="public").order_by("code").values_list("code", flat=True)
        )
        write_list(file, grids[: -(-households // HOUSEHOLDS_OF_A_GRID)], households)
        taken, costs = [], []
        for _again in range(1 if once else 2):
            started, spent = time.perf_counter(), Spent(connection)
            with transaction.atomic():
                report = import_register(system_over_all(), file, "residents", now=clock.now())
            taken.append(time.perf_counter() - started)
            costs.append(spent.microseconds(households * 4))
            print(f"{report} in {taken[-1]:.1f} s", file=sys.stderr, flush=True)
        floor = 0.0 if once else _copied(connections["owner"], Path(folder))
    rows = households * 4
    return {
        "seconds": taken[0],
        "again": taken[-1],
        "floor_seconds": floor,
        "rows": rows,
        "costs": costs[0],
        "own_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _copied(connection: Any, folder: Path) -> float:
    """Seconds of a plain COPY of the rows that the import has written, into tables without an index."""
    spent = 0.0
    with connection.cursor() as cursor:
        for table in _TABLES:
            names = ", ".join(_columns(cursor, table))
            cursor.execute(f"create table plain_{table} as select {names} from households_{table} limit 0")
            file = folder / table
            with (
                file.open("wb") as kept,
                cursor.copy(f"copy (select {names} from households_{table}) to stdout") as copy,
            ):
                for block in copy:
                    kept.write(block)
            started = time.perf_counter()
            with file.open("rb") as kept, cursor.copy(f"copy plain_{table} ({names}) from stdin") as copy:
                while block := kept.read(1 << 20):
                    copy.write(block)
            spent += time.perf_counter() - started
            cursor.execute(f"drop table plain_{table}")
    return spent


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attgenerated = '' order by attnum",
        [f"households_{table}"],
    )
    return [name for (name,) in cursor.fetchall()]


def measure(data: Path, households: int = HOUSEHOLDS) -> None:
    """At two sizes: what is linear costs as much a row at both."""
    found = {size: asked(data, "bench.registering", str(size)) for size in (households // 5, households)}
    small, whole = found.values()
    rate = whole["rows"] / whole["seconds"]
    line = {
        "name": "household_import",
        "value": round(rate),
        "unit": "rows/s",
        "floor": round(whole["rows"] / whole["floor_seconds"]),
        "ratio": round(whole["seconds"] / whole["floor_seconds"], 2),
        "limit": f">= {LEAST} rows/s",
        "kept": rate >= LEAST,
        "rows": whole["rows"],
        **whole["costs"],
        "lines_a_second": round(households * 3 / whole["seconds"]),
        "at_a_fifth": round(small["rows"] / small["seconds"]),
        "again_seconds": round(whole["again"], 1),
        "own_mib": round(whole["own_mib"]),
    }
    say(line)


def measure_city(data: Path, households: int = CITY) -> None:
    """A million households in one list: as many rows a second, and no more memory."""
    whole = asked(data, "bench.registering", str(households), "once")
    rate, mib = whole["rows"] / whole["seconds"], whole["own_mib"]
    line = {
        "name": "household_import_city",
        "value": round(rate),
        "unit": "rows/s",
        "limit": f">= {LEAST} rows/s in <= {MOST_MIB} MiB",
        "kept": rate >= LEAST and mib <= MOST_MIB,
        "rows": whole["rows"],
        "seconds": round(whole["seconds"]),
        **whole["costs"],
        "own_mib": round(mib),
    }
    say(line)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), once="once" in sys.argv)))
