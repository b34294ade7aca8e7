"""How many visits a second a list brings in (row M14): `python -m bench.visiting VISITS HOUSEHOLDS`.

A made-up list, each household called on every so many weeks, read cell by cell, joined to the register and written with its
indexes and kept sums, until the commit; then the sums are compared with a recount. The floor is a plain COPY of the very same
rows into a table without an index, in the same run. WANGGE_BENCH_VISITS makes the list shorter, and the register with it.
"""

import csv
import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.ground import Spent, asked, say
from bench.registering import write_list

VISITS, HOUSEHOLDS = 1_000_000, 50_000
LEAST = 10_000
"""Visits a second."""
_OUTCOMES = ("met", "met", "met", "nobody_home", "met", "met", "refused", "met", "met", "empty")
_RECOUNT = """
select count(*) from (
  (select path, day, outcome, count(*) from visits_visit group by 1, 2, 3
   union all
   select path, day, 'households', count(distinct household_id) from visits_visit where outcome = 'met' group by 1, 2)
  except all select path, day, what, count from visits_sum) as apart
"""


def run(visits: int, households: int) -> dict[str, Any]:
    """In a process of its own on the data folder."""
    import django

    django.setup()
    from django.db import connection, connections, transaction

    from wangge.areas.models import Area
    from wangge.base import clock
    from wangge.households.actions.registers import import_register
    from wangge.households.models import Household
    from wangge.project.files import system_over_all
    from wangge.visits.actions import import_visits, renew_stale

    now = clock.now()
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(
            "truncate households_building, households_dwelling, households_household, households_resident, households_stay,"
            " households_numbercounter, visits_visit, visits_sum, visits_metday, visits_stale cascade"
        )
    with tempfile.TemporaryDirectory() as folder:
        register, file = Path(folder) / "residents.csv", Path(folder) / "visits.csv"
        grids = list(
            Area.objects.filter(level="grid", kind="public").order_by("code").values_list("code", flat=True)
        )
        write_list(register, grids, households)
        with transaction.atomic():
            import_register(system_over_all(), register, "residents", now=now)
        with transaction.atomic():
            system_over_all()
            numbers = list(Household.objects.order_by("number").values_list("number", flat=True)[:households])
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["户编号", "走访时间", "走访结果"])
            for serial in range(visits):
                at = now - timedelta(hours=1 + (serial * 7) % 8_000, seconds=serial % 3_600)
                rows.writerow(
                    [numbers[serial % len(numbers)], f"{at:%Y-%m-%dT%H:%M:%S+00:00}", _OUTCOMES[serial % 10]]
                )
        started, spent = time.perf_counter(), Spent(connection)
        with transaction.atomic():
            report = import_visits(system_over_all(), file, now=now)
        seconds = time.perf_counter() - started
        costs = spent.microseconds(visits)
        print(f"{report} in {seconds:.1f} s", file=sys.stderr, flush=True)
    with owner.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(_RECOUNT)
        (apart,) = cursor.fetchone()
        recount = time.perf_counter() - started
    started = time.perf_counter()
    with transaction.atomic():
        renewed = renew_stale(system_over_all(), now=now, at_most=20_000)
    due = time.perf_counter() - started
    return {
        "rows": report.added,
        "seconds": seconds,
        "floor_seconds": _copied(owner),
        "costs": costs,
        "apart": apart,
        "recount_seconds": recount,
        "due_a_second": renewed / due if renewed else 0,
    }


def _copied(connection: Any) -> float:
    """Seconds of a plain COPY of the same rows into a table without an index."""
    names = "id, household_id, path, day, happened_at, said_at, at, outcome, source"
    with connection.cursor() as cursor, tempfile.TemporaryFile() as kept:
        cursor.execute(f"create table plain_visit as select {names} from visits_visit limit 0")
        with cursor.copy(f"copy (select {names} from visits_visit) to stdout") as copy:
            for block in copy:
                kept.write(block)
        kept.seek(0)
        started = time.perf_counter()
        with cursor.copy(f"copy plain_visit ({names}) from stdin") as copy:
            while block := kept.read(1 << 20):
                copy.write(block)
        spent = time.perf_counter() - started
        cursor.execute("drop table plain_visit")
    return spent


def measure(data: Path) -> None:
    visits = int(os.environ.get("WANGGE_BENCH_VISITS", VISITS))
    households = max(1, HOUSEHOLDS * visits // VISITS)
    found = asked(data, "bench.visiting", str(visits), str(households))
    rate = found["rows"] / found["seconds"]
    line = {
        "name": "visit_import",
        "value": round(rate),
        "unit": "visits/s",
        "floor": round(found["rows"] / found["floor_seconds"]),
        "ratio": round(found["seconds"] / found["floor_seconds"], 2),
        "limit": f">= {LEAST} visits/s, no sum apart from its recount",
        "kept": rate >= LEAST and found["apart"] == 0,
        "rows": found["rows"],
        **found["costs"],
        "sums_apart": found["apart"],
        "recount_seconds": round(found["recount_seconds"], 1),
        "due_a_second": round(found["due_a_second"]),
    }
    say(line)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
