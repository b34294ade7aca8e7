"""The map's page and what its script asks for: by whom, how kept, and without a script."""

import gzip
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.utils.html import escape
from tests import builders
from tests.vector_tiles import read

from wangge.project.environment import Basemap

HERE = "119.35,34.74,119.36,34.75"


@pytest.fixture
def lamp(town):
    item = town.add(builders.item)
    return town.add(
        builders.case, item, town.grid_a, title="路灯三天不亮", lon=119.3551, lat=34.7452, late="overdue"
    )


@pytest.fixture
def secret(town, lamp):
    item = town.add(builders.item, "S01-02", confidential=True)
    return town.add(
        builders.case, item, town.grid_a, title="不可外传", lon=119.3552, lat=34.7453, confidential=True
    )


def squares(browser, query=""):
    """Places and counts, put together again as the script does it."""
    told = json.loads(browser.get(f"/console/map/squares?{query}").content)
    across, cell, found = round(360 / told["side"]), 0, []
    for nth, step in enumerate(told["cells"]):
        cell += step
        lon = cell % across * told["side"] - 180 + told["lons"][nth] * told["side"] / 1000
        lat = cell // across * told["side"] - 90 + told["lats"][nth] * told["side"] / 1000
        found.append((round(lon, 4), round(lat, 4), told["counts"][nth], told["overdue"][nth]))
    return found


def test_squares_say_where_how_many_and_how_many_overdue(town, db, lamp):
    assert squares(town.browser("worker")) == [(119.3551, 34.7452, 1, 1)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("queue=all", 1),
        ("queue=open", 1),
        ("queue=closed", 0),
        ("late=soon", 0),
        ("text=路灯", 1),
        ("days=1", 0),
    ],
)
def test_squares_follow_the_filters_of_the_list(town, db, lamp, query, count):
    town.run("update cases_case set reported_at = '2026-01-05 08:00+08'")
    assert sum(square[2] for square in squares(town.browser("township"), query)) == count


@pytest.mark.parametrize(
    ("name", "count"),
    [("worker", 1), ("worker2", 0), ("far_centre", 0), ("neighbour", 0), ("handler", 0), ("secretary", 2)],
)
def test_who_gets_which_cases(town, db, lamp, secret, name, count):
    """A confidential one is in no number of those who may not see it, nor in the middle of a square."""
    browser = town.browser(name)
    assert sum(square[2] for square in squares(browser)) == count
    spots = json.loads(browser.get(f"/console/map/spots?bounds={HERE}").content)["cases"]
    assert len(spots) == count
    listed = browser.get(f"/console/map/list?bounds={HERE}").content.decode()
    assert listed.count("<li>") == count
    assert ("不可外传" in listed) == (name == "secretary")
    if name == "worker":
        assert squares(browser) == [(119.3551, 34.7452, 1, 1)]
    by_id = browser.get(f"/console/map/list?ids={lamp.id},{secret.id}").content.decode()
    assert by_id.count("<li>") == count
    page = browser.get("/console/map?queue=all").content.decode()
    assert ("不可外传" in page) == (name == "secretary")


def test_single_cases_say_no_more_than_the_map_draws(town, db, lamp):
    answer = town.browser("worker").get(f"/console/map/spots?bounds={HERE}")
    assert json.loads(answer.content) == {
        "cases": [
            {
                "id": str(lamp.id),
                "number": lamp.number,
                "state": "reported",
                "late": "overdue",
                "lon": 119.3551,
                "lat": 34.7452,
            }
        ]
    }
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("bounds", ["", "1,2,3", "a,b,c,d", "2,0,1,1", "0,0,1,nan", "9" * 200])
def test_bounds_that_are_none_are_refused(town, db, bounds):
    for what in ("spots", "list"):
        assert town.browser("worker").get(f"/console/map/{what}", {"bounds": bounds}).status_code == 422


def test_ids_that_are_none_are_left_out(town, db, lamp):
    answer = town.browser("worker").get(f"/console/map/list?ids=nonsense,{lamp.id},")
    assert answer.content.decode().count("<li>") == 1


