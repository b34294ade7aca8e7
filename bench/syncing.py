"""What phones send and take.

`pull_first`: the first snapshot of a grid of 500 households, 1,500 residents and a year of visits, with its lines of JSON and
its packing, against `select` of the same rows by the same role under the same policies.

`push_items`: commands a second over HTTP, fifty a push, by several phones at once, against pgbench's transactions of one command
each. Its statements are those that the server logged for a push of one command by each of these phones, with the command's id
made new each time. Pushes and pgbench take turns; both load generators share the cores with the database.
"""

import asyncio
import gzip
import json
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.asking import enter
from bench.ground import asked, tell
from bench.growing import BUSY
from bench.homing import homes_of, make_homes
from bench.putting import logged, pgbench, transactions
from bench.serving import served, sign_in
from bench.wire import Wire, pushed, visit

HOMES, VISITS = 500, 12
PHONES, A_PUSH, SECONDS = 4, 50, 12
_FLOOR = (
    "select * from households_dwelling where township_id = %s and community_id = %s and grid_id = %s",
    "select * from households_household where township_id = %s and community_id = %s and grid_id = %s",
    "select * from households_resident where township_id = %s and community_id = %s and grid_id = %s",
    "select * from visits_visit where township_id = %s and community_id = %s and grid_id = %s",
)

Phone = dict[str, Any]


def measure_pull(data: Path, runs: int) -> None:
    told = asked(data, "bench.syncing", "pull", str(runs))
    tell("pull_first", told["pull"], unit="ms", limit=5, records=told["records"], packed_kb=told["kb"])


def measure_push(data: Path, runs: int) -> None:
    from wangge.project.cluster import Cluster

    cluster = Cluster(data)
    phones = _phones(cluster)
    with served(data, "serve") as server, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phones.json"
        file.write_text(json.dumps(phones))
        scripts = _captured(cluster, server.port, phones, Path(folder))
        asked(data, "bench.syncing", "push", str(server.port), str(file), "3")
        taken, latencies = [], []
        for _ in range(runs):
            told = asked(data, "bench.syncing", "push", str(server.port), str(file), str(SECONDS))
            latencies.append(told["p95_ms"])
            taken.append((told["rate"], pgbench(cluster, scripts, connections=PHONES, seconds=SECONDS)))
        statements = len(scripts[0].read_text("utf-8").splitlines()) - 1
    tell(
        "push_items",
        taken,
        unit="commands/s",
        limit=2,
        at_most=False,
        a_push=A_PUSH,
        phones=PHONES,
        statements_of_one=statements,
        p95_ms_of_a_push=latencies,
    )


def _phones(cluster: Any) -> list[Phone]:
    """Workers of the busy grid's neighbours, each with homes of their own."""
    with psycopg.connect(cluster.dsn("wangge_owner")) as owner:
        found = owner.execute(
            "select code from areas_area where level = 'grid' and code <> %s order by code limit %s",
            [BUSY[3], PHONES],
        )
        grids = [code for (code,) in found.fetchall()]
        make_homes(owner, grids, tens=10)
        return [
            {"token": sign_in(owner, grid, "grid_worker"), "homes": homes_of(owner, grid)} for grid in grids
        ]


def _captured(cluster: Any, port: int, phones: list[Phone], folder: Path) -> list[Path]:
    """A script for each phone: what one push of one command of theirs made the database do, from BEGIN to COMMIT."""
    scripts = []
    with logged(cluster) as lines:
        for phone in phones * 4:  # a connection hears of the logging at its next statement
            asyncio.run(_push_one(port, phone))
        ids = [asyncio.run(_push_one(port, phone)) for phone in phones]
    blocks = transactions(lines)
    for number, one in enumerate(ids):
        own = next(block for block in blocks if any(one in statement for statement in block))
        assert not any(re.search(r"\$\d", statement) for statement in own), "parameters were bound apart"
        path = folder / f"{number}.sql"
        path.write_text("\n".join([_CHANCE, *(_made_new(each, one) + ";" for each in own), ""]), "utf-8")
        scripts.append(path)
    return scripts


