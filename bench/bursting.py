"""Phones of a whole city that come online within one minute: `sync_burst`.

Each holds fifty commands (47 visits and three cases with a photo each) and sends as the app does: what names no photo, the photos
in parts of 256 KiB, then what names them, then a pull; it waits longer after each failure, half of it by chance, and comes
again when the server says so. Told is how long after it came online a phone's queue was empty, how many commands were refused for
good, and what the desk's `case_page` took meanwhile against its quiet value, by the query alone in a process of its own; beside it
the same page over HTTP, as a desk asks for it. The quiet value is that of before; how it is among all that came is told, too.
The load maker shares the cores with what it measures, and tells how much of them
it took. WANGGE_BURST sets another number of phones for trying out; the minute shrinks with it. How it goes is told every ten
seconds on stderr. After WANGGE_BURST_MINUTES (60) it ends, and tells what was not sent.
"""

import asyncio
import hashlib
import http.client
import io
import json
import math
import os
import random
import secrets
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psutil
import psycopg

from bench.ground import asked, environment_of, p95, say
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
PATIENCE_MINUTES = 60
TOLD_SECONDS = 10
QUIET_SECONDS = 12
LIMIT = 3

Phone = dict[str, Any]


def measure(data: Path) -> None:
    from wangge.project.cluster import Cluster

    count = int(os.environ.get("WANGGE_BURST", PHONES))
    minutes = float(os.environ.get("WANGGE_BURST_MINUTES", PATIENCE_MINUTES))
    file = data / "burst.json"
    cluster = Cluster(data)
    phones, desk_token = _phones(cluster, count)
    file.write_text(json.dumps(phones))
    for phone, cursor in zip(phones, asked(data, "bench.bursting", "cursors", str(file)), strict=True):
        phone["cursor"] = cursor
    file.write_text(json.dumps(phones))
    with served(data, "serve") as server:
        with _asking(data, server.port, desk_token, minutes) as desk:
            time.sleep(QUIET_SECONDS)
        quiet, before = desk, _spent(server.process, cluster)
        with _asking(data, server.port, desk_token, minutes) as desk:
            told = asked(data, "bench.bursting", "load", str(server.port), str(file), str(minutes))
        spent = _spent(server.process, cluster) - before
        with _asking(data, server.port, desk_token, minutes) as after:
            time.sleep(QUIET_SECONDS)
    ratio = p95(desk.times) / p95(quiet.times)
    line = {
        "name": "sync_burst",
        "value": told["p95_s"],
        "unit": "s p95 until a phone's queue is empty",
        "phones": count,
        "p50_s": told["p50_s"],
        "last_s": told["last_s"],
        "phones_a_second": round((count - told["never"]) / told["last_s"], 2),
        "server_core_seconds_a_phone": round(spent / max(1, count - told["never"]), 2),
        "commands": told["done"],
        "photos": told["photos"],
        "refused_for_good": told["refused"],
        "never_through": told["never"],
        "commands_not_sent": count * (VISITS + CASES) - told["done"] - told["refused"],
        "photos_not_sent": count * CASES - told["photos"],
        "asked_again": told["again"],
        "told_to_take_all_anew": told["fresh"],
        "load_maker_cores": told["cores"],
        "page_p95_ms": round(p95(desk.times), 2),
        "floor": round(p95(quiet.times), 2),
        "floor_afterwards": round(p95(after.times), 2),
        "http_p95_ms": [round(p95(one.over_http), 1) for one in (quiet, desk, after)],
        "ratio": round(ratio, 2),
        "limit": f"<= {LIMIT} case_page, none refused",
        "kept": ratio <= LIMIT and not told["refused"] and not told["never"],
    }
    say(line)


def _phones(cluster: Any, count: int) -> tuple[list[Phone], str]:
    """Workers of the city's grids, with homes of their own to call at and a place for their cases, and a desk's sign-in. More
    phones than grids: some workers carry two."""
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
        desk = sign_in(owner, BUSY[0], "dispatcher")
        owner.commit()
    return phones, desk


