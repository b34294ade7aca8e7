"""Frames per second of the map in this machine's Chromium, without a GPU: 4,234 grids in sight with the tiers above them and
100,000 cases, panned and zoomed for ten seconds; against an empty page of the same browser in the same run.
"""

import hashlib
import secrets
import statistics
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely

from bench.ground import tell
from bench.growing import CITY, NOW
from bench.serving import served

CASES = 100_000
SECONDS = 10
SIZE = {"width": 1366, "height": 768}
SIDE = 0.02  # degrees of a grid
WEST, SOUTH = 118.5, 34.0
#: As far off as grids are drawn, where the most of them are in sight; an administrator has them all before them.
PAGE = "/console/map?queue=all&at=34.65,119.15,9.05"

# Moves as a hand would: to all sides, nearer and back, without a pause. Each frame notes when it was drawn.
_MOVE = """async ([seconds, moving]) => {
  const map = document.querySelector("[data-map]")?.liveMap;
  const frames = [];
  let going = true;
  const note = (at) => { frames.push(at); if (going) requestAnimationFrame(note); };
  requestAnimationFrame(note);
  const until = performance.now() + seconds * 1000;
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  if (!moving) await wait(seconds * 1000);
  const middle = map?.getCenter(), zoom = map?.getZoom();
  const linear = (t) => t;
  for (let step = 0; moving && performance.now() < until; step += 1) {
    const duration = 900;
    if (moving === "pan") {
      const [x, y] = [[260, 0], [0, 200], [-260, 0], [0, -200]][step % 4];
      map.panBy([x, y], { duration, easing: linear });
    } else map.easeTo({ center: middle, zoom: zoom + [1, 2, 1, 0][step % 4], duration, easing: linear });
    await wait(duration);
  }
  going = false;
  return frames;
}"""


def measure(data: Path, runs: int) -> None:
    from tests.chromium import found

    browser = found()
    if not browser:
        print("desk_map is not measured: no Chromium on this machine (apt install chromium)", file=sys.stderr)
        return
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        if not (data / "drawn").exists():
            _draw(owner)
            (data / "drawn").touch()
        token = _token(owner)
    with served(data, "serve") as server:
        taken = [_look(browser, server.port, token) for _ in range(runs)]
    tell(
        "desk_map",
        [(min(one["pan"][0], one["zoom"][0]), one["empty"][0]) for one in taken],
        unit="frames per second, median",
        limit=0.5,
        at_most=False,
        grids=4_234,
        grids_in_sight=taken[0]["grids"],
        cases=CASES,
        pan_fps=[round(one["pan"][0], 1) for one in taken],
        zoom_fps=[round(one["zoom"][0], 1) for one in taken],
        pan_p95_ms=[round(one["pan"][1], 1) for one in taken],
        zoom_p95_ms=[round(one["zoom"][1], 1) for one in taken],
        whole_map_s=[round(one["whole"], 2) for one in taken],
        renderer=taken[0]["renderer"],
    )


def _look(path: str, port: int, token: str) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(viewport=SIZE)
        address = f"http://127.0.0.1:{port}"
        context.add_cookies([{"name": "wangge_session", "value": token, "url": address}])
        page = context.new_page()
        page.goto("about:blank")
        told: dict[str, Any] = {"empty": _frames(page.evaluate(_MOVE, [3, ""]))}
        page.goto(f"{address}{PAGE}")
        page.wait_for_selector("[data-map-open=whole]", timeout=60_000)
        told["whole"] = page.evaluate("performance.now()") / 1000
        told["renderer"] = page.evaluate(
            "(() => { const gl = document.createElement('canvas').getContext('webgl2');"
            " return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL) })()"
        )
        told["grids"] = page.evaluate(
            "new Set(document.querySelector('[data-map]').liveMap.queryRenderedFeatures({layers: ['line-grid']})"
            ".map((one) => one.properties.code)).size"
        )
        for moving in ("pan", "zoom"):
            told[moving] = _frames(page.evaluate(_MOVE, [SECONDS / 2, moving]))
        browser.close()
    return told