def test_a_tile_is_kept_as_long_as_its_address_has_todays_stamp(town, db):
    browser = town.browser("worker")
    page = browser.get("/console/map").content.decode()
    address = re.search('data-areas="([^"]+)"', page)[1]
    tile = address.replace("{z}", "5").replace("{x}", "26").replace("{y}", "12")
    answer = browser.get(tile)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]
    assert answer["Cache-Control"].startswith("private")
    content = gzip.decompress(answer.content)
    assert {one.properties["level"] for one in read(content)["areas"][1]} == {"city"}
    assert browser.get(tile, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    old = browser.get(tile.split("?")[0] + "?of=1-wgs84")
    assert old["Cache-Control"] == "private, no-cache"
    town.run("update areas_area set boundary = boundary where code = %s", [town.grid_a.code])
    assert browser.get(tile, headers={"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("tile", ["15/0/0", "3/8/0", "99/1/1"])
def test_a_tile_that_there_is_not(town, db, tile):
    assert town.browser("worker").get(f"/console/map/areas/{tile}").status_code == 404


@pytest.mark.parametrize("what", ["areas/3/6/3", "squares", "spots", "list", "area", "basemap"])
def test_nobody_gets_none_of_it(client, town, db, what):
    assert client.get(f"/console/map/{what}").status_code == 302


def test_a_point_leads_to_the_page_of_its_area(town, db):
    browser = town.browser("worker")
    assert (
        browser.get("/console/map/area?lon=119.355&lat=34.745")["Location"]
        == "/console/areas/3207030030021001"
    )
    assert browser.get("/console/map/area?lon=0&lat=0")["Location"] == "/console/areas/"
    for nowhere in ("", "?lon=x&lat=1", "?lon=nan&lat=1", "?lon=999&lat=1"):
        assert browser.get(f"/console/map/area{nowhere}").status_code == 422


def test_without_a_script_the_picture_shows_the_cases(town, db, lamp):
    page = town.browser("township").get("/console/map").content.decode()
    assert re.search(r'<g class="spot overdue"><circle[^>]+/><text[^>]+>1</text>', page)
    assert "路灯三天不亮" in page
    assert 'data-cases="queue=open"' in page
    warm = town.browser("township").get("/console/map?queue=all&show=heat").content.decode()
    assert 'class="warm"' in warm
    assert 'data-cases="queue=all" data-heat' in warm
    plain = town.browser("township").get("/console/map?show=none").content.decode()
    assert "data-cases=" not in plain
    assert "路灯三天不亮" not in plain


def test_all_that_is_asked_for_stands_in_the_address(town, db, lamp):
    query = "queue=overdue&area=320703003002&item=M01-01&late=overdue&text=路灯&show=heat&levels=grid&at=34.7,119.3,12"
    page = town.browser("township").get(f"/console/map?{query}").content.decode()
    links = re.findall(r'href="(\?[^"]+)" data-map-link', page)
    assert len(links) >= 6
    for link in links:
        kept = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
        for name, value in parse_qs(query).items():
            assert kept[name] == value, (name, link)
    assert 'data-levels="grid"' in page
    assert 'name="at" value="34.7,119.3,12"' in page


def test_months_are_stepped_through_until_this_one(town, db):
    from wangge.base import clock

    browser = town.browser("township")
    page = browser.get("/console/map").content.decode()
    for _ in range(14):
        following = re.search(r'href="(\?[^"]+)" data-map-link data-map-next', page)
        if not following:
            break
        since = parse_qs(urlsplit(following[1].replace("&amp;", "&")).query)["since"][0]
        page = browser.get("/console/map" + following[1].replace("&amp;", "&")).content.decode()
        assert f'aria-current="true">{since[:7]}</b>' in page
    assert since[:7] == f"{clock.now():%Y-%m}"


def test_an_address_typed_wrongly_shows_more_not_an_error(town, db, lamp):
    browser = town.browser("worker")
    wrong = "queue=x&show=x&levels=x&at=<script>&since=yesterday&days=x&late=x"
    page = browser.get(f"/console/map?{wrong}")
    assert page.status_code == 200
    assert "<script>&" not in page.content.decode()
    assert browser.get("/console/map?area=999999999999").status_code == 404


def test_somebody_without_areas_on_a_map_has_a_page(town, db):
    town.run("update areas_area set boundary = null, box = null")
    page = town.browser("worker").get("/console/map")
    assert page.status_code == 200
    assert "data-map" in page.content.decode()


@pytest.fixture
def pmtiles(tmp_path, monkeypatch):
    file = tmp_path / "made-up.pmtiles"
    file.write_bytes(b"PMTiles\x03" + bytes(range(256)) * 4)
    monkeypatch.setattr(settings, "BASEMAP", Basemap(file=file, attribution="Made up <b>here</b>"))
    return file.read_bytes()


def test_a_file_of_tiles_is_served_in_parts(town, db, pmtiles):
    browser = town.browser("worker")

    def part(wanted):
        return browser.get("/console/map/basemap", headers={"Range": wanted, "Accept-Encoding": "gzip"})

    first = part("bytes=0-99")
    assert first.status_code == 206
    assert first.getvalue() == pmtiles[:100]
    assert first["Content-Range"] == f"bytes 0-99/{len(pmtiles)}"
    assert first["Content-Length"] == "100"
    assert first["Content-Encoding"] == "identity"
    assert part("bytes=1000-").getvalue() == pmtiles[1000:]
    assert part("bytes=1000-99999").getvalue() == pmtiles[1000:]
    assert part("bytes=99999-").status_code == 416
    whole = browser.get("/console/map/basemap")
    assert whole.status_code == 200
    assert b"".join(whole) == pmtiles
    page = browser.get("/console/map").content.decode()
    assert 'data-basemap-file="/console/map/basemap"' in page
    assert escape("Made up <b>here</b>") in page


def test_of_a_large_file_no_more_goes_out_at_once_than_fits_into_memory(town, db, pmtiles, monkeypatch):
    monkeypatch.setattr("wangge.doors.console.pages.map._MOST_OF_FILE", 100)
    browser = town.browser("worker")
    for wanted, status in (("", 416), ("bytes=0-", 416), ("bytes=0-100", 416), ("bytes=5-104", 206)):
        answer = browser.get("/console/map/basemap", headers={"Range": wanted})
        assert answer.status_code == status, wanted
    assert answer.content == pmtiles[5:105]


def test_the_page_tells_the_script_of_shifted_tiles(town, db, monkeypatch):
    shifted = Basemap(url="https://tiles.example.cn/{z}/{x}/{y}.png", coordinates="gcj02")
    monkeypatch.setattr(settings, "BASEMAP", shifted)
    page = town.browser("worker").get("/console/map").content.decode()
    assert 'data-basemap-url="https://tiles.example.cn/{z}/{x}/{y}.png"' in page
    assert 'data-datum="gcj02"' in page
    assert re.search(r"of=\d+-gcj02", page)


def test_without_a_basemap_there_is_no_file(town, db):
    assert town.browser("worker").get("/console/map/basemap").status_code == 404
