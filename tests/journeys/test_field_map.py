"""The map of the grid and what the desk says, on a phone without a signal."""

import io
import math
import struct
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.conf import settings
from django.db import transaction
from PIL import Image
from tests import builders
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.test_map import a_red_tile, varint

from wangge.base import clock
from wangge.base.coordinates import from_wgs84
from wangge.base.ids import new_id
from wangge.cases.actions import write_note
from wangge.project.environment import Basemap

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones


@pytest.fixture
def case(busy_town):
    return busy_town.add(
        builders.case, busy_town.lamp_item, busy_town.grid_a, title="井盖松动", lon=119.353, lat=34.743
    )


def say(town, who, case, text):
    with transaction.atomic():
        write_note(town.as_viewer(who), case.pk, new_id(), audience="staff", text=text, now=clock.now())


def basemap(folder):
    """A made-up PMTiles file with one red tile for the whole earth."""
    tile, metadata = a_red_tile(), b"{}"
    directory = bytes([1, 0, 1]) + varint(len(tile)) + bytes([1])
    at, places = 127, []
    for part in (directory, metadata, b"", tile):
        places += [at, len(part)]
        at += len(part)
    header = b"PMTiles\x03" + struct.pack("<8Q", *places) + struct.pack("<3Q", 1, 1, 1)
    header += bytes([1, 1, 1, 2, 0, 0]) + struct.pack("<4i", -1800000000, -850000000, 1800000000, 850000000)
    header += bytes([0]) + struct.pack("<2i", 0, 0)
    file = folder / "red.pmtiles"
    file.write_bytes(header.ljust(127, b"\0") + directory + metadata + tile)
    return Basemap(file=file, attribution="© made up")


def until_red(phone, selector=".live-map-canvas"):
    """Until the tile of the base map is drawn."""
    for _ in range(600):
        picture = Image.open(io.BytesIO(phone.page.locator(selector).screenshot())).convert("RGB")
        red, green, _blue = picture.getpixel((picture.width // 2, picture.height // 8))
        if red > 150 > green:
            return
        phone.page.wait_for_timeout(100)
    raise AssertionError((red, green))


def test_the_map_is_drawn_and_kept_and_opens_without_a_signal(
    phones,
    homes,
    case,
    signal,
    busy_town,
    tmp_path,
    monkeypatch,
):
    monkeypatch.setattr(settings, "BASEMAP", basemap(tmp_path))
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    phone.go("map")
    phone.page.wait_for_selector(f"[data-name='live-map'][data-drawn='{len(homes) + 1}']")
    assert phone.fits()
    assert phone.faults() == []
    phone.shot(SCREENSHOTS, "map")
    phone.page.tap("[data-name='keep-basemap']")
    phone.page.wait_for_selector(".maplibregl-ctrl-attrib")
    phone.page.wait_for_selector("[data-name='live-map'][data-drawn]")
    until_red(phone)
    phone.shot(SCREENSHOTS, "map-basemap")

    # Without a signal, after the browser was closed: the map, its parts and the base map lie on the phone.
    signal.lose()
    phone.context.close()
    phone.start()
    phone.unlock()
    phone.go("map")
    phone.page.wait_for_selector("[data-name='live-map'][data-drawn]")
    until_red(phone)

    # One position, on asking; it goes when the screen is left.
    phone.page.tap("[data-name='here']")
    phone.page.wait_for_selector(".live-map-pin")
    phone.page.tap("[data-name='here']")
    phone.page.wait_for_selector(".live-map-pin", state="detached")
    assert phone.problems == []


def test_a_phone_without_webgl_sees_the_drawing(phones, homes, case):
    phone = phones()
    phone.context.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return /webgl/.test(kind) ? null : real.call(this, kind, ...more); }"
    )
    phone.page.reload()
    phone.sign_in("worker")
    phone.synced()
    phone.go("map")
    phone.page.wait_for_selector("svg.grid-map")
    until(phone.page, "document.querySelectorAll('svg.grid-map circle.case').length === 1")
    until(phone.page, f"document.querySelectorAll('svg.grid-map circle').length === {len(homes) + 1}")
    phone.page.locator("svg.grid-map circle.case").dispatch_event("click")
    phone.page.wait_for_selector("[data-name='spot']:has-text('井盖松动')")
    assert phone.faults() == []
    phone.shot(SCREENSHOTS, "map-drawing")


class Tiles(BaseHTTPRequestHandler):
    """One red tile for the whole earth, from another host; which were asked for is kept."""

    def do_GET(self):
        self.server.asked.append(tuple(map(int, self.path.strip("/").removesuffix(".png").split("/"))))
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(a_red_tile())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def tiles():
    server = HTTPServer(("127.0.0.1", 0), Tiles)
    server.asked = []
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def tile_of(lon, lat, zoom):
    side = 2**zoom
    lean = math.asinh(math.tan(math.radians(lat))) / math.pi
    return zoom, int((lon + 180) / 360 * side), int((1 - lean) / 2 * side)


def look_at_tiles(phone, tiles):
    """Tiles at an address lie below what is shown, moved as the map that they were drawn for."""
    phone.go("map")
    phone.page.wait_for_selector("[data-name='live-map'][data-drawn]")
    phone.page.wait_for_selector("[data-name='online']")
    until_red(phone)
    zoom = max(zoom for zoom, _x, _y in tiles.asked)
    moved = from_wgs84(119.353, 34.743, "gcj02")
    assert tile_of(*moved, zoom) in tiles.asked, (tile_of(*moved, zoom), tiles.asked)
    assert phone.faults() == []


def test_what_the_desk_says_is_new_until_it_is_looked_at_and_read_without_a_signal(
    phones,
    homes,
    case,
    signal,
    busy_town,
    tiles,
    monkeypatch,
):
    address = f"http://127.0.0.1:{tiles.server_port}/{{z}}/{{x}}/{{y}}.png"
    monkeypatch.setattr(settings, "BASEMAP", Basemap(url=address, coordinates="gcj02"))
    say(busy_town, "community", case, "请带上警示牌")
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    phone.go("today")
    phone.page.wait_for_selector("[data-name='messages'] .chip")
    signal.lose()
    phone.page.tap("[data-name='messages']")
    phone.page.wait_for_selector("[data-name='talk']")
    phone.page.wait_for_selector("main >> text=请带上警示牌")
    until(phone.page, "document.querySelectorAll(\"[data-name='talk'] .chip\").length === 1")
    assert phone.faults() == []
    assert phone.fits()
    phone.shot(SCREENSHOTS, "messages")
    phone.go(f"task/{case.pk}")
    phone.page.wait_for_selector("[data-name='said']")
    phone.page.fill("#note", "已放好警示牌")
    phone.page.locator("#note ~ .row button").tap()
    phone.page.wait_for_selector("[data-name='said'] li:nth-child(2)")
    phone.go("today")
    phone.page.wait_for_selector("[data-name='messages']")
    phone.page.wait_for_selector("[data-name='messages'] .chip", state="detached")
    signal.come_back()
    phone.synced()
    phone.go("messages")
    phone.page.wait_for_selector("[data-name='talk']")
    phone.page.wait_for_selector("[data-name='talk'] .chip", state="detached")
    phone.page.wait_for_selector("main >> text=已放好警示牌")
    look_at_tiles(phone, tiles)
    assert phone.problems == []