_CHANCE = r"\set n random(100000000000, 999999999999)"


def _made_new(statement: str, one: str) -> str:
    """The same statement with an id of its own; pgbench puts the number in wherever it stands."""
    fresh = statement.replace(one, "00000000-0000-7000-8000-:n")
    return fresh.replace(one.replace("-", ""), "00000000000070008000:n")


async def _push_one(port: int, phone: Phone) -> str:
    wire = Wire(port, phone["token"])
    one = visit(phone["homes"][0])
    await _push(wire, [one])
    wire.close()
    return str(one["id"])


async def _push(wire: Wire, commands: list[dict[str, Any]]) -> None:
    status, _, body = await wire.ask("POST", "sync/push", pushed(commands))
    if status != 200 or any(one["status"] != "done" for one in json.loads(body)["results"]):
        raise RuntimeError(f"{status} {body[:400]!r}")


async def _load(port: int, phones: list[Phone], seconds: float) -> dict[str, float]:
    """Each phone sends its next fifty as soon as the last are answered."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def send(phone: Phone) -> None:
        wire = Wire(port, phone["token"])
        homes, sent = phone["homes"], 0
        while (began := time.perf_counter()) < until:
            await _push(wire, [visit(homes[(sent + number) % len(homes)]) for number in range(A_PUSH)])
            sent += A_PUSH
            took.append(time.perf_counter() - began)
        wire.close()

    began = time.perf_counter()
    await asyncio.gather(*(send(phone) for phone in phones))
    spent = time.perf_counter() - began
    took.sort()
    return {"rate": len(took) * A_PUSH / spent, "p95_ms": round(took[int(len(took) * 0.95)] * 1000, 1)}


def _pulled(runs: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings

    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(Path(settings.ENVIRONMENT.data)).dsn("wangge_owner")) as owner:
        make_homes(owner, [BUSY[3]], tens=HOMES // 10, visits=VISITS)
        if len(homes_of(owner, BUSY[3])) != HOMES:
            raise RuntimeError("another measurement has made homes on this ground: take a new one")
    _snapshot()  # what Django compiles at the first question is no part of it
    pull: list[tuple[float, float]] = []
    packed = records = 0
    for _ in range(runs):
        taken, packed, records = _snapshot()
        pull.append((taken, _selected()))
    return {"pull": pull, "kb": round(packed / 1000), "records": records}


def _snapshot() -> tuple[float, int, int]:
    import orjson
    from django.db import transaction

    from wangge.sync.queries import snapshot

    with transaction.atomic():
        viewer = enter(BUSY[3], "grid_worker")
        began = time.perf_counter()
        lines = [
            orjson.dumps(one if isinstance(one, str) else vars_of(one), default=str) + b"\n"
            for one in snapshot(viewer, now=datetime.now(UTC))
        ]
        packed = gzip.compress(b"".join(lines), compresslevel=6)
        return (time.perf_counter() - began) * 1000, len(packed), len(lines) - 1


def vars_of(change: Any) -> dict[str, Any]:
    return {"kind": change.kind, "id": change.id, "revision": change.revision, "fields": change.fields}


def _selected() -> float:
    """The same rows, fetched whole: the transfer is a part of it, no JSON and no packing."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        enter(BUSY[3], "grid_worker")
        began = time.perf_counter()
        for statement in _FLOOR:
            cursor.execute(statement, BUSY[1:])
            cursor.fetchall()
        return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    if sys.argv[1] == "pull":
        print(json.dumps(_pulled(int(sys.argv[2]))))
    else:
        loaded = json.loads(Path(sys.argv[3]).read_text())
        print(json.dumps(asyncio.run(_load(int(sys.argv[2]), loaded, float(sys.argv[4])))))
