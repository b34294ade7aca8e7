"""The map in a browser: drawn from tiles, following filters and addresses, by mouse and by keyboard, with and without WebGL."""

import io
import struct

import pytest
from django.conf import settings
from PIL import Image
from tests import builders
from tests.journeys.hands import until

from wangge.base.coordinates import from_wgs84
from wangge.project.environment import Basemap

pytestmark = pytest.mark.browser

WHOLE = "[data-map-open=whole]"
#: The corner that two grids share; the first case lies a hundred metres from it.
LAMP = (119.3551, 34.7452)


@pytest.fixture
def cases(busy_town):
    """Nine within one street of grid_a, one in grid_b, a confidential one that the worker may not see."""
    secret = busy_town.add(builders.item, "S01-09", confidential=True)
    made = [
        busy_town.add(
            builders.case,
            busy_town.lamp_item,
            busy_town.grid_a,
            title=f"第{nth}盏路灯不亮",
            lon=LAMP[0] + nth * 0.00012,
            lat=LAMP[1],
            late="overdue" if nth == 0 else "",
        )
        for nth in range(9)
    ]
    busy_town.add(
        builders.case, busy_town.lamp_item, busy_town.grid_b, title="二网格的路灯", lon=119.365, lat=34.745,
        state="handled",
    )  # fmt: skip
    busy_town.add(
        builders.case, secret, busy_town.grid_a, title="不可外传", lon=LAMP[0], lat=LAMP[1], confidential=True
    )
    return made


def opened(desk, path):
    desk.go(path)
    desk.page.wait_for_selector(WHOLE)
    return desk.page


def on_map(page, script, **facts):
    """What an expression about `map` and `facts` gives."""
    return page.evaluate(
        "facts => { const map = document.querySelector('[data-map]').liveMap; return " + script + " }", facts
    )


def drawn(page, layer):
    """The properties of what a layer shows now."""
    until(page, "document.querySelector('[data-map]').liveMap.loaded()")
    return page.evaluate(
        "layer => document.querySelector('[data-map]').liveMap.queryRenderedFeatures({layers: [layer]})"
        ".map((one) => one.properties)",
        layer,
    )


def wait_for_count(page, expected):
    """Until the circles in sight stand for so many cases. What lies near a tile's edge is told by both tiles."""
    until(
        page,
        "expected => { const map = document.querySelector('[data-map]').liveMap;"
        " const found = map.loaded() ? map.queryRenderedFeatures({layers: ['squares-circle']}) : [];"
        " const once = new Map(found.map((one) => [JSON.stringify(one.geometry.coordinates"
        ".map((degree) => degree.toFixed(4))), one.properties.n]));"
        " window.counted = [...once.values()];"
        " return window.counted.reduce((sum, n) => sum + n, 0) === expected }",
        arg=expected,
    )