def _spent(process: int, cluster: Any) -> float:
    """Processor seconds of the program and of the database so far, with their children, also those that have ended."""
    postmaster = int((cluster.home / "postmaster.pid").read_text().split()[0])
    spent = 0.0
    for parent in (psutil.Process(process), psutil.Process(postmaster)):
        for one in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                spent += sum(one.cpu_times()[:4])
    return spent


def _cursors(file: Path) -> list[str]:
    """Where each phone stands, as its snapshot of the morning told it."""
    import django

    django.setup()
    from django.db import transaction

    from wangge.base import clock
    from wangge.staff.queries import viewer_entering
    from wangge.sync.queries.changes import horizon
    from wangge.sync.queries.places import places_of
    from wangge.sync.queries.reach import reach_now
    from wangge.sync.rules import Cursor

    cursors = []
    for phone in json.loads(file.read_text()):
        with transaction.atomic():
            now = clock.now()
            viewer = viewer_entering(phone["token"], now=now)
            if viewer is None:
                raise RuntimeError("a worker cannot sign in")
            places = places_of(viewer)
            _reach, in_short = reach_now(viewer, places, now)
            cursors.append(Cursor(places.stamp, now, horizon(), in_short).text())
    return cursors


class _asking:  # noqa: N801 - used as `with _asking(...)`
    """Asks pages in a process of its own until the block ends; `times` and `over_http` have their milliseconds."""

    def __init__(self, data: Path, port: int, token: str, minutes: float) -> None:
        self.data, self.stop = data, data / "stop-asking"
        self.arguments = [str(minutes * 60 + 600), str(self.stop), str(port)]
        self.token = token
        self.times: list[float] = []
        self.over_http: list[float] = []

    def __enter__(self) -> Self:
        self.stop.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.bursting", "pages", *self.arguments],
            env=environment_of(self.data, {"WANGGE_BENCH_TOKEN": self.token}),
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop.touch()
        said, _ = self.process.communicate(timeout=120)
        self.stop.unlink(missing_ok=True)
        if problem[0] is None:
            self.times, self.over_http = json.loads(said.strip().splitlines()[-1])


