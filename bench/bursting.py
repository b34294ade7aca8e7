"""Phones of a whole city that come online within one minute: `sync_burst`.

Each holds fifty commands (47 visits and three cases with a photo each) and sends as the app does: what names no photo, the photos
in parts of 256 KiB, then what names them, then a pull; it waits longer after each failure, half of it by chance, and never
gives up. Told is how long after it came online a phone's queue was empty, how many commands were refused for good, and what the
desk's `case_page` took meanwhile against its quiet value, both by the query alone in a process of its own. The load maker
shares the cores with what it measures. WANGGE_BURST sets another number of phones for trying out; the minute shrinks with it.
"""

import asyncio
import hashlib
import io
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psycopg

from bench.ground import asked, environment_of, p95
from bench.growing import BUSY
from bench.homing import make_homes
from bench.serving import served, sign_in
from bench.wire import Wire, command, pushed, visit

PHONES, MINUTE = 4_500, 60
VISITS, CASES = 47, 3
A_PUSH, PART = 50, 256 * 1024
#: The pauses of the app: doubled from the first to the longest, half of it by chance.
FIRST_PAUSE, LONGEST_PAUSE = 2, 300
#: A phone whose queue is not empty by then counts as one that never got through.
PATIENCE_SECONDS = 4 * 3600
QUIET_SECONDS = 12
LIMIT = 3

Phone = dict[str, Any]