def test_areas_names_and_cases_are_drawn(desk, cases):
    page = opened(desk("township"), "/console/map?at=34.745,119.36,14")
    assert {"一网格", "二网格"} <= {one["name"] for one in drawn(page, "line-grid")}
    assert {one["level"] for one in drawn(page, "line-township")} == {"township"}
    assert {"一网格", "二网格"} <= {one["name"] for one in drawn(page, "name-grid")}
    wait_for_count(page, 11)
    assert max(one["overdue"] for one in drawn(page, "squares-circle")) == 1
    # It is paint, not only data: what lies under the map's middle differs from place to place.
    picture = Image.open(io.BytesIO(page.locator(".live-map-canvas").screenshot()))
    assert len({picture.getpixel((x, picture.height // 2))[:3] for x in range(0, picture.width, 3)}) > 4


def test_another_choice_is_drawn_without_loading_the_page_and_the_way_back_leads_through_it(desk, cases):
    page = opened(desk("township"), "/console/map?at=34.745,119.36,13.5")
    wait_for_count(page, 11)
    page.evaluate("window.same = true")
    page.select_option("#map-queue", "handled")
    wait_for_count(page, 1)
    page.wait_for_url("**queue=handled*")
    until(page, "document.querySelector('[data-map-list]').textContent.includes('二网格的路灯')")
    until(page, "!document.querySelector('[data-map-list]').textContent.includes('第1盏')")
    page.go_back()
    wait_for_count(page, 11)
    until(page, "document.querySelector('#map-queue').value === 'open'")
    page.check("[name=show][value=heat]")
    until(
        page,
        "document.querySelector('[data-map]').liveMap.getLayoutProperty('heat-surface', 'visibility') === 'visible'",
    )
    assert page.evaluate("window.same") is True
    page.wait_for_url("**show=heat*")


def test_a_move_is_in_the_address_and_the_list_tells_what_is_in_view(desk, cases):
    township = desk("township")
    page = opened(township, "/console/map?at=34.745,119.365,16.5")
    until(page, "document.querySelector('[data-map-list]').textContent.includes('二网格的路灯')")
    until(page, "!document.querySelector('[data-map-list]').textContent.includes('第1盏')")
    on_map(page, "map.jumpTo({center: [119.3556, 34.7452], zoom: 16.5})")
    until(page, "document.querySelector('[data-map-list]').textContent.includes('第1盏')")
    until(page, "location.search.includes('at=34.74520')")
    shared = page.url
    page = opened(township, shared.removeprefix(township.address))
    assert on_map(page, "map.getCenter().lng") == pytest.approx(119.3556, abs=1e-4)


def test_near_by_cases_stand_one_by_one_and_enter_under_the_cross_opens_one(desk, cases):
    township = desk("township")
    page = opened(township, f"/console/map?at={LAMP[1]},{LAMP[0]},18")
    until(
        page,
        "document.querySelector('[data-map]').liveMap.queryRenderedFeatures({layers: ['spots-circle']}).length > 2",
    )
    shown = [one for one in drawn(page, "spots-circle") if one.get("late") == "overdue"]
    assert [one["number"] for one in shown] == [cases[0].number]
    page.focus(".maplibregl-canvas")
    page.keyboard.press("Enter")
    page.wait_for_selector(".maplibregl-popup a")
    page.wait_for_selector(".maplibregl-popup:has-text('第0盏路灯不亮')")
    assert township.faults() == []
    page.click(".maplibregl-popup a")
    page.wait_for_url(f"**/console/cases/{cases[0].id}")


#: Where the largest of the counted circles is drawn, in pixels of the map.
CLUSTER = """() => {
  const map = document.querySelector("[data-map]").liveMap;
  const circles = map.queryRenderedFeatures().filter((one) => one.properties.n > 1);
  const largest = circles.sort((one, other) => other.properties.n - one.properties.n)[0];
  const { x, y } = map.project(largest.geometry.coordinates);
  return [x, y];
}"""


def test_a_cluster_comes_nearer_when_it_is_clicked(desk, cases):
    page = opened(desk("township"), f"/console/map?at={LAMP[1]},{LAMP[0] + 0.0005},11")
    wait_for_count(page, 11)
    x, y = page.evaluate(CLUSTER)
    page.locator(".maplibregl-canvas").click(position={"x": x, "y": y})
    # At 12 the two squares stand apart.
    until(page, "document.querySelector('[data-map]').liveMap.getZoom() >= 12")


def test_arrows_move_the_map_and_plus_brings_it_nearer(desk, cases):
    page = opened(desk("township"), "/console/map?at=34.745,119.36,13")
    page.focus(".maplibregl-canvas")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('[data-map]').liveMap.getCenter().lng > 119.361")
    page.keyboard.press("=")
    until(page, "document.querySelector('[data-map]').liveMap.getZoom() > 13.9")


#: What is put off for seconds comes after a tenth of them.
SOON = """const later = setTimeout;
window.setTimeout = (run, rest = 0, ...given) => later(run, rest >= 1000 ? rest / 10 : rest, ...given);"""


def test_what_others_do_is_asked_for_now_and_then_not_at_each_step(desk, cases):
    township = desk("township")
    township.page.add_init_script(SOON)
    page = opened(township, "/console/map")
    asked = []
    page.on("request", lambda request: "/map/squares" in request.url and asked.append(request.url))
    step = "() => document.dispatchEvent(new CustomEvent('wangge:case', {detail: {}}))"
    page.evaluate(step)
    with page.expect_request("**/map/squares?*"):
        page.evaluate(step)
    page.evaluate(step)
    page.wait_for_timeout(1_500)
    assert len(asked) == 1


def test_who_may_not_see_a_case_has_no_point_of_it(desk, cases):
    page = opened(desk("worker"), f"/console/map?at={LAMP[1]},{LAMP[0]},18")
    until(
        page,
        "document.querySelector('[data-map]').liveMap.queryRenderedFeatures({layers: ['spots-circle']}).length > 2",
    )
    assert on_map(page, "map.getSource('spots').getData().then((data) => data.features.length)") == 9
    page = opened(desk("far_community"), f"/console/map?at={LAMP[1]},{LAMP[0]},18")
    assert drawn(page, "spots-circle") == []


@pytest.mark.parametrize("coordinates", ["wgs84", "gcj02"])
def test_a_place_is_picked_by_mouse_and_by_keyboard(desk, cases, monkeypatch, coordinates):
    """What lies under the cursor is meant, also where the map is drawn in shifted coordinates."""
    monkeypatch.setattr(settings, "BASEMAP", Basemap(coordinates=coordinates))
    page = opened(desk("dispatcher"), "/console/cases/file")
    assert page.locator("[data-map]").get_attribute("data-pick") == "lon,lat"
    page.evaluate(
        "document.querySelector('[name=lon]').addEventListener('change', () => { window.changed = true })"
    )
    x, y = from_wgs84(*LAMP, coordinates)
    on_map(page, "map.jumpTo({center: facts.at, zoom: 16})", at=[x, y])
    page.focus(".maplibregl-canvas")
    page.keyboard.press("Enter")
    until(page, "window.changed === true")
    assert float(page.input_value("[name=lon]")) == pytest.approx(LAMP[0], abs=2e-6)
    assert float(page.input_value("[name=lat]")) == pytest.approx(LAMP[1], abs=2e-6)
    # What the page tells about the place may push the map down: the click waits until it lies still.
    canvas = page.locator(".maplibregl-canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 2 + 60, "y": box["height"] / 2})
    until(page, "lon => document.querySelector('[name=lon]').value > lon", arg=LAMP[0] + 0.0003)
    until(page, "document.querySelectorAll('.live-map-pin').length === 1")


def test_the_place_of_a_rehearsal_is_pointed_at(desk, cases):
    admin = desk("admin")
    admin.go("/console/routes?area=3207030030021001")
    page = admin.page
    page.click("details.pick-place summary")
    page.wait_for_selector(WHOLE)
    page.focus(".maplibregl-canvas")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[name=lon]').value !== ''")
    assert float(page.input_value("[name=lon]")) == pytest.approx(119.355, abs=0.02)
    admin.shot("routes-place")
    assert admin.fits()
    assert admin.faults() == []
    page.focus(".choose button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**lon=119.**")


def test_without_webgl_the_picture_stays(desk, cases):
    township = desk("township")
    township.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : get.call(this, kind, ...more) }"
    )
    township.go("/console/map")
    township.page.wait_for_timeout(1500)
    assert township.page.locator("[data-map] .map svg").is_visible()
    assert township.page.locator(".live-map-canvas").count() == 0
    assert township.page.locator(".map .spot").count() >= 1


def test_without_a_script_periods_and_filters_are_links_and_forms(desk, cases):
    township = desk("township", scripts=False)
    township.go("/console/map")
    assert township.page.locator(".map .spot").count() >= 1
    township.page.click(".map-choices a >> nth=1")
    township.page.wait_for_url("**since=*")
    township.page.select_option("#map-queue", "closed")
    township.page.click(".map-form button[type=submit]")
    township.page.wait_for_url("**queue=closed*")
    assert "since=" in township.page.url
    assert township.page.locator(".map .spot").count() == 0


def a_red_tile():
    out = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def test_a_file_of_tiles_lies_under_the_areas(desk, cases, tmp_path, monkeypatch):
    """A made-up PMTiles file with one red tile for the whole earth."""
    tile, metadata = a_red_tile(), b"{}"
    directory = bytes([1, 0, 1]) + varint(len(tile)) + bytes([1])
    at = 127
    places = []
    for part in (directory, metadata, b"", tile):
        places += [at, len(part)]
        at += len(part)
    header = b"PMTiles\x03" + struct.pack("<8Q", *places) + struct.pack("<3Q", 1, 1, 1)
    header += bytes([1, 1, 1, 2, 0, 0]) + struct.pack("<4i", -1800000000, -850000000, 1800000000, 850000000)
    header += bytes([0]) + struct.pack("<2i", 0, 0)
    file = tmp_path / "red.pmtiles"
    file.write_bytes(header.ljust(127, b"\0") + directory + metadata + tile)
    monkeypatch.setattr(settings, "BASEMAP", Basemap(file=file, attribution="© made up"))
    page = opened(desk("township"), "/console/map?show=none&at=34.745,119.355,17")
    assert "© made up" in page.inner_text(".maplibregl-ctrl-attrib")
    picture = Image.open(io.BytesIO(page.locator(".live-map-canvas").screenshot())).convert("RGB")
    red, green, blue = picture.getpixel((picture.width // 3, picture.height // 3))
    assert red > 150 > green
    assert red > blue + 60


def varint(value):
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*told, value])
