"""500 open desks of a hundred people at four tiers, each over HTTP, while one of them takes steps on a case that all see.

The client measures, for each step, how long after it was sent each other desk had the event. Memory is what the web
workers grew by (PSS), CPU what they and their hubs' database connections took while nothing happened.
"""

import asyncio
import hashlib
import json
import secrets
import statistics
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bench.ground import asked, p95, say
from bench.serving import served

DESKS, PEOPLE = 500, 100
EACH = DESKS // PEOPLE
STEPS, STEP_SECONDS, REST_SECONDS = 24, 0.8, 8
#: Who has not heard by then has lost it.
PATIENCE_SECONDS = 20
#: Kind of post and its tier on the way to the grid that the step is taken in; a quarter of the people each.
TIERS = (("dispatcher", 2), ("subcentre_lead", 3), ("community_lead", 4), ("grid_worker", 5))

_SEAT = """
with who as (
  insert into staff_account (username, name, password, home_path, language, created_at, failures)
  values (%(name)s, %(said)s, '!', subpath(%(path)s::ltree, 0, %(tier)s), '', '2020-01-01', 0) returning id, home_path),
seat as (
  insert into staff_post (kind_id, area_id, path) select %(kind)s, subpath(home_path, -1)::text, home_path from who returning id, path)
insert into staff_assignment (post_id, account_id, path, part, from_on)
select seat.id, who.id, seat.path, 'full_time', '2020-01-01' from seat, who returning account_id
"""


def measure(data: Path) -> None:
    from wangge.project.cluster import Cluster

    cluster = Cluster(data)
    with served(data, "serve") as server:
        town = _people(cluster)
        file = data / "desks.json"
        file.write_text(json.dumps(town))
        asked(data, "bench.listening", str(server.port), str(file), "warm")
        told = asked(data, "bench.listening", str(server.port), str(file), "listen", str(server.process))
    delays = told.pop("delays_ms")
    line = {
        "name": "desk_live",
        "value": round(p95([max(step, default=float("inf")) for step in delays]), 1),
        "unit": "ms p95 until all others have it",
        "each_p50_ms": round(statistics.median(one for step in delays for one in step), 1),
        "each_p95_ms": round(p95([one for step in delays for one in step]), 1),
        "steps": len(delays),
        **told,
    }
    say(line)


def _people(cluster: Any) -> dict[str, Any]:
    """A hundred people with posts on the way down to one grid, five sign-ins each; and where in it a case may lie."""
    now, mark = datetime.now(UTC), secrets.token_hex(3)
    with psycopg.connect(cluster.dsn("wangge_owner")) as owner:
        path, ring = owner.execute(
            "select path::text, boundary -> 'coordinates' -> 0 from areas_area where level = 'grid' and boundary is not null order by code limit 1"
        ).fetchone()
        item = owner.execute(
            "select w.code from catalogue_workitem w join catalogue_itemversion v on v.id = w.version_id where not v.confidential order by 1 limit 1"
        ).fetchone()[0]
        tokens = []
        for number in range(PEOPLE):
            kind, tier = TIERS[number % len(TIERS)]
            account = owner.execute(
                _SEAT,
                {
                    "name": f"desk-{mark}-{number}",
                    "said": f"席{number}",
                    "path": path,
                    "tier": tier,
                    "kind": kind,
                },
            ).fetchone()[0]
            for _ in range(EACH):
                tokens.append(secrets.token_urlsafe(32))
                owner.execute(
                    "insert into staff_signin (digest, account_id, created_at, expires_at, agent) values (%s, %s, %s, %s, 'bench')",
                    [hashlib.sha256(tokens[-1].encode()).digest(), account, now, now + timedelta(hours=6)],
                )
    middle = [sum(corner[axis] for corner in ring) / len(ring) for axis in (0, 1)]
    return {"tokens": tokens, "item": item, "lon": middle[0], "lat": middle[1]}