def _frames(at: list[float]) -> tuple[float, float]:
    """Frames per second by the median of the times between them, and the 95th of a hundred such times in milliseconds."""
    between = np.diff(at)
    return float(1000 / statistics.median(between)), float(np.percentile(between, 95))


def _token(owner: "psycopg.Connection") -> str:
    """A sign-in of the administrator."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    owner.execute(
        "insert into staff_signin (digest, account_id, created_at, expires_at, agent)"
        " select %s, s.account_id, %s, %s, 'bench' from staff_assignment s join staff_post p on p.id = s.post_id"
        " where p.area_id = %s and p.kind_id = 'administrator' limit 1",
        [hashlib.sha256(token.encode()).digest(), now, max(now, NOW) + timedelta(days=30), CITY],
    )
    return token


def _draw(owner: "psycopg.Connection") -> None:
    """Boundaries that hold together: grids along a curve that fills the plane, so that what belongs to one area lies beside one
    another, with waved edges of ten corners; above them what they make together. Cases go into their grids.
    """
    grids = owner.execute(
        "select code, path::text from areas_area where level = 'grid' order by path"
    ).fetchall()
    cells = sorted(((x, y) for x in range(66) for y in range(65)), key=_along)[: len(grids)]
    shapes = {code: _cell(*cell) for (code, _), cell in zip(grids, cells, strict=True)}
    parts: dict[str, list[Any]] = {}
    for code, path in grids:
        for above in path.split(".")[:-1]:
            parts.setdefault(above, []).append(shapes[code])
    shapes |= {code: shapely.coverage_union_all(held) for code, held in parts.items()}
    with owner.cursor() as cursor:
        cursor.executemany(
            "update areas_area set boundary = %s::jsonb, box = %s::box where code = %s",
            [(shapely.to_geojson(shape), _box(shape), code) for code, shape in shapes.items()],
        )
        cursor.execute("create temp table cell (code varchar, x int, y int)")
        with cursor.copy("copy cell from stdin") as copy:
            for (code, _), (x, y) in zip(grids, cells, strict=True):
                copy.write_row((code, x, y))
        cursor.execute(
            "update cases_case c set lon = %s + (x + 0.5 + random() * 0.6 - 0.3) * %s,"
            " lat = %s + (y + 0.5 + random() * 0.6 - 0.3) * %s from cell where cell.code = c.grid_id",
            [WEST, SIDE, SOUTH, SIDE],
        )
        cursor.execute("update cases_case set next_alarm_at = null where next_alarm_at is not null")
        cursor.execute("vacuum analyze")


def _along(cell: tuple[int, int]) -> int:
    """Where a cell comes on Hilbert's curve through 128 × 128 of them."""
    x, y = cell
    place, side = 0, 64
    while side:
        right, up = int(bool(x & side)), int(bool(y & side))
        place += side * side * ((3 * right) ^ up)
        if not up:
            if right:
                x, y = 127 - x, 127 - y
            x, y = y, x
        side //= 2
    return place


def _cell(x: int, y: int) -> Any:
    steps = np.arange(10) / 10
    edge = [(x + step, y) for step in steps] + [(x + 1, y + step) for step in steps]
    edge += [(x + 1 - step, y + 1) for step in steps] + [(x, y + 1 - step) for step in steps]
    return shapely.Polygon(
        [
            (WEST + (a + 0.15 * np.sin(9 * b)) * SIDE, SOUTH + (b + 0.15 * np.sin(7 * a)) * SIDE)
            for a, b in ((round(a, 6), round(b, 6)) for a, b in edge)
        ]
    )


def _box(shape: Any) -> str:
    west, south, east, north = shape.bounds
    return f"({east},{north}),({west},{south})"
