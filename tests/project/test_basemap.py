"""The basemap's settings: what is taken, what is refused, and which host the pages' policy lets in."""

import subprocess
import sys

import pytest
from tests.folder import DATA

from wangge.project.environment import StartRefused, read_environment

TILES = "https://tiles.example.cn:8443/{z}/{x}/{y}.png?key=a1"


def basemap(**settings):
    return read_environment({f"WANGGE_BASEMAP_{name}": value for name, value in settings.items()}).basemap


def test_none_is_needed():
    found = basemap()
    assert (found.url, found.file, found.coordinates, found.attribution, found.host) == (
        "",
        None,
        "wgs84",
        "",
        "",
    )


def test_tiles_of_another_host_or_of_this_one():
    assert basemap(URL=TILES).host == "https://tiles.example.cn:8443"
    own = basemap(URL="/tiles/{z}/{x}/{y}.png", COORDINATES="gcj02", ATTRIBUTION="Made up")
    assert (own.host, own.coordinates, own.attribution) == ("", "gcj02", "Made up")


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example.cn/{z}/{x}/{y}.png",
        "https://tiles.example.cn/{z}/{x}.png",
        "https:///{z}/{x}/{y}",
        "//tiles.example.cn/{z}/{x}/{y}",
        "tiles/{z}/{x}/{y}",
        "https://a.cn; script-src */{z}/{x}/{y}",
        "https://user@a.cn/{z}/{x}/{y}",
        "javascript:{z}{x}{y}",
        "https://a.cn/{z}/{x}/{y} ",
    ],
)
def test_what_is_no_address_of_tiles_is_refused(url):
    with pytest.raises(StartRefused, match="WANGGE_BASEMAP_URL"):
        basemap(URL=url)


def test_a_file_must_be_one_of_tiles(tmp_path):
    good, bad = tmp_path / "good.pmtiles", tmp_path / "bad.pmtiles"
    good.write_bytes(b"PMTiles\x03" + bytes(119))
    bad.write_bytes(b"PMTiles\x02" + bytes(119))
    assert basemap(FILE=str(good)).file == good
    for file in (bad, tmp_path / "none.pmtiles", tmp_path):
        with pytest.raises(StartRefused, match="WANGGE_BASEMAP_FILE"):
            basemap(FILE=str(file))
    with pytest.raises(StartRefused, match="both"):
        basemap(FILE=str(good), URL=TILES)
    with pytest.raises(StartRefused, match="WANGGE_BASEMAP_COORDINATES"):
        basemap(COORDINATES="bd09")


def test_only_the_named_host_is_let_into_the_policy():
    program = "import django; django.setup();from wangge.project import headers; print(headers._POLICY)"
    environment = {
        "DJANGO_SETTINGS_MODULE": "wangge.project.settings",
        "WANGGE_DATA": str(DATA),
        "PYTHONPATH": "src",
        "WANGGE_BASEMAP_URL": TILES,
    }
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout
    policy = dict(part.strip().split(" ", 1) for part in told.strip().split(";"))
    assert policy["img-src"].endswith("https://tiles.example.cn:8443")
    assert policy["connect-src"] == "'self' https://tiles.example.cn:8443"
    assert "tiles" not in policy["script-src"] + policy["default-src"] + policy["style-src"]
