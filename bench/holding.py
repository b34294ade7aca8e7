"""A phone in the hand: the field app in Chromium with its processor four times slower and 400 kbit/s of network.

`field_first`: from the address to the list of homes that answers a tap, on a phone that was never here (the app, the sign-in, the PIN,
and the first snapshot of the grid), later with everything kept, and without a network. What a person types is not counted.
`household_scroll`: a list of 2,000 households scrolled from end to end; the longest time in which no frame was drawn.

What is slowed is the page; what the service worker fetches in the background and what the browser computes beside the
page (the PIN's key) is not.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.ground import asked, tell
from bench.homing import make_homes
from bench.serving import served

SLOWER, KBIT, DELAY_MS = 4, 400, 100
FIRST_SECONDS, LATER_SECONDS, OFFLINE_SECONDS = 9, 1.5, 2
HOMES, MANY_HOMES, VISITS = 500, 2_000, 12
MOST_GAP_MS = 1_000
PASSWORD, PIN = "路灯-花园-2026", "258013"
HOME = "[data-name='home']"
PIXELS_A_SECOND = 8_000

#: Scrolls to the end as a thumb does, so many pixels a second; gives the time between each frame and the next.
_SCROLLED = """(speed) => new Promise((done) => {
  const gaps = []; let last = performance.now();
  const next = (now) => {
    gaps.push(now - last);
    window.scrollBy(0, Math.min(now - last, 250) / 1000 * speed);
    last = now;
    const page = document.documentElement;
    if (window.scrollY + window.innerHeight >= page.scrollHeight - 2) done(gaps); else requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def measure_first(data: Path, runs: int) -> None:
    username = _worker(data, 0, tens=HOMES // 10, visits=VISITS)
    took: dict[str, list[float]] = {}
    with served(data, "serve") as server:
        for _ in range(runs):
            with _phone() as phone:
                for name, seconds in _first(phone, server.port, username):
                    took.setdefault(name, []).append(seconds)
    for name, limit in (("first", FIRST_SECONDS), ("later", LATER_SECONDS), ("offline", OFFLINE_SECONDS)):
        parts = {
            part: round(sorted(times)[len(times) // 2], 2)
            for part, times in took.items()
            if part.startswith(f"{name}_")
        }
        values = [(seconds, float(limit)) for seconds in took[name]]
        more = {"households": HOMES, "slower": SLOWER, "kbit_s": KBIT if name != "offline" else 0}
        tell(f"field_{name}", values, unit="s until a home can be tapped", limit=1, **more, **parts)


def measure_scroll(data: Path, runs: int) -> None:
    username = _worker(data, 1, tens=MANY_HOMES // 10, visits=0)
    gaps, frames = [], 0
    with served(data, "serve") as server, _phone() as phone:
        page = phone.pages[0]
        for _ in _first(phone, server.port, username, slowed=False):
            break
        cdp = phone.new_cdp_session(page)
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        for _ in range(runs):
            page.evaluate("() => { location.hash = '#/homes'; }")
            page.wait_for_selector(HOME)
            page.evaluate("() => window.scrollTo(0, 0)")
            page.wait_for_timeout(4_000)  # what began with the screen is done
            found = page.evaluate(_SCROLLED, PIXELS_A_SECOND)
            gaps.append((max(found), float(MOST_GAP_MS)))
            frames += len(found)
            page.reload()
            _unlock(page)
    tell(
        "household_scroll",
        gaps,
        unit="ms longest without a frame",
        limit=1,
        households=MANY_HOMES,
        frames=frames,
    )


def _worker(data: Path, number: int, *, tens: int, visits: int) -> str:
    """Who walks a grid with so many homes, with a password that can be typed."""
    from wangge.project.cluster import Cluster

    hashed = asked(data, "bench.holding", "hashed")
    with psycopg.connect(Cluster(data).dsn("wangge_owner")) as owner:
        (grid,) = owner.execute(
            "select code from areas_area where level = 'grid' order by code desc offset %s limit 1", [number]
        ).fetchone()
        make_homes(owner, [grid], tens=tens, visits=visits)
        (username,) = owner.execute(
            "update staff_account a set password = %s, home_path = p.path from staff_assignment s join staff_post p on p.id = s.post_id"
            " where a.id = s.account_id and p.area_id = %s and p.kind_id = 'grid_worker' returning username",
            [hashed, grid],
        ).fetchone()
        owner.commit()
    return str(username)


@contextmanager
def _phone() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise RuntimeError("there is no Chromium here: apt install chromium")
    folder = tempfile.mkdtemp(prefix="wangge-phone-")
    try:
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                folder,
                executable_path=found,
                headless=True,
                is_mobile=True,
                has_touch=True,
                viewport={"width": 390, "height": 844},
                locale="zh-CN",
                args=["--no-sandbox", "--disable-dev-shm-usage"],
            )
            context.set_default_timeout(120_000)
            yield context
            context.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _slow(phone: Any, page: Any, *, offline: bool = False) -> None:
    cdp = phone.new_cdp_session(page)
    cdp.send("Network.enable")
    bytes_a_second = KBIT * 1000 / 8
    cdp.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": DELAY_MS, "downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second},
    )  # fmt: skip
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _type_pin(page: Any) -> None:
    page.wait_for_selector("[data-digit='0']")
    for digit in PIN:
        page.tap(f"[data-digit='{digit}']")


def _tapped(page: Any) -> None:
    """The first home of the list answers a tap."""
    page.wait_for_selector(HOME)
    page.locator(HOME).first.tap()
    page.wait_for_url("**/field/#/home/*")


def _unlock(page: Any) -> None:
    _type_pin(page)
    page.wait_for_selector("nav.tabs")


def _first(phone: Any, port: int, username: str, *, slowed: bool = True) -> Iterator[tuple[str, float]]:
    """Names and seconds: the first time, later, and without a network; of each its parts."""
    address = f"http://127.0.0.1:{port}/field/#/homes"
    page = phone.pages[0]
    if slowed:
        _slow(phone, page)
    parts = {"app": _timed(lambda: (page.goto(address), page.wait_for_selector("#username")))}
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    parts["sign_in"] = _timed(
        lambda: (page.click("form button.main"), page.wait_for_selector("[data-digit='0']"))
    )
    _type_pin(page)
    page.wait_for_timeout(300)

    def listed() -> None:
        page.wait_for_selector("nav.tabs")
        page.evaluate("() => { location.hash = '#/homes'; }")
        _tapped(page)

    _type_pin(page)
    parts["list"] = _timed(listed)
    yield from _told("first", parts)
    page.wait_for_timeout(3_000)  # the worker puts the app's files down
    for name in ("later", "offline"):
        again = phone.new_page()
        page.close()
        page = again
        if slowed:
            _slow(phone, page, offline=name == "offline")
        parts = {
            "app": _timed(lambda page=page: (page.goto(address), page.wait_for_selector("[data-digit='0']")))
        }
        _type_pin(page)
        parts["list"] = _timed(lambda page=page: _tapped(page))
        yield from _told(name, parts)


def _told(name: str, parts: dict[str, float]) -> Iterator[tuple[str, float]]:
    for part, seconds in parts.items():
        yield f"{name}_{part}", seconds
    yield name, sum(parts.values())


if __name__ == "__main__":
    if sys.argv[1:] == ["hashed"]:
        import django

        django.setup()
        from django.contrib.auth.hashers import make_password

        print(json.dumps(make_password(PASSWORD)))