def _asked_pages(seconds: float, stop: Path, port: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the county's first page, some twenty times a second, each in a transaction as a request has it; every
    fifth time also over HTTP.
    """
    import django

    django.setup()
    from django.db import transaction

    from bench.asking import KINDS, enter
    from wangge.cases.queries import CaseFilter, case_page

    desk = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"wangge_session={os.environ['WANGGE_BENCH_TOKEN']}"}
    times: list[float] = []
    over_http: list[float] = []
    until = time.monotonic() + seconds
    number, warming = 0, 5
    while time.monotonic() < until and not stop.exists():
        with transaction.atomic():
            viewer = enter(BUSY[0], KINDS["county"])
            began = time.perf_counter()
            case_page(viewer, CaseFilter(area=BUSY[0]))
            took = (time.perf_counter() - began) * 1000
        number += 1
        if number > warming:
            times.append(took)
        if number % 5 == 0:
            began = time.perf_counter()
            desk.request("GET", f"/api/v1/cases?area={BUSY[0]}", headers=headers)
            answer = desk.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"the desk was answered {answer.status}")
            over_http.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    return times, over_http[1:]


class _Burst:
    """The load maker: every phone of the city in one process that does little but wait."""

    def __init__(self, port: int, phones: list[Phone], minutes: float) -> None:
        self.port, self.phones, self.seconds = port, phones, minutes * 60
        self.done = self.refused = self.again = self.photos = self.begun = self.fresh = 0
        self.took: list[float] = []
        self.picture = _picture()

    async def run(self) -> dict[str, float | None]:
        minute = MINUTE * len(self.phones) / PHONES if len(self.phones) < PHONES else MINUTE
        began, used = time.perf_counter(), time.process_time()
        tasks = [asyncio.create_task(self._phone(phone, random.uniform(0, minute))) for phone in self.phones]
        telling = asyncio.create_task(self._tell())
        done, not_done = await asyncio.wait(tasks, timeout=self.seconds)
        spent = time.perf_counter() - began
        for task in (*not_done, telling):
            task.cancel()
        await asyncio.gather(*not_done, telling, return_exceptions=True)
        for task in done:
            task.result()
        # Who never got through took longer than all others.
        times = sorted([*self.took, *[math.inf] * (len(self.phones) - len(self.took))])
        return {
            "p95_s": _told(times, 0.95),
            "p50_s": _told(times, 0.5),
            "last_s": round(spent, 1),
            "done": self.done,
            "photos": self.photos,
            "refused": self.refused,
            "again": self.again,
            "never": len(self.phones) - len(self.took),
            "fresh": self.fresh,
            "cores": round((time.process_time() - used) / spent, 2),
        }

    async def _tell(self) -> None:
        began = time.perf_counter()
        while True:
            await asyncio.sleep(TOLD_SECONDS)
            through, spent = len(self.took), time.perf_counter() - began
            left = (len(self.phones) - through) * spent / through / 60 if through else math.inf
            print(
                f"{spent:6.0f} s: {self.begun} phones came, {through} are through ({through / spent:.2f}/s), {self.done} commands,"
                f" {self.photos} photos, {self.again} asked again, {self.refused} refused; some {left:.1f} minutes are left",
                file=sys.stderr,
                flush=True,
            )

    async def _phone(self, phone: Phone, comes: float) -> None:
        await asyncio.sleep(comes)
        self.begun += 1
        began = time.perf_counter()
        wire = Wire(self.port, phone["token"])
        try:
            await self._empty(wire, phone)
            self.took.append(time.perf_counter() - began)
            await self._pull(wire, phone)
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
                await pause.wait(wire, headers)
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
                await pause.wait(wire, {})
            waiting = left

    async def _pull(self, wire: Wire, phone: Phone) -> None:
        """What changed since the morning: what it sent itself."""
        pause, cursor, more = _Pause(), phone["cursor"], True
        while more:
            status, headers, body = await self._asked(
                wire, "GET", f"sync/pull?cursor={cursor}&limit=500", b""
            )
            if status != 200:
                await pause.wait(wire, headers)
                continue
            told = json.loads(body)
            cursor, more = told["cursor"], told["more"]
            self.fresh += told["fresh"]

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
                await pause.wait(wire, headers)

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
    """As the app waits: as long as the server says, else longer after each failure. Meanwhile it holds no connection."""

    def __init__(self) -> None:
        self.next = FIRST_PAUSE

    async def wait(self, wire: Wire, headers: dict[str, str]) -> None:
        wire.close()
        asked_for = headers.get("retry-after", "")
        if asked_for.isdigit():
            await asyncio.sleep(float(asked_for))
            return
        await asyncio.sleep(self.next * random.uniform(0.5, 1))
        self.next = min(self.next * 2, LONGEST_PAUSE)


def _told(times: list[float], share: float) -> float | None:
    """The time within which this share of the phones was through; None where it was not."""
    time_of = times[min(len(times) - 1, math.ceil(len(times) * share) - 1)]
    return None if math.isinf(time_of) else round(time_of, 1)


def _picture() -> bytes:
    """A photo of 1600 × 1200 of some 280 kB, as the phone makes them."""
    from PIL import Image

    base = Image.effect_noise((400, 300), 20).resize((1600, 1200))
    out = io.BytesIO()
    Image.merge("RGB", (base, base.rotate(180), base)).save(out, "JPEG", quality=75)
    return out.getvalue()


def main() -> None:
    if sys.argv[1] == "pages":
        print(json.dumps(_asked_pages(float(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
    elif sys.argv[1] == "cursors":
        print(json.dumps(_cursors(Path(sys.argv[2]))))
    else:
        burst = _Burst(int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text()), float(sys.argv[4]))
        print(json.dumps(asyncio.run(burst.run())))


if __name__ == "__main__":
    main()
