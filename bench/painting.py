"""The editor of a plan with 5,000 buildings in this machine's Chromium, without a GPU: time between frames while a hand paints over the
map, against moving the same map with the same hand; the longest time without a frame, also when the hand rests after it and the map
itself is drawn anew; how long a lasso and taking it back last until the figures stand. Streets are known, so that ways on foot are
counted beside all of it, as are minutes of work, and the server is asked which of them no grid covers; some buildings must stay together, some apart.
"""

import itertools
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely

from bench.ground import tell
from bench.serving import served, sign_in

BUILDINGS, HOUSEHOLDS = 5_000, 8
TOWNSHIP = "320701001000"
SIZE = {"width": 1366, "height": 768}
#: Painting may take no longer between two frames than moving the map, and leave none out for so long, nor may what follows when the hand rests.
LIMIT, MOST_GAP_MS = 1, 250
STROKES, STEPS = 4, 30
#: So long after the last stroke all that waited for the hand to rest is done.
REST_MS = 1_500

#: Buildings west to east through the township's grids, so that each grid is a stripe.
_BUILDINGS = """
insert into households_building (id, name, lon, lat, made_up, path, valid_from)
  select gen_random_uuid(), n || '号楼', 119.30 + (n + random()) / %(count)s * 0.065, 34.70 + random() * 0.045, true, held.path, '2020-01-01'
    from generate_series(0, %(count)s - 1) n
    join (select path, row_number() over (order by path) - 1 as place, count(*) over () as grids from areas_area
           where level = 'grid' and path ~ %(inside)s::lquery) held on held.place = n * held.grids / %(count)s;
insert into households_dwelling (id, building_id, door, plate, revision, path, valid_from)
  select gen_random_uuid(), b.id, home::text, '', 1, b.path, '2020-01-01'
    from households_building b, generate_series(1, %(homes)s) home where b.path ~ %(inside)s::lquery;
insert into households_household (id, dwelling_id, number, has_plot, only_by_law, made_up, revision, path, valid_from)
  select gen_random_uuid(), d.id, 'p' || row_number() over (), false, false, true, 1, d.path, '2020-01-01'
    from households_dwelling d where d.path ~ %(inside)s::lquery;
analyze households_building, households_dwelling, households_household;
"""

#: What is known on the ground of the township.
_GROUND = """
insert into plans_ground (id, area_id, path, barriers, crossings, streets, shops, barrier_kinds, counts, notes, added_at)
  select gen_random_uuid(), code, path, %(none)s, %(none)s, %(streets)s, %(none)s, '[]', %(counts)s, '[]', now()
    from areas_area where code = %(code)s
"""
#: So many groups that must stay together, and as many that must stay apart, of three buildings each.
GROUPS = 10

#: Notes when each frame is drawn and how long tasks last, and when the figures follow a hand that is lifted or a key.
_NOTE = """() => {
  const noted = { frames: [], tasks: [], begun: 0, took: [] };
  window.noted = noted;
  const frame = (at) => { noted.frames.push(at); requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask" });
  const begin = () => { noted.begun = performance.now(); };
  for (const name of ["pointerup", "keydown"]) addEventListener(name, begin, { capture: true });
  new MutationObserver(() => {
    if (noted.begun) requestAnimationFrame(() => { noted.took.push(performance.now() - noted.begun); noted.begun = 0; });
  }).observe(document.querySelector("[data-figure=moved]"), { childList: true, characterData: true, subtree: true });
}"""
#: How much of the net of streets comes over the line, in kB.
_NET = """async () => {
  const answer = await fetch(document.querySelector("[data-ways-at]").dataset.waysAt);
  await answer.arrayBuffer();
  const { encodedBodySize } = performance.getEntriesByType("resource").findLast(({ name }) => name.endsWith("/ways"));
  return Math.round(encodedBodySize / 100) / 10;
}"""
#: How long the server takes to tell what no grid covers, asked three times.
_COVERED = """async () => {
  const host = document.querySelector("[data-plan-editor]");
  const { labels } = await (await fetch(host.dataset.atomsAt)).json();
  const headers = { "X-CSRFToken": host.querySelector("[name=csrfmiddlewaretoken]").value };
  const took = [];
  for (let turn = 0; turn < 3; turn++) {
    for (let atom = turn; atom < labels.length; atom += 97) labels[atom] = turn;
    const begun = performance.now();
    const answer = await fetch(host.dataset.coveredAt, { method: "POST", headers, body: JSON.stringify({ labels }) });
    await answer.json();
    if (!answer.ok) throw new Error(answer.status);
    took.push(Math.round(performance.now() - begun));
  }
  return took;
}"""
_TAKEN = """() => {
  const { frames, tasks, took } = window.noted;
  Object.assign(window.noted, { frames: [], tasks: [], took: [], begun: 0 });
  return { frames, tasks, took };
}"""


