"""Reporting cases over HTTP with 16 connections, against pgbench running the same statements on the same database.

The statements are those that the server logged for one report by each of the sixteen people, with only the case's id made
new each time. Requests and pgbench take turns; both load generators share the cores with the database.
"""

import asyncio
import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.ground import asked, tell
from bench.serving import served

CONNECTIONS = 16
SECONDS = 12

Person = dict[str, str | float]


def measure(data: Path, runs: int) -> None:
    from wangge.project.cluster import Cluster

    cluster = Cluster(data)
    with served(data, "serve") as server, tempfile.TemporaryDirectory() as folder:
        people = asked(data, "bench.signing", str(CONNECTIONS))
        file = Path(folder) / "people.json"
        file.write_text(json.dumps(people))
        scripts = _captured(cluster, server.port, people, Path(folder))
        _put_for(data, server.port, file, 3)
        statements = len(scripts[0].read_text("utf-8").splitlines()) - 1
        taken, latencies = [], []
        for _ in range(runs):
            told = _put_for(data, server.port, file, SECONDS)
            latencies.append(told["p95_ms"])
            taken.append((told["rate"], pgbench(cluster, scripts)))
    tell(
        "case_put",
        taken,
        unit="cases/s",
        limit=0.3,
        at_most=False,
        connections=CONNECTIONS,
        statements=statements,
        p95_ms=latencies,
    )


def _put_for(data: Path, port: int, people: Path, seconds: int) -> dict[str, float]:
    told: dict[str, float] = asked(data, "bench.putting", str(port), str(people), str(seconds))
    return told


@contextmanager
def logged(cluster: object) -> Iterator[list[str]]:
    """The lines that the server logs of the application's statements meanwhile."""
    lines: list[str] = []
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as owner:
        owner.execute("alter system set log_statement = 'all'")
        owner.execute("alter system set log_line_prefix = '%u %p '")
        owner.execute("select pg_reload_conf()")
        time.sleep(1.5)
        start = cluster.log.stat().st_size
        yield lines
        time.sleep(0.5)
        lines += cluster.log.read_text(errors="replace")[start:].splitlines()
        owner.execute("alter system reset log_statement")
        owner.execute("alter system reset log_line_prefix")
        owner.execute("select pg_reload_conf()")
        time.sleep(1.5)


def _captured(cluster: object, port: int, people: list[Person], folder: Path) -> list[Path]:
    """A script for each person: what one report of theirs made the database do, from BEGIN to COMMIT."""
    scripts = []
    with logged(cluster) as lines:
        for person in (
            people * 2
        ):  # a connection hears of the logging at its next statement, and loads the map at its first
            asyncio.run(_one(port, person))
        ids = [asyncio.run(_one(port, person)) for person in people]
    blocks = transactions(lines)
    for number, case in enumerate(ids):
        own = next(block for block in blocks if any(case in statement for statement in block))
        assert not any(re.search(r"\$\d", statement) for statement in own), "parameters were bound apart"
        path = folder / f"{number}.sql"
        path.write_text(
            "\n".join([r"\set n random(1, 999999999999)", *(made_new(one, case) + ";" for one in own), ""]),
            "utf-8",
        )
        scripts.append(path)
    return scripts


def transactions(lines: list[str]) -> list[list[str]]:
    """The statements of each transaction of the application, whichever connections ran at the same time."""
    said: dict[str, list[str]] = {}
    open_entry: list[str] | None = None
    for line in lines:
        if found := re.match(r"wangge_app (\d+) LOG:  (?:statement|execute [^:]*): (.*)", line):
            open_entry = said.setdefault(found[1], [])
            open_entry.append(found[2])
        elif line.startswith("\t") and open_entry:
            open_entry[-1] += " " + line.strip()
        else:
            open_entry = None
    blocks: list[list[str]] = []
    for statements in said.values():
        block: list[str] = []
        for statement in (" ".join(one.split()) for one in statements):
            if statement.upper().startswith("BEGIN"):
                block = []
            block.append(statement)
            if statement.upper() == "COMMIT" and block[0].upper().startswith("BEGIN"):
                blocks.append(block)
    return blocks


def made_new(statement: str, case: str) -> str:
    """The same statement with an id of its own."""
    fresh = "('{}00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))"
    for written, start in (
        (f"'case:{case}'", "case:"),
        (f"'{case}'", ""),
        (f"'{case.replace('-', '')}'", ""),
    ):
        statement = statement.replace(written, fresh.format(start))
    assert case not in statement
    assert case.replace("-", "") not in statement
    return statement


def pgbench(
    cluster: object, scripts: list[Path], *, connections: int = CONNECTIONS, seconds: int = SECONDS
) -> float:
    """Transactions a second."""
    files = [part for script in scripts for part in ("-f", str(script))]
    for script in scripts:
        script.chmod(0o644)
    done = subprocess.run(
        [cluster.bin / "pgbench", "-n", "-c", str(connections), "-j", "2", "-T", str(seconds), "-M", "simple", *files,
         cluster.dsn("wangge_app")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or not found or (failed and int(failed[1])):
        raise RuntimeError(f"pgbench: {done.stdout[-800:]} {done.stderr[-800:]}")
    return float(found[1])


def _request(person: Person, case: str) -> bytes:
    report = {
        "item": person["item"], "title": "路灯不亮，请尽快派人来看", "description": "楼下小区东门的路灯不亮已经三天，晚上老人出行不方便",
        "lon": person["lon"], "lat": person["lat"], "reported_at": "2026-10-30T08:00:00+08:00", "source": "worker",
    }  # fmt: skip
    body = json.dumps(report).encode()
    head = (
        f"PUT /api/v1/cases/{case} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person['token']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _new_case() -> str:
    digits = secrets.token_hex(16)
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


async def _put(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, person: Person, case: str) -> None:
    writer.write(_request(person, case))
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length, head
    body = await reader.readexactly(int(length[1]))
    if b" 201 " not in head[:16]:
        raise RuntimeError(f"{head[:80]!r} {body[:300]!r}")


async def _one(port: int, person: Person) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    case = _new_case()
    await _put(reader, writer, person, case)
    writer.close()
    return case


async def _load(port: int, people: list[Person], seconds: float) -> dict[str, float]:
    """Each connection sends its next report as soon as the last is answered."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def connection(person: Person) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            await _put(reader, writer, person, _new_case())
            took.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection(person) for person in people))
    spent = time.perf_counter() - began
    took.sort()
    return {"rate": len(took) / spent, "p95_ms": round(took[int(len(took) * 0.95)] * 1000, 1)}


if __name__ == "__main__":
    loaded = json.loads(Path(sys.argv[2]).read_text())
    print(json.dumps(asyncio.run(_load(int(sys.argv[1]), loaded, float(sys.argv[3])))))
