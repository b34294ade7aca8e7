"""What a browser loads of HTML, CSS and JavaScript to show a page of the desk, in bytes as they come (gzip), from a running
server with nothing kept from before; against the limits that are promised.
"""

import gzip
import http.client
import re
from collections.abc import Callable
from pathlib import Path

import psycopg

from bench.ground import tell
from bench.growing import BUSY
from bench.serving import served, sign_in

#: In kB of 1,000 bytes: a page of the desk without its map, and the map's page with all of it.
DESK_KB, MAP_KB = 150, 500
#: The field app until its first screen can be used, without anybody's data; the rest comes after it, and stays on the phone.
FIELD_KB = 80

#: What a page names, what a script needs at once, what it loads when it comes to that, and files that a script names.
_NAMED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|m?js)(?:\?[^"]*)?)"')
_AT_ONCE = re.compile(r"""(?:\bfrom|\bimport)\s*["'`]\./([\w.-]+\.m?js)["'`]""")
_LATER = re.compile(r"""\bimport\(\s*["'`]\./([\w.-]+\.m?js)["'`]""")
_FILES = re.compile(r"""(?:new URL\(\s*|\[)["'`](?:\./)?([\w-]+\.(?:mjs|css))["'`]""")
#: What a page's script loads where a plan is edited: not for a map.
_EDITING = {"plan-editor.js"}

_KEPT = re.compile(r"/static/field/built/[\w-]+\.(?:css|js)")

#: The bytes of an address as they come, and what they hold.
Load = Callable[[str], tuple[int, str]]


def weigh(load: Load, page: str, *, with_map: bool) -> dict[str, int]:
    """Bytes by file, the page itself as `page`. `with_map` follows what the page's scripts load when they meet a map."""
    size, html = load(page)
    sizes = {"page": size}
    waiting = [(address, True) for address in dict.fromkeys(_NAMED.findall(html))]
    while waiting:
        address, first = waiting.pop()
        name = address.removeprefix("/static/").split("?")[0]
        if name in sizes:
            continue
        sizes[name], text = load(address)
        if not name.endswith("js"):
            continue
        folder = address.split("?")[0].rsplit("/", 1)[0]
        found = _AT_ONCE.findall(text)
        if with_map:
            # A worker holds the names of others in its own texts; it loads none of them.
            later = [each for each in _LATER.findall(text) if each not in _EDITING] if first else []
            found += later + ([] if name.endswith("mjs") else _FILES.findall(text))
        waiting += [(f"{folder}/{other}", False) for other in found]
    return sizes


def measure(data: Path, runs: int) -> None:
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(data).dsn("wangge_owner"), autocommit=True) as owner:
        token = sign_in(owner, BUSY[0], "dispatcher")
        (case,) = owner.execute(
            "select id from cases_case where county_id = %s order by reported_at desc limit 1", [BUSY[0]]
        ).fetchone()
    pages = {"queue": "/console/?queue=open", "case": f"/console/cases/{case}"}
    with served(data, "serve") as server:
        load = _loading(server.port, token)
        desks = {name: weigh(load, page, with_map=False) for name, page in pages.items()}
        map_page = weigh(load, "/console/map", with_map=True)
    worst = max(desks, key=lambda name: sum(desks[name].values()))
    for name, sizes, limit in (("desk_weight", desks[worst], DESK_KB), ("map_weight", map_page, MAP_KB)):
        weights = [(sum(sizes.values()) / 1000, float(limit))] * runs
        more = {"page": worst if name == "desk_weight" else "map", "bytes": dict(sorted(sizes.items()))}
        tell(name, weights, unit="kB gzipped", limit=1, **more)


def measure_field(data: Path, runs: int) -> None:
    """The first load of the field app, and beside it the bytes of everything that the phone keeps."""
    with served(data, "serve") as server:
        load = _loading(server.port, "")
        first = weigh(load, "/field/", with_map=False)
        _, worker = load("/field/sw.js")
        kept = {name: load(name)[0] for name in sorted(set(_KEPT.findall(worker)))}
    weights = [(sum(first.values()) / 1000, float(FIELD_KB))] * runs
    tell(
        "field_weight",
        weights,
        unit="kB gzipped",
        limit=1,
        bytes=dict(sorted(first.items())),
        kept_kb=round(sum(kept.values()) / 1000, 1),
    )


def _loading(port: int, token: str) -> Load:
    def load(address: str) -> tuple[int, str]:
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        server.request(
            "GET", address, headers={"Cookie": f"wangge_session={token}", "Accept-Encoding": "gzip"}
        )
        answer = server.getresponse()
        body = answer.read()
        server.close()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}")
        zipped = answer.headers.get("Content-Encoding") == "gzip"
        return len(body), (gzip.decompress(body) if zipped else body).decode(errors="replace")

    return load