def measure(data: Path) -> None:
    from wangge.project.cluster import Cluster

    count = int(os.environ.get("WANGGE_BURST", PHONES))
    file = data / "burst.json"
    file.write_text(json.dumps(_phones(Cluster(data), count)))
    with served(data, "serve") as server:
        quiet = _pages(data, QUIET_SECONDS)
        with _asking(data) as desk:
            told = asked(data, "bench.bursting", "load", str(server.port), str(file))
        busy = desk.times
    ratio = p95(busy) / p95(quiet)
    line = {
        "name": "sync_burst",
        "value": round(told["p95_s"], 1),
        "unit": "s p95 until a phone's queue is empty",
        "phones": count,
        "p50_s": round(told["p50_s"], 1),
        "last_s": round(told["last_s"], 1),
        "commands": told["done"],
        "photos": told["photos"],
        "refused_for_good": told["refused"],
        "never_through": told["never"],
        "asked_again": told["again"],
        "page_p95_ms": round(p95(busy), 2),
        "floor": round(p95(quiet), 2),
        "ratio": round(ratio, 2),
        "limit": f"<= {LIMIT} case_page, none refused",
        "kept": ratio <= LIMIT and not told["refused"] and not told["never"],
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _phones(cluster: Any, count: int) -> list[Phone]:
    """Workers of the city's grids, with homes of their own to call at and a place for their cases. More phones than grids:
    some workers carry two."""
    with psycopg.connect(cluster.dsn("wangge_owner")) as owner:
        grids = owner.execute(
            "select code, boundary -> 'coordinates' -> 0 from areas_area where level = 'grid' and boundary is not null order by code"
        ).fetchall()
        step = max(1, len(grids) // count)
        chosen = [grids[number * step % len(grids)] for number in range(count)]
        make_homes(owner, sorted({code for code, _ in chosen}), tens=1)
        homes: dict[str, list[str]] = {}
        for grid, key in owner.execute("select grid_id, id from households_household where valid_to is null"):
            homes.setdefault(grid, []).append(str(key))
        items = [
            code
            for (code,) in owner.execute(
                "select w.code from catalogue_workitem w join catalogue_itemversion v on v.id = w.version_id"
                " where not v.confidential order by 1 limit 20"
            )
        ]
        phones = []
        for number, (grid, ring) in enumerate(chosen):
            middle = [sum(corner[axis] for corner in ring) / len(ring) for axis in (0, 1)]
            token = sign_in(owner, grid, "grid_worker")
            phones.append({"token": token, "homes": homes[grid], "item": items[number % 20], "at": middle})
        owner.commit()
    return phones


class _asking:  # noqa: N801 - used as `with _asking(...)`
    """Asks pages in a process of its own until the block ends; `times` has their milliseconds."""

    def __init__(self, data: Path) -> None:
        self.data, self.stop = data, data / "stop-asking"
        self.times: list[float] = []

    def __enter__(self) -> Self:
        self.stop.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.bursting", "pages", str(PATIENCE_SECONDS + 600), str(self.stop)],
            env=environment_of(self.data),
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop.touch()
        said, _ = self.process.communicate(timeout=120)
        self.stop.unlink(missing_ok=True)
        if problem[0] is None:
            self.times = json.loads(said.strip().splitlines()[-1])


def _pages(data: Path, seconds: float) -> list[float]:
    times: list[float] = asked(data, "bench.bursting", "pages", str(seconds), str(data / "stop-asking"))
    return times


def _asked_pages(seconds: float, stop: Path) -> list[float]:
    """Milliseconds of the county's first page, some twenty times a second, each in a transaction as a request has it."""
    import django

    django.setup()
    from django.db import transaction

    from bench.asking import KINDS, enter
    from wangge.cases.queries import CaseFilter, case_page

    times = []
    until = time.monotonic() + seconds
    warming = 5
    while time.monotonic() < until and not stop.exists():
        with transaction.atomic():
            viewer = enter(BUSY[0], KINDS["county"])
            began = time.perf_counter()
            case_page(viewer, CaseFilter(area=BUSY[0]))
            took = (time.perf_counter() - began) * 1000
        if warming:
            warming -= 1
        else:
            times.append(took)
        time.sleep(0.05)
    return times


class _Burst:
    """The load maker: every phone of the city in one process that does little but wait."""

    def __init__(self, port: int, phones: list[Phone]) -> None:
        self.port, self.phones = port, phones
        self.done = self.refused = self.again = self.photos = self.never = 0
        self.took: list[float] = []
        self.picture = _picture()

    async def run(self) -> dict[str, float]:
        minute = MINUTE * len(self.phones) / PHONES if len(self.phones) < PHONES else MINUTE
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for phone in self.phones:
                group.create_task(self._phone(phone, random.uniform(0, minute)))
        self.took.sort()
        return {
            "p95_s": p95(self.took) if len(self.took) > 1 else float("inf"),
            "p50_s": statistics.median(self.took or [float("inf")]),
            "last_s": time.perf_counter() - began,
            "done": self.done,
            "photos": self.photos,
            "refused": self.refused,
            "again": self.again,
            "never": self.never,
        }

    async def _phone(self, phone: Phone, comes: float) -> None:
        await asyncio.sleep(comes)
        began = time.perf_counter()
        wire = Wire(self.port, phone["token"])
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._empty(wire, phone)
            self.took.append(time.perf_counter() - began)
        except TimeoutError:
            self.never += 1
        finally:
            wire.close()

    async def _empty(self, wire: Wire, phone: Phone) -> None:
        waiting = [visit(random.choice(phone["homes"])) for _ in range(VISITS)]
        await self._push(wire, waiting)
        reports = []
        for _ in range(CASES):
            # As different as photos are: a comment of its own in each.
            mark = secrets.token_bytes(16)
            picture = self.picture[:2] + b"\xff\xfe\x00\x12" + mark + self.picture[2:]
            digest = hashlib.sha256(picture).hexdigest()
            await self._upload(wire, digest, picture)
            reports.append(
                command(
                    "case.report",
                    {"case": str(uuid4()), "item": phone["item"], "title": "路灯不亮", "lon": phone["at"][0], "lat": phone["at"][1],
                     "attachments": [digest], "source": "worker"},
                )
            )  # fmt: skip
        await self._push(wire, reports)

    async def _push(self, wire: Wire, waiting: list[dict[str, Any]]) -> None:
        pause = _Pause()
        while waiting:
            status, headers, body = await self._asked(wire, "POST", "sync/push", pushed(waiting[:A_PUSH]))
            if status != 200:
                await pause.wait(headers)
                continue
            results = {one["id"]: one for one in json.loads(body)["results"]}
            left = []
            for one in waiting:
                result = results.get(one["id"])
                if result is None or (result["status"] == "refused" and result["again"]):
                    left.append(one)
                elif result["status"] in ("done", "repeated"):
                    self.done += 1
                else:
                    self.refused += 1
                    print(result.get("code"), result.get("detail"), file=sys.stderr)
            if len(left) == len(waiting):
                await pause.wait({})
            waiting = left

    async def _upload(self, wire: Wire, digest: str, picture: bytes) -> None:
        pause, start = _Pause(), 0
        while start < len(picture):
            part = picture[start : start + PART]
            said = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(picture)}\r\n"
            status, headers, body = await self._asked(
                wire, "PUT", f"blobs/{digest}", part, of="application/octet-stream", more=said
            )
            if status == 202:
                start = json.loads(body)["received"]
            elif status in (200, 201):
                self.photos += 1
                return
            else:
                await pause.wait(headers)

    async def _asked(
        self, wire: Wire, method: str, path: str, body: bytes, **more: str
    ) -> tuple[int, dict[str, str], bytes]:
        """As the app asks: within a minute, and whatever else happens is a failure that is tried again."""
        try:
            async with asyncio.timeout(60):
                status, headers, said = await wire.ask(method, path, body, **more)
        except (OSError, TimeoutError):
            wire.close()
            status, headers, said = 0, {}, b""
        if status not in (200, 201, 202):
            self.again += 1
        return status, headers, said


class _Pause:
    def __init__(self) -> None:
        self.next = FIRST_PAUSE

    async def wait(self, headers: dict[str, str]) -> None:
        asked_for = headers.get("retry-after", "")
        least = float(asked_for) if asked_for.isdigit() else 0
        await asyncio.sleep(max(least, self.next * random.uniform(0.5, 1)))
        self.next = min(self.next * 2, LONGEST_PAUSE)


def _picture() -> bytes:
    """A photo of 1600 × 1200 of some 280 kB, as the phone makes them."""
    from PIL import Image

    base = Image.effect_noise((400, 300), 20).resize((1600, 1200))
    out = io.BytesIO()
    Image.merge("RGB", (base, base.rotate(180), base)).save(out, "JPEG", quality=75)
    return out.getvalue()


def main() -> None:
    if sys.argv[1] == "pages":
        print(json.dumps(_asked_pages(float(sys.argv[2]), Path(sys.argv[3]))))
    else:
        burst = _Burst(int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text()))
        print(json.dumps(asyncio.run(burst.run())))


if __name__ == "__main__":
    main()