def measure(data: Path, runs: int) -> None:
    from tests.chromium import found

    browser = found()
    if not browser:
        print(
            "plan_paint is not measured: no Chromium on this machine (apt install chromium)", file=sys.stderr
        )
        return
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        if not (data / "built").exists():
            facts = {"count": BUILDINGS, "homes": HOUSEHOLDS, "inside": f"*.{TOWNSHIP}.*"}
            for statement in filter(str.strip, _BUILDINGS.split(";")):
                owner.execute(statement, facts)
            streets = _streets()
            ground = {
                "code": TOWNSHIP,
                "none": shapely.to_wkb(shapely.GeometryCollection()),
                "streets": shapely.to_wkb(shapely.GeometryCollection(streets)),
                "counts": json.dumps({"streets": len(streets)}),
            }
            owner.execute(_GROUND, ground)
            (data / "built").touch()
        token = sign_in(owner, TOWNSHIP, "subcentre_lead")
    with served(data, "serve") as server:
        taken = _look(browser, server.port, token, runs)
    painted = taken["paint"]
    told = {
        "atoms": taken["atoms"],
        "grids": taken["grids"],
        "given": taken["given"],
        "paint_p95_ms": [round(one["p95"], 1) for one in painted],
        "at_rest_ms": [round(one["rest"], 1) for one in painted],
        "longest_task_ms": [round(one["task"], 1) for one in painted],
        "lasso_ms": [round(each, 1) for each in taken["lasso"]],
        "undo_ms": [round(each, 1) for each in taken["undo"]],
        "open_ms": round(taken["open"]),
        "walked_ms": round(taken["walked"]),
        "net_kb": taken["net"],
        "covered_ms": taken["covered"],
        "hours_most": taken["hours"],
        "bonds": taken["bonds"],
        "renderer": taken["renderer"],
    }
    medians = [(one["median"], moved["median"]) for one, moved in zip(painted, taken["pan"], strict=True)]
    tell("plan_paint", medians, unit="ms between frames, median", limit=LIMIT, **told)
    gaps = [(max(one["worst"], one["rest"]), float(MOST_GAP_MS)) for one in painted]
    tell("plan_paint_worst", gaps, unit="ms longest without a frame", limit=1, atoms=taken["atoms"])