class _Desk:
    def __init__(self, token: str) -> None:
        self.token = token
        self.heard: dict[tuple[str, int], float] = {}
        self.counts = 0

    async def open(self, port: int) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(
            f"GET /console/live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: wangge_session={self.token}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise RuntimeError(head[:200])

    async def listen(self) -> None:
        name = b""
        while line := await self.reader.readline():
            if line.startswith(b"event: "):
                name = line[7:].strip()
                self.counts += name == b"counts"
            elif name == b"case" and line.startswith(b"data: "):
                said = json.loads(line[6:])
                for revision in range(1, said["revision"] + 1):  # steps in one moment are told as the last
                    self.heard.setdefault((said["id"], revision), time.perf_counter())


async def _ask(port: int, token: str, method: str, path: str, facts: dict[str, Any]) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(facts).encode()
    head = (
        f"{method} /api/v1/cases/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    head_, _, said = answer.partition(b"\r\n\r\n")
    if b" 20" not in head_[:16]:
        raise RuntimeError(f"{head_[:80]!r} {said[:400]!r}")
    told: dict[str, Any] = json.loads(said)
    return told


async def _steps(port: int, town: dict[str, Any], count: int) -> dict[tuple[str, int], float]:
    """Reports a case and accepts it, again and again; when each was sent, by the case's id and its new revision."""
    sent: dict[tuple[str, int], float] = {}
    leader = town["tokens"][EACH]  # of the second person, who leads a sub-centre
    report = {
        "item": town["item"], "title": "路灯不亮", "description": "", "lon": town["lon"], "lat": town["lat"],
        "reported_at": "2026-10-30T08:00:00+08:00", "source": "worker",
    }  # fmt: skip
    for number in range(count):
        if number % 2 == 0:
            case = str(uuid.uuid4())
            began = time.perf_counter()
            told = await _ask(port, leader, "PUT", case, report)
        else:
            began = time.perf_counter()
            step = {"command_id": str(uuid.uuid4()), "revision": told["revision"], "reason": "督办"}
            told = await _ask(port, leader, "POST", f"{case}/supervise", step)
        sent[case, told["revision"]] = began
        await asyncio.sleep(STEP_SECONDS)
    return sent


def _web(supervisor: int) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(supervisor).children(recursive=True)
        if "wangge.project.web" in child.cmdline()
    ]


def _mib(processes: list[psutil.Process]) -> float:
    return sum(process.memory_full_info().pss for process in processes) / 2**20


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def _listening(port: int, town: dict[str, Any], supervisor: int) -> dict[str, Any]:
    web = _web(supervisor)
    before = _mib(web)
    desks = [_Desk(token) for token in town["tokens"]]
    began = time.perf_counter()
    for some in range(0, len(desks), 50):
        await asyncio.gather(*(desk.open(port) for desk in desks[some : some + 50]))
    opened = time.perf_counter() - began
    listening = [asyncio.ensure_future(desk.listen()) for desk in desks]
    await asyncio.sleep(4)
    memory, used = _mib(web) - before, _cpu(web)
    await asyncio.sleep(REST_SECONDS)
    rest = (_cpu(web) - used) / REST_SECONDS
    sent = await _steps(port, town, STEPS)
    others = desks[:EACH] + desks[2 * EACH :]
    until = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < until:
        await asyncio.sleep(0.2)
        if all(step in desk.heard for step in sent for desk in others):
            break
    lost = sum(step not in desk.heard for step in sent for desk in others)
    delays = [
        [(desk.heard[step] - at) * 1000 for desk in others if step in desk.heard] for step, at in sent.items()
    ]
    for task in listening:
        task.cancel()
    for desk in desks:
        desk.writer.close()
    return {
        "desks": len(desks),
        "opened_in_s": round(opened, 2),
        "lost": lost,
        "counts_each": round(statistics.mean(desk.counts for desk in others), 1),
        "kib_each": round(memory * 1024 / len(desks), 1),
        "rest_cpu_percent_of_a_core": round(rest * 100, 2),
        "delays_ms": delays,
    }


async def _warm(port: int, town: dict[str, Any]) -> dict[str, Any]:
    """Both workers have answered and told before memory is looked at."""
    desks = [_Desk(token) for token in town["tokens"][:: DESKS // 20]]
    await asyncio.gather(*(desk.open(port) for desk in desks))
    listening = [asyncio.ensure_future(desk.listen()) for desk in desks]
    await _steps(port, town, 4)
    for task in listening:
        task.cancel()
    for desk in desks:
        desk.writer.close()
    await asyncio.sleep(1)
    return {}


if __name__ == "__main__":
    loaded = json.loads(Path(sys.argv[2]).read_text())
    if sys.argv[3] == "warm":
        told_back = asyncio.run(_warm(int(sys.argv[1]), loaded))
    else:
        told_back = asyncio.run(_listening(int(sys.argv[1]), loaded, int(sys.argv[4])))
    print(json.dumps(told_back))