def _look(path: str, port: int, token: str, runs: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(viewport=SIZE)
        context.set_default_timeout(120_000)
        address = f"http://127.0.0.1:{port}"
        context.add_cookies([{"name": "wangge_session", "value": token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/console/plans/new?area={TOWNSHIP}")
        page.fill("#name", "5,000")
        page.check("[name=start][value=divide]")
        page.check("[name=unit][value=building]")
        page.click("main form:has(#name) [type=submit]")
        page.wait_for_url("**?done=drafted")
        page.goto(page.url.partition("?")[0] + "/edit")
        page.wait_for_selector("[data-plan-map]", timeout=120_000)
        told: dict[str, Any] = {
            "open": page.evaluate("performance.now()"),
            "atoms": int(page.inner_text("[data-found]")),
            "grids": page.locator("[name=grid]").count(),
            "renderer": page.evaluate(
                "(() => { const gl = document.createElement('canvas').getContext('webgl2');"
                " return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL) })()"
            ),
        }
        page.wait_for_selector("[data-plan-walked]", state="attached")
        told |= {"walked": page.evaluate("performance.now()"), "net": page.evaluate(_NET)}
        told |= {
            "hours": float(page.text_content("td[data-figure=hours_most]")),
            "bonds": _bind(page),
        }
        page.wait_for_timeout(2_000)  # what began with the page is done
        page.evaluate(_NOTE)
        told |= {"pan": [], "paint": [], "lasso": [], "undo": []}
        for _ in range(runs):
            told["pan"].append(_strokes(page, "pan"))
            told["paint"].append(_strokes(page, "paint"))
            told["lasso"].append(_lasso(page))
            page.keyboard.press("Control+z")
            page.wait_for_timeout(600)
            told["undo"] += page.evaluate(_TAKEN)["took"][:1]
        page.wait_for_timeout(REST_MS)
        told["covered"] = page.evaluate(_COVERED)
        told["given"] = page.evaluate("Number(document.querySelector('[data-figure=moved]').textContent)")
        browser.close()
    return told


def _bind(page: Any) -> int:
    """Buildings beside one another, which lie in one community, three at a time. Answers how many groups there are."""
    lines = page.eval_on_selector(
        "[data-list]", "list => [...list.options].map(({ value }) => Number(value)).sort((a, b) => a - b)"
    )
    for group in range(2 * GROUPS):
        some = [str(atom) for atom in lines[group * 20 : group * 20 + 3]]
        page.select_option("[data-list]", some)
        page.click("[data-apart]" if group % 2 else "[data-together]")
    page.select_option("[data-list]", [])
    return int(page.inner_text("[data-bonds-count]"))


def _streets() -> list[shapely.LineString]:
    """Crooked streets each hundred metres to and fro, a fifth of their bits missing, with a junction wherever two meet."""
    rng = np.random.default_rng(0)
    step = 0.001
    spots = [(x, y) for x in np.arange(119.30, 119.365, step) for y in np.arange(34.70, 34.745, step)]
    ends = [((x, y), end) for x, y in spots for end in ((x + step, y), (x, y + step)) if rng.random() < 0.8]
    bends = np.mean(ends, axis=1) + rng.normal(0, step / 15, (len(ends), 2))
    return [
        shapely.LineString(np.round([one, bend, other], 6))
        for (one, other), bend in zip(ends, bends, strict=True)
    ]


def _strokes(page: Any, tool: str) -> dict[str, float]:
    """A hand that goes to and fro over the middle of the map, a stroke for another grid each time."""
    page.check(f"[name=tool][value={tool}]")
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    page.evaluate(_TAKEN)
    frames, tasks = [], []
    for stroke in range(STROKES):
        if tool == "paint":
            page.locator("[name=grid]").nth(stroke * 3).check()
        y = top + high * (0.2 + 0.6 * stroke / STROKES)
        ends = (0.15, 0.85) if stroke % 2 else (0.85, 0.15)
        page.mouse.move(left + wide * ends[0], y)
        page.mouse.down()
        page.mouse.move(left + wide * ends[1], y + 12, steps=STEPS)
        page.mouse.up()
        page.wait_for_timeout(250)
        taken = page.evaluate(_TAKEN)
        frames += _between(taken["frames"])
        tasks += taken["tasks"]
    page.wait_for_timeout(REST_MS)
    at_rest = page.evaluate(_TAKEN)
    return {
        "median": statistics.median(frames),
        "p95": statistics.quantiles(frames, n=20)[-1],
        "worst": max(frames),
        "rest": max(_between(at_rest["frames"])),
        "task": max(tasks + at_rest["tasks"], default=0),
    }


def _between(frames: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(frames)]


def _lasso(page: Any) -> float:
    """From lifting the hand after a lasso around most of the map until the figures stand."""
    page.check("[name=tool][value=lasso]")
    page.locator("[name=grid]").nth(1).check()
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(left + wide * 0.1, top + high * 0.1)
    page.mouse.down()
    for x, y in ((0.9, 0.12), (0.88, 0.9), (0.12, 0.88), (0.1, 0.15)):
        page.mouse.move(left + wide * x, top + high * y, steps=15)
    page.evaluate(_TAKEN)
    page.mouse.up()
    page.wait_for_timeout(600)
    return float(page.evaluate(_TAKEN)["took"][0])
